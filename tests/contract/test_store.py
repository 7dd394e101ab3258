"""One contract for every store of actions, held to memory, phone SQLite, centre SQLite, PostgreSQL.

A phone takes in what a centre of paper gives it, page by page; where pushes go and feeds come from
are the three others.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine

from radar_core.actions import LINE_BYTES_MAX, read_line
from radar_server.ingest import Stored
from radar_server.streams import Fork, Gap
from sync.chain import short_digest
from tests.conftest import Need
from tests.contract.centre_parts import Clock, Device
from tests.contract.conftest import DATABASES, emptied
from tests.contract.stores import (
    POISON,
    CentreStore,
    Crash,
    Durable,
    Feeding,
    Held,
    PaperStore,
    PhoneStore,
    Store,
)
from tests.paper_centre import MASK

PAGE = 3
HISTORIES = 30
STEPS = 25
Make = Callable[[str], Store]


@pytest.fixture
def make(engines: dict[str, Engine], tmp_path: Path, clock: Clock, need: Need) -> Make:
    """Give what makes an empty store of a kind."""
    numbers = iter(range(1_000_000))

    def make(kind: str) -> Store:
        if kind == "memory":
            return PaperStore(PAGE)
        if kind == "phone":
            return PhoneStore(tmp_path / str(next(numbers)), PAGE)
        need("PostgreSQL", kind in engines)
        return CentreStore(emptied(engines[kind], clock))

    return make


@pytest.fixture(params=["memory", "phone", *DATABASES])
def store(request: pytest.FixtureRequest, make: Make) -> Store:
    return make(request.param)


@pytest.fixture(params=["memory", *DATABASES])
def feeding(request: pytest.FixtureRequest, make: Make) -> Feeding:
    made = make(request.param)
    assert isinstance(made, PaperStore | CentreStore)
    return made


@pytest.fixture(params=["phone", *DATABASES])
def durable(request: pytest.FixtureRequest, make: Make) -> Durable:
    made = make(request.param)
    assert isinstance(made, PhoneStore | CentreStore)
    return made


def acted(store: Store, number: int) -> Device:
    device = store.writer()
    for _ in range(number):
        device.act()
    return device


def lines(device: Device, *seqs: int) -> Held:
    return sorted((device.epoch, device.lines[seq - 1]) for seq in seqs)


def parted(device: Device, keep: int, add: int = 2) -> Device:
    """Return a copy of a device that goes another way after `keep` actions."""
    copy = replace(device, epoch=device.epoch, lines=device.lines[:keep])
    for number in range(add):
        copy.act(body={"text": f"the other way {number}"})
    return copy


def sums(held: Held) -> tuple[int, int]:
    """Return the count and additive digest of actions, worked out anew."""
    total = sum(short_digest("action", epoch, line) for epoch, line in held)
    return len(held), total & MASK


def test_an_empty_store_holds_nothing(store: Store) -> None:
    assert (store.held("HV"), store.digest("HV")) == ([], (0, 0))
    assert store.take(store.writer().push()) == Stored(0, 0)
    assert (store.held("HV"), store.digest("HV")) == ([], (0, 0))


@pytest.mark.parametrize("number", [1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE])
def test_law_03_the_same_twice_changes_nothing(store: Store, number: int) -> None:
    device = acted(store, number)
    assert store.take(device.push()) == Stored(number, 0)
    held = store.held("HV")
    assert held == lines(device, *range(1, number + 1))
    assert store.take(device.push()) == Stored(0, 0)
    assert (store.held("HV"), store.digest("HV")) == (held, sums(held))


@pytest.mark.parametrize(("first", "last"), [(1, 2), (2, 3), (1, 5), (3, 5), (4, 5), (4, 3)])
def test_law_03_a_known_beginning_is_passed_over(store: Store, first: int, last: int) -> None:
    device = acted(store, 5)
    store.take(device.push(1, 3))
    assert store.take(device.push(first, last)) == Stored(max(0, last - 3), 0)
    assert store.held("HV") == lines(device, *range(1, max(3, last) + 1))


@pytest.mark.parametrize(("first", "last"), [(3, 4), (4, 4), (5, 4)])
def test_a_gap_is_told_and_stores_nothing(store: Store, first: int, last: int) -> None:
    device = acted(store, 4)
    assert store.take(device.push(first, last)) == Gap(1)
    store.take(device.push(1, 1))
    assert store.take(device.push(first, last)) == Gap(2)
    assert store.held("HV") == lines(device, 1)
    assert store.take(device.push(2, 4)) == Stored(3, 0)


@pytest.mark.parametrize(
    ("keep", "first", "common"),
    [(0, 1, 0), (1, 1, 1), (2, 2, 2), (2, 3, 2), (1, 3, None), (0, 2, None)],
)
def test_law_08_a_fork_is_told_and_stores_nothing(
    store: Store, keep: int, first: int, common: int | None
) -> None:
    device = acted(store, 4)
    store.take(device.push())
    held, digest = store.held("HV"), store.digest("HV")
    assert store.take(parted(device, keep).push(first)) == Fork(common)
    assert (store.held("HV"), store.digest("HV")) == (held, digest)


def test_law_03_two_devices_of_one_number_do_not_meet(store: Store) -> None:
    one, two = acted(store, 2), acted(store, 3)
    store.take(two.push())
    store.take(one.push())
    assert store.held("HV") == sorted(lines(one, 1, 2) + lines(two, 1, 2, 3))


def test_law_04_a_bad_action_leaves_a_hole_for_others_and_none_in_the_chain(store: Store) -> None:
    device = store.writer()
    device.act()
    device.act(POISON)
    device.act()
    assert store.take(device.push()) == Stored(2, 1)
    assert store.held("HV") == lines(device, 1, 3)
    assert store.digest("HV") == sums(store.held("HV"))
    device.act()
    assert store.take(device.push(2)) == Stored(1, 0)
    assert store.take(parted(device, 1).push()) == Fork(1)


ODD: dict[str, object] = {
    "nothing": "",
    "the whole of Unicode": '水泵 \u2028\u2029\u0085 \\ " 😀 \u0301 \ufeff \uffff',
    "control characters": "".join(map(chr, range(32))) + "\x7f",
    "large numbers": [2**63 - 1, -(2**63), 1e308, 0.1, 10**40],
    "as long as a line may be": "x",
}


@pytest.mark.parametrize("case", ODD)
def test_a_line_is_read_back_byte_for_byte(store: Store, case: str) -> None:
    device = store.writer()
    body = {"text": ODD[case]}
    device.act(body=body)
    if case == "as long as a line may be":
        room = LINE_BYTES_MAX - len(device.lines.pop().encode())
        assert len(device.act(body={"text": "x" * (room + 1)}).encode()) == LINE_BYTES_MAX
    assert store.take(device.push()) == Stored(1, 0)
    assert store.held("HV") == lines(device, 1)
    assert store.digest("HV") == sums(lines(device, 1))


def test_law_05_count_and_digest_are_those_of_what_is_held_in_whatever_order(store: Store) -> None:
    devices = [acted(store, 3) for _ in range(3)]
    for first in (1, 2, 3):
        devices.reverse()
        for device in devices:
            store.take(device.push(first, first))
            assert store.digest("HV") == sums(store.held("HV"))
    assert store.held("HV") == sorted(item for device in devices for item in lines(device, 1, 2, 3))


@pytest.mark.parametrize("number", [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE])
def test_law_06_a_feed_read_in_pages_is_whole_and_in_order(feeding: Feeding, number: int) -> None:
    device = acted(feeding, number)
    feeding.take(device.push())
    found: Held = []
    pos, more = 0, True
    while more:
        page = feeding.feed("HV", pos, PAGE)
        assert len(page.actions) <= PAGE
        assert page.pos - pos == len(page.actions)
        found += page.actions
        pos, more = page.pos, page.more
    assert found == [(device.epoch, line) for line in device.lines]
    end = feeding.feed("HV", pos, PAGE)
    assert (end.actions, end.pos, end.more) == ([], number, False)


def test_all_or_nothing_when_the_power_goes_before_the_commit(durable: Durable) -> None:
    device = acted(durable, 5)
    durable.take(device.push(1, 2))
    held, digest = durable.held("HV"), durable.digest("HV")
    with pytest.raises(Crash):
        durable.crash(device.push(3))
    assert (durable.held("HV"), durable.digest("HV")) == (held, digest)
    durable.take(device.push(3))
    assert durable.held("HV") == lines(device, 1, 2, 3, 4, 5)
    assert durable.digest("HV") == sums(durable.held("HV"))


def test_law_09_a_project_that_is_left_goes_and_one_s_own_stays(tmp_path: Path) -> None:
    store = PhoneStore(tmp_path, PAGE)
    post = store.memory.centre.post
    device = store.writer()
    for project in ("HV", "PK", "PK"):
        device.act(project=project)
    store.take(device.push())
    own = store.record("PK", "my own")
    store.memory.centre.move("S1", "HV")
    store.phone.sync(post)
    assert [line for _, line in store.held("PK")] == [own]
    assert store.held("HV") == lines(device, 1)
    store.memory.centre.move("S1", "HV", "PK")
    assert store.phone.sync(post).healed == []
    assert store.held("PK") == store.memory.held("PK")
    assert store.digest("PK") == store.memory.digest("PK")


def test_law_03_a_phone_s_own_actions_go_up_once_and_again_where_they_were_lost(
    tmp_path: Path,
) -> None:
    store = PhoneStore(tmp_path, PAGE)
    centre, post = store.memory.centre, store.memory.centre.post
    own = [store.record("HV", f"my own {number}") for number in range(PAGE + 1)]
    for _ in range(2):
        store.phone.sync(post)
        assert store.held("HV") == store.memory.held("HV")
        assert [line for _, line in store.memory.held("HV")] == own
    stream = centre.streams[store.phone.phone.meta["epoch"]]
    del stream.lines[2:], stream.hashes[3:], centre.items["HV"][2 - len(own) :]
    own.append(store.record("HV", "after the loss"))
    store.phone.sync(post)
    assert [line for _, line in store.memory.held("HV")] == own
    assert store.digest("HV") == store.memory.digest("HV") == sums(store.held("HV"))


def test_law_03_a_phone_restored_from_a_backup_parts_and_nothing_is_lost(tmp_path: Path) -> None:
    store = PhoneStore(tmp_path, PAGE)
    post = store.memory.centre.post
    store.record("HV", "both")
    store.phone.sync(post)
    kept = store.backup()
    store.record("HV", "only the first")
    store.phone.sync(post)
    store.restore(kept)
    store.record("HV", "only the second")
    store.phone.sync(post)
    texts = [read_line(epoch, line).body["text"] for epoch, line in store.memory.held("HV")]
    assert sorted(map(str, texts)) == ["both", "only the first", "only the second"]
    assert store.held("HV") == store.memory.held("HV")
    assert store.digest("HV") == store.memory.digest("HV") == sums(store.held("HV"))


class History(RuleBasedStateMachine):
    """A store beside memory: whatever happens, they say and hold the same."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.memory = store.memory if isinstance(store, PhoneStore) else PaperStore()
        self.devices: list[Device] = []
        for _ in range(2):
            device = store.writer()
            self.memory.admit(device)
            self.devices.append(device)

    @rule(
        which=st.integers(0, 1),
        project=st.sampled_from(["HV", "PK"]),
        kind=st.sampled_from(["note", "note", POISON]),
        text=st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    )
    def act(self, which: int, project: str, kind: str, text: str) -> None:
        self.devices[which].act(kind, project=project, body={"text": text})

    @rule(which=st.integers(0, 1), first=st.integers(1, 9), length=st.integers(0, 9))
    def push(self, which: int, first: int, length: int) -> None:
        device = self.devices[which]
        first = min(first, len(device.lines) + 1)
        push = device.push(first, min(first - 1 + length, len(device.lines)))
        told = self.store.take(push)
        if not isinstance(self.store, PhoneStore):
            assert told == self.memory.take(push)

    @rule(which=st.integers(0, 1), keep=st.integers(0, 9))
    def part(self, which: int, keep: int) -> None:
        device = self.devices[which]
        self.devices[which] = parted(device, min(keep, len(device.lines)), add=1)

    @rule(after=st.integers(0, 9), rows=st.integers(1, 4))
    def feed(self, after: int, rows: int) -> None:
        if isinstance(self.store, CentreStore):
            after = min(after, self.memory.digest("HV")[0])
            assert self.store.feed("HV", after, rows) == self.memory.feed("HV", after, rows)

    @invariant()
    def they_hold_the_same(self) -> None:
        for project in ("HV", "PK"):
            held = self.store.held(project)
            assert held == self.memory.held(project)
            assert self.store.digest(project) == self.memory.digest(project) == sums(held)


@pytest.mark.parametrize("kind", ["phone", *DATABASES])
def test_law_05_any_history_leaves_the_store_as_it_leaves_memory(make: Make, kind: str) -> None:
    class Beside(History):
        def __init__(self) -> None:
            super().__init__(make(kind))

    few = settings(max_examples=HISTORIES, stateful_step_count=STEPS)
    run_state_machine_as_test(Beside, settings=few)
