"""`radar troubles`: what is wrong with what was recorded here, and what resolves it.

Each is a row with a `kind`, and in `how` what a person does about it:

quarantined  the centre keeps an action aside, `code` and `reason` say why
rejected     a supervisor looked at it and left it out; `reason` is their note, if they wrote one
conflict     an action does not fit what others had done; what came first counts, `by` has it
doubt        a reading that its meter does not bear out, `code` says what is odd
photo_lost   a photo's file is gone from this phone, and the centre never had it
photo_waits  a photo has not gone up for more than a day of syncs
parted       the phone's log was parted from a copy's; told once
restored     the centre came back from a backup; this phone sent `count` actions again; told once

wait         a supervisor decides        tell     a supervisor has to hear of it
again        it is to be done again      correct  the person may take it back
look         look at the task            nothing  to have seen it is enough

What a person has seen does not come again: `meta` keeps its id as `seen:ID`.
"""

from collections.abc import Iterator
from datetime import datetime

from commands.phone import Phone
from commands.thing import names_of
from radar_core.actions import Action, read_line
from radar_core.answers import Answer
from radar_core.failures import DECIDE, DONE, Failure, N_
from radar_core.jsontext import decode_object
from radar_core.tasks import Progress, Task, read_progress
from radar_core.tracking import CORRECTABLE
from sync.blobs import waiting
from sync.schema import LAST_RESTORED
from sync.touching import actions_on

SEEN = "seen:"
ALL = "all"
BACK_S = 7 * 86400
"""How long after its window a task's conflicts and doubts are told, in seconds."""
WAITS_S = 86400
HOW = {
    "not_an_action": "tell",
    "too_long": "tell",
    "wrong_number": "tell",
    "bad_clock": "tell",
    "unknown_kind": "tell",
    "bad_position": "tell",
    "bad_tag": "again",
    "unknown_place": "again",
    "unknown_asset": "again",
    "already_held": "nothing",
}
"""What resolves an action in quarantine, by its code; all else a supervisor decides."""
_KEPT = (
    "SELECT q.epoch, q.seq, q.code, q.reason, q.state, a.line FROM quarantine q"
    " JOIN action a ON a.epoch = q.epoch AND a.seq = q.seq JOIN epoch e ON e.name = q.epoch"
    " WHERE q.state <> 'released' ORDER BY e.number, q.seq"
)
_MARKED = (
    "SELECT body, progress FROM task WHERE due_to >= ?"
    """ AND (instr(progress, '"marks"') > 0 OR instr(progress, '"doubts"') > 0)"""
    " ORDER BY due_to, id"
)
_NAMING = (
    "SELECT a.epoch, a.line FROM touch t JOIN action a ON a.epoch = t.epoch AND a.seq = t.seq"
    " WHERE t.ref = ? AND a.hash IS NOT NULL ORDER BY t.hlc LIMIT 1"
)
Row = dict[str, object]


def troubles(phone: Phone) -> Answer:
    """List what is wrong and was not seen yet; the exit code is 5 while there is anything.

    On a shared phone that of who is signed in; raise Failure `nobody_signed_in`.
    """
    seen = _seen(phone)
    rows = [row for row in _all(phone) if row["id"] not in seen]
    data: dict[str, object] = {"troubles": rows, "data_as_of": phone.meta.get("last_sync")}
    return Answer("troubles", data, DECIDE if rows else DONE)


def see(phone: Phone, word: str) -> Answer:
    """Remember that a person has seen a trouble, and list the others.

    `word` is its id, its number in the list from 1, or `all`. Raise Failure `unknown_trouble`. What
    is remembered of troubles that are over is forgotten.
    """
    every = [str(row["id"]) for row in _all(phone)]
    seen = _seen(phone)
    left = [id_ for id_ in every if id_ not in seen]
    chosen = left if word == ALL else [id_ for id_ in left if word == id_]
    chosen = chosen or [id_ for number, id_ in enumerate(left, 1) if word == str(number)]
    if not chosen and word != ALL:
        raise Failure(
            "unknown_trouble",
            N_("There is no trouble {word} in the list."),
            N_("The list: radar troubles"),
            word=word[:80],
        )
    moment = phone.workplace.clock()
    with phone.transaction():
        for id_ in chosen:
            phone.journal.set_meta(f"{SEEN}{id_}", moment.wall)
        for id_ in seen.difference(every):
            phone.journal.connection.execute("DELETE FROM meta WHERE key = ?", (f"{SEEN}{id_}",))
    return troubles(phone)


def _seen(phone: Phone) -> set[str]:
    rows = phone.journal.connection.execute(
        "SELECT key FROM meta WHERE key >= ? AND key < 'seen;'", (SEEN,)
    )
    return {key.removeprefix(SEEN) for (key,) in rows}


def _all(phone: Phone) -> list[Row]:
    staff = phone.staff
    rows = [*_kept(phone, staff), *_marked(phone, staff), *_photos(phone, staff)]
    return [*rows, *_told_once(phone)]


def _row(kind: str, id_: str, how: str, **more: object) -> Row:
    names = (
        "action_id",
        "what",
        "subject",
        "about",
        "wall",
        "task_id",
        "who",
        "by",
        "value",
        "code",
    )
    empty = dict.fromkeys((*names, "reason", "count"))
    return {"id": f"{kind}:{id_}", "kind": kind, "how": how, **empty} | more


def _of_action(phone: Phone, action: Action) -> Row:
    """Return what is told of the action that a trouble is about."""
    task_id = str(action.body.get("task") or "")
    return {
        "action_id": action.id,
        "what": action.kind,
        "subject": action.subject,
        "about": _about(phone, action, task_id),
        "wall": action.wall,
        "task_id": task_id or None,
        "who": names_of(phone, action.staff),
    }


def _about(phone: Phone, action: Action, task_id: str) -> Row:
    """Return reference and names of what an action is about, the task's before the place's."""
    row = phone.journal.connection.execute(
        "SELECT body FROM task WHERE id = ?", (task_id,)
    ).fetchone()
    if row is not None:
        task = Task(decode_object(row[0]))
        return {"ref": f"task:{task.id}", "name": task.title, "name_zh": task.title_zh}
    for kind in ("asset", "place"):
        if action.body.get(kind):
            spot = phone.where(f"{kind}:{action.body[kind]}")
            return {name: spot[name] for name in ("ref", "name", "name_zh")}
    return {"ref": "", "name": action.subject, "name_zh": action.subject}


def _is_told(phone: Phone, action: Action, staff: str) -> bool:
    """Tell whether an action of this phone is told to this person."""
    return bool(phone.meta["staff"]) or action.staff == staff


def _kept(phone: Phone, staff: str) -> Iterator[Row]:
    for epoch, seq, code, reason, state, line in phone.journal.connection.execute(_KEPT).fetchall():
        action = read_line(epoch, line)
        if _is_told(phone, action, staff):
            kind = "quarantined" if state == "kept" else "rejected"
            how = HOW.get(code, "wait") if kind == "quarantined" else "again"
            told = _of_action(phone, action) | {"code": code, "reason": reason}
            yield _row(kind, f"{epoch}.{seq}", how, **told)


def _marked(phone: Phone, staff: str) -> Iterator[Row]:
    """Yield the conflicts and doubtful readings of tasks that are recent."""
    since_s = phone.workplace.clock().wall_ms // 1000 - BACK_S
    found = phone.journal.connection.execute(_MARKED, (since_s,)).fetchall()
    pairs = [(Task(decode_object(b)), read_progress(decode_object(p))) for b, p in found]
    touching = actions_on(phone.journal, [f"task:{task.id}" for task, _ in pairs])
    for task, progress in pairs:
        actions = touching[f"task:{task.id}"]
        by_id = {action.id: action for action in actions}
        for id_ in progress.marks:
            if id_ in by_id and staff in (by_id[id_].staff, progress.staff):
                yield _conflict(phone, progress, by_id[id_], staff)
        for step_id in progress.doubts:
            read = [a for a in actions if a.body.get("step") == step_id and a.body.get("doubt")]
            if read and read[-1].staff == staff:
                yield _doubt(phone, read[-1])


def _conflict(phone: Phone, progress: Progress, action: Action, staff: str) -> Row:
    correctable = action.staff == staff and action.kind in CORRECTABLE
    told = _of_action(phone, action)
    told["by"] = names_of(phone, progress.staff) if progress.staff else None
    return _row("conflict", action.id, "correct" if correctable else "look", **told)


def _doubt(phone: Phone, action: Action) -> Row:
    told = _of_action(phone, action)
    told |= {"value": action.body.get("value"), "code": action.body.get("doubt")}
    return _row("doubt", action.id, "correct", **told)


def _photos(phone: Phone, staff: str) -> Iterator[Row]:
    """Yield the photos that are lost, and those that waited while the phone synced."""
    execute = phone.journal.connection.execute
    lost = execute("SELECT sha256 FROM blob WHERE arrived_s IS NULL AND lost").fetchall()
    for (name,) in lost:
        action = _naming(phone, name)
        if action is not None and _is_told(phone, action, staff):
            yield _row("photo_lost", name, "again", **_of_action(phone, action))
    last = phone.journal.meta().get("last_sync")
    synced_s = datetime.fromisoformat(last).timestamp() if last else 0.0
    for name, _ in waiting(phone.journal):
        action = _naming(phone, name)
        late = action is not None and synced_s - action.at_s > WAITS_S
        if action is not None and late and _is_told(phone, action, staff):
            yield _row("photo_waits", name, "tell", **_of_action(phone, action))


def _naming(phone: Phone, name: str) -> Action | None:
    """Return this phone's action that names a photo."""
    row = phone.journal.connection.execute(_NAMING, (f"blob:{name}",)).fetchone()
    return read_line(*row) if row is not None else None


def _told_once(phone: Phone) -> Iterator[Row]:
    """Yield what happened to the log as a whole."""
    for (name,) in phone.journal.connection.execute(
        "SELECT name FROM epoch WHERE closed IS NOT NULL ORDER BY number"
    ).fetchall():
        yield _row("parted", name, "nothing")
    restored = phone.journal.meta().get(LAST_RESTORED)
    if restored is not None:
        count, _, backup = restored.partition(" ")
        yield _row("restored", restored, "nothing", count=int(count), wall=backup or None)
