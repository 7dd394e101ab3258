"""Plans: the schedules of projects with what their tasks are made of."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from radar_core.schedules import Parts, checklists_of, task_of_id, tasks_of
from radar_core.tasks import Task
from radar_server.records import Body, read_records

START_DIGITS = 12
"""The digits of a local start in a task's id: year, month, day, hour, minute."""
CLOSE, MONTH = timedelta(days=2), timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Plan:
    """One project's time zone, its schedules by id, and what their tasks are made of besides."""

    project: str
    zone: tzinfo
    schedules: dict[str, Body]
    parts: Parts

    def task(self, id_: str) -> Task | None:
        """Return the task of that id, or None if no schedule makes it."""
        name = id_.rpartition("@")[0]
        schedule = self.schedules.get(name)
        if schedule is None:
            return None
        try:
            return task_of_id(id_, schedule, (self.project, self.zone), self.parts)
        except LookupError:
            return None

    def named(self, ids: Iterable[str]) -> dict[str, Task]:
        """Return those of the tasks that a schedule makes, by id.

        Tasks of one schedule that lie close together are unrolled together, a tenth of the cost.
        """
        found: dict[str, Task] = {}
        starts: dict[str, list[tuple[datetime, str]]] = {}
        for id_ in ids:
            name, _, local = id_.rpartition("@")
            start = self._start(local) if name in self.schedules else None
            if start is not None:
                starts.setdefault(name, []).append((start, id_))
        for name, wanted in starts.items():
            for some in _close_together(sorted(wanted)):
                made = {task.id: task for task in self.tasks(name, some[0][0], some[-1][0])}
                found.update((id_, made[id_]) for _, id_ in some if id_ in made)
        return found

    def _start(self, local: str) -> datetime | None:
        """Return the instant that the second half of a task's id names, None if it names none."""
        digits = local.removesuffix("b").replace("-", "", 1)
        if len(digits) != START_DIGITS or not (digits.isascii() and digits.isdecimal()):
            return None
        year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
        hour, minute = int(digits[8:10]), int(digits[10:])
        fold = int(local.endswith("b"))
        try:
            start = datetime(year, month, day, hour, minute, tzinfo=self.zone, fold=fold)
            return start.astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def tasks(self, name: str, since: datetime, until: datetime) -> list[Task]:
        """Return the tasks of a schedule whose windows overlap `since` to `until`.

        A schedule that never happens, such as every other hour but only at odd ones, has none.
        """
        schedule = self.schedules[name]
        here = (self.project, self.zone)
        try:
            return list(tasks_of(name, schedule, here, (since, until), self.parts))
        except (ValueError, LookupError, OverflowError):
            return []


def read_plans(
    connection: Connection, projects: Collection[str], schedules: Collection[str] | None = None
) -> dict[str, Plan]:
    """Return the plans of projects, with all their schedules or those named."""
    about = read_records(connection, projects, "project", projects)
    found = read_records(connection, projects, "schedule", schedules)
    routes = read_records(connection, projects, "route", _named(found, "route"))
    asked = _named(found, "checklist") | {
        name for route in routes.values() for name in checklists_of(route)
    }
    checklists = read_records(connection, projects, "checklist", asked)
    calendars = read_records(connection, projects, "holidays", _named(found, "calendar"))
    return {
        project: Plan(
            project,
            zone_of(about.get((project, project), {})),
            _of_project(project, found),
            Parts(*(_of_project(project, kind) for kind in (routes, checklists, calendars))),
        )
        for project in projects
    }


def _close_together(
    wanted: Sequence[tuple[datetime, str]],
) -> Iterator[Sequence[tuple[datetime, str]]]:
    """Part starts, given in their order, wherever days lie between two, or a month in all."""
    first = 0
    for at in range(1, len(wanted)):
        start = wanted[at][0]
        if start - wanted[at - 1][0] > CLOSE or start - wanted[first][0] > MONTH:
            yield wanted[first:at]
            first = at
    yield wanted[first:]


def zone_of(project: Body) -> tzinfo:
    """Return a project's time zone; UTC where this system does not know it."""
    try:
        return ZoneInfo(str(project.get("timezone", "UTC")))
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _named(schedules: dict[tuple[str, str], Body], column: str) -> set[str]:
    """Return what the schedules name in a column."""
    return {str(body[column]) for body in schedules.values() if column in body}


def _of_project(project: str, bodies: dict[tuple[str, str], Body]) -> dict[str, Body]:
    return {name: body for (owner, name), body in bodies.items() if owner == project}
