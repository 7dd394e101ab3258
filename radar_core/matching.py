"""Match: which due work a tag fits, for this person, now. One pure function, named outcomes."""

from radar_core.tasks import FINISHED, UNDER_WAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from radar_core.places import Spot
    from radar_core.tasks import Progress, Task

    Candidate = tuple[Task, Progress]

OUTCOMES = (
    "on_round",
    "due_here",
    "early",
    "late",
    "out_of_order",
    "wrong_place",
    "nothing_due",
    "unknown_tag",
    "retired_tag",
    "not_my_project",
)
EARLY_S = 12 * 3600
"""How far ahead a scan looks for work that is not due yet, in seconds."""
LEFT_S = 3600
"""How long after its window a round goes on from one scan to the next, in seconds."""


class Person:
    """Who is scanning: their staff id, and their roles in each of their projects, home first."""

    __slots__ = ("projects", "roles", "staff")

    def __init__(self, staff: str, roles: "Mapping[str, Collection[str]]") -> None:
        self.staff = staff
        self.roles = roles
        self.projects = tuple(roles)

    def may_do(self, task: "Task") -> bool:
        """Tell whether the task is this person's: project, role and, where named, person."""
        here = self.roles.get(task.project)
        return (
            here is not None
            and (not task.role or task.role in here)
            and task.staff in ("", self.staff)
        )

    def may_take(self, task: "Task", progress: "Progress") -> bool:
        """Tell the same of a task that may have been given to somebody.

        A work order is then theirs alone; a round may still be walked by whoever comes first.
        """
        if progress.assignee == self.staff and task.project in self.projects:
            return True
        return self.may_do(task) and (not progress.assignee or task.kind == "patrol")


class Match:
    """What a scan means: the outcome, the work that it fits, and what it counts for.

    `task` and `checkpoint` are set where the scan counts for a round, `expected` is the reference
    that was due instead, `opens_s` when work that is early opens, `closes_s` when a checkpoint that
    is late closed (seconds since 1970 UTC). `gap` tells `seconds` since the round's scan before,
    the `min` and `max` that the checkpoint asks for, and whether that `fits`; it is empty where
    nothing is asked for or known.
    """

    __slots__ = (
        "checkpoint",
        "closes_s",
        "expected",
        "found",
        "gap",
        "opens_s",
        "outcome",
        "task",
    )

    def __init__(self, outcome: str, found: "Sequence[Candidate]" = ()) -> None:
        assert outcome in OUTCOMES, outcome
        self.outcome = outcome
        self.found = list(found)
        self.task = ""
        self.checkpoint = -1
        self.expected = ""
        self.opens_s = self.closes_s = 0
        self.gap: dict[str, object] = {}


def match(
    spot: "Spot | None", person: Person, tasks: "Sequence[Candidate]", now_s: int, wanted: str = ""
) -> Match:
    """Return what a scan at `spot` means for `person` at `now_s` (seconds since 1970 UTC).

    `tasks` holds at least the work on the spot's references and what the person has under way;
    `wanted` names the task that the person says they are doing.
    """
    if spot is None or spot.state == "blank":
        return Match("unknown_tag")
    if spot.project not in person.projects:
        return Match("not_my_project")
    if spot.state in ("retired", "replaced"):
        return Match("retired_tag")
    mine = [pair for pair in tasks if person.may_take(*pair) and wanted in ("", pair[0].id)]
    here = [pair for pair in mine if _on(pair[0], spot) and pair[1].state not in FINISHED]
    due = [pair for pair in here if _is_due(pair, spot, now_s)]
    if due:
        return _due(due, spot, person, now_s)
    ahead = [pair for pair in here if now_s < _opens_s(pair[0], spot) <= now_s + EARLY_S]
    if ahead:
        result = Match(
            "early", sorted(ahead, key=lambda pair: (_opens_s(pair[0], spot), pair[0].id))
        )
        result.opens_s = _opens_s(result.found[0][0], spot)
        return result
    return _elsewhere(mine, spot, person, wanted)


def _on(task: "Task", spot: "Spot") -> bool:
    return any(ref in task.targets for ref in spot.refs)


def _is_due(pair: "Candidate", spot: "Spot", now_s: int) -> bool:
    task, progress = pair
    opened = _opens_s(task, spot) <= now_s
    return opened and (now_s <= task.last_s() or progress.state in UNDER_WAY)


def _opens_s(task: "Task", spot: "Spot") -> int:
    """Return when work opens at a spot; a checkpoint may do so later than its round."""
    open_s = _rule(task, _index(task, spot), "open_s")
    return task.due_from + open_s if open_s else task.first_s()


def _rule(task: "Task", index: int, name: str) -> int | None:
    """Return how many seconds a checkpoint's rule names; None where it has no such rule."""
    rules = task.checkpoints
    rule: object = rules[index] if 0 <= index < len(rules) else None
    value = rule.get(name) if isinstance(rule, dict) else None
    return value if type(value) is int and value >= 0 else None


def _due(due: "list[Candidate]", spot: "Spot", person: Person, now_s: int) -> Match:
    """Rounds come first; of several, this person's own, then what is on time, then closes first.

    A round that was left unfinished is nobody's in hand an hour after its window and its last scan.
    """

    def urgency(pair: "Candidate") -> tuple[bool, bool, bool, bool, int, str]:
        task, progress = pair
        late = now_s > task.ends_s()
        left = task.kind == "patrol" and late and now_s > progress.scanned_s + LEFT_S
        ours = progress.state in UNDER_WAY and progress.staff == person.staff and not left
        again = task.kind == "patrol" and str(_index(task, spot)) in progress.visited
        return (task.kind != "patrol", again, not ours, late, task.due_to, task.id)

    due.sort(key=urgency)
    task, progress = due[0]
    late = now_s > task.ends_s()
    if task.kind != "patrol":
        return Match("late" if late else "due_here", due)
    index = _index(task, spot)
    left = [n for n in range(len(task.targets)) if str(n) not in progress.visited]
    skipped = task.ordered and index in left and index != left[0]
    close_s = _rule(task, index, "close_s")
    closed = close_s is not None and index in left and now_s > task.due_from + close_s
    result = Match("out_of_order" if skipped else "late" if late or closed else "on_round", due)
    result.task, result.checkpoint = task.id, index
    result.expected = task.targets[left[0]] if skipped else ""
    result.closes_s = task.due_from + (close_s or 0) if closed else 0
    result.gap = _gap(task, progress, index, now_s) if index in left else {}
    return result


def _gap(task: "Task", progress: "Progress", index: int, now_s: int) -> dict[str, object]:
    """Return how long after the round's scan before this one comes, against what is asked for."""
    least, most = _rule(task, index, "gap_min_s"), _rule(task, index, "gap_max_s")
    seconds = now_s - progress.scanned_s
    if (least is None and most is None) or not progress.scanned_s or seconds < 0:
        return {}
    fits = (least or 0) <= seconds and (most is None or seconds <= most)
    return {"seconds": seconds, "min": least, "max": most, "fits": fits}


def _index(task: "Task", spot: "Spot") -> int:
    """Return which of the task's targets the spot is, the nearest reference first; -1 for none."""
    return next((task.targets.index(ref) for ref in spot.refs if ref in task.targets), -1)


def _elsewhere(mine: "list[Candidate]", spot: "Spot", person: Person, wanted: str) -> Match:
    """Nothing is due here: say where the work under way, or the wanted task, would go on.

    A round of which questions alone are open goes on anywhere, one that was handed to a colleague
    does so in their hands.
    """
    for task, progress in sorted(mine, key=lambda pair: (pair[0].due_from, pair[0].id)):
        ours = progress.staff == person.staff and progress.assignee in ("", person.staff)
        under_way = progress.state == "in_progress" and ours
        left = [n for n in range(len(task.targets)) if str(n) not in progress.visited]
        if task.kind == "patrol" and not left:
            continue
        if (wanted or under_way) and not _on(task, spot) and progress.state not in FINISHED:
            result = Match("wrong_place", [(task, progress)])
            result.expected = task.targets[left[0]] if left else ""
            return result
    return Match("nothing_due")
