"""What a project's site book says of a day: its tasks, its working hours, its deadlines.

Unrolling the schedules of a project takes longer than all the rest of a board, and gives the same
until the book changes or the day is over: so the centre keeps it as long.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Lock

from sqlalchemy import Connection, func, select
from sqlmodel import col

from radar_core.sla import Agreed, Service, WorkingTime
from radar_core.tasks import LATE_S, Progress, Task
from radar_server.plans import Plan, read_plans
from radar_server.records import Body, read_records
from radar_server.tables import RecordRow

KEPT_MAX = 64
"""So many projects' agendas are kept, those asked for last: some 2 MB each."""


@dataclass(frozen=True, slots=True)
class Item:
    """A task of the day and where it stands; work orders that were reported have a `service`."""

    task: Task
    progress: Progress
    state: str
    service: Service | None = None


@dataclass(frozen=True, slots=True)
class Agenda:
    """What may be of the local day that began at `start_s`, by due time, and what was agreed.

    `read` has the items that were read before, by the texts that they were read from.
    """

    project: str
    start_s: int
    end_s: int
    tasks: Sequence[Task]
    agreed: Agreed
    read: dict[tuple[str, str], Item] = field(default_factory=dict[tuple[str, str], Item])

    def named(self, word: str, now_s: int) -> str | None:
        """Return the one task that a word names: its schedule's id, or a beginning of its own.

        Of several, the one whose window it is; None where there are more, or none.
        """
        begun = [task for task in self.tasks if word and task.id.startswith(word)]
        named = [task for task in begun if task.schedule == word] or begun
        if len(named) > 1:
            named = [task for task in named if task.first_s() <= now_s <= task.ends_s()]
        return named[0].id if len(named) == 1 else None


class Agendas:
    """The agendas of the projects that are looked at, each made once for a book and a day."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[int, Agenda]] = OrderedDict()

    def of(
        self, connection: Connection, projects: Collection[str], now_s: int
    ) -> dict[str, Agenda]:
        """Return the agendas of projects, made from the book as this connection sees it."""
        found: dict[str, Agenda] = {}
        missing: dict[str, int] = {}
        for project, pos in _positions(connection, projects).items():
            kept = self._kept.get(project)
            if kept is not None and kept[0] == pos and kept[1].start_s <= now_s < kept[1].end_s:
                found[project] = kept[1]
            else:
                missing[project] = pos
        made = _make(connection, missing, now_s)
        with self._lock:
            for project, agenda in made.items():
                self._kept[project] = (missing[project], agenda)
            for project in found.keys() | made.keys():
                if project in self._kept:
                    self._kept.move_to_end(project)
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return found | made


def _positions(connection: Connection, projects: Collection[str]) -> dict[str, int]:
    """Return the position of the newest change of each project's book."""
    newest = select(func.max(col(RecordRow.pos)))
    return {
        project: connection.execute(newest.where(col(RecordRow.project) == project)).scalar() or 0
        for project in projects
    }


def _make(connection: Connection, projects: Collection[str], now_s: int) -> dict[str, Agenda]:
    if not projects:
        return {}
    plans = read_plans(connection, projects)
    about = read_records(connection, projects, "project", projects)
    agreed = read_records(connection, projects, "sla")
    named = {str(body["calendar"]) for body in about.values() if "calendar" in body}
    calendars = read_records(connection, projects, "holidays", named)
    made: dict[str, Agenda] = {}
    for project, plan in plans.items():
        body = about.get((project, project), {})
        calendar = calendars.get((project, str(body.get("calendar"))), {})
        minutes = {priority: one for (owner, priority), one in agreed.items() if owner == project}
        time = _working_time(body, plan.zone, _texts(calendar, "dates"))
        start, end = _day(plan.zone, now_s)
        tasks = sorted(_candidates(plan, start, end), key=lambda task: (task.due_to, task.id))
        start_s, end_s = int(start.timestamp()), int(end.timestamp())
        made[project] = Agenda(project, start_s, end_s, tasks, Agreed(time, minutes))
    return made


def _working_time(project: Body, zone: tzinfo, holidays: Collection[str]) -> WorkingTime:
    """Return the hours of a project; all of them where this version cannot read what it says."""
    try:
        return WorkingTime(_texts(project, "hours"), zone, holidays)
    except ValueError:
        return WorkingTime((), zone)


def _day(zone: tzinfo, now_s: int) -> tuple[datetime, datetime]:
    """Return when the local day began, and when it ends."""
    local = datetime.fromtimestamp(now_s, zone)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return start, start + timedelta(days=1)


def _candidates(plan: Plan, start: datetime, end: datetime) -> Iterator[Task]:
    """Yield what may be of the day, looking back as far as late work can still be done."""
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


def _texts(body: Body, name: str) -> list[str]:
    value = body.get(name)
    return [str(item) for item in value] if isinstance(value, list) else []
