"""The fold of touched tasks, kept in step with the actions for the board (law 5).

    row(task) = fold(task, actions on it)

Where all new actions come after those that are folded already, the fold goes on from there.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select
from sqlmodel import col

from radar_core.actions import Action
from radar_core.jsontext import decode_object, encode
from radar_core.tasks import Progress, Task, read_progress
from radar_core.tracking import WHOLE, fold, step
from radar_core.work_orders import parts_of, work_order
from radar_server.bulk import Values, upsert
from radar_server.envelope import read_held
from radar_server.plans import Plan, read_plans
from radar_server.reference import key_of
from radar_server.tables import ActionRow, TaskRow, TouchRow

TASK = "task:"
REFS_MAX = 500
"""So many tasks are folded from one statement's rows."""

_FOLDED = select(
    col(TaskRow.id), col(TaskRow.progress), col(TaskRow.last), col(TaskRow.body)
).where(
    col(TaskRow.project) == bindparam("project"),
    col(TaskRow.id).in_(bindparam("ids", expanding=True)),
)

_TOUCHING = (
    select(col(TouchRow.ref), col(ActionRow.epoch), col(ActionRow.line))
    .join(
        ActionRow,
        (col(TouchRow.project) == col(ActionRow.project))
        & (col(TouchRow.epoch) == col(ActionRow.epoch))
        & (col(TouchRow.seq) == col(ActionRow.seq)),
    )
    .where(
        col(TouchRow.project) == bindparam("project"),
        col(TouchRow.ref).in_(bindparam("refs", expanding=True)),
    )
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
    tasks = plan.named(touched)
    orders = [name for name in touched if parts_of(name) is not None]
    folded = _folded(connection, project, [*tasks, *orders])
    rows: list[Values] = []
    late: list[Task] = []
    unknown: list[str] = []
    for name in [*tasks, *orders]:
        stands = folded.get(name)
        task = tasks.get(name) or (stands.task if stands is not None else None)
        if task is None:
            unknown.append(name)
            continue
        progress, last = (stands.progress, stands.last) if stands is not None else (Progress(), "")
        new = sorted(touched[name], key=lambda action: action.order)
        if _order(new[0]) > last and not any(action.kind in WHOLE for action in new):
            for action in new:
                step(task, progress, action)
            rows.append(row_of(task, progress, new[-1]))
        elif task.category:
            unknown.append(name)
        else:
            late.append(task)
    upsert(connection, TaskRow, rows)
    _fold_whole(connection, project, {task.id: task for task in late})
    _fold_whole(connection, project, dict.fromkeys(unknown))


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
    _fold_whole(connection, project, plan.named(names))


def _plan(connection: Connection, project: str, tasks: Iterable[str]) -> Plan:
    schedules = {name.rpartition("@")[0] for name in tasks}
    return read_plans(connection, [project], schedules)[project]


class _Standing(NamedTuple):
    """A row: the progress of a task, the order of the last action in it, a work order's task."""

    progress: Progress
    last: str
    task: Task | None


def _folded(
    connection: Connection, project: str, names: Collection[str]
) -> Mapping[str, _Standing]:
    rows = connection.execute(_FOLDED, {"project": project, "ids": list(names)})
    return {
        name: _Standing(
            read_progress(decode_object(text)), last, Task(decode_object(body)) if body else None
        )
        for name, text, last, body in rows
    }


def _fold_whole(connection: Connection, project: str, tasks: Mapping[str, Task | None]) -> None:
    """Fold tasks from all their actions; where one is None, its reports make a work order."""
    names = list(tasks)
    rows: list[Values] = []
    for start in range(0, len(names), REFS_MAX):
        some = {key_of(TASK + name): name for name in names[start : start + REFS_MAX]}
        for ref, actions in actions_on(connection, project, some).items():
            task = tasks[some[ref]] or work_order(some[ref], actions)
            if task is not None:
                last = max(actions, key=lambda action: action.order)
                rows.append(row_of(task, fold(task, actions), last))
    upsert(connection, TaskRow, rows)


def actions_on(
    connection: Connection, project: str, refs: Collection[str]
) -> dict[str, list[Action]]:
    """Return the actions that touch each of some references, which are keys already."""
    found: dict[str, list[Action]] = {}
    for ref, epoch, line in connection.execute(_TOUCHING, {"project": project, "refs": list(refs)}):
        found.setdefault(ref, []).append(read_held(epoch, line))
    return found


def row_of(task: Task, progress: Progress, last: Action | None) -> Values:
    """Return the row of a task; `last` is the latest action on it.

    What does not lapse hangs on no schedule, for the board looks for it by its state.
    """
    return (
        task.project,
        task.id,
        "" if task.is_open_ended else task.schedule,
        progress.state,
        progress.staff,
        progress.at_s,
        task.due_from,
        encode(progress.body()),
        _order(last) if last is not None else "",
        encode(task.body()) if task.is_open_ended else "",
    )


def _order(action: Action) -> str:
    """Return the place of an action in the order of the fold, as text that sorts like it."""
    return f"{action.hlc} {action.epoch} {action.seq:019d}"
