"""Plans: the schedules of projects with what their tasks are made of."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from radar_core.schedules import task_of_id, tasks_of
from radar_core.tasks import Task
from radar_server.records import Body, read_records


@dataclass(frozen=True, slots=True)
class Plan:
    """One project's schedules, routes and checklists by id, and its time zone."""

    project: str
    zone: tzinfo
    schedules: dict[str, Body]
    routes: dict[str, Body]
    checklists: dict[str, Body]

    def task(self, id_: str) -> Task | None:
        """Return the task of that id, or None if no schedule makes it."""
        name = id_.rpartition("@")[0]
        schedule = self.schedules.get(name)
        if schedule is None:
            return None
        try:
            return task_of_id(id_, schedule, (self.project, self.zone), self._parts(schedule))
        except LookupError:
            return None

    def tasks(self, name: str, since: datetime, until: datetime) -> list[Task]:
        """Return the tasks of a schedule whose windows overlap `since` to `until`.

        A schedule that never happens, such as every other hour but only at odd ones, has none.
        """
        schedule = self.schedules[name]
        here = (self.project, self.zone)
        try:
            return list(tasks_of(name, schedule, here, (since, until), self._parts(schedule)))
        except (ValueError, LookupError, OverflowError):
            return []

    def _parts(self, schedule: Body) -> tuple[Body | None, Body | None]:
        route = self.routes.get(str(schedule.get("route")))
        return route, self.checklists.get(str(schedule.get("checklist")))


def read_plans(
    connection: Connection, projects: Collection[str], schedules: Collection[str] | None = None
) -> dict[str, Plan]:
    """Return the plans of projects, with all their schedules or those named."""
    about = read_records(connection, projects, "project", projects)
    found = read_records(connection, projects, "schedule", schedules)
    routes = _parts(connection, projects, found, "route")
    checklists = _parts(connection, projects, found, "checklist")
    return {
        project: Plan(
            project,
            zone_of(about.get((project, project), {})),
            _of_project(project, found),
            _of_project(project, routes),
            _of_project(project, checklists),
        )
        for project in projects
    }


def zone_of(project: Body) -> tzinfo:
    """Return a project's time zone; UTC where this system does not know it."""
    try:
        return ZoneInfo(str(project.get("timezone", "UTC")))
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _parts(
    connection: Connection,
    projects: Collection[str],
    schedules: dict[tuple[str, str], Body],
    kind: str,
) -> dict[tuple[str, str], Body]:
    named = {str(body[kind]) for body in schedules.values() if kind in body}
    return read_records(connection, projects, kind, named)


def _of_project(project: str, bodies: dict[tuple[str, str], Body]) -> dict[str, Body]:
    return {name: body for (owner, name), body in bodies.items() if owner == project}
