"""Match: which due work a tag fits, for this person, now. One pure function, named outcomes."""

from radar_core.tasks import FINISHED, UNDER_WAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

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


class Person:
    """Who is scanning: their staff id, roles, and the projects they may work in, home first."""

    __slots__ = ("projects", "roles", "staff")

    def __init__(self, staff: str, roles: "Sequence[str]", projects: "Sequence[str]") -> None:
        self.staff = staff
        self.roles = tuple(roles)
        self.projects = tuple(projects)

    def may_do(self, task: "Task") -> bool:
        """Tell whether the task is this person's: project, role and, where named, person."""
        return (
            task.project in self.projects
            and (not task.role or task.role in self.roles)
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
    that was due instead, `opens_s` when work that is early opens (seconds since 1970 UTC).
    """

    __slots__ = ("checkpoint", "expected", "found", "opens_s", "outcome", "task")

    def __init__(self, outcome: str, found: "Sequence[Candidate]" = ()) -> None:
        assert outcome in OUTCOMES, outcome
        self.outcome = outcome
        self.found = list(found)
        self.task = ""
        self.checkpoint = -1
        self.expected = ""
        self.opens_s = 0


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
    due = [pair for pair in here if _is_due(pair, now_s)]
    if due:
        return _due(due, spot, person, now_s)
    ahead = [pair for pair in here if now_s < pair[0].due_from <= now_s + EARLY_S]
    if ahead:
        result = Match("early", sorted(ahead, key=_opening))
        result.opens_s = result.found[0][0].due_from
        return result
    return _elsewhere(mine, spot, person, wanted)


def _on(task: "Task", spot: "Spot") -> bool:
    return any(ref in task.targets for ref in spot.refs)


def _is_due(pair: "Candidate", now_s: int) -> bool:
    task, progress = pair
    return task.due_from <= now_s and (now_s <= task.last_s() or progress.state in UNDER_WAY)


def _opening(pair: "Candidate") -> tuple[int, str]:
    return (pair[0].due_from, pair[0].id)


def _due(due: "list[Candidate]", spot: "Spot", person: Person, now_s: int) -> Match:
    """Rounds come first; of several, this person's own, then what is on time, then closes first."""

    def urgency(pair: "Candidate") -> tuple[bool, bool, bool, bool, int, str]:
        task, progress = pair
        ours = progress.state in UNDER_WAY and progress.staff == person.staff
        again = task.kind == "patrol" and str(_index(task, spot)) in progress.visited
        late = now_s > task.due_to + task.grace_s
        return (task.kind != "patrol", again, not ours, late, task.due_to, task.id)

    due.sort(key=urgency)
    task, progress = due[0]
    late = now_s > task.due_to + task.grace_s
    if task.kind != "patrol":
        return Match("late" if late else "due_here", due)
    index = _index(task, spot)
    left = [n for n in range(len(task.targets)) if str(n) not in progress.visited]
    skipped = task.ordered and bool(left) and index in left and index != left[0]
    result = Match("out_of_order" if skipped else "late" if late else "on_round", due)
    result.task, result.checkpoint = task.id, index
    result.expected = task.targets[left[0]] if skipped else ""
    return result


def _index(task: "Task", spot: "Spot") -> int:
    """Return which of the task's targets the spot is, the nearest reference first; -1 for none."""
    return next((task.targets.index(ref) for ref in spot.refs if ref in task.targets), -1)


def _elsewhere(mine: "list[Candidate]", spot: "Spot", person: Person, wanted: str) -> Match:
    """Nothing is due here: say where the work under way, or the wanted task, would go on."""
    for task, progress in sorted(mine, key=_opening):
        under_way = progress.state == "in_progress" and progress.staff == person.staff
        if (wanted or under_way) and not _on(task, spot) and progress.state not in FINISHED:
            left = [n for n in range(len(task.targets)) if str(n) not in progress.visited]
            result = Match("wrong_place", [(task, progress)])
            result.expected = task.targets[left[0]] if left else ""
            return result
    return Match("nothing_due")
