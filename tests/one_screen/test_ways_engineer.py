"""An engineer's day: a reading is one scan, the number, one key; a job is asked step by step."""

from pathlib import Path

import pytest

from commands.answer import answer
from commands.assign import assign
from commands.correct import correct
from commands.report import report
from tests.conversing import asked, converse, kinds, labels, pick, told
from tests.paper_centre import PaperCentre
from tests.phones import FOREIGN, PUMP, Handset, code, new_phone

GAUGE, WHOLE = "gauge@20261123-0900", "whole@20261123-0900"


@pytest.fixture
def engineer(tmp_path: Path, busy: PaperCentre) -> Handset:
    """Give an engineer's phone."""
    return new_phone(tmp_path, busy, "E1")


def test_a_reading_is_one_scan_the_number_and_one_key(engineer: Handset) -> None:
    talk = converse(engineer)
    talk.scan(FOREIGN)
    assert asked(talk) == "Pressure"
    talk.enter("4,2 bar")
    assert kinds(engineer) == ["scan", "reading", "complete"]
    assert engineer.actions()[1][1]["value"] == 4.2
    assert engineer.state(GAUGE) == "completed"
    assert talk.is_home


def test_a_reading_with_a_slip_is_taken_back_once_all_is_done_and_asked_anew(
    engineer: Handset,
) -> None:
    talk = converse(engineer)
    talk.scan(FOREIGN)
    talk.enter("42")
    talk.refresh()
    pick(talk, "Take this answer back")
    pick(talk, "wrong value")
    assert asked(talk) == "Pressure"
    talk = converse(engineer)
    talk.enter("4.2")
    assert "SAVED" in told(talk)
    assert "4.2 bar" in told(talk)
    assert "already" not in told(talk)
    got = kinds(engineer)
    assert [kind for kind in got if kind != "report"] == [
        "scan", "reading", "complete", "correct", "reading",
    ]  # fmt: skip
    task, progress = engineer.phone.task(GAUGE)
    assert (progress.state, progress.answers[str(task.steps[0]["id"])]) == ("completed", 4.2)
    talk.refresh()
    assert "Take this answer back" in labels(talk)
    talk.scan(FOREIGN)
    talk.refresh()
    assert "Take this answer back" not in labels(talk)


def test_what_is_done_is_not_answered_over_while_its_answer_counts(engineer: Handset) -> None:
    talk = converse(engineer)
    talk.scan(FOREIGN)
    talk.enter("4.2")
    assert answer(engineer.phone, GAUGE, "bar", "4.3").data["saved"] is False
    correct(engineer.phone, "2", "3")
    assert answer(engineer.phone, GAUGE, "bar", "4.3").data["saved"] is True
    assert answer(engineer.phone, GAUGE, "bar", "4.4").data["saved"] is False


def test_a_reading_that_is_no_number_stays_in_the_line(engineer: Handset) -> None:
    talk = converse(engineer)
    talk.scan(FOREIGN)
    talk.enter("4.2.1")
    assert (asked(talk), talk.draft) == ("Pressure", "4.2.1")
    assert "a number is expected" in told(talk)
    assert kinds(engineer) == ["scan"]


def test_a_reading_out_of_bounds_opens_a_work_order(engineer: Handset) -> None:
    talk = converse(engineer)
    talk.scan(FOREIGN)
    talk.enter("9")
    assert "Work order" in told(talk)
    assert engineer.state(GAUGE) == "completed"


def test_a_job_with_all_kinds_of_steps(engineer: Handset, picture: Path) -> None:
    talk = converse(engineer)
    talk.scan(code("ROOF"))
    assert labels(talk)[0] == "Begin"
    talk.enter("")
    for title, given in (
        ("Leak", "2"), ("Noise", "low"), ("Volts", "230 V"), ("Hours", "17"), ("Words", "all well"),
    ):  # fmt: skip
        assert asked(talk) == title
        talk.enter(given)
    assert asked(talk) == ""
    assert labels(talk)[0] == "Done"
    pick(talk, "Photo of it")
    talk.enter(str(picture))
    pick(talk, "Caretaker")
    talk.enter("Zhang Wei")
    assert labels(talk)[0] == "Done", "what is beside the steps leads back to the job"
    talk.enter("")
    assert kinds(engineer) == [
        "scan", "start", "answer", "report", "answer", "answer", "reading", "answer", "photo",
        "sign", "complete",
    ]  # fmt: skip
    values = [body.get("value") for _, body in engineer.actions()]
    assert values[2:8] == [False, None, "low", 230, 17, "all well"]
    assert engineer.actions()[-2][1]["step"] == "name"
    assert engineer.state(WHOLE) == "completed"


def test_a_wrong_choice_is_told_and_changes_nothing(engineer: Handset) -> None:
    talk = converse(engineer)
    talk.scan(code("ROOF"))
    talk.enter("")
    talk.enter("1")
    assert asked(talk) == "Noise"
    talk.enter("deafening")
    assert (asked(talk), talk.draft) == ("Noise", "deafening")
    assert "1 to 2" in told(talk)
    talk.choose(7)
    assert kinds(engineer) == ["scan", "start", "answer"]


def test_a_job_rests_and_goes_on_with_a_part_and_other_minutes(engineer: Handset) -> None:
    talk = converse(engineer)
    talk.scan(code("PU1"))
    talk.enter("")
    talk.back()
    pick(talk, "Put it on hold")
    talk.enter("1")
    assert engineer.state(PUMP) == "on_hold"
    assert engineer.actions()[-1][1]["reason"] == "waiting for parts"
    assert labels(talk)[0] == "Go on with it"
    talk.enter("")
    for given in ("1", "1", "17"):
        talk.enter(given)
    pick(talk, "A part was used")
    talk.enter("Shaft seal")
    talk.enter("none")
    assert (asked(talk), talk.draft) == ("How many?", "none")
    assert "no quantity" in told(talk)
    talk.enter("1.5 m")
    part = engineer.actions()[-1][1]
    assert (part["quantity"], part["unit"]) == (1.5, "m")
    pick(talk, "Done, and it took other minutes")
    talk.enter("an hour")
    assert (asked(talk), talk.draft) == ("How long did it take?", "an hour")
    talk.enter("40")
    assert engineer.actions()[-1][1]["minutes"] == 40
    assert engineer.state(PUMP) == "completed"


def test_a_job_that_was_left_goes_on_by_a_scan(engineer: Handset) -> None:
    talk = converse(engineer)
    talk.scan(code("ROOF"))
    talk.enter("")
    talk.scan(code("PUMPS"))
    talk.scan(code("ROOF"))
    assert asked(talk) == "Leak"
    talk = converse(engineer)
    assert "Whole" in talk.desk.say(talk.page.heading)


def test_a_job_held_by_a_colleague_is_not_begun_again(
    engineer: Handset, tmp_path: Path, busy: PaperCentre
) -> None:
    busy.put("HV", "staff", "E2", {"name": "Second", "roles": ["engineer"], "projects": ["HV"]})
    other = new_phone(tmp_path, busy, "E2")
    theirs = converse(other)
    theirs.scan(code("ROOF"))
    theirs.enter("")
    other.sync(busy.post)
    engineer.sync(busy.post)
    talk = converse(engineer)
    talk.scan(code("ROOF"))
    assert "Begin" not in labels(talk)
    before = kinds(engineer)
    talk.enter("")
    assert kinds(engineer) == before, "Enter takes nobody's work over"


def test_work_given_to_me_is_begun_where_it_is_or_taken_on_in_the_list(
    engineer: Handset, tmp_path: Path, busy: PaperCentre
) -> None:
    busy.put("HV", "staff", "B1", {"name": "Boss", "roles": ["supervisor"], "projects": ["HV"]})
    boss = new_phone(tmp_path, busy, "B1")
    order = str(report(boss.phone, code("LOBBY"), "Lamp is out", category="repair").data["task_id"])
    assign(boss.phone, order, "E1")
    assign(boss.phone, PUMP, "E1")
    boss.sync(busy.post)
    engineer.sync(busy.post)
    talk = converse(engineer)
    pick(talk, "Lamp is out")
    assert labels(talk)[0] == "Take it on"
    talk.enter("")
    assert kinds(engineer) == ["accept"]
    assert labels(talk)[0] == "Begin", "what is taken on is begun next"
    talk.enter("")
    talk.enter("")
    assert engineer.state(order) == "completed"
    talk.scan(code("PU1"))
    assert labels(talk)[0] == "Begin"
    pick(talk, "Decline it")
    talk.enter("not my trade")
    assert kinds(engineer)[-1] == "decline"


def test_more_about_a_work_order_joins_it_without_asking_what_it_is(engineer: Handset) -> None:
    order = str(report(engineer.phone, code("LOBBY"), "Lamp is out").data["task_id"])
    talk = converse(engineer)
    pick(talk, "Lamp is out")
    pick(talk, "Report something here")
    talk.enter("Two lamps")
    assert engineer.actions()[-1][1]["task"] == order
    assert kinds(engineer) == ["report", "report"]


def test_what_was_done_here_before_is_a_key_after_the_scan(engineer: Handset) -> None:
    talk = converse(engineer)
    talk.scan(code("PUMPS"))
    pick(talk, "What is known here")
    assert any("Pump room" in line for line in (talk.desk.say(talk.page.heading), *talk.page.lines))
    talk.back()
    assert talk.is_home
