"""The whole chain with real processes over real HTTP: from a photo of a tag to the answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from radar_core.tags import label_text
from scanners.darkroom import photograph
from scanners.labels import barcode_picture, label_picture
from tests.e2e.world import CODES, EAN, Centre, Prepared, held, run

SMALL_ROUND_TRIP_BYTES = 1024


@pytest.fixture
def centre(prepared: Prepared, tmp_path: Path) -> Iterator[Centre]:
    """Give a running centre with the tiny book."""
    made = prepared.fresh(tmp_path / "centre")
    made.start()
    yield made
    made.stop()


def _photo(folder: Path, name: str, seed: int) -> str:
    """Photograph the label of a place badly, or the maker's bar code of the generator."""
    path = folder / f"{name}.jpg"
    if name in CODES:
        label = label_picture(label_text("R.EXAMPLE", CODES[name]), CODES[name], name)
        photograph(label, seed, badness=0.4).save(path)
    else:
        photograph(barcode_picture(EAN), seed, badness=0.1).save(path)
    return str(path)


def test_a_round_walked_offline_reaches_the_centre_once_and_the_colleague(
    centre: Centre, tmp_path: Path
) -> None:
    guard, colleague = tmp_path / "guard", tmp_path / "colleague"
    centre.enrol(guard, "HV-G01")
    centre.enrol(colleague, "HV-G02")
    assert centre.stop() == 0

    assert run(guard, "bind", _photo(tmp_path, "maker", 3), "GEN1").data["saved"]
    scans = [
        run(guard, "scan", _photo(tmp_path, name, seed)).data
        for seed, name in enumerate((*CODES, "maker"), 1)
    ]
    assert [scan["outcome"] for scan in scans] == ["on_round"] * 4
    assert [scan["left"] for scan in scans] == [3, 2, 1, 0]
    assert scans[-1]["asset"]["id"] == "GEN1"
    unreachable = run(guard, "sync")
    assert (unreachable.code, unreachable.error["code"]) == (4, "unreachable")
    assert run(guard, "status").data["unsent"] == 5

    centre.start()
    first = run(guard, "sync").data
    assert (first["sent"], first["unsent"], first["quarantined"]) == (5, 0, 0)
    assert first["receipt"]["seq"] == 5
    there = held(centre)
    assert len(there) == len(set(there)) == 5

    second = run(guard, "sync").data
    assert (second["sent"], second["received"], second["round_trips"]) == (0, 0, 1)
    assert second["bytes_up"] + second["bytes_down"] < SMALL_ROUND_TRIP_BYTES
    assert held(centre) == there

    run(colleague, "sync")
    rounds = [task for task in run(colleague, "tasks").data["tasks"] if task["kind"] == "patrol"]
    assert "done" in [task["state"] for task in rounds]
    bound = run(colleague, "scan", EAN).data
    assert bound["asset"]["id"] == "GEN1"
    states = {action["state"] for action in run(guard, "log").data["actions"]}
    assert states == {"receipted"}


def test_the_engineers_job_and_the_managers_view_agree(centre: Centre, tmp_path: Path) -> None:
    engineer, manager = tmp_path / "engineer", tmp_path / "manager"
    centre.enrol(engineer, "HV-E01")
    centre.enrol(manager, "HV-M01")
    open_job = run(engineer, "done", "GENJOB")
    assert (open_job.code, open_job.error["code"]) == (1, "steps_open")
    assert run(engineer, "start", "GENJOB").data["state"] == "in_progress"
    assert run(engineer, "answer", "GENJOB", "leak", "yes").data["value"] is True
    assert run(engineer, "note", "GEN1", "Belt is worn.").data["saved"]
    assert run(engineer, "done", "GENJOB").data["state"] == "completed"
    assert run(engineer, "sync").data["unsent"] == 0

    board = run(manager, "board").data
    (project,) = board["projects"]
    assert project["maintenance"]["completed"] == 1
    assert {phone["staff"] for phone in project["phones"]} == {"HV-E01", "HV-M01"}
    run(manager, "sync")
    history = run(manager, "query", "GEN1").data["history"]
    assert [event["kind"] for event in history] == ["complete", "note", "answer", "start"]
    assert {event["name"] for event in history} == {"Zhao Lei"}

    refused = run(engineer, "board")
    assert (refused.code, refused.error["code"]) == (6, "not_permitted")
    centre.stop()
    kept = run(manager, "board").data
    assert kept["offline"] is True
    assert kept["projects"] == board["projects"]


def test_a_task_of_another_trade_is_refused_by_name(centre: Centre, tmp_path: Path) -> None:
    guard = tmp_path / "guard"
    centre.enrol(guard, "HV-G01")
    for words in (("start", "GENJOB"), ("done", "GENJOB"), ("answer", "GENJOB", "leak", "yes")):
        refused = run(guard, *words)
        assert (refused.code, refused.error["code"]) == (6, "not_yours")
    assert run(guard, "status").data["unsent"] == 0


def test_an_enrolment_code_serves_one_phone_once(centre: Centre, tmp_path: Path) -> None:
    code = centre.admin("enrol-code", "HV-G01")["code"]
    assert run(tmp_path / "one", "enrol", centre.url, code.lower()).data["staff"] == "HV-G01"
    other = run(tmp_path / "two", "enrol", centre.url, code)
    assert (other.code, other.error["code"]) == (6, "code_used")
    again = run(tmp_path / "one", "enrol", centre.url, code)
    assert (again.code, again.error["code"]) == (1, "enrolled_already")
    assert run(tmp_path / "two", "tasks").code == 7
