"""Keeps the phone's tasks in step: unrolled from the schedules, folded from the actions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from commands.phone import AHEAD_S, keep_progress
from commands.plans import Plan, plan_tasks, projects_of, read_plan
from commands.repeats import TASK, renew_all, renew_touched
from commands.stored import store_task, task_by_id, text_of
from radar_core.jsontext import encode
from radar_core.repeating import number_of
from radar_core.schedules import task_of_id
from radar_core.tasks import Task
from radar_core.tracking import fold
from radar_core.work_orders import ROLES, parts_of, work_order
from sync.feed import Changes, Lines, Projection
from sync.journal import Journal
from sync.lines import read_action
from sync.touching import actions_on

SCHEMA = """
CREATE TABLE task(
  id TEXT PRIMARY KEY, project TEXT NOT NULL, due_from INTEGER NOT NULL, due_to INTEGER NOT NULL,
  state TEXT NOT NULL, body TEXT NOT NULL, progress TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX task_due ON task(due_from);
CREATE INDEX task_under_way ON task(state) WHERE state IN ('in_progress', 'on_hold');
CREATE TABLE target(
  ref TEXT NOT NULL, due_to INTEGER NOT NULL, task TEXT NOT NULL, PRIMARY KEY(ref, due_to, task)
) WITHOUT ROWID;
CREATE TABLE bound(
  tag TEXT PRIMARY KEY, project TEXT NOT NULL, body TEXT NOT NULL,
  epoch TEXT NOT NULL, seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE board(scope TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
"""
"""`bound` holds tags that were bound here and that the centre has not answered for yet; `board`
the last boards that came, apart from `meta`, which every scan reads.
"""
PLANNED_BY = frozenset({"project", "schedule", "route", "checklist", "holidays", "meter"})
"""Kinds of records that tasks are made of; of others may come what will, no task changes by it."""
FORGET = (
    (
        "DELETE FROM target WHERE task IN"
        " (SELECT id FROM task WHERE project = ?1 AND (?2 OR instr(id, ':') = 0))"
    ),
    "DELETE FROM task WHERE project = ?1 AND (?2 OR instr(id, ':') = 0)",
)
"""Tasks whose id has a colon are work orders: those hang on no schedule."""
BACK = timedelta(days=9)
AHEAD = timedelta(seconds=AHEAD_S)


def projection(journal: Journal, now_s: int) -> Projection:
    """Return what a sync calls with its changes, inside its transaction."""

    def project(changes: Changes) -> None:
        journal.connection.executemany(
            "UPDATE bound SET epoch = ?, seq = ? WHERE epoch = ? AND seq = ?",
            [(*after, *before) for before, after in changes.moved.items()],
        )
        journal.connection.execute(
            "DELETE FROM bound WHERE seq <="
            " (SELECT receipted FROM epoch WHERE epoch.name = bound.epoch)"
        )
        for dropped in changes.dropped:
            _forget(journal, dropped)
        left_s = int(journal.meta().get("tasks_until", "0")) - now_s
        planned = {project for project, kind in changes.records if kind in PLANNED_BY}
        refs = changes.refs
        if left_s < AHEAD_S // 2:
            refs -= _unroll_all(journal, now_s, changes.whole)
        elif planned or changes.dropped:
            refs -= _unroll(journal, now_s, sorted(planned), changes.whole)
        refold(journal, sorted(refs), changes.whole)

    return project


def unroll(journal: Journal, now_s: int) -> None:
    """Make the tasks of the coming weeks, in a transaction of its own."""
    with journal.transaction():
        _unroll_all(journal, now_s, {})


def tasks_ahead(journal: Journal, since_s: int, until_s: int) -> list[Task]:
    """Return the tasks that the schedules make between two moments; nothing is stored."""
    window = (datetime.fromtimestamp(since_s, UTC), datetime.fromtimestamp(until_s, UTC))
    plans = [read_plan(journal, project) for project in projects_of(journal)]
    return [task for plan in plans for task in plan_tasks(plan, window)]


def _forget(journal: Journal, project: str, *, planned_only: bool = False) -> None:
    """Forget the tasks of a project, or only those that its schedules make by the calendar."""
    which = (project, not planned_only)
    for statement in FORGET:
        journal.connection.execute(statement, which)


def _unroll_all(journal: Journal, now_s: int, whole: Mapping[str, Lines]) -> set[str]:
    """Unroll all projects, and note how far."""
    folded = _unroll(journal, now_s, projects_of(journal), whole)
    journal.set_meta("tasks_until", str(now_s + AHEAD_S))
    return folded


def _unroll(
    journal: Journal, now_s: int, projects: Sequence[str], whole: Mapping[str, Lines]
) -> set[str]:
    """Make the tasks of some projects anew; return the references of those that were folded."""
    now = datetime.fromtimestamp(now_s, UTC)
    window = (now - BACK, now + AHEAD)
    connection = journal.connection
    tasks: dict[str, Task] = {}
    plans = [read_plan(journal, project) for project in projects]
    for plan in plans:
        made = {task.id: task for task in plan_tasks(plan, window)}
        tasks |= made | _begun_before(journal, plan, made)
    for project in projects:
        _forget(journal, project, planned_only=True)
    connection.executemany(
        "INSERT OR REPLACE INTO task VALUES (?, ?, ?, ?, '', ?, '{}')",
        [(t.id, t.project, t.due_from, t.due_to, text_of(t.body())) for t in tasks.values()],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO target VALUES (?, ?, ?)",
        sorted((ref, t.due_to, t.id) for t in tasks.values() for ref in t.targets),
    )
    touched = connection.execute(
        "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM touch WHERE ref = value)"
        " OR EXISTS (SELECT 1 FROM mention WHERE ref = value)",
        (encode([f"{TASK}{id_}" for id_ in tasks]),),
    )
    refs = [row[0] for row in touched]
    refold(journal, refs, whole, tasks)
    for plan in plans:
        renew_all(journal, plan, whole)
    refold(journal, _new_work_orders(journal), whole)
    return {*refs}


def _new_work_orders(journal: Journal) -> list[str]:
    """Return the references of work orders that something touches and that are not stored yet.

    Their ids alone have a colon. They hang on no schedule, so they stay when those are unrolled.
    """
    found: set[str] = set()
    for category in ROLES:
        rows = journal.connection.execute(
            "SELECT ref FROM (SELECT DISTINCT ref FROM touch WHERE ref >= ?1 AND ref < ?2"
            " UNION SELECT DISTINCT ref FROM mention WHERE ref >= ?1 AND ref < ?2)"
            " WHERE substr(ref, 6) NOT IN (SELECT id FROM task)",
            (f"{TASK}{category}:", f"{TASK}{category};"),
        )
        found |= {row[0] for row in rows}
    return sorted(found)


def _begun_before(journal: Journal, plan: Plan, made: Mapping[str, Task]) -> dict[str, Task]:
    """Return the tasks under way whose windows are long over: they end when somebody ends them."""
    rows = journal.connection.execute(
        "SELECT id FROM task WHERE state IN ('in_progress', 'on_hold') AND project = ?",
        (plan.project,),
    )
    found: dict[str, Task] = {}
    for (id_,) in rows.fetchall():
        schedule = plan.schedules.get(id_.rpartition("@")[0])
        if id_ in made or schedule is None:
            continue
        here = (plan.project, plan.zone)
        task = task_of_id(id_, schedule, here, plan.parts)
        if task is not None:
            found[id_] = task
    return found


def refold(
    journal: Journal,
    refs: Sequence[str],
    whole: Mapping[str, Lines] | None = None,
    known: Mapping[str, Task] | None = None,
) -> None:
    """Fold the tasks of some references anew, in the transaction under way.

    `whole` has all the actions of some, `known` the tasks as they are. A work order that was
    reported is made here, and so is what comes by completion or by a meter.
    """
    renew_touched(journal, refs, whole or {})
    for ref in refs:
        id_ = ref.removeprefix(TASK)
        if not ref.startswith(TASK) or number_of(id_) is not None:
            continue
        is_order = parts_of(id_) is not None
        task = None if is_order else known[id_] if known is not None else task_by_id(journal, id_)
        if task is None and not is_order:
            continue
        lines = (whole or {}).get(ref)
        actions = [read_action(*one) for one in lines] if lines else actions_on(journal, [ref])[ref]
        if is_order:
            task = work_order(id_, actions)
        if task is not None:
            progress = fold(task, actions)
            if is_order:
                store_task(journal, task, progress)
            else:
                keep_progress(journal, task, progress)
