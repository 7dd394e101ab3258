"""`radar tasks` and `radar status`: what is on for whom, and how fresh that is (law 12)."""

from pathlib import Path
from typing import Any

import pytest

from commands.bind import bind
from commands.done import done
from commands.note import note
from commands.phone import AHEAD_S
from commands.scan import scan
from commands.start import start
from commands.status import status
from commands.tasks import tasks
from radar_core.failures import DECIDE, DONE
from tests.paper_centre import PaperCentre
from tests.phones import (
    DAY,
    FOREIGN,
    LIFT,
    LIU,
    NIGHT,
    PUMP,
    STRANGE,
    SWEEP,
    Handset,
    code,
    data_of,
    new_phone,
)

OLD_PUMP = "pump@20261116-0800"


def listed(phone: Handset) -> list[dict[str, Any]]:
    data = data_of(tasks(phone.phone))
    assert data.keys() >= {"tasks", "data_as_of"}
    found = data["tasks"]
    assert isinstance(found, list)
    return found


def ids(phone: Handset) -> list[str]:
    return [row["id"] for row in listed(phone)]


@pytest.mark.parametrize(
    ("staff", "expected"),
    [
        ("G1", [DAY, NIGHT]),
        ("C1", [SWEEP]),
        ("C2", [SWEEP, LIU]),
        ("E1", [OLD_PUMP, LIFT, PUMP]),
        ("S1", [DAY, "yard@20261123-0900", NIGHT]),
    ],
)
def test_each_person_s_tasks_are_listed_soonest_first(
    tmp_path: Path, centre: PaperCentre, staff: str, expected: list[str]
) -> None:
    rows = listed(new_phone(tmp_path, centre, staff))
    assert sorted(row["id"] for row in rows) == sorted(expected)
    order = [(row["state"] == "planned", row["due_to"], row["id"]) for row in rows]
    assert order == sorted(order)


def test_a_task_tells_all_that_the_list_promises(tmp_path: Path, centre: PaperCentre) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    scan(guard.phone, code("GATE"))
    assert (
        listed(guard)[0].items()
        >= {
            "id": DAY,
            "kind": "patrol",
            "title": "Day",
            "title_zh": "Day",
            "state": "in_progress",
            "due_from": "2026-11-23T09:00:00+08:00",
            "due_to": "2026-11-23T12:00:00+08:00",
            "place": {
                "id": "GATE",
                "path": "Harbour View / Gate",
                "path_zh": "海景 / 大门",
            },
            "checkpoints": 3,
            "left": 2,
            "steps": 0,
            "answered": 0,
            "project": "HV",
        }.items()
    )


def test_what_is_under_way_comes_first(tmp_path: Path, centre: PaperCentre) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    start(guard.phone, NIGHT)
    assert ids(guard) == [NIGHT, DAY]


def test_finished_work_stays_in_the_list_for_half_a_day_and_comes_last(
    tmp_path: Path, centre: PaperCentre
) -> None:
    cleaner = new_phone(tmp_path, centre, "C1")
    done(cleaner.phone, SWEEP)
    assert [row["state"] for row in listed(cleaner)] == ["done"]
    cleaner.world.step(12 * 3600)
    assert SWEEP in ids(cleaner)
    assert ids(cleaner)[0] == "sweep@20261124-0930"
    cleaner.world.step(3600)
    assert SWEEP not in ids(cleaner)


def test_work_that_was_begun_stays_in_the_list_however_late(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    start(guard.phone, DAY)
    guard.world.step(3 * 86400)
    assert ids(guard)[0] == DAY


def test_a_round_that_nobody_walked_leaves_the_list_after_its_grace(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    guard.world.step(2 * 3600 + 600)
    guard.world.wall_ms -= 1_000
    assert DAY in ids(guard)
    guard.world.step(2)
    assert DAY not in ids(guard)


def test_status_tells_whose_phone_it_is_and_how_fresh_everything_is(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    scan(guard.phone, code("GATE"))
    answer = status(guard.phone)
    assert answer.exit_code == DONE
    assert (
        data_of(answer).items()
        >= {
            "staff": "G1",
            "name": "Li Wei",
            "name_zh": None,
            "device": "D-G1",
            "unsent": 1,
            "quarantined": 0,
            "last_sync": "2026-11-23T02:00:00Z",
            "data_as_of": "2026-11-23T02:00:00Z",
            "tasks": {"in_progress": 1, "planned": 1},
            "home": str(guard.world.home),
            "centre": "http://127.0.0.1:9",
        }.items()
    )


def test_status_says_by_its_exit_code_that_something_is_in_quarantine(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    centre.refuse["bind_tag"] = ("bad_tag", "No.")
    bind(guard.phone, STRANGE, "GATE")
    note(guard.phone, "GATE", "hello")
    guard.sync(centre.post)
    answer = status(guard.phone)
    assert (answer.exit_code, answer.data["quarantined"], answer.data["unsent"]) == (DECIDE, 1, 0)


def test_law_12_freshness_a_phone_that_never_synced_says_so(tmp_path: Path) -> None:
    empty = PaperCentre()
    empty.move("G1")
    guard = new_phone(tmp_path, empty, "G1")
    guard.phone.journal.connection.execute("DELETE FROM meta WHERE key = 'last_sync'")
    guard.reopen()
    assert status(guard.phone).data["data_as_of"] is None
    assert tasks(guard.phone).data == {"tasks": [], "data_as_of": None}


def test_work_under_way_outlives_the_weeks_and_the_changes_of_the_book(
    tmp_path: Path, centre: PaperCentre
) -> None:
    engineer = new_phone(tmp_path, centre, "E1")
    start(engineer.phone, LIFT)
    for weeks in (1, 8):
        engineer.world.step(weeks * 7 * 86400)
        centre.put("HV", "place", f"NEW{weeks}", {"name": "New"})
        engineer.sync(centre.post)
        engineer.reopen()
        assert ids(engineer)[0] == LIFT
        assert scan(engineer.phone, FOREIGN).data["outcome"] == "late"
    assert done(engineer.phone, LIFT).data["state"] == "completed"
    centre.put("HV", "place", "LATER", {"name": "New"})
    engineer.sync(centre.post)
    assert LIFT not in ids(engineer)


def test_work_under_way_goes_when_its_schedule_does(tmp_path: Path, centre: PaperCentre) -> None:
    engineer = new_phone(tmp_path, centre, "E1")
    start(engineer.phone, LIFT)
    engineer.world.step(21 * 86400)
    centre.put("HV", "schedule", "lift", None)
    engineer.sync(centre.post)
    assert not [row for row in ids(engineer) if row.startswith("lift")]


def test_a_phone_makes_its_tasks_for_a_month_without_the_centre(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    for day in range(35):
        guard.reopen()
        today = guard.world.local(guard.world.wall_ms // 1000)[:10].replace("-", "")
        assert f"day@{today}-0900" in ids(guard), f"day {day}"
        guard.world.step(86400)


def test_a_sync_unrolls_the_schedules_long_before_a_scan_would_have_to(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")

    def ahead_days() -> float:
        guard.reopen()
        return (int(guard.phone.meta["tasks_until"]) - guard.world.wall_ms // 1000) / 86400

    assert round(ahead_days()) == AHEAD_S // 86400
    left: list[float] = []
    for _ in range(7):
        guard.world.step(86400)
        guard.sync(centre.post)
        left.append(ahead_days())
    assert [round(days) for days in left] == [9, 8, 7, 6, 5, 10, 9]
