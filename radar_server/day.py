"""The day's work of projects: each task with its progress and its state as the centre knows it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, select, union_all
from sqlmodel import col

from radar_core.jsontext import decode_object
from radar_core.matching import Person
from radar_core.tasks import (
    FINISHED,
    Progress,
    Task,
    missed_or_unknown,
    read_progress,
    state_at,
)
from radar_server.agenda import Agenda, Agendas, Item
from radar_server.devices import Device
from radar_server.tables import TaskRow

ASKED_MAX = 1_000
"""The most ids in one question to the database."""
READ_MAX = 20_000
"""So many items of a project's day are kept as they were read."""
UNFINISHED = ("open", "assigned", "in_progress", "on_hold", "rejected")
"""The states of a work order that somebody has to do something about."""
_NAMED = select(col(TaskRow.id), col(TaskRow.progress)).where(
    col(TaskRow.project) == bindparam("project"),
    col(TaskRow.id).in_(bindparam("ids", expanding=True)),
)
_WHOLE = select(col(TaskRow.body), col(TaskRow.progress)).where(
    col(TaskRow.project) == bindparam("project"), col(TaskRow.id) == bindparam("id")
)
_ORDERS = select(col(TaskRow.id)).where(
    col(TaskRow.project) == bindparam("project"), col(TaskRow.schedule) == ""
)
REPORTED = select(col(TaskRow.body), col(TaskRow.progress)).where(
    col(TaskRow.project) == bindparam("project"),
    col(TaskRow.id).in_(
        union_all(
            _ORDERS.where(col(TaskRow.state).in_(("", *UNFINISHED))),
            _ORDERS.where(
                col(TaskRow.state).in_(sorted(FINISHED)), col(TaskRow.at_s) >= bindparam("start_s")
            ),
        )
    ),
)
"""A project's work orders that are not finished, or were finished since `start_s`.

Their ids come out of one index: asked with OR, SQLite reads every task of the project.
"""


@dataclass(frozen=True, slots=True)
class Hand:
    """A phone that could have done work: its person, and until when nothing of it is outstanding.

    `heard_s` is in seconds since 1970 UTC.
    """

    device: Device
    person: Person
    heard_s: int


def day_of(
    connection: Connection,
    hands: Mapping[str, Sequence[Hand]],
    now_s: int,
    agendas: Agendas | None = None,
) -> dict[str, list[Item]]:
    """Return the day's items of each project that is a key of `hands`, by due time.

    The day is the local one of each project; maintenance that is still open belongs to it too, and
    work orders that were finished today.
    """
    found = (agendas or Agendas()).of(connection, hands, now_s)
    days: dict[str, list[Item]] = {}
    for project, agenda in found.items():
        planned = _planned(connection, agenda, agenda.tasks, hands[project], now_s)
        items = [*planned, *_reported(connection, agenda, now_s)]
        days[project] = sorted(items, key=lambda item: (item.task.due_to, item.task.id))
    return days


def items_on(
    connection: Connection,
    agenda: Agenda,
    now_s: int,
    *,
    refs: Collection[str] = (),
    staff: str = "",
) -> list[Item]:
    """Return the day's items that are due on references, or that are somebody's own."""
    tasks = [
        task
        for task in agenda.tasks
        if (task.staff == staff if staff else any(ref in task.targets for ref in refs))
    ]
    reported = [
        item
        for item in _reported(connection, agenda, now_s)
        if (
            item.progress.assignee == staff
            if staff
            else any(ref in item.task.targets for ref in refs)
        )
    ]
    return [*_planned(connection, agenda, tasks, (), now_s), *reported]


def item_named(
    connection: Connection,
    agenda: Agenda,
    named: tuple[str, Task | None],
    now_s: int,
) -> Item | None:
    """Return a task of an id, as a schedule makes it or as it was reported; None for neither."""
    id_, task = named
    if not id_.isprintable():
        return None
    row = connection.execute(_WHOLE, {"project": agenda.project, "id": id_}).one_or_none()
    if task is None and row is not None and row[0]:
        task = Task(decode_object(row[0]))
    if task is None:
        return None
    progress = read_progress(decode_object(row[1])) if row is not None else Progress()
    service = agenda.agreed.service(task, progress, now_s)
    return Item(task, progress, state_at(task, progress, now_s), service)


def _planned(
    connection: Connection,
    agenda: Agenda,
    tasks: Sequence[Task],
    hands: Sequence[Hand],
    now_s: int,
) -> Iterator[Item]:
    """Yield those of the tasks that the schedules make which are of the day."""
    texts = _progress(connection, agenda.project, [task.id for task in tasks])
    for task in tasks:
        text = texts.get(task.id)
        item = untouched(task, hands, now_s) if text is None else _touched(agenda, task, text)
        if task.due_to > agenda.start_s or (item.state not in FINISHED and now_s <= task.last_s()):
            yield item if item.state else untouched(task, hands, now_s, item.progress)


def _touched(agenda: Agenda, task: Task, text: str) -> Item:
    item = agenda.read.get((task.id, text))
    if item is None:
        progress = read_progress(decode_object(text))
        item = Item(task, progress, progress.state)
        _keep(agenda, (task.id, text), item)
    return item


def untouched(
    task: Task, hands: Iterable[Hand], now_s: int, progress: Progress | None = None
) -> Item:
    """Return a task that nobody moved; past its window it depends on who was heard (law 12)."""
    found = progress or Progress()
    state = state_at(task, found, now_s)
    return Item(task, found, _settled(task, hands) if state == "unknown" else state)


def _settled(task: Task, hands: Iterable[Hand]) -> str:
    """Return whether nobody did it, or whether that cannot be known yet (law 12)."""
    heard = [hand.heard_s for hand in hands if hand.person.may_do(task)]
    return missed_or_unknown(task, heard) if heard else "unknown"


def _progress(connection: Connection, project: str, ids: Sequence[str]) -> dict[str, str]:
    """Return the progress of those of the tasks that somebody touched, as text."""
    found: dict[str, str] = {}
    for at in range(0, len(ids), ASKED_MAX):
        some = {"project": project, "ids": ids[at : at + ASKED_MAX]}
        found.update((row[0], row[1]) for row in connection.execute(_NAMED, some).all())
    return found


def _reported(connection: Connection, agenda: Agenda, now_s: int) -> Iterator[Item]:
    """Yield what does not lapse and is not finished, or was finished today.

    An occurrence of which nobody did anything yet comes from its day on.
    """
    asked = {"project": agenda.project, "start_s": agenda.start_s}
    for body, text in connection.execute(REPORTED, asked).all():
        item = agenda.read.get((body, text))
        if item is None:
            task, progress = Task(decode_object(body)), read_progress(decode_object(text))
            service = agenda.agreed.service(task, progress, now_s)
            item = Item(task, progress, progress.state, service)
            if item.state != "on_hold":
                _keep(agenda, (body, text), item)
        if item.state:
            yield item
        elif item.task.due_from < agenda.end_s:
            yield replace(item, state=state_at(item.task, item.progress, now_s))


def _keep(agenda: Agenda, texts: tuple[str, str], item: Item) -> None:
    if len(agenda.read) >= READ_MAX:
        agenda.read.clear()
    agenda.read[texts] = item
