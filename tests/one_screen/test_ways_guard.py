"""A guard's shift in as few keys as can be: orders, rounds, questions, reports, handing over."""

from pathlib import Path

import pytest

from commands.start import start
from radar_cli.one_screen.asks import Choice
from radar_cli.one_screen.looks import look
from radar_core.actions import read_line
from radar_core.handovers import Handover, write_handover
from scanners.screen_code import terminal_lines
from tests.conversing import LABEL, LANGUAGES, asked, converse, kinds, labels, pick, told
from tests.paper_centre import PaperCentre
from tests.phones import DAY, STRANGE, Handset, code, new_phone

ASKED = "asked@20261123-0900"


@pytest.fixture
def guard(tmp_path: Path, busy: PaperCentre) -> Handset:
    """Give a guard's phone."""
    return new_phone(tmp_path, busy, "G1")


def test_a_shift_begins_with_enter_and_the_post_orders_are_read(guard: Handset) -> None:
    talk = converse(guard)
    talk.enter("")
    assert talk.page.lines == ("● At the gate", "  Greet everybody.", "  No lorries.")
    assert told(talk) == "SAVED  your shift is on. Good work!"
    talk.enter("")
    assert talk.is_home
    assert "Begin the shift" not in labels(talk)
    talk.choose(0)
    pick(talk, "End the shift")
    assert "your shift is over" in told(talk)
    assert kinds(guard) == ["shift_start", "shift_end"]
    assert labels(converse(guard))[0] == "Begin the shift"


def test_a_checkpoint_without_questions_is_one_scan(guard: Handset) -> None:
    talk = converse(guard)
    for name in ("GATE", "LOBBY", "PU1"):
        talk.scan(LABEL + code(name))
    assert "round finished" in told(talk)
    assert kinds(guard) == ["scan"] * 3
    assert guard.state(DAY) == "done"


def test_what_a_checkpoint_asks_is_answered_with_a_key_each(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("ATTIC"))
    assert asked(talk) == "Lamp lit?"
    talk.choose(1)
    assert asked(talk) == "Lock"
    talk.choose(2)
    assert asked(talk) == "A photo"
    talk.back()
    assert asked(talk) == ""
    assert kinds(guard) == ["scan", "answer", "answer"]
    assert [body.get("value") for _, body in guard.actions()[1:]] == [True, "open"]


def test_a_question_that_was_passed_over_is_asked_again_by_enter(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("ROOF"))
    talk.back()
    talk.enter("")
    assert asked(talk) == "Lamp lit?"
    talk.back()
    talk.scan(code("PUMPS"))
    talk.back()
    talk.refresh()
    assert talk.is_home
    talk.enter("")
    assert asked(talk) == "Lamp lit?", "of the checkpoint before, on the round's own page"
    talk.choose(2)
    assert guard.actions()[-2][1]["value"] is False
    assert "Work order" in told(talk)


def test_optional_questions_and_photos_of_a_round_are_on_its_page(
    guard: Handset, picture: Path
) -> None:
    talk = converse(guard)
    talk.scan(code("ROOF"))
    talk.back()
    talk.back()
    pick(talk, "View")
    talk.enter(str(picture))
    assert guard.actions()[-1][0] == "photo"
    assert guard.actions()[-1][1]["step"] == "2.view"


def test_a_report_at_a_checkpoint_goes_to_the_engineer(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("LOBBY"))
    talk.choose(1)
    talk.enter("Lamp is out")
    pick(talk, "It is broken")
    kind, body = guard.actions()[-1]
    assert (kind, body["category"], body["priority"]) == ("report", "repair", "normal")
    assert body["place"] == "LOBBY"
    assert "Work order" in told(talk)


def test_an_urgent_report_is_one_key_more_and_enter_takes_the_trades_own(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("LOBBY"))
    talk.choose(1)
    talk.enter("Smoke")
    assert [choice.default for choice in talk.selectable] == [True, *[False] * 4]
    pick(talk, "It is urgent")
    talk.enter("")
    body = guard.actions()[-1][1]
    assert (body["category"], body["priority"]) == ("incident", "urgent")


@pytest.mark.parametrize(
    ("word", "place"),
    [("PUMPS", "PUMPS"), ("pump r", "PUMPS"), ("水泵", "PUMPS"), ("屋顶", "ROOF")],
)
def test_a_report_finds_its_place_by_a_part_of_the_name(
    guard: Handset, word: str, place: str
) -> None:
    talk = converse(guard)
    talk.choose(0)
    pick(talk, "Report something")
    talk.enter(word)
    if asked(talk) == "Which one?":
        pick(talk, "Pump room")
    talk.enter("It leaks")
    talk.enter("")
    assert guard.actions()[-1][1]["place"] == place


def test_a_scan_answers_where_it_is(guard: Handset) -> None:
    talk = converse(guard)
    talk.choose(0)
    pick(talk, "Report something")
    talk.scan(code("ROOF"))
    assert asked(talk) == "What is wrong?"
    assert "SAVED" in told(talk)
    talk.enter("It leaks")
    talk.choose(1)
    assert kinds(guard) == ["scan", "report"]
    assert guard.actions()[-1][1]["place"] == "ROOF"


def test_where_nobody_knows_is_refused_at_once_and_stays_in_the_line(guard: Handset) -> None:
    talk = converse(guard)
    talk.choose(0)
    pick(talk, "Report something")
    talk.enter("Nowhere")
    assert (asked(talk), talk.draft) == ("Where is it?", "Nowhere")
    assert "knows nothing called Nowhere" in told(talk)
    assert kinds(guard) == []


def test_a_typed_code_with_a_slip_stays_in_the_line_beside_what_may_be_meant(
    guard: Handset,
) -> None:
    right = code("GATE")
    wrong = right[:-1] + ("X" if right[-1] != "X" else "Y")
    talk = converse(guard)
    talk.enter(wrong)
    assert talk.draft == wrong
    assert "Did you mean" in told(talk)
    assert "radar" not in told(talk)
    assert kinds(guard) == []
    talk.enter(right)
    assert (talk.draft, kinds(guard)) == ("", ["scan"])


def test_a_place_whose_tag_is_gone_is_told_by_its_name(guard: Handset) -> None:
    talk = converse(guard)
    talk.enter("lobb")
    assert kinds(guard) == []
    talk.enter("")
    assert guard.actions()[-1][1]["via"] == "picked"
    assert guard.actions()[-1][1]["checkpoint"] == 1
    talk = converse(guard)
    pick(talk, "Gate")
    pick(talk, "I am here; its tag is gone")
    assert guard.actions()[-1][1]["place"] == "GATE"


def test_a_number_that_is_no_choice_is_no_scan(guard: Handset) -> None:
    talk = converse(guard)
    talk.enter("77")
    assert (talk.draft, kinds(guard)) == ("77", [])
    assert "There is no 77 here" in told(talk)


def test_a_spare_tag_is_bound_by_a_scan_of_the_other_one(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(STRANGE)
    talk.choose(1)
    talk.scan(code("LOBBY"))
    assert kinds(guard) == ["scan", "scan", "bind_tag"]
    assert guard.actions()[-1][1]["place"] == "LOBBY"
    talk.scan(STRANGE)
    assert guard.actions()[-1][1]["place"] == "LOBBY"


def test_a_spare_tag_is_bound_by_a_name(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("BLANK"))
    talk.choose(1)
    talk.enter("一号泵")
    assert guard.actions()[-1][1]["asset"] == "PU1"


def test_early_and_unknown_and_retired_say_so_without_a_command(guard: Handset) -> None:
    talk = converse(guard)
    for name, word in (("OLD", "taken out of use"), ("YARD", "unknown tag")):
        talk.scan(code(name))
        assert word in told(talk)
        assert "radar " not in told(talk)


def test_a_scan_is_taken_back_with_two_keys(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("GATE"))
    pick(talk, "Take this scan back")
    talk.choose(1)
    assert guard.actions()[-1][1]["reason"] == "wrong tag"
    assert guard.phone.task(DAY)[1].visited == {}


def test_what_was_recorded_before_is_taken_back_from_the_list(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("GATE"))
    talk.scan(code("LOBBY"))
    talk.choose(0)
    pick(talk, "Recorded on this phone")
    assert len(labels(talk)) == 2
    talk.choose(2)
    talk.enter("by mistake")
    assert list(guard.phone.task(DAY)[1].visited) == ["1"]
    assert len(labels(talk)) == 1, "the list is there still, without it"


def test_a_report_that_nobody_took_up_is_taken_back_from_the_list(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("LOBBY"))
    talk.choose(1)
    talk.enter("Lamp is out")
    talk.choose(1)
    talk.choose(0)
    pick(talk, "Recorded on this phone")
    talk.choose(1)
    talk.enter("2")
    assert kinds(guard) == ["scan", "report", "cancel"]
    assert talk.is_home


def test_a_round_is_ended_early(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("GATE"))
    talk.back()
    pick(talk, "End it early")
    talk.enter("1")
    assert guard.state(DAY) == "ended_early"
    assert guard.actions()[-1][1]["reason"] == "no access"


def test_a_round_goes_on_in_a_colleagues_hands(
    guard: Handset, tmp_path: Path, busy: PaperCentre
) -> None:
    talk = converse(guard)
    talk.scan(code("GATE"))
    talk.back()
    pick(talk, "Hand it over")
    talk.enter("")
    shown = guard.actions()[-1]
    assert shown[0] == "handover"
    assert talk.page.lines == tuple(terminal_lines(shown_code(guard)))
    other = new_phone(tmp_path, busy, "G2")
    theirs = converse(other)
    theirs.scan(shown_code(guard))
    assert "yours now" in told(theirs)
    theirs.refresh()
    assert theirs.desk.in_hand() is not None
    theirs.scan(code("LOBBY"))
    assert "Still to visit: 1" in told(theirs)


def test_a_round_is_handed_to_one_colleague_by_name(guard: Handset) -> None:
    talk = converse(guard)
    talk.scan(code("GATE"))
    talk.back()
    pick(talk, "Hand it over")
    assert not [label for label in labels(talk) if "Li Wei" in label], "that is who hands it over"
    pick(talk, "Wang Fang")
    kind, body = guard.actions()[-1]
    assert (kind, body["to"]) == ("handover", "G2")
    assert len(talk.page.lines) > 10, "the code to be scanned"


def shown_code(handset: Handset) -> str:
    """Return the code of the handover that a phone recorded last, as its screen draws it."""
    row = handset.phone.journal.connection.execute(
        "SELECT epoch, line FROM action WHERE line LIKE '%handover%' ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    action = read_line(*row)
    task, visited = str(action.body["task"]), handset.phone.task(DAY)[1].visited
    return write_handover(Handover(task, "HV", action.staff, "", action.id, visited))


@pytest.mark.parametrize("language", LANGUAGES)
def test_checkpoints_that_are_called_the_same_say_where_they_are(
    tmp_path: Path, busy: PaperCentre, language: str
) -> None:
    for tower in (1, 2):
        body = {"kind": "room", "name": "Lobby", "name_zh": "大堂"}
        body |= {"path": f"Harbour View / Tower {tower} / Lobby"}
        body |= {"path_zh": f"海景 / {tower}号楼 / 大堂"}
        busy.put("HV", "place", f"T{tower}", {**body})
    stops = ["place:T1", "place:GATE", "place:T2"]
    busy.put("HV", "route", "TWINS", {"name": "Twins", "ordered": True, "checkpoints": stops})
    twins = {"kind": "patrol", "role": "guard", "title": "Twins", "route": "TWINS"}
    twins |= {"rrule": "FREQ=DAILY", "start": "2026-01-01T09:00"}
    busy.put("HV", "schedule", "twins", {**twins, "duration_min": 240})
    guard = new_phone(tmp_path, busy, "G1")
    talk = converse(guard, language)
    talk.open(Choice(("", {}), "task", ("twins@20261123-0900",)))
    rows = [(item.text, item.detail) for item in look(talk).rows]
    lobby, at = ("大堂", "{}号楼") if language == "zh" else ("Lobby", "Tower {}")
    gate = "大门" if language == "zh" else "Gate"
    assert rows == [(lobby, at.format(1)), (gate, ""), (lobby, at.format(2))]
    start(guard.phone, "twins@20261123-0900")
    talk.refresh()
    assert look(talk).goal.endswith(f"{lobby} · {at.format(1)}")
