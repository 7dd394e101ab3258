"""Law 10 at the centre: the grade of each action, and the anchors that are kept."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from radar_server.centre import Centre
from radar_server.database import reading
from sync.protocol import Clock
from tests.contract.centre_parts import DAY_MS, HOUR_MS, START_MS, Device, Phone, new_device

SECOND_MS = 1000


@pytest.fixture
def device(centre: Centre) -> Device:
    """Give a device that recorded one action an hour ago."""
    made = new_device(centre)
    made.act(at_ms=START_MS - HOUR_MS)
    return made


def rows(centre: Centre, table: str, *names: str) -> list[tuple[object, ...]]:
    columns = SQLModel.metadata.tables[table].columns
    with reading(centre.engine) as connection:
        return sorted(map(tuple, connection.execute(select(*(columns[name] for name in names)))))


def grades(centre: Centre) -> list[tuple[object, ...]]:
    return rows(centre, "action", "seq", "grade", "at_ms", "error_ms")


def test_law_10_honest_time_an_action_is_dated_by_the_request_that_brings_it(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    device.sync(client, clock=Clock("boot", DAY_MS))
    assert grades(centre) == [(1, "anchored", START_MS - HOUR_MS, 60_002 + 361)]
    kept = [(device.id, "boot", DAY_MS, START_MS, 60_002)]
    assert rows(centre, "anchor", "device", "boot", "mono_ms", "at_ms", "error_ms") == kept


def test_what_the_phone_learnt_at_its_last_answer_dates_it_better(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    last = (DAY_MS - SECOND_MS, DAY_MS - SECOND_MS + 80, START_MS - SECOND_MS + 40)
    device.sync(client, clock=Clock("boot", DAY_MS, last))
    assert grades(centre) == [(1, "anchored", START_MS - HOUR_MS, 42 + 359 + 1)]


def test_an_earlier_anchor_of_the_boot_serves_a_request_that_has_none(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    last = (DAY_MS - SECOND_MS, DAY_MS - SECOND_MS + 80, START_MS - SECOND_MS + 40)
    device.sync(client, clock=Clock("boot", DAY_MS, last))
    device.act(at_ms=START_MS)
    device.sync(client, first=2, clock=Clock("boot", DAY_MS))
    assert grades(centre)[1] == (2, "anchored", START_MS, 42 + 1)


@pytest.mark.parametrize("told", [None, Clock("another", 5), Clock("", DAY_MS), Clock("\0", 1)])
def test_an_action_of_another_boot_is_dated_by_its_own_wall_alone(
    centre: Centre, client: httpx.Client, device: Device, told: Clock | None
) -> None:
    device.sync(client, clock=told)
    assert grades(centre) == [(1, "unanchored", START_MS - HOUR_MS, -1)]


def test_law_10_honest_time_a_clock_that_was_set_is_told(
    centre: Centre, client: httpx.Client
) -> None:
    device = new_device(centre)
    device.act(at_ms=START_MS)
    device.lines[0] = device.lines[0].replace("T08:00:00", "T05:00:00")
    device.sync(client, clock=Clock("boot", DAY_MS))
    assert grades(centre) == [(1, "moved", START_MS, 60_003)]


HUGE = 2**63 - 1


ABSURD = [
    Clock("boot", HUGE),
    Clock("boot", HUGE, (0, HUGE, HUGE)),
    Clock("boot", HUGE, (HUGE, HUGE, 0)),
    Clock("boot", 0),
]


@pytest.mark.parametrize("told", ABSURD)
def test_no_clock_however_absurd_refuses_an_action(
    centre: Centre, client: httpx.Client, device: Device, told: Clock
) -> None:
    device.lines[0] = device.lines[0].replace("2026-03-02T", "soon, ")
    for seq in (2, 3):
        device.act()
        device.sync(client, first=1, last=seq, clock=told)
    assert [seq for seq, *_ in grades(centre)] == [1, 2, 3]


def test_a_real_phone_s_actions_are_anchored(
    centre: Centre, client: httpx.Client, tmp_path: Path
) -> None:
    phone = Phone(centre, client, tmp_path)
    phone.record()
    phone.sync()
    phone.record()
    phone.sync()
    told = [(grade, at_ms, error) for _, grade, at_ms, error in grades(centre)]
    assert told == [("anchored", START_MS, 60_003), ("anchored", START_MS, 3)]
