"""`radar query`: what each kind of thing is, what is due there, and what was done, newest first."""

from pathlib import Path
from typing import Any

import pytest

from commands.answer import answer
from commands.note import note
from commands.query import query
from commands.scan import scan
from radar_core.failures import Failure
from tests.paper_centre import PaperCentre
from tests.phones import (
    DAY,
    FOREIGN,
    LIFT,
    PUMP,
    SWEEP,
    Handset,
    code,
    data_of,
    new_phone,
)

KEYS = {"kind", "id", "ref", "project", "what", "where", "due", "history", "data_as_of"}


@pytest.fixture
def engineer(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "E1")


def told(phone: Handset, word: str, **more: int) -> dict[str, Any]:
    before = phone.actions()
    data = data_of(query(phone.phone, word, **more))
    assert data.keys() >= KEYS
    assert phone.actions() == before
    return data


@pytest.mark.parametrize(
    ("word", "kind", "id_", "path"),
    [
        ("ROOF", "place", "ROOF", "Harbour View / Roof"),
        ("place:ROOF", "place", "ROOF", "Harbour View / Roof"),
        ("PU1", "asset", "PU1", "Harbour View / Pump room"),
        ("asset:PU1", "asset", "PU1", "Harbour View / Pump room"),
        (code("GATE"), "tag", code("GATE"), "Harbour View / Gate"),
        (f"https://r.example/{code('GATE')}", "tag", code("GATE"), "Harbour View / Gate"),
        (FOREIGN, "tag", FOREIGN, "Harbour View / Lobby"),
        (PUMP, "task", PUMP, None),
        ("task:pump@20261123", "task", PUMP, None),
        ("G2", "staff", "G2", None),
        ("staff:G2", "staff", "G2", None),
    ],
)
def test_each_kind_of_thing_is_found_by_its_id_code_or_reference(
    engineer: Handset, word: str, kind: str, id_: str, path: str | None
) -> None:
    data = told(engineer, word)
    assert (data["kind"], data["id"], data["ref"]) == (kind, id_, f"{kind}:{id_}")
    assert data["project"] == "HV"
    assert (data["where"] or {}).get("path") == path
    assert data["data_as_of"] == "2026-11-23T02:00:00Z"


@pytest.mark.parametrize("word", ["", "NOWHERE", "asset:GATE", "staff:GATE", "x:ROOF", "tag:ROOF"])
def test_something_unknown_is_told(engineer: Handset, word: str) -> None:
    with pytest.raises(Failure) as failure:
        query(engineer.phone, word)
    assert failure.value.code == "unknown_thing"


def test_a_place_tells_what_is_due_there_for_anybody(engineer: Handset) -> None:
    due = told(engineer, "LOBBY")["due"]
    assert {SWEEP, DAY} <= {row["task_id"] for row in due}
    for row in due:
        assert row.keys() >= {
            "task_id", "kind", "title", "title_zh", "state", "due_from", "due_to",
        }  # fmt: skip


def test_an_asset_tells_what_is_due_on_it_and_at_its_place(engineer: Handset) -> None:
    assert LIFT in {row["task_id"] for row in told(engineer, "LI1")["due"]}
    assert SWEEP in {row["task_id"] for row in told(engineer, "LI1")["due"]}
    assert told(engineer, "PU1")["due"][0]["task_id"] == DAY


def test_history_is_the_newest_first_and_no_longer_than_asked(engineer: Handset) -> None:
    for number in range(25):
        engineer.world.step(60)
        note(engineer.phone, "ROOF", f"note {number}")
    texts = [row["text"] for row in told(engineer, "ROOF")["history"]]
    assert texts == [f"note {number}" for number in range(24, 4, -1)]
    assert [row["text"] for row in told(engineer, "ROOF", most=2)["history"]] == [
        "note 24",
        "note 23",
    ]


def test_history_says_who_did_what_when(engineer: Handset) -> None:
    answer(engineer.phone, PUMP, "pressure", "7,5")
    report, row = told(engineer, "PU1")["history"]
    assert (report["kind"], report["text"]) == ("report", "Pressure: 7.5 bar")
    assert (
        row.items()
        >= {
            "action_id": "ED-E1.1",
            "wall": row["wall"],
            "kind": "answer",
            "staff": "E1",
            "name": "Zhao Lei",
            "name_zh": "Zhao Lei",
            "step": "pressure",
            "value": 7.5,
            "unit": "bar",
            "outside": True,
            "task": PUMP,
        }.items()
    )
    assert row["wall"].startswith("2026-11-23T10:00:00")


def test_a_tag_s_history_is_that_of_what_it_stands_for(engineer: Handset) -> None:
    note(engineer.phone, "PU1", "drips")
    note(engineer.phone, "PUMPS", "wet floor")
    assert [row["text"] for row in told(engineer, code("PU1"))["history"]] == ["drips"]
    assert [row["text"] for row in told(engineer, code("PUMPS"))["history"]] == [
        "wet floor",
        "drips",
    ]


def test_a_person_s_history_is_what_they_did(
    engineer: Handset, tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    scan(guard.phone, code("GATE"))
    guard.sync(centre.post)
    engineer.sync(centre.post)
    (row,) = told(engineer, "G1")["history"]
    assert (row["kind"], row["outcome"], row["via"], row["name"]) == (
        "scan",
        "on_round",
        "typed",
        "Li Wei",
    )
    assert told(engineer, "G2")["history"] == []


def test_a_round_tells_its_checkpoints_and_which_were_visited(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    scan(guard.phone, code("LOBBY"))
    what = told(guard, DAY)["what"]
    assert [(spot["ref"], spot["visited"]) for spot in what["checkpoints"]] == [
        ("place:GATE", False),
        ("place:LOBBY", True),
        ("asset:PU1", False),
    ]
    assert (what["state"], what["staff"], what["role"], what["steps"], what["marks"]) == (
        "in_progress",
        "G1",
        "guard",
        [],
        [],
    )


def test_a_job_tells_its_steps_with_their_answers(engineer: Handset) -> None:
    answer(engineer.phone, PUMP, "leak", "no")
    what = told(engineer, PUMP)["what"]
    answers = {step["id"]: step["answer"] for step in what["steps"]}
    assert answers == {
        "leak": False,
        "noise": None,
        "pressure": None,
        "hours": None,
        "remark": None,
        "picture": None,
    }
    assert (what["open_steps"], what["checkpoints"]) == (["noise", "hours"], [])


def test_a_person_without_a_record_any_more_is_told_by_id(
    engineer: Handset, centre: PaperCentre
) -> None:
    note(engineer.phone, "ROOF", "hello")
    centre.put("HV", "staff", "E1", None)
    engineer.sync(centre.post)
    assert told(engineer, "ROOF")["history"][0]["name"] == "E1"
