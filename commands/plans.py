"""What a project's tasks are made of, as this phone holds it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from radar_core.jsontext import decode_object
from radar_core.schedules import Parts, tasks_of
from radar_core.tasks import Task
from sync.journal import Journal

Bodies = dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a project's tasks are made of; its zone is UTC where this phone does not know it."""

    project: str
    zone: ZoneInfo
    schedules: Bodies
    parts: Parts


def projects_of(journal: Journal) -> list[str]:
    """Return the projects that this phone reads."""
    rows = journal.connection.execute("SELECT project FROM cursor ORDER BY project")
    return [row[0] for row in rows]


def bodies_of(journal: Journal, kind: str, project: str) -> Bodies:
    """Return the records of a kind that a project has, by id."""
    rows = journal.connection.execute(
        "SELECT id, body FROM record WHERE kind = ? AND project = ?", (kind, project)
    )
    return {row[0]: decode_object(row[1]) for row in rows}


def read_plan(journal: Journal, project: str) -> Plan:
    """Return the plan of a project, with all its schedules."""
    about = bodies_of(journal, "project", project).get(project, {})
    try:
        zone = ZoneInfo(str(about.get("timezone", "UTC")))
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    kinds = ("route", "checklist", "holidays")
    parts = Parts(*(bodies_of(journal, kind, project) for kind in kinds))
    return Plan(project, zone, bodies_of(journal, "schedule", project), parts)


def plan_tasks(plan: Plan, window: tuple[datetime, datetime]) -> list[Task]:
    """Return the tasks of a project whose windows overlap `window`."""
    tasks: list[Task] = []
    for name, body in plan.schedules.items():
        try:
            tasks += tasks_of(name, body, (plan.project, plan.zone), window, plan.parts)
        except (ValueError, LookupError, OverflowError):
            # A schedule that this version cannot read must not keep anybody from scanning (law 2).
            continue
    return tasks
