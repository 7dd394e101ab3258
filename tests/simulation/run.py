"""Runs many seeds over processes: python -m tests.simulation.run --seeds 0:1000 --jobs 2."""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.simulation.history import Outcome, new_ground, plan, run, shrink
from tests.simulation.mutants import MUTANTS

CHUNK = 50
REPLAY = "RADAR_SEED={seed} pytest -s tests/simulation -k whatever"


def run_seeds(seeds: Sequence[int]) -> list[Outcome]:
    """Run seeds one after the other, on one ground."""
    with new_ground() as ground:
        return [run(ground, seed, plan(seed)) for seed in seeds]


def run_all(low: int, high: int, jobs: int) -> Iterator[Outcome]:
    """Run the seeds from `low` to before `high` over so many processes."""
    chunks = [range(at, min(at + CHUNK, high)) for at in range(low, high, CHUNK)]
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for outcomes in pool.imap_unordered(run_seeds, chunks):
            yield from outcomes


def story(seed: int) -> str:
    """Replay a seed that fails; return how to do that, the shortest history, and where it broke."""
    with new_ground() as ground:
        outcome = run(ground, seed, plan(seed))
        if not outcome.law:
            return ""
        steps = shrink(ground, seed, plan(seed), outcome.law)
        short = run(ground, seed, steps)
    told = [f"seed {seed}: {short.law}: {short.why}", f"replay: {REPLAY.format(seed=seed)}"]
    told += [f"{len(steps)} of {outcome.steps} steps:", *short.log, short.trace]
    return "\n".join(told)


def hunt(number: int, low: int = 0, high: int = 1000) -> tuple[int, str, str]:
    """Put a mutant in and run all seeds until a law fails; return seed, law and why."""
    mutant = MUTANTS[number]
    first = min(max(low, mutant.seed), high)
    with new_ground() as ground, mutant.alive():
        for seed in (*range(first, high), *range(low, first)):
            outcome = run(ground, seed, plan(seed))
            if outcome.law:
                return seed, outcome.law, outcome.why
    return high, "", ""


def figures(outcomes: Sequence[Outcome], seconds: float) -> list[str]:
    """Return what a run showed, a line each."""
    faults: Counter[str] = Counter()
    for outcome in outcomes:
        faults += outcome.faults
    steps, actions, requests = (
        sum(getattr(outcome, name) for outcome in outcomes)
        for name in ("steps", "actions", "requests")
    )
    failed = sorted(outcome.seed for outcome in outcomes if outcome.law)
    told = [
        (
            f"{len(outcomes)} seeds, {steps} steps, {actions} actions, {requests} requests, "
            f"{faults.total()} faults, {seconds:.0f} s, {len(failed)} failed"
        )
    ]
    told += [f"  {count:9} {name}" for name, count in faults.most_common()]
    laws = Counter(outcome.law for outcome in outcomes if outcome.law)
    told += [f"  FAILED {count:4} {law}" for law, count in laws.most_common()]
    return told + [f"  {REPLAY.format(seed=seed)}" for seed in failed[:20]]


def main() -> int:
    """Run what the command line says, print the figures, tell whether all laws held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0:1000", help="LOW:HIGH, the last not included")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    low, _, high = asked.seeds.partition(":")
    began = time.monotonic()
    outcomes = list(run_all(int(low), int(high), asked.jobs))
    sys.stdout.write("\n".join(figures(outcomes, time.monotonic() - began)) + "\n")
    failed = sorted(outcome.seed for outcome in outcomes if outcome.law)
    if failed:
        sys.stdout.write(story(failed[0]) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
