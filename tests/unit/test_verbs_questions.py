"""The questions of a checkpoint, and its windows and gaps, on a phone: scanned, told, answered."""

from pathlib import Path

import pytest

from commands.answer import answer
from commands.correct import correct
from commands.report import report
from commands.scan import scan
from radar_cli.scan_view import scan_lines
from radar_cli.texts import Texts
from tests.paper_centre import PaperCentre
from tests.phones import Handset, code, data_of, new_phone

ROUND = "asked@20261123-0900"
QUESTIONS = [
    {"id": "lamp", "type": "check", "title": "Lamp lit?", "title_zh": "灯亮吗", "required": True},
    {"id": "lock", "type": "choice", "title": "Lock", "choices": ["shut", "open"]},
]


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    rules = [{"checklist": "DOOR"}, {"gap_min_s": 60}, {"open_s": 3900, "checklist": "DOOR"}]
    route = {"name": "Asked", "checkpoints": ["place:GATE", "place:LOBBY", "place:ROOF"]}
    centre.put("HV", "checklist", "DOOR", {"name": "Door", "steps": QUESTIONS})
    centre.put("HV", "route", "ASKED", route | {"rules": rules})
    centre.put("HV", "schedule", "day", None)
    asked = {
        "kind": "patrol", "title": "Asked", "role": "guard", "route": "ASKED",
        "rrule": "FREQ=DAILY", "start": "2026-01-01T09:00", "duration_min": 240,
    }  # fmt: skip
    centre.put("HV", "schedule", "asked", asked)
    return new_phone(tmp_path, centre, "G1")


def scanned(phone: Handset, name: str) -> dict[str, object]:
    return data_of(scan(phone.phone, code(name)))


def steps(data: dict[str, object]) -> list[object]:
    questions = data["questions"]
    assert isinstance(questions, list)
    return [question["step"] for question in questions]


def lines(data: dict[str, object], language: str = "en") -> list[str]:
    return scan_lines(data, Texts(language))


def test_a_scan_asks_what_is_asked_at_its_checkpoint(guard: Handset) -> None:
    data = scanned(guard, "GATE")
    assert data["questions"] == [
        {
            "step": "0.lamp", "title": "Lamp lit?", "title_zh": "灯亮吗", "type": "check",
            "required": True, "choices": None, "unit": None,
        },
        {
            "step": "0.lock", "title": "Lock", "title_zh": None, "type": "choice",
            "required": None, "choices": ["shut", "open"], "unit": None,
        },
    ]  # fmt: skip
    assert lines(data)[1:] == [
        "  ? 0.lamp  Lamp lit?",
        "  ? 0.lock  Lock  (shut | open)",
        f"  → Answer: radar answer {ROUND} 0.lamp yes",
    ]
    assert "灯亮吗" in lines(data, "zh")[1]


def test_what_is_answered_is_not_asked_again(guard: Handset) -> None:
    scanned(guard, "GATE")
    answer(guard.phone, ROUND, "0.lamp", "yes")
    data = scanned(guard, "GATE")
    assert steps(data) == ["0.lock"]
    assert lines(data)[-1] == f"  → Answer: radar answer {ROUND} 0.lock shut"


def test_the_round_ends_when_all_is_visited_and_what_is_required_is_answered(
    guard: Handset,
) -> None:
    guard.world.step(600)
    scanned(guard, "GATE")
    guard.world.step(60)
    assert steps(scanned(guard, "LOBBY")) == []
    data = scanned(guard, "ROOF")
    assert (data["left"], guard.state(ROUND)) == (0, "in_progress")
    assert steps(data) == ["0.lamp", "2.lamp", "2.lock"]
    assert "questions are open" in lines(data)[0]
    answer(guard.phone, ROUND, "0.lamp", "yes")
    assert guard.state(ROUND) == "in_progress"
    answer(guard.phone, ROUND, "2.lamp", "yes")
    assert guard.state(ROUND) == "done"
    correct(guard.phone, "last", "wrong value")
    assert guard.state(ROUND) == "in_progress"


def test_a_checkpoint_that_is_not_open_yet_does_not_count(guard: Handset) -> None:
    data = scanned(guard, "ROOF")
    assert (data["outcome"], data["task"]) == ("early", None)
    assert data["opens"] == "2026-11-23T10:05:00+08:00"
    assert lines(data)[0] == "SAVED  too early: Harbour View / Roof opens at 11-23 10:05 (Asked)."
    guard.world.step(300)
    assert scanned(guard, "ROOF")["outcome"] == "on_round"


def test_a_scan_too_soon_after_the_one_before_counts_and_says_so(guard: Handset) -> None:
    scanned(guard, "GATE")
    guard.world.step(20)
    data = scanned(guard, "LOBBY")
    gap = {"seconds": 20, "min": 60, "max": None, "fits": False}
    assert (data["outcome"], data["gap"]) == ("on_round", gap)
    assert guard.actions()[-1][1]["gap"] == gap
    assert lines(data)[1] == "  ! Only 20 s after the scan before; 60 s or more are expected."


def test_a_gap_that_fits_is_recorded_and_not_talked_of(guard: Handset) -> None:
    scanned(guard, "GATE")
    guard.world.step(61)
    data = scanned(guard, "LOBBY")
    assert isinstance(data["gap"], dict)
    assert data["gap"]["fits"] is True
    assert len(lines(data)) == 1


def test_what_is_reported_at_a_checkpoint_comes_from_the_round_under_way(guard: Handset) -> None:
    scanned(guard, "GATE")
    for place, came in (("GATE", ROUND), (code("ROOF"), ROUND), ("ATTIC", None)):
        data = data_of(report(guard.phone, place, "Lamp is broken."))
        assert (data["from"], data["category"]) == (came, "incident")
    assert guard.state("incident:GATE:1") == "open"


def test_a_scan_elsewhere_asks_nothing(guard: Handset) -> None:
    scanned(guard, "GATE")
    data = scanned(guard, "ATTIC")
    assert (data["questions"], data["gap"]) == ([], None)


def test_a_scan_long_after_the_one_before_says_so_in_minutes(guard: Handset) -> None:
    scanned(guard, "GATE")
    data = scanned(guard, "LOBBY")
    data["gap"] = {"seconds": 5460, "min": 20, "max": 1800, "fits": False}
    assert lines(data)[1] == "  ! 91 min after the scan before; 30 min or less are expected."
