"""`radar bind`: any code that is stuck on something can stand for it, from now on, offline too."""

from pathlib import Path

import pytest

from commands.bind import bind
from commands.query import query
from commands.scan import scan
from radar_core.failures import USAGE, Failure
from radar_core.tags import label_text
from scanners.labels import label_picture
from tests.paper_centre import PaperCentre
from tests.phones import DAY, FOREIGN, STRANGE, Handset, code, data_of, new_phone

FRESH = code("FRESH")
"""A label of ours that was never in the book."""


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G1")


@pytest.mark.parametrize(
    ("source", "tag"),
    [
        (STRANGE, STRANGE),
        (" 6900000000007 ", "6900000000007"),
        (FRESH, FRESH),
        (label_text("r.example", FRESH), FRESH),
        (code("BLANK"), code("BLANK")),
        (label_text("r.example", code("BLANK")).lower(), code("BLANK")),
        (code("OLD"), code("OLD")),
        ("泵 \x1d 7", "泵 \x1d 7"),
    ],
)
def test_a_code_that_was_bound_is_located_from_then_on(
    guard: Handset, source: str, tag: str
) -> None:
    data = data_of(bind(guard.phone, source, "LOBBY"))
    assert (
        data.items()
        >= {
            "action_id": "ED-G1.1",
            "seq": 1,
            "saved": True,
            "tag": tag,
            "ref": "place:LOBBY",
            "name": "Lobby",
            "name_zh": "大堂",
        }.items()
    )
    assert guard.actions() == [("bind_tag", {"tag": tag, "place": "LOBBY"})]
    found = scan(guard.phone, source).data
    assert (found["outcome"], found["tag"], found["task"]) == ("on_round", tag, DAY)


def test_a_code_bound_to_an_asset_is_located_at_the_asset_and_its_place(guard: Handset) -> None:
    bind(guard.phone, STRANGE, "asset:PU1")
    found = scan(guard.phone, STRANGE).data
    assert found["asset"] == {"id": "PU1", "name": "Pump 1", "name_zh": "一号泵"}
    assert found["place"] == {
        "id": "PUMPS",
        "path": "Harbour View / Pump room",
        "path_zh": "海景 / 水泵房",
    }


def test_a_picture_of_a_code_can_be_bound_too(guard: Handset, tmp_path: Path) -> None:
    path = tmp_path / "sticker.png"
    label_picture(label_text("r.example", FRESH), FRESH, "new").save(path)
    assert bind(guard.phone, str(path), "ATTIC").data["tag"] == FRESH
    assert scan(guard.phone, FRESH).data["outcome"] == "nothing_due"


def test_binding_the_same_again_changes_nothing_and_is_no_mistake(guard: Handset) -> None:
    bind(guard.phone, STRANGE, "LOBBY")
    again = data_of(bind(guard.phone, STRANGE, "place:LOBBY"))
    assert (again["saved"], again["action_id"], again["seq"]) == (False, None, None)
    assert again["name"] == "Lobby"
    assert len(guard.actions()) == 1


@pytest.mark.parametrize("source", [FOREIGN, code("GATE"), label_text("r.example", code("GATE"))])
def test_a_code_that_stands_for_something_else_is_refused(guard: Handset, source: str) -> None:
    with pytest.raises(Failure) as told:
        bind(guard.phone, source, "ROOF")
    assert told.value.code == "bound_elsewhere"
    assert guard.actions() == []


@pytest.mark.parametrize("target", [DAY, "G2", code("GATE")])
def test_a_tag_stands_for_a_place_or_an_asset_only(guard: Handset, target: str) -> None:
    with pytest.raises(Failure) as told:
        bind(guard.phone, STRANGE, target)
    assert (told.value.code, told.value.exit_code) == ("bind_target", USAGE)
    assert guard.actions() == []


def test_a_target_that_nobody_knows_is_refused(guard: Handset) -> None:
    with pytest.raises(Failure) as told:
        bind(guard.phone, STRANGE, "NOWHERE")
    assert told.value.code == "unknown_thing"
    assert scan(guard.phone, STRANGE).data["outcome"] == "unknown_tag"


@pytest.mark.parametrize("source", ["", "missing.jpg", "x" * 7090])
def test_what_cannot_be_read_cannot_be_bound(guard: Handset, source: str) -> None:
    with pytest.raises(Failure):
        bind(guard.phone, source, "LOBBY")
    assert guard.actions() == []


def test_a_binding_outlives_the_sync_that_the_centre_took_it_in_with(
    guard: Handset, centre: PaperCentre, tmp_path: Path
) -> None:
    bind(guard.phone, STRANGE, "LOBBY")
    centre.put("HV", "tag", STRANGE, {"state": "bound", "place": "LOBBY"})
    guard.sync(centre.post)
    assert guard.phone.journal.connection.execute("SELECT * FROM bound").fetchall() == []
    assert scan(guard.phone, STRANGE).data["outcome"] == "on_round"
    other = new_phone(tmp_path, centre, "G2")
    assert query(other.phone, STRANGE).data["ref"] == f"tag:{STRANGE}"


def test_a_binding_that_went_to_quarantine_stands_no_longer(
    guard: Handset, centre: PaperCentre
) -> None:
    centre.refuse["bind_tag"] = ("bad_tag", "No.")
    bind(guard.phone, STRANGE, "LOBBY")
    guard.sync(centre.post)
    assert scan(guard.phone, STRANGE).data["outcome"] == "unknown_tag"


def test_a_binding_goes_when_its_project_leaves_the_scope(
    tmp_path: Path, centre: PaperCentre
) -> None:
    chief = new_phone(tmp_path, centre, "S1")
    bind(chief.phone, STRANGE, "YARD")
    centre.move("S1", "HV")
    chief.sync(centre.post)
    assert scan(chief.phone, STRANGE).data["outcome"] == "unknown_tag"
