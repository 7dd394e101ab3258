"""What a worker is shown of their own evidence, and a position that is recorded at a scan alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from commands.note import note
from commands.query import query
from commands.scan import record, scan
from radar_cli.__main__ import run
from radar_cli.positions import of_phone, said
from radar_cli.texts import Texts
from radar_cli.views import view_lines
from radar_core.failures import USAGE, Failure
from radar_core.jsontext import decode_object
from sync.chain import position_in, sealed
from sync.outbox import verify
from tests.paper_centre import PaperCentre
from tests.phones import DAY, Handset, code, data_of, new_phone
from tests.stand_ins import only, program

FIX: dict[str, object] = {"lat": 36.0, "lon": 120.0, "accuracy_m": 12.0}


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G1")


def scanned(phone: Handset, place: str, **more: Any) -> str:  # noqa: ANN401 - as `record` takes them
    answer = record(phone.phone, code(place), "", more.pop("via", "picture"), "", **more)
    return str(answer.data["action_id"])


def history(phone: Handset, word: str) -> list[dict[str, Any]]:
    data: dict[str, Any] = dict(data_of(query(phone.phone, word)))
    return list(data["history"])


def parts(row: Mapping[str, Any]) -> dict[str, tuple[str | None, str]]:
    return {part["part"]: (part["grade"], part["reason"]) for part in row["evidence"]["parts"]}


def test_each_scan_of_a_task_place_tag_and_person_has_its_evidence(guard: Handset) -> None:
    scanned(guard, "GATE")
    note(guard.phone, DAY, "wet")
    for word in (DAY, "GATE", code("GATE"), "G1"):
        rows = history(guard, word)
        assert [row["evidence"]["grade"] for row in rows if row["kind"] == "scan"] == ["B"]
        assert all("evidence" not in row for row in rows if row["kind"] == "note")


def test_the_parts_say_what_is_recorded_and_why_a_grade_is_low(guard: Handset) -> None:
    face = {"hash": "0f0f0f0f3c3ca5a5"}
    scanned(guard, "GATE", frame=face)
    guard.world.step(3600)
    scanned(guard, "LOBBY", via="typed")
    guard.world.step(3600)
    third = scanned(guard, "GATE", frame=face)
    newest, typed, oldest = history(guard, "G1")
    assert (newest["evidence"]["grade"], oldest["evidence"]["grade"]) == ("D", "B")
    assert parts(newest)["frame"] == ("D", "same_picture")
    assert parts(newest)["walk"] == (None, "unknown_way_there")
    assert parts(newest)["clock"] == (None, "not_yet")
    assert parts(typed)["tag"] == ("C", "typed")
    lines = view_lines(query(guard.phone, third), Texts("en"))
    assert lines[0].startswith(f"action {third}")
    assert "    D picture: the same picture as that of ED-G1.1 by G1" in lines
    assert "    · position: no position was recorded" in lines
    low = view_lines(query(guard.phone, "G1"), Texts("en"))
    assert any("evidence D" in line for line in low)
    assert not any("no position" in line for line in low)


def test_a_way_is_learnt_from_what_came_down_from_the_colleagues(
    tmp_path: Path, centre: PaperCentre
) -> None:
    people = [new_phone(tmp_path, centre, staff) for staff in ("G2", "S1", "C1", "G1")]
    for phone in people[:3]:
        for _ in range(3):
            for place in ("GATE", "LOBBY"):
                scanned(phone, place)
                phone.world.step(120)
        phone.sync(centre.post)
    mine = people[3]
    mine.sync(centre.post)
    scanned(mine, "GATE")
    mine.world.step(5)
    hasty = scanned(mine, "LOBBY")
    (row,) = history(mine, hasty)
    assert parts(row)["walk"] == ("D", "too_quick")
    told = next(p for p in row["evidence"]["parts"] if p["part"] == "walk")
    assert told["values"] == {"took_s": 5, "from": "GATE", "usual_s": 120}


@pytest.mark.parametrize("word", ["ED-G1.1", "action:ED-G1.1", "1"])
def test_an_action_is_found_by_its_id_or_its_number_in_the_log(guard: Handset, word: str) -> None:
    scanned(guard, "GATE")
    data: dict[str, Any] = dict(data_of(query(guard.phone, word)))
    assert (data["kind"], data["id"], data["where"]["ref"]) == ("action", "ED-G1.1", "place:GATE")
    assert data["what"]["body"]["via"] == "picture"


@pytest.mark.parametrize("word", ["2", "ED-G1.9", "ED-G1.", ".1", "0", "9" * 30, "E.1", "action:"])
def test_an_action_that_is_not_here_is_told(guard: Handset, word: str) -> None:
    scanned(guard, "GATE")
    with pytest.raises(Failure) as failure:
        query(guard.phone, word)
    assert failure.value.code == "unknown_thing"


def test_a_position_is_recorded_where_it_is_asked_for_and_told(guard: Handset) -> None:
    guard.phone.workplace.position = lambda: FIX
    answer = scan(guard.phone, code("GATE"))
    assert answer.data["position"] == FIX
    saved = guard.actions()[-1][1]["position"]
    assert isinstance(saved, dict)
    assert len(bytes.fromhex(saved["salt"])) == 16
    assert saved == {**FIX, "salt": saved["salt"]}
    assert parts(history(guard, "GATE")[0])["position"] == (None, "no_site")
    guard.phone.workplace.position = lambda: None
    assert scan(guard.phone, code("LOBBY")).data["position"] is None
    assert "position" not in guard.actions()[-1][1]
    guard.phone.workplace.position = None
    assert scan(guard.phone, code("LOBBY")).data["position"] is None


@pytest.mark.parametrize(
    "words",
    [
        "",
        "1",
        "1,2",
        "1,2,3,4",
        "a,b,c",
        "91,0,5",
        "0,181,5",
        "nan,0,5",
        "0,inf,5",
        "1;2;3",
        "1,,3",
    ],
)
def test_what_is_no_position_is_refused_before_anything_is_scanned(words: str) -> None:
    with pytest.raises(Failure) as failure:
        said(words)
    assert failure.value.exit_code == USAGE


def test_a_position_that_was_deleted_is_told_so(guard: Handset) -> None:
    guard.phone.workplace.position = lambda: FIX
    scan(guard.phone, code("GATE"))
    connection = guard.phone.journal.connection
    (line,) = connection.execute("SELECT line FROM action WHERE hash IS NOT NULL").fetchone()
    connection.execute("UPDATE action SET line = ? WHERE line = ?", (sealed(line), line))
    assert parts(history(guard, "GATE")[0])["position"] == (None, "deleted")
    assert verify(guard.phone.journal) == (1, "")


def test_a_position_that_was_said_is_taken_as_it_is() -> None:
    assert said(" 36.0, 120 ,12.5")() == {"lat": 36.0, "lon": 120.0, "accuracy_m": 12.5}


def test_the_phone_is_asked_where_it_is_with_the_setting_on_and_only_at_a_scan(
    guard: Handset, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "programs"
    told = '{"latitude": 36.0, "longitude": 120.0, "accuracy": 12.0, "elapsedMs": 2000}'
    path = program(folder, "termux-location", f"print('{told}')")
    environ = {**only(folder), "RADAR_HOME": str(guard.world.home), "RADAR_POSITION": "on"}
    for words in (["tasks"], ["query", "GATE"], ["note", "GATE", "x"]):
        assert run(words, environ) == 0
    assert not Path(f"{path}.pid").exists()
    assert run(["scan", code("GATE")], environ) == 0
    assert Path(f"{path}.pid").exists()
    assert "± 12.0 m" in capfd.readouterr().out
    body = guard.actions()[-1][1]["position"]
    assert isinstance(body, dict)
    assert body.keys() == {"lat", "lon", "accuracy_m", "at", "salt"}
    rows = guard.phone.journal.connection.execute("SELECT line FROM action WHERE hash IS NOT NULL")
    (line,) = (line for (line,) in rows if '"position"' in line)
    assert decode_object(position_in(line)) == body, "it is in the form that can be deleted"
    assert run(["scan", code("GATE"), "--position", "36,120,7", "--json"], environ) == 0
    assert json.loads(capfd.readouterr().out)["data"]["position"]["accuracy_m"] == 7
    assert of_phone(only(tmp_path / "nothing"))() is None


def test_a_wrong_setting_stops_no_scan(guard: Handset, capfd: pytest.CaptureFixture[str]) -> None:
    environ = {"RADAR_HOME": str(guard.world.home), "RADAR_POSITION": "always"}
    assert run(["scan", code("GATE")], environ) == 0
    assert "position is always (RADAR_POSITION)" in capfd.readouterr().err
    assert run(["tasks"], environ) == USAGE
