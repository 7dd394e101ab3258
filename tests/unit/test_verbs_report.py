"""`radar report`: to which work order it goes, and that a failed step reports by itself."""

from pathlib import Path

import pytest

from commands.answer import answer
from commands.assign import assign
from commands.done import done
from commands.moves import move
from commands.query import query
from commands.report import report
from commands.scan import scan
from commands.start import start
from radar_core.failures import FAILED, UNREADABLE, USAGE, Failure
from radar_core.tags import label_text
from scanners.labels import label_picture
from tests.paper_centre import PaperCentre
from tests.phones import DAY, LIFT, PUMP, SWEEP, Handset, code, data_of, new_phone

ORDER = "repair:PU1:1"


@pytest.fixture
def engineer(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "E1")


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G1")


def last(phone: Handset) -> tuple[str, dict[str, object]]:
    kind, body = phone.actions()[-1]
    return kind, dict(body)


@pytest.mark.parametrize(
    ("thing", "order", "spot"),
    [
        ("PU1", "repair:PU1:1", {"asset": "PU1", "place": "PUMPS"}),
        ("asset:PU1", "repair:PU1:1", {"asset": "PU1", "place": "PUMPS"}),
        (code("PU1"), "repair:PU1:1", {"asset": "PU1", "place": "PUMPS"}),
        (code("GATE").lower(), "repair:GATE:1", {"place": "GATE"}),
        ("GATE", "repair:GATE:1", {"place": "GATE"}),
        ("HV", "repair:HV:1", {}),
        (LIFT, "repair:LI1:1", {"asset": "LI1", "place": "LOBBY"}),
        (SWEEP, "repair:LOBBY:1", {"place": "LOBBY"}),
        (DAY, "repair:HV:1", {}),
    ],
)
def test_a_report_opens_the_work_order_of_what_is_named(
    engineer: Handset, thing: str, order: str, spot: dict[str, str]
) -> None:
    data = data_of(report(engineer.phone, thing, " It drips. "))
    assert (data["task_id"], data["how"], data["people"]) == (order, "opened", 1)
    assert (data["saved"], data["state"], data["title"]) == (True, "open", "It drips.")
    told = {"task": order, **spot, "category": "repair", "text": "It drips.", "priority": "normal"}
    told |= {"from": thing} if thing in (LIFT, SWEEP, DAY) else {}
    assert last(engineer) == ("report", told)
    assert data["from"] == told.get("from")


def test_a_picture_of_a_tag_names_its_place(engineer: Handset, tmp_path: Path) -> None:
    photo = tmp_path / "tag.png"
    label_picture(label_text("R.EXAMPLE", code("GATE")), code("GATE"), "Gate").save(photo)
    assert report(engineer.phone, str(photo), "Broken.").data["task_id"] == "repair:GATE:1"


@pytest.mark.parametrize(
    ("staff", "category"), [("G1", "incident"), ("C1", "cleaning"), ("E1", "repair")]
)
def test_what_is_reported_follows_the_trade_where_nobody_says_it(
    tmp_path: Path, centre: PaperCentre, staff: str, category: str
) -> None:
    phone = new_phone(tmp_path, centre, staff)
    assert report(phone.phone, "GATE", "x").data["category"] == category
    assert report(phone.phone, "GATE", "x", category="supplies").data["task_id"] == (
        "supplies:GATE:1"
    )


def test_reports_of_several_people_come_together_offline_too(
    tmp_path: Path, centre: PaperCentre
) -> None:
    one, other, third = (new_phone(tmp_path, centre, who) for who in ("G1", "G2", "C1"))
    for phone in (one, other):
        data = report(phone.phone, "LOBBY", f"Seen by {phone.phone.staff}").data
        assert (data["task_id"], data["how"]) == ("incident:LOBBY:1", "opened")
    for phone in (one, other, third):
        phone.sync(centre.post)
    data = data_of(report(third.phone, "LOBBY", "Me too", category="incident", priority="urgent"))
    assert (data["how"], data["people"], data["priority"]) == ("joined", 3, "urgent")
    assert (data["title"], data["task_id"]) == ("Seen by G1", "incident:LOBBY:1")


def test_after_the_end_the_next_report_opens_the_next_one_or_the_named_one_again(
    engineer: Handset,
) -> None:
    report(engineer.phone, "PU1", "It drips.")
    done(engineer.phone, ORDER)
    assert report(engineer.phone, "PU1", "Again.").data["task_id"] == "repair:PU1:2"
    data = report(engineer.phone, ORDER, "Not repaired.").data
    assert (data["task_id"], data["how"], data["state"]) == (ORDER, "reopened", "open")
    assert report(engineer.phone, ORDER, "Still.").data["how"] == "joined"


def test_a_report_names_the_task_in_hand_there_or_the_one_that_is_told(guard: Handset) -> None:
    report(guard.phone, "GATE", "Before the round.")
    assert "from" not in last(guard)[1]
    scan(guard.phone, code("GATE"))
    report(guard.phone, "LOBBY", "During the round.")
    assert last(guard)[1]["from"] == DAY
    report(guard.phone, "ATTIC", "Not on the round.")
    assert "from" not in last(guard)[1]
    report(guard.phone, "ATTIC", "Told.", of=SWEEP)
    assert last(guard)[1]["from"] == SWEEP
    rows = query(guard.phone, DAY).data["what"]
    assert isinstance(rows, dict)
    assert [link["task_id"] for link in rows["links"]] == ["incident:LOBBY:1"]


@pytest.mark.parametrize(
    ("words", "more", "code_", "exit_code"),
    [
        (("GATE", ""), {}, "text_length", USAGE),
        (("GATE", "  \n"), {}, "text_length", USAGE),
        (("GATE", "x" * 4001), {}, "text_length", USAGE),
        (("NOWHERE", "x"), {}, "unknown_thing", FAILED),
        (("", "x"), {}, "code_empty", UNREADABLE),
        (("repair:PU1:7", "x"), {}, "unknown_thing", FAILED),
        (("E1", "x"), {}, "report_target", USAGE),
        (("night", "x"), {}, "ambiguous_task", FAILED),
        (("GATE", "x"), {"category": "fire"}, "unknown_word", USAGE),
        (("GATE", "x"), {"priority": "HIGH"}, "unknown_word", USAGE),
        (("GATE", "x"), {"of": "nothing"}, "unknown_task", FAILED),
    ],
)
def test_what_cannot_be_reported_is_told_and_nothing_is_recorded(
    engineer: Handset, words: tuple[str, str], more: dict[str, str], code_: str, exit_code: int
) -> None:
    with pytest.raises(Failure) as told:
        report(engineer.phone, *words, **more)
    assert (told.value.code, told.value.exit_code) == (code_, exit_code)
    assert len(str(told.value)) < 250
    assert told.value.hint.format(**told.value.values)
    assert engineer.actions() == []


@pytest.mark.parametrize(
    ("step", "text", "title"),
    [
        ("leak", "no", "Leak: ✗"),
        ("pressure", "9,5 bar", "Pressure: 9.5 bar"),
        ("hours", "-3", "Hours: -3 h"),
    ],
)
def test_a_failed_step_opens_a_work_order_that_is_linked_both_ways(
    engineer: Handset, step: str, text: str, title: str
) -> None:
    data = data_of(answer(engineer.phone, PUMP, step, text))
    order = data["order"]
    assert isinstance(order, dict)
    assert (data["opens"], data["failed"], order["how"]) == (ORDER, True, "opened")
    (_, given), (kind, told) = engineer.actions()
    assert given["opens"] == ORDER
    assert (kind, told["task"], told["from"], told["step"]) == ("report", ORDER, PUMP, step)
    assert (told["cause"], told["text"], told["asset"]) == (data["action_id"], title, "PU1")
    assert engineer.phone.task(ORDER)[1].links == [PUMP]
    assert engineer.phone.task(PUMP)[1].links == [ORDER]


def test_a_failed_step_joins_what_is_open_and_reports_once(engineer: Handset) -> None:
    report(engineer.phone, "PU1", "It drips.")
    first = answer(engineer.phone, PUMP, "leak", "no").data["order"]
    assert isinstance(first, dict)
    assert (first["task_id"], first["how"], first["title"]) == (ORDER, "joined", "It drips.")
    again = answer(engineer.phone, PUMP, "leak", "no").data
    assert again["opens"] == ORDER
    assert [kind for kind, _ in engineer.actions()] == ["report", "answer", "report", "answer"]
    answer(engineer.phone, PUMP, "pressure", "9")
    assert last(engineer)[0] == "report"
    assert engineer.phone.task(ORDER)[1].reports == 3


def test_what_is_well_again_closes_nothing_and_says_what_is_open(engineer: Handset) -> None:
    answer(engineer.phone, PUMP, "pressure", "9")
    well = data_of(answer(engineer.phone, PUMP, "pressure", "4"))
    order = well["order"]
    assert isinstance(order, dict)
    assert (well["opens"], well["failed"]) == (None, False)
    assert (order["task_id"], order["how"], order["state"]) == (ORDER, "open", "open")
    assert answer(engineer.phone, PUMP, "leak", "yes").data["order"] is None
    done(engineer.phone, ORDER)
    assert answer(engineer.phone, PUMP, "pressure", "4").data["order"] is None
    assert answer(engineer.phone, PUMP, "pressure", "9").data["opens"] == "repair:PU1:2"


def test_a_failed_question_of_a_cleaning_asks_for_cleaning(
    tmp_path: Path, centre: PaperCentre
) -> None:
    steps = [{"id": "bins", "type": "check", "title": "Bins", "title_zh": "垃圾桶"}]
    centre.put("HV", "checklist", "CLEAN", {"name": "Clean", "steps": steps})
    more = {"kind": "cleaning", "title": "Sweep", "role": "cleaner", "place": "LOBBY",
            "rrule": "FREQ=DAILY", "start": "2026-01-01T09:30", "duration_min": 60,
            "checklist": "CLEAN"}  # fmt: skip
    centre.put("HV", "schedule", "sweep", more)
    cleaner = new_phone(tmp_path, centre, "C1")
    data = answer(cleaner.phone, SWEEP, "bins", "no").data
    assert data["opens"] == "cleaning:LOBBY:1"
    task, _ = cleaner.phone.task("cleaning:LOBBY:1")
    assert (task.title, task.title_zh, task.role) == ("Bins: ✗", "垃圾桶: ✗", "cleaner")


def test_a_failed_question_at_a_checkpoint_is_about_what_is_there(
    tmp_path: Path, centre: PaperCentre
) -> None:
    steps = [{"id": "dry", "type": "check", "title": "Dry", "required": True}]
    centre.put("HV", "checklist", "DRY", {"name": "Dry", "steps": steps})
    spots = ["place:GATE", "place:LOBBY", "asset:PU1"]
    rules = [{}, {"checklist": "DRY"}, {"checklist": "DRY"}]
    centre.put("HV", "route", "FREE", {"name": "Day", "checkpoints": spots, "rules": rules})
    guard = new_phone(tmp_path, centre, "G1")
    scan(guard.phone, code("PU1"))
    assert answer(guard.phone, DAY, "2.dry", "no").data["opens"] == ORDER
    (_, given), (_, told) = guard.actions()[-2:]
    there = {"asset": "PU1", "place": "PUMPS"}
    assert given.items() >= there.items()
    assert told.items() >= {**there, "from": DAY, "step": "2.dry", "category": "repair"}.items()
    assert answer(guard.phone, DAY, "1.dry", "no").data["opens"] == "repair:LOBBY:1"
    assert guard.phone.task(DAY)[1].links == [ORDER, "repair:LOBBY:1"]


def test_a_cleaning_that_is_sent_back_opens_a_work_order_for_it(
    tmp_path: Path, centre: PaperCentre
) -> None:
    centre.put("HV", "staff", "B1", {"name": "Boss", "roles": ["supervisor"], "projects": ["HV"]})
    cleaner, boss = new_phone(tmp_path, centre, "C1"), new_phone(tmp_path, centre, "B1")
    done(cleaner.phone, SWEEP)
    cleaner.sync(centre.post)
    boss.sync(centre.post)
    data = data_of(move(boss.phone, "reject", SWEEP, "Corners.", score=40))
    order = data["order"]
    assert isinstance(order, dict)
    assert (order["task_id"], order["how"]) == ("cleaning:LOBBY:1", "opened")
    task, progress = boss.phone.task(SWEEP)
    assert (progress.state, progress.score, progress.links) == ("done", 40, ["cleaning:LOBBY:1"])
    assert boss.phone.task("cleaning:LOBBY:1")[1].links == [task.id]
    boss.sync(centre.post)
    cleaner.sync(centre.post)
    assert start(cleaner.phone, "cleaning:LOBBY:1").data["state"] == "in_progress"


def test_two_people_who_finish_one_job_offline_are_both_kept_and_one_counts(
    tmp_path: Path, centre: PaperCentre
) -> None:
    for who, role in (("B1", "supervisor"), ("E2", "engineer")):
        centre.put("HV", "staff", who, {"name": who, "roles": [role], "projects": ["HV"]})
    phones = [new_phone(tmp_path, centre, who) for who in ("E1", "E2", "B1")]
    one, other, boss = phones
    report(one.phone, "PU1", "It drips.")
    for phone in (one, other, boss):
        phone.sync(centre.post)
    other.world.step(300)
    for phone in (one, other):
        start(phone.phone, ORDER)
        assert done(phone.phone, ORDER).data["saved"] is True
    for phone in (other, one, boss, other):
        phone.sync(centre.post)
    bodies = [phone.phone.task(ORDER)[1].body() for phone in phones]
    assert bodies[0] == bodies[1] == bodies[2]
    what = query(boss.phone, ORDER).data["what"]
    assert isinstance(what, dict)
    assert what["by"]["staff"] == "E1"
    assert {(row["kind"], row["staff"]) for row in what["conflicts"]} == {
        ("start", "E2"),
        ("complete", "E2"),
    }
    assert assign_refused(boss).code == "wrong_state"


def assign_refused(boss: Handset) -> Failure:
    with pytest.raises(Failure) as told:
        assign(boss.phone, ORDER, "E2")
    return told.value
