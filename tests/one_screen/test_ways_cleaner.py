"""A cleaner's shift: a clean is one scan and one key, a checklist a key for each question."""

from pathlib import Path

import pytest

from commands.assign import assign
from tests.conversing import LABEL, asked, converse, kinds, labels, pick, told
from tests.paper_centre import PaperCentre
from tests.phones import DAY_S, SWEEP, Handset, code, new_phone

FLOORS = "floors@20261123-0900"


@pytest.fixture
def cleaner(tmp_path: Path, busy: PaperCentre) -> Handset:
    """Give a cleaner's phone."""
    return new_phone(tmp_path, busy, "C1")


def test_a_clean_is_one_scan_and_one_key(cleaner: Handset) -> None:
    talk = converse(cleaner)
    talk.scan(LABEL + code("LOBBY"))
    talk.enter("")
    assert kinds(cleaner) == ["scan", "complete"]
    assert cleaner.state(SWEEP) == "done"
    assert talk.is_home


def test_a_clean_stays_one_key_where_yesterdays_was_left(cleaner: Handset) -> None:
    cleaner.world.step(DAY_S)
    talk = converse(cleaner)
    talk.scan(code("LOBBY"))
    talk.enter("")
    assert cleaner.state("sweep@20261124-0930") == "done"
    assert cleaner.state(SWEEP) == ""


def test_a_checklist_is_asked_by_itself_and_done_is_the_last_key(cleaner: Handset) -> None:
    talk = converse(cleaner)
    talk.scan(code("ATTIC"))
    assert asked(talk) == "Floor mopped"
    talk.choose(1)
    assert asked(talk) == "Bins emptied"
    talk.choose(2)
    assert "Work order" in told(talk)
    assert asked(talk) == ""
    assert labels(talk)[0] == "Done"
    talk.enter("")
    assert kinds(cleaner) == ["scan", "answer", "answer", "report", "complete"]
    assert cleaner.state(FLOORS) == "done"


def test_a_photo_before_leads_back_to_the_checklist(cleaner: Handset, picture: Path) -> None:
    talk = converse(cleaner)
    talk.scan(code("ATTIC"))
    talk.back()
    pick(talk, "A photo of it")
    talk.enter(str(picture))
    talk.enter("")
    assert cleaner.actions()[-1][1]["when"] == "before"
    assert labels(talk)[0] == "Answer: Floor mopped"
    talk.enter("")
    talk.choose(1)
    talk.choose(1)
    pick(talk, "A photo of it")
    talk.enter(str(picture))
    talk.enter("")
    assert cleaner.actions()[-1][1]["when"] == "after"
    talk.enter("")
    assert cleaner.state(FLOORS) == "done"


def test_a_photo_that_is_none_stays_in_the_line(cleaner: Handset) -> None:
    talk = converse(cleaner)
    talk.scan(code("LOBBY"))
    pick(talk, "A photo of it")
    talk.enter("nothing.jpg")
    talk.enter("")
    assert "nothing.jpg" in told(talk)
    assert asked(talk) == "When was it taken?"
    talk.back()
    assert (asked(talk), talk.draft) == ("A photo", "nothing.jpg")
    assert kinds(cleaner) == ["scan"]


def test_an_optional_question_is_on_the_page_of_what_was_scanned(cleaner: Handset) -> None:
    talk = converse(cleaner)
    talk.scan(code("ATTIC"))
    talk.back()
    pick(talk, "Remark")
    talk.enter("Wax is used up")
    assert asked(talk) == "Floor mopped", "what has to be answered goes on by itself"
    assert cleaner.actions()[-1][1]["value"] == "Wax is used up"


def test_an_answer_is_changed_by_answering_again(cleaner: Handset) -> None:
    talk = converse(cleaner)
    talk.scan(code("ATTIC"))
    talk.choose(2)
    talk.back()
    pick(talk, "Floor mopped")
    talk.choose(1)
    assert cleaner.phone.task(FLOORS)[1].answers == {"floor": True}


def test_of_several_tasks_at_one_place_each_is_a_key(cleaner: Handset) -> None:
    talk = converse(cleaner)
    talk.scan(code("GATE"))
    assert labels(talk)[:2] == ["Panes", "Steps"]
    talk.choose(2)
    talk.enter("")
    assert cleaner.state("steps@20261123-0900") == "done"
    assert cleaner.state("panes@20261123-0900") == ""
    talk.scan(code("GATE"))
    talk.enter("")
    assert cleaner.state("panes@20261123-0900") == "done"


def test_nothing_due_and_early_offer_what_can_be_said(cleaner: Handset) -> None:
    talk = converse(cleaner)
    talk.scan(code("PUMPS"))
    assert "nothing is due here" in told(talk)
    talk.choose(2)
    talk.enter("Wet floor")
    assert kinds(cleaner)[-1] == "note"
    assert cleaner.actions()[-1][1]["place"] == "PUMPS"
    cleaner.world.step(-3 * 3600)
    talk.scan(code("LOBBY"))
    assert "too early" in told(talk)
    assert "Done" not in labels(talk)


def test_supplies_are_reported_in_the_persons_words(cleaner: Handset) -> None:
    talk = converse(cleaner)
    talk.scan(code("PUMPS"))
    talk.choose(1)
    talk.enter("No bin bags left")
    assert labels(talk)[0] == "It is dirty", "what this trade reports most is the first"
    pick(talk, "Something is used up")
    assert cleaner.actions()[-1][1]["category"] == "supplies"


def test_what_was_given_is_taken_on_or_declined(
    cleaner: Handset, tmp_path: Path, busy: PaperCentre
) -> None:
    busy.put("HV", "staff", "B1", {"name": "Boss", "roles": ["supervisor"], "projects": ["HV"]})
    boss = new_phone(tmp_path, busy, "B1")
    assign(boss.phone, SWEEP, "C1")
    assign(boss.phone, FLOORS, "C1")
    boss.sync(busy.post)
    cleaner.sync(busy.post)
    talk = converse(cleaner)
    pick(talk, "Sweep")
    assert labels(talk)[0] == "Take it on"
    talk.enter("")
    assert kinds(cleaner) == ["accept"]
    assert labels(talk)[0] == "Done"
    talk.enter("")
    assert cleaner.state(SWEEP) == "done"
    pick(talk, "Floors")
    pick(talk, "Decline it")
    talk.enter("2")
    assert cleaner.actions()[-1][1]["reason"] == "no time"
    assert talk.is_home


def test_a_cleaning_goes_to_a_colleague_and_another_ends_early(cleaner: Handset) -> None:
    talk = converse(cleaner)
    talk.scan(code("LOBBY"))
    pick(talk, "Hand it over")
    talk.enter("")
    assert kinds(cleaner) == ["scan", "handover"]
    assert len(talk.page.lines) > 10, "the code to be scanned"
    talk.scan(code("ATTIC"))
    talk.back()
    pick(talk, "End it early")
    talk.enter("the door is locked")
    assert cleaner.state(FLOORS) == "ended_early"
    assert cleaner.actions()[-1][1]["reason"] == "the door is locked"
