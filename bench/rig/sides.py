"""Contenders side by side: each in a process of its own, all in the same rounds."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from statistics import median
from typing import Any

from bench.rig import site
from bench.rig.radar import POSTGRES
from bench.rig.steps import REPEATS
from radar_core.actions import write_line
from sync.clock import stamp

ACTIONS = 10_000
RUN_S = 900.0
ROOT = Path(__file__).resolve().parent.parent.parent
STEPS = ("up", "down", "one", "nothing", "record")


@dataclass(frozen=True, slots=True)
class Side:
    """A contender: how it is run, and whether what it has acknowledged survives a loss of power."""

    name: str
    command: Sequence[str]
    durable: str
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: str = ""
    """Why it cannot be had here, if it cannot."""


def our_sides(postgres: str | None) -> list[Side]:
    """Return RADAR and the bare rig on each database; without a server PostgreSQL is missing."""
    sides: list[Side] = []
    for name, module in (("RADAR", "bench.rig.radar"), ("bare rig", "bench.rig.bare")):
        command = [sys.executable, "-P", "-m", module]
        sides.append(Side(f"{name}, SQLite", command, "yes"))
        told = {POSTGRES: postgres} if postgres else {}
        lack = "" if postgres else "no PostgreSQL here"
        sides.append(Side(f"{name}, PostgreSQL", command, "yes", told, lack))
    return sides


def write_workload(folder: Path, actions: int = ACTIONS) -> None:
    """Write what A has recorded, and what it will record, a line each, to two files."""
    now_ms = time.time_ns() // 1_000_000
    more = [now_ms - 60_000 * (REPEATS - number) for number in range(REPEATS)]
    times = [*site.times(0, more[0] - 60_000, actions), *more]
    lines = [
        write_line(seq, stamp(moment.wall_ms, 0), moment, draft)
        for seq, (draft, moment) in enumerate(site.drafts(0, times), 1)
    ]
    (folder / "actions").write_text("\n".join(lines[:actions]))
    (folder / "more").write_text("\n".join(lines[actions:]))


def run(side: Side, folder: Path, rtt_ms: float | None = None) -> dict[str, Any]:
    """Return the figures of one run in a folder of its own, or what went wrong as `failed`."""
    if side.missing:
        return {"failed": side.missing}
    own = folder / token_hex(4)
    own.mkdir()
    write_workload(own)
    command = [*side.command, str(own), *([str(rtt_ms)] if rtt_ms is not None else [])]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **side.environ}
    try:
        told = subprocess.run(
            command,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_S,
            cwd=own,
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done in {RUN_S:.0f} s"}
    if told.returncode:
        last = (told.stderr.strip().splitlines() or ["no word"])[-1]
        return {"failed": last[:100]}
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


@dataclass(frozen=True, slots=True)
class Sum:
    """A side's medians over the rounds, and its counts; `failed` says why it has none."""

    side: Side
    seconds: dict[str, float]
    counts: dict[str, dict[str, int]]
    failed: str = ""


def rounds(sides: Sequence[Side], folder: Path, count: int) -> list[Sum]:
    """Let every side run once a round, and once more through the counting proxy."""
    found: dict[str, list[dict[str, Any]]] = {side.name: [] for side in sides}
    for number in range(count):
        for side in sides:
            found[side.name].append(run(side, folder))
            _say(side, f"round {number + 1}", found[side.name][-1])
    counted = {side.name: run(side, folder, 0) for side in sides}
    return [_sum(side, found[side.name], counted[side.name]) for side in sides]


def far(sides: Sequence[Side], folder: Path, rtt_ms: float) -> list[Sum]:
    """Let every side run once over a long way."""
    sums: list[Sum] = []
    for side in sides:
        told = run(side, folder, rtt_ms)
        _say(side, f"{rtt_ms:.0f} ms away", told)
        sums.append(_sum(side, [told], told))
    return sums


def _sum(side: Side, runs: Sequence[dict[str, Any]], counted: dict[str, Any]) -> Sum:
    failures = [str(one["failed"]) for one in (*runs, counted) if "failed" in one]
    if failures:
        return Sum(side, {}, {}, failures[0])
    seconds = {step: median(float(one[step]) for one in runs) for step in STEPS}
    counts = {step: counted.get(f"{step} counts", {}) for step in STEPS}
    return Sum(side, seconds, counts)


def _say(side: Side, when: str, told: dict[str, Any]) -> None:
    if "failed" in told:
        shown = str(told["failed"])
    else:
        shown = "  ".join(f"{step} {told[step] * 1e3:.1f}" for step in STEPS)
    print(f"  {when}: {side.name}: {shown}", file=sys.stderr, flush=True)
