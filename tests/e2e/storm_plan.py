"""The storm's plan: what each phone does in which order, and what befalls it, from one seed."""

import random
from dataclasses import dataclass, replace
from enum import StrEnum

from tests.e2e.faulty_proxy import CLEAN, Fault, Order

PHONES = 20
ACTIONS_EACH = 1_000
"""How many actions a phone records; what kills kept from being recorded comes at the end."""
PLANNED_SHARE = 0.9
"""How much of that is recorded within the storm."""
PLACES = 3
SERVERS = 2
FAULTS_EACH = 42
ALONE = frozenset({Fault.DELAYED, Fault.REQUEST_TWICE, Fault.REQUEST_AGAIN})
"""After these a sync may still succeed. Half of them befall a request that fails besides."""
UNHEARD = (Fault.ANSWER_DROPPED, Fault.ANSWER_CUT, Fault.ANSWER_FLIPPED)


class Blow(StrEnum):
    """What is killed at a random moment: a process with -9, or the centre's way to its database."""

    SCANNING = "phone killed while it records"
    SYNCING = "phone killed while it syncs"
    CENTRE = "centre killed"
    CONNECTIONS = "the centre's connections to PostgreSQL ended"


KILLS = (Blow.SCANNING, Blow.SYNCING, Blow.CENTRE)
BLOWS = {Blow.SCANNING: 26, Blow.SYNCING: 30, Blow.CENTRE: 12, Blow.CONNECTIONS: 20}
SOON_S = {Blow.SCANNING: 0.04, Blow.SYNCING: 0.05, Blow.CENTRE: 0.03, Blow.CONNECTIONS: 0.03}
"""How long after the request, or after the first verdict of a scan, a blow falls at the latest."""


@dataclass(frozen=True, slots=True)
class Step:
    """Some scans and a sync of one phone.

    `picks` are the places scanned, `beside` whether the sync runs while they are recorded, `twice`
    whether two syncs run at once, `poison` whether an action is recorded that the centre must
    refuse. `blow` falls `after_s`; where it falls on the scans there is no sync. `server` is whom
    it falls on where it is the centre.
    """

    picks: tuple[int, ...] = ()
    beside: bool = False
    order: Order = CLEAN
    twice: bool = False
    blow: Blow | None = None
    after_s: float = 0.0
    server: int = 0
    poison: bool = False


def plan(seed: int) -> list[list[Step]]:
    """Return the steps of each phone."""
    rng = random.Random(seed)
    steps = [Step(order=order) for order in _orders(rng)]
    steps += [
        Step(blow=blow, after_s=rng.uniform(0, SOON_S[blow]), server=at % SERVERS)
        for blow, count in BLOWS.items()
        for at in range(count)
    ]
    rng.shuffle(steps)
    return [_recording(rng, steps[phone::PHONES]) for phone in range(PHONES)]


def _orders(rng: random.Random) -> list[Order]:
    """Return orders that hold each fault as often as any other."""
    fatal = [
        _order(rng, fault) for fault in Fault if fault not in ALONE for _ in range(FAULTS_EACH)
    ]
    riders = [fault for fault in Fault if fault in ALONE for _ in range(FAULTS_EACH)]
    rng.shuffle(riders)
    half = len(riders) // 2
    unheard = [at for at, order in enumerate(fatal) if order.faults & set(UNHEARD)]
    for rider, at in zip(riders[:half], rng.sample(unheard, half), strict=True):
        fatal[at] = replace(fatal[at], faults=fatal[at].faults | {rider})
    return fatal + [_order(rng, rider) for rider in riders[half:]]


def _order(rng: random.Random, fault: Fault) -> Order:
    return Order(
        frozenset({fault}),
        share=rng.random(),
        mask=rng.randrange(1, 256),
        wait_s=rng.uniform(0.005, 0.08),
    )


def _recording(rng: random.Random, steps: list[Step]) -> list[Step]:
    """Give the steps of one phone their scans, and some of them what else may go on."""
    weights = [
        rng.uniform(0.5, 1.5) if step.blow is Blow.SCANNING or rng.random() < 0.7 else 0.0
        for step in steps
    ]
    lines = PLANNED_SHARE * ACTIONS_EACH / sum(weights)
    poisoned = set(rng.sample(range(len(steps)), rng.randrange(3)))
    return [
        replace(
            step,
            picks=tuple(rng.randrange(PLACES) for _ in range(int(weight * lines))),
            beside=rng.random() < 0.4,
            twice=rng.random() < 0.1,
            poison=at in poisoned,
        )
        for at, (step, weight) in enumerate(zip(steps, weights, strict=True))
    ]
