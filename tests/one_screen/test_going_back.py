"""Back at each depth, wrong keys, half-written things: nothing that was typed is lost."""

import asyncio
from pathlib import Path

import pytest

from commands.badge import badge
from commands.lock import lock
from radar_cli.one_screen.drafts import Draft
from radar_cli.one_screen.panes import Box
from radar_core.jsontext import encode
from sync.badges import SLOW, Badge
from tests.conversing import (
    LABEL,
    asked,
    burst,
    converse,
    kinds,
    labels,
    pick,
    screen_of,
    settled,
    told,
    type_slowly,
)
from tests.paper_centre import PaperCentre
from tests.phones import DAY, FOREIGN, Handset, code, new_phone

PIN = "135790"
GAUGE = "gauge@20261123-0900"
LI, WANG = (Badge(staff, staff.encode().ljust(16)) for staff in ("G1", "G2"))


@pytest.fixture
def guard(tmp_path: Path, busy: PaperCentre) -> Handset:
    """Give a guard's phone."""
    return new_phone(tmp_path, busy, "G1")


@pytest.fixture
def engineer(tmp_path: Path, busy: PaperCentre) -> Handset:
    """Give an engineer's phone."""
    return new_phone(tmp_path, busy, "E1")


def test_back_from_each_question_and_forth_again_keeps_each_text(guard: Handset) -> None:
    talk = converse(guard)
    talk.choose(0)
    pick(talk, "Report something")
    talk.enter("LOBBY")
    talk.typing("The door is o")
    talk.back()
    assert (asked(talk), talk.draft) == ("Where is it?", "LOBBY")
    talk.back()
    assert asked(talk) == ""
    pick(talk, "Report something")
    assert (asked(talk), talk.draft) == ("Where is it?", "LOBBY")
    talk.enter(talk.draft)
    assert (asked(talk), talk.draft) == ("What is wrong?", "The door is o")
    talk.enter("The door is open")
    talk.back()
    assert (asked(talk), talk.draft) == ("What is wrong?", "The door is open")
    talk.enter(talk.draft)
    talk.choose(1)
    assert guard.actions()[-1][1]["text"] == "The door is open"
    assert kinds(guard) == ["report"]


def test_a_way_that_is_left_takes_its_text_out_of_the_line(guard: Handset) -> None:
    """What is pressed next is no part of it: it waits where it was written."""

    async def leave() -> None:
        talk = converse(guard)
        async with screen_of(talk, (45, 40)) as pilot:
            line = pilot.app.query_one(Box)
            await burst(pilot, LABEL + code("LOBBY"))
            await type_slowly(pilot, "2", *"wet", "escape")
            assert (asked(talk), line.value) == ("", "")
            await type_slowly(pilot, "0")
            assert talk.opened[0] == "menu"
            pick(talk, "Half written: 1")
            pick(talk, "wet")
            assert talk.draft == "wet"

    asyncio.run(leave())


def test_what_is_no_choice_and_no_code_stays_in_the_line_to_be_mended(guard: Handset) -> None:
    async def scan() -> None:
        talk = converse(guard)
        async with screen_of(talk, (45, 40)) as pilot:
            line = pilot.app.query_one(Box)
            await type_slowly(pilot, *"999", "enter")
            assert (kinds(guard), line.value) == ([], "999")
            await type_slowly(pilot, "backspace", "backspace", "backspace", "0")
            assert talk.opened[0] == "menu"

    asyncio.run(scan())


def test_back_to_a_choice_shows_what_was_chosen(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("LOBBY"))
    talk.choose(1)
    talk.enter("Smoke")
    pick(talk, "It is urgent")
    talk.back()
    assert (asked(talk), talk.draft) == ("What is it?", "")
    assert labels(talk)[talk.cursor] == "It is urgent"
    talk.enter("")
    assert asked(talk) == "Urgent. What is it?"


def test_what_was_half_said_behind_a_question_outlives_the_program(guard: Handset) -> None:
    talk = converse(guard)
    talk.choose(0)
    pick(talk, "Report something")
    talk.enter("LOBBY")
    talk.typing("Half")
    talk.back()
    again = converse(guard)
    assert (asked(again), again.draft) == ("Where is it?", "LOBBY")
    again.enter("LOBBY")
    assert again.draft == "Half"


def test_back_leads_from_page_to_page_and_at_home_changes_nothing(guard: Handset) -> None:
    talk = converse(guard)
    pick(talk, "Day")
    pick(talk, "Gate")
    assert talk.page.heading[1]["line"]
    talk.back()
    assert "Day" in talk.desk.say(talk.page.heading)
    talk.back()
    talk.back()
    talk.back()
    assert talk.is_home
    assert kinds(guard) == []


def test_a_note_is_there_again_when_it_is_taken_up_anew(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("GATE"))
    pick(talk, "Leave a note")
    talk.typing("Half a note")
    talk.back()
    talk.scan(code("LOBBY"))
    pick(talk, "Leave a note")
    assert talk.draft == ""
    talk.back()
    talk.scan(code("GATE"))
    pick(talk, "Leave a note")
    assert talk.draft == "Half a note"


def test_a_scan_meanwhile_is_recorded_and_the_half_written_stays(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("GATE"))
    pick(talk, "Leave a note")
    talk.typing("Half")
    talk.scan(code("LOBBY"))
    assert (asked(talk), talk.draft) == ("Your note", "Half")
    assert "Lobby" in told(talk)
    assert kinds(guard) == ["scan", "scan"]
    talk.enter("Half and half")
    assert guard.actions()[-1][1]["place"] == "GATE", "of the place where it was begun"


def test_a_scan_where_nothing_is_typed_yet_goes_on_with_the_scan(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("ATTIC"))
    assert asked(talk) == "Lamp lit?"
    talk.scan(code("PUMPS"))
    assert asked(talk) == ""
    assert kinds(guard) == ["scan", "scan"]


def test_a_code_typed_where_a_choice_is_asked_is_a_scan(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("ATTIC"))
    talk.enter(code("PUMPS"))
    assert kinds(guard) == ["scan", "scan"]


def test_a_line_at_home_is_kept_over_other_things(guard: Handset) -> None:
    talk = converse(guard)
    talk.typing("6P3T")
    talk.scan(code("GATE"))
    talk.refresh()
    assert talk.draft == "6P3T"
    assert not talk.is_choice("1"), "a digit goes on with the line"
    pick(talk, "Leave a note")
    assert talk.draft == ""
    talk.back()
    assert talk.draft == "6P3T"


def test_a_wrong_key_does_nothing(guard: Handset) -> None:
    talk = converse(guard)
    before = labels(talk)
    talk.choose(99)
    talk.move(1)
    talk.move(-1)
    talk.back()
    assert labels(talk) == before
    talk.scan(code("ATTIC"))
    talk.choose(9)
    assert asked(talk) == "Lamp lit?"
    assert kinds(guard) == ["scan"]


def test_the_menu_over_a_question_leaves_it_for_later(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("ATTIC"))
    talk.choose(0)
    assert "Report something" in labels(talk)
    talk.back()
    talk.refresh()
    assert "Answer: Lamp lit?" in labels(talk)


@pytest.mark.parametrize("text", ["4.2.1", "", "   ", "bar", "1_0", "٤،٢"])
def test_what_fits_no_step_records_nothing(engineer: Handset, text: str) -> None:
    talk = converse(engineer)
    talk.scan(FOREIGN)
    talk.enter(text)
    assert asked(talk) == "Pressure"
    assert talk.draft == text.strip()
    assert kinds(engineer) == ["scan"]


def test_a_way_whose_ground_is_gone_says_so_and_the_screen_goes_on(engineer: Handset) -> None:
    talk = converse(engineer)
    talk.choose(2)
    pick(talk, "Leave a note")
    talk.typing("About to")
    engineer.phone.journal.connection.execute("DELETE FROM task WHERE id = ?", (GAUGE,))
    talk.enter("About to say")
    talk.refresh()
    assert told(talk)
    talk.scan(code("PU1"))
    assert "SAVED" in told(talk)


@pytest.mark.parametrize("begun", ["note", "answer"])
def test_words_on_a_task_that_vanishes_stand_in_a_note_of_where_the_person_is(
    engineer: Handset, begun: str
) -> None:
    talk = converse(engineer)
    talk.scan(FOREIGN)
    if begun == "note":
        talk.back()
        pick(talk, "Leave a note")
    talk.typing("4.2 and it drips")
    engineer.phone.journal.connection.execute("DELETE FROM task WHERE id = ?", (GAUGE,))
    engineer.phone.kept = {}
    talk.enter("4.2 and it drips")
    assert (asked(talk), talk.draft) == ("Your note", "4.2 and it drips")
    assert "What you wrote is kept" in told(talk)
    talk = converse(engineer)
    assert talk.draft == "4.2 and it drips", "also after kill -9"
    talk.enter(talk.draft)
    kind, body = engineer.actions()[-1]
    assert (kind, body["text"], body["asset"]) == ("note", "4.2 and it drips", "LI1")
    assert not talk.drafts.halves


def test_words_on_what_is_gone_ask_where_they_belong_if_nothing_was_scanned(
    engineer: Handset,
) -> None:
    talk = converse(engineer)
    talk.choose(2)
    pick(talk, "Leave a note")
    talk.typing("It drips")
    talk.back()
    about = talk.drafts.halves[0].args
    engineer.phone.journal.connection.execute("DELETE FROM task")
    engineer.phone.kept = {}
    talk.refresh()
    talk.choose(0)
    pick(talk, "Half written: 1")
    assert labels(talk) == ["It drips"]
    pick(talk, "It drips")
    assert (asked(talk), talk.draft) == ("Your note", "It drips"), about
    talk.enter(talk.draft)
    assert asked(talk) == "Where is it?"
    talk.scan(code("ATTIC"))
    assert (asked(talk), talk.draft) == ("Your note", "It drips")
    talk.enter(talk.draft)
    assert engineer.actions()[-1][1]["place"] == "ATTIC"


def test_words_for_a_task_that_another_finished_become_its_note(
    tmp_path: Path, busy: PaperCentre
) -> None:
    mine, other = (new_phone(tmp_path, busy, "E1", name) for name in ("D-1", "D-2"))
    talk = converse(mine)
    talk.scan(FOREIGN)
    talk.back()
    pick(talk, "Put it on hold")
    talk.typing("No key to the pump")
    there = converse(other)
    there.scan(FOREIGN)
    there.enter("4.2")
    other.sync(busy.post)
    mine.sync(busy.post)
    talk.refresh()
    talk.enter("No key to the pump")
    assert (asked(talk), talk.draft) == ("Your note", "No key to the pump")
    assert "What you wrote is kept" in told(talk)
    talk.enter(talk.draft)
    assert mine.actions()[-1][1] == {"task": GAUGE, "text": "No key to the pump"}


def test_a_kill_between_saving_and_forgetting_records_nothing_twice(engineer: Handset) -> None:
    talk = converse(engineer)
    talk.scan(FOREIGN)
    sending = Draft("answer", (GAUGE, "bar"), ("4,20",), "", sending=2)
    talk.enter("4,20")
    assert kinds(engineer) == ["scan", "reading", "complete"]
    talk.drafts.keep(sending)
    talk = converse(engineer)
    assert asked(talk) == ""
    assert kinds(engineer) == ["scan", "reading", "complete"]


def test_what_a_kill_kept_from_being_saved_is_half_typed_again_and_not_saved_by_itself(
    engineer: Handset,
) -> None:
    talk = converse(engineer)
    talk.scan(FOREIGN)
    talk.drafts.keep(Draft("answer", (GAUGE, "bar"), ("4,20",), "", sending=2))
    talk = converse(engineer)
    assert (kinds(engineer), talk.draft) == (["scan"], "4,20")
    talk.enter(talk.draft)
    assert kinds(engineer) == ["scan", "reading", "complete"]


def test_drafts_of_another_version_keep_nobody_from_work(engineer: Handset) -> None:
    connection = engineer.phone.journal.connection
    kept = encode({"open": "x", "drafts": [["note", ["PU1"], []], 7, None]})
    connection.execute("INSERT INTO meta VALUES ('draft:E1', ?)", (kept,))
    assert asked(converse(engineer)) == ""


def test_a_draft_of_another_person_on_a_shared_phone_is_not_shown(
    tmp_path: Path, busy: PaperCentre
) -> None:
    quick = {**SLOW, "n": 2, "p": 1}
    for one in (LI, WANG):
        busy.put("HV", "badge", one.staff, one.record(PIN, quick))
    busy.move("", "HV")
    post = new_phone(tmp_path, busy, "", "D-POST")
    badge(post.phone, LI.text, lambda: PIN)
    talk = converse(post)
    talk.scan(code("GATE"))
    pick(talk, "Leave a note")
    talk.typing("Only mine")
    lock(post.phone)
    badge(post.phone, WANG.text, lambda: PIN)
    talk.refresh()
    assert (asked(talk), talk.draft, told(talk)) == ("", "", "")
    talk.scan(code("GATE"))
    pick(talk, "Leave a note")
    assert talk.draft == ""
    talk.typing("Wang's own")
    lock(post.phone)
    badge(post.phone, LI.text, lambda: PIN)
    talk.refresh()
    talk.scan(code("GATE"))
    pick(talk, "Leave a note")
    assert talk.draft == "Only mine"
    assert converse(post).draft == "Only mine"


def test_the_round_page_goes_on_after_a_refresh_wherever_one_is(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("GATE"))
    talk.refresh()
    talk.back()
    assert guard.state(DAY) == "in_progress"
    assert "Day" in talk.desk.say(talk.page.heading)


def test_taps_alone_lead_to_everything_and_back(guard: Handset) -> None:
    talk = converse(guard)

    async def tap() -> None:
        async with screen_of(talk, (45, 40)) as pilot:
            await pilot.click("#head")
            await settled(pilot)
            assert "Report something" in labels(talk)
            await settled(pilot)
            number = labels(talk).index("Report something") + 1
            await type_slowly(
                pilot, *str(number), *(() if talk.is_choice(str(number)) else ("enter",))
            )
            await type_slowly(pilot, *"LOBBY", "enter", *"Half")
            await pilot.click("#question")
            await settled(pilot)
            assert (asked(talk), talk.draft) == ("Where is it?", "LOBBY")
            assert pilot.app.query_one(Box).value == "LOBBY"
            await pilot.click("#question")
            await settled(pilot)
            assert asked(talk) == ""
            await pilot.click("#goal")
            await settled(pilot)
            assert talk.is_home
            assert isinstance(pilot.app.focused, Box)

    asyncio.run(tap())
