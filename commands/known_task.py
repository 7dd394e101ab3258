"""What is known of one task: where it stands, what was done, and what belongs to it."""

from commands.phone import Phone
from commands.thing import names_of
from radar_core.actions import Action
from radar_core.failures import Failure
from radar_core.standing import standing
from radar_core.tasks import Progress, Task, remaining, state_at
from sync.touching import actions_on


def known_task(phone: Phone, task: Task, progress: Progress) -> dict[str, object]:
    """Return a task's people, steps, parts, times, reports, links, and what did not fit."""
    ref = f"task:{task.id}"
    actions = actions_on(phone.journal, [ref])[ref]
    by_id = {action.id: action for action in actions}
    left = remaining(task, progress)
    return standing(task, progress) | {
        "by": names_of(phone, progress.staff) if progress.staff else None,
        "assignee": names_of(phone, progress.assignee) if progress.assignee else None,
        "reports": [_told(phone, action) for action in actions if action.kind == "report"],
        "links": [_linked(phone, other) for other in _links(phone, task, progress)],
        "checkpoints": [
            phone.where(target) | {"visited": index not in left}
            for index, target in enumerate(task.targets)
            if task.kind == "patrol"
        ],
        "conflicts": [_told(phone, by_id[id_]) for id_ in progress.marks if id_ in by_id],
    }


def _told(phone: Phone, action: Action) -> dict[str, object]:
    """Return an action as part of a task: who, when, what for."""
    shown = ("text", "priority", "from", "step", "cause", "reason")
    told: dict[str, object] = {
        "action_id": action.id,
        "kind": action.kind,
        "wall": action.wall,
        **names_of(phone, action.staff),
    }
    return told | {name: action.body[name] for name in shown if name in action.body}


def _links(phone: Phone, task: Task, progress: Progress) -> list[str]:
    """Return the tasks that this one names, and the work orders that name this one."""
    naming = phone.work_orders(task.project, naming=task.id)
    behind = [other.id for other, stands in naming if task.id in stands.links]
    return list(dict.fromkeys([*progress.links, *behind]))


def _linked(phone: Phone, id_: str) -> dict[str, object]:
    """Return a task of a link; one that is not on this phone has its id alone."""
    try:
        task, progress = phone.task(id_)
    except Failure:
        return {"task_id": id_, "title": "", "title_zh": "", "state": None}
    now_s = phone.workplace.clock().wall_ms // 1000
    return {
        "task_id": task.id,
        "title": task.title,
        "title_zh": task.title_zh,
        "state": state_at(task, progress, now_s),
    }
