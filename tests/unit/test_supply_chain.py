"""What comes with RADAR: hashed, named in the bill of materials, held against known advisories."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import files, version
from pathlib import Path

import jsonschema_rs
import pytest

from tests.house import ROOT
from tools import audit, sbom
from tools.audit import findings, online_findings, read_advisories
from tools.locks import DEV, FUZZ, RUN, Locked, read_lock

LOCKS = (RUN, DEV, FUZZ)


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bill") / "radar.cdx.json"
    subprocess.run([sys.executable, "-m", "tools.sbom", str(path)], cwd=ROOT, check=True)
    return path


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_requirement_of_a_lock_has_hashes_and_none_comes_from_elsewhere(path: Path) -> None:
    text = path.read_text()
    named = re.findall(r"^(?![#\s])(\S+)", text, re.MULTILINE)
    assert [f"{one.name}=={one.version}" for one in read_lock(path)] == named
    assert not re.search(r"://|^-|\b(file|git|svn|hg)\+?:", re.sub(r"#.*", "", text), re.MULTILINE)


@pytest.mark.parametrize(
    "line", ["httpx==0.28.1\n", "httpx>=0.28 --hash=sha256:" + "0" * 64, "-e .", "./httpx.whl"]
)
def test_a_line_without_a_version_or_a_hash_is_no_lock(tmp_path: Path, line: str) -> None:
    (tmp_path / "lock").write_text(line)
    with pytest.raises(ValueError, match="not one version with hashes"):
        read_lock(tmp_path / "lock")


def test_nothing_is_installed_but_what_the_locks_hash() -> None:
    for name in ("Makefile", ".ci/run", "deploy/Containerfile"):
        text = (ROOT / name).read_text().replace("\\\n", " ")
        for line in re.findall(r".*(?:\$\(PIP\)|\bpip\b).*\binstall\b.*", text):
            ours = "--no-deps" in line and ("--editable ." in line or "dist/" in line)
            assert "--require-hashes" in line or ours, f"{name}: {line}"
    assert "--index-url" not in (ROOT / "Makefile").read_text().replace("--no-emit-index-url", "")


def test_a_locked_version_that_is_affected_is_found() -> None:
    advisories = read_advisories()["advisories"]
    locked = {one.name: one for path in LOCKS for one in read_lock(path)}
    assert list(findings(locked.values(), advisories)) == []
    planted = [
        replace(locked["h11"], version="0.15.0"),
        replace(locked["pillow"], version="12.2.0"),
    ]
    found = list(findings(planted, advisories))
    assert any(line.startswith("h11 0.15.0: GHSA-vqfr-h8mv-ghfj") for line in found)
    assert sum(line.startswith("pillow 12.2.0: ") for line in found) == 5


@pytest.mark.parametrize(
    ("events", "affected"),
    [
        ([{"introduced": "0"}, {"fixed": "1.2"}], {"0.9", "1.1.9", "1.2rc1"}),
        ([{"introduced": "1.1"}, {"last_affected": "1.2"}], {"1.1.9", "1.2", "1.2rc1"}),
        (
            [{"introduced": "0"}, {"fixed": "1"}, {"introduced": "1.2"}, {"fixed": "2"}],
            {"0.9", "1.2"},
        ),
        ([{"introduced": "2"}], {"2", "10"}),
    ],
)
def test_a_range_goes_from_event_to_event(events: list[audit.Event], affected: set[str]) -> None:
    package: audit.Package = {"ecosystem": "PyPI", "name": "A_b"}
    some: audit.Range = {"type": "ECOSYSTEM", "events": events}
    advisory: audit.Advisory = {
        "id": "X",
        "summary": "",
        "affected": [{"package": package, "ranges": [some]}],
    }
    versions = ("0.9", "1.1.9", "1.2rc1", "1.2", "2", "10")
    assert {v for v in versions if audit.is_affected(Locked("a-b", v, ()), advisory)} == affected
    assert not audit.is_affected(Locked("ab", "2", ()), advisory)


def test_the_list_of_advisories_is_about_our_locks_and_says_what_it_is() -> None:
    told = read_advisories()
    assert date.fromisoformat(told["as_of"]) <= datetime.now(UTC).date()
    assert "not complete" in told["note"]
    ids = [one["id"] for one in told["advisories"]]
    assert len(ids) == len(set(ids)) > 50
    assert all(
        re.fullmatch(r"GHSA(-[2-9cfghjmpqrvwx]{4}){3}|CVE-\d{4}-\d{4,}|PYSEC-\d{4}-\d+", i)
        for i in ids
    )
    locked = {one.name for path in LOCKS for one in read_lock(path)}
    about = {some["package"]["name"] for one in told["advisories"] for some in one["affected"]}
    assert about <= locked


def test_the_audit_fails_on_what_is_affected_and_tells_its_age(tmp_path: Path) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tools.audit"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
            env={"PYTHONPATH": str(tmp_path)},
        )  # fmt: skip

    (tmp_path / "tools").mkdir()
    for name in ("audit.py", "locks.py", "advisories.json"):
        (tmp_path / "tools" / name).write_text((ROOT / "tools" / name).read_text())
    for path in LOCKS:
        (tmp_path / path.name).write_text(path.read_text())
    good = run()
    assert (good.returncode, good.stderr) == (0, "")
    assert re.search(
        r"advisories as of \d{4}-\d\d-\d\d, \d+ days ago; the list is not", good.stdout
    )
    lock = tmp_path / RUN.name
    lock.write_text(
        re.sub(r"^starlette==\S+", "starlette==1.0.0", lock.read_text(), flags=re.MULTILINE)
    )
    advisories = tmp_path / "tools" / "advisories.json"
    advisories.write_text(
        re.sub(r'"as_of": "[^"]+"', '"as_of": "2026-01-01"', advisories.read_text())
    )
    bad = run()
    assert bad.returncode == 1
    assert "AFFECTED starlette 1.0.0: GHSA-86qp-5c8j-p5mr" in bad.stdout
    assert "days ago: OLD, renew it;" in bad.stdout


def test_what_pip_audit_tells_is_told_as_far_as_it_goes() -> None:
    flaw = {"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": []}
    good, skipped = {"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "?"}
    bad = {"name": "c", "version": "1", "vulns": [flaw]}

    def read(*packages: object) -> tuple[list[str], str]:
        return online_findings("lock", json.dumps({"dependencies": packages}))

    assert read(good, skipped) == ([], "lock: 1 of 2 packages asked about online")
    assert read(skipped) == ([], "lock: not asked online: none of its packages is known there")
    assert read(good, bad)[0] == ["c 1: PYSEC-1, fixed in 1.1"]
    with pytest.raises(ValueError, match="Expecting value"):
        online_findings("lock", "")


def test_the_bill_names_each_locked_package_with_version_hashes_and_licence(bill: Path) -> None:
    told = json.loads(bill.read_text())
    named = {
        (one["name"], one["version"], tuple(sorted(some["content"] for some in one["hashes"])))
        for one in told["components"]
    }
    assert named == {(one.name, one.version, tuple(sorted(one.hashes))) for one in read_lock(RUN)}
    assert {some["alg"] for one in told["components"] for some in one["hashes"]} == {"SHA-256"}
    for one in told["components"]:
        (licence,) = one["licenses"]
        assert licence.get("expression") or any(
            licence["license"].get(k) for k in ("id", "name")
        ), one
        assert one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}"


def test_the_bill_is_true_to_what_is_installed_here(bill: Path) -> None:
    for one in json.loads(bill.read_text())["components"]:
        if one["name"] not in sbom.ELSEWHERE:
            assert version(one["name"]) == one["version"], one["name"]


def test_the_bill_tells_what_runs_from_what_only_builds(bill: Path) -> None:
    told = json.loads(bill.read_text())
    builds = {one["name"] for one in told["components"] if one["scope"] == "excluded"}
    assert {"hatchling", "editables"} <= builds
    assert not builds & {"cryptography", "psycopg-binary", "starlette", "pillow", "cffi"}
    needs = {one["ref"]: one.get("dependsOn", []) for one in told["dependencies"]}
    assert any(ref.startswith("starlette==") for ref in needs[f"fastapi=={version('fastapi')}"])


def test_the_same_lock_makes_the_same_bill(bill: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    subprocess.run([sys.executable, "-m", "tools.sbom", str(again)], cwd=ROOT, check=True)
    assert again.read_bytes() == bill.read_bytes()


def test_the_bill_fits_the_schema_of_cyclonedx(bill: Path) -> None:
    paths = [path for path in files("cyclonedx-python-lib") or () if path.suffix == ".json"]
    schemas = {path.name: json.loads(path.read_text()) for path in paths}
    there = [(f"http://cyclonedx.org/schema/{n}", s) for n, s in schemas.items()]
    validator = jsonschema_rs.validator_for(
        schemas["bom-1.6.SNAPSHOT.schema.json"], registry=jsonschema_rs.Registry(there)
    )
    told = json.loads(bill.read_text())
    assert list(validator.iter_errors(told)) == []
    del told["components"][0]["name"]
    assert list(validator.iter_errors(told)) != []
