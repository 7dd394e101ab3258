"""What the quick verbs import: every module on the way of a scan is paid at every scan."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import PACKAGES, ROOT
from tests.phones import code, new_phone, site_centre

LIST_MODULES = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
before = set(sys.modules)
from radar_cli.__main__ import run
import os
code = run(sys.argv[1:], os.environ)
sys.stderr.write(" ".join(sorted(set(sys.modules) - before)))
sys.exit(code)
"""

START = {"radar_cli", "radar_cli.__main__", "radar_cli.output", "radar_core",
         "radar_core.failures", "radar_core.jsontext"}  # fmt: skip
RUN = START | {
    "radar_cli.fast", "radar_cli.session", "radar_cli.settings", "radar_cli.texts",
    "radar_core.answers",
}  # fmt: skip
PHONE = RUN | {
    "radar_cli.world", "commands", "commands.phone", "radar_core.actions", "radar_core.matching",
    "radar_core.places", "radar_core.tags", "radar_core.tasks", "radar_core.tracking",
    "sync", "sync.chain", "sync.clock",
    "sync.journal", "sync.sqlite",
}  # fmt: skip
SCAN = PHONE | {"commands.scan", "scanners", "scanners.sources"}
LISTS = PHONE | {"commands.tasks", "radar_core.permissions"}
VIEWS = {"radar_cli.moments", "radar_cli.views", "radar_cli.words"}

OURS = {
    "--version": START,
    "--version --json": START | {"radar_cli.session", "radar_cli.settings", "radar_cli.texts",
                                 "radar_core.answers"},
    "scan CODE": SCAN | {"radar_cli.scan_view"},
    "scan CODE --json": SCAN,
    "scan CODE --lang zh": SCAN | {"radar_cli.scan_view"},
    "scan UNKNOWN": SCAN | {"radar_cli.scan_view"},
    "scan --task day CODE": SCAN | {"radar_cli.scan_view"},
    "tasks": LISTS | VIEWS,
    "tasks --json": LISTS,
    "status": LISTS | VIEWS | {"commands.status", "sync.blobs"},
    "status --json": LISTS | {"commands.status", "sync.blobs"},
}  # fmt: skip
DEAR = {
    "typing", "dataclasses", "json", "re", "pathlib", "enum", "logging", "uuid", "asyncio",
    "collections", "contextlib", "functools", "inspect", "tempfile", "random", "locale", "gettext",
    "argparse", "subprocess", "threading", "socket", "ssl", "http", "urllib", "email", "zoneinfo",
    "typer", "click", "rich", "pydantic", "sqlalchemy", "sqlmodel", "httpx", "cryptography",
    "zstandard", "hashlib", "dateutil", "PIL", "zxingcpp", "pyzbar", "platformdirs", "msgspec",
}  # fmt: skip
"""Each of these costs a good part of an interpreter's start, or several."""
DATES = {"datetime", "sqlite3"}
"""Dear too, and needed by the lists alone, which show local times."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a phone whose tasks are unrolled for the real time."""
    phone = new_phone(tmp_path_factory.mktemp("imports"), site_centre(), "G1")
    imported(phone.world.home, "tasks")
    return phone.world.home


def imported(home: Path, line: str) -> set[str]:
    """Return the modules that one `radar` process imports; site's own do not count."""
    words = line.replace("CODE", code("GATE")).split()
    done = subprocess.run(
        [sys.executable, "-I", "-c", LIST_MODULES, *words],
        env={"RADAR_HOME": str(home), "HOME": str(home), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done
    return set(done.stderr.split())


@pytest.mark.parametrize("line", OURS)
def test_a_quick_verb_imports_exactly_these_modules_of_ours(home: Path, line: str) -> None:
    found = {name for name in imported(home, line) if name.partition(".")[0] in PACKAGES}
    assert found == OURS[line]


@pytest.mark.parametrize("line", OURS)
def test_a_quick_verb_imports_nothing_dear(home: Path, line: str) -> None:
    forbidden = DEAR if line in ("tasks", "status") else DEAR | DATES
    found = {name.partition(".")[0] for name in imported(home, line)}
    assert not found & forbidden


def test_a_quick_verb_needs_nothing_that_is_installed(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LIST_MODULES, "scan", code("GATE"), "--json"],
        env={"RADAR_HOME": str(home), "HOME": str(home), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert json.loads(done.stdout)["data"]["saved"] is True


def test_the_list_of_what_is_dear_names_modules_that_there_are() -> None:
    script = (
        "import importlib.util, sys\n"
        "sys.exit(str([n for n in sys.argv[1:] if not importlib.util.find_spec(n)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *sorted((DEAR | DATES) - {"click"})],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip() == "[]"
