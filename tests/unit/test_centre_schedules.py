"""The centre and a phone make the very same task of a schedule, by its window or by its id."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from radar_core.schedules import Parts, starts, task_of_id, tasks_of
from radar_server.plans import Plan

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York")]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def day(year: int, month: int, number: int) -> datetime:
    """Return a local midnight."""
    return datetime(year, month, number)  # noqa: DTZ001 - local by design


rules = st.builds(
    lambda freq, interval, by: f"FREQ={freq};INTERVAL={interval}{by}",
    st.sampled_from(["HOURLY", "DAILY", "WEEKLY", "MONTHLY"]),
    st.integers(1, 5),
    st.one_of(
        st.just(""),
        st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(
            lambda days: ";BYDAY=" + ",".join(days)
        ),
        st.lists(st.sampled_from(DAYS), min_size=2, unique=True).map(
            lambda days: ";BYDAY=" + ",".join(days) + ";BYSETPOS=1"
        ),
        st.lists(st.integers(0, 23), min_size=1, unique=True).map(
            lambda hours: ";BYHOUR=" + ",".join(map(str, hours))
        ),
        st.sampled_from([";COUNT=40", ";UNTIL=20260601T000000", ";BYMONTH=3,10", ";WKST=SU"]),
    ),
)
moments = st.datetimes(day(2025, 1, 1), day(2025, 12, 31)).map(
    lambda at: at.replace(minute=0, second=0, microsecond=0)
)
nows = st.datetimes(day(2025, 6, 1), day(2027, 6, 1), timezones=st.just(UTC))


def schedule(rule: str, start: datetime, duration_min: int) -> dict[str, Any]:
    return {
        "kind": "patrol",
        "title": "Round",
        "rrule": rule,
        "start": f"{start:%Y-%m-%dT%H:%M}",
        "duration_min": duration_min,
    }


@given(rules, moments, nows, st.sampled_from(ZONES), st.sampled_from([30, 600, 3000]))
def test_looking_from_near_finds_what_looking_from_the_beginning_finds(
    rule: str, start: datetime, now: datetime, zone: ZoneInfo, duration_min: int
) -> None:
    window = (now, now + timedelta(days=3))
    beginning = start.replace(tzinfo=zone)
    try:
        expected = list(_from_the_beginning(rule, beginning, window, duration_min))
    except ValueError:
        with pytest.raises(ValueError, match="empty set"):
            list(starts(schedule(rule, start, duration_min), zone, *window))
        return
    found = starts(schedule(rule, start, duration_min), zone, *window)
    assert [at.astimezone(UTC) for at in found] == expected


def _from_the_beginning(
    rule: str, start: datetime, window: tuple[datetime, datetime], duration_min: int
) -> Iterator[datetime]:
    length, around = timedelta(minutes=duration_min), timedelta(days=2)
    since, until = (at.replace(tzinfo=None) for at in window)
    every = rrulestr(rule, dtstart=start.replace(tzinfo=None))
    seen: set[datetime] = set()
    for naive in every.between(since - length - around, until + around, inc=True):
        at = naive.replace(tzinfo=start.tzinfo).astimezone(UTC)
        if at + length >= window[0] and at <= window[1] and at not in seen:
            seen.add(at)
            yield at


@given(rules, moments, nows, st.sampled_from(ZONES))
def test_a_task_is_known_again_by_its_id(
    rule: str, start: datetime, now: datetime, zone: ZoneInfo
) -> None:
    body = schedule(rule, start, 90)
    window = (now, now + timedelta(days=3))
    try:
        made = list(tasks_of("R1", body, ("HV", zone), window, Parts()))
    except ValueError:
        made = []
    for task in made:
        again = task_of_id(task.id, body, ("HV", zone), Parts())
        assert again is not None
        assert again.body() == task.body()


@pytest.mark.parametrize(
    "name",
    [
        "", "R1", "R1@", "R1@20260302-0801", "R1@20260302-0800x",
        "R1@20260302-0800b", "R1@2026032-0800", "R1@20261301-0800", "R1@20251231-0800",
        "R1@00010101-0000", "R1@99991231-2359b", "R1@20260302-08:00",
    ],
)  # fmt: skip
def test_an_id_that_the_schedule_never_makes_is_no_task(name: str) -> None:
    body = schedule("FREQ=DAILY", day(2026, 1, 1) + timedelta(hours=8), 60)
    assert task_of_id("R1@20260302-0800", body, ("HV", ZONES[0]), Parts()) is not None
    assert task_of_id(name, body, ("HV", ZONES[0]), Parts()) is None


@given(st.lists(rules, min_size=1, max_size=2), moments, nows, st.sampled_from(ZONES), st.randoms())
def test_tasks_named_together_are_those_named_one_by_one(
    told: list[str],
    start: datetime,
    now: datetime,
    zone: ZoneInfo,
    chance: Random,
) -> None:
    bodies = {f"R{number}": schedule(rule, start, 90) for number, rule in enumerate(told)}
    plan = Plan("HV", zone, bodies, Parts())
    near = [task for name in bodies for task in plan.tasks(name, now, now + timedelta(days=70))]
    ids = [task.id for task in chance.sample(near, min(len(near), 12))]
    ids += ["R0@", "R0@20260302-0801x", "R0@99991231-2359", "R9@20260302-0800", "R0@00010101-0000b"]
    one_by_one = {id_: task.body() for id_ in ids if (task := plan.task(id_)) is not None}
    assert {id_: task.body() for id_, task in plan.named(ids).items()} == one_by_one
