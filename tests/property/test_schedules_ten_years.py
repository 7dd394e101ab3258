"""Phone and centre make the same tasks, with the same ids, over ten years of random rules.

The oracle is python-dateutil's own rule from its first start on, and a filter that looks at each
start by itself; it knows no window, no cache and no start but the first.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.plans import Plan as PhonePlan
from commands.plans import plan_tasks
from radar_core.schedules import Parts, task_of_id
from radar_core.tasks import Progress, Task, state_at
from radar_server.plans import Plan

ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Shanghai",
    )
]
FIRST_DAY, LAST_DAY = date(2024, 1, 1), date(2034, 12, 31)
YEARS = 10
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ROUTE: dict[str, object] = {
    "order": "random",
    "checkpoints": ["place:A", "place:B", "asset:C", "place:D"],
    "rules": [{"open_s": 60}, {}, {"gap_min_s": 30, "checklist": "Q"}, {"checklist": "gone"}],
}
CHECKLISTS: dict[str, dict[str, object]] = {
    "Q": {"steps": [{"id": "lamp", "type": "check"}, {"id": "door", "type": "check"}]},
    "C": {"steps": [{"id": "all", "type": "check"}]},
}


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Draw a rule with some four thousand starts in ten years at most."""
    some = st.integers(1, 5)
    days = ",".join(draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True)))
    month_days = ",".join(map(str, draw(st.lists(st.integers(-31, 31).filter(bool), min_size=1))))
    months = ",".join(map(str, draw(st.lists(st.integers(1, 12), min_size=1, max_size=4))))
    two = f"{draw(st.integers(0, 3))},{draw(st.integers(4, 23))}"
    rule: str = draw(
        st.sampled_from(
            [
                f"FREQ=DAILY;INTERVAL={draw(some)}",
                f"FREQ=DAILY;INTERVAL=3;BYHOUR={two}",
                f"FREQ=HOURLY;INTERVAL={draw(st.sampled_from([25, 30, 36, 49]))}",
                f"FREQ=WEEKLY;INTERVAL={draw(some)};BYDAY={days}",
                f"FREQ=WEEKLY;INTERVAL=2;BYDAY={days};WKST=SU",
                f"FREQ=MONTHLY;BYMONTHDAY={month_days}",
                f"FREQ=MONTHLY;INTERVAL={draw(some)};BYDAY={draw(some)}{days[:2]},-1{days[:2]}",
                f"FREQ=MONTHLY;BYDAY={days};BYSETPOS=1,-1",
                f"FREQ=YEARLY;BYMONTH={months};BYDAY={days}",
                "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
            ]
        )
    )
    ends = draw(st.sampled_from(["", "", "", ";COUNT=700", ";UNTIL=20290331T120000"]))
    return rule + ends


@st.composite
def schedules(draw: st.DrawFn) -> dict[str, object]:
    """Draw a schedule whose starts like to lie where clocks are changed."""
    day = draw(st.dates(FIRST_DAY, date(2025, 12, 31)))
    hour = draw(st.sampled_from([0, 1, 2, 3, 22, 23]) | st.integers(0, 23))
    minute = draw(st.sampled_from([0, 15, 30, 59]))
    body: dict[str, object] = {
        "start": f"{day}T{hour:02}:{minute:02}",
        "rrule": draw(rules()),
        "duration_min": draw(st.sampled_from([1, 60, 480, 1440, 4000])),
        "grace_min": draw(st.sampled_from([0, 90])),
        "kind": "patrol",
        "title": "Round",
        "checklist": "C",
    }
    body["route"] = "R"
    if draw(st.booleans()):
        body["calendar"] = "H"
    some_days = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda one: f"{one:%m-%d}")
    seasons = st.lists(st.tuples(some_days, some_days).map("..".join), max_size=2, unique=True)
    if chosen := draw(seasons):
        body["seasons"] = chosen
    exdates = draw(st.lists(st.dates(FIRST_DAY, LAST_DAY), max_size=8, unique=True))
    body["exdates"] = [f"{one}T{hour:02}:{minute:02}" for one in exdates]
    return body


@cache
def days_of(season: str) -> set[str]:
    """Return the days of a season: walk from its first to its last, over the year's end."""
    first, last = season.split("..")
    at, found = date.fromisoformat(f"2024-{first}"), {last}
    while f"{at:%m-%d}" != last:
        found.add(f"{at:%m-%d}")
        at = (at + timedelta(days=1)).replace(year=2024)
    return found


def wall(naive: datetime, zone: ZoneInfo) -> datetime:
    """Return when a wall shows a local time, the first time; one that is skipped when it is over.

    Of the two offsets around, the one before the change names the instant in both cases.
    """
    before = (naive - timedelta(days=1)).replace(tzinfo=zone).utcoffset()
    after = (naive + timedelta(days=1)).replace(tzinfo=zone).utcoffset()
    assert before is not None
    assert after is not None
    shown = [(naive - offset).replace(tzinfo=UTC) for offset in (before, after)]
    right = [at for at in shown if at.astimezone(zone).replace(tzinfo=None) == naive]
    return min(right, default=shown[0])


def oracle(schedule: dict[str, object], zone: ZoneInfo, holidays: set[str]) -> Iterator[datetime]:
    """Yield every local start of ten years."""
    first = datetime.fromisoformat(str(schedule["start"]))
    exdates, seasons = schedule["exdates"], schedule.get("seasons", [])
    assert isinstance(exdates, list)
    assert isinstance(seasons, list)
    seen: set[datetime] = set()
    for naive in rrulestr(str(schedule["rrule"]), dtstart=first):
        if naive.year >= first.year + YEARS:
            return
        at = wall(naive, zone)
        local = at.astimezone(zone)
        if f"{naive:%Y-%m-%dT%H:%M}" in exdates or at in seen:
            continue
        if "calendar" in schedule and f"{local:%Y-%m-%d}" in holidays:
            continue
        if seasons and not any(f"{local:%m-%d}" in days_of(str(season)) for season in seasons):
            continue
        seen.add(at)
        yield local


@given(schedules(), st.sampled_from(ZONES), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_ids_of_ten_years_agree_between_phone_centre_and_oracle(
    schedule: dict[str, object], zone: ZoneInfo, chance: Random
) -> None:
    first = datetime.fromisoformat(str(schedule["start"])).replace(tzinfo=UTC)
    year = timedelta(days=365)
    holidays = {str(FIRST_DAY + timedelta(days=chance.randrange(4000))) for _ in range(300)}
    expected = {
        f"S@{local:%Y%m%d-%H%M}{'b' if local.fold else ''}": int(local.timestamp())
        for local in oracle(schedule, zone, holidays)
    }
    parts = Parts({"R": ROUTE}, CHECKLISTS, {"H": {"dates": sorted(holidays)}})
    phone = PhonePlan("HV", zone, {"S": schedule}, parts)
    centre = Plan("HV", zone, {"S": schedule}, parts)
    found: dict[str, Task] = {}
    low, end = first - timedelta(days=chance.randrange(40)), first + (YEARS + 1) * year
    while low < end:
        # A phone unrolls whenever it is used: windows that overlap, or that months lie between.
        high = low + timedelta(hours=chance.randrange(1, 24 * 400))
        found |= {task.id: task for task in plan_tasks(phone, (low, high))}
        low = high - timedelta(hours=chance.randrange(24))
    within = {id_: task.due_from for id_, task in found.items() if id_ in expected}
    assert within == expected
    # The oracle stops at the turn of a year, the windows go on.
    assert all(task.due_from >= max(expected.values(), default=0) for id_, task in found.items()
               if id_ not in expected)  # fmt: skip

    asked = chance.sample(sorted(found), min(len(found), 25))
    wrong = ["S@20260101-0001", "S@20240230-0000", "T@20260101-0000", *(f"{id_}b" for id_ in asked)]
    named = centre.named([*asked, *wrong])
    assert {id_: task.body() for id_, task in named.items()} == {
        id_: found[id_].body() for id_ in (*asked, *wrong) if id_ in found
    }
    for id_ in asked:
        one = task_of_id(id_, schedule, ("HV", zone), parts)
        assert one is not None
        assert one.body() == found[id_].body()


@given(schedules(), st.sampled_from(ZONES))
@settings(max_examples=30)
def test_a_window_is_as_long_as_it_is_said_to_be_over_midnight_and_every_clock_change(
    schedule: dict[str, object], zone: ZoneInfo
) -> None:
    plan = PhonePlan("HV", zone, {"S": schedule}, Parts({"R": ROUTE}, CHECKLISTS))
    since = datetime(2026, 3, 20, tzinfo=UTC)
    length, grace = schedule["duration_min"], schedule["grace_min"]
    assert isinstance(length, int)
    assert isinstance(grace, int)
    for task in plan_tasks(plan, (since, since + timedelta(days=250))):
        assert task.due_to - task.due_from == length * 60
        closed = task.due_to + grace * 60
        told = [state_at(task, Progress(), at) for at in (task.due_from - 1, task.due_from, closed)]
        assert told == ["planned", "due", "due"]
        assert state_at(task, Progress(), closed + 1) == "unknown"


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_random_round_is_drawn_anew_each_day_and_keeps_rules_and_questions_together(
    zone: ZoneInfo,
) -> None:
    body: dict[str, object] = {
        "start": "2026-01-01T02:30",
        "rrule": "FREQ=DAILY",
        "duration_min": 60,
        "kind": "patrol",
        "route": "R",
        "checklist": "C",
    }
    plan = Plan("HV", zone, {"S": body}, Parts({"R": ROUTE}, CHECKLISTS))
    since = datetime(2026, 1, 1, tzinfo=UTC)
    tasks = plan.tasks("S", since, since + timedelta(days=100))
    asked = ROUTE["checkpoints"]
    assert isinstance(asked, list)
    assert len({tuple(task.targets) for task in tasks}) > 15, "24 orders, a hundred days"
    for task in tasks:
        assert task.ordered
        assert sorted(task.targets) == sorted(asked)
        at = {target: index for index, target in enumerate(task.targets)}
        assert [step["id"] for step in task.steps] == ["all", *(
            f"{at['asset:C']}.{name}" for name in ("lamp", "door")
        )]  # fmt: skip
        assert [step.get("checkpoint") for step in task.steps] == [None, *[at["asset:C"]] * 2]
        assert task.checkpoints[at["place:A"]] == {"open_s": 60}
        assert task.checkpoints[at["place:B"]] == {}
        assert task.checkpoints[at["asset:C"]] == {"gap_min_s": 30}
