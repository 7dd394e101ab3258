"""`radar start`, `answer`, `note` and `done` on a phone: what they record, and what they refuse."""

from pathlib import Path

import pytest

from commands.answer import answer
from commands.done import done
from commands.note import note
from commands.scan import scan
from commands.start import start
from radar_core.failures import FAILED, NOT_PERMITTED, USAGE, Failure
from tests.paper_centre import PaperCentre
from tests.phones import (
    DAY,
    FOREIGN,
    LIFT,
    LIU,
    NIGHT,
    PUMP,
    SWEEP,
    Handset,
    code,
    data_of,
    new_phone,
)

WORK_KEYS = {
    "task_id", "title", "title_zh", "state", "action_id", "seq", "saved", "open_steps", "left",
}  # fmt: skip
VERBS = [start, done, lambda phone, task: answer(phone, task, "leak", "no")]


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G1")


@pytest.fixture
def cleaner(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "C1")


@pytest.fixture
def engineer(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "E1")


def refused(phone: Handset, verb: object, *words: str) -> Failure:
    """Return the failure of a verb after checking that it recorded nothing and says what to do."""
    before = phone.actions()
    with pytest.raises(Failure) as told:
        verb(phone.phone, *words)  # type: ignore[operator]
    assert phone.actions() == before
    assert str(told.value)
    assert told.value.hint.format(**told.value.values)
    return told.value


def test_start_records_that_the_task_is_in_hand(engineer: Handset) -> None:
    data = data_of(start(engineer.phone, PUMP))
    assert (
        data.items()
        >= {
            "task_id": PUMP,
            "title": "Pump",
            "title_zh": "Pump",
            "state": "in_progress",
            "action_id": "ED-E1.1",
            "seq": 1,
            "saved": True,
            "open_steps": ["leak", "noise", "hours"],
            "left": 0,
        }.items()
    )
    assert engineer.actions() == [("start", {"task": PUMP, "asset": "PU1"})]


def test_starting_again_changes_nothing_and_is_no_mistake(engineer: Handset) -> None:
    start(engineer.phone, PUMP)
    again = start(engineer.phone, PUMP)
    assert (again.view, again.data["saved"], again.data["action_id"]) == ("already", False, None)
    assert again.data.keys() >= WORK_KEYS
    assert len(engineer.actions()) == 1


def test_starting_what_is_on_hold_takes_it_up_again(engineer: Handset) -> None:
    start(engineer.phone, PUMP)
    with engineer.phone.transaction():
        engineer.phone.write("hold", PUMP, "HV", {"task": PUMP}, engineer.world.moment())
    assert engineer.state(PUMP) == "on_hold"
    assert start(engineer.phone, PUMP).data["state"] == "in_progress"


@pytest.mark.parametrize("verb", VERBS)
def test_another_person_s_task_is_not_permitted(cleaner: Handset, verb: object) -> None:
    for task in (LIU, PUMP, DAY):
        failure = refused(cleaner, verb, task)
        assert (failure.code, failure.exit_code) == ("not_yours", NOT_PERMITTED)
    assert "C2" in str(refused(cleaner, verb, LIU))
    assert "engineer" in str(refused(cleaner, verb, PUMP))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "word", ["", "nonsense", "sweep@2031", "SWEEP", "泵", "x" * 9000, "%", "_"]
)
def test_an_unknown_task_is_told(cleaner: Handset, verb: object, word: str) -> None:
    failure = refused(cleaner, verb, word)
    assert (failure.code, failure.exit_code) == ("unknown_task", FAILED)
    assert len(str(failure)) < 200


def test_a_beginning_that_several_tasks_have_is_told_with_them(cleaner: Handset) -> None:
    failure = refused(cleaner, start, "night")
    assert failure.code == "ambiguous_task"
    assert set(str(failure.values["tasks"]).split(", ")) == {"night@20261122-2200", NIGHT}
    assert refused(cleaner, start, "lift@2026").code == "ambiguous_task"


@pytest.mark.parametrize("word", [SWEEP, "sweep", "swe", "sweep@20261123"])
def test_a_task_may_be_named_by_its_schedule_or_its_beginning(cleaner: Handset, word: str) -> None:
    assert start(cleaner.phone, word).data["task_id"] == SWEEP


def test_of_two_schedules_the_one_that_is_named_in_full_is_meant(
    cleaner: Handset, centre: PaperCentre
) -> None:
    more = {"kind": "cleaning", "title": "S", "role": "cleaner", "place": "ROOF",
            "rrule": "FREQ=DAILY", "start": "2026-01-01T09:30", "duration_min": 60}  # fmt: skip
    centre.put("HV", "schedule", "sweep-2", more)
    cleaner.sync(centre.post)
    assert start(cleaner.phone, "sweep").data["task_id"] == SWEEP
    assert refused(cleaner, start, "swee").code == "ambiguous_task"


def test_of_the_tasks_of_one_schedule_the_one_in_its_window_is_meant(
    cleaner: Handset, centre: PaperCentre
) -> None:
    hourly = {"kind": "cleaning", "title": "H", "role": "cleaner", "place": "ROOF",
              "rrule": "FREQ=HOURLY", "start": "2026-01-01T00:15", "duration_min": 30}  # fmt: skip
    centre.put("HV", "schedule", "hourly", hourly)
    cleaner.sync(centre.post)
    assert refused(cleaner, start, "hourly").code == "ambiguous_task"
    cleaner.world.step(15 * 60)
    assert start(cleaner.phone, "hourly").data["task_id"] == "hourly@20261123-1015"


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        ("leak", "no", ("answer", False, None, False)),
        ("leak", "是", ("answer", True, None, False)),
        ("noise", "LOUD", ("answer", "loud", None, False)),
        ("pressure", "4,2 bar", ("answer", 4.2, "bar", False)),
        ("pressure", "7.5", ("answer", 7.5, "bar", True)),
        ("pressure", "1", ("answer", 1, "bar", True)),
        ("hours", "1520", ("reading", 1520, "h", False)),
        ("hours", "-3h", ("reading", -3, "h", True)),
        ("remark", "  一切正常 \n", ("answer", "一切正常", None, False)),
        ("1", "yes", ("answer", True, None, False)),
        ("4", "7", ("reading", 7, "h", False)),
    ],
)
def test_an_answer_of_each_type_is_recorded_as_its_value(
    engineer: Handset, step: str, text: str, expected: tuple[str, object, str | None, bool]
) -> None:
    kind, value, unit, outside = expected
    data = data_of(answer(engineer.phone, PUMP, step, text))
    assert data.keys() >= WORK_KEYS | {"step", "value", "unit", "outside", "min", "max"}
    assert (data["value"], data["unit"], data["outside"]) == (value, unit, outside)
    (recorded, body), *reported = engineer.actions()
    assert recorded == kind
    written = {"task": PUMP, "asset": "PU1", "step": data["step"], "value": value}
    written |= {"unit": unit} if unit else {}
    written |= {"outside": True} if outside else {}
    wrong = outside or value is False
    written |= {"failed": True} if value is False else {}
    written |= {"opens": "repair:PU1:1"} if wrong else {}
    assert body == written
    assert [kind for kind, _ in reported] == ["report"] * wrong
    assert data["state"] == "in_progress"


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("leak", "perhaps"),
        ("noise", "silent"),
        ("pressure", "high"),
        ("pressure", "4 psi"),
        ("hours", "nan"),
        ("remark", " "),
        ("remark", "x" * 4001),
        ("picture", "photo.jpg"),
    ],
)
def test_an_answer_of_the_wrong_type_is_refused_with_the_reason(
    engineer: Handset, step: str, text: str
) -> None:
    failure = refused(engineer, answer, PUMP, step, text)
    assert (failure.code, failure.exit_code) == ("answer_misfit", USAGE)
    reason = failure.values["reason"]
    assert isinstance(reason, tuple)
    assert reason[0].format(**reason[1])


@pytest.mark.parametrize("step", ["", "0", "7", "LEAK", "oil"])
def test_a_step_that_the_checklist_lacks_is_refused_with_those_it_has(
    engineer: Handset, step: str
) -> None:
    failure = refused(engineer, answer, PUMP, step, "yes")
    assert (failure.code, failure.exit_code) == ("unknown_step", USAGE)
    assert "leak, noise, pressure, hours, remark, picture" in str(failure)
    assert refused(engineer, answer, LIFT, "leak", "yes").values["steps"] == "-"


def test_answering_again_replaces_the_answer_and_keeps_both_actions(engineer: Handset) -> None:
    answer(engineer.phone, PUMP, "leak", "yes")
    answer(engineer.phone, PUMP, "leak", "no")
    assert engineer.phone.task(PUMP)[1].answers == {"leak": False}
    assert [kind for kind, _ in engineer.actions()] == ["answer", "answer", "report"]


def test_done_waits_for_the_required_steps_and_names_them(engineer: Handset) -> None:
    failure = refused(engineer, done, PUMP)
    assert failure.code == "steps_open"
    assert str(failure) == f"{PUMP} still asks for: leak, noise, hours."
    for step, text in (("leak", "no"), ("noise", "normal"), ("hours", "12")):
        answer(engineer.phone, PUMP, step, text)
    data = data_of(done(engineer.phone, PUMP))
    assert (data["state"], data["open_steps"], data["saved"]) == ("completed", [], True)
    assert engineer.actions()[-1] == ("complete", {"task": PUMP, "asset": "PU1"})


def test_law_02_recording_asks_nobody_a_signature_that_cannot_be_given_yet_is_not_waited_for(
    engineer: Handset, centre: PaperCentre
) -> None:
    signed = {"id": "signed", "type": "signature", "title": "Signature", "required": True}
    centre.put("HV", "checklist", "PUMP", {"name": "Pump", "steps": [signed]})
    engineer.sync(centre.post)
    assert start(engineer.phone, PUMP).data["open_steps"] == []
    assert done(engineer.phone, PUMP).data["state"] == "completed"


def test_done_again_changes_nothing_and_is_no_mistake(cleaner: Handset) -> None:
    first = done(cleaner.phone, SWEEP)
    assert (first.data["state"], first.data["saved"]) == ("done", True)
    again = done(cleaner.phone, SWEEP)
    assert (again.view, again.data["state"], again.data["saved"]) == ("already", "done", False)
    assert start(cleaner.phone, SWEEP).data["saved"] is False
    assert len(cleaner.actions()) == 1


def test_an_answer_after_the_end_is_not_taken_and_says_that_it_is_done(engineer: Handset) -> None:
    for step, text in (("leak", "no"), ("noise", "normal"), ("hours", "12")):
        answer(engineer.phone, PUMP, step, text)
    done(engineer.phone, PUMP)
    after = answer(engineer.phone, PUMP, "remark", "one more thing")
    assert (after.view, after.data["saved"]) == ("already", False)


def test_work_done_after_its_grace_is_done_late(cleaner: Handset) -> None:
    start(cleaner.phone, SWEEP)
    cleaner.world.step(3600)
    assert done(cleaner.phone, SWEEP).data["state"] == "done_late"


def test_a_round_is_not_done_before_its_last_checkpoint_and_the_next_is_named(
    guard: Handset,
) -> None:
    scan(guard.phone, code("GATE"))
    failure = refused(guard, done, DAY)
    assert failure.code == "round_open"
    assert str(failure).startswith(f"2 checkpoints of {DAY} are still to visit")
    assert "Lobby" in str(failure)
    scan(guard.phone, code("LOBBY"))
    assert "Pump" in str(refused(guard, done, DAY))
    scan(guard.phone, code("PU1"))
    assert done(guard.phone, DAY).view == "already"


def test_work_that_is_not_due_yet_may_be_done_because_it_was(guard: Handset) -> None:
    assert start(guard.phone, NIGHT).data["state"] == "in_progress"


def test_a_task_of_any_day_that_the_phone_knows_can_be_worked_on(engineer: Handset) -> None:
    assert done(engineer.phone, LIFT).data["state"] == "completed"


@pytest.mark.parametrize(
    ("about", "ref", "body"),
    [
        (DAY, f"task:{DAY}", {"task": DAY}),
        (f"task:{DAY}", f"task:{DAY}", {"task": DAY}),
        (code("GATE"), f"tag:{code('GATE')}", {"tag": code("GATE"), "place": "GATE"}),
        (f"tag:{code('GATE')}", f"tag:{code('GATE')}", {"tag": code("GATE"), "place": "GATE"}),
        (
            FOREIGN,
            f"tag:{FOREIGN}",
            {"tag": FOREIGN, "asset": "LI1", "place": "LOBBY"},
        ),
        ("ROOF", "place:ROOF", {"place": "ROOF"}),
        ("place:ROOF", "place:ROOF", {"place": "ROOF"}),
        ("PU1", "asset:PU1", {"asset": "PU1", "place": "PUMPS"}),
        ("G2", "staff:G2", {}),
    ],
)
def test_a_note_is_about_whatever_is_named(
    guard: Handset, about: str, ref: str, body: dict[str, object]
) -> None:
    data = data_of(note(guard.phone, about, " 灯坏了 "))
    assert data.items() >= {"action_id": "ED-G1.1", "seq": 1, "saved": True, "about": ref}.items()
    assert guard.actions() == [("note", {**body, "text": "灯坏了"})]


def test_a_note_on_another_person_s_task_is_welcome(guard: Handset) -> None:
    assert note(guard.phone, PUMP, "It drips.").data["saved"] is True
    assert guard.state(PUMP) == ""


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001])
def test_an_empty_or_endless_note_is_refused(guard: Handset, text: str) -> None:
    assert refused(guard, note, "GATE", text).code == "note_length"
    assert note(guard.phone, "GATE", "x" * 4000).data["saved"] is True


@pytest.mark.parametrize(
    "about", ["", "nothing", "place:NOWHERE", "asset:GATE", "foo:GATE", "tag:GATE", "99"]
)
def test_a_note_on_something_unknown_is_refused(guard: Handset, about: str) -> None:
    assert refused(guard, note, about, "hello").code == "unknown_thing"


def test_a_note_on_a_word_that_several_tasks_begin_with_is_refused_with_them(
    guard: Handset,
) -> None:
    assert refused(guard, note, "night", "hello").code == "ambiguous_task"
