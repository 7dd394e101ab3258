"""The figures of a month, as the centre tells them of what phones sent."""

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from radar_core.book import Record
from radar_server.centre import Centre
from tests.contract.centre_parts import (
    DAY_MS,
    HOUR_MS,
    START_MS,
    Clock,
    Device,
    import_records,
    new_device,
    person,
    site_book,
)

MARCH = "/v1/figures?month=2026-03"
LEAK = "repair:HV-P1:1"
DOOR = "cleaning:HV-P2:1"
NONE: dict[str, Any] = {"count": 0, "mean_s": None, "median_s": None}


@pytest.fixture
def lead(centre: Centre) -> Device:
    """Give the supervisor's device, with an engineer in the book besides."""
    import_records(centre, [*site_book(), *person("E1", "engineer", "HV")])
    return new_device(centre, "S1")


def figures(client: httpx.Client, device: Device, path: str = MARCH) -> dict[str, Any]:
    response = device.get(client, path)
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


def of(told: dict[str, Any], project: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in told["projects"] if one["id"] == project)
    return found


def act(device: Device, kind: str, task: str, at_ms: int, **body: object) -> None:
    device.act(kind, project="HV", body={"task": task, **body}, at_ms=at_ms)


def report(device: Device, task: str, at_ms: int, priority: str = "normal") -> None:
    category, place, _ = task.split(":")
    body = {"category": category, "place": place, "text": "Leak", "priority": priority}
    act(device, "report", task, at_ms, **body)


def walk(device: Device, day: int, at_ms: int) -> None:
    for checkpoint in (0, 1, 2):
        body = {"outcome": "on_round", "checkpoint": checkpoint}
        act(device, "scan", f"HV-R1@202603{day:02}-0800", at_ms + checkpoint, **body)


def test_the_figures_have_the_shape_that_scripts_rely_on(
    client: httpx.Client, lead: Device
) -> None:
    told = figures(client, lead)
    assert (told["format"], told["as_of"], told["month"]) == (1, "2026-03-02T00:00:00Z", "2026-03")
    assert told["district"] == {"id": "WC", "name": "West Coast", "name_zh": "西海岸"}
    assert set(told) == {"format", "as_of", "month", "district", "figures", "projects"}
    hv, pk = told["projects"]
    assert (hv["id"], pk["id"], hv["over"]) == ("HV", "PK", False)
    assert set(hv) == {
        "id", "name", "name_zh", "over", "rounds", "cleaning", "maintenance", "as_of", "figures",
        "exceptions", "exceptions_count", "phones",
    }  # fmt: skip
    assert set(told["figures"]) == set(hv["figures"]) == {
        "on_line", "on_time", "sla", "handling", "response", "trend", "shorter", "satisfaction",
        "rework",
    }  # fmt: skip
    assert [row["month"] for row in told["figures"]["trend"]][::11] == ["2025-04", "2026-03"]


def test_of_a_month_each_planned_task_is_counted_once_by_its_state(
    centre: Centre, client: httpx.Client, clock: Clock, lead: Device
) -> None:
    guard = new_device(centre)
    walk(guard, 2, START_MS)
    walk(guard, 3, START_MS + DAY_MS + 3 * HOUR_MS)
    act(guard, "end_early", "HV-R1@20260304-0800", START_MS + 2 * DAY_MS, reason="rain")
    clock.now_ms = START_MS + 4 * DAY_MS
    guard.sync(client)
    hv = of(figures(client, lead), "HV")
    # Those of 1 March ended before the phones were enrolled: these could not have done them.
    assert hv["rounds"] == {
        "done": 1, "done_late": 1, "due": 1, "ended_early": 1, "missed": 2, "planned": 25
    }  # fmt: skip
    assert sum(hv["cleaning"].values()) == 31
    assert hv["figures"]["on_time"]["rounds"] == {"count": 1, "of": 5}
    assert hv["maintenance"] == {"open": 5}
    # The pump of 2 March is overdue.
    settled = 5 + hv["cleaning"]["unknown"] + 1
    assert hv["figures"]["on_line"] == {"count": 3, "of": settled}


def test_unknown_is_told_from_missed_until_every_phone_has_synced(
    centre: Centre, client: httpx.Client, clock: Clock, lead: Device
) -> None:
    heard, silent = new_device(centre, "G1"), new_device(centre, "G2")
    clock.now_ms = START_MS + 2 * DAY_MS
    heard.act()
    heard.sync(client)
    before = of(figures(client, lead), "HV")
    assert before["rounds"]["unknown"] == 2
    silent.act()
    silent.sync(client)
    after = of(figures(client, lead), "HV")
    assert "unknown" not in after["rounds"]
    assert after["rounds"]["missed"] == before["rounds"]["missed"] + 2
    assert after["exceptions"][0]["kind"] == "missed"


def test_a_work_order_s_times_rating_and_rework_are_of_the_month_that_completed_it(
    centre: Centre, client: httpx.Client, clock: Clock, lead: Device
) -> None:
    engineer = new_device(centre, "E1")
    at = START_MS
    report(engineer, LEAK, at)
    act(engineer, "start", LEAK, at + HOUR_MS)
    act(engineer, "hold", LEAK, at + 2 * HOUR_MS, reason="part")
    act(engineer, "resume", LEAK, at + 5 * HOUR_MS)
    act(engineer, "complete", LEAK, at + 6 * HOUR_MS)
    act(lead, "reject", LEAK, at + 7 * HOUR_MS, reason="drips")
    report(engineer, DOOR, at)
    act(engineer, "complete", DOOR, at + 9 * HOUR_MS)
    engineer.sync(client)
    lead.sync(client)
    clock.now_ms = at + DAY_MS
    first = of(figures(client, lead), "HV")["figures"]
    assert first["handling"] == {"count": 1, "mean_s": 9 * 3600, "median_s": 9 * 3600}
    assert first["response"]["count"] == 2
    act(engineer, "resume", LEAK, at + 8 * HOUR_MS)
    act(engineer, "complete", LEAK, at + 10 * HOUR_MS)
    engineer.sync(client, 8)
    act(lead, "rate", LEAK, at + 11 * HOUR_MS, stars=4)
    lead.sync(client, 2)
    told = figures(client, lead)
    hv = of(told, "HV")["figures"]
    assert hv["handling"] == {"count": 2, "mean_s": 8 * 3600, "median_s": 8 * 3600}
    assert hv["response"] == {"count": 2, "mean_s": 5 * 3600, "median_s": 5 * 3600}
    assert hv["trend"][-1] == {"month": "2026-03", **hv["handling"]}
    assert hv["trend"][-2] == {"month": "2026-02", **NONE}
    assert hv["satisfaction"] == {"count": 1, "of": 2, "stars": 4}
    assert hv["rework"] == {"count": 1, "of": 2}
    assert hv["sla"] == {"response": {"count": 0, "of": 0}, "resolution": {"count": 2, "of": 2}}
    assert told["figures"]["handling"] == hv["handling"]
    assert of(told, "PK")["figures"]["handling"] == NONE


def test_what_was_agreed_decides_whether_work_orders_were_taken_up_and_done_on_time(
    centre: Centre, client: httpx.Client, clock: Clock, lead: Device
) -> None:
    agreed: dict[str, object] = {"response_min": 30, "resolution_min": 120}
    import_records(
        centre, [*site_book(), *person("E1", "engineer", "HV"), Record("HV", "sla", "high", agreed)]
    )
    engineer = new_device(centre, "E1")
    report(engineer, LEAK, START_MS, "high")
    act(engineer, "start", LEAK, START_MS + HOUR_MS)
    act(engineer, "complete", LEAK, START_MS + HOUR_MS + 1000)
    engineer.sync(client)
    clock.now_ms = START_MS + DAY_MS
    hv = of(figures(client, lead), "HV")["figures"]
    assert hv["sla"] == {"response": {"count": 0, "of": 1}, "resolution": {"count": 1, "of": 1}}


def test_what_repeats_from_completion_is_counted_once_in_the_month_in_which_it_begins(
    centre: Centre, client: httpx.Client, clock: Clock, lead: Device
) -> None:
    filters: dict[str, object] = {
        "kind": "maintenance", "title": "Filter", "role": "engineer", "asset": "HV-A1",
        "repeat": "floating", "rrule": "FREQ=DAILY;INTERVAL=20", "start": "2026-03-03T08:00",
        "duration_min": 120,
    }  # fmt: skip
    book = [
        *site_book(),
        *person("E1", "engineer", "HV"),
        Record("HV", "schedule", "HV-F", filters),
    ]
    before = of(figures(client, lead), "HV")["maintenance"]["open"]
    import_records(centre, book)
    engineer = new_device(centre, "E1")
    act(engineer, "start", "HV-F#1", START_MS + DAY_MS + HOUR_MS)
    act(engineer, "complete", "HV-F#1", START_MS + DAY_MS + 2 * HOUR_MS)
    clock.now_ms = START_MS + 3 * DAY_MS
    engineer.sync(client)
    hv = of(figures(client, lead), "HV")
    assert hv["maintenance"] == {"completed": 1, "open": before + 1}
    assert hv["figures"]["on_time"]["maintenance"] == {"count": 1, "of": 2}
    assert hv["figures"]["sla"]["resolution"] == {"count": 0, "of": 0}
    clock.now_ms = START_MS + 40 * DAY_MS
    april = of(figures(client, lead, "/v1/figures?month=2026-04"), "HV")
    assert "completed" not in april["maintenance"]


def test_a_month_is_the_project_s_own_and_stays_when_it_is_over(
    centre: Centre, client: httpx.Client, clock: Clock, lead: Device
) -> None:
    engineer = new_device(centre, "E1")
    # The last hour of March in Shanghai.
    report(engineer, LEAK, START_MS + 30 * DAY_MS - 8 * HOUR_MS - HOUR_MS)
    act(engineer, "complete", LEAK, START_MS + 30 * DAY_MS - 8 * HOUR_MS + HOUR_MS)
    clock.now_ms = START_MS + 40 * DAY_MS
    engineer.sync(client)
    march = of(figures(client, lead), "HV")
    april = of(figures(client, lead, "/v1/figures?month=2026-04&scope=HV"), "HV")
    assert (march["over"], april["over"]) == (True, False)
    assert (march["maintenance"]["completed"], march["figures"]["handling"]) == (1, NONE)
    assert april["figures"]["handling"]["count"] == 1
    assert "completed" not in april["maintenance"]


@pytest.mark.parametrize(
    "month", ["", "2026", "2026-13", "2026-00", "2026-3", "0999-12", "9999-12", "2026-04", "x-03",
              "2026-03-01", "\uff12\uff10\uff12\uff16-03"]
)  # fmt: skip
def test_what_is_no_month_or_has_not_begun_has_no_figures(
    client: httpx.Client, lead: Device, month: str
) -> None:
    response = lead.get(client, f"/v1/figures?{urlencode({'month': month})}")
    assert (response.status_code, response.json()["code"]) == (400, "bad_month")


def test_the_figures_are_for_those_who_lead(centre: Centre, client: httpx.Client) -> None:
    response = new_device(centre, "G1").get(client, MARCH)
    assert (response.status_code, response.json()["code"]) == (403, "not_permitted")
