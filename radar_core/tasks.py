"""Track: a task, where it stands, and what a screen then says of it.

How a state follows from actions is `radar_core.tracking`.
"""

from radar_core.actions import END_MS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FINISHED = frozenset(
    {"done", "done_late", "ended_early", "excused", "completed", "verified", "cancelled"}
)
DONE = frozenset({"done", "done_late", "completed"})
"""Finished by who did it, and nobody has decided on it since."""
UNDER_WAY = frozenset({"in_progress", "on_hold"})
COUNTED = frozenset({"on_round", "out_of_order", "late"})
"""The scan outcomes that tick off a checkpoint."""
APART = ("photo", "signature")
"""The types of steps whose answers are blobs."""
LATE_S = {"patrol": 0, "cleaning": 0, "maintenance": 7 * 86400}
"""How long after window and grace a task of each kind can still be done, in seconds."""


END_S = END_MS // 1000
"""The end of all time here, for work that does not lapse."""


class Task:
    """A dated piece of work. Times are seconds since 1970 UTC; `targets` are references.

    `checkpoints` has the rules of a round's targets, where there are any: `open_s` and `close_s`
    after the round's start, `gap_min_s` and `gap_max_s` since the scan before. A work order that
    somebody reported has a `category` and a `priority`.
    """

    __slots__ = (
        "category",
        "checkpoints",
        "due_from",
        "due_to",
        "early_s",
        "grace_s",
        "id",
        "kind",
        "ordered",
        "priority",
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
        self.early_s = _whole(body, "early_s")
        self.ordered = get("ordered") is True
        self.category = str(get("category", ""))
        self.priority = str(get("priority", ""))
        targets, steps, rules = get("targets"), get("steps"), get("checkpoints")
        self.targets: list[str] = targets if isinstance(targets, list) else []
        self.steps: list[dict[str, object]] = steps if isinstance(steps, list) else []
        self.checkpoints: list[dict[str, object]] = rules if isinstance(rules, list) else []

    def body(self) -> dict[str, object]:
        """Return the task as a JSON object; what it does not have is left out."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in found.items() if value}

    @property
    def is_open_ended(self) -> bool:
        """Tell whether the task stays due until somebody ends it: work orders, occurrences `#N`."""
        return bool(self.category) or "#" in self.id

    def first_s(self) -> int:
        """Return the first second at which this work can be begun: a grace before its window."""
        return self.due_from - self.early_s

    def ends_s(self) -> int:
        """Return the last second at which this work is not late: window and grace are over then."""
        return self.due_to + self.grace_s

    def last_s(self) -> int:
        """Return the last second at which this work can still be begun."""
        if self.is_open_ended:
            return END_S
        return self.ends_s() + LATE_S.get(self.kind, 0)


def _whole(body: "Mapping[str, object]", name: str) -> int:
    value = body.get(name, 0)
    return value if isinstance(value, int) else 0


UNSCORED = -1
_SCORES = ("score", "rating")


class Progress:
    """Where a task stands: `state` is empty until somebody touches it. Times are as in `Task`.

    `visited` maps a checkpoint's index (as text) to the action that ticked it off, `answers` a
    step's id to its value, `marks` lists the actions that did not fit; a round was last scanned at
    `scanned_s`. `staff` is who last worked on it, `at_s` when it last moved, `assignee` whom it was
    given to, `reason` why it is held, refused or ended. `since_s` is when it last was taken in
    hand; `labour_s` and `held_s` add up what was worked and held, and `holds` has from when to when
    each time. `opened_s`, `responded_s` and `resolved_s` are when it was reported, first taken up,
    and completed or cancelled. `links` are the tasks it came from and the work orders that it
    opened; `returns` counts how often completed work had to be done again; `corrected` the
    corrections that took something back; `doubts` says by step what is odd about a reading.
    """

    __slots__ = (
        "answers",
        "assignee",
        "at_s",
        "corrected",
        "doubts",
        "held_s",
        "holds",
        "labour_s",
        "links",
        "marks",
        "opened_s",
        "parts",
        "priority",
        "rating",
        "reason",
        "reports",
        "resolved_s",
        "responded_s",
        "returns",
        "scanned_s",
        "score",
        "since_s",
        "staff",
        "state",
        "visited",
    )

    def __init__(self) -> None:
        self.state = self.staff = self.assignee = self.reason = self.priority = ""
        self.at_s = self.since_s = self.opened_s = self.responded_s = 0
        self.labour_s = self.held_s = self.reports = self.resolved_s = self.scanned_s = 0
        self.returns = 0
        self.score = self.rating = UNSCORED
        self.visited: dict[str, str] = {}
        self.answers: dict[str, object] = {}
        self.parts: list[dict[str, object]] = []
        self.links: list[str] = []
        self.corrected: list[str] = []
        self.doubts: dict[str, str] = {}
        self.holds: list[list[int]] = []
        self.marks: list[str] = []

    def body(self) -> dict[str, object]:
        """Return the progress as a JSON object; what nobody touched is left out."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: value
            for name, value in found.items()
            if (value != UNSCORED if name in _SCORES else value)
        }


def read_progress(body: "Mapping[str, object]") -> Progress:
    """Return what `Progress.body` gave; an empty object is a task that nobody touched."""
    progress = Progress()
    for name in body:
        if name in Progress.__slots__:
            setattr(progress, name, body[name])
    return progress


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


def is_to_answer(progress: Progress, step_id: str) -> bool:
    """Tell whether a step can be answered: of work that is done alone one that was taken back."""
    if progress.state not in FINISHED:
        return True
    was_taken_back = bool(progress.corrected) and step_id not in progress.answers
    return progress.state in DONE and was_taken_back


def open_questions(task: Task, progress: Progress, index: int) -> "list[dict[str, object]]":
    """Return the steps without an answer that are asked at a round's checkpoint.

    Once every checkpoint is visited, the required ones of the others are asked too.
    """
    if progress.state in FINISHED:
        return []
    wanted = [] if remaining(task, progress) else unanswered(task, progress)
    return [
        step
        for step in task.steps
        if str(step["id"]) in wanted
        or (step.get("checkpoint") == index and str(step["id"]) not in progress.answers)
    ]


def state_at(task: Task, progress: Progress, now_s: int) -> str:
    """Return the task's state as a screen shows it at `now_s`.

    Past its window an untouched task is `unknown` here: whether it was missed depends on phones
    that have not synced, and only the centre knows those (law 12). What does not lapse stays due.
    """
    if progress.state:
        return progress.state
    if task.kind == "maintenance":
        return "open"
    if now_s < task.first_s():
        return "planned"
    ends = now_s > task.ends_s() and not task.is_open_ended
    return "unknown" if ends else "due"


def missed_or_unknown(task: Task, synced_s: "Sequence[int]") -> str:
    """Return `missed` once every phone that could have done the task synced past its window."""
    end_s = task.ends_s()
    return "missed" if all(at_s > end_s for at_s in synced_s) else "unknown"
