"""Cold start, in instructions: each command against `python -c pass` of the same interpreter.

Counted by valgrind's callgrind, so the figures do not depend on how busy the machine is.
Run: .venv/bin/python bench/cold_start.py [--json]
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.rig.beside import Site

ROOT = Path(__file__).resolve().parent.parent

GOALS = {
    "radar --version": 1.1,
    "radar --help": 8.0,
    "radar scan CODE": 1.6,
    "radar scan CODE, full": 1.6,
    "radar scan CODE, encrypted": 2.0,
    "radar scan PHOTO": 7.0,
    "radar tasks": 8.0,
    "radar status": 8.0,
}
"""DESIGN's goals as ratios; `scan PHOTO` has the goal of the scanner's own issue, `sync` none."""


OPEN = 400
"""So many work orders are open on the full phone, which holds the whole district's 2,500 tags."""


def instructions(command: Sequence[str], environ: dict[str, str]) -> int:
    """Return how many instructions a command executes, with the process that it forks.

    A forked process goes on counting from where the first one was, so its count has everything
    before the fork too; the rest of the first one's is counted in a run that begins anew there.
    """
    counts = _counts(command, environ)
    if len(counts) == 1:
        return counts[0]
    return counts[0] + _counts(command, environ, "--zero-before=fork")[-1]


def _counts(command: Sequence[str], environ: dict[str, str], *options: str) -> list[int]:
    """Return what each process counted, the one that ended last at the end."""
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *options]
    told = subprocess.run(
        [*tool, *command], env=environ, capture_output=True, text=True, check=False
    )
    counts = [int(found) for found in re.findall(r"Collected : (\d+)", told.stderr)]
    if not counts or told.returncode not in (0, 4):
        sys.exit(f"{' '.join(command)} failed ({told.returncode}): {told.stderr[-800:]}")
    return counts


def _environ(site: "Site") -> dict[str, str]:
    environ = {**os.environ, "RADAR_HOME": str(site.home), "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"}
    for name in ("RADAR_LANG", "PYTHONDONTWRITEBYTECODE"):
        environ.pop(name, None)  # an installed program is in English here, and compiled
    return environ


def measure(site: "Site") -> dict[str, tuple[int, float]]:
    """Return instructions and ratio for each command, each on a phone that is warm on disk."""
    environ = _environ(site)
    radar = [str(Path(sys.executable).with_name("radar"))]
    commands = {
        "radar --version": [*radar, "--version"],
        "radar --help": [*radar, "--help"],
        "radar scan CODE": [*radar, "scan", site.code],
        "radar scan PHOTO": [*radar, "scan", str(site.photo)],
        "radar tasks": [*radar, "tasks"],
        "radar status": [*radar, "status"],
        "radar sync": [*radar, "sync"],
    }
    floor = instructions([sys.executable, "-c", "pass"], environ)
    table = {"python -c pass": (floor, 1.0)}
    for name, command in commands.items():
        subprocess.run(command, env=environ, capture_output=True, check=False)
        count = instructions(command, environ)
        table[name] = (count, count / floor)
    return table


def measure_full(site: "Site", floor: int) -> dict[str, tuple[int, float]]:
    """Return the same for a scan on a phone that has much to do."""
    environ = _environ(site)
    command = [str(Path(sys.executable).with_name("radar")), "scan", site.code]
    subprocess.run(command, env=environ, capture_output=True, check=False)
    count = instructions(command, environ)
    return {"radar scan CODE, full": (count, count / floor)}


def measure_encrypted(site: "Site", floor: int) -> dict[str, tuple[int, float]]:
    """Return the same for a scan on a phone that is encrypted, and unlocked."""
    radar = str(Path(sys.executable).with_name("radar"))
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        environ = _environ(site) | {"XDG_RUNTIME_DIR": memory}
        subprocess.run(
            [radar, "pin"], env=environ, input=b"bench 493817\n", capture_output=True, check=True
        )
        subprocess.run([radar, "scan", site.code], env=environ, capture_output=True, check=False)
        count = instructions([radar, "scan", site.code], environ)
    return {"radar scan CODE, encrypted": (count, count / floor)}


def main() -> int:
    """Print the table; exit 1 if a goal is missed."""
    if Path(sys.path[0]).resolve() == ROOT / "bench":
        sys.path[0] = str(ROOT)
    from bench.rig.beside import WHOLE, build_site, open_work_orders

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line for scripts")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is missing: apt install valgrind")
    with tempfile.TemporaryDirectory() as folder, build_site(Path(folder)) as site:
        table = measure(site)
        table |= measure_encrypted(site, table["python -c pass"][0])
    with tempfile.TemporaryDirectory() as folder, build_site(Path(folder), WHOLE) as site:
        opened = open_work_orders(site, OPEN)
        assert opened == OPEN, opened
        table |= measure_full(site, table["python -c pass"][0])
    missed = [name for name, goal in GOALS.items() if table[name][1] > goal]
    if options.json:
        print(json.dumps({name: round(ratio, 3) for name, (_, ratio) in table.items()}))
    else:
        print(f"{'command':<28}{'instructions':>16}{'ratio':>8}{'goal':>8}")
        for name, (count, ratio) in table.items():
            goal = GOALS.get(name)
            print(f"{name:<28}{count:>16,}{ratio:>8.2f}{f'{goal:.1f}' if goal else '-':>8}")
        print("missed: " + ", ".join(missed) if missed else "all goals held")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
