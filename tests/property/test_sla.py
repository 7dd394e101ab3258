"""Deadlines in working hours, against a slow oracle that goes through every minute."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from radar_core.sla import Agreed, WorkingTime
from radar_core.tasks import Progress, Task

CHANGES = {
    "Asia/Shanghai": date(2026, 3, 2),
    "Europe/Berlin": date(2026, 3, 28),
    "America/New_York": date(2026, 10, 31),
    "Australia/Lord_Howe": date(2026, 4, 4),
    "America/St_Johns": date(2005, 10, 29),
    "Asia/Beirut": date(2026, 3, 28),
    "Pacific/Apia": date(2011, 12, 28),
}
"""Zones, each with a day before its clocks change; Shanghai's never do."""
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WINDOW_MIN = 12 * 1440

minutes = st.integers(0, 1440)
spans = st.tuples(minutes, minutes).filter(lambda span: span[0] < span[1])
weekdays = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted)
hours = st.lists(st.tuples(weekdays, spans), max_size=4)
held = st.lists(st.tuples(st.integers(-500, 6000), st.integers(0, 1500)), max_size=3)


def text_of(days: list[int], span: tuple[int, int]) -> str:
    clocks = (f"{minute // 60:02}:{minute % 60:02}" for minute in span)
    return f"{DAYS[days[0]]}-{DAYS[days[1]]} {'-'.join(clocks)}"


@given(st.sampled_from(sorted(CHANGES)), hours, held, st.data())
def test_a_deadline_is_where_counting_every_minute_ends(
    name: str,
    week: list[tuple[list[int], tuple[int, int]]],
    breaks: list[tuple[int, int]],
    data: st.DataObject,
) -> None:
    zone, day = ZoneInfo(name), CHANGES[name]
    begin = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) // 60
    begin += data.draw(st.integers(-1440, 2880))
    out = data.draw(st.sets(st.integers(-1, 5)))
    holidays = {(day + timedelta(days=ahead)).isoformat() for ahead in out}
    limit = data.draw(st.integers(1, 4000))

    def is_worked(minute: int) -> bool:
        local = datetime.fromtimestamp(minute * 60, zone)
        at = local.hour * 60 + local.minute
        here = local.date().isoformat() not in holidays and any(
            first <= local.weekday() <= last and opens <= at < closes
            for (first, last), (opens, closes) in week
        )
        free = any(begin + first <= minute < begin + first + long for first, long in breaks)
        return (here or not week) and not free

    worked = (minute for minute in range(begin, begin + WINDOW_MIN) if is_worked(minute))
    ends = [minute + 1 for minute, _ in zip(worked, range(limit), strict=False)]
    time = WorkingTime([text_of(*one) for one in week], zone, holidays)
    gaps = [((begin + a) * 60, (begin + a + long) * 60) for a, long in breaks]
    (due_s,) = time.after(begin * 60, [limit * 60], gaps)
    if len(ends) == limit:
        assert due_s == ends[-1] * 60
    else:
        assert due_s > (begin + WINDOW_MIN) * 60


@given(
    st.integers(1, 600),
    st.lists(st.integers(1, 300), min_size=0, max_size=4),
    st.integers(0, 3000),
    st.sampled_from(["in_progress", "on_hold"]),
)
def test_the_state_and_the_level_follow_from_the_time_that_was_not_held(
    limit: int, parts: list[int], now: int, state: str
) -> None:
    progress = Progress()
    progress.opened_s = begin = 1_772_409_600
    at, progress.state = 0, state
    for long in parts:
        progress.holds.append([begin + at * 60, begin + (at + long) * 60])
        at += 2 * long
    now = max(now, at)
    if state == "on_hold":
        progress.since_s = begin + at * 60
    spent = at - sum(parts) + (0 if state == "on_hold" else now - at)
    # At the very end of the time it depends on whether a hold begins there.
    assume(spent * 5 not in (limit * 4, limit * 5, limit * 10))
    agreed = Agreed(WorkingTime((), ZoneInfo("UTC")), {"high": {"resolution_min": limit}})
    task = Task({"id": "repair:A:1", "project": "P", "kind": "maintenance", "priority": "high"})
    service = agreed.service(task, progress, begin + now * 60)
    assert service is not None
    assert service.response is None
    expected = "ok" if spent * 5 <= limit * 4 else "at_risk" if spent <= limit else "breached"
    level = {"ok": 0, "at_risk": 1, "breached": 2 + (spent > 2 * limit)}[expected]
    now_s = begin + now * 60
    assert (service.state_at(now_s), service.level_at(now_s)) == (expected, level)
