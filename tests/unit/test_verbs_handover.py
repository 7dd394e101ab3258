"""`radar handover`, and `radar scan` of its code on a colleague's phone: offline, and once."""

from pathlib import Path

import pytest

from commands.end import end
from commands.handover import handover
from commands.scan import scan
from radar_core.failures import FAILED, NOT_PERMITTED, UNREADABLE, USAGE, Failure
from radar_core.handovers import Handover, write_handover
from tests.paper_centre import PaperCentre
from tests.phones import DAY, DAY_S, FOREIGN, NIGHT, PUMP, SWEEP, Handset, code, data_of, new_phone
from tests.unit.test_verbs_patrol import give, refusal


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G1")


@pytest.fixture
def other(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G2")


def handed(phone: Handset, task: str = DAY, to: str = "") -> str:
    """Hand a task over and return its code."""
    return str(handover(phone.phone, task, to).data["code"])


def test_a_round_goes_on_in_a_colleague_s_hands_without_any_network(
    guard: Handset, other: Handset
) -> None:
    scan(guard.phone, code("GATE"))
    data = data_of(handover(guard.phone, DAY, "G2"))
    assert data.items() >= {"task_id": DAY, "saved": True, "visited": 1, "left": 2}.items()
    assert data["to"] == {"staff": "G2", "name": "Wang Fang", "name_zh": "Wang Fang"}
    assert guard.actions()[-1] == ("handover", {"task": DAY, "to": "G2"})
    taken = data_of(scan(other.phone, str(data["code"])))
    assert taken.items() >= {"task_id": DAY, "saved": True, "visited": 1, "left": 2}.items()
    assert taken["from"] == {"staff": "G1", "name": "Li Wei", "name_zh": "Li Wei"}
    assert isinstance(taken["next"], dict)
    assert taken["next"]["ref"] == "place:LOBBY"
    assert other.actions() == [
        (
            "accept",
            {"task": DAY, "from": "G1", "visited": {"0": "ED-G1.1"}, "handover": "ED-G1.2"},
        )
    ]
    assert scan(other.phone, FOREIGN).data["left"] == 1
    assert scan(other.phone, code("PU1")).data["left"] == 0
    assert other.state(DAY) == "done"


def test_both_phones_and_the_centre_come_to_the_same_round(
    guard: Handset, other: Handset, centre: PaperCentre
) -> None:
    scan(guard.phone, code("GATE"))
    scan(other.phone, handed(guard))
    for name in ("LOBBY", "PU1"):
        scan(other.phone, code(name))
    for phone in (other, guard, other):
        phone.sync(centre.post)
    bodies = [phone.phone.task(DAY)[1].body() for phone in (guard, other)]
    assert bodies[0] == bodies[1]
    assert bodies[0]["state"] == "done"
    assert bodies[0]["staff"] == "G2"
    assert bodies[0]["visited"] == {"0": "ED-G1.1", "1": "ED-G2.2", "2": "ED-G2.3"}
    assert "marks" not in bodies[0]
    lines = [line for stream in centre.streams.values() for line in stream.lines]
    assert len(lines) == len(set(lines)) == 5


def test_weeks_without_a_centre_a_round_changes_hands(guard: Handset, other: Handset) -> None:
    for phone in (guard, other):
        phone.world.step(60 * DAY_S)
    later = str(scan(guard.phone, code("GATE")).data["task"])
    assert later != DAY
    assert scan(other.phone, handed(guard, later)).data["left"] == 2


def test_the_same_code_again_changes_nothing(guard: Handset, other: Handset) -> None:
    text = handed(guard)
    scan(other.phone, text)
    again = scan(other.phone, text)
    assert (again.view, again.data["saved"], again.data["action_id"]) == ("already", False, None)
    assert len(other.actions()) == 1


def test_a_round_goes_back_and_forth(guard: Handset, other: Handset, centre: PaperCentre) -> None:
    scan(guard.phone, code("GATE"))
    scan(other.phone, handed(guard))
    scan(other.phone, code("LOBBY"))
    assert scan(guard.phone, handed(other)).data["left"] == 1
    assert guard.phone.task(DAY)[1].staff == "G1"
    assert scan(guard.phone, code("PU1")).data["left"] == 0
    for phone in (guard, other, guard):
        phone.sync(centre.post)
    states = [phone.phone.task(DAY)[1].body() for phone in (guard, other)]
    assert states[0] == states[1]


def test_a_picture_of_the_code_will_do(guard: Handset, other: Handset, tmp_path: Path) -> None:
    out = str(tmp_path / "code.png")
    data = handover(guard.phone, DAY, out=out).data
    assert data["out"] == out
    assert scan(other.phone, out).data["handover"] == data["action_id"]


def test_a_cleaning_is_handed_over_too(tmp_path: Path, centre: PaperCentre) -> None:
    giver, taker = (new_phone(tmp_path, centre, staff) for staff in ("C1", "C2"))
    taken = scan(taker.phone, handed(giver, SWEEP)).data
    assert (taken["state"], taken["left"], taken["next"]) == ("in_progress", 0, None)
    assert taker.actions()[-1][1]["place"] == "LOBBY"


def test_a_picture_is_not_written_over_and_nothing_is_recorded(
    guard: Handset, tmp_path: Path
) -> None:
    out = tmp_path / "mine.jpg"
    out.write_text("precious")
    told = refusal(guard, handover, DAY, "", str(out))
    assert (told.code, out.read_text()) == ("out_exists", "precious")
    for bad in (tmp_path / "no" / "where.png", tmp_path / ("x" * 300)):
        with pytest.raises(Failure) as failure:
            handover(guard.phone, DAY, "", str(bad))
        assert failure.value.code == "out_not_writable"
    assert guard.actions() == []


def test_what_cannot_be_handed_over_is_refused(
    guard: Handset, tmp_path: Path, centre: PaperCentre
) -> None:
    engineer = new_phone(tmp_path, centre, "E1")
    told = refusal(engineer, handover, PUMP)
    assert (told.code, told.exit_code) == ("wrong_kind", FAILED)
    assert refusal(guard, handover, NIGHT).code == "not_due"
    assert refusal(guard, handover, DAY, "G9").code == "unknown_person"
    told = refusal(guard, handover, DAY, "G1")
    assert (told.code, told.exit_code) == ("own_handover", USAGE)
    assert refusal(guard, handover, "nothing").code == "unknown_task"
    told = refusal(guard, handover, SWEEP)
    assert (told.code, told.exit_code) == ("not_yours", NOT_PERMITTED)
    end(guard.phone, DAY, "1")
    assert handover(guard.phone, DAY).view == "already"


def test_a_code_for_somebody_else_is_refused_with_who_it_is_for(
    guard: Handset, other: Handset, tmp_path: Path, centre: PaperCentre
) -> None:
    third = new_phone(tmp_path, centre, "S1")
    told = refusal(third, scan, handed(guard, to="G2"))
    assert (told.code, told.exit_code) == ("not_yours", NOT_PERMITTED)
    assert "G2" in str(told)
    assert scan(other.phone, handed(guard, to="G2")).data["saved"] is True


def test_one_s_own_code_is_refused(guard: Handset) -> None:
    told = refusal(guard, scan, handed(guard))
    assert (told.code, told.exit_code) == ("own_handover", FAILED)


def test_a_code_of_another_trade_is_refused(
    guard: Handset, tmp_path: Path, centre: PaperCentre
) -> None:
    cleaner = new_phone(tmp_path, centre, "C1")
    told = refusal(cleaner, scan, handed(guard))
    assert (told.code, told.exit_code) == ("not_yours", NOT_PERMITTED)


@pytest.mark.parametrize(
    ("task", "project", "code_"),
    [
        (DAY, "PG", "not_my_project"),
        ("nothing@20261123-0900", "HV", "unknown_task"),
        ("da", "HV", "unknown_task"),
    ],
)
def test_a_code_of_what_this_phone_does_not_know_is_refused(
    guard: Handset, task: str, project: str, code_: str
) -> None:
    text = write_handover(Handover(task, project, "G2", "", "E.1", {}))
    assert refusal(guard, scan, text).code == code_


@pytest.mark.parametrize("cut", [9, 10, 30, -1])
def test_a_damaged_code_is_refused(guard: Handset, other: Handset, cut: int) -> None:
    told = refusal(other, scan, handed(guard)[:cut])
    assert (told.code, told.exit_code) == ("handover_damaged", UNREADABLE)


def test_a_finished_round_is_not_taken_over(
    guard: Handset, other: Handset, centre: PaperCentre
) -> None:
    text = handed(guard)
    end(guard.phone, DAY, "1")
    guard.sync(centre.post)
    other.sync(centre.post)
    taken = scan(other.phone, text)
    assert (taken.view, taken.data["saved"], taken.data["state"]) == (
        "already", False, "ended_early",
    )  # fmt: skip


def test_checkpoints_that_the_round_does_not_have_are_left_out(other: Handset) -> None:
    visited = {"0": "E.1", "7": "E.2", "x": "E.3", "-1": "E.4"}
    scan(other.phone, write_handover(Handover(DAY, "HV", "G1", "", "E.5", visited)))
    assert other.phone.task(DAY)[1].visited == {"0": "E.1"}


def test_a_round_given_by_name_is_handed_to_who_takes_it(
    guard: Handset, other: Handset, centre: PaperCentre
) -> None:
    mine = {
        "kind": "patrol", "title": "Mine", "role": "guard", "route": "FREE", "staff": "G1",
        "rrule": "FREQ=DAILY", "start": "2026-01-01T09:00", "duration_min": 240,
    }  # fmt: skip
    centre.put("HV", "schedule", "day", None)
    centre.put("HV", "schedule", "mine", mine)
    for phone in (guard, other):
        phone.sync(centre.post)
    scan(guard.phone, code("GATE"))
    scan(other.phone, handed(guard, "mine", "G2"))
    assert scan(other.phone, code("LOBBY")).data["left"] == 1


def test_who_gave_a_round_away_is_not_sent_to_its_places_any_more(guard: Handset) -> None:
    scan(guard.phone, code("GATE"))
    assert scan(guard.phone, code("ATTIC")).data["outcome"] == "wrong_place"
    handover(guard.phone, DAY, "G2")
    assert scan(guard.phone, code("ATTIC")).data["outcome"] == "nothing_due"


def test_work_that_a_supervisor_gave_me_can_be_handed_on(guard: Handset, other: Handset) -> None:
    give(guard, DAY, "G1")
    assert scan(other.phone, handed(guard)).data["saved"] is True
    assert other.phone.task(DAY)[1].assignee == "G2"
