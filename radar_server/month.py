"""The work of a project's month, and the work orders of the months before that its trend needs."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from radar_core.figures import Month
from radar_core.jsontext import decode_object
from radar_core.sla import Agreed
from radar_core.tasks import Task, read_progress, state_at
from radar_server.agenda import Item
from radar_server.day import REPORTED, Hand, untouched
from radar_server.plans import Plan
from radar_server.tables import TaskRow

_BEGUN = select(col(TaskRow.id), col(TaskRow.progress)).where(
    col(TaskRow.project) == bindparam("project"),
    col(TaskRow.due_from) >= bindparam("start_s"),
    col(TaskRow.due_from) < bindparam("end_s"),
)


def planned_in(
    connection: Connection, plan: Plan, month: Month, hands: Sequence[Hand], now_s: int
) -> Iterator[Item]:
    """Yield the work that today's site book plans for a month, as it stands."""
    asked = {"project": plan.project, "start_s": month.start_s, "end_s": month.end_s}
    touched = {row[0]: row[1] for row in connection.execute(_BEGUN, asked).all()}
    start, end = (datetime.fromtimestamp(at_s, UTC) for at_s in (month.start_s, month.end_s))
    for name in plan.schedules:
        for task in plan.tasks(name, start, end - timedelta(seconds=1)):
            if month.has(task.due_from):
                progress = read_progress(decode_object(touched.get(task.id, "{}")))
                moved = Item(task, progress, progress.state)
                yield moved if progress.state else untouched(task, hands, now_s, progress)


def open_ended(
    connection: Connection, project: str, start_s: int, agreed: Agreed, now_s: int
) -> Iterator[Item]:
    """Yield work orders and occurrences `#N` that are not finished, or were finished since."""
    asked = {"project": project, "start_s": start_s}
    for body, text in connection.execute(REPORTED, asked).all():
        task, progress = Task(decode_object(body)), read_progress(decode_object(text))
        state = state_at(task, progress, now_s)
        yield Item(task, progress, state, agreed.service(task, progress, now_s))
