"""A supervisor's word on what lies in quarantine: given once, and told (laws 3 and 4)."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from radar_core.actions import read_line
from radar_core.failures import NOT_PERMITTED, Failure
from radar_server.admin import revoke_device
from radar_server.board import board_of
from radar_server.centre import Centre
from radar_server.database import reading
from radar_server.doors import Rights, beside_of
from radar_server.led import Wanted
from radar_server.quarantine import NOTE_CHARS_MAX, Word, decide, decide_all, listed
from radar_server.tables import ActionRow
from sync.clock import stamp
from tests.contract.centre_parts import (
    HOUR_MS,
    START_MS,
    Phone,
    digest_of,
    held,
    import_records,
    new_device,
    person,
    quarantined,
    site_book,
)
from tests.contract.test_centre_quarantine import BAD, BAD_LINES

RELEASED, REJECTED = Word("released", "S1", "seen"), Word("rejected", "S1", "a test")
OVERRULED = (
    "another person",
    "a project of others",
    "a decision by a guard",
    "a tag taken out of use by a guard",
)
KNOWN_TASK = "HV-R1@20260302-0800"


def board_counts(centre: Centre) -> dict[object, object]:
    with reading(centre.engine) as connection:
        projects = board_of(connection, "S1", Wanted(), centre)["projects"]
    assert isinstance(projects, list)
    return {one["id"]: one["quarantined"] for one in projects}


def listed_ids(centre: Centre, project: str = "", *, whole: bool = False) -> list[object]:
    with reading(centre.engine) as connection:
        actions = listed(connection, project, whole=whole, most=10)["actions"]
    assert isinstance(actions, list)
    return [row["id"] for row in actions]


@pytest.mark.parametrize("case", OVERRULED)
def test_law_03_a_released_action_is_accepted_once_and_everybody_agrees(
    centre: Centre, client: httpx.Client, tmp_path: Path, case: str
) -> None:
    fields = BAD[case][1]
    project = str(fields.get("project", "HV"))
    device = new_device(centre)
    device.act()
    line = device.act(**fields)
    device.act()
    device.sync(client)
    id_ = f"{device.epoch}.2"
    assert board_counts(centre)[project] == 1
    assert listed_ids(centre, project) == [id_]
    other = Phone(centre, client, tmp_path, "G3")
    other.sync()
    assert id_ not in set(other.action_ids())

    told = decide(centre, id_, RELEASED)
    assert (told["verdict"], told["already"], told["project"]) == ("released", False, project)
    assert held(centre)[1] == (device.epoch, 2, line)
    assert len(held(centre)) == 3
    digest_of(centre, project)
    assert board_counts(centre)[project] == 0
    assert listed_ids(centre) == []
    assert listed_ids(centre, whole=True) == [id_]
    assert other.sync().healed == []
    assert id_ in set(other.action_ids())

    for word in (RELEASED, REJECTED):
        again = decide(centre, id_, word)
        assert (again["verdict"], again["already"]) == ("released", True)
    assert len(held(centre)) == 3
    answer = device.sync(client)
    assert (answer.receipt.seq, list(answer.quarantined)) == (3, [])


def test_a_released_action_counts_for_its_task_and_binds_its_tag(
    centre: Centre, client: httpx.Client, tmp_path: Path
) -> None:
    device = new_device(centre)
    body = {"task": KNOWN_TASK, "place": "HV-P1"}
    device.act("scan", staff="G2", subject="HVTAG00001", body=body)
    bound = {"tag": "NEW", "place": "HV-P1"}
    device.act("bind_tag", staff="G2", subject="NEW", body=bound)
    device.sync(client)
    decide_all(centre, [f"{device.epoch}.1", f"{device.epoch}.2"], RELEASED)
    phone = Phone(centre, client, tmp_path, "G2")
    assert phone.sync().healed == []
    assert ("HV", "tag", "NEW") in phone.records()
    digest_of(centre, "HV")


def test_law_10_a_released_action_is_dated_like_one_that_nobody_can_anchor(
    centre: Centre, client: httpx.Client
) -> None:
    device = new_device(centre)
    ahead = stamp(START_MS + HOUR_MS, 0)
    device.act(hlc=ahead)
    device.act(staff="G2", hlc=ahead, at_ms=START_MS)
    device.act(staff="G2", hlc=ahead, at_ms=START_MS)
    device.lines[2] = device.lines[2].replace("2026-", "once ", 1)
    device.sync(client)
    decide_all(centre, [f"{device.epoch}.2", f"{device.epoch}.3"], RELEASED)
    wanted = select(col(ActionRow.grade), col(ActionRow.at_ms), col(ActionRow.error_ms))
    with reading(centre.engine) as connection:
        _, told, untold = connection.execute(wanted.order_by(col(ActionRow.pos))).all()
    assert told == ("unanchored", START_MS, -1)
    assert untold == ("unanchored", START_MS + HOUR_MS, -1)


def test_its_own_phone_is_told_and_counts_what_was_released(
    centre: Centre, client: httpx.Client, tmp_path: Path
) -> None:
    phone = Phone(centre, client, tmp_path)
    phone.record()
    phone.sync()
    revoke_device(centre, phone.device)
    one, two = phone.record(), phone.record()
    with pytest.raises(Failure):
        phone.sync()
    phone.enrol_again(centre)
    phone.sync()
    assert listed_ids(centre) == [one, two]
    decide(centre, one, RELEASED)
    decide(centre, two, REJECTED)
    assert phone.sync().healed == []
    assert [row[4] for row in phone.rows("quarantine")] == ["released", "rejected"]
    assert [row[3] for row in phone.rows("quarantine")] == ["seen", "a test"]
    digest_of(centre, "HV")


def test_law_04_a_rejected_action_stays_whole_for_ever(
    centre: Centre, client: httpx.Client
) -> None:
    device = new_device(centre)
    device.act(staff="G2")
    device.sync(client)
    id_ = f"{device.epoch}.1"
    assert decide(centre, id_, REJECTED)["verdict"] == "rejected"
    assert decide(centre, id_, RELEASED)["already"] is True
    assert held(centre) == []
    assert [entry[:2] for entry in quarantined(centre)] == [(1, "other_person")]
    assert board_counts(centre)["HV"] == 0


@pytest.mark.parametrize("case", [*sorted(set(BAD) - set(OVERRULED)), *BAD_LINES])
def test_what_no_phone_could_read_or_fold_is_not_released(
    centre: Centre, client: httpx.Client, case: str
) -> None:
    device = new_device(centre)
    device.act()
    if case in BAD:
        device.act(**BAD[case][1])
    else:
        device.lines.append(BAD_LINES[case])
    device.sync(client)
    with pytest.raises(Failure) as told:
        decide(centre, f"{device.epoch}.2", RELEASED)
    assert told.value.code == "not_releasable"
    assert len(held(centre)) == 1
    assert listed_ids(centre) == [f"{device.epoch}.2"]
    digest_of(centre, "HV")


def test_what_the_site_book_knows_by_now_can_be_released(
    centre: Centre, client: httpx.Client
) -> None:
    book = site_book()
    import_records(centre, [r for r in book if r.id != "HV-P3"])
    device = new_device(centre)
    device.act("bind_tag", subject="X", body={"tag": "X", "place": "HV-P3"})
    device.sync(client)
    with pytest.raises(Failure):
        decide(centre, f"{device.epoch}.1", RELEASED)
    import_records(centre, book)
    assert decide(centre, f"{device.epoch}.1", RELEASED)["verdict"] == "released"
    digest_of(centre, "HV")


def test_of_several_each_is_told_for_itself(centre: Centre, client: httpx.Client) -> None:
    device = new_device(centre)
    device.act(staff="G2")
    device.act(kind="teleport")
    device.sync(client)
    ids = [f"{device.epoch}.{seq}" for seq in (2, 1, 9)] + ["nonsense", "E.99999999999999999999"]
    told = decide_all(centre, ids, RELEASED)
    assert told["exit_code"] == 1
    rows = told["decided"]
    assert isinstance(rows, list)
    assert [row["verdict"] for row in rows] == [None, "released", None, None, None]
    assert [row["error"] and row["error"]["code"] for row in rows] == [
        "not_releasable", None, "unknown_action", "unknown_action", "unknown_action",
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["G1", "C1", "NOBODY"])
def test_who_decides_must_lead_the_project(centre: Centre, client: httpx.Client, by: str) -> None:
    device = new_device(centre)
    device.act(staff="G2")
    device.sync(client)
    with pytest.raises(Failure) as told:
        decide(centre, f"{device.epoch}.1", Word("released", by))
    assert (told.value.code, told.value.exit_code) == ("not_permitted", NOT_PERMITTED)
    assert listed_ids(centre) == [f"{device.epoch}.1"]


@pytest.mark.parametrize("note", ["x" * (NOTE_CHARS_MAX + 1), "two\nlines"])
def test_a_note_is_one_line(centre: Centre, note: str) -> None:
    with pytest.raises(Failure) as told:
        decide_all(centre, ["E.1"], Word("rejected", "", note))
    assert told.value.code == "bad_note"


ORDER = "repair:HV-A1:1"
REPORT = {"task": ORDER, "asset": "HV-A1", "category": "repair", "text": "It drips."}
CANCEL = {"task": ORDER, "reason": "It was rain."}


@pytest.mark.parametrize("together", [True, False])
def test_who_alone_reported_a_work_order_may_cancel_it(
    centre: Centre, client: httpx.Client, *, together: bool
) -> None:
    device = new_device(centre)
    device.act("report", body=REPORT)
    if not together:
        device.sync(client)
    device.act("cancel", body=CANCEL)
    device.sync(client, 1 if together else 2)
    assert (len(held(centre)), quarantined(centre)) == (2, [])


@pytest.mark.parametrize("case", ["joined", "taken up", "no report", "planned", "elsewhere"])
def test_nobody_cancels_by_themselves_what_is_not_theirs_alone(
    centre: Centre, client: httpx.Client, case: str
) -> None:
    device, colleague = new_device(centre, "G3"), new_device(centre, "G2")
    body = CANCEL
    if case in ("joined", "taken up"):
        device.act("report", body=REPORT)
        device.sync(client)
        colleague.act("report" if case == "joined" else "start", body=REPORT)
        colleague.sync(client)
    elif case == "elsewhere":
        device.act("report", project="PK", body=REPORT)
    elif case == "planned":
        body = {"task": "HV-M1@20260302-0800", "reason": "No wish."}
        device.act("report", body=body | {"text": "It drips."})
    else:
        device.act("note", body=REPORT)
    device.act("cancel", body=body)
    last = len(device.lines)
    device.sync(client, 2 if case in ("joined", "taken up") else 1)
    assert [entry[:2] for entry in quarantined(centre)] == [(last, "not_permitted")]


def test_what_a_role_allowed_once_it_does_not_allow_when_it_is_gone(
    centre: Centre, client: httpx.Client
) -> None:
    device = new_device(centre, "S1")
    verify = {"task": "HV-M1@20260302-0800"}
    device.act("verify", body=verify)
    device.sync(client)
    import_records(
        centre, [r for r in site_book() if r.id != "S1"] + person("S1", "guard", "HV", "PK")
    )
    device.act("verify", body=verify)
    device.act("verify", project="PK", body=verify)
    device.act()
    device.sync(client, 2)
    assert [seq for _, seq, _ in held(centre)] == [1, 4]
    assert [entry[:2] for entry in quarantined(centre)] == [
        (2, "not_permitted"),
        (3, "not_permitted"),
    ]


def test_what_a_colleague_did_on_the_same_shared_phone_is_not_alone_either(centre: Centre) -> None:
    device = new_device(centre)
    lines = [
        device.act("report", body=REPORT),
        device.act("start", staff="G2", body=REPORT),
        device.act("cancel", body=CANCEL),
    ]
    report, start, cancel = (read_line("E", line) for line in lines)
    with reading(centre.engine) as connection:
        rights = Rights(connection, {"G1", "G2"})
        assert rights.refusal_of(cancel, beside_of([report, cancel])) == ""
        assert rights.refusal_of(cancel, beside_of([report, start, cancel])) == "not_permitted"
        assert rights.refusal_of(cancel, beside_of([start, cancel])) == "not_permitted"
