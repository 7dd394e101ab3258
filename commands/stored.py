"""Tasks as this phone stores them: each a row, with a row of `target` for each of its targets."""

from collections.abc import Mapping

import msgspec

from commands.phone import until_s
from radar_core.jsontext import decode_object, encode
from radar_core.tasks import Progress, Task, read_progress
from sync.journal import Journal


def store_task(journal: Journal, task: Task, progress: Progress) -> None:
    """Store a task and where it stands now, while its project is in scope (law 9)."""
    execute, due_to = journal.connection.execute, until_s(task, progress)
    if execute("SELECT 1 FROM cursor WHERE project = ?", (task.project,)).fetchone() is None:
        return
    drop_task(journal, task.id)
    row = (task.id, task.project, task.due_from, due_to, progress.state)
    body, stands = text_of(task.body()), encode(progress.body())
    execute("INSERT INTO task VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, body, stands))
    for ref in task.targets:
        execute("INSERT OR REPLACE INTO target VALUES (?, ?, ?)", (ref, due_to, task.id))


def drop_task(journal: Journal, id_: str) -> None:
    """Forget a task, if it is stored."""
    old = task_by_id(journal, id_)
    for ref in old.targets if old is not None else ():
        journal.connection.execute("DELETE FROM target WHERE ref = ? AND task = ?", (ref, id_))
    journal.connection.execute("DELETE FROM task WHERE id = ?", (id_,))


def task_by_id(journal: Journal, id_: str) -> Task | None:
    """Return a task by its id, None if it is not stored."""
    row = journal.connection.execute("SELECT body FROM task WHERE id = ?", (id_,)).fetchone()
    return None if row is None else Task(decode_object(row[0]))


def progress_of(journal: Journal, id_: str) -> Progress | None:
    """Return where a task stands, None if it is not stored."""
    row = journal.connection.execute("SELECT progress FROM task WHERE id = ?", (id_,)).fetchone()
    return None if row is None else read_progress(decode_object(row[0]))


def text_of(body: Mapping[str, object]) -> str:
    """Return a task as JSON text, as `encode` does, in a tenth of its time."""
    return msgspec.json.encode(body).decode()
