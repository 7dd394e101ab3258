"""Pushes that wait go in together: each as if it had come alone, whatever comes beside it."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from sqlalchemy.exc import DBAPIError

from radar_server.centre import Centre
from radar_server.database import is_clash, reading, writing
from radar_server.devices import read_device
from radar_server.ingest import Outcome, Stored, ingest_all
from radar_server.prepared import Pushed, prepare
from radar_server.storing import store_pushes
from radar_server.streams import Fork, Gap, page_of
from radar_server.writer import GROUP_LINES_MAX, GROUP_PUSHES_MAX, Writer
from tests.contract.centre_parts import (
    Device,
    digest_of,
    held,
    import_records,
    new_device,
    person,
    quarantined,
    site_book,
)


def pushed(centre: Centre, device: Device, first: int = 1, last: int | None = None) -> Pushed:
    """Return a push as the writer gets it: authenticated and read."""
    with reading(centre.engine) as connection:
        known = read_device(connection, device.id)
    assert known is not None
    return prepare(known, page_of(device.push(first, last)))


def acting(centre: Centre, staff: str = "G1", count: int = 2) -> Device:
    device = new_device(centre, staff)
    for _ in range(count):
        device.act(body={"task": "HV-R1@20260302-0800"})
    return device


def in_groups(centre: Centre, pushes: Sequence[Pushed]) -> tuple[list[Outcome | Exception], int]:
    """Give pushes to one writer at once; return their outcomes, and how many groups it made."""
    outcomes: list[Outcome | Exception] = [Gap(0)] * len(pushes)
    groups = 0

    async def store_all(some: Sequence[Pushed]) -> list[Outcome | Exception]:
        nonlocal groups
        groups += 1
        return await anyio.to_thread.run_sync(lambda: store_pushes(centre, some))

    async def all_at_once() -> None:
        writer = Writer(store_all)

        async def one(at: int) -> None:
            outcomes[at] = await writer.store(pushes[at])

        async with anyio.create_task_group() as tasks:
            for at in range(len(pushes)):
                tasks.start_soon(one, at)

    anyio.run(all_at_once)
    return outcomes, groups


def test_pushes_of_many_phones_go_in_with_few_commits(centre: Centre) -> None:
    devices = [acting(centre, staff) for staff in ("G1", "G2", "G3") * 4]
    outcomes, groups = in_groups(centre, [pushed(centre, device) for device in devices])
    assert outcomes == [Stored(2, 0)] * 12
    assert groups <= 2
    assert len(held(centre)) == 24
    digest_of(centre, "HV")


def test_law_04_what_does_not_fit_or_is_bad_spoils_nothing_beside_it(centre: Centre) -> None:
    good, gapped, forked, bad, again = (acting(centre) for _ in range(5))
    bad.act(project="PK")
    bad.act()
    store_pushes(centre, [pushed(centre, forked), pushed(centre, again)])
    other = replace(forked, epoch=forked.epoch, lines=forked.lines[:1])
    other.act(body={"text": "the other way"})
    pushes = [pushed(centre, one) for one in (good, other, bad, again)]
    pushes.insert(1, pushed(centre, gapped, 2))
    outcomes = store_pushes(centre, pushes)
    assert outcomes == [Stored(2, 0), Gap(1), Fork(1), Stored(3, 1), Stored(0, 0)]
    assert quarantined(centre) == [(3, "out_of_scope", "PK")]
    counts = Counter(epoch for epoch, _, _ in held(centre))
    assert counts == {good.epoch: 2, forked.epoch: 2, again.epoch: 2, bad.epoch: 3}
    digest_of(centre, "HV")


def test_law_03_exactly_once_when_pushes_of_one_epoch_meet_in_a_group(centre: Centre) -> None:
    device, beside = acting(centre, count=4), acting(centre, "G2")
    pushes = [
        pushed(centre, device, 1, 2),
        pushed(centre, device, 1, 3),
        pushed(centre, beside),
        pushed(centre, device, 3, 4),
        pushed(centre, device, 1, 2),
    ]
    outcomes, _ = in_groups(centre, pushes)
    assert outcomes[:3] == [Stored(2, 0), Stored(1, 0), Stored(2, 0)]
    assert outcomes[3:] == [Stored(1, 0), Stored(0, 0)]
    assert [seq for epoch, seq, _ in held(centre) if epoch == device.epoch] == [1, 2, 3, 4]


def test_two_epochs_of_one_device_fit_into_one_group(centre: Centre) -> None:
    device = acting(centre)
    later = replace(device, epoch="ELATER", lines=[])
    later.act()
    assert store_pushes(centre, [pushed(centre, device), pushed(centre, later)]) == [
        Stored(2, 0),
        Stored(1, 0),
    ]


def test_a_group_is_the_same_as_one_after_the_other(centre: Centre) -> None:
    import_records(centre, [*site_book(), *person("G4", "guard", "PK")])
    there, beside = acting(centre, "G4"), acting(centre, "G1")
    there.lines.clear()
    for kind in ("start", "note", "complete"):
        there.act(kind, project="PK", body={"task": "PK-C1@20260302-0900"})
    beside.act("bind_tag", subject="X1", body={"tag": "X1", "place": "HV-P2"})
    beside.act("bind_tag", subject="X2", body={"tag": "X2", "place": "NOWHERE"})
    assert store_pushes(centre, [pushed(centre, there), pushed(centre, beside)]) == [
        Stored(3, 0),
        Stored(3, 1),
    ]
    assert quarantined(centre) == [(4, "unknown_place", "HV")]
    for name in ("HV", "PK"):
        digest_of(centre, name)


def test_a_push_that_breaks_the_group_fails_alone(centre: Centre) -> None:
    good, broken, other = acting(centre), acting(centre), acting(centre)
    # Row by row everything fits, but this one's action stands in the table already.
    alone = pushed(centre, broken)
    with writing(centre.engine) as connection:
        ingest_all(connection, [alone], centre.now_ms())
        connection.exec_driver_sql(f"DELETE FROM stream WHERE epoch = '{broken.epoch}'")
    outcomes = store_pushes(centre, [pushed(centre, one) for one in (good, broken, other)])
    assert outcomes[0] == outcomes[2] == Stored(2, 0)
    assert isinstance(outcomes[1], DBAPIError)
    assert len(held(centre)) == 6
    digest_of(centre, "HV")


def test_a_writer_whose_leader_is_stopped_stores_the_others(centre: Centre) -> None:
    first, second = pushed(centre, acting(centre)), pushed(centre, acting(centre))
    told: list[Outcome | Exception] = []
    begun = 0

    async def store_all(some: Sequence[Pushed]) -> list[Outcome | Exception]:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise anyio.get_cancelled_exc_class()
        return store_pushes(centre, some)

    async def both() -> None:
        writer = Writer(store_all)

        async def one(push: Pushed) -> None:
            told.append(await writer.store(push))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one, first)
            tasks.start_soon(one, second)

    anyio.run(both)
    assert told == [Stored(2, 0)]
    assert len(held(centre)) == 2


@pytest.mark.parametrize("centre", ["postgresql"], indirect=True)
def test_groups_of_two_processes_do_not_stop_each_other_for_good(centre: Centre) -> None:
    """Two writers with the same phones, projects and tasks, in opposite orders, many times over."""
    devices = [acting(centre, staff, 12) for staff in ("G1", "G2", "G3") * 2]
    failed: list[Outcome | Exception] = []

    def write(order: Sequence[Device]) -> None:
        for last in range(1, 13):
            group = [pushed(centre, device, 1, last) for device in order]
            failed.extend(o for o in store_pushes(centre, group) if not isinstance(o, Stored))

    writers = [threading.Thread(target=write, args=(order,)) for order in (devices, devices[::-1])]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    assert len(held(centre)) == 12 * len(devices)
    digest_of(centre, "HV")


@pytest.mark.parametrize("centre", ["postgresql"], indirect=True)
def test_what_a_deadlock_undid_is_done_again(centre: Centre) -> None:
    device = acting(centre)
    push = pushed(centre, device)
    meet = threading.Barrier(2)
    clashed: list[bool] = []

    def locks(first: str, second: str) -> None:
        try:
            with writing(centre.engine) as connection:
                take = "SELECT 1 FROM head WHERE project = '{}' FOR UPDATE"
                connection.exec_driver_sql(take.format(first))
                meet.wait()
                connection.exec_driver_sql(take.format(second))
                ingest_all(connection, [push], centre.now_ms())
        except DBAPIError as error:
            clashed.append(is_clash(error))

    others = [threading.Thread(target=locks, args=pair) for pair in (("HV", "PK"), ("PK", "HV"))]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert clashed == [True]
    assert store_pushes(centre, [push]) == [Stored(0, 0)]


def test_a_group_is_bounded(centre: Centre) -> None:
    sizes: list[int] = []

    async def store_all(some: Sequence[Pushed]) -> list[Outcome | Exception]:
        sizes.append(len(some))
        await anyio.lowlevel.checkpoint()
        return [Stored(0, 0) for _ in some]

    device = acting(centre)
    small = pushed(centre, device).page
    known = pushed(centre, device).device
    pushes = []
    for number in range(2 * GROUP_PUSHES_MAX):
        push = replace(device, epoch=f"E{number}", lines=device.lines[:1]).push()
        pushes.append(prepare(known, page_of(push)))
    assert len(small.push.lines) < GROUP_LINES_MAX

    async def all_at_once() -> None:
        writer = Writer(store_all)
        async with anyio.create_task_group() as tasks:
            for push in pushes:
                tasks.start_soon(partial(writer.store, push))

    anyio.run(all_at_once)
    assert sum(sizes) == len(pushes)
    assert max(sizes) <= GROUP_PUSHES_MAX
    assert len(sizes) <= 4
