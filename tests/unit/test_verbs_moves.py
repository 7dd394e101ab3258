"""`radar hold` and its kin, `part`, `assign` and `done` here: what they record and refuse."""

from pathlib import Path

import pytest

from commands.answer import answer
from commands.assign import assign
from commands.done import done
from commands.moves import REASONED, move
from commands.part import part
from commands.report import report
from commands.scan import scan
from commands.start import start
from commands.tasks import tasks
from radar_core.actions import Action
from radar_core.failures import FAILED, NOT_PERMITTED, USAGE, Failure
from radar_core.tasks import Progress, Task
from radar_core.tracking import ROUND, TABLES, WORK_ORDER, reaches, step, takes
from tests.paper_centre import PaperCentre
from tests.phones import DAY, LIU, NIGHT, PUMP, SWEEP, Handset, code, data_of, new_phone

ORDER = "repair:PU1:1"
LED = frozenset({"verify", "reject", "cancel", "reopen", "excuse", "rate"})
VERBS = sorted(REASONED | LED | {"resume"})
WORKED = {
    "task_id", "title", "title_zh", "state", "action_id", "seq", "saved", "open_steps", "left",
    "opens_at", "reason", "score", "stars", "order",
}  # fmt: skip


@pytest.fixture
def centre(centre: PaperCentre) -> PaperCentre:
    for who, role in (("B1", "supervisor"), ("M1", "manager"), ("E2", "engineer")):
        centre.put("HV", "staff", who, {"name": who, "roles": [role], "projects": ["HV"]})
    centre.put("PG", "staff", "B2", {"name": "B2", "roles": ["supervisor"], "projects": ["PG"]})
    return centre


@pytest.fixture
def engineer(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "E1")


@pytest.fixture
def cleaner(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "C1")


@pytest.fixture
def boss(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "B1")


def refusal(phone: Handset, verb: object, *words: object, **more: object) -> Failure:
    """Return the failure of a verb after checking that it recorded nothing and says what to do."""
    before = phone.actions()
    with pytest.raises(Failure) as told:
        verb(phone.phone, *words, **more)  # type: ignore[operator]
    assert phone.actions() == before
    assert 0 < len(str(told.value)) < 300
    assert told.value.hint.format(**told.value.values)
    return told.value


def bring(phone: Handset, *kinds: str) -> None:
    """Bring the work order to a state by actions, whoever may do them."""
    report(phone.phone, "PU1", "It drips.", category="repair")
    for kind in kinds:
        with phone.phone.transaction():
            phone.phone.write(kind, ORDER, "HV", {"task": ORDER}, phone.world.moment())


WAYS = {
    "open": (),
    "assigned": ("accept",),
    "in_progress": ("start",),
    "on_hold": ("hold",),
    "completed": ("complete",),
    "verified": ("complete", "verify"),
    "rejected": ("complete", "reject"),
    "cancelled": ("cancel",),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", WAYS)
def test_each_verb_moves_a_work_order_as_its_table_says_or_is_refused_with_the_states(
    tmp_path: Path, centre: PaperCentre, verb: str, state: str
) -> None:
    phone = new_phone(tmp_path, centre, "B1" if verb in LED else "E1")
    bring(phone, *WAYS[state])
    before = phone.state(ORDER)
    assert before == state
    task, _ = phone.phone.task(ORDER)
    more: dict[str, int] = {"stars": 4} if verb == "rate" else {}
    if verb == "resume" and state == "in_progress":
        assert move(phone.phone, verb, ORDER).view == "already"
    elif state in takes(task, verb):
        data = data_of(move(phone.phone, verb, ORDER, "Because.", **more))
        assert data.keys() >= WORKED
        assert data["saved"] is True
        assert data["state"] == WORK_ORDER.get(verb, {}).get(state, state)
        assert phone.phone.task(ORDER)[1].marks == []
    elif state in reaches(task, verb):
        again = move(phone.phone, verb, ORDER, "Because.", **more)
        assert (again.view, again.data["saved"]) == ("already", False)
        assert data_of(again).keys() >= WORKED
    else:
        failure = refusal(phone, move, verb, ORDER, "Because.", **more)
        wanted = ("wrong_kind" if verb == "excuse" else "wrong_state", FAILED)
        assert (failure.code, failure.exit_code) == wanted
        if verb != "excuse":
            assert failure.values["state"] == state
            assert set(str(failure.values["states"]).split()) == takes(task, verb) - {""}


@pytest.mark.parametrize("kind", sorted(TABLES))
@pytest.mark.parametrize("verb", [*sorted(WORK_ORDER), *sorted(ROUND), "rate"])
def test_what_fits_leaves_no_mark_and_what_does_not_leaves_one(kind: str, verb: str) -> None:
    task = Task({"id": "T", "project": "HV", "kind": kind, "targets": [], "due_to": 2_000_000_000})
    states = {"done_late", *(s for row in TABLES[kind].values() for s in (*row, *row.values()))}
    fields = {"seq": 1, "hlc": "0" * 16, "wall": "2026-11-23T10:00:00+08:00", "boot": "b"}
    fields |= {"mono_ms": 0, "staff": "E1", "project": "HV", "kind": verb, "subject": "T"}
    if verb == "scan":
        return
    for state in states if kind != "maintenance" else states - {"done_late"}:
        progress = Progress()
        progress.state, progress.assignee = state, "E1"
        step(task, progress, Action("E", {**fields, "body": {"to": "E2", "stars": 3}}))
        fits = state in takes(task, verb) or (verb == "report" and kind == "maintenance")
        assert (progress.marks == []) == fits, (verb, state)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("word", ["", "nonsense", "repair:PU1:9", "泵", "x" * 9000])
def test_an_unknown_task_is_told(boss: Handset, engineer: Handset, verb: str, word: str) -> None:
    phone = boss if verb in LED else engineer
    failure = refusal(phone, move, verb, word, "Because.")
    assert (failure.code, failure.exit_code) == ("unknown_task", FAILED)


@pytest.mark.parametrize("verb", sorted(LED))
def test_a_supervisor_s_word_is_not_for_others(
    engineer: Handset, cleaner: Handset, verb: str
) -> None:
    for task in (PUMP, SWEEP, DAY):
        failure = refusal(engineer, move, verb, task, "Because.")
        assert (failure.code, failure.exit_code) == ("not_leading", NOT_PERMITTED)
        assert "HV" in str(failure)
    assert refusal(cleaner, assign, SWEEP, "C1").code == "not_leading"


def test_a_manager_s_word_counts_and_that_of_another_project_s_supervisor_does_not(
    tmp_path: Path, centre: PaperCentre
) -> None:
    manager = new_phone(tmp_path, centre, "M1")
    assert move(manager.phone, "excuse", LIU, "Flooded.").data["state"] == "excused"
    centre.move("B2", "HV", "PG")
    centre.put("HV", "staff", "B3", {"name": "B3", "roles": ["supervisor"], "projects": ["PG"]})
    other = new_phone(tmp_path, centre, "B3")
    centre.move("B3", "HV")
    other.sync(centre.post)
    assert refusal(other, move, "excuse", LIU, "Flooded.").code == "not_leading"


def test_who_leads_one_project_and_works_in_another_decides_in_the_one_alone(
    tmp_path: Path, centre: PaperCentre
) -> None:
    both: dict[str, object] = {"name": "B4", "projects": ["PG", "HV"]}
    for project, roles in (("PG", ["supervisor"]), ("HV", ["cleaner"])):
        centre.put(project, "staff", "B4", both | {"roles": roles})
    centre.move("B4", "PG", "HV")
    phone = new_phone(tmp_path, centre, "B4")
    assert dict(phone.phone.person().roles) == {"PG": ["supervisor"], "HV": ["cleaner"]}
    assert refusal(phone, move, "excuse", LIU, "Flooded.").code == "not_leading"
    centre.put("HV", "staff", "B4", both | {"roles": ["cleaner", "supervisor"]})
    phone.sync(centre.post)
    assert move(phone.phone, "excuse", LIU, "Flooded.").data["state"] == "excused"


@pytest.mark.parametrize("verb", ["hold", "resume"])
def test_another_person_s_work_is_theirs(cleaner: Handset, verb: str) -> None:
    for task in (LIU, PUMP, DAY):
        failure = refusal(cleaner, move, verb, task, "Because.")
        assert (failure.code, failure.exit_code) == ("not_yours", NOT_PERMITTED)


@pytest.mark.parametrize("verb", sorted(REASONED))
@pytest.mark.parametrize("reason", ["", " \n", "x" * 4001])
def test_without_a_reason_nothing_is_moved(boss: Handset, verb: str, reason: str) -> None:
    failure = refusal(boss, move, verb, SWEEP, reason)
    assert (failure.code, failure.exit_code) == ("text_length", USAGE)


def test_what_a_round_cannot_be_is_told(boss: Handset, cleaner: Handset) -> None:
    for verb in ("cancel", "reopen"):
        assert refusal(boss, move, verb, SWEEP, "x").code == "wrong_kind"
    assert refusal(cleaner, move, "hold", SWEEP, "x").code == "wrong_kind"


def test_what_is_not_due_yet_says_when(boss: Handset) -> None:
    for verb in ("verify", "reject", "rate"):
        failure = refusal(boss, move, verb, NIGHT, "x")
        assert (failure.code, failure.exit_code) == ("not_due", FAILED)
        assert "2026-11-23 22:00" in str(failure)


def test_what_is_done_before_its_time_is_recorded_and_says_when_it_opens(cleaner: Handset) -> None:
    early = done(cleaner.phone, "sweep@20261125-0930")
    assert early.data["opens_at"] == "2026-11-25T09:30:00+08:00"
    assert done(cleaner.phone, SWEEP).data["opens_at"] is None


def test_the_reporter_may_cancel_what_nobody_took_up(
    tmp_path: Path, centre: PaperCentre, engineer: Handset
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    report(guard.phone, "PU1", "It drips.", category="repair")
    assert move(guard.phone, "cancel", ORDER, "It was rain.").data["state"] == "cancelled"
    report(guard.phone, "PU1", "It drips.", category="repair")
    guard.sync(centre.post)
    engineer.sync(centre.post)
    report(engineer.phone, "PU1", "True.")
    assert refusal(engineer, move, "cancel", "repair:PU1:2", "x").code == "not_leading"
    engineer.sync(centre.post)
    guard.sync(centre.post)
    assert refusal(guard, move, "cancel", "repair:PU1:2", "x").code == "not_leading"
    report(guard.phone, "ROOF", "A hole.", category="repair")
    guard.sync(centre.post)
    engineer.sync(centre.post)
    start(engineer.phone, "repair:ROOF:1")
    engineer.sync(centre.post)
    guard.sync(centre.post)
    assert refusal(guard, move, "cancel", "repair:ROOF:1", "x").code == "not_leading"


def test_a_rejected_work_order_is_worked_on_again_with_its_labour(
    centre: PaperCentre, engineer: Handset, boss: Handset
) -> None:
    report(engineer.phone, "PU1", "It drips.")
    assert done(engineer.phone, ORDER, 45).data["state"] == "completed"
    assert engineer.actions()[-1][1] == {"task": ORDER, "asset": "PU1", "minutes": 45}
    engineer.sync(centre.post)
    boss.sync(centre.post)
    assert move(boss.phone, "reject", ORDER, "Still wet.", score=20).data["order"] is None
    boss.sync(centre.post)
    engineer.sync(centre.post)
    progress = engineer.phone.task(ORDER)[1]
    assert (progress.state, progress.reason, progress.score) == ("rejected", "Still wet.", 20)
    assert progress.labour_s == 45 * 60
    assert done(engineer.phone, ORDER).data["state"] == "completed"


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("2", "", (2, None)),
        ("2,5", "m", (2.5, "m")),
        (" 2.5 m ", "", (2.5, "m")),
        ("2.5m", "m", (2.5, "m")),
        ("3 个", "", (3, "个")),
        ("+1", "", (1, None)),
    ],
)
def test_a_part_is_recorded_with_its_quantity_and_unit(
    engineer: Handset, text: str, unit: str, expected: tuple[float, str | None]
) -> None:
    data = data_of(part(engineer.phone, PUMP, " Seal ", text, unit))
    assert (data["part"], data["quantity"], data["unit"]) == ("Seal", *expected)
    kept = {"part": "Seal", "quantity": expected[0]} | (
        {"unit": expected[1]} if expected[1] else {}
    )
    assert engineer.actions() == [("part", {"task": PUMP, "asset": "PU1", **kept})]
    assert engineer.phone.task(PUMP)[1].parts == [kept]


@pytest.mark.parametrize(
    ("text", "unit"),
    [("0", ""), ("-1", ""), ("", ""), ("two", ""), ("nan", ""), ("inf", ""), ("2 m", "kg"),
     ("1,2,3", ""), ("1_0", ""), ("2", "x" * 13), ("m 2", "")],
)  # fmt: skip
def test_what_is_no_quantity_is_refused_with_the_reason(
    engineer: Handset, text: str, unit: str
) -> None:
    failure = refusal(engineer, part, PUMP, "Seal", text, unit)
    assert (failure.code, failure.exit_code) == ("quantity_misfit", USAGE)
    reason = failure.values["reason"]
    assert isinstance(reason, tuple)
    assert reason[0].format(**reason[1])


def test_parts_are_noted_after_the_end_too_and_by_nobody_else(
    engineer: Handset, cleaner: Handset
) -> None:
    report(engineer.phone, "PU1", "It drips.")
    done(engineer.phone, ORDER)
    assert part(engineer.phone, ORDER, "Seal", "1").data["state"] == "completed"
    assert refusal(cleaner, part, PUMP, "Seal", "1").code == "not_yours"
    assert refusal(engineer, part, PUMP, " ", "1").code == "text_length"


def test_a_supervisor_gives_work_to_somebody_and_to_whose_turn_it_is(boss: Handset) -> None:
    for place in ("PU1", "LI1", "GATE"):
        report(boss.phone, place, "Broken.", category="repair")
    data = data_of(assign(boss.phone, ORDER, "E2"))
    person = {"staff": "E2", "name": "E2", "name_zh": "E2"}
    assert (data["assignee"], data["state"], data["saved"]) == (person, "assigned", True)
    assert assign(boss.phone, ORDER, "E2").data["saved"] is False
    boss.world.step(1)
    given = assign(boss.phone, "repair:LI1:1").data["assignee"]
    assert isinstance(given, dict)
    assert given["staff"] == "E1"
    assign(boss.phone, "repair:GATE:1")
    assert boss.phone.task("repair:GATE:1")[1].assignee == "E2"


def test_work_that_was_given_to_somebody_is_theirs_alone(
    centre: PaperCentre, boss: Handset, engineer: Handset
) -> None:
    report(boss.phone, "PU1", "Broken.", category="repair")
    assign(boss.phone, ORDER, "E2")
    boss.sync(centre.post)
    engineer.sync(centre.post)
    failure = refusal(engineer, done, ORDER)
    assert (failure.code, failure.values["whose"]) == ("not_yours", "E2")


def test_nobody_unknown_is_given_work(boss: Handset) -> None:
    failure = refusal(boss, assign, PUMP, "NOBODY")
    assert failure.code == "unknown_person"
    assert "E1, E2" in failure.hint.format(**failure.values)
    assert refusal(boss, assign, PUMP, "").code == "unknown_person"
    assert refusal(boss, assign, "nothing", "E1").code == "unknown_task"


def test_where_nobody_has_the_trade_somebody_is_to_be_named(
    boss: Handset, centre: PaperCentre
) -> None:
    for who in ("C1", "C2"):
        centre.put("HV", "staff", who, None)
    boss.sync(centre.post)
    assert refusal(boss, assign, SWEEP).code == "nobody_there"
    move(boss.phone, "excuse", SWEEP, "Nobody there.")
    assert refusal(boss, assign, SWEEP, "E1").code == "wrong_state"


def test_a_leader_sees_all_work_orders_behind_their_own_and_others_do_not(
    centre: PaperCentre, boss: Handset, cleaner: Handset
) -> None:
    report(boss.phone, "PU1", "Broken.", category="repair", priority="high")
    report(boss.phone, "PU1", "Somebody fell.", category="incident")
    assign(boss.phone, ORDER, "E2")
    rows = tasks(boss.phone).data["tasks"]
    assert isinstance(rows, list)
    assert [(row["id"], row["yours"]) for row in rows] == [
        ("incident:PU1:1", True),
        (ORDER, False),
    ]
    assert rows[1].items() >= {
        "priority": "high", "assignee": "E2", "category": "repair", "state": "assigned",
    }.items()  # fmt: skip
    boss.sync(centre.post)
    cleaner.sync(centre.post)
    theirs = tasks(cleaner.phone).data["tasks"]
    assert isinstance(theirs, list)
    assert all(row["yours"] and not row["category"] for row in theirs)


def test_one_scan_and_one_key_are_a_clean(cleaner: Handset) -> None:
    scan(cleaner.phone, code("LOBBY"))
    data = done(cleaner.phone).data
    assert (data["task_id"], data["state"]) == (SWEEP, "done")
    assert refusal(cleaner, done).code == "nothing_due"


def test_the_place_named_for_a_tag_that_is_gone_is_where_one_is(cleaner: Handset) -> None:
    scan(cleaner.phone, "LOBBY")
    data = done(cleaner.phone).data
    assert (data["task_id"], data["state"]) == (SWEEP, "done")
    assert refusal(cleaner, done).code == "nothing_due"


def test_done_without_a_task_means_the_work_in_hand(cleaner: Handset) -> None:
    scan(cleaner.phone, code("LOBBY"))
    start(cleaner.phone, SWEEP)
    report(cleaner.phone, "LOBBY", "Spilt milk.")
    assert done(cleaner.phone).data["task_id"] == SWEEP


def test_done_without_a_task_asks_for_one_where_it_cannot_know(cleaner: Handset) -> None:
    assert refusal(cleaner, done).code == "no_scan"
    scan(cleaner.phone, code("GATE"))
    failure = refusal(cleaner, done)
    assert (failure.code, failure.exit_code) == ("nothing_due", FAILED)
    scan(cleaner.phone, "http://example.org/other")
    assert refusal(cleaner, done).code == "no_scan"
    report(cleaner.phone, "LOBBY", "Spilt milk.")
    scan(cleaner.phone, code("LOBBY"))
    failure = refusal(cleaner, done)
    assert failure.code == "ambiguous_task"
    assert set(str(failure.values["tasks"]).split(", ")) == {SWEEP, "cleaning:LOBBY:1"}
    cleaner.world.step(13 * 3600)
    assert refusal(cleaner, done).code == "no_scan"


def test_a_scan_that_was_taken_back_is_not_where_one_is(cleaner: Handset) -> None:
    scan(cleaner.phone, code("LOBBY"))
    wrong = scan(cleaner.phone, code("GATE"))
    with cleaner.phone.transaction():
        body = {"action": wrong.data["action_id"], "reason": "Slip."}
        cleaner.phone.write("correct", "GATE", "HV", body, cleaner.world.moment())
    assert done(cleaner.phone).data["task_id"] == SWEEP


def test_a_round_is_not_done_by_that_and_open_steps_are_asked_for(
    tmp_path: Path, centre: PaperCentre, engineer: Handset
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    scan(guard.phone, code("GATE"))
    assert refusal(guard, done).code == "nothing_due"
    scan(engineer.phone, code("PU1"))
    assert refusal(engineer, done).code == "steps_open"
    for name, text in (("leak", "yes"), ("noise", "normal"), ("hours", "12")):
        answer(engineer.phone, PUMP, name, text)
    assert done(engineer.phone).data["task_id"] == PUMP


def test_what_is_urgent_is_listed_before_what_is_due_as_well(engineer: Handset) -> None:
    report(engineer.phone, "LI1", "Stuck.", priority="high")
    report(engineer.phone, "PU1", "Flood.", priority="urgent")
    rows = tasks(engineer.phone).data["tasks"]
    assert isinstance(rows, list)
    assert [row["id"] for row in rows][:2] == [ORDER, "repair:LI1:1"]
