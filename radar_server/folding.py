"""The fold of touched tasks, kept in step with the actions for the board (law 5).

    row(task) = fold(task, actions on it)

Where all new actions come after those that are folded already, the fold goes on from there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, select
from sqlmodel import col

from radar_core.actions import Action, read_line
from radar_core.jsontext import decode_object, encode
from radar_core.tasks import Progress, Task, fold, read_progress, step
from radar_server.bulk import Values, upsert
from radar_server.plans import Plan, read_plans
from radar_server.reference import key_of
from radar_server.tables import ActionRow, TaskRow, TouchRow

TASK = "task:"

_FOLDED = select(col(TaskRow.id), col(TaskRow.progress), col(TaskRow.last)).where(
    col(TaskRow.project) == bindparam("project"),
    col(TaskRow.id).in_(bindparam("ids", expanding=True)),
)


def fold_new(connection: Connection, project: str, actions: Iterable[Action]) -> None:
    """Take actions of a project, stored in this transaction, into the tasks that they touch."""
    touched: dict[str, list[Action]] = {}
    for action in actions:
        name = action.body.get("task")
        if isinstance(name, str) and name:
            touched.setdefault(name, []).append(action)
    if not touched:
        return
    plan = _plan(connection, project, touched)
    tasks = {name: task for name in touched if (task := plan.task(name)) is not None}
    folded = _folded(connection, project, tasks)
    rows: list[Values] = []
    late: list[Task] = []
    for name, task in tasks.items():
        progress, last = folded.get(name, (Progress(), ""))
        new = sorted(touched[name], key=lambda action: action.order)
        if _order(new[0]) > last:
            for action in new:
                step(task, progress, action)
            rows.append(_row(task, progress, new[-1]))
        else:
            late.append(task)
    upsert(connection, TaskRow, rows)
    _fold_whole(connection, project, late)


def refold(connection: Connection, project: str, schedules: Collection[str]) -> None:
    """Fold the touched tasks of schedules anew, after the site book changed."""
    names: list[str] = []
    for schedule in sorted(schedules):
        low, high = f"{TASK}{schedule}@", f"{TASK}{schedule}A"
        wanted = select(col(TouchRow.ref)).where(
            col(TouchRow.project) == project, col(TouchRow.ref) >= low, col(TouchRow.ref) < high
        )
        names += [ref.removeprefix(TASK) for ref in connection.execute(wanted.distinct()).scalars()]
        connection.execute(
            delete(TaskRow).where(
                col(TaskRow.project) == project, col(TaskRow.schedule) == schedule
            )
        )
    plan = _plan(connection, project, names)
    tasks = [task for name in names if (task := plan.task(name)) is not None]
    _fold_whole(connection, project, tasks)


def _plan(connection: Connection, project: str, tasks: Iterable[str]) -> Plan:
    schedules = {name.rpartition("@")[0] for name in tasks}
    return read_plans(connection, [project], schedules)[project]


def _folded(
    connection: Connection, project: str, names: Collection[str]
) -> Mapping[str, tuple[Progress, str]]:
    """Return the progress of tasks, and the order of the last action that is in it."""
    rows = connection.execute(_FOLDED, {"project": project, "ids": list(names)})
    return {name: (read_progress(decode_object(text)), last) for name, text, last in rows}


def _fold_whole(connection: Connection, project: str, tasks: Sequence[Task]) -> None:
    rows: list[Values] = []
    for task in tasks:
        actions = _actions_on(connection, project, TASK + task.id)
        rows.append(_row(task, fold(task, actions), max(actions, key=lambda a: a.order)))
    upsert(connection, TaskRow, rows)


def _actions_on(connection: Connection, project: str, ref: str) -> list[Action]:
    wanted = (
        select(col(ActionRow.epoch), col(ActionRow.line))
        .join(
            TouchRow,
            (col(TouchRow.project) == col(ActionRow.project))
            & (col(TouchRow.epoch) == col(ActionRow.epoch))
            & (col(TouchRow.seq) == col(ActionRow.seq)),
        )
        .where(col(TouchRow.project) == project, col(TouchRow.ref) == key_of(ref))
    )
    return [read_line(epoch, line) for epoch, line in connection.execute(wanted)]


def _row(task: Task, progress: Progress, last: Action) -> Values:
    return (
        task.project,
        task.id,
        task.schedule,
        progress.state,
        progress.staff,
        progress.at_s,
        task.due_from,
        encode(progress.body()),
        _order(last),
    )


def _order(action: Action) -> str:
    """Return the place of an action in the order of the fold, as text that sorts like it."""
    return f"{action.hlc} {action.epoch} {action.seq:019d}"
