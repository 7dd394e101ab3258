"""Work by completion and by meter: the same ids and dates on every phone and at the centre."""

import copy
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlmodel import col

from commands.done import done
from commands.start import start
from radar_core.actions import Action, read_line
from radar_core.book import Record
from radar_core.failures import Failure
from radar_core.jsontext import decode_object, encode
from radar_core.tasks import FINISHED, Progress, Task
from radar_core.tracking import fold
from radar_server.centre import Centre
from radar_server.database import migrate, open_engine, reading, sqlite_url, writing
from radar_server.ingest import store_accepted
from radar_server.prepared import Ready, work_out
from radar_server.tables import TaskRow
from tests.contract.centre_parts import START_MS, Clock, import_records
from tests.contract.conftest import emptied
from tests.paper_centre import PaperCentre
from tests.phones import DAY_S, HARBOUR, Handset, new_phone

STAFF = ("E1", "C1", "S1")
ZONES = ("Asia/Shanghai", "Europe/Berlin")
COMMON: dict[str, object] = {"title": "Work", "start": "2026-11-20T09:00", "grace_min": 30}
FILTER = COMMON | {"repeat": "floating", "rrule": "FREQ=DAILY;INTERVAL=2", "duration_min": 120}
SCHEDULES: dict[str, dict[str, object]] = {
    "filter": FILTER | {"kind": "maintenance", "role": "engineer", "asset": "PU1"},
    "gutter": FILTER | {"kind": "cleaning", "role": "cleaner", "place": "ROOF"},
    "service": COMMON
    | {"repeat": "meter", "meter": "PU1-H", "every": 100, "duration_min": 600}
    | {"kind": "maintenance", "role": "engineer", "asset": "PU1"},
    "bearing": COMMON
    | {"repeat": "meter", "meter": "PU1-T", "above": 50, "duration_min": 600}
    | {"kind": "cleaning", "role": "cleaner", "asset": "PU1"},
}
METERS: dict[str, dict[str, object]] = {
    "PU1-H": {"asset": "PU1", "step": "hours", "name": "Hours", "rollover": 1000, "jump": 300},
    "PU1-T": {"asset": "PU1", "step": "heat", "name": "Heat"},
}
IDS = tuple(f"{name}#{number}" for name in SCHEDULES for number in (1, 1, 2, 3, 4))
VALUES = (0, 40, 55, 120, 130, 260, 330, 400, 900, 990)

Deed = Callable[[Handset, PaperCentre], object]


def _book(zone: str) -> PaperCentre:
    centre = PaperCentre()
    for kind, id_, body in HARBOUR:
        centre.put("HV", kind, id_, body | ({"timezone": zone} if kind == "project" else {}))
    for id_, body in SCHEDULES.items():
        centre.put("HV", "schedule", id_, body)
    for id_, body in METERS.items():
        centre.put("HV", "meter", id_, body)
    return centre


BOOKS = {zone: _book(zone) for zone in ZONES}


def _sync(phone: Handset, centre: PaperCentre) -> None:
    phone.sync(centre.post)


def _verb(verb: Callable[..., object], task: str) -> Deed:
    return lambda phone, _: verb(phone.phone, task)


def _write(kind: str, task: str, body: Mapping[str, object]) -> Deed:
    """Record what a supervisor's verbs do, or somebody who does what makes no sense."""

    def deed(phone: Handset, _: PaperCentre) -> None:
        with phone.phone.transaction():
            phone.phone.write(kind, task, "HV", {"task": task, **body}, phone.world.moment())

    return deed


def _read(task: str, step: str, value: int) -> Deed:
    return _write("reading", task, {"asset": "PU1", "step": step, "value": value})


def _correct(back: int) -> Deed:
    """Take back one of the last of this phone's own readings."""

    def deed(phone: Handset, _: PaperCentre) -> None:
        rows = phone.phone.journal.connection.execute(
            "SELECT epoch, line FROM action WHERE hash IS NOT NULL ORDER BY seq DESC"
        )
        own = [read_line(epoch, line) for epoch, line in rows]
        readings = [action for action in own if action.kind == "reading"][back : back + 1]
        for wrong in readings:
            task = str(wrong.body["task"])
            _write("correct", task, {"action": wrong.id, "asset": "PU1"})(phone, BOOKS[ZONES[0]])

    return deed


def _pass(seconds: int) -> Deed:
    return lambda phone, _: phone.world.step(seconds)


ids = st.sampled_from(IDS)
deeds: st.SearchStrategy[Deed] = st.one_of(
    st.sampled_from([_sync, _sync, _sync]),
    st.builds(_verb, st.sampled_from([done, done, done, start]), ids),
    st.builds(
        _write,
        st.sampled_from(["complete", "reopen", "verify", "reject", "cancel", "excuse", "note"]),
        ids,
        st.just({}),
    ),
    st.builds(
        _read,
        st.sampled_from(["service#1", "pump@20261123-0800"]),
        st.sampled_from(["hours", "heat"]),
        st.sampled_from(VALUES),
    ),
    st.builds(_correct, st.integers(0, 1)),
    st.sampled_from([3600, DAY_S, 3 * DAY_S, -DAY_S, 128 * DAY_S]).map(_pass),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Give a database with the centre's tables."""
    made = open_engine(sqlite_url(tmp_path_factory.mktemp("repeats") / "centre.db"))
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def centres(engine: Engine) -> Callable[[PaperCentre, random.Random], Centre]:
    """Give what makes a centre that took all actions of a paper centre in, in any order."""

    def made(paper: PaperCentre, rng: random.Random) -> Centre:
        centre = emptied(engine, Clock())
        records = [
            Record(project, kind, id_, decode_object(text))
            for project in ("HV",)
            for (kind, id_, _), text in paper.held(project).items()
            if kind != "action"
        ]
        import_records(centre, records)
        ready = [
            Ready(action, line, b"", 0)
            for epoch, stream in paper.streams.items()
            for line in stream.lines
            for action in [read_line(epoch, line)]
        ]
        rng.shuffle(ready)
        while ready:
            size = rng.randrange(1, 5)
            page, ready = ready[:size], ready[size:]
            work_out(page)
            with writing(centre.engine) as connection:
                store_accepted(connection, page, START_MS)
        return centre

    return made


@settings(max_examples=60)
@given(
    zone=st.sampled_from(ZONES),
    shift=st.lists(st.tuples(st.integers(0, len(STAFF) - 1), deeds), min_size=8, max_size=40),
    seed=st.integers(0, 1 << 16),
)
def test_law_05_convergence_of_work_by_completion_and_by_meter(
    centres: Callable[[PaperCentre, random.Random], Centre],
    zone: str,
    shift: list[tuple[int, Deed]],
    seed: int,
) -> None:
    with TemporaryDirectory() as folder:
        paper = copy.deepcopy(BOOKS[zone])
        phones = [new_phone(Path(folder), paper, staff) for staff in STAFF]
        for number, deed in shift:
            try:
                deed(phones[number], paper)
            except Failure:
                continue
        for phone in [*phones, *phones]:
            phone.sync(paper.post)
        actions = [
            read_line(epoch, line)
            for epoch, stream in paper.streams.items()
            for line in stream.lines
        ]
        expected = _oracle(actions, ZoneInfo(zone))
        for phone in phones:
            assert _on_phone(phone) == expected
        assert _at_centre(centres(paper, random.Random(seed))) == expected


Found = dict[str, tuple[int, str, str]]


def _on_phone(phone: Handset) -> Found:
    rows = phone.phone.journal.connection.execute(
        "SELECT id, due_from, state, progress FROM task WHERE instr(id, '#') > 0"
    )
    return {id_: (due_from, state, progress) for id_, due_from, state, progress in rows}


def _at_centre(centre: Centre) -> Found:
    columns = (col(TaskRow.id), col(TaskRow.due_from), col(TaskRow.state), col(TaskRow.progress))
    with reading(centre.engine) as connection:
        rows = connection.execute(select(*columns).where(col(TaskRow.id).contains("#"))).all()
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _oracle(actions: Sequence[Action], zone: ZoneInfo) -> Found:
    """Go through all numbers of all schedules from the first on, with all actions at hand."""
    found: Found = {}
    for name, schedule in SCHEDULES.items():
        before: Progress | None = None
        for number in range(1, 12):
            id_ = f"{name}#{number}"
            mine = sorted(
                (one for one in actions if one.body.get("task") == id_), key=lambda one: one.order
            )
            start_s = _start_s(schedule, number, (id_, before), actions, zone)
            if start_s is None and mine:
                start_s = mine[0].at_s
            if start_s is None:
                before = None
                continue
            length = schedule["duration_min"]
            assert isinstance(length, int)
            about = {"id": id_, "project": "HV", "kind": schedule["kind"], "grace_s": 1800}
            task = Task(about | {"due_from": start_s, "due_to": start_s + length * 60})
            before = fold(task, mine)
            found[id_] = (start_s, before.state, encode(before.body()))
    return found


def _start_s(
    schedule: Mapping[str, object],
    number: int,
    one: tuple[str, Progress | None],
    actions: Sequence[Action],
    zone: ZoneInfo,
) -> int | None:
    id_, before = one
    done_s = None
    if number > 1:
        if before is None or before.state not in FINISHED:
            return None
        done_s = before.resolved_s or before.at_s
    if schedule["repeat"] == "floating":
        first = datetime(2026, 11, 20, 9, 0, tzinfo=zone)
        if done_s is None:
            return int(first.timestamp())
        day = datetime.fromtimestamp(done_s, zone).date() + timedelta(days=2)
        return int(datetime(day.year, day.month, day.day, 9, 0, tzinfo=zone).timestamp())
    name = id_.partition("#")[0]
    meter = METERS[str(schedule["meter"])]
    before_id = f"{name}#{number - 1}"
    total, last = 0.0, None
    read = _readings(meter, actions)
    served = [
        at
        for at, (at_s, _, task) in enumerate(read)
        if done_s is not None and (at_s <= done_s or task == before_id)
    ]
    since = served[-1] if served else -1
    base: float | None = None
    for at, (at_s, value, _) in enumerate(read):
        total += 0.0 if last is None else _ran(meter, last, (at_s, value))
        last = (at_s, value)
        if base is None and at >= since:
            base = total
        if at <= since or base is None:
            continue
        every, above = schedule.get("every"), schedule.get("above")
        beyond = value > above if isinstance(above, int) else total - base >= float(str(every))
        if beyond:
            first_s = int(datetime(2026, 11, 20, 9, 0, tzinfo=zone).timestamp())
            return max(at_s, first_s)
    return None


def _readings(
    meter: Mapping[str, object], actions: Sequence[Action]
) -> list[tuple[int, float, str]]:
    ordered = sorted(actions, key=lambda action: action.order)
    taken: set[str] = set()
    for at, action in enumerate(ordered):
        if action.kind == "correct":
            taken |= {
                one.id
                for one in ordered[:at]
                if one.id == action.body["action"] and one.staff == action.staff
            }
    return [
        (action.at_s, float(str(action.body["value"])), str(action.body["task"]))
        for action in ordered
        if action.kind == "reading"
        and action.body["step"] == meter["step"]
        and action.id not in taken
    ]


def _ran(meter: Mapping[str, object], last: tuple[int, float], now: tuple[int, float]) -> float:
    if now[1] >= last[1]:
        return now[1] - last[1]
    size, jump = meter.get("rollover"), meter.get("jump")
    if isinstance(size, int) and isinstance(jump, int):
        wrapped = size - last[1] + now[1]
        if wrapped <= jump * max(1, (now[0] - last[0]) / 86400):
            return wrapped
    return 0.0
