"""What `start`, `answer`, `note` and `done` share: the person's own task, and its new state."""

from commands.phone import Phone
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, Failure, N_
from radar_core.tasks import Progress, Task, remaining, state_at, unanswered
from sync.journal import Recorded


def own_task(phone: Phone, id_: str) -> tuple[Task, Progress]:
    """Return a task that is this person's to do; raise Failure `unknown_task`, `not_yours`."""
    task, progress = phone.task(id_)
    if not phone.person().may_take(task, progress):
        raise Failure(
            "not_yours",
            N_("{task} is not yours: it is for {whose}."),
            N_("Your own: radar tasks. To report something about it: radar note {task} TEXT"),
            exit_code=NOT_PERMITTED,
            task=task.id,
            whose=progress.assignee or task.staff or task.role,
        )
    return task, progress


def about(task: Task) -> dict[str, object]:
    """Return what every action on a task says it is about: the task, and its place or asset."""
    body: dict[str, object] = {"task": task.id}
    if task.kind != "patrol" and task.targets:
        kind, _, id_ = task.targets[0].partition(":")
        body[kind] = id_
    return body


def worked(phone: Phone, view: str, task_id: str, recorded: Recorded | None) -> Answer:
    """Return what a verb answers that worked on a task; without a record it was done already."""
    task, progress = phone.task(task_id)
    now_s = phone.workplace.clock().wall_ms // 1000
    return Answer(
        view,
        {
            "task_id": task.id,
            "title": task.title,
            "title_zh": task.title_zh,
            "state": state_at(task, progress, now_s),
            "action_id": recorded.id if recorded is not None else None,
            "seq": recorded.seq if recorded is not None else None,
            "saved": recorded is not None,
            "open_steps": unanswered(task, progress),
            "left": len(remaining(task, progress)),
        },
    )
