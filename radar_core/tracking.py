"""Track: what each action makes of a task, as one table for each kind of task (law 5).

    progress = fold(task, actions)        step by step, the order being (hlc, epoch, seq)

An action that does not fit the state is kept and marked, never dropped.
"""

from radar_core.tasks import COUNTED, FINISHED, UNSCORED, Progress, unanswered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from radar_core.actions import Action
    from radar_core.tasks import Task

_BEGIN = {"": "in_progress", "in_progress": "in_progress"}
_TAKE = _BEGIN | dict.fromkeys(("open", "assigned", "on_hold", "rejected"), "in_progress")
_OPEN = ("", "open", "assigned", "in_progress", "on_hold", "rejected")
WORK_ORDER: "Mapping[str, Mapping[str, str]]" = {
    "report": {"": "open"} | dict.fromkeys(("completed", "verified", "cancelled"), "open"),
    "assign": dict.fromkeys(_OPEN, "assigned"),
    "accept": dict.fromkeys(("", "open", "assigned"), "assigned"),
    "decline": {"assigned": "open"},
    "start": _TAKE,
    "resume": _TAKE,
    "answer": _TAKE,
    "reading": _TAKE,
    "hold": dict.fromkeys(("", "open", "assigned", "in_progress", "rejected"), "on_hold"),
    "complete": dict.fromkeys(_OPEN, "completed"),
    "verify": {"completed": "verified"},
    "reject": {"completed": "rejected"},
    "reopen": dict.fromkeys(("completed", "verified", "cancelled"), "open"),
    "cancel": dict.fromkeys(_OPEN, "cancelled"),
}
"""What an action makes of a work order in a state; "" is a state that nobody touched: open."""
ROUND: "Mapping[str, Mapping[str, str]]" = {
    "scan": _BEGIN,
    "start": _BEGIN,
    "resume": _BEGIN,
    "answer": _BEGIN,
    "reading": _BEGIN,
    "accept": _BEGIN,
    "complete": {"": "done", "in_progress": "done"},
    "end_early": {"": "ended_early", "in_progress": "ended_early"},
    "excuse": dict.fromkeys(("", "in_progress", "ended_early"), "excused"),
}
"""The same for rounds and cleaning; `done` past the grace is `done_late`."""
TABLES = {"maintenance": WORK_ORDER, "patrol": ROUND, "cleaning": ROUND}
_ALIKE = ("scan", "start", "resume", "answer", "reading")
"""What keeps work going that is under way: whoever took it in hand has it still."""
_SUPERVISED = ("verify", "reject")
"""What a supervisor says of a round or cleaning that is finished, without moving it."""
_ASIDE = ("assign", "decline", "report", "handover")
"""What fits a round or cleaning that is not finished, and does not move it."""
_NOT_WORK = ("report", "assign", "decline", "verify", "reject", "reopen", "cancel", "excuse")
"""What moves a task without work: `staff` stays whoever worked on it."""
WHOLE = frozenset({"correct"})
"""Kinds that change what came before them: their tasks are folded whole, never stepped."""
CORRECTABLE = frozenset({"scan", "answer", "reading", "photo", "part", "sign"})
PRIORITIES = ("low", "normal", "high", "urgent")
RATING_MAX, SCORE_MAX = 5, 100


def fold(task: "Task", actions: "Iterable[Action]") -> Progress:
    """Return the progress that a set of actions makes, in whatever order they are given.

    What a person took back again does not count; only they can, and only what came before.
    """
    ordered = sorted(actions, key=_order)
    taken = taken_back(ordered)
    good = set(taken.values())
    progress = Progress()
    for action in ordered:
        if action.kind == "correct":
            (progress.corrected if action.id in good else progress.marks).append(action.id)
        elif action.id not in taken:
            step(task, progress, action)
    return progress


def _order(action: "Action") -> tuple[str, str, int]:
    return action.order


def taken_back(ordered: "Sequence[Action]") -> dict[str, str]:
    """Return by the id of each action that was taken back the id of the correction."""
    if not any(action.kind == "correct" for action in ordered):
        return {}
    seen: dict[str, Action] = {}
    taken: dict[str, str] = {}
    for action in ordered:
        wrong = seen.get(str(action.body.get("action"))) if action.kind == "correct" else None
        if wrong is not None and wrong.staff == action.staff and wrong.kind in CORRECTABLE:
            taken.setdefault(wrong.id, action.id)
        seen[action.id] = action
    return taken


def step(task: "Task", progress: Progress, action: "Action") -> None:
    """Take one more action, the latest so far and none of `WHOLE`, into `progress`."""
    if action.kind == "scan":
        _visit(task, progress, action)
        return
    keep = _KEPT.get(action.kind)
    if keep is not None:
        keep(progress, action)
    if not _fits(task, progress, action):
        progress.marks.append(action.id)
        return
    count = _COUNTED.get(action.kind)
    if count is not None:
        count(progress, action)
    if action.kind == "accept" and task.kind == "patrol":
        _take_over(task, progress, action.body.get("visited"))
    _move(task, progress, action)
    if task.kind == "patrol" and action.kind in ("answer", "reading", "accept"):
        _finish_round(task, progress, action)


def _fits(task: "Task", progress: Progress, action: "Action") -> bool:
    """Tell whether an action fits where the task stands."""
    kind = action.kind
    to = action.body.get("to")
    if kind == "assign" and (not to or not isinstance(to, str)):
        return False
    if kind == "accept" and progress.state == "assigned" and progress.assignee != action.staff:
        return False  # of two who grab it off line, the first has it
    if kind == "decline" and progress.assignee != action.staff:
        return False
    if kind == "rate" and _number(action, "stars", 1, RATING_MAX) is None:
        return False
    if kind == "complete" and task.kind == "patrol" and not _is_walked(task, progress):
        return False
    if kind not in _MOVING or (kind == "report" and task.kind == "maintenance"):
        return True
    return progress.state in takes(task, kind)


def takes(task: "Task", kind: str) -> "frozenset[str]":
    """Return the states of a task in which an action of some kind fits.

    "" is a state that nobody touched. What fits in no state is not for such a task.
    """
    table = TABLES.get(task.kind, ROUND)
    if kind in table:
        return frozenset(table[kind])
    reached = {state for row in table.values() for state in (*row, *row.values())}
    if "done" in reached:
        reached.add("done_late")
    if kind in (*_SUPERVISED, "rate"):
        return frozenset(reached & FINISHED)
    return frozenset(reached - FINISHED if kind in _ASIDE else ())


def reaches(task: "Task", kind: str) -> "frozenset[str]":
    """Return the states to which an action of some kind brings a task."""
    return frozenset(TABLES.get(task.kind, ROUND).get(kind, {}).values())


def _move(task: "Task", progress: Progress, action: "Action") -> None:
    """Bring the task to the state that its table names for an action that fits."""
    target = TABLES.get(task.kind, ROUND).get(action.kind, {}).get(progress.state)
    if target is None or (target == progress.state and action.kind in _ALIKE):
        return
    taken_on = action.kind == "accept" and not action.body.get("handover")
    if taken_on and task.kind != "maintenance":
        return  # who takes a round on has not begun it yet
    if target == "done" and action.at_s > task.ends_s():
        target = "done_late"
    _enter(progress, action, target)


def _enter(progress: Progress, action: "Action", state: str) -> None:
    """Leave one state for another, adding up the time that was worked or held."""
    spent = max(0, action.at_s - progress.since_s) if progress.since_s else 0
    if progress.state == "in_progress":
        progress.labour_s += spent
    elif progress.state == "on_hold":
        progress.held_s += spent
        progress.holds.append([progress.since_s, progress.since_s + spent])
    minutes = action.body.get("minutes")
    if action.kind == "complete" and type(minutes) is int and minutes >= 0:
        progress.labour_s = minutes * 60
    progress.since_s = action.at_s if state in ("in_progress", "on_hold") else 0
    if not progress.responded_s and state in ("assigned", "in_progress", "on_hold", "completed"):
        progress.responded_s = action.at_s
    if state != "verified":
        progress.resolved_s = action.at_s if state in ("completed", "cancelled") else 0
    if progress.state in ("completed", "verified") and state in ("rejected", "open"):
        progress.returns += 1
    reason = action.body.get("reason")
    progress.reason = reason if isinstance(reason, str) else ""
    progress.state, progress.at_s = state, action.at_s
    if action.kind not in _NOT_WORK:
        progress.staff = action.staff


def _visit(task: "Task", progress: Progress, action: "Action") -> None:
    """A counted scan ticks a checkpoint off; the last one finishes the round."""
    if task.kind != "patrol" or str(action.body.get("outcome")) not in COUNTED:
        return
    index = action.body.get("checkpoint")
    if type(index) is not int or not 0 <= index < len(task.targets):
        progress.marks.append(action.id)
        return
    if progress.state in FINISHED:
        progress.marks.append(action.id)
        return
    progress.visited.setdefault(str(index), action.id)
    progress.scanned_s = action.at_s
    _move(task, progress, action)
    _finish_round(task, progress, action)


def _take_over(task: "Task", progress: Progress, visited: object) -> None:
    """Take the checkpoints over that a colleague told by a code to be visited."""
    if not isinstance(visited, dict):
        return
    indexes = {str(index) for index in range(len(task.targets))}
    for index, id_ in visited.items():
        if isinstance(id_, str) and index in indexes:
            progress.visited.setdefault(index, id_)


def _is_walked(task: "Task", progress: Progress) -> bool:
    return len(progress.visited) >= len(task.targets)


def _finish_round(task: "Task", progress: Progress, action: "Action") -> None:
    """End a round when every checkpoint is visited and its questions are answered."""
    if progress.state != "in_progress" or not task.targets or not _is_walked(task, progress):
        return
    if not unanswered(task, progress):
        late = action.at_s > task.ends_s()
        _enter(progress, action, "done_late" if late else "done")


def _note_answer(progress: Progress, action: "Action") -> None:
    body = action.body
    step_id, doubt = str(body.get("step", "")), body.get("doubt")
    progress.answers[step_id] = body.get("value")
    if isinstance(doubt, str):
        progress.doubts[step_id] = doubt
    else:
        progress.doubts.pop(step_id, None)
    _link(progress, body.get("opens"))


def _note_blob(progress: Progress, action: "Action") -> None:
    step_id = action.body.get("step")
    if step_id:
        progress.answers[str(step_id)] = action.body.get("sha256") or action.body.get("name")


def _note_part(progress: Progress, action: "Action") -> None:
    body = action.body
    progress.parts.append(
        {name: body[name] for name in ("part", "quantity", "unit") if name in body}
    )


def _note_report(progress: Progress, action: "Action") -> None:
    progress.reports += 1
    if not progress.opened_s or progress.state in FINISHED:
        progress.opened_s, progress.responded_s = action.at_s, 0
    _link(progress, action.body.get("from"))
    priority = str(action.body.get("priority"))
    known = PRIORITIES.index(progress.priority) if progress.priority else -1
    if priority in PRIORITIES and PRIORITIES.index(priority) > known:
        progress.priority = priority


def _link(progress: Progress, task_id: object) -> None:
    if isinstance(task_id, str) and task_id and task_id not in progress.links:
        progress.links.append(task_id)


def _note_assignee(progress: Progress, action: "Action") -> None:
    to = action.staff if action.kind == "accept" else action.body.get("to")
    progress.assignee = to if isinstance(to, str) else ""


def _note_refusal(progress: Progress, _: "Action") -> None:
    progress.assignee = ""


def _note_opened(progress: Progress, action: "Action") -> None:
    _link(progress, action.body.get("opens"))


def _note_rating(progress: Progress, action: "Action") -> None:
    progress.rating = _number(action, "stars", 1, RATING_MAX) or UNSCORED


def _note_score(progress: Progress, action: "Action") -> None:
    score = _number(action, "score", 0, SCORE_MAX)
    progress.score = progress.score if score is None else score


def _number(action: "Action", name: str, least: int, most: int) -> "int | None":
    """Return a whole number of the body, None for what is none within these bounds."""
    value = action.body.get(name)
    return value if type(value) is int and least <= value <= most else None


_KEPT = {
    "answer": _note_answer,
    "reading": _note_answer,
    "photo": _note_blob,
    "sign": _note_blob,
    "part": _note_part,
    "report": _note_report,
    "verify": _note_opened,
    "reject": _note_opened,
}
"""What is kept of an action whether it fits or not."""
_COUNTED = {
    "assign": _note_assignee,
    "handover": _note_assignee,
    "accept": _note_assignee,
    "decline": _note_refusal,
    "rate": _note_rating,
    "verify": _note_score,
    "reject": _note_score,
}
"""What is kept of an action that fits."""
_MOVING = frozenset([*WORK_ORDER, *ROUND, *_ASIDE, "rate"])
"""What may not fit; all else (notes, photographs, parts, signatures) fits in any state."""
