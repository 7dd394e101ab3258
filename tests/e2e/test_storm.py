"""The storm: 20 phones and a centre on PostgreSQL, a network that fails, and kill -9 everywhere.

One seed makes the plan; `RADAR_STORM_SEED` tries another one.
"""

import json
import os
import sys
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import Need
from tests.contract.centre_postgres import drop_schema, postgres, schema_url
from tests.e2e.faulty_proxy import Fault
from tests.e2e.storm_centre import StormCentre
from tests.e2e.storm_phone import StormPhone
from tests.e2e.storm_plan import ACTIONS_EACH, BLOWS, FAULTS_EACH, KILLS, PHONES, Blow, Step, plan
from tests.e2e.world import journal, reading, run

SEED = int(os.environ.get("RADAR_STORM_SEED", "20261124"))
AT_ONCE = 4
"""How many phones are at work at any time."""
FLIPPED = ("bad_body", "bad_signature", "bad_type", "too_large")
"""What a centre may say of a request in which a byte is flipped."""
ENDS = {
    "0",
    "5",  # with something in quarantine
    "killed",
    "4 unreachable",
    "4 not_our_centre",
    "4 centre_nonsense",  # a flipped byte in the header that says how the body is encoded
    "7 unknown_device",  # a flipped byte
    "4 centre_refused busy",  # its connections to the database were ended
    *(f"4 centre_refused {problem}" for problem in FLIPPED),
}
"""How a sync within the storm may end: not with a gap, a fork, or a fault of ours."""
LINES = dict[str, str]
"""Lines of actions by their ids."""


@pytest.fixture
def centre(tmp_path: Path, need: Need) -> Iterator[StormCentre]:
    """Give a centre on a PostgreSQL of the tests' own, up."""
    name = f"radar_storm_{os.getpid()}"
    with postgres() as url:
        need("PostgreSQL", url)
        assert url is not None
        made = StormCentre(tmp_path / "centre", schema_url(url, name), name)
        yield made
        made.close()
        drop_schema(url, name)


@pytest.mark.timeout(600)
def test_law_03_a_storm_of_faults_and_kills_loses_nothing_and_doubles_nothing(
    centre: StormCentre, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = plan(SEED)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = [
            pool.submit(StormPhone, number, tmp_path / f"phone{number}", centre)
            for number in range(PHONES)
        ]
    phones = [phone.result() for phone in made]
    _all_at_once(phones, steps)
    _calm(phones)
    for phone in phones:
        phone.gate.close()
    faults = sum((phone.gate.injected for phone in phones), Counter[Fault]())
    blows = sum((phone.struck for phone in phones), Counter[Blow]())
    _tell(capsys, phones, faults, blows)

    assert set().union(*(phone.said for phone in phones)) <= ENDS
    assert faults == dict.fromkeys(Fault, FAULTS_EACH)
    assert blows == BLOWS
    assert sum(faults.values()) + blows[Blow.CONNECTIONS] >= 500
    assert sum(blows[kill] for kill in KILLS) >= 50
    _check_centre(centre, phones)
    for phone in phones:
        _check_phone(centre, phone)


def _all_at_once(phones: Sequence[StormPhone], steps: Sequence[Sequence[Step]]) -> None:
    """Let the phones take their steps in turn, `AT_ONCE` of them at any time."""
    turns = deque((phone, deque(own)) for phone, own in zip(phones, steps, strict=True))

    def take_turns() -> None:
        while turns:
            phone, left = turns.popleft()
            phone.take(left.popleft())
            if left:
                turns.append((phone, left))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(take_turns) for _ in range(AT_ONCE)]:
            done.result()


def _calm(phones: Sequence[StormPhone]) -> None:
    """Record what is missing of the planned number, then sync until everybody knows everything."""

    def finish(phone: StormPhone) -> None:
        recorded = len(journal(phone.home)) - len(phone.poisoned)
        assert recorded <= ACTIONS_EACH
        phone.scan(ACTIONS_EACH - recorded)
        phone.sync()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(finish, phones))
        list(pool.map(StormPhone.sync, phones))


def _tell(
    capsys: pytest.CaptureFixture[str],
    phones: Sequence[StormPhone],
    faults: Counter[Fault],
    blows: Counter[Blow],
) -> None:
    said = sum((phone.said for phone in phones), Counter[str]())
    told = [
        f"seed {SEED}: {PHONES} phones, {PHONES * ACTIONS_EACH} actions",
        f"{sum(faults.values())} faults of the network:",
        *(f"  {count:4} {fault}" for fault, count in faults.items()),
        f"{sum(blows[kill] for kill in KILLS)} kills, and connections ended:",
        *(f"  {count:4} {blow}" for blow, count in blows.items()),
        f"{sum(said.values())} syncs within the storm:",
        *(f"  {count:4} ended {how}" for how, count in said.most_common()),
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(told) + "\n")


def _own(phone: StormPhone) -> LINES:
    return {f"{epoch}.{seq}": line for epoch, seq, line in journal(phone.home)}


def _check_centre(centre: StormCentre, phones: Sequence[StormPhone]) -> None:
    """Every action is at the centre once, byte for byte; in quarantine is what was poisoned."""
    recorded: LINES = {}
    for phone in phones:
        own = _own(phone)
        assert set(phone.saved) <= set(own), "what was answered as saved is in the journal (law 1)"
        assert len(own) == ACTIONS_EACH + len(phone.poisoned)
        recorded |= own
    poisoned = {id_ for phone in phones for id_ in phone.poisoned}
    assert poisoned
    held = centre.select("SELECT epoch || '.' || seq, line FROM action")
    assert len(held) == PHONES * ACTIONS_EACH
    assert dict(held) == {id_: line for id_, line in recorded.items() if id_ not in poisoned}
    kept = centre.select("SELECT epoch || '.' || seq, code, line FROM quarantine")
    assert sorted(kept) == sorted((id_, "out_of_scope", recorded[id_].encode()) for id_ in poisoned)


def _check_phone(centre: StormCentre, phone: StormPhone) -> None:
    """Nothing is unsent, the last action has a receipt, the chain holds; all others' are here."""
    own = _own(phone)
    told = run(phone.home, "status").data
    assert (told["unsent"], told["quarantined"]) == (0, len(phone.poisoned))
    assert run(phone.home, "log", "--verify").data["verified"] == len(own)
    with reading(phone.home / "phone.db") as database:
        (receipt,) = database.execute("SELECT receipt FROM epoch ORDER BY number").fetchall()
        theirs = database.execute(
            "SELECT epoch || '.' || seq, line FROM action WHERE project = ?", (phone.project,)
        ).fetchall()
    assert json.loads(receipt[0])["seq"] == len(own)
    held = centre.select(
        "SELECT epoch || '.' || seq, line FROM action WHERE project = %s", phone.project
    )
    assert sorted(theirs) == sorted(held), "everybody holds what the centre holds (law 5)"
