"""A slow, obvious second opinion on where a task stands, written from DESIGN.md section 6 alone.

It knows nothing of `radar_core.tracking`: no tables, no steps, only the list of a task's actions in
the one order, gone through from the start with plain questions.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from radar_core.actions import Action
from radar_core.tasks import Task

ENDED = ("completed", "verified", "cancelled", "done", "done_late", "ended_early", "excused")

NO_WORK = ("report", "assign", "decline", "verify", "reject", "reopen", "cancel", "excuse")
"""What others do about a task: whoever worked on it stays the one who did."""
CAN_BE_TAKEN_BACK = ("scan", "answer", "reading", "photo", "part", "sign")
"""What was done by mistake. What others rely on (done, given, judged) is reopened or rejected."""
PRIORITIES = ("", "low", "normal", "high", "urgent")
PART = ("part", "quantity", "unit")


@dataclass
class Standing:
    """Where a task stands. The members are named as those of `radar_core.tasks.Progress`."""

    state: str = ""
    staff: str = ""
    assignee: str = ""
    reason: str = ""
    score: int = -1
    rating: int = -1
    reports: int = 0
    priority: str = ""
    at_s: int = 0
    since_s: int = 0
    labour_s: int = 0
    held_s: int = 0
    opened_s: int = 0
    responded_s: int = 0
    resolved_s: int = 0
    visited: dict[str, str] = field(default_factory=dict[str, str])
    answers: dict[str, object] = field(default_factory=dict[str, object])
    parts: list[object] = field(default_factory=list[object])
    links: list[str] = field(default_factory=list[str])
    corrected: list[str] = field(default_factory=list[str])
    marks: list[str] = field(default_factory=list[str])

    def move(self, action: Action, state: str) -> None:
        """The task is in another state now, and whoever worked on it is told with it."""
        self.count_time(action)
        if state in ("in_progress", "on_hold"):
            self.since_s = action.at_s
        else:
            self.since_s = 0
        if state in ("assigned", "in_progress", "on_hold", "completed") and self.responded_s == 0:
            self.responded_s = action.at_s
        if state in ("completed", "cancelled"):
            self.resolved_s = action.at_s
        elif state != "verified":
            self.resolved_s = 0
        self.state = state
        self.at_s = action.at_s
        self.reason = text(action, "reason")
        if action.kind not in NO_WORK:
            self.staff = action.staff

    def count_time(self, action: Action) -> None:
        """Add up what was worked or held so far, unless whoever completes it tells the minutes."""
        passed_s = max(0, action.at_s - self.since_s)
        if self.since_s and self.state == "in_progress":
            self.labour_s += passed_s
        if self.since_s and self.state == "on_hold":
            self.held_s += passed_s
        minutes = whole(action, "minutes", 0, 1 << 62)
        if action.kind == "complete" and minutes is not None:
            self.labour_s = minutes * 60

    def mark(self, action: Action) -> None:
        """The action does not fit: it is kept, and a supervisor sees it."""
        self.marks.append(action.id)

    def link(self, other: str) -> None:
        """The task came from another one, or opened it."""
        if other and other not in self.links:
            self.links.append(other)


def text(action: Action, name: str) -> str:
    """Return a text of the body, empty if there is none."""
    value = action.body.get(name)
    return value if isinstance(value, str) else ""


def whole(action: Action, name: str, least: int, most: int) -> int | None:
    """Return a whole number of the body within bounds, None if there is none."""
    value = action.body.get(name)
    return value if type(value) is int and least <= value <= most else None


def untouched(task: Task, now_s: int, heard_s: Iterable[int]) -> str:
    """Return how a task stands that nobody touched; `heard_s`: until when each phone told all.

    The phones are those of the people who could have done it.
    """
    ends_s, told = task.due_to + task.grace_s, list(heard_s)
    if task.kind == "maintenance":
        return "open"
    if now_s < task.due_from:
        return "planned"
    if now_s <= ends_s:
        return "due"
    return "missed" if told and min(told) > ends_s else "unknown"


def stand(task: Task, actions: Iterable[Action]) -> Standing:
    """Return where a task stands after these actions on it, in whatever order they come."""
    now = Standing()
    by_id = {action.id: action for action in actions}
    ordered = sorted(by_id.values(), key=lambda action: (action.hlc, action.epoch, action.seq))
    gone = taken_back(ordered)
    for place, action in enumerate(ordered):
        if action.kind == "correct":
            first = wrong_of(ordered[:place], action)
            if first is None:
                now.mark(action)
            elif all(wrong_of(ordered[:at], ordered[at]) != first for at in range(place)):
                now.corrected.append(action.id)
            else:
                now.mark(action)
        elif action.id in gone:
            continue
        elif task.kind == "maintenance":
            do_work_order(now, action)
        else:
            do_round(task, now, action)
    return now


def taken_back(ordered: list[Action]) -> set[str]:
    """Return the ids of what people took back."""
    found = [wrong_of(ordered[:place], action) for place, action in enumerate(ordered)]
    return {wrong.id for wrong in found if wrong is not None}


def wrong_of(before: list[Action], action: Action) -> Action | None:
    """Return what an action takes back: something of the same person, and of before."""
    for wrong in before if action.kind == "correct" else ():
        its_own = wrong.staff == action.staff and wrong.kind in CAN_BE_TAKEN_BACK
        if wrong.id == text(action, "action") and its_own:
            return wrong
    return None


def do_work_order(now: Standing, action: Action) -> None:
    """open → assigned → in_progress ⇄ on_hold → completed → verified | rejected → in_progress."""
    kind = action.kind
    if kind in ("assign", "accept", "decline", "handover"):
        give(now, action)
    elif kind in ("verify", "reject", "reopen", "cancel"):
        supervise(now, action)
    elif kind == "report":
        keep(now, action)
        if now.state == "" or now.state in ENDED:
            now.move(action, "open")
    elif kind in ("answer", "reading"):
        keep(now, action)
        take_in_hand(now, action)
    elif kind in ("start", "resume"):
        take_in_hand(now, action)
    elif kind == "hold":
        if now.state in ENDED or now.state == "on_hold":
            now.mark(action)
        else:
            now.move(action, "on_hold")
    elif kind == "complete":
        if now.state in ENDED:
            now.mark(action)
        else:
            now.move(action, "completed")
    elif kind in ("end_early", "excuse"):
        now.mark(action)
    elif kind == "rate":
        rate(now, action)
    else:
        keep(now, action)


def take_in_hand(now: Standing, action: Action) -> None:
    """Somebody works on it now; who began has it still when others join."""
    if now.state in ENDED:
        now.mark(action)
    elif now.state != "in_progress":
        now.move(action, "in_progress")


def give(now: Standing, action: Action) -> None:
    """A work order is given to somebody, grabbed, given back; of two who grab it, the first."""
    kind = action.kind
    if kind == "assign":
        if now.state not in ENDED and text(action, "to"):
            now.move(action, "assigned")
            now.assignee = text(action, "to")
        else:
            now.mark(action)
    elif kind == "accept":
        free = now.state in ("", "open") or (
            now.state == "assigned" and now.assignee == action.staff
        )
        if free:
            now.move(action, "assigned")
            now.assignee = action.staff
        else:
            now.mark(action)
    elif kind == "decline":
        if now.state == "assigned" and now.assignee == action.staff:
            now.move(action, "open")
            now.assignee = ""
        else:
            now.mark(action)
    elif now.state in ENDED:
        now.mark(action)
    else:
        now.assignee = text(action, "to")


def supervise(now: Standing, action: Action) -> None:
    """A supervisor judges a work order that is completed, opens it again, or calls it off."""
    kind, ended = action.kind, now.state in ENDED
    keep(now, action)
    if kind == "verify" and now.state == "completed":
        now.move(action, "verified")
        judge(now, action)
    elif kind == "reject" and now.state == "completed":
        now.move(action, "rejected")
        judge(now, action)
    elif kind == "reopen" and ended:
        now.move(action, "open")
    elif kind == "cancel" and not ended:
        now.move(action, "cancelled")
    else:
        now.mark(action)


def do_round(task: Task, now: Standing, action: Action) -> None:
    """planned → due → in_progress → done | done_late | ended_early | missed | unknown | excused."""
    kind, ended = action.kind, now.state in ENDED
    if kind == "scan":
        do_scan(task, now, action)
    elif kind in ("start", "resume"):
        take_in_hand(now, action)
    elif kind in ("answer", "reading"):
        keep(now, action)
        take_in_hand(now, action)
        end_if_all_is_done(task, now, action)
    elif kind == "complete":
        if ended or not all_visited(task, now):
            now.mark(action)
        else:
            finish(task, now, action)
    elif kind == "end_early":
        if ended:
            now.mark(action)
        else:
            now.move(action, "ended_early")
    elif kind == "excuse":
        if ended and now.state != "ended_early":
            now.mark(action)
        else:
            now.move(action, "excused")
    elif kind in ("assign", "decline", "handover", "accept"):
        hand_on(task, now, action)
    elif kind in ("verify", "reject"):
        keep(now, action)
        if ended:
            judge(now, action)
        else:
            now.mark(action)
    elif kind == "rate":
        rate(now, action)
    elif kind in ("hold", "reopen", "cancel"):
        now.mark(action)
    else:
        keep(now, action)
        if kind == "report" and ended:
            now.mark(action)


def do_scan(task: Task, now: Standing, action: Action) -> None:
    """A scan that counts ticks its checkpoint off, and the last one ends the round."""
    counted = action.body.get("outcome") in ("on_round", "out_of_order", "late")
    if task.kind != "patrol" or not counted:
        return
    index = whole(action, "checkpoint", 0, len(task.targets) - 1)
    if index is None or now.state in ENDED:
        now.mark(action)
        return
    if str(index) not in now.visited:
        now.visited[str(index)] = action.id
    take_in_hand(now, action)
    end_if_all_is_done(task, now, action)


def hand_on(task: Task, now: Standing, action: Action) -> None:
    """A round goes over to somebody, by assignment or from phone to phone."""
    kind, to = action.kind, text(action, "to")
    if now.state in ENDED:
        now.mark(action)
    elif kind == "assign":
        if to:
            now.assignee = to
        else:
            now.mark(action)
    elif kind == "decline":
        if now.assignee == action.staff:
            now.assignee = ""
        else:
            now.mark(action)
    elif kind == "handover":
        now.assignee = to
    else:
        take_over(task, now, action)


def take_over(task: Task, now: Standing, action: Action) -> None:
    """Somebody goes on with the round, with what the other one tells to have visited."""
    now.assignee = action.staff
    told = action.body.get("visited")
    for index, scan in told.items() if isinstance(told, dict) else ():
        known = index in [str(n) for n in range(len(task.targets))]
        if task.kind == "patrol" and known and isinstance(scan, str) and index not in now.visited:
            now.visited[index] = scan
    if action.body.get("handover"):  # who only takes on what was given has not begun it
        now.move(action, "in_progress")
    end_if_all_is_done(task, now, action)


def all_visited(task: Task, now: Standing) -> bool:
    """Tell whether nothing of a round is left to visit; other work has nothing to visit."""
    if task.kind != "patrol":
        return True
    return all(str(index) in now.visited for index in range(len(task.targets)))


def end_if_all_is_done(task: Task, now: Standing, action: Action) -> None:
    """A round is done when each checkpoint was visited and the questions there are answered."""
    if task.kind != "patrol" or now.state != "in_progress" or not task.targets:
        return
    asked = [
        step["id"]
        for step in task.steps
        if step.get("required") is True and step.get("type") not in ("photo", "signature")
    ]
    if all_visited(task, now) and all(name in now.answers for name in asked):
        finish(task, now, action)


def finish(task: Task, now: Standing, action: Action) -> None:
    """Done, or done late: after the window and its grace, by the wall clock."""
    in_time = action.at_s <= task.due_to + task.grace_s
    now.move(action, "done" if in_time else "done_late")


def keep(now: Standing, action: Action) -> None:
    """Keep what was found, used, shown or told, whatever the state: it is never dropped."""
    kind = action.kind
    if kind in ("answer", "reading"):
        now.answers[str(action.body.get("step", ""))] = action.body.get("value")
        now.link(text(action, "opens"))
    elif kind in ("verify", "reject"):
        now.link(text(action, "opens"))
    elif kind in ("photo", "sign"):
        if action.body.get("step"):
            shown = action.body.get("sha256") or action.body.get("name")
            now.answers[str(action.body["step"])] = shown
    elif kind == "part":
        now.parts.append({name: action.body[name] for name in PART if name in action.body})
    elif kind == "report":
        if now.opened_s == 0 or now.state in ENDED:
            now.opened_s = action.at_s
            now.responded_s = 0
        if text(action, "priority") in PRIORITIES[PRIORITIES.index(now.priority) :]:
            now.priority = text(action, "priority")
        now.reports += 1
        now.link(text(action, "from"))


def judge(now: Standing, action: Action) -> None:
    """A supervisor looked at the work and may give it 0 to 100."""
    score = whole(action, "score", 0, 100)
    if score is not None:
        now.score = score


def rate(now: Standing, action: Action) -> None:
    """Whoever asked for the work gives it one to five stars once it is finished."""
    stars = whole(action, "stars", 1, 5)
    if stars is None or now.state not in ENDED:
        now.mark(action)
    else:
        now.rating = stars
