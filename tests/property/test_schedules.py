"""A schedule's tasks agree with a reference that knows nothing of the library or of the code."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from radar_core.schedules import Parts, starts, task_of_id, tasks_of

ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Shanghai",
        "Asia/Kathmandu",
        "Pacific/Chatham",
        "UTC",
    )
]
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def instant(naive: datetime, zone: ZoneInfo) -> datetime:
    """Return when a wall shows a local time: the first time, or as before the gap it lies in."""
    day = timedelta(days=1)
    offsets = [
        (naive + shift).replace(tzinfo=zone).utcoffset() or timedelta() for shift in (-day, day)
    ]
    shown = [(naive - offset).replace(tzinfo=UTC) for offset in offsets]
    right = [at for at in shown if at.astimezone(zone).replace(tzinfo=None) == naive]
    return min(right, default=shown[0])


@st.composite
def rules(draw: st.DrawFn, first: datetime) -> tuple[str, Callable[[date], bool], list[timedelta]]:
    """Draw a rule, whether it happens on a day, and at which times of the day."""
    at = [timedelta(hours=first.hour, minutes=first.minute)]
    kind = draw(st.sampled_from(["DAILY", "WEEKLY", "HOURLY", "HOURS", "MONTHLY"]))
    step = draw(st.integers(1, 4))
    if kind == "DAILY":
        return f"FREQ=DAILY;INTERVAL={step}", lambda d: (d - first.date()).days % step == 0, at
    if kind == "WEEKLY":
        days = draw(st.sets(st.integers(0, 6), min_size=1))
        monday = first.date() - timedelta(days=first.weekday())
        names = ",".join(DAYS[n] for n in sorted(days))
        return (
            f"FREQ=WEEKLY;INTERVAL={step};BYDAY={names}",
            lambda d: d.weekday() in days and (d - monday).days // 7 % step == 0,
            at,
        )
    if kind == "HOURLY":
        step = draw(st.sampled_from([1, 2, 3, 4, 6, 8, 12, 24]))
        hours = [(first.hour + step * n) % 24 for n in range(24 // step)]
        times = [timedelta(hours=hour, minutes=first.minute) for hour in sorted(hours)]
        return f"FREQ=HOURLY;INTERVAL={step}", lambda _: True, times
    if kind == "HOURS":
        hours = sorted(draw(st.sets(st.integers(0, 23), min_size=1, max_size=4)))
        times = [timedelta(hours=hour, minutes=first.minute) for hour in hours]
        return f"FREQ=DAILY;BYHOUR={','.join(map(str, hours))}", lambda _: True, times
    month_day = draw(st.integers(1, 31))
    return f"FREQ=MONTHLY;BYMONTHDAY={month_day}", lambda d: d.day == month_day, at


def reference(
    first: datetime, happens: Callable[[date], bool], times: list[timedelta], until: datetime
) -> Iterator[datetime]:
    """Yield the local starts of a rule, day by day from the first."""
    for number in count():
        day = first.date() + timedelta(days=number)
        if datetime(day.year, day.month, day.day) > until:  # noqa: DTZ001 - a wall's time
            return
        for time in times if happens(day) else ():
            moment = datetime(day.year, day.month, day.day) + time  # noqa: DTZ001 - a wall's time
            if moment >= first:
                yield moment


@given(st.data())
def test_starts_agree_with_the_reference_over_every_clock_change(data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(ZONES))
    naive = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1))  # noqa: DTZ001 - a wall's
    first = data.draw(naive).replace(second=0, microsecond=0)
    text, happens, times = data.draw(rules(first))
    minutes = data.draw(st.sampled_from([1, 30, 60, 480, 1440, 3 * 1440]))
    # Around the clock changes of most of these zones, and anywhere else.
    near = data.draw(
        st.sampled_from([datetime(2026, month, day) for month, day in  # noqa: DTZ001 - a wall's
                         ((3, 8), (3, 29), (4, 5), (9, 27), (10, 4), (10, 25), (11, 1))])
        | naive
    )  # fmt: skip
    since = near.replace(tzinfo=UTC) - timedelta(hours=data.draw(st.integers(0, 40)))
    until = since + timedelta(hours=data.draw(st.integers(0, 120)))
    hour = near.replace(minute=first.minute, second=0, microsecond=0)
    out = data.draw(st.sets(st.sampled_from([1, 2, 3]).map(lambda at: hour.replace(hour=at))))
    length = timedelta(minutes=minutes)
    last = until.replace(tzinfo=None) + timedelta(days=2)
    expected = {
        at
        for moment in reference(first, happens, times, last)
        if moment not in out and (at := instant(moment, zone)) <= until and at + length >= since
    }
    schedule: dict[str, object] = {
        "start": f"{first:%Y-%m-%dT%H:%M}",
        "rrule": text,
        "duration_min": minutes,
        "exdates": [f"{moment:%Y-%m-%dT%H:%M}" for moment in sorted(out)],
    }
    found = list(starts(schedule, zone, since, until))
    assert {moment.astimezone(UTC) for moment in found} == expected
    assert len(found) == len(expected)


@given(st.data())
def test_phone_and_centre_make_the_very_same_tasks_from_different_windows(
    data: st.DataObject,
) -> None:
    zone = data.draw(st.sampled_from(ZONES))
    naive = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1))  # noqa: DTZ001 - a wall's
    first = data.draw(naive).replace(second=0, microsecond=0)
    text, _, _ = data.draw(rules(first))
    schedule: dict[str, object] = {
        "start": f"{first:%Y-%m-%dT%H:%M}",
        "rrule": text,
        "duration_min": data.draw(st.sampled_from([30, 480])),
        "kind": "cleaning",
        "place": "P",
    }
    since = FIRST + timedelta(hours=data.draw(st.integers(0, 8000)))
    low, high = sorted(data.draw(st.tuples(st.integers(0, 200), st.integers(0, 200))))
    wide = (since, since + timedelta(hours=200))
    narrow = (since + timedelta(hours=low), since + timedelta(hours=high))
    here = ("HV", zone)
    all_ = {task.id: task.body() for task in tasks_of("S", schedule, here, wide, Parts())}
    some = [task.body() for task in tasks_of("S", schedule, here, narrow, Parts())]
    for body in some:
        assert all_[str(body["id"])] == body
        made = task_of_id(str(body["id"]), schedule, here, Parts())
        assert made is not None
        assert made.body() == body
    assert len({str(body["id"]) for body in some}) == len(some)
