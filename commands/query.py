"""`radar query THING`: what is known of a tag, place, asset, task or person, newest first."""

from commands.evidence import evidence_of
from commands.history import latest_on
from commands.known_task import known_task
from commands.phone import Phone
from commands.thing import Thing, find_thing, names_of
from radar_core.actions import Action, read_line
from radar_core.answers import Answer
from radar_core.tasks import Progress, Task, state_at
from radar_core.telling import event_of

SHOWN = 20
SEQ_DIGITS = 19
"""No action's number has so many."""
DUE_SHOWN = 5
"""How much due work is told, the nearest in time first."""


def query(phone: Phone, word: str, most: int = SHOWN) -> Answer:
    """Tell what a thing is, what is due there, and what was done; raise Failure if unknown."""
    action = _action(phone, word)
    if action is not None:
        return _query_action(phone, action)
    thing = find_thing(phone, word)
    main = _main_ref(thing)
    now_s = phone.workplace.clock().wall_ms // 1000
    data: dict[str, object] = {
        "kind": thing.kind,
        "id": thing.id,
        "ref": thing.ref,
        "project": thing.project,
        "what": thing.body if thing.kind != "task" else _task(phone, thing.id, now_s),
        "where": phone.where(main) if main.partition(":")[0] in ("place", "asset") else None,
        "due": _due(phone, thing, now_s),
        "history": _events(phone, latest_on(phone.journal, main, most)),
        "data_as_of": phone.meta.get("last_sync"),
    }
    return Answer("query", data)


def _main_ref(thing: Thing) -> str:
    """A tag's history is that of what it stands for."""
    for kind in ("asset", "place"):
        if thing.kind == "tag" and kind in thing.refs:
            return f"{kind}:{thing.refs[kind]}"
    return thing.ref


def _action(phone: Phone, word: str) -> Action | None:
    """Return the action that a word names, if it is here: `EPOCH.SEQ`, or a number of the log."""
    epoch, dot, seq = word.removeprefix("action:").rpartition(".")
    if (
        bool(dot) is not bool(epoch)
        or not (seq.isascii() and seq.isdecimal() and len(seq) < SEQ_DIGITS)
        or phone.spot(word)
    ):
        return None
    row = phone.journal.connection.execute(
        "SELECT epoch, line FROM action WHERE seq = ?2 AND epoch = CASE WHEN ?1 <> '' THEN ?1"
        " ELSE (SELECT name FROM epoch ORDER BY number DESC LIMIT 1) END",
        (epoch, int(seq)),
    ).fetchone()
    return read_line(*row) if row is not None else None


def _query_action(phone: Phone, action: Action) -> Answer:
    """Tell what was recorded, whole, and how sure that is."""
    ref = next((f"{k}:{action.body[k]}" for k in ("asset", "place") if action.body.get(k)), "")
    data: dict[str, object] = {
        "kind": "action",
        "id": action.id,
        "ref": f"action:{action.id}",
        "project": action.project,
        "what": {"name": action.subject, "body": action.body},
        "where": phone.where(ref) if ref else None,
        "due": [],
        "history": _events(phone, [action]),
        "data_as_of": phone.meta.get("last_sync"),
    }
    return Answer("query", data)


def _events(phone: Phone, actions: list[Action]) -> list[dict[str, object]]:
    """Return what was done, each scan with its evidence as far as this phone can tell."""
    graded = evidence_of(phone, actions)
    return [
        event_of(action, names_of(phone, action.staff))
        | ({"evidence": graded[action.id].body()} if action.id in graded else {})
        for action in actions
    ]


def _due(phone: Phone, thing: Thing, now_s: int) -> list[dict[str, object]]:
    refs = [f"{kind}:{id_}" for kind, id_ in thing.refs.items() if kind in ("asset", "place")]
    if not refs:
        return []
    found = [
        (task, progress)
        for task, progress in phone.candidates(refs, now_s)
        if any(ref in task.targets for ref in refs) and task.last_s() >= now_s
    ]
    found.sort(key=lambda pair: abs(pair[0].due_from - now_s))
    return [_brief(phone, task, progress, now_s) for task, progress in found[:DUE_SHOWN]]


def _brief(phone: Phone, task: Task, progress: Progress, now_s: int) -> dict[str, object]:
    return {
        "task_id": task.id,
        "kind": task.kind,
        "title": task.title,
        "title_zh": task.title_zh,
        "state": state_at(task, progress, now_s),
        "due_from": phone.workplace.local(task.due_from),
        "due_to": phone.workplace.local(task.due_to),
    }


def _task(phone: Phone, id_: str, now_s: int) -> dict[str, object]:
    task, progress = phone.task(id_)
    return _brief(phone, task, progress, now_s) | known_task(phone, task, progress)
