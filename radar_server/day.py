"""The day's work of projects: each task with its progress and its state as the centre knows it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, or_, select
from sqlmodel import col

from radar_core.jsontext import decode_object
from radar_core.matching import Person
from radar_core.sla import Service
from radar_core.tasks import (
    FINISHED,
    Progress,
    Task,
    missed_or_unknown,
    read_progress,
    state_at,
)
from radar_server.agenda import Agenda, Agendas
from radar_server.devices import Device
from radar_server.tables import TaskRow

ASKED_MAX = 1_000
"""The most ids in one question to the database."""
UNFINISHED = ("open", "assigned", "in_progress", "on_hold", "rejected")
"""The states of a work order that somebody has to do something about."""
_NAMED = select(col(TaskRow.id), col(TaskRow.progress)).where(
    col(TaskRow.project) == bindparam("project"),
    col(TaskRow.id).in_(bindparam("ids", expanding=True)),
)
_REPORTED = select(col(TaskRow.body), col(TaskRow.progress)).where(
    col(TaskRow.project) == bindparam("project"),
    col(TaskRow.schedule) == "",
    or_(
        col(TaskRow.state).in_(UNFINISHED),
        and_(col(TaskRow.state).in_(sorted(FINISHED)), col(TaskRow.at_s) >= bindparam("start_s")),
    ),
)


@dataclass(frozen=True, slots=True)
class Hand:
    """A phone that could have done work: its person, and until when nothing of it is outstanding.

    `heard_s` is in seconds since 1970 UTC.
    """

    device: Device
    person: Person
    heard_s: int


@dataclass(frozen=True, slots=True)
class Item:
    """A task of the day and where it stands; work orders that were reported have a `service`."""

    task: Task
    progress: Progress
    state: str
    service: Service | None = None


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
        planned = _planned(connection, agenda, project, hands[project], now_s)
        items = [*planned, *_reported(connection, agenda, project, now_s)]
        days[project] = sorted(items, key=lambda item: (item.task.due_to, item.task.id))
    return days


def _planned(
    connection: Connection, agenda: Agenda, project: str, hands: Sequence[Hand], now_s: int
) -> Iterator[Item]:
    """Yield the tasks that the schedules make."""
    progress = _progress(connection, project, [task.id for task in agenda.tasks])
    for task in agenda.tasks:
        found = progress.get(task.id) or Progress()
        state = state_at(task, found, now_s)
        if task.due_to > agenda.start_s or (state not in FINISHED and now_s <= task.last_s()):
            yield Item(task, found, _settled(task, hands) if state == "unknown" else state)


def _settled(task: Task, hands: Iterable[Hand]) -> str:
    """Return whether nobody did it, or whether that cannot be known yet (law 12)."""
    heard = [hand.heard_s for hand in hands if hand.person.may_do(task)]
    return missed_or_unknown(task, heard) if heard else "unknown"


def _progress(connection: Connection, project: str, ids: Sequence[str]) -> dict[str, Progress]:
    found: dict[str, Progress] = {}
    for at in range(0, len(ids), ASKED_MAX):
        some = {"project": project, "ids": ids[at : at + ASKED_MAX]}
        for name, text in connection.execute(_NAMED, some):
            found[name] = read_progress(decode_object(text))
    return found


def _reported(connection: Connection, agenda: Agenda, project: str, now_s: int) -> Iterator[Item]:
    """Yield the work orders that are not finished, or were finished today."""
    asked = {"project": project, "start_s": agenda.start_s}
    for body, text in connection.execute(_REPORTED, asked):
        task, progress = Task(decode_object(body)), read_progress(decode_object(text))
        service = agenda.agreed.service(task, progress, now_s)
        yield Item(task, progress, progress.state, service)
