"""Occurrences by completion and by meter, against oracles that look at every day and reading."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar_core.meters import Reading
from radar_core.repeating import Repeating, finished_s, number_of
from radar_core.schedules import Parts
from radar_core.tasks import Progress, Task

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/St_Johns")]
LONG_MONTHS = {
    1: 31,
    2: 28,
    3: 31,
    4: 30,
    5: 31,
    6: 30,
    7: 31,
    8: 31,
    9: 30,
    10: 31,
    11: 30,
    12: 31,
}


def floating(rule: str, **more: object) -> dict[str, object]:
    return {
        "repeat": "floating", "kind": "maintenance", "title": "T", "role": "engineer",
        "start": "2026-01-31T09:00", "duration_min": 60, "rrule": rule, **more,
    }  # fmt: skip


def done(at: datetime, state: str = "completed") -> Progress:
    progress = Progress()
    progress.state, progress.at_s = state, int(at.timestamp())
    return progress


def start(
    schedule: dict[str, object],
    zone: ZoneInfo,
    after: str = "",
    calendars: dict[str, dict[str, object]] | None = None,
) -> str:
    """Return when #1 starts, or #2 where #1 was finished `after`, a local time."""
    parts = Parts(calendars=dict(calendars or {}))
    repeating = Repeating("S", schedule, "HV", zone, parts)
    before = done(datetime.fromisoformat(after).replace(tzinfo=zone)) if after else None
    task = repeating.task(2 if after else 1, before, None)
    return local(task, zone) if task is not None else ""


def local(task: Task, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(task.due_from, zone):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("rule", "finished", "expected"),
    [
        ("FREQ=MONTHLY", "", "2026-01-31T09:00"),
        ("FREQ=MONTHLY", "2026-03-10T16:30", "2026-04-10T09:00"),
        ("FREQ=MONTHLY", "2026-01-31T10:00", "2026-02-28T09:00"),
        ("FREQ=MONTHLY", "2026-03-30T10:00", "2026-04-30T09:00"),
        ("FREQ=YEARLY", "2028-02-29T10:00", "2029-02-28T09:00"),
        ("FREQ=DAILY;INTERVAL=30", "2026-03-10T08:00", "2026-04-09T09:00"),
        ("FREQ=DAILY", "2025-06-01T12:00", "2025-06-02T09:00"),
        ("FREQ=WEEKLY;BYDAY=MO", "2026-03-11T10:00", "2026-03-16T09:00"),
        ("FREQ=DAILY;BYHOUR=8,20", "2026-03-11T10:00", "2026-03-11T20:00"),
        ("FREQ=HOURLY;INTERVAL=4", "2026-03-11T14:00", "2026-03-11T17:00"),
        ("FREQ=DAILY;COUNT=1", "2026-03-11T10:00", ""),
        ("FREQ=DAILY;COUNT=2", "2026-03-11T10:00", "2026-03-12T09:00"),
        ("FREQ=DAILY;UNTIL=20260311T235959", "2026-03-11T10:00", ""),
        ("FREQ=DAILY;UNTIL=20250101T000000", "", ""),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "", ""),
        ("nonsense", "", ""),
    ],
)
def test_a_floating_occurrence_is_counted_from_the_day_on_which_the_last_was_finished(
    rule: str, finished: str, expected: str
) -> None:
    for zone in ZONES:
        assert start(floating(rule), zone, finished) == expected


def test_an_interval_that_never_meets_the_rules_days_does_not_count() -> None:
    rule = "FREQ=DAILY;INTERVAL=7;BYDAY=MO"
    assert start(floating(rule), ZONES[0], "2026-03-09T10:00") == "2026-03-16T09:00"
    assert start(floating(rule), ZONES[0], "2026-03-11T10:00") == "2026-03-16T09:00"


def test_what_falls_on_a_holiday_or_out_of_season_is_put_off() -> None:
    schedule = floating("FREQ=MONTHLY", calendar="CN", exdates=["2026-04-12T09:00"])
    schedule["seasons"] = ["03-01..09-30"]
    calendars: dict[str, dict[str, object]] = {"CN": {"dates": ["2026-04-10", "2026-04-11"]}}
    zone = ZONES[0]
    assert start(schedule, zone, "2026-03-10T12:00", calendars) == "2026-04-13T09:00"
    assert start(schedule, zone, "2026-09-20T12:00", calendars) == "2027-03-01T09:00"
    assert start(schedule, zone, "", calendars) == "2026-03-01T09:00"


def test_a_start_keeps_its_local_time_where_clocks_change() -> None:
    berlin = ZONES[1]
    daily = floating("FREQ=DAILY")
    assert start(daily, berlin, "2026-03-28T12:00") == "2026-03-29T09:00"
    assert start(daily, berlin, "2026-10-24T12:00") == "2026-10-25T09:00"
    night = floating("FREQ=DAILY", start="2026-01-31T02:30")
    assert start(night, berlin, "2026-03-28T12:00") == "2026-03-29T03:30"


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.integers(0, 24 * 60 - 1),
    st.sampled_from(ZONES),
    st.integers(1, 40),
)
def test_days_and_months_after_completion_as_counted_on_fingers(
    day: date, minute: int, zone: ZoneInfo, interval: int
) -> None:
    after = f"{day}T{minute // 60:02}:{minute % 60:02}"
    daily = start(floating(f"FREQ=DAILY;INTERVAL={interval}"), zone, after)
    assert daily == f"{day + timedelta(days=interval)}T09:00"
    monthly = start(floating(f"FREQ=MONTHLY;INTERVAL={interval}"), zone, after)
    years, month = divmod(day.month - 1 + interval, 12)
    year, month = day.year + years, month + 1
    leap = month == 2 and year % 4 == 0
    last = LONG_MONTHS[month] + leap
    assert monthly == f"{year}-{month:02}-{min(day.day, last):02}T09:00"


readings = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 40), st.sampled_from(["", "S#1", "S#2"])),
    max_size=12,
)


def _readings(drawn: list[tuple[int, int, str]]) -> list[Reading]:
    found: list[Reading] = []
    used = 0
    for day, more, task in drawn:
        used += more
        found.append(Reading(day * 86400 + 1_800_000_000, more, used, task))
    return found


@given(readings, st.integers(0, 30), st.integers(1, 60), st.integers(1, 3))
def test_by_a_meter_the_first_reading_asks_that_is_so_far_on_from_the_last_service(
    drawn: list[tuple[int, int, str]], day: int, every: int, number: int
) -> None:
    schedule = floating("", repeat="meter", every=every)
    found, done_s = _readings(drawn), day * 86400 + 1_800_000_000
    at = datetime.fromtimestamp(done_s, UTC)
    task = Repeating("S", schedule, "HV", ZONES[0], Parts(), found).task(
        number, done(at) if number > 1 else None, None
    )
    base, rest = 0, found
    if number > 1:
        before = [
            n for n, one in enumerate(found) if one.at_s <= done_s or one.task == f"S#{number - 1}"
        ]
        base = max(before, default=0)
        rest = found[max(before, default=-1) + 1 :]
    asking = [one.at_s for one in rest if one.used >= found[base].used + every]
    assert (task.due_from if task else None) == (asking[0] if asking else None)


def test_beyond_a_threshold_each_later_reading_asks_once_the_last_was_served() -> None:
    drawn = [(1, 15, ""), (2, 25, ""), (3, 30, ""), (4, 10, ""), (6, 22, "")]
    schedule = floating("", repeat="meter", above=20)
    repeating = Repeating("S", schedule, "HV", ZONES[0], Parts(), _readings(drawn))
    base = 1_800_000_000

    def day_of(number: int, done_day: int | None) -> int | None:
        at = (
            None if done_day is None else done(datetime.fromtimestamp(base + done_day * 86400, UTC))
        )
        task = repeating.task(number, at, None)
        return None if task is None else (task.due_from - base) // 86400

    assert day_of(1, None) == 2
    assert day_of(2, 2) == 3
    assert day_of(2, 3) == 6
    assert day_of(3, 6) is None


def test_a_meters_work_begins_no_earlier_than_its_schedule() -> None:
    schedule = floating("", repeat="meter", below=5, start="2027-06-01T08:00")
    repeating = Repeating(
        "S", schedule, "HV", ZONES[0], Parts(), [Reading(1_800_000_000, 3, 0, "")]
    )
    task = repeating.task(1, None, None)
    assert task is not None
    assert local(task, ZONES[0]) == "2027-06-01T08:00"


def test_what_somebody_began_stays_and_starts_with_their_first_action() -> None:
    repeating = Repeating("S", floating("FREQ=DAILY"), "HV", ZONES[0], Parts())
    assert repeating.task(2, None, None) is None
    assert repeating.task(2, Progress(), None) is None
    task = repeating.task(2, Progress(), 1_800_000_000)
    assert task is not None
    assert (task.id, task.due_from, task.due_to) == ("S#2", 1_800_000_000, 1_800_003_600)
    assert task.is_open_ended


@pytest.mark.parametrize(
    "id_", ["S", "S#", "#1", "S#0", "S#01", "S#x", "S#1234567", "S@20260101-0900", "S#²"]
)
def test_other_ids_are_of_no_occurrence(id_: str) -> None:
    assert number_of(id_) is None
    assert number_of("A.B-1#12") == ("A.B-1", 12)


def test_work_that_was_verified_later_was_finished_when_it_was_completed() -> None:
    progress = done(datetime(2026, 1, 2, tzinfo=UTC), "verified")
    progress.resolved_s = 5
    assert finished_s(progress) == 5
    progress.state = "rejected"
    assert finished_s(progress) is None
    assert finished_s(None) is None
