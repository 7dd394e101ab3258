"""`radar end`, `correct`, `accept`, `decline`: what they record, and what they refuse."""

from collections.abc import Callable
from pathlib import Path

import pytest

from commands.answer import answer
from commands.correct import correct
from commands.end import end
from commands.note import note
from commands.offers import accept, decline
from commands.report import report
from commands.scan import scan
from commands.start import start
from radar_core.failures import FAILED, NOT_PERMITTED, USAGE, Failure
from radar_core.tracking import CORRECTABLE
from tests.paper_centre import PaperCentre
from tests.phones import DAY, LIU, NIGHT, PUMP, STRANGE, SWEEP, Handset, code, data_of, new_phone

Verb = Callable[..., object]
ORDER = "repair:PU1:1"


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G1")


@pytest.fixture
def cleaner(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "C1")


@pytest.fixture
def engineer(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "E1")


def refusal(phone: Handset, verb: Verb, *words: str) -> Failure:
    """Return the failure of a verb after checking that it recorded nothing and says what to do."""
    before = phone.actions()
    with pytest.raises(Failure) as told:
        verb(phone.phone, *words)
    assert phone.actions() == before
    assert 0 < len(str(told.value)) < 300
    assert told.value.hint.format(**told.value.values)
    return told.value


def give(phone: Handset, task: str, to: str) -> None:
    """Write what a supervisor's assignment would be, as it comes down to this phone."""
    with phone.phone.transaction():
        body = {"task": task, "to": to}
        phone.phone.write("assign", task, "HV", body, phone.world.moment())


def test_a_round_ends_early_with_a_reason(guard: Handset) -> None:
    scan(guard.phone, code("GATE"))
    data = data_of(end(guard.phone, DAY, "Lift is stuck"))
    assert (
        data.items() >= {"task_id": DAY, "state": "ended_early", "saved": True, "left": 2}.items()
    )
    assert data["reason"] == "Lift is stuck"
    assert guard.actions()[-1] == ("end_early", {"task": DAY, "reason": "Lift is stuck"})
    assert guard.phone.task(DAY)[1].reason == "Lift is stuck"


def test_a_cleaning_that_nobody_began_may_be_ended_too(cleaner: Handset) -> None:
    assert end(cleaner.phone, SWEEP, "no access").data["state"] == "ended_early"
    assert cleaner.actions()[-1][1] == {"task": SWEEP, "place": "LOBBY", "reason": "no access"}


@pytest.mark.parametrize(
    ("word", "reason"),
    [("1", "no access"), ("5", "shift over"), ("6", "6"), ("0", "0"), (" 2 ", "not safe")],
)
def test_a_usual_reason_is_named_by_its_number(guard: Handset, word: str, reason: str) -> None:
    assert end(guard.phone, DAY, word).data["reason"] == reason


@pytest.mark.parametrize(
    ("verb", "task", "usual"),
    [(end, DAY, "no access"), (correct, "last", "wrong tag"), (decline, DAY, "no time")],
)
def test_without_a_reason_the_usual_ones_are_offered(
    guard: Handset, verb: Verb, task: str, usual: str
) -> None:
    scan(guard.phone, code("GATE"))
    for nothing in ("", "  "):
        told = refusal(guard, verb, task, nothing)
        assert (told.code, told.exit_code) == ("reason_missing", USAGE)
        assert usual in told.hint
    assert refusal(guard, verb, task, "x" * 4001).code == "text_length"


def test_what_is_ended_already_stays_so(guard: Handset) -> None:
    end(guard.phone, DAY, "1")
    again = end(guard.phone, DAY, "2")
    assert (again.view, again.data["saved"]) == ("already", False)
    assert len(guard.actions()) == 1


def test_a_work_order_is_held_or_cancelled_not_ended(engineer: Handset) -> None:
    told = refusal(engineer, end, PUMP, "1")
    assert (told.code, told.exit_code) == ("wrong_kind", FAILED)
    assert "radar hold" in told.hint


def test_a_round_that_is_not_due_yet_has_no_end(guard: Handset) -> None:
    told = refusal(guard, end, NIGHT, "1")
    assert (told.code, told.exit_code) == ("not_due", FAILED)
    assert "22:00" in str(told)
    start(guard.phone, NIGHT)
    assert end(guard.phone, NIGHT, "1").data["state"] == "ended_early"


@pytest.mark.parametrize(
    "verb", [lambda p, t: end(p, t, "1"), accept, lambda p, t: decline(p, t, "1")]
)
def test_another_s_task_and_an_unknown_one_are_refused(cleaner: Handset, verb: Verb) -> None:
    for task in (LIU, PUMP, DAY):
        told = refusal(cleaner, verb, task)
        assert (told.code, told.exit_code) == ("not_yours", NOT_PERMITTED)
    for word in ("", "nonsense", "x" * 9000, "%"):
        assert refusal(cleaner, verb, word).code == "unknown_task"


def test_an_excused_round_is_finished_for_these_verbs(guard: Handset) -> None:
    with guard.phone.transaction():
        body = {"task": DAY, "reason": "Storm"}
        guard.phone.write("excuse", DAY, "HV", body, guard.world.moment())
    for told in (end(guard.phone, DAY, "1"), accept(guard.phone, DAY)):
        assert (told.view, told.data["state"]) == ("already", "excused")


def test_a_wrong_scan_is_taken_back_and_the_round_goes_on(guard: Handset) -> None:
    for name in ("GATE", "LOBBY", "PU1"):
        scan(guard.phone, code(name) if name != "LOBBY" else code("LOBBY"))
    assert guard.state(DAY) == "done"
    data = data_of(correct(guard.phone, "last", "1"))
    assert data.items() >= {"saved": True, "corrected": "ED-G1.3", "kind": "scan"}.items()
    assert data["task"] == {
        "task_id": DAY, "title": "Day", "title_zh": "Day", "state": "in_progress", "left": 1,
        "open_steps": [],
    }  # fmt: skip
    kind, body = guard.actions()[-1]
    assert (kind, body["action"], body["reason"]) == ("correct", "ED-G1.3", "wrong tag")
    assert (body["task"], body["asset"], body["place"]) == (DAY, "PU1", "PUMPS")
    assert correct(guard.phone, "last", "again").data["corrected"] == "ED-G1.2"
    assert guard.phone.task(DAY)[1].visited == {"0": "ED-G1.1"}


@pytest.mark.parametrize("word", ["2", "ED-G1.2", " 2 "])
def test_an_action_is_named_by_its_id_or_its_number(guard: Handset, word: str) -> None:
    scan(guard.phone, code("GATE"))
    scan(guard.phone, code("LOBBY"))
    scan(guard.phone, code("PU1"))
    assert correct(guard.phone, word, "1").data["corrected"] == "ED-G1.2"


def test_an_answer_that_is_taken_back_is_asked_again(engineer: Handset) -> None:
    answer(engineer.phone, PUMP, "leak", "yes")
    data = data_of(correct(engineer.phone, "last", "3"))
    assert isinstance(data["task"], dict)
    assert data["task"]["open_steps"] == ["leak", "noise", "hours"]


def test_the_last_thing_is_the_answer_and_not_the_report_that_it_made(engineer: Handset) -> None:
    answer(engineer.phone, PUMP, "leak", "no")
    assert engineer.state(ORDER) == "open"
    assert data_of(correct(engineer.phone, "last", "3"))["kind"] == "answer"


def test_a_scan_that_counted_for_nothing_can_be_taken_back_too(guard: Handset) -> None:
    scan(guard.phone, STRANGE)
    data = data_of(correct(guard.phone, "last", "1"))
    assert (data["saved"], data["task"]) == (True, None)
    assert correct(guard.phone, "1", "1").data["saved"] is False


def test_what_was_taken_back_already_stays_so(guard: Handset) -> None:
    scan(guard.phone, code("GATE"))
    correct(guard.phone, "last", "1")
    again = data_of(correct(guard.phone, "1", "2"))
    assert (again["saved"], again["action_id"], again["corrected"]) == (False, None, "ED-G1.1")
    assert len(guard.actions()) == 2
    told = refusal(guard, correct, "last", "1")
    assert told.code == "unknown_action"


@pytest.mark.parametrize(
    "word", ["", "nothing", "99", "ED-G1.99", "E-OTHER.1", "-1", "1.5.x", "9" * 40, "ED-G1.", "²"]
)
def test_an_action_that_nobody_knows_is_refused(guard: Handset, word: str) -> None:
    scan(guard.phone, code("GATE"))
    assert refusal(guard, correct, word, "1").code == "unknown_action"


def test_only_who_recorded_it_takes_it_back(
    guard: Handset, centre: PaperCentre, tmp_path: Path
) -> None:
    other = new_phone(tmp_path, centre, "G2")
    scan(other.phone, code("GATE"))
    other.sync(centre.post)
    guard.sync(centre.post)
    told = refusal(guard, correct, "ED-G2.1", "1")
    assert (told.code, told.exit_code) == ("not_yours", NOT_PERMITTED)
    assert "G2" in str(told)


def test_what_is_said_or_begun_is_not_taken_back(guard: Handset) -> None:
    scan(guard.phone, code("GATE"))
    start(guard.phone, NIGHT)
    note(guard.phone, "GATE", "hello")
    for word in ("last", "2", "3"):
        told = refusal(guard, correct, word, "1")
        assert (told.code, told.exit_code) == ("not_correctable", FAILED)
    assert "note" not in CORRECTABLE
    assert correct(guard.phone, "1", "1").data["saved"] is True


def test_a_work_order_that_was_given_is_taken_on_once(engineer: Handset) -> None:
    report(engineer.phone, "PU1", "It drips.")
    give(engineer, ORDER, "E1")
    data = data_of(accept(engineer.phone, ORDER))
    assert (data["state"], data["saved"]) == ("assigned", True)
    again = accept(engineer.phone, ORDER)
    assert (again.view, again.data["saved"]) == ("accepted", False)
    start(engineer.phone, ORDER)
    assert accept(engineer.phone, ORDER).view == "already"


def test_a_round_that_was_given_is_taken_on_and_not_begun(guard: Handset) -> None:
    give(guard, NIGHT, "G1")
    data = data_of(accept(guard.phone, NIGHT))
    assert (data["state"], data["saved"]) == ("planned", True)
    assert guard.phone.task(NIGHT)[1].assignee == "G1"


def test_work_that_was_given_is_declined_with_a_reason(engineer: Handset) -> None:
    report(engineer.phone, "PU1", "It drips.")
    give(engineer, ORDER, "E1")
    data = data_of(decline(engineer.phone, ORDER, "2"))
    assert data.items() >= {"state": "open", "saved": True, "reason": "no time"}.items()
    assert engineer.phone.task(ORDER)[1].assignee == ""
    assert refusal(engineer, decline, ORDER, "2").code == "not_given"


def test_a_round_that_was_given_is_declined_too(guard: Handset) -> None:
    give(guard, NIGHT, "G1")
    assert decline(guard.phone, NIGHT, "ill").data["saved"] is True
    assert guard.phone.task(NIGHT)[1].assignee == ""


def test_work_that_was_begun_is_not_declined_any_more(guard: Handset, engineer: Handset) -> None:
    scan(guard.phone, code("GATE"))
    start(engineer.phone, PUMP)
    for phone, task, way in ((guard, DAY, "radar end"), (engineer, PUMP, "radar hold")):
        told = refusal(phone, decline, task, "1")
        assert (told.code, told.exit_code) == ("under_way", FAILED)
        assert way in told.hint


def test_finished_work_is_neither_declined_nor_taken_on(cleaner: Handset) -> None:
    end(cleaner.phone, SWEEP, "1")
    assert decline(cleaner.phone, SWEEP, "1").view == "already"
    assert accept(cleaner.phone, SWEEP).view == "already"


def test_a_work_order_in_another_s_hands_is_not_taken_on(
    engineer: Handset, centre: PaperCentre, tmp_path: Path
) -> None:
    body = {"name": "E2", "roles": ["engineer"], "projects": ["HV"]}
    centre.put("HV", "staff", "E2", body)
    other = new_phone(tmp_path, centre, "E2")
    start(engineer.phone, PUMP)
    engineer.sync(centre.post)
    other.sync(centre.post)
    assert refusal(other, accept, PUMP).code == "wrong_state"
