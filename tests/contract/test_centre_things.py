"""What the centre tells of a thing: what it is, what is due, what was done, and how sure it is."""

from typing import Any

import httpx
import pytest

from radar_core.book import Record
from radar_server.admin import revoke_device
from radar_server.centre import Centre
from tests.contract.centre_parts import (
    HOUR_MS,
    START_MS,
    Clock,
    Device,
    import_records,
    new_device,
    person,
    site_book,
)

ROUND, ORDER = "HV-R1@20260302-0800", "repair:HV-A1:1"
KEYS = {
    "format", "as_of", "kind", "id", "ref", "project", "what", "where", "due", "history",
    "data_as_of",
}  # fmt: skip


@pytest.fixture
def lead(centre: Centre) -> Device:
    """Give the supervisor's device."""
    return new_device(centre, "S1")


def told(client: httpx.Client, device: Device, thing: str, more: str = "") -> dict[str, Any]:
    response = device.get(client, f"/v1/query?thing={thing}{more}")
    assert response.status_code == 200, response.text
    data: dict[str, Any] = response.json()
    assert data.keys() == KEYS
    return data


@pytest.mark.parametrize(
    ("word", "found", "place"),
    [
        ("HVTAG00001", ("tag", "HVTAG00001"), "HV-P1"),
        ("tag:HVTAG00001", ("tag", "HVTAG00001"), "HV-P1"),
        ("HV-A1", ("asset", "HV-A1"), "HV-P1"),
        ("asset:HV-A1", ("asset", "HV-A1"), "HV-P1"),
        ("HV-P2", ("place", "HV-P2"), "HV-P2"),
        ("G1", ("staff", "G1"), None),
        ("HV", ("project", "HV"), None),
        (ROUND, ("task", ROUND), None),
        (f"task:{ROUND}", ("task", ROUND), None),
        ("HV-R1", ("task", ROUND), None),
        ("HV-R", ("task", ROUND), None),
    ],
)
def test_each_kind_of_thing_is_found(
    client: httpx.Client, lead: Device, word: str, found: tuple[str, str], place: str | None
) -> None:
    data = told(client, lead, word)
    assert (data["kind"], data["id"], data["project"]) == (*found, "HV")
    assert data["ref"] == ":".join(found)
    assert (data["where"] or {}).get("place") == place


def test_what_was_done_is_told_newest_first_with_how_sure_its_clock_is(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    first, second = new_device(centre, "G1"), new_device(centre, "G2")
    for number in range(3):
        first.act(body={"asset": "HV-A1", "text": f"note {number}"}, at_ms=START_MS + number)
    second.act("reading", body={"asset": "HV-A1", "step": "bar", "value": 4.75}, at_ms=START_MS - 9)
    first.sync(client)
    second.sync(client)
    events = told(client, lead, "HV-A1")["history"]
    assert [event.get("text") for event in events] == ["note 2", "note 1", "note 0", None]
    assert (events[0]["staff"], events[0]["name"]) == ("G1", "Person G1")
    assert (events[3]["kind"], events[3]["value"], events[3]["name_zh"]) == (
        "reading",
        4.75,
        "员工G2",
    )
    assert {event["clock"] for event in events} <= {"anchored", "unanchored", "moved"}
    assert all("error_s" in event for event in events)
    assert len(told(client, lead, "HV-A1", "&most=2")["history"]) == 2
    assert [e["text"] for e in told(client, lead, "G1")["history"]] == [
        "note 2",
        "note 1",
        "note 0",
    ]


@pytest.mark.parametrize("most", ["", "-1", "x", "99999999999999999999", "1e3", "%C2%B2"])
def test_a_number_that_is_none_means_the_usual_one(
    centre: Centre, client: httpx.Client, lead: Device, most: str
) -> None:
    guard = new_device(centre)
    for _ in range(21):
        guard.act(body={"place": "HV-P1", "text": "x"})
    guard.sync(client)
    assert len(told(client, lead, "HV-P1", f"&most={most}")["history"]) == 20


def test_a_work_order_is_told_with_what_is_known_of_it_and_is_due_where_it_is(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    import_records(centre, [*site_book(), *person("E1", "engineer", "HV")])
    engineer = new_device(centre, "E1")
    report: dict[str, object] = {"category": "repair", "asset": "HV-A1", "text": "Leaks"}
    engineer.act("report", body={"task": ORDER, "priority": "high", **report}, at_ms=START_MS)
    engineer.act("accept", body={"task": ORDER, "asset": "HV-A1"}, at_ms=START_MS + 1)
    engineer.act("hold", body={"task": ORDER, "reason": "part"}, at_ms=START_MS + 2)
    engineer.sync(client)
    data = told(client, lead, ORDER)
    assert (data["kind"], data["what"]["state"], data["what"]["reason"]) == (
        "task",
        "on_hold",
        "part",
    )
    assert data["what"]["assignee"]["name"] == "Person E1"
    assert [row["text"] for row in data["what"]["reports"]] == ["Leaks"]
    due = {row["task_id"]: row["state"] for row in told(client, lead, "HV-A1")["due"]}
    assert due == {ORDER: "on_hold", "HV-M1@20260302-0800": "open"}
    assert [row["task_id"] for row in told(client, lead, "E1")["due"]] == [ORDER]
    engineer.act("complete", body={"task": ORDER}, at_ms=START_MS + 3)
    engineer.sync(client, 4)
    assert told(client, lead, "E1")["due"] == []


def test_a_round_is_told_by_its_checkpoints(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    guard = new_device(centre)
    body = {"task": ROUND, "outcome": "on_round", "checkpoint": 1}
    guard.act("scan", body=body, at_ms=START_MS)
    guard.sync(client)
    points = told(client, lead, ROUND)["what"]["checkpoints"]
    assert [(point["ref"], point["visited"]) for point in points] == [
        ("place:HV-P1", False), ("place:HV-P2", True), ("place:HV-P3", False),
    ]  # fmt: skip


def test_law_12_it_says_how_old_the_oldest_news_may_be(
    centre: Centre, client: httpx.Client, lead: Device, clock: Clock
) -> None:
    guard = new_device(centre)
    clock.pass_ms(HOUR_MS)
    lead.sync(client)
    data = told(client, lead, "HV-P1")
    assert (data["as_of"], data["data_as_of"]) == ("2026-03-02T01:00:00Z", "2026-03-02T00:00:00Z")
    guard.sync(client)
    assert told(client, lead, "HV-P1")["data_as_of"] == "2026-03-02T01:00:00Z"


def test_law_09_scope_it_is_for_those_who_lead_and_about_their_own_projects(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    guard = new_device(centre)
    refused = guard.get(client, "/v1/query?thing=HV-P1")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    others = [record for record in site_book() if record.id != "S1"]
    import_records(
        centre, [*others, *person("S1", "supervisor", "HV"), *person("S1", "guard", "PK")]
    )
    assert lead.get(client, "/v1/query?thing=HV-P1").status_code == 200
    for word in ("PK-P1", "PK-R1", "PK-R1@20260302-0800", "C1", "PK", "PKTAG00001"):
        response = lead.get(client, f"/v1/query?thing={word}")
        assert (response.status_code, response.json()["code"]) == (404, "not_found"), word


@pytest.mark.parametrize(
    "word",
    ["", "NOWHERE", "place:HV-A1", "HV-", "task:", "%F0%9F%A7%AF", "a%00b", "repair:HV-A1:9"],
)
def test_what_is_not_there_is_told(client: httpx.Client, lead: Device, word: str) -> None:
    response = lead.get(client, f"/v1/query?thing={word}")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_revoked_phone_is_told_nothing(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    revoke_device(centre, lead.id)
    assert lead.get(client, "/v1/query?thing=HV").json()["code"] == "revoked"


def test_a_tag_without_a_place_is_told_all_the_same(
    centre: Centre, client: httpx.Client, lead: Device
) -> None:
    import_records(centre, [*site_book(), Record("HV", "tag", "BLANK", {"state": "blank"})])
    data = told(client, lead, "BLANK")
    assert (data["what"], data["where"], data["due"]) == ({"state": "blank"}, None, [])
