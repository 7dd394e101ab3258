"""A seed's history: its steps, what becomes of them, and the shortest that fails alike."""

import random
import sqlite3
import tempfile
import traceback
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from radar_core.failures import Failure
from tests.simulation.happenings import HAPPENINGS
from tests.simulation.laws import check_step
from tests.simulation.settling import check_settled, check_whole, law_05_a_phone_holds_the_fold
from tests.simulation.town import SOME, Ground, Step, Town

LENGTHS = (5, 10, 20, 30, 45, 70)
"""How many steps a history may have: short ones are cheap and many, long ones go deep."""
EVERY_DAY = frozenset({"work", "sync", "calm_sync", "time_passes"})
WHOLE_EVERY = 20
BREAKS = (
    AssertionError,
    Failure,
    sqlite3.Error,
    SQLAlchemyError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)
"""What a broken law raises, and what broken code does."""
MEMORY = Path("/dev/shm")


@dataclass
class Outcome:
    """What became of a history; `law` is empty where all held, else the name of what did not."""

    seed: int
    steps: int
    law: str = ""
    why: str = ""
    actions: int = 0
    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter[str])
    log: list[str] = field(default_factory=list[str])
    trace: str = ""


def plan(seed: int) -> list[Step]:
    """Return the steps of a seed: of all that can happen some, more often than among everything.

    That finds more than if each history had a little of each (Groce et al., Swarm Testing, 2012).
    """
    rng = random.Random(seed)
    some = {
        name: weight
        for name, (weight, _) in HAPPENINGS.items()
        if rng.random() < SOME or name in EVERY_DAY
    }
    return [
        Step(name, rng.randrange(64), rng.getrandbits(48))
        for name in rng.choices([*some], [*some.values()], k=rng.choice(LENGTHS))
    ]


def run(ground: Ground, seed: int, steps: Sequence[Step]) -> Outcome:
    """Let a history happen, and check every law as it goes."""
    town = Town(ground, seed)
    outcome = Outcome(seed, len(steps))
    try:
        town.start_somehow()
        for number, step in enumerate(steps, 1):
            town.take(step)
            check_step(town)
            law_05_a_phone_holds_the_fold(town.touched[0])
            if number % WHOLE_EVERY == 0:
                check_whole(town)
        town.log.append("settling")
        check_settled(town)
    except BREAKS as error:
        outcome.law = _law_of(error)
        outcome.why = f"{type(error).__name__}: {error}"
        outcome.trace = traceback.format_exc()
    finally:
        town.close()
    outcome.actions = len(town.ledger.written)
    outcome.requests = town.network.requests
    outcome.faults = town.faults
    outcome.log = town.log
    return outcome


def _law_of(error: Exception) -> str:
    """Return the name of the check that failed, or of the function that broke."""
    frames = traceback.extract_tb(error.__traceback__)
    laws = [frame.name for frame in frames if frame.name.startswith("law_")]
    return laws[-1] if laws else f"broke in {frames[-1].name}"


def shrink(ground: Ground, seed: int, steps: Sequence[Step], law: str) -> list[Step]:
    """Return a short list of steps after which the same law still fails."""
    left = list(steps)
    size = len(left) // 2
    while size:
        at = 0
        while at < len(left):
            fewer = left[:at] + left[at + size :]
            if run(ground, seed, fewer).law == law:
                left = fewer
            else:
                at += size
        size //= 2
    return left


@contextmanager
def new_ground() -> Generator[Ground]:
    """Make the ground for towns, in memory where the system has files there."""
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="radar-town-", dir=where) as folder:
        ground = Ground(Path(folder))
        yield ground
        ground.engine.dispose()
