"""What a project agreed, on work orders as they go."""

from zoneinfo import ZoneInfo

import pytest

from radar_core.actions import END_MS, Action
from radar_core.sla import Agreed, WorkingTime
from radar_core.tasks import END_S, Progress
from radar_core.tracking import fold
from radar_core.work_orders import work_order
from sync.clock import stamp

ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY_S = 1_772_780_400
"""2026-03-06, a Friday, 15:00 in Shanghai."""
HOUR_S = 3600
WEEK = ["MO-FR 08:00-18:00", "SA 08:00-12:00"]
AGREED = Agreed(
    WorkingTime(WEEK, ZONE, ["2026-03-09"]), {"high": {"response_min": 60, "resolution_min": 480}}
)
ORDER = "repair:HV-A1:1"


def did(seq: int, kind: str, at_s: int, **body: object) -> Action:
    fields: dict[str, object] = {
        "seq": seq, "hlc": stamp(at_s * 1000, 0), "wall": "", "boot": "", "mono_ms": 0,
        "staff": "E1", "project": "HV", "kind": kind, "subject": "",
        "body": {"task": ORDER, **body},
    }  # fmt: skip
    return Action("E", fields)


def stands(*more: tuple[str, int], now_s: int, priority: str = "high") -> tuple[object, ...]:
    """Return both deadlines in hours after the report, the state, the level."""
    actions = [did(1, "report", FRIDAY_S, priority=priority, text="leaks", place="HV-P1")]
    actions += [did(seq, kind, FRIDAY_S + at_s) for seq, (kind, at_s) in enumerate(more, 2)]
    task = work_order(ORDER, actions)
    assert task is not None
    service = AGREED.service(task, fold(task, actions), FRIDAY_S + now_s)
    assert service is not None
    dues = [
        one and (one.due_s - FRIDAY_S) / HOUR_S for one in (service.response, service.resolution)
    ]
    now_s += FRIDAY_S
    return (*dues, service.state_at(now_s), service.level_at(now_s))


def test_nights_sundays_and_holidays_do_not_count() -> None:
    # Three hours on Friday, four on Saturday, Monday is a holiday, one on Tuesday.
    assert stands(now_s=0) == (1, 90, "ok", 0)


@pytest.mark.parametrize(
    ("now_s", "state", "level"),
    [(2880, "ok", 0), (2881, "at_risk", 1), (3600, "at_risk", 1), (3601, "breached", 2),
     (7200, "breached", 2), (7201, "breached", 3)],
)  # fmt: skip
def test_who_has_to_hear_of_it(now_s: int, state: str, level: int) -> None:
    assert stands(now_s=now_s)[2:] == (state, level)


def test_an_answer_in_time_ends_the_first_clock_alone() -> None:
    assert stands(("accept", 3600), now_s=7201) == (1, 90, "ok", 0)
    assert stands(("accept", 3600), now_s=90 * HOUR_S + 1)[2:] == ("breached", 2)


def test_a_late_answer_stays_late_and_rouses_nobody_any_more() -> None:
    assert stands(("accept", 3601), now_s=7200)[2:] == ("breached", 0)


def test_what_was_held_is_added_and_what_is_held_goes_on() -> None:
    held = (("start", 60), ("hold", HOUR_S), ("resume", 2 * HOUR_S))
    assert stands(*held, now_s=3 * HOUR_S)[1] == 91
    # On hold since Friday at four: from Monday's holiday on, seven hours are left of Tuesday.
    assert stands(*held[:2], now_s=89 * HOUR_S)[1] == 96
    assert stands(*held[:2], now_s=300 * HOUR_S)[2:] == ("ok", 0)


def test_completed_in_time_is_so_for_good_and_verification_changes_nothing() -> None:
    done = (("start", 60), ("complete", HOUR_S))
    assert stands(*done, now_s=999 * HOUR_S)[2:] == ("ok", 0)
    assert stands(*done, ("verify", 500 * HOUR_S), now_s=999 * HOUR_S)[2:] == ("ok", 0)
    assert stands(*done, ("reject", 2 * HOUR_S), now_s=999 * HOUR_S)[2:] == ("breached", 3)
    assert stands(("complete", 91 * HOUR_S), now_s=999 * HOUR_S)[2:] == ("breached", 0)


def test_where_nothing_was_agreed_the_time_that_the_worker_sees_holds() -> None:
    assert stands(now_s=72 * HOUR_S, priority="normal") == (None, 72, "at_risk", 1)


def test_other_work_has_no_such_deadline() -> None:
    task = work_order(ORDER, [did(1, "report", FRIDAY_S)])
    assert task is not None
    assert AGREED.service(task, Progress(), FRIDAY_S) is None


@pytest.mark.parametrize("hours", [WEEK, []])
def test_a_report_from_the_end_of_time_is_never_due(hours: list[str]) -> None:
    at_s = END_MS // 1000 - 1
    assert WorkingTime(hours, ZONE).after(at_s, [60, 120], []) == [END_S, END_S]


def test_hours_that_never_come_make_no_deadline() -> None:
    time = WorkingTime(["SU 00:00-00:01"], ZONE)
    assert time.after(FRIDAY_S, [10_000 * 60], []) == [END_S]
