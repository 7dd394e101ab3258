"""The fold of touched tasks, kept in step with the actions for the board (law 5).

    row(task) = fold(task, actions on it)

Where all new actions come after those that are folded already, the fold goes on from there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, select
from sqlmodel import col

from radar_core.actions import Action
from radar_core.jsontext import decode_object, encode
from radar_core.tasks import Progress, Task, fold, read_progress, step
from radar_server.bulk import Values, upsert
from radar_server.envelope import read_held
from radar_server.plans import Plan, read_plans
from radar_server.reference import key_of
from radar_server.tables import ActionRow, TaskRow, TouchRow

TASK = "task:"
REFS_MAX = 500
"""So many tasks are folded from one statement's rows."""

_FOLDED = select(col(TaskRow.id), col(TaskRow.progress), col(TaskRow.last)).where(
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
    _fold_whole(connection, project, list(plan.named(names).values()))


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
    for start in range(0, len(tasks), REFS_MAX):
        some = {key_of(TASK + task.id): task for task in tasks[start : start + REFS_MAX]}
        for ref, actions in _actions_on(connection, project, some).items():
            task, last = some[ref], max(actions, key=lambda action: action.order)
            rows.append(_row(task, fold(task, actions), last))
    upsert(connection, TaskRow, rows)


def _actions_on(
    connection: Connection, project: str, refs: Collection[str]
) -> dict[str, list[Action]]:
    """Return the actions that touch each of some references, which are keys already."""
    found: dict[str, list[Action]] = {}
    for ref, epoch, line in connection.execute(_TOUCHING, {"project": project, "refs": list(refs)}):
        found.setdefault(ref, []).append(read_held(epoch, line))
    return found


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
