"""Track: a task, and its progress as the fold of the actions that touch it (law 5).

    progress = fold(task, sort(actions))        step by step, the order being (hlc, epoch, seq)

An action that does not fit the state is kept and marked, never dropped.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from radar_core.actions import Action

FINISHED = frozenset({"done", "done_late", "ended_early", "completed"})
UNDER_WAY = frozenset({"in_progress", "on_hold"})
COUNTED = frozenset({"on_round", "out_of_order", "late"})
"""The scan outcomes that tick off a checkpoint."""
APART = ("photo", "signature")
"""The types of steps whose answers are blobs."""
LATE_S = {"patrol": 0, "cleaning": 0, "maintenance": 7 * 86400}
"""How long after window and grace a task of each kind can still be done, in seconds."""


class Task:
    """A dated piece of work. Times are seconds since 1970 UTC; `targets` are references."""

    __slots__ = (
        "due_from",
        "due_to",
        "grace_s",
        "id",
        "kind",
        "ordered",
        "project",
        "role",
        "schedule",
        "staff",
        "steps",
        "targets",
        "title",
        "title_zh",
    )

    def __init__(self, body: "Mapping[str, object]") -> None:
        """Take what `body()` gave."""
        get = body.get
        self.id = str(body["id"])
        self.project = str(body["project"])
        self.kind = str(body["kind"])
        self.title = str(get("title", ""))
        self.title_zh = str(get("title_zh", "")) or self.title
        self.role = str(get("role", ""))
        self.staff = str(get("staff", ""))
        self.schedule = str(get("schedule", ""))
        self.due_from = _whole(body, "due_from")
        self.due_to = _whole(body, "due_to")
        self.grace_s = _whole(body, "grace_s")
        self.ordered = get("ordered") is True
        targets, steps = get("targets"), get("steps")
        self.targets: list[str] = targets if isinstance(targets, list) else []
        self.steps: list[dict[str, object]] = steps if isinstance(steps, list) else []

    def body(self) -> dict[str, object]:
        """Return the task as a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}

    def last_s(self) -> int:
        """Return the last second at which this work can still be begun."""
        return self.due_to + self.grace_s + LATE_S.get(self.kind, 0)


def _whole(body: "Mapping[str, object]", name: str) -> int:
    value = body.get(name, 0)
    return value if isinstance(value, int) else 0


class Progress:
    """Where a task stands: `state` is empty until somebody touches it.

    `visited` maps a checkpoint's index (as text) to the action that ticked it off, `answers` a
    step's id to its value, `marks` lists the actions that did not fit.
    """

    __slots__ = ("answers", "at_s", "marks", "staff", "state", "visited")

    def __init__(self) -> None:
        self.state = ""
        self.staff = ""
        self.at_s = 0
        self.visited: dict[str, str] = {}
        self.answers: dict[str, object] = {}
        self.marks: list[str] = []

    def body(self) -> dict[str, object]:
        """Return the progress as a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


def read_progress(body: "Mapping[str, object]") -> Progress:
    """Return what `Progress.body` gave; an empty object is a task that nobody touched."""
    progress = Progress()
    for name in Progress.__slots__:
        if name in body:
            setattr(progress, name, body[name])
    return progress


def fold(task: Task, actions: "Iterable[Action]") -> Progress:
    """Return the progress that a set of actions makes, in whatever order they are given."""
    progress = Progress()
    for action in sorted(actions, key=_order):
        step(task, progress, action)
    return progress


def _order(action: "Action") -> tuple[str, str, int]:
    return action.order


def step(task: Task, progress: Progress, action: "Action") -> None:
    """Take one more action, the latest so far, into `progress`."""
    if action.kind == "scan":
        _visit(task, progress, action)
    elif action.kind in ("start", "resume"):
        _begin(progress, action)
    elif action.kind == "hold":
        _move(progress, action, "on_hold")
    elif action.kind in ("answer", "reading"):
        _begin(progress, action)
        progress.answers[str(action.body.get("step", ""))] = action.body.get("value")
    elif action.kind == "complete":
        _finish(task, progress, action, "completed" if task.kind == "maintenance" else "done")
    elif action.kind == "end_early":
        _finish(task, progress, action, "ended_early")


def _begin(progress: Progress, action: "Action") -> None:
    """Work goes on: the first to begin, or to take up what was on hold, has the task."""
    if progress.state in FINISHED:
        progress.marks.append(action.id)
    elif progress.state != "in_progress":
        progress.state, progress.staff, progress.at_s = "in_progress", action.staff, action.at_s


def _move(progress: Progress, action: "Action", state: str) -> None:
    if progress.state in FINISHED:
        progress.marks.append(action.id)
    else:
        progress.state, progress.at_s = state, action.at_s


def _finish(task: Task, progress: Progress, action: "Action", state: str) -> None:
    if progress.state in FINISHED:
        progress.marks.append(action.id)
        return
    late = state == "done" and action.at_s > task.due_to + task.grace_s
    progress.state = "done_late" if late else state
    progress.staff, progress.at_s = action.staff, action.at_s


def _visit(task: Task, progress: Progress, action: "Action") -> None:
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
    _begin(progress, action)
    if len(progress.visited) == len(task.targets):
        _finish(task, progress, action, "done")


def unanswered(task: Task, progress: Progress) -> list[str]:
    """Return the ids of the required steps that have no answer yet, in their order.

    Photos and signatures travel apart from the actions and hold none up.
    """
    return [
        str(step["id"])
        for step in task.steps
        if step.get("required") is True
        and step.get("type") not in APART
        and str(step["id"]) not in progress.answers
    ]


def remaining(task: Task, progress: Progress) -> list[int]:
    """Return the indexes of a round's checkpoints that are still to be visited."""
    if task.kind != "patrol":
        return []
    return [index for index in range(len(task.targets)) if str(index) not in progress.visited]


def state_at(task: Task, progress: Progress, now_s: int) -> str:
    """Return the task's state as a screen shows it at `now_s`.

    Past its window an untouched task is `unknown` here: whether it was missed depends on phones
    that have not synced, and only the centre knows those (law 12).
    """
    if progress.state:
        return progress.state
    if task.kind == "maintenance":
        return "open"
    if now_s < task.due_from:
        return "planned"
    return "due" if now_s <= task.due_to + task.grace_s else "unknown"


def missed_or_unknown(task: Task, synced_s: "Sequence[int]") -> str:
    """Return `missed` once every phone that could have done the task synced past its window."""
    end_s = task.due_to + task.grace_s
    return "missed" if all(at_s > end_s for at_s in synced_s) else "unknown"
