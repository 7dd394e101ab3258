"""The layer rule holds, and each way to break it is caught by the contract that forbids it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import PACKAGES, ROOT

LAYERS = "Arrows go down only"
CENTRE = "The centre knows nothing of the phone's commands and scanners"
PURE = "The trade and the pure files of sync are pure"
RECURRENCE = "Only radar_core.schedules knows dateutil"
SCREEN = "Only radar_cli knows the command line's libraries"
TABLES = "Only radar_server knows the centre's libraries"
CONTRACTS = {LAYERS, CENTRE, PURE, RECURRENCE, SCREEN, TABLES}

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the packages and of the rule, to break."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> tuple[int, set[str], str]:
    """Return the exit code, the names of the broken contracts, and all that was said."""
    command = [sys.executable, "-c", LINT, "--no-logo", "--no-cache"]
    done = subprocess.run(  # `-c` looks for modules in `cwd` first, before the installed ones
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    said = done.stdout + done.stderr
    broken = {name for name in CONTRACTS if f"{name} BROKEN" in said}
    return done.returncode, broken, said


def test_the_code_as_it_is_keeps_the_layer_rule(copy: Path) -> None:
    code, broken, said = lint(copy)
    assert (code, broken) == (0, set()), said
    assert all(f"{name} KEPT" in said for name in CONTRACTS), said


@pytest.mark.parametrize(
    ("where", "line", "contract"),
    [
        ("radar_core/planted.py", "import sync", LAYERS),
        ("radar_core/planted.py", "import commands", LAYERS),
        ("sync/planted.py", "import scanners", LAYERS),
        ("scanners/planted.py", "import sync", LAYERS),
        ("scanners/planted.py", "import commands", LAYERS),
        ("commands/planted.py", "import radar_cli", LAYERS),
        ("radar_cli/planted.py", "import radar_server", LAYERS),
        ("radar_server/planted.py", "import radar_cli", LAYERS),
        ("radar_server/planted.py", "import commands", CENTRE),
        ("radar_server/planted.py", "def later():\n    import scanners", CENTRE),
        ("radar_core/planted.py", "import time", PURE),
        ("radar_core/planted.py", "from os.path import join", PURE),
        ("sync/clock.py", "import time", PURE),
        ("sync/signing.py", "import sync.journal", PURE),
        ("radar_core/tasks.py", "import dateutil", RECURRENCE),
        ("radar_server/planted.py", "from dateutil.rrule import rrule", RECURRENCE),
        ("commands/planted.py", "import typer", SCREEN),
        ("commands/planted.py", "from rich.table import Table", SCREEN),
        ("commands/planted.py", "import sqlmodel", TABLES),
    ],
)
def test_a_broken_layer_rule_is_caught(copy: Path, where: str, line: str, contract: str) -> None:
    with (copy / where).open("a") as file:
        file.write(f"\n\n{line}\n")
    code, broken, said = lint(copy)
    assert code == 1, said
    assert contract in broken, said
