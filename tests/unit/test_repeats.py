"""Work by completion and by meter on a phone: the next is there at once, without a centre."""

import copy
from pathlib import Path

import pytest

from commands.answer import answer
from commands.done import done
from commands.scan import scan
from commands.tasks import tasks
from radar_cli.texts import Texts
from radar_cli.work_views import WORK_VIEWS
from radar_core.failures import Failure
from tests.paper_centre import PaperCentre
from tests.phones import DAY_S, NOW_S, Handset, code, data_of, new_phone, site_centre

COMMON: dict[str, object] = {
    "kind": "maintenance", "title": "Work", "role": "engineer", "asset": "PU1",
    "start": "2026-11-20T09:00", "duration_min": 120,
}  # fmt: skip
FLOATING = COMMON | {"repeat": "floating", "rrule": "FREQ=DAILY;INTERVAL=2"}
METERED = COMMON | {"repeat": "meter", "meter": "PU1-H", "every": 100, "checklist": "PUMP"}
METER = {"asset": "PU1", "step": "hours", "name": "Hours", "rollover": 10_000, "jump": 300}
PUMP = "pump@20261123-0800"


@pytest.fixture
def paper() -> PaperCentre:
    centre = copy.deepcopy(site_centre())
    centre.put("HV", "schedule", "filter", FLOATING)
    centre.put("HV", "schedule", "over", FLOATING | {"rrule": "FREQ=DAILY;UNTIL=20200101T000000"})
    centre.put("HV", "schedule", "service", METERED)
    centre.put("HV", "meter", "PU1-H", METER)
    return centre


@pytest.fixture
def engineer(tmp_path: Path, paper: PaperCentre) -> Handset:
    return new_phone(tmp_path, paper, "E1")


def due(phone: Handset) -> dict[str, int]:
    """Return when the numbered tasks on a phone begin, in days from now."""
    rows = phone.phone.journal.connection.execute(
        "SELECT id, due_from FROM task WHERE instr(id, '#') > 0 ORDER BY id"
    )
    return {id_: (due_from - NOW_S) // DAY_S for id_, due_from in rows}


def test_the_next_one_comes_when_the_last_is_done_without_a_centre(engineer: Handset) -> None:
    assert due(engineer) == {"filter#1": -4}
    assert done(engineer.phone, "filter").data["task_id"] == "filter#1"
    assert due(engineer) == {"filter#1": -4, "filter#2": 1}
    engineer.world.step(60 * DAY_S)
    assert done(engineer.phone, "filter").data["task_id"] == "filter#2"
    assert due(engineer)["filter#3"] == 61


def test_what_was_not_done_stays_due_and_is_found_at_its_tag(engineer: Handset) -> None:
    engineer.world.step(40 * DAY_S)
    listed = data_of(tasks(engineer.phone))["tasks"]
    assert isinstance(listed, list)
    assert [row["state"] for row in listed if row["id"] == "filter#1"] == ["open"]
    found = scan(engineer.phone, code("PU1")).data["matches"]
    assert isinstance(found, list)
    assert "filter#1" in [one["task_id"] for one in found]


def test_a_reading_that_is_far_enough_on_opens_the_service_at_once(engineer: Handset) -> None:
    answer(engineer.phone, PUMP, "hours", "1000")
    answer(engineer.phone, PUMP, "hours", "1099")
    assert "service#1" not in due(engineer)
    answer(engineer.phone, PUMP, "hours", "1100")
    assert due(engineer)["service#1"] == 0
    for step, value in (("leak", "yes"), ("noise", "normal"), ("hours", "1150")):
        answer(engineer.phone, "service#1", step, value)
    done(engineer.phone, "service")
    engineer.world.step(DAY_S)
    answer(engineer.phone, PUMP, "hours", "1249")
    assert "service#2" not in due(engineer)
    answer(engineer.phone, PUMP, "hours", "1250")
    assert due(engineer)["service#2"] == 1


def test_a_reading_that_was_taken_back_asks_for_nothing(engineer: Handset) -> None:
    answer(engineer.phone, PUMP, "hours", "1000")
    wrong = answer(engineer.phone, PUMP, "hours", "1200").data["action_id"]
    assert "service#1" in due(engineer)
    with engineer.phone.transaction():
        body = {"task": PUMP, "asset": "PU1", "action": wrong}
        engineer.phone.write("correct", PUMP, "HV", body, engineer.world.moment())
    assert "service#1" not in due(engineer)


def test_two_who_finish_the_same_one_offline_have_one_next(
    tmp_path: Path, paper: PaperCentre, engineer: Handset
) -> None:
    other = new_phone(tmp_path, paper, "E1", "D-second")
    done(engineer.phone, "filter")
    other.world.step(DAY_S)
    done(other.phone, "filter")
    assert due(other)["filter#2"] == 2
    for phone in (engineer, other, engineer, other):
        phone.sync(paper.post)
    assert due(engineer) == due(other) == {"filter#1": -4, "filter#2": 1}
    assert len(other.phone.task("filter#1")[1].marks) == 1


def test_the_book_changes_and_what_was_done_stays_done(
    paper: PaperCentre, engineer: Handset
) -> None:
    done(engineer.phone, "filter")
    paper.put("HV", "schedule", "filter", FLOATING | {"rrule": "FREQ=DAILY;INTERVAL=10"})
    engineer.sync(paper.post)
    assert due(engineer) == {"filter#1": -4, "filter#2": 9}
    assert engineer.state("filter#1") == "completed"
    paper.put("HV", "schedule", "filter", None)
    engineer.sync(paper.post)
    assert due(engineer) == {}


def test_a_number_that_is_not_there_is_no_task(engineer: Handset) -> None:
    for word in ("filter#2", "filter#0", "over", "over#1"):
        with pytest.raises(Failure, match="There is no task"):
            done(engineer.phone, word)


@pytest.mark.parametrize(
    ("values", "doubt", "told"),
    [
        (("9000", "8000"), "backwards", "look again"),
        (("1000", "1400"), "jump", "The last reading was 1000 h on 2026-11-23"),
        (("9950", "20"), "rollover", "begun again at 0"),
    ],
)
def test_an_odd_reading_is_kept_and_told(
    engineer: Handset,
    values: tuple[str, str],
    doubt: str,
    told: str,
) -> None:
    first = answer(engineer.phone, PUMP, "hours", values[0])
    assert first.data["meter"] is None
    odd = answer(engineer.phone, PUMP, "hours", values[1])
    data = data_of(odd)
    assert data["saved"]
    assert engineer.actions()[-1][1]["doubt"] == doubt
    assert told in "\n".join(WORK_VIEWS["answered"](data, Texts("en")))
    assert engineer.phone.task(PUMP)[1].doubts == {"hours": doubt}


def test_a_reading_as_expected_says_nothing(engineer: Handset) -> None:
    answer(engineer.phone, PUMP, "hours", "1000")
    data = data_of(answer(engineer.phone, PUMP, "hours", "1200"))
    assert data["meter"] == {
        "doubt": None, "used": 200, "last": 1000, "last_at": "2026-11-23T10:00:00+08:00",
    }  # fmt: skip
    assert "doubt" not in engineer.actions()[-1][1]
    assert "!" not in "\n".join(WORK_VIEWS["answered"](data, Texts("en")))
