"""One action that several copies of a phone bring counts once, whatever comes first (law 3)."""

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from radar_server.centre import Centre
from radar_server.database import migrate, open_engine
from radar_server.ingest import Stored
from radar_server.prepared import Pushed
from radar_server.quarantine import Word, decide
from radar_server.storing import store_pushes
from tests.contract.centre_parts import (
    Clock,
    Device,
    Phone,
    digest_of,
    held,
    new_centre,
    new_device,
    quarantined,
)
from tests.contract.test_centre_group import pushed
from tests.contract.test_centre_quarantine import BAD_LINES
from tests.contract.test_healing import be_a_copy, copy_of, own_texts, texts

ROUNDS = 10
HERE = "E000000000000"
"""The epoch in which the action was recorded."""
TWIN = "already_held"


def moved(device: Device, epoch: str, was: str, **changes: object) -> Device:
    """Return a copy of a phone that moved the first action of `device` to an epoch of its own."""
    line = json.dumps(json.loads(device.lines[0]) | {"was": was} | changes, separators=(",", ":"))
    return replace(device, epoch=epoch, lines=[line])


def original(centre: Centre) -> Device:
    device = new_device(centre)
    device.epoch = HERE
    device.act(body={"text": "once"})
    return device


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0)])
def test_the_first_counts_and_the_others_are_kept_aside(
    centre: Centre, client: httpx.Client, order: Sequence[int]
) -> None:
    first = original(centre)
    copies = [first, *(moved(first, f"E{n}", f"{HERE}.1") for n in (2, 3))]
    answers = [copies[at].sync(client) for at in order]
    assert [(epoch, seq) for epoch, seq, _ in held(centre)] == [(copies[order[0]].epoch, 1)]
    assert [q.code for answer in answers for q in answer.quarantined] == [TWIN] * 2
    assert [one.verdict for answer in answers for one in answer.decided] == ["rejected"] * 2
    assert [answer.receipt.seq for answer in answers] == [1, 1, 1], "nobody is held up"
    digest_of(centre, "HV")
    for at in order:
        again = copies[at].sync(client)
        assert [q.code for q in again.quarantined] == ([] if at == order[0] else [TWIN])
    assert len(held(centre)) == 1


def test_twins_that_come_at_the_same_time_count_once(centre: Centre) -> None:
    first = original(centre)
    copies = [moved(first, "E3", f"{HERE}.1"), first, moved(first, "E2", f"{HERE}.1")]
    store_pushes(centre, [pushed(centre, one) for one in copies])
    assert len(held(centre)) == 1
    assert quarantined(centre) == [(1, TWIN, "HV")] * 2
    digest_of(centre, "HV")


@pytest.mark.parametrize("known", [True, False], ids=["epoch held", "epoch not held"])
def test_twins_that_two_processes_take_in_at_once_count_once(db: str, *, known: bool) -> None:
    """Several centres on one database are several processes."""
    engine = open_engine(db)
    migrate(engine)
    centre = new_centre(engine, Clock())
    others = [replace(centre, engine=open_engine(db)) for _ in range(2)]
    meet = threading.Barrier(2)

    def store(at: int, push: Pushed) -> None:
        meet.wait()
        (outcome,) = store_pushes(others[at], [push])
        assert isinstance(outcome, Stored), outcome

    for number in range(ROUNDS):
        first = new_device(centre)
        first.act(body={"text": "before"})
        if known:
            store_pushes(centre, [pushed(centre, first)])
        first.act(body={"text": "once"})
        last = replace(first, epoch=first.epoch, lines=first.lines[1:])
        copies = [moved(last, f"E{number}-{n}", f"{first.epoch}.2", seq=1) for n in range(2)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(store, range(2), [pushed(centre, copy) for copy in copies]))
    assert len(held(centre)) == ROUNDS * (1 + known)
    assert quarantined(centre) == [(1, TWIN, "HV")] * ROUNDS
    digest_of(centre, "HV")
    for one in (centre, *others):
        one.engine.dispose()


def test_a_twin_of_what_lies_in_quarantine_is_not_asked_about_again(
    centre: Centre, client: httpx.Client
) -> None:
    first = new_device(centre)
    first.epoch = HERE
    first.act(kind="teleport")
    first.sync(client)
    moved(first, "E2", f"{HERE}.1").sync(client)
    assert [code for _, code, _ in quarantined(centre)] == ["unknown_kind", TWIN]
    told = decide(centre, "E2.1", Word("released"))
    assert (told["already"], told["verdict"]) == (True, "rejected")


@pytest.mark.parametrize(
    "changes",
    [{"body": {"text": "another"}}, {"hlc": "f" * 16}, {"mono_ms": 1}],
    ids=str,
)
def test_what_says_something_else_is_no_twin(
    centre: Centre, client: httpx.Client, changes: dict[str, object]
) -> None:
    first = original(centre)
    first.sync(client)
    moved(first, "E2", f"{HERE}.1", **changes).sync(client)
    assert (len(held(centre)), quarantined(centre)) == (2, [])


@pytest.mark.parametrize(
    "was",
    [
        "",
        "1",
        f"{HERE}.",
        f"{HERE}.2",
        f"{HERE}.-1",
        f"{HERE}.{9**30}",
        f"{'E' * 9000}.1",
        f"{HERE}.{2**63}",
        "E9.1",
        "\0.1",
        7,
        None,
    ],
)
def test_a_word_that_names_no_such_place_makes_no_twin(
    centre: Centre, client: httpx.Client, was: str
) -> None:
    first = original(centre)
    first.sync(client)
    moved(first, "E2", was).sync(client)
    assert (len(held(centre)), quarantined(centre)) == (2, [])


@pytest.mark.parametrize("name", BAD_LINES)
def test_law_04_a_moved_line_that_cannot_be_read_blocks_nothing(
    centre: Centre, client: httpx.Client, name: str
) -> None:
    device = original(centre)
    bad = BAD_LINES[name]
    told = bad.removesuffix("}") + f',"was":"{HERE}.1"' + "}"
    device.lines.append(told)
    device.act()
    assert device.sync(client).receipt.seq == 3
    assert len(held(centre)) == 2
    assert [code for _, code, _ in quarantined(centre)] == ["not_an_action"]


def test_nobody_can_keep_aside_what_another_phone_recorded(
    centre: Centre, client: httpx.Client
) -> None:
    mine, other = original(centre), new_device(centre)
    thief = replace(other, epoch="E2", lines=moved(mine, "E2", f"{HERE}.1").lines)
    thief.sync(client)
    mine.sync(client)
    assert (len(held(centre)), quarantined(centre)) == (2, [])


def test_three_copies_of_a_phone_bring_what_they_share_once(
    centre: Centre, client: httpx.Client, tmp_path: Path
) -> None:
    one, colleague = Phone(centre, client, tmp_path), Phone(centre, client, tmp_path, "G2")
    one.record(text="common")
    one.sync()
    before = copy_of(one, tmp_path).read_bytes()
    one.record(text="shared, unsent")
    shared = copy_of(one, tmp_path).read_bytes()
    copies = [Phone(centre, client, tmp_path) for _ in range(3)]
    backup = tmp_path / "backup.db"
    for number, (copy, state) in enumerate(zip(copies, (before, shared, shared), strict=True)):
        backup.write_bytes(state)
        be_a_copy(copy, one, backup)
        copy.record(text=f"alone {number}")
    everything = sorted(["common", "shared, unsent", *(f"alone {n}" for n in range(3))])
    for copy in copies * 2:
        report = copy.sync()
        assert not report.healed
    assert texts(centre) == everything
    assert quarantined(centre) == [(1, TWIN, "HV")]
    colleague.sync()
    assert own_texts(colleague) == everything
    for copy in copies:
        copy.sync()
        states = copy.journal.connection.execute("SELECT code, state FROM quarantine").fetchall()
        assert states == ([(TWIN, "rejected")] if copy is copies[2] else [])
        told = copy.sync()
        assert (told.round_trips, told.sent, told.received) == (1, 0, 0)
    digest_of(centre, "HV")
