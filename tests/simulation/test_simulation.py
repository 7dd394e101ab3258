"""Many phones, one centre, everything that can go wrong: the laws hold after every step of a seed.

A failing seed is shrunk, and replayed alone, every step told, with:
RADAR_SEED=N pytest -s tests/simulation -k whatever
More of them: RADAR_SEEDS=N pytest tests/simulation, or python -m tests.simulation.run.
"""

import multiprocessing
import os
import sys
from collections.abc import Iterator
from functools import partial

import pytest

from tests.simulation.history import new_ground, plan, run, shrink
from tests.simulation.mutants import MUTANTS
from tests.simulation.run import hunt, run_all, story
from tests.simulation.town import Ground

SEEDS = int(os.environ.get("RADAR_SEEDS", "1000"))
ONE = os.environ.get("RADAR_SEED", "")
JOBS = os.cpu_count() or 1
LONG_S = 3600


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Give the ground that towns stand on."""
    with new_ground() as made:
        yield made


@pytest.mark.timeout(LONG_S)
def test_the_laws_hold_whatever_happens() -> None:
    if ONE:
        with new_ground() as ground:
            sys.stdout.write("\n".join(run(ground, int(ONE), plan(int(ONE))).log) + "\n")
        broken = story(int(ONE))
        assert not broken, broken
        return
    failed = [outcome for outcome in run_all(0, SEEDS, JOBS) if outcome.law]
    told = [f"seed {outcome.seed}: {outcome.law}: {outcome.why}" for outcome in failed]
    assert not failed, "\n".join([*told, story(failed[0].seed)])


def test_a_seed_is_the_same_history_every_time(ground: Ground) -> None:
    one, two = (run(ground, 7, plan(7)) for _ in range(2))
    assert (one.log, one.actions, one.requests) == (two.log, two.actions, two.requests)


@pytest.mark.timeout(LONG_S)
def test_each_mutant_is_caught_by_the_law_that_it_breaks() -> None:
    with multiprocessing.get_context("spawn").Pool(JOBS) as pool:
        caught = pool.map(partial(hunt, low=0, high=SEEDS), range(len(MUTANTS)), chunksize=1)
    wrong = [
        f"{mutant.name}: seed {seed}, {law or 'not caught'}: {why}"
        for mutant, (seed, law, why) in zip(MUTANTS, caught, strict=True)
        if not law.startswith(mutant.laws)
    ]
    assert not wrong, "\n".join(wrong)


def test_what_fails_is_shrunk_to_few_steps_that_fail_by_the_same_law(ground: Ground) -> None:
    (mutant,) = (one for one in MUTANTS if one.name == "a revoked phone gets news")
    with mutant.alive():
        steps = next(
            plan(seed) for seed in range(SEEDS) if run(ground, seed, plan(seed)).law[:6] == "law_11"
        )
        law = run(ground, 0, steps).law
        short = shrink(ground, 0, steps, law)
        assert len(short) <= 3
        assert run(ground, 0, short).law == law
    assert run(ground, 0, short).law == ""
