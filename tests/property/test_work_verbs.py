"""Whatever people do to work orders on phones without signal, no action is lost."""

import copy
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from commands.answer import answer
from commands.assign import assign
from commands.done import done
from commands.moves import move
from commands.part import part
from commands.query import query
from commands.report import report
from commands.scan import scan
from commands.start import start
from commands.tasks import tasks
from radar_core.actions import read_line
from radar_core.answers import Answer
from radar_core.failures import Failure
from radar_core.jsontext import decode_object
from radar_core.tasks import Task
from radar_core.tracking import TABLES, fold
from tests.paper_centre import PaperCentre
from tests.phones import DAY, LIU, PUMP, SWEEP, Handset, code, data_of, new_phone, site_centre

MEMORY = Path("/dev/shm")
PEOPLE = {"E1": "engineer", "E2": "engineer", "C1": "cleaner", "B1": "supervisor"}
ORDERS = ["repair:PU1:1", "repair:PU1:2", "cleaning:LOBBY:1", "incident:PU1:1"]
TASKS = [*ORDERS, *ORDERS, PUMP, SWEEP, LIU, DAY]
Deed = Callable[[Handset], Answer]


def _move(kind: str) -> st.SearchStrategy[Deed]:
    scores, stars = st.none() | st.integers(0, 100), st.integers(1, 5)
    return st.builds(
        lambda task, score, given: (
            lambda phone: move(
                phone.phone,
                kind,
                task,
                "Because.",
                score=score if kind in ("verify", "reject") else None,
                stars=given if kind == "rate" else None,
            )
        ),
        st.sampled_from(TASKS),
        scores,
        stars,
    )


def _said(
    verb: Callable[..., Answer], *words: st.SearchStrategy[object]
) -> st.SearchStrategy[Deed]:
    return st.tuples(*words).map(lambda told: lambda phone: verb(phone.phone, *told))


MOVES = ("hold", "resume", "verify", "reject", "cancel", "reopen", "excuse", "rate")
task_ids = st.sampled_from(TASKS)
deeds: st.SearchStrategy[Deed] = st.one_of(
    *map(_move, MOVES),
    _said(report, st.sampled_from(["PU1", "LOBBY", *ORDERS]), st.just("Wet.")),
    _said(answer, st.just(PUMP), st.just("leak"), st.sampled_from(["yes", "no"])),
    _said(answer, st.just(PUMP), st.just("pressure"), st.sampled_from(["4", "9"])),
    _said(start, task_ids),
    _said(done, task_ids, st.none() | st.integers(0, 60)),
    _said(assign, task_ids, st.none() | st.sampled_from([*PEOPLE, "X"])),
    _said(part, task_ids, st.just("Seal"), st.sampled_from(["1", "2,5 m", "0"])),
    st.sampled_from([lambda phone: scan(phone.phone, code("LOBBY"))]),
    st.sampled_from([lambda phone: done(phone.phone)]),
)
SYNC = None
shifts = st.lists(
    st.tuples(st.integers(0, len(PEOPLE) - 1), st.sampled_from([SYNC]) | deeds),
    min_size=10,
    max_size=40,
)


def _book() -> PaperCentre:
    centre = site_centre()
    for who, role in PEOPLE.items():
        centre.put("HV", "staff", who, {"name": who, "roles": [role], "projects": ["HV"]})
    return centre


_BOOK = _book()


@settings(max_examples=40)
@given(shifts)
def test_no_action_is_lost_and_every_task_ends_in_a_state_of_its_table(
    shift: list[tuple[int, Deed | None]],
) -> None:
    with TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        centre = copy.deepcopy(_BOOK)
        phones = [new_phone(Path(folder), centre, who) for who in PEOPLE]
        saved: set[object] = set()
        for number, deed in shift:
            phone = phones[number]
            phone.world.step(1)
            if deed is None:
                phone.sync(centre.post)
            else:
                saved |= _did(phone, deed)
        for phone in [*phones, *phones]:
            assert phone.sync(centre.post).healed == []
        held = {
            f"{epoch}.{seq}"
            for epoch, stream in centre.streams.items()
            for seq, _ in enumerate(stream.lines, 1)
        }
        assert saved <= held
        _check(phones, centre)


def _did(phone: Handset, deed: Deed) -> set[object]:
    """Do it; a refusal records nothing, and an answer names what it recorded."""
    before = len(phone.actions())
    try:
        data = data_of(deed(phone))
    except Failure:
        assert len(phone.actions()) == before
        return set()
    assert (len(phone.actions()) > before) == data["saved"]
    return {data["action_id"]} - {None}


def _check(phones: list[Handset], centre: PaperCentre) -> None:
    actions = [
        read_line(epoch, line) for epoch, stream in centre.streams.items() for line in stream.lines
    ]
    stands: list[dict[object, object]] = []
    for phone in phones:
        rows = phone.phone.journal.connection.execute("SELECT id, state, body, progress FROM task")
        mine: dict[object, object] = {}
        for id_, state, body, progress in rows.fetchall():
            task = Task(decode_object(body))
            table = TABLES[task.kind].values()
            assert state in {"", "done_late", *(s for row in table for s in (*row, *row.values()))}
            assert state == fold(task, [a for a in actions if a.body.get("task") == id_]).state
            mine[id_] = (state, progress, body)
        stands.append(mine)
        assert tasks(phone.phone).view == "tasks"
        for order in mine.keys() & set(ORDERS):
            assert data_of(query(phone.phone, str(order)))["id"] == order
    assert all(one == stands[0] for one in stands)
