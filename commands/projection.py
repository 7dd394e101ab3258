"""Keeps the phone's tasks in step: unrolled from the schedules, folded from the actions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from commands.phone import AHEAD_S, keep_progress, until_s
from radar_core.jsontext import decode_object, encode
from radar_core.schedules import Parts, task_of_id, tasks_of
from radar_core.tasks import Progress, Task
from radar_core.tracking import fold
from radar_core.work_orders import ROLES, parts_of, work_order
from sync.feed import Changes, Lines, Projection, actions_on
from sync.journal import Journal
from sync.lines import read_action

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
BACK = timedelta(days=9)
AHEAD = timedelta(seconds=AHEAD_S)
TASK = "task:"
Bodies = dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a project's tasks are made of; its zone is UTC where this phone does not know it."""

    project: str
    zone: ZoneInfo
    schedules: Bodies
    parts: Parts


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
        refs = [ref for ref in changes.refs if ref.startswith(TASK)]
        if changes.records or changes.dropped or left_s < AHEAD_S // 2:
            _unroll(journal, now_s, changes.whole)
            refs = [ref for ref in refs if parts_of(ref.removeprefix(TASK)) is not None]
        refold(journal, refs, changes.whole)

    return project


def unroll(journal: Journal, now_s: int) -> None:
    """Make the tasks of the coming weeks, in a transaction of its own."""
    with journal.transaction():
        _unroll(journal, now_s)


def tasks_ahead(journal: Journal, since_s: int, until_s: int) -> list[Task]:
    """Return the tasks that the schedules make between two moments; nothing is stored."""
    window = (datetime.fromtimestamp(since_s, UTC), datetime.fromtimestamp(until_s, UTC))
    plans = [_plan(journal, project) for project in _projects(journal)]
    return [task for plan in plans for task in plan_tasks(plan, window)]


def _forget(journal: Journal, project: str) -> None:
    connection = journal.connection
    connection.execute(
        "DELETE FROM target WHERE task IN (SELECT id FROM task WHERE project = ?)", (project,)
    )
    connection.execute("DELETE FROM task WHERE project = ?", (project,))


def _unroll(journal: Journal, now_s: int, whole: Mapping[str, Lines] | None = None) -> None:
    now = datetime.fromtimestamp(now_s, UTC)
    window = (now - BACK, now + AHEAD)
    connection = journal.connection
    tasks: list[Task] = []
    for project in _projects(journal):
        plan = _plan(journal, project)
        made = {task.id: task for task in plan_tasks(plan, window)}
        tasks += (made | _begun_before(journal, plan, made)).values()
    connection.execute("DELETE FROM target WHERE instr(task, ':') = 0")
    connection.execute("DELETE FROM task WHERE instr(id, ':') = 0")
    connection.executemany(
        "INSERT OR REPLACE INTO task VALUES (?, ?, ?, ?, '', ?, '{}')",
        [(t.id, t.project, t.due_from, t.due_to, _text(t.body())) for t in tasks],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO target VALUES (?, ?, ?)",
        sorted((ref, t.due_to, t.id) for t in tasks for ref in t.targets),
    )
    touched = connection.execute(
        "SELECT 'task:' || id AS r FROM task WHERE instr(id, ':') = 0 AND"
        " (EXISTS (SELECT 1 FROM touch WHERE ref = r)"
        " OR EXISTS (SELECT 1 FROM mention WHERE ref = r))"
    )
    refs = [row[0] for row in touched]
    refold(journal, refs, whole or {}, {task.id: task for task in tasks})
    refold(journal, _new_work_orders(journal), whole or {})
    journal.set_meta("tasks_until", str(int(window[1].timestamp())))


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


def _projects(journal: Journal) -> list[str]:
    rows = journal.connection.execute("SELECT project FROM cursor ORDER BY project")
    return [row[0] for row in rows]


def _bodies(journal: Journal, kind: str, project: str) -> Bodies:
    rows = journal.connection.execute(
        "SELECT id, body FROM record WHERE kind = ? AND project = ?", (kind, project)
    )
    return {row[0]: decode_object(row[1]) for row in rows}


def _plan(journal: Journal, project: str) -> Plan:
    about = _bodies(journal, "project", project).get(project, {})
    try:
        zone = ZoneInfo(str(about.get("timezone", "UTC")))
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    kinds = ("route", "checklist", "holidays")
    parts = Parts(*(_bodies(journal, kind, project) for kind in kinds))
    return Plan(project, zone, _bodies(journal, "schedule", project), parts)


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
    reported is made here.
    """
    for ref in refs:
        id_ = ref.removeprefix(TASK)
        is_order = parts_of(id_) is not None
        task = None if is_order else known[id_] if known is not None else _task(journal, id_)
        if task is None and not is_order:
            continue
        lines = (whole or {}).get(ref)
        actions = [read_action(*one) for one in lines] if lines else actions_on(journal, [ref])[ref]
        if is_order:
            task = work_order(id_, actions)
        if task is not None:
            progress = fold(task, actions)
            if is_order:
                _store_order(journal, task, progress)
            else:
                keep_progress(journal, task, progress)


def _store_order(journal: Journal, task: Task, progress: Progress) -> None:
    """Store a work order as its reports make it now, while its project is in scope (law 9)."""
    execute, due_to = journal.connection.execute, until_s(task, progress)
    if execute("SELECT 1 FROM cursor WHERE project = ?", (task.project,)).fetchone() is None:
        return
    old = _task(journal, task.id)
    for ref in old.targets if old is not None else ():
        execute("DELETE FROM target WHERE ref = ? AND task = ?", (ref, task.id))
    row = (task.id, task.project, task.due_from, due_to, progress.state)
    body, stands = _text(task.body()), encode(progress.body())
    execute("INSERT OR REPLACE INTO task VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, body, stands))
    for ref in task.targets:
        execute("INSERT OR REPLACE INTO target VALUES (?, ?, ?)", (ref, due_to, task.id))


def _task(journal: Journal, id_: str) -> Task | None:
    row = journal.connection.execute("SELECT body FROM task WHERE id = ?", (id_,)).fetchone()
    return None if row is None else Task(decode_object(row[0]))


def _text(body: Mapping[str, object]) -> str:
    """Return a task as JSON text, as `encode` does, in a tenth of its time."""
    return msgspec.json.encode(body).decode()
