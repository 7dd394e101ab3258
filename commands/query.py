"""`radar query THING`: what is known of a tag, place, asset, task or person, newest first."""

from commands.phone import Phone
from commands.thing import Thing, find_thing
from radar_core.actions import Action, read_line
from radar_core.answers import Answer
from radar_core.tasks import Progress, Task, remaining, state_at, unanswered
from sync.schema import ACTIONS_ON

SHOWN = 20
DUE_SHOWN = 5
"""How much due work is told, the nearest in time first."""


def query(phone: Phone, word: str, most: int = SHOWN) -> Answer:
    """Tell what a thing is, what is due there, and what was done; raise Failure if unknown."""
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
        "history": [_event(phone, action) for action in _history(phone, main, most)],
        "data_as_of": phone.meta.get("last_sync"),
    }
    return Answer("query", data)


def _main_ref(thing: Thing) -> str:
    """A tag's history is that of what it stands for."""
    for kind in ("asset", "place"):
        if thing.kind == "tag" and kind in thing.refs:
            return f"{kind}:{thing.refs[kind]}"
    return thing.ref


def _history(phone: Phone, ref: str, most: int) -> list[Action]:
    rows = phone.journal.connection.execute(
        f"{ACTIONS_ON} ORDER BY hlc DESC, epoch DESC, seq DESC LIMIT ?2",
        (ref, most),
    )
    return [read_line(epoch, line) for epoch, line in rows]


def _event(phone: Phone, action: Action) -> dict[str, object]:
    person = phone.body("staff", action.staff) or {}
    shown = ("outcome", "via", "step", "value", "unit", "outside", "text", "task")
    return {
        "action_id": action.id,
        "wall": action.wall,
        "kind": action.kind,
        "staff": action.staff,
        "name": person.get("name") or action.staff,
        "name_zh": person.get("name_zh") or person.get("name") or action.staff,
    } | {name: action.body[name] for name in shown if name in action.body}


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
    left = remaining(task, progress)
    return _brief(phone, task, progress, now_s) | {
        "role": task.role,
        "staff": progress.staff or task.staff or None,
        "checkpoints": [
            phone.where(ref) | {"visited": index not in left}
            for index, ref in enumerate(task.targets)
            if task.kind == "patrol"
        ],
        "steps": [step | {"answer": progress.answers.get(str(step["id"]))} for step in task.steps],
        "open_steps": unanswered(task, progress),
        "marks": progress.marks,
    }
