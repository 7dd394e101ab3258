"""A supervisor's word on other people's work: given out, verified, sent back, cancelled."""

from pathlib import Path

import pytest

from commands.done import done
from commands.report import report
from commands.start import start
from radar_cli.one_screen.asks import Choice
from tests.conversing import asked, converse, kinds, labels, pick, told
from tests.paper_centre import PaperCentre
from tests.phones import PUMP, SWEEP, Handset, code, new_phone

ORDER = "repair:LOBBY:1"


@pytest.fixture
def boss(tmp_path: Path, busy: PaperCentre) -> Handset:
    """Give a supervisor's phone, with a clean that is done and two work orders."""
    busy.put("HV", "staff", "B1", {"name": "Boss", "roles": ["supervisor"], "projects": ["HV"]})
    cleaner = new_phone(tmp_path, busy, "C1")
    done(cleaner.phone, SWEEP)
    report(cleaner.phone, code("LOBBY"), "Lamp is out", category="repair")
    report(cleaner.phone, code("ROOF"), "No bin bags left", category="supplies")
    cleaner.sync(busy.post)
    return new_phone(tmp_path, busy, "B1")


def task_page(task: str) -> Choice:
    """Return the choice that opens a task's page."""
    return Choice(("", {}), "task", (task,))


def test_an_order_is_given_to_somebody_or_to_whose_turn_it_is(boss: Handset) -> None:
    talk = converse(boss)
    talk.open(task_page(ORDER))
    pick(talk, "Give it to somebody")
    assert labels(talk)[0] == "whose turn it is"
    talk.enter("zhao")
    assert boss.actions()[-1][1]["to"] == "E1", "a person is named as well as numbered"
    assert boss.state(ORDER) == "assigned"


def test_a_clean_is_sent_back_with_a_reason_and_opens_an_order(boss: Handset) -> None:
    talk = converse(boss)
    talk.open(task_page(SWEEP))
    pick(talk, "Send it back")
    talk.typing("Streaks on the gl")
    talk.back()
    pick(talk, "Send it back")
    assert talk.draft == "Streaks on the gl"
    talk.enter("Streaks on the glass")
    assert kinds(boss) == ["reject", "report"]
    assert "Work order" in told(talk)


def test_finished_work_is_verified_with_one_key(boss: Handset, busy: PaperCentre) -> None:
    engineer = new_phone(boss.world.home.parent, busy, "E1")
    start(engineer.phone, ORDER)
    done(engineer.phone, ORDER)
    engineer.sync(busy.post)
    boss.sync(busy.post)
    talk = converse(boss)
    talk.open(task_page(ORDER))
    pick(talk, "It is well done")
    assert boss.state(ORDER) == "verified"
    assert asked(talk) == ""


def test_what_nobody_has_to_do_is_cancelled_and_opened_again(boss: Handset) -> None:
    talk = converse(boss)
    talk.open(task_page(ORDER))
    pick(talk, "Nobody has to do it")
    talk.enter("1")
    assert boss.actions()[-1][1]["reason"] == "reported twice"
    talk.open(task_page(ORDER))
    pick(talk, "Open it again")
    talk.enter("It flickers")
    assert boss.state(ORDER) == "open"


def test_what_could_not_be_done_is_excused(boss: Handset) -> None:
    talk = converse(boss)
    talk.open(task_page("floors@20261123-0900"))
    pick(talk, "It could not be done")
    talk.enter("painters at work")
    assert boss.state("floors@20261123-0900") == "excused"


def test_finished_work_gets_its_stars(boss: Handset) -> None:
    talk = converse(boss)
    talk.open(task_page(SWEEP))
    pick(talk, "Rate it")
    talk.choose(2)
    assert boss.actions()[-1][1]["stars"] == 4


def test_a_leader_scans_and_reports_like_anybody(boss: Handset) -> None:
    talk = converse(boss)
    talk.scan(code("PU1"))
    pick(talk, "Report something here")
    talk.enter("It drips")
    pick(talk, "It is broken")
    assert kinds(boss) == ["scan", "report"]
    assert boss.state(PUMP) == ""
