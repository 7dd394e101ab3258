"""The day's work of projects: each task with its progress and its state as the centre knows it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from sqlalchemy import Connection, select
from sqlmodel import col

from radar_core.jsontext import decode_object
from radar_core.matching import Person
from radar_core.tasks import (
    FINISHED,
    LATE_S,
    Progress,
    Task,
    missed_or_unknown,
    read_progress,
    state_at,
)
from radar_server.devices import Device
from radar_server.plans import Plan, read_plans
from radar_server.records import Body
from radar_server.tables import TaskRow

ASKED_MAX = 1_000
"""The most ids in one question to the database."""


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
    """A task of the day and where it stands."""

    task: Task
    progress: Progress
    state: str


def day_of(
    connection: Connection, hands: Mapping[str, Sequence[Hand]], now_s: int
) -> dict[str, list[Item]]:
    """Return the day's items of each project that is a key of `hands`, by due time.

    The day is the local one of each project; maintenance that is still open belongs to it too.
    """
    plans = read_plans(connection, list(hands))
    tasks = {project: list(_candidates(plan, now_s)) for project, plan in plans.items()}
    progress = _progress(connection, [task for some in tasks.values() for task in some])
    days: dict[str, list[Item]] = {}
    for project, some in tasks.items():
        start_s = int(_midnight(plans[project].zone, now_s).timestamp())
        items = (_item(task, progress, hands[project], now_s) for task in some)
        of_day = (item for item in items if _is_of_day(item, start_s, now_s))
        days[project] = sorted(of_day, key=lambda item: (item.task.due_to, item.task.id))
    return days


def _candidates(plan: Plan, now_s: int) -> Iterator[Task]:
    """Yield what may be of the day, looking back as far as late work can still be done."""
    start = _midnight(plan.zone, now_s)
    end = start + timedelta(days=1)
    for name, schedule in plan.schedules.items():
        since = start.astimezone(UTC) - _look_back(schedule)
        for task in plan.tasks(name, since, end.astimezone(UTC)):
            if task.due_from < end.timestamp():
                yield task


def _look_back(schedule: Body) -> timedelta:
    """Return how long after its window work of this kind can still be done."""
    late_s, grace = LATE_S.get(str(schedule.get("kind")), 0), schedule.get("grace_min")
    grace_min = grace if isinstance(grace, int) else 0
    return timedelta(seconds=late_s, minutes=grace_min) if late_s else timedelta()


def _midnight(zone: tzinfo, now_s: int) -> datetime:
    """Return when the local day began."""
    local = datetime.fromtimestamp(now_s, zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def _is_of_day(item: Item, start_s: int, now_s: int) -> bool:
    if item.task.due_to > start_s:
        return True
    return item.state not in FINISHED and now_s <= item.task.last_s()


def _item(task: Task, progress: Mapping[str, Progress], hands: Sequence[Hand], now_s: int) -> Item:
    found = progress.get(task.id, Progress())
    state = state_at(task, found, now_s)
    return Item(task, found, _settled(task, hands) if state == "unknown" else state)


def _settled(task: Task, hands: Sequence[Hand]) -> str:
    """Return whether nobody did it, or whether that cannot be known yet (law 12)."""
    heard = [hand.heard_s for hand in hands if hand.person.may_do(task)]
    return missed_or_unknown(task, heard) if heard else "unknown"


def _progress(connection: Connection, tasks: Collection[Task]) -> dict[str, Progress]:
    projects = sorted({task.project for task in tasks})
    ids = sorted({task.id for task in tasks})
    found: dict[str, Progress] = {}
    for at in range(0, len(ids), ASKED_MAX):
        wanted = select(col(TaskRow.id), col(TaskRow.progress)).where(
            col(TaskRow.project).in_(projects), col(TaskRow.id).in_(ids[at : at + ASKED_MAX])
        )
        for name, text in connection.execute(wanted):
            found[name] = read_progress(decode_object(text))
    return found
