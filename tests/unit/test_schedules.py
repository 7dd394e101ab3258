"""Schedules: rules that are none are told at once, and clock changes do what RFC 5545 says."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from radar_core.schedules import Parts, happens, rule_mistake, starts, task_id, task_of_id, tasks_of

TOOK_S_MAX = 5.0
"""Far more than any check may take, and far less than a search to the year 9999 would."""
BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=HOURLY",
        "FREQ=HOURLY;INTERVAL=4",
        "FREQ=DAILY;BYHOUR=6,14,22",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "FREQ=MONTHLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=DAILY;COUNT=1",
        "FREQ=DAILY;UNTIL=20200101",
        "freq=weekly;byday=mo",
    ],
)
def test_a_rule_that_happens_is_no_mistake(rule: str) -> None:
    assert rule_mistake(rule) is None


@pytest.mark.parametrize(
    ("rule", "mistake"),
    [
        ("FREQ=SECONDLY", "more often than hourly"),
        ("FREQ=SECONDLY;INTERVAL=7200", "more often than hourly"),
        ("FREQ=MINUTELY", "more often than hourly"),
        ("FREQ=DAILY;BYHOUR=1,2,3,4,5,6,7,8;BYMINUTE=0,10,20,30", "more often than hourly"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "it never happens"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "it never happens"),
        ("FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30", "it never happens"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "it never happens"),
        ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "it never happens"),
        ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "more often than hourly"),
        ("FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6", "it never happens"),
        ("FREQ=MONTHLY;BYDAY=6MO", "it never happens"),
        ("FREQ=DAILY;COUNT=0", "it never happens"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is not"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL is not"),
        ("FREQ=DAILY;INTERVAL=" + "9" * 30, "INTERVAL is not"),
        ("FREQ=DAILY;INTERVAL=x", "INTERVAL is not"),
        ("DTSTART:20260101T000000\nRRULE:FREQ=DAILY", "only the rule itself"),
        ("RRULE:FREQ=DAILY", "only the rule itself"),
        ("RDATE:20260101T000000", "only the rule itself"),
        ("EXDATE:20260101T000000", "only the rule itself"),
        ("FREQ=DAILY\nFREQ=HOURLY", "only the rule itself"),
        ("FREQ=DAILY;DTSTART=20260101", "only the rule itself"),
        ("FREQ=DAILY;UNTIL=20270101T000000Z", "UNTIL"),
        ("FREQ=FORTNIGHTLY", "FREQ"),
        ("FREQ=DAILY;BYHOUR=24", "hour"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=YEARLY;BYEASTER=1000", ""),
        ("FREQ=DAILY;", ""),
        ("FREQ", ""),
        ("", ""),
        ("every day", ""),
        ("泵=1", ""),
        ("FREQ=DAILY;BYMONTHDAY=" + ",".join(["99"] * 10_000), ""),
    ],
)
def test_a_rule_that_is_none_is_told_at_once(rule: str, mistake: str) -> None:
    began = time.process_time()
    told = rule_mistake(rule)
    assert told is not None
    assert told
    assert mistake in told
    assert time.process_time() - began < TOOK_S_MAX


def local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def texts(schedule: dict[str, object], zone: ZoneInfo, since: str, until: str) -> list[str]:
    found = starts(schedule, zone, local(since, zone), local(until, zone))
    return [moment.isoformat() for moment in found]


def schedule(
    start: str, rrule: str = "FREQ=DAILY", minutes: int = 60, **more: object
) -> dict[str, object]:
    return {"start": start, "rrule": rrule, "duration_min": minutes, **more}


def test_a_start_in_the_hour_that_clocks_skip_happens_when_it_is_over() -> None:
    night = schedule("2026-01-01T02:30")
    assert texts(night, BERLIN, "2026-03-28T02:00", "2026-03-30T03:00") == [
        "2026-03-28T02:30:00+01:00",
        "2026-03-29T03:30:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


def test_a_start_in_the_hour_that_comes_twice_happens_the_first_time() -> None:
    night = schedule("2026-01-01T02:30")
    assert texts(night, BERLIN, "2026-10-24T02:00", "2026-10-26T03:00") == [
        "2026-10-24T02:30:00+02:00",
        "2026-10-25T02:30:00+02:00",
        "2026-10-26T02:30:00+01:00",
    ]


def test_two_starts_that_the_skipped_hour_makes_one_are_one() -> None:
    hours = schedule("2026-01-01T00:00", "FREQ=HOURLY", 30)
    assert texts(hours, BERLIN, "2026-03-29T01:00", "2026-03-29T04:00") == [
        "2026-03-29T01:00:00+01:00",
        "2026-03-29T03:00:00+02:00",
        "2026-03-29T04:00:00+02:00",
    ]


def test_clocks_that_change_by_half_an_hour_are_followed_too() -> None:
    quarter = schedule("2026-01-01T02:15", minutes=10)
    assert texts(quarter, LORD_HOWE, "2026-10-04T00:00", "2026-10-04T12:00") == [
        "2026-10-04T02:45:00+11:00"
    ]
    assert texts(quarter, LORD_HOWE, "2026-04-05T00:00", "2026-04-05T12:00") == [
        "2026-04-05T02:15:00+10:30"
    ]


def test_a_window_over_midnight_is_found_from_both_of_its_days() -> None:
    night = schedule("2026-01-01T22:00", minutes=480)
    expected = ["2026-11-22T22:00:00+08:00"]
    assert texts(night, SHANGHAI, "2026-11-22T22:00", "2026-11-22T23:00") == expected
    assert texts(night, SHANGHAI, "2026-11-23T05:00", "2026-11-23T06:00") == expected


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("2026-11-23T08:00", "2026-11-23T08:59", 0),
        ("2026-11-23T08:00", "2026-11-23T09:00", 1),
        ("2026-11-23T10:00", "2026-11-23T12:00", 1),
        ("2026-11-23T10:01", "2026-11-23T12:00", 0),
    ],
)
def test_a_window_overlaps_up_to_and_with_its_edges(since: str, until: str, found: int) -> None:
    assert len(texts(schedule("2026-01-01T09:00"), SHANGHAI, since, until)) == found


def test_nothing_happens_before_the_schedule_s_start() -> None:
    late = schedule("2026-11-24T09:00")
    assert texts(late, SHANGHAI, "2026-11-01T00:00", "2026-11-25T00:00") == [
        "2026-11-24T09:00:00+08:00"
    ]


def test_days_that_are_taken_out_do_not_happen() -> None:
    holidays = schedule("2026-01-01T09:00", exdates=["2026-11-24T09:00", "2026-11-25T10:00"])
    assert texts(holidays, SHANGHAI, "2026-11-23T00:00", "2026-11-25T23:00") == [
        "2026-11-23T09:00:00+08:00",
        "2026-11-25T09:00:00+08:00",
    ]


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=HOURLY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29",
     "FREQ=DAILY;UNTIL=19800101", "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TU;BYSETPOS=2"],
)  # fmt: skip
def test_a_schedule_from_long_ago_is_unrolled_at_once(rule: str) -> None:
    began = time.process_time()
    list(starts(schedule("1980-01-03T09:00", rule), SHANGHAI, local("2026-11-23T00:00", SHANGHAI),
                local("2026-12-23T00:00", SHANGHAI)))  # fmt: skip
    assert time.process_time() - began < TOOK_S_MAX


@pytest.mark.parametrize(
    "broken",
    [
        schedule("2026-01-01"),
        schedule("soon"),
        schedule("2026-01-01T09:00", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
        schedule("2026-01-01T09:00", "FREQ=DAILY;INTERVAL=0"),
        schedule("2026-01-01T09:00", "RDATE:20260101T000000"),
        schedule("2026-01-01T09:00", "FREQ=SECONDLY"),
        schedule("2026-01-01T09:00", exdates=["tomorrow"]),
    ],
)
def test_a_broken_schedule_is_a_value_error_and_not_an_endless_search(
    broken: dict[str, object],
) -> None:
    since = local("2026-11-23T00:00", SHANGHAI)
    with pytest.raises(ValueError, match=r"\w"):
        list(starts(broken, SHANGHAI, since, since + timedelta(days=40)))


def test_a_task_is_named_after_its_schedule_and_local_start() -> None:
    assert task_id("HV-R1", local("2026-11-22T22:00", SHANGHAI)) == "HV-R1@20261122-2200"
    second = local("2026-10-25T02:30", BERLIN).replace(fold=1)
    assert task_id("HV-R1", second) == "HV-R1@20261025-0230b"


def test_a_task_has_its_route_s_checkpoints_and_its_checklist_s_steps() -> None:
    body = schedule("2026-11-23T09:00", kind="patrol", title="Day", role="guard", grace_min=10,
                    route="R", checklist="C")  # fmt: skip
    route = {"ordered": True, "checkpoints": ["place:A", "asset:B"]}
    since = local("2026-11-23T00:00", SHANGHAI)
    (task,) = tasks_of(
        "S",
        body,
        ("HV", SHANGHAI),
        (since, since + timedelta(days=1)),
        Parts({"R": route}, {"C": {"steps": [{"id": "a"}]}}),
    )
    assert task.id == "S@20261123-0900"
    assert (task.project, task.schedule, task.role, task.title_zh) == ("HV", "S", "guard", "Day")
    assert (task.targets, task.ordered, task.steps) == (["place:A", "asset:B"], True, [{"id": "a"}])
    assert task.due_from == int(datetime(2026, 11, 23, 1, tzinfo=UTC).timestamp())
    assert (task.due_to - task.due_from, task.grace_s) == (3600, 600)


@pytest.mark.parametrize(
    ("where", "targets"),
    [
        ({"place": "P"}, ["place:P"]),
        ({"asset": "A"}, ["asset:A"]),
        ({"asset": "A", "place": "P"}, ["asset:A"]),
        ({}, []),
    ],
)
def test_a_task_without_a_route_is_due_at_its_asset_or_place(
    where: dict[str, object], targets: list[str]
) -> None:
    since = local("2026-11-23T00:00", SHANGHAI)
    body = schedule("2026-11-23T09:00", kind="cleaning") | where
    window = (since, since + timedelta(days=1))
    (task,) = tasks_of("S", body, ("HV", SHANGHAI), window, Parts())
    assert (task.targets, task.ordered, task.steps) == (targets, False, [])


@pytest.mark.parametrize(
    "id_", ["S@20261123-0901", "S@2026", "S", "", "S@20261123-0900b", "S@99999999-9999", "S@"]
)
def test_an_id_that_no_start_makes_names_no_task(id_: str) -> None:
    body = schedule("2026-11-23T09:00", kind="cleaning")
    assert task_of_id(id_, body, ("HV", SHANGHAI), Parts()) is None
    made = task_of_id("S@20261123-0900", body, ("HV", SHANGHAI), Parts())
    assert made is not None
    assert made.id == "S@20261123-0900"


@pytest.mark.parametrize(
    ("seasons", "days"),
    [
        (["02-29..02-29"], ["2028-02-29"]),
        (["12-31..01-01"], ["2027-12-31", "2028-01-01"]),
        (["02-28..03-01"], ["2028-02-28", "2028-02-29", "2028-03-01"]),
        (["03-01..02-27"], None),
    ],
)
def test_a_season_may_go_over_the_year_s_end_and_hold_a_day_that_few_years_have(
    seasons: list[str], days: list[str] | None
) -> None:
    found = texts(
        schedule("2026-01-01T09:00", seasons=seasons),
        BERLIN,
        "2027-12-01T00:00",
        "2028-04-01T00:00",
    )
    dates = [text[:10] for text in found]
    if days is None:
        assert len(dates) == 122 - 2, "all but the last two days of February"
    else:
        assert dates == days


def test_a_holiday_is_the_local_day_on_which_the_window_begins() -> None:
    night = schedule("2026-01-01T23:30", minutes=480)
    since, until = local("2026-11-22T12:00", SHANGHAI), local("2026-11-25T12:00", SHANGHAI)
    found = starts(night, SHANGHAI, since, until, {"2026-11-23"})
    assert [f"{moment:%m-%d}" for moment in found] == ["11-22", "11-24"]


def test_ten_thousand_days_left_out_cost_little_and_leave_out_all() -> None:
    days = [f"{datetime(2020, 1, 1) + timedelta(days=n):%Y-%m-%dT09:00}" for n in range(10_000)]  # noqa: DTZ001 - a wall's
    began = time.monotonic()
    out = schedule("2020-01-01T09:00", exdates=days)
    assert texts(out, SHANGHAI, "2026-11-01T00:00", "2026-12-01T00:00") == []
    left = texts(out, SHANGHAI, "2047-05-01T00:00", "2047-06-01T00:00")
    assert (left[0][:10], len(left)) == ("2047-05-19", 13)
    assert time.monotonic() - began < TOOK_S_MAX


@pytest.mark.parametrize(
    ("rule", "seasons", "ever"),
    [
        ("FREQ=HOURLY", ["02-29..02-29"], True),
        ("FREQ=DAILY", [], True),
        ("FREQ=MONTHLY;BYMONTH=4", ["05-01..09-30"], False),
        ("FREQ=HOURLY;BYMONTH=4", ["05-01..09-30"], False),
        ("FREQ=DAILY;UNTIL=20251231", [], False),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["02-29..03-01"], True),
    ],
)
def test_whether_a_schedule_ever_happens_is_told_at_once(
    rule: str, seasons: list[str], *, ever: bool
) -> None:
    began = time.monotonic()
    assert happens(rule, "2026-01-01T09:00", seasons) is ever
    assert time.monotonic() - began < TOOK_S_MAX


@pytest.mark.parametrize("repeat", ["floating", "meter", "of a later version"])
def test_what_does_not_repeat_by_the_calendar_has_no_start_by_it(repeat: str) -> None:
    other = schedule("2026-01-01T09:00", repeat=repeat)
    assert texts(other, SHANGHAI, "2026-11-01T00:00", "2026-12-01T00:00") == []
