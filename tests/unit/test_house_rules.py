"""The house rules hold in every file, and each rule catches the break that it is there for."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import house
from tests.house import ROOT, RULES, Rule, Source

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-fuzz.lock")

# Written so that this file does not match itself.
FOREIGN = re.compile(
    r"""
      pypi\.org | pythonhosted\.org | npmjs\.(?:org|com) | registry\.npm | crates\.io
    | deb\.debian\.org | archive\.ubuntu\.com | proxy\.golang\.org | anaconda\.org
    | --(?:extra-)?index-url[ =] | (?:PIP|UV)_(?:EXTRA_)?INDEX
    | file:///\w | (?<![\w.~-])/(?:(?:root|work)(?![\w-])|tmp/[a-z])
    """,
    re.VERBOSE,
)

BREAKS: dict[str, tuple[str, str]] = {
    "long_functions": ("tests/unit/test_x.py", '"""X."""\n\ndef f():\n' + "    f()\n" * 70),
    "long_files": ("sync/x.py", '"""X."""\n' + "x = 1\n" * 400),
    "silent_openings": ("tests/unit/test_x.py", "x = 1\n"),
    "empty_names": ("sync/http_utils.py", '"""X."""\n'),
    "prints": ("commands/x.py", '"""X."""\nprint("hello")\n'),
    "stray_output": ("commands/x.py", '"""X."""\nimport os\n\nos.write(2, b"hello")\n'),
    "wide_nets": ("sync/x.py", '"""X."""\ntry:\n    f()\nexcept (OSError, Exception):\n    pass\n'),
    "impure_calls": ("radar_core/x.py", '"""X."""\nimport datetime\n\ndatetime.datetime.now()\n'),
    "quiet_skips": ("tests/unit/test_x.py", '"""X."""\nimport pytest\n\npytest.skip("no ZBar")\n'),
    "mocks": ("tests/unit/test_x.py", '"""X."""\nfrom unittest.mock import Mock\n'),
}
OTHER_BREAKS = [
    (house.stray_output, Source("sync/x.py", "import sys\nsys.stderr.write('x')\n")),
    (house.stray_output, Source("sync/x.py", "from sys import stdout\n")),
    (house.stray_output, Source("radar_cli/app.py", "import typer\ntyper.echo('hello')\n")),
    (house.wide_nets, Source("sync/x.py", "try:\n    f()\nexcept:\n    pass\n")),
    (house.wide_nets, Source("sync/x.py", "with contextlib.suppress(Exception):\n    f()\n")),
    (house.impure_calls, Source("sync/clock.py", "from datetime import date\ndate.today()\n")),
    (house.impure_calls, Source("radar_core/x.py", "open('/etc/passwd')\n")),
]


def _name(rule: Rule) -> str:
    return getattr(rule, "__name__", "")


@pytest.fixture(scope="module")
def offences() -> dict[str, list[str]]:
    """Return the offences against each rule; each file is read and parsed once for all rules."""
    found: dict[str, list[str]] = {_name(rule): [] for rule in RULES}
    for source in house.sources():
        for rule in RULES:
            found[_name(rule)] += [f"{source.path}:{line}: {what}" for line, what in rule(source)]
    return found


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_every_file_keeps_the_rule(rule: Rule, offences: dict[str, list[str]]) -> None:
    broken = offences[_name(rule)]
    assert not broken, f"{rule.__doc__}\n" + "\n".join(broken)


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_the_rule_catches_a_break_of_it(rule: Rule) -> None:
    source = Source(*BREAKS[_name(rule)])
    assert list(rule(source))
    assert not [other for other in RULES if other is not rule and list(other(source))]


def test_a_stream_may_be_flushed_and_asked_whether_it_is_a_terminal() -> None:
    text = "import sys\nsys.stdout.flush()\nsys.stdout.isatty()\n"
    assert not list(house.stray_output(Source("radar_cli/x.py", text)))


@pytest.mark.parametrize(("rule", "source"), OTHER_BREAKS)
def test_the_rule_catches_other_ways_to_break_it(rule: Rule, source: Source) -> None:
    assert list(rule(source))


def test_the_rules_are_asked_of_every_package() -> None:
    seen = {source.path.split("/")[0] for source in house.sources()}
    assert seen >= {*house.PACKAGES, "tests"}


def _texts() -> Iterator[tuple[Path, str]]:
    for path in house.project_files():
        data = path.read_bytes()
        if b"\0" not in data[:8192]:
            yield path.relative_to(ROOT), data.decode()


def test_no_file_names_a_registry_or_a_path_of_some_machine() -> None:
    found = [
        f"{path}:{text.count(chr(10), 0, hit.start()) + 1}: {hit.group()}"
        for path, text in _texts()
        for hit in FOREIGN.finditer(text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "https://pypi" + ".org/simple",
        "pip --index" + "-url x",
        "cd /ro" + "ot/x",
        "/wo" + "rk",
        "file:/" + "//x",
    ],
)
def test_a_registry_or_a_path_of_some_machine_would_be_found(text: str) -> None:
    assert FOREIGN.search(text)


def _locked(lock: str) -> dict[str, str]:
    """Return each requirement's line by its name; the line has its hashes, continuations joined."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / lock).read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return {canonicalize_name(line.split("==")[0]): line for line in lines}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_one_version_with_hashes(lock: str) -> None:
    locked = re.compile(r"[a-z0-9.-]+==[\w.]+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+")
    assert [line for line in _locked(lock).values() if not locked.fullmatch(line)] == []


def test_the_locks_agree_with_each_other_and_with_the_project() -> None:
    run, dev, fuzz = (_locked(lock) for lock in LOCKS)
    assert {name for name in run.keys() & dev.keys() if run[name] != dev[name]} == set()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted_dev = [wanted for group in groups["dev"] for wanted in groups[group["include-group"]]]
    for lock, wanted in (
        (run, project["project"]["dependencies"] + groups["build"]),
        (dev, wanted_dev),
        (fuzz, groups["fuzz"]),
    ):
        for requirement in map(Requirement, wanted):
            version = lock[canonicalize_name(requirement.name)].split("==")[1].split()[0]
            assert requirement.specifier.contains(version), requirement


def test_the_architecture_gives_a_reason_for_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = [Requirement(text).name for text in project["project"]["dependencies"]]
    text = (ROOT / "ARCHITECTURE.md").read_text().lower()
    assert [name for name in names if not re.search(rf"\b{re.escape(name.lower())}\b", text)] == []


def test_the_pip_that_we_carry_is_the_published_one() -> None:
    makefile = (ROOT / "Makefile").read_text()
    wheel, digest = re.findall(r"^PIP_(?:WHEEL|SHA256) := (\S+)$", makefile, re.MULTILINE)
    assert hashlib.sha256((ROOT / wheel).read_bytes()).hexdigest() == digest
    assert [path.name for path in (ROOT / "tools").glob("*.whl")] == [Path(wheel).name]
    assert Path(wheel).name in (ROOT / "tools/README.md").read_text()
