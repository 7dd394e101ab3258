"""The container file and the units of systemd ask for the least, and say so in known words."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Need
from tests.house import PACKAGES, ROOT

DEPLOY = ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
STEPS = [
    (line.split()[0], line.partition(" ")[2].strip())
    for line in CONTAINERFILE.splitlines()
    if line and not line.startswith("#")
]
SERVICES = ("radar-centre.service", "radar-backup.service")
LEAST = {
    "User": "radar",
    "UMask": "0077",
    "StateDirectoryMode": "0700",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "PrivateUsers": "yes",
    "ProtectProc": "invisible",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "RestrictSUIDSGID": "yes",
    "RestrictNamespaces": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "LimitCORE": "0",
}
EXPOSURE_MAX = 20
"""Of 100, as systemd-analyze counts; a service without any of this has 96."""


def _unit(name: str, part: str = "[Service]") -> dict[str, list[str]]:
    """Return what a part of a unit sets, each word with all its values."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in (DEPLOY / name).read_text().splitlines():
        if line.startswith("["):
            section = line
        elif section == part and "=" in line and not line.startswith("#"):
            word, _, value = line.partition("=")
            found.setdefault(word, []).append(value)
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_the_least_rights(name: str) -> None:
    unit = _unit(name)
    assert {word: unit.get(word) for word in LEAST} == {word: [v] for word, v in LEAST.items()}
    assert unit["SystemCallFilter"][0] == "@system-service"
    assert "@privileged" in unit["SystemCallFilter"][1]
    assert {"MemoryMax", "TasksMax"} <= unit.keys()


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_is_a_word_or_a_variable_of_a_service(name: str) -> None:
    unit = _unit(name)
    told = " ".join(unit["ExecStart"] + unit["Environment"])
    assert not re.search(r"pass(word|phrase)|postgresql://|--key|secret", told, re.IGNORECASE)


def test_systemd_understands_every_word_and_calls_the_services_little_exposed(
    need: Need, tmp_path: Path
) -> None:
    need("systemd-analyze", shutil.which("systemd-analyze"))
    names = sorted(path.name for path in DEPLOY.glob("radar-*.*"))
    assert len(names) == 3
    for name in names:
        text = (DEPLOY / name).read_text()
        (tmp_path / name).write_text(text.replace("/opt/radar/bin/radar", "/bin/true"))
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(f"./{name}" for name in names)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (said.returncode, said.stderr) == (0, "")
    for name in SERVICES:
        options = ["--offline=true", f"--threshold={EXPOSURE_MAX}", "--no-pager", f"./{name}"]
        asked = ["systemd-analyze", "security", *options]
        subprocess.run(asked, cwd=tmp_path, capture_output=True, check=True)


def test_the_timer_starts_the_backup_every_night_and_makes_up_for_a_missed_one() -> None:
    timer = _unit("radar-backup.timer", "[Timer]")
    assert timer["OnCalendar"][0].startswith("*-*-* ")
    assert timer["Persistent"] == ["yes"]
    assert _unit("radar-backup.timer", "[Install]")["WantedBy"] == ["timers.target"]


def test_the_image_is_built_in_two_stages_from_a_base_of_a_named_version() -> None:
    stages = [step[1] for step in STEPS if step[0] == "FROM"]
    assert stages == ["${BASE} AS build", "${BASE}"]
    (base,) = [step[1] for step in STEPS if step[0] == "ARG"]
    assert re.fullmatch(r"BASE=docker\.io/library/debian:\d[\w.-]*", base)
    assert "latest" not in CONTAINERFILE


def test_nothing_is_fetched_for_the_image_but_debians_packages_and_the_lock() -> None:
    words = [step[0] for step in STEPS]
    assert "ADD" not in words
    urls = re.findall(r"\w+://\S+", CONTAINERFILE)
    assert urls == []
    assert not re.search(r"\b(curl|wget|git)\b", CONTAINERFILE)
    for part in re.findall(r"(?:pip\b[^&]*|apt-get[^&]*)install[^&]*", CONTAINERFILE):
        assert "--no-deps" in part or "--no-install-recommends" in part, part


def test_the_image_runs_as_a_numbered_user_without_a_shell() -> None:
    last = STEPS[max(at for at, step in enumerate(STEPS) if step[0] == "FROM") :]
    said = dict(last)
    uid, _, gid = said["USER"].partition(":")
    assert int(uid) > 0 < int(gid)
    assert said["ENTRYPOINT"].startswith('["/opt/radar/bin/radar"')
    assert said["CMD"].startswith('["serve"')
    assert 'CMD ["/opt/radar/bin/python"' in said["HEALTHCHECK"]
    assert said["VOLUME"] == '["/var/lib/radar"]'
    after = [step[0] for step in last[[step[0] for step in last].index("USER") :]]
    assert "RUN" not in after, "all is root's own, but for the volume"


def test_only_what_the_image_is_made_from_goes_to_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert {*PACKAGES, "tools", "requirements.lock"} <= kept
    assert not {name for name in kept if name.startswith((".", "tests", "bench"))}
    assert [name for name in kept if not (ROOT / name).exists()] == []
