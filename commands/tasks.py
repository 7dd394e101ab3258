"""`radar tasks`: what is due for the person who carries this phone, soonest first.

Who leads a project sees all its work orders behind that, until they are verified or cancelled.
"""

from commands.phone import Phone, until_s
from radar_core.answers import Answer
from radar_core.matching import EARLY_S
from radar_core.permissions import may_record
from radar_core.tasks import FINISHED, UNDER_WAY, Progress, Task, remaining, state_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

DONE_SHOWN_S = 12 * 3600
"""How long finished work stays in the list, in seconds."""
_RANK = {
    "in_progress": 0, "on_hold": 1, "late": 2, "rejected": 2, "due": 3, "open": 3, "assigned": 3,
    "planned": 4,
}  # fmt: skip
_HASTE = {"urgent": 0, "high": 1}


def tasks(phone: Phone) -> Answer:
    """List the person's tasks: under way, due, coming up within 12 hours, and lately finished."""
    now_s = phone.workplace.clock().wall_ms // 1000
    own = my_tasks(phone, now_s)
    mine = {task.id for task, _ in own}
    rows = [
        _row(phone, *pair, now_s) | {"yours": pair[0].id in mine}
        for pair in listed(phone, own, now_s)
    ]
    return Answer("tasks", {"tasks": rows, "data_as_of": phone.meta.get("last_sync")})


def listed(
    phone: Phone, own: "Sequence[tuple[Task, Progress]]", now_s: int
) -> list[tuple[Task, Progress]]:
    """Return one's `own` tasks, the most urgent first, then those that one has to decide on."""
    mine = {task.id for task, _ in own}
    led = [pair for pair in _led(phone) if pair[0].id not in mine]

    def order(pair: tuple[Task, Progress]) -> tuple[bool, int, int, int, str]:
        task, progress = pair
        rank = _RANK.get(state_at(task, progress, now_s), 9)
        haste = _HASTE.get(progress.priority or task.priority, 2)
        return (task.id not in mine, rank, haste, task.due_to, task.id)

    return sorted([*own, *led], key=order)


def my_tasks(phone: Phone, now_s: int) -> list[tuple[Task, Progress]]:
    """Return the tasks that this person can do around `now_s` or has just finished."""
    phone.extend(now_s)
    person = phone.person()
    found = phone.candidates((), now_s)
    around = phone.tasks_between(now_s - DONE_SHOWN_S - 7 * 86400, now_s + EARLY_S)
    mine = {task.id: (task, progress) for task, progress in [*found, *around]}
    return [
        (task, progress)
        for task, progress in mine.values()
        if person.may_take(task, progress) and _is_shown(task, progress, now_s)
    ]


def _led(phone: Phone) -> list[tuple[Task, Progress]]:
    """Return the work orders on which this person has still to decide."""
    person = phone.person()
    return [
        (task, progress)
        for project, roles in person.roles.items()
        if may_record(roles, "verify")
        for task, progress in phone.work_orders(project, ended=False)
    ]


def _is_shown(task: Task, progress: Progress, now_s: int) -> bool:
    if progress.state in UNDER_WAY:
        return True
    if progress.state in FINISHED:
        return max(progress.at_s, until_s(task, progress)) >= now_s - DONE_SHOWN_S
    return task.last_s() >= now_s


def _row(phone: Phone, task: Task, progress: Progress, now_s: int) -> dict[str, object]:
    spot = phone.where(task.targets[0]) if task.targets else None
    left = remaining(task, progress)
    return {
        "id": task.id,
        "kind": task.kind,
        "title": task.title,
        "title_zh": task.title_zh,
        "state": state_at(task, progress, now_s),
        "late": progress.state not in FINISHED and now_s > task.ends_s(),
        "due_from": phone.workplace.local(task.due_from),
        "due_to": phone.workplace.local(task.due_to),
        "place": spot and {"id": spot["place"], "path": spot["path"], "path_zh": spot["path_zh"]},
        "checkpoints": len(task.targets) if task.kind == "patrol" else None,
        "left": len(left) if task.kind == "patrol" else None,
        "steps": len(task.steps),
        "answered": len(progress.answers),
        "project": task.project,
        "category": task.category or None,
        "priority": progress.priority or task.priority or None,
        "assignee": progress.assignee or task.staff or None,
    }
