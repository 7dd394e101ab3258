"""The board: the day's work by state, what to look at, and law 12: how fresh that is."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from radar_core.actions import END_MS
from radar_core.book import Record
from radar_server.admin import revoke_device
from radar_server.centre import Centre, rfc3339
from radar_server.quarantine import Word, decide
from sync.clock import stamp
from tests.contract.centre_parts import (
    DAY_MS,
    HOUR_MS,
    START_MS,
    Clock,
    Device,
    Phone,
    import_records,
    new_device,
    person,
    site_book,
)

ROUND = "HV-R1@20260302-0800"
CLEANING = "PK-C1@20260302-0900"
PUMP = "HV-M1@20260302-0800"


@pytest.fixture
def lead(centre: Centre) -> Device:
    """Give the supervisor's device."""
    return new_device(centre, "S1")


def board(client: httpx.Client, device: Device, query: str = "") -> dict[str, Any]:
    response = device.get(client, f"/v1/board{query}")
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


def projects(client: httpx.Client, device: Device) -> dict[str, dict[str, Any]]:
    return {project["id"]: project for project in board(client, device)["projects"]}


def act(device: Device, kind: str, task: str, at_ms: int, **body: object) -> None:
    project = task[:2]
    device.act(kind, project=project, body={"task": task, **body}, at_ms=at_ms)


def walk(device: Device, *, at_ms: int, hlc: str) -> None:
    for checkpoint in (0, 1, 2):
        body = {"task": ROUND, "outcome": "on_round", "checkpoint": checkpoint}
        device.act("scan", body=body, at_ms=at_ms, hlc=hlc)


def visit(device: Device, checkpoint: int, at_ms: int = START_MS) -> None:
    act(device, "scan", ROUND, at_ms, outcome="on_round", checkpoint=checkpoint)


def test_the_board_has_the_shape_that_scripts_rely_on(client: httpx.Client, lead: Device) -> None:
    told = board(client, lead)
    assert told["format"] == 1
    assert told["as_of"] == "2026-03-02T00:00:00Z"
    assert told["district"] == {"id": "WC", "name": "West Coast", "name_zh": "西海岸"}
    hv, pk = told["projects"]
    assert set(hv) == {
        "id", "name", "name_zh", "rounds", "cleaning", "maintenance", "exceptions", "phones",
        "tags", "assets", "quarantined", "sla", "as_of", "exceptions_count", "people",
    }  # fmt: skip
    assert (hv["id"], pk["id"]) == ("HV", "PK")
    assert (hv["tags"], hv["assets"], hv["quarantined"]) == (1, 1, 0)
    assert (hv["rounds"], hv["cleaning"]) == ({"due": 1}, {"planned": 1})
    assert hv["phones"] == [
        {
            "device": lead.id,
            "staff": "S1",
            "shared": False,
            "name": "Person S1",
            "name_zh": "员工S1",
            "last_sync": None,
        }
    ]


def test_a_round_goes_from_due_to_under_way_to_done(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    guard = new_device(centre)
    visit(guard, 0)
    guard.sync(client)
    assert projects(client, lead)["HV"]["rounds"] == {"in_progress": 1}
    visit(guard, 1)
    visit(guard, 2)
    guard.sync(client, 2)
    assert projects(client, lead)["HV"]["rounds"] == {"done": 1}


def test_a_round_done_by_two_phones_is_done_in_whatever_order_they_sync(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    early, late = new_device(centre, "G1"), new_device(centre, "G2")
    visit(early, 0, START_MS)
    visit(late, 1, START_MS + 1000)
    visit(early, 2, START_MS + 2000)
    visit(late, 0, START_MS + 1500)
    late.sync(client)
    early.sync(client)
    told = projects(client, lead)["HV"]
    assert (told["rounds"], told["exceptions"]) == ({"done": 1}, [])


def test_a_second_completion_is_kept_and_marked_as_a_conflict(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    cleaner, guard = new_device(centre, "C1"), new_device(centre, "G3")
    act(cleaner, "complete", CLEANING, START_MS + HOUR_MS)
    act(guard, "complete", CLEANING, START_MS + HOUR_MS + 5)
    guard.sync(client)
    cleaner.sync(client)
    told = projects(client, lead)["PK"]
    assert told["cleaning"] == {"done": 1}
    (exception,) = told["exceptions"]
    assert exception == {
        "kind": "conflict",
        "task": CLEANING,
        "title": "Lobby",
        "title_zh": "Lobby",
        "at": "2026-03-02T01:00:00Z",
        "staff": "C1",
        "place": {"id": "PK-P2", "path": "PK / 2", "path_zh": "PK / 2"},
    }


def test_who_did_what_today_is_told_as_of_when_their_phone_was_heard(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    cleaner, guard = new_device(centre, "C1"), new_device(centre, "G3")
    act(cleaner, "complete", CLEANING, START_MS + HOUR_MS)
    cleaner.sync(client)
    told = {row["staff"]: row for row in projects(client, lead)["PK"]["people"]}
    assert told["C1"] == {
        "staff": "C1",
        "name": "Person C1",
        "name_zh": "员工C1",
        "work": {"done": 1},
        "given": 0,
        "at": "2026-03-02T01:00:00Z",
        "as_of": told["C1"]["as_of"],
    }
    assert told["C1"]["as_of"] is not None
    assert (told["G3"]["work"], told["G3"]["at"]) == ({}, None)
    assert guard.id
    assert "C1" not in {row["staff"] for row in projects(client, lead)["HV"]["people"]}


def test_law_12_a_round_is_unknown_until_every_phone_has_synced_past_its_window(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    guards = [new_device(centre, staff) for staff in ("G1", "G2", "G3")]
    clock.pass_ms(2 * HOUR_MS + 11 * 60_000)
    assert projects(client, lead)["HV"]["rounds"] == {"unknown": 1}
    for guard in guards[:2]:
        guard.sync(client)
        assert projects(client, lead)["HV"]["rounds"] == {"unknown": 1}
    guards[2].sync(client)
    told = projects(client, lead)["HV"]
    assert told["rounds"] == {"missed": 1}
    assert ("missed", ROUND, "2026-03-02T02:00:00Z") in [
        (e["kind"], e["task"], e["at"]) for e in told["exceptions"]
    ]


def test_law_12_a_phone_that_synced_within_the_window_may_still_have_done_it(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    guard = new_device(centre)
    clock.pass_ms(2 * HOUR_MS)
    guard.sync(client)
    clock.pass_ms(HOUR_MS)
    assert projects(client, lead)["HV"]["rounds"] == {"unknown": 1}
    visit(guard, 0, START_MS + HOUR_MS)
    guard.sync(client)
    assert projects(client, lead)["HV"]["rounds"] == {"in_progress": 1}


def test_law_12_where_nobody_could_have_done_it_nothing_is_known(
    client: httpx.Client, lead: Device, clock: Clock
) -> None:
    clock.pass_ms(3 * HOUR_MS)
    assert projects(client, lead)["HV"]["rounds"] == {"unknown": 1}


def test_law_12_a_full_page_may_have_another_one_behind_it(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    guard = new_device(centre)
    clock.pass_ms(3 * HOUR_MS)
    for _ in range(67):
        guard.act(body={"text": "x" * 63_000})
    guard.sync(client, 1, 66)
    assert projects(client, lead)["HV"]["rounds"] == {"unknown": 1}
    guard.sync(client, 67)
    assert projects(client, lead)["HV"]["rounds"] == {"missed": 1}


def test_law_12_a_revoked_phone_and_one_enrolled_later_are_not_waited_for(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    gone, there = new_device(centre, "G1"), new_device(centre, "G2")
    clock.pass_ms(3 * HOUR_MS)
    new_device(centre, "G3")
    there.sync(client)
    assert projects(client, lead)["HV"]["rounds"] == {"unknown": 1}
    revoke_device(centre, gone.id)
    assert projects(client, lead)["HV"]["rounds"] == {"missed": 1}


def test_maintenance_stays_open_past_its_window_and_is_called_late(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    assert projects(client, lead)["HV"]["maintenance"] == {"open": 1}
    clock.pass_ms(2 * DAY_MS)
    told = projects(client, lead)["HV"]
    assert told["maintenance"] == {"open": 1}
    late = [e for e in told["exceptions"] if e["task"] == PUMP]
    assert [(e["kind"], e["place"]["id"]) for e in late] == [("late", "HV-P1")]
    import_records(centre, [*site_book(), *person("E1", "engineer", "HV")])
    engineer = new_device(centre, "E1")
    act(engineer, "complete", PUMP, START_MS + 2 * DAY_MS)
    engineer.sync(client)
    assert projects(client, lead)["HV"]["maintenance"] == {}


def test_the_day_is_the_local_one_of_each_project(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    night: dict[str, object] = {
        "kind": "patrol", "title": "Night", "role": "guard", "route": "HV-RT", "grace_min": 0,
        "rrule": "FREQ=DAILY", "start": "2026-01-01T22:00", "duration_min": 240,
    }  # fmt: skip
    import_records(centre, [*site_book(), Record("HV", "schedule", "HV-N1", night)])
    assert projects(client, lead)["HV"]["rounds"] == {"due": 1, "planned": 1, "unknown": 1}
    clock.pass_ms(15 * HOUR_MS + 59 * 60_000)
    assert projects(client, lead)["HV"]["rounds"] == {"due": 1, "unknown": 2}
    clock.pass_ms(2 * 60_000)
    assert projects(client, lead)["HV"]["rounds"] == {"due": 1, "planned": 2}


def test_the_folded_tasks_follow_a_changed_site_book(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    guard = new_device(centre)
    visit(guard, 0)
    visit(guard, 1)
    guard.sync(client)
    route: dict[str, object] = {
        "name": "Round",
        "ordered": False,
        "checkpoints": ["place:HV-P1", "place:HV-P2"],
    }
    others = [r for r in site_book() if r.id != "HV-RT"]
    import_records(centre, [*others, Record("HV", "route", "HV-RT", route)])
    assert projects(client, lead)["HV"]["rounds"] == {"done": 1}
    import_records(centre, [r for r in site_book() if r.id != "HV-R1"])
    assert projects(client, lead)["HV"]["rounds"] == {}
    import_records(centre, site_book())
    assert projects(client, lead)["HV"]["rounds"] == {"in_progress": 1}


def test_the_folded_tasks_follow_a_changed_calendar_and_come_back_whole(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    guard = new_device(centre)
    visit(guard, 0)
    guard.sync(client)
    (round_,) = [r for r in site_book() if r.id == "HV-R1"]
    others = [r for r in site_book() if r.id != "HV-R1"]
    round_ = Record("HV", "schedule", "HV-R1", round_.body | {"calendar": "CN"})
    for dates, expected in (
        (["2026-03-02"], {}),
        (["2020-01-01"], {"in_progress": 1}),
        (["2026-03-02"], {}),
    ):
        body: dict[str, object] = {"name": "Holidays", "dates": dates}
        import_records(centre, [*others, round_, Record("HV", "holidays", "CN", body)])
        assert projects(client, lead)["HV"]["rounds"] == expected
    import_records(centre, site_book())
    assert projects(client, lead)["HV"]["rounds"] == {"in_progress": 1}


def test_an_action_on_a_task_that_nobody_knows_yet_counts_once_its_schedule_comes(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    import_records(centre, [r for r in site_book() if r.id != "HV-R1"])
    guard = new_device(centre)
    for checkpoint in (0, 1, 2):
        visit(guard, checkpoint)
    assert guard.sync(client).quarantined == []
    import_records(centre, site_book())
    assert projects(client, lead)["HV"]["rounds"] == {"done": 1}


@pytest.mark.parametrize("staff", ["G1", "C1"])
def test_the_board_is_for_those_who_lead(centre: Centre, client: httpx.Client, staff: str) -> None:
    response = new_device(centre, staff).get(client, "/v1/board")
    assert (response.status_code, response.json()["code"]) == (403, "not_permitted")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?project=PK", ["PK"]),
        ("?district=WC", ["HV", "PK"]),
        ("?scope=WC", ["HV", "PK"]),
        ("?scope=HV", ["HV"]),
        ("?district=WC&project=PK", ["PK"]),
        ("?scope=", ["HV", "PK"]),
    ],
)
def test_the_board_can_be_asked_of_a_district_or_a_project(
    client: httpx.Client, lead: Device, query: str, expected: list[str]
) -> None:
    assert [p["id"] for p in board(client, lead, query)["projects"]] == expected


@pytest.mark.parametrize("query", ["?project=NONE", "?district=NONE", "?scope=%E7%89%87"])
def test_what_one_does_not_lead_is_not_told_whether_it_exists(
    client: httpx.Client, lead: Device, query: str
) -> None:
    response = lead.get(client, f"/v1/board{query}")
    assert (response.status_code, response.json()["code"]) == (403, "not_permitted")


def test_law_09_scope_a_supervisor_sees_the_projects_that_they_lead(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    others = [r for r in site_book() if r.id != "S1"]
    import_records(
        centre, [*others, *person("S1", "supervisor", "HV"), *person("S1", "guard", "PK")]
    )
    assert list(projects(client, lead)) == ["HV"]


def test_the_query_is_part_of_what_is_signed(client: httpx.Client, lead: Device) -> None:
    asked = lead.get(client, "/v1/board?project=HV").request
    response = client.get("/v1/board?project=PK", headers=asked.headers)
    assert (response.status_code, response.json()["code"]) == (401, "bad_signature")


def test_a_revoked_phone_that_still_sends_is_named_until_that_is_decided(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    def told() -> list[dict[str, object]]:
        found = projects(client, lead)["HV"]["exceptions"]
        return [one for one in found if one["kind"] == "revoked"]

    quiet, gone = new_device(centre, "G2"), new_device(centre, "G1")
    for device in (quiet, gone):
        revoke_device(centre, device.id)
    assert told() == []
    clock.pass_ms(HOUR_MS)
    gone.act()
    gone.post(client, gone.push())
    (one,) = told()
    assert (one["title"], one["staff"], one["task"]) == (gone.id, "G1", "")
    assert one["at"] == rfc3339(clock())
    decide(centre, f"{gone.epoch}.1", Word("rejected", "S1", "no"))
    assert told() == []


def test_a_revoked_supervisor_sees_nothing(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    revoke_device(centre, lead.id)
    response = lead.get(client, "/v1/board")
    assert (response.status_code, response.json()["code"]) == (403, "revoked")


def test_a_clock_from_the_end_of_time_does_not_hide_the_board(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    guard = new_device(centre)
    walk(guard, at_ms=END_MS - 8 * HOUR_MS - 1, hlc="f" * 16)
    guard.sync(client)
    told = projects(client, lead)["HV"]
    assert told["rounds"] == {"done_late": 1}
    assert told["exceptions"][0]["at"] == "9999-12-31T15:59:59Z"


def test_quarantine_is_visible_on_the_board(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    guard = new_device(centre)
    guard.act("teleport")
    guard.sync(client)
    assert projects(client, lead)["HV"]["quarantined"] == 1


def test_a_phone_s_last_sync_is_on_the_board(
    centre: Centre, client: httpx.Client, lead: Device, tmp_path: Path, clock: Clock
) -> None:
    phone = Phone(centre, client, tmp_path)
    clock.pass_ms(60_000)
    phone.sync()
    (shown,) = (p for p in projects(client, lead)["HV"]["phones"] if p["staff"] == "G1")
    assert shown["last_sync"] == "2026-03-02T00:01:00Z"


def test_law_10_honest_time_a_phone_that_heard_one_from_tomorrow_is_not_late(
    client: httpx.Client, centre: Centre, lead: Device
) -> None:
    guard = new_device(centre)
    ahead = stamp(START_MS + DAY_MS, 7)
    walk(guard, at_ms=START_MS + HOUR_MS, hlc=ahead)
    guard.sync(client)
    assert projects(client, lead)["HV"]["rounds"] == {"done": 1}


ORDER = "repair:HV-A1:1"
DEADLINES = [
    Record("HV", "sla", "high", {"response_min": 30, "resolution_min": 240}),
    *person("E1", "engineer", "HV"),
]


def report(device: Device, at_ms: int, priority: str = "high") -> None:
    told = {"category": "repair", "asset": "HV-A1", "text": "It leaks", "priority": priority}
    device.act("report", body={"task": ORDER, **told}, at_ms=at_ms)


def told_of(client: httpx.Client, lead: Device, task: str) -> list[dict[str, Any]]:
    return [e for e in projects(client, lead)["HV"]["exceptions"] if e["task"] == task]


def test_a_reported_work_order_is_on_the_board_by_state_until_the_day_after_its_end(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    import_records(centre, [*site_book(), *DEADLINES])
    engineer = new_device(centre, "E1")
    report(engineer, START_MS)
    engineer.sync(client)
    told = projects(client, lead)["HV"]
    assert (told["maintenance"], told["sla"]) == ({"open": 2}, {"ok": 1})
    for kind, at_min, state in (
        ("accept", 5, "assigned"), ("start", 6, "in_progress"), ("hold", 7, "on_hold"),
        ("complete", 8, "completed"), ("reject", 9, "rejected"),
    ):  # fmt: skip
        who = lead if kind == "reject" else engineer
        who.act(kind, body={"task": ORDER, "reason": "why"}, at_ms=START_MS + at_min * 60_000)
        who.sync(client, len(who.lines))
        told = projects(client, lead)["HV"]
        assert told["maintenance"] == {"open": 1, state: 1}
        assert told["sla"] == ({} if state == "completed" else {"ok": 1})
    (exception,) = told_of(client, lead, ORDER)
    assert (exception["kind"], exception["reason"]) == ("rejected", "why")
    assert exception["place"]["id"] == "HV-P1"
    engineer.act("complete", body={"task": ORDER}, at_ms=START_MS + HOUR_MS)
    engineer.sync(client, len(engineer.lines))
    assert projects(client, lead)["HV"]["maintenance"] == {"completed": 1, "open": 1}
    clock.pass_ms(DAY_MS)
    assert projects(client, lead)["HV"]["maintenance"] == {"open": 1}


def test_deadlines_at_risk_and_breached_are_told_with_how_far_up_they_go(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    import_records(centre, [*site_book(), *DEADLINES])
    engineer = new_device(centre, "E1")
    report(engineer, START_MS)
    engineer.sync(client)
    for at_min, state, level in ((25, "at_risk", 1), (31, "breached", 2), (61, "breached", 3)):
        clock.now_ms = START_MS + at_min * 60_000
        assert projects(client, lead)["HV"]["sla"] == {state: 1}
        (exception,) = told_of(client, lead, ORDER)
        assert (exception["kind"], exception["level"]) == (f"sla_{state}", level)
        assert exception["response_due"] == "2026-03-02T00:30:00Z"
        assert exception["at"] == "2026-03-02T04:00:00Z"
        assert (exception["response"], exception["resolution"]) == (state, "ok")
        assert (exception["priority"], exception["assignee"]) == ("high", None)


def test_deadlines_are_in_the_hours_and_outside_the_holidays_of_the_project(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    book = [r for r in site_book() if (r.kind, r.id) != ("project", "HV")]
    about: dict[str, object] = {"district": "WC", "name": "Hv", "timezone": "Asia/Shanghai"}
    about |= {"hours": ["MO-FR 08:00-18:00"], "calendar": "CAL"}
    days: dict[str, object] = {"name": "Holidays", "dates": ["2026-03-02"]}
    more = [Record("HV", "project", "HV", about), Record("HV", "holidays", "CAL", days)]
    import_records(centre, [*book, *DEADLINES, *more])
    engineer = new_device(centre, "E1")
    report(engineer, START_MS)
    engineer.sync(client)
    clock.pass_ms(DAY_MS + 29 * 60_000)
    (exception,) = told_of(client, lead, ORDER)
    assert exception["response_due"] == "2026-03-03T00:30:00Z"
    import_records(centre, [*book, *DEADLINES, more[0]])
    assert told_of(client, lead, ORDER)[0]["response_due"] == "2026-03-02T00:30:00Z"


def test_a_doubtful_reading_is_to_be_looked_at_until_it_is_read_again(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    engineer = new_device(centre, "G1")
    act(engineer, "reading", PUMP, START_MS, step="kwh", value=1, doubt="backwards")
    engineer.sync(client)
    (exception,) = told_of(client, lead, PUMP)
    assert (exception["kind"], exception["doubts"]) == ("reading_doubt", {"kwh": "backwards"})
    act(engineer, "reading", PUMP, START_MS + 1000, step="kwh", value=1001)
    engineer.sync(client, 2)
    assert told_of(client, lead, PUMP) == []


def test_law_12_each_figure_is_as_old_as_the_stalest_phone_that_could_change_it(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    told = projects(client, lead)
    enrolled = "2026-03-02T00:00:00Z"
    assert told["HV"]["as_of"] == {
        "rounds": None, "cleaning": None, "maintenance": enrolled, "sla": enrolled,
        "exceptions": enrolled,
    }  # fmt: skip
    guards = [new_device(centre, staff) for staff in ("G1", "G3")]
    cleaner = new_device(centre, "C1")
    clock.pass_ms(HOUR_MS)
    for device in (*guards, lead):
        device.sync(client)
    clock.pass_ms(HOUR_MS)
    guards[0].sync(client)
    told = projects(client, lead)
    assert told["HV"]["as_of"]["rounds"] == "2026-03-02T01:00:00Z"
    assert told["PK"]["as_of"]["cleaning"] == enrolled
    assert told["PK"]["as_of"]["maintenance"] == enrolled
    cleaner.sync(client)
    assert projects(client, lead)["PK"]["as_of"]["cleaning"] == "2026-03-02T02:00:00Z"
    assert told["HV"]["phones"][-1]["staff"] == "G1"


def test_more_exceptions_than_are_listed_are_counted(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    like = next(r.body for r in site_book() if r.id == "HV-C1")
    many = [Record("HV", "schedule", f"C{number}", like) for number in range(210)]
    import_records(centre, [*site_book(), *many])
    clock.pass_ms(6 * HOUR_MS)
    told = projects(client, lead)["HV"]
    assert len(told["exceptions"]) == 200
    assert told["exceptions_count"] == 211 + told["rounds"]["unknown"]


def test_the_day_is_unrolled_anew_at_midnight_and_when_the_book_changes(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    assert projects(client, lead)["HV"]["rounds"] == {"due": 1}
    clock.now_ms = START_MS + 16 * HOUR_MS - 1
    assert projects(client, lead)["HV"]["rounds"] == {"unknown": 1}
    clock.now_ms += 1
    assert projects(client, lead)["HV"]["rounds"] == {"planned": 1}
    import_records(centre, [r for r in site_book() if r.id != "HV-R1"])
    assert projects(client, lead)["HV"]["rounds"] == {}


def test_work_that_repeats_from_completion_is_on_the_board_from_its_day_until_it_is_done(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    body: dict[str, object] = {
        "kind": "cleaning", "title": "Gutter", "role": "guard", "place": "HV-P1",
        "repeat": "floating", "rrule": "FREQ=DAILY;INTERVAL=3",
        "start": "2026-03-02T09:00", "duration_min": 60, "grace_min": 0,
    }  # fmt: skip
    rest = [record for record in site_book() if record.kind != "schedule"]
    import_records(centre, [*rest, Record("HV", "schedule", "GUT", body)])
    guard = new_device(centre, "G1")

    def shown() -> tuple[dict[str, int], list[object]]:
        told = projects(client, lead)["HV"]
        late = [one["kind"] for one in told["exceptions"] if one["title"] == "Gutter"]
        return told["cleaning"], late

    clock.now_ms = START_MS
    assert shown() == ({"planned": 1}, [])
    clock.pass_ms(HOUR_MS)
    assert shown() == ({"due": 1}, [])
    clock.pass_ms(5 * DAY_MS)
    assert shown() == ({"due": 1}, ["late"])
    guard.act("complete", body={"task": "GUT#1", "place": "HV-P1"}, at_ms=clock.now_ms)
    guard.sync(client)
    assert shown() == ({"done_late": 1}, ["done_late"])
    clock.pass_ms(2 * DAY_MS)
    assert shown() == ({}, [])
    clock.pass_ms(DAY_MS)
    assert shown() == ({"due": 1}, [])
