"""`radar end TASK REASON`: a round or a cleaning ends before it is done."""

from commands.phone import Phone
from commands.why import END, read_reason
from commands.work import about, own_task, worked
from radar_core.answers import Answer
from radar_core.failures import Failure, N_
from radar_core.tasks import FINISHED, Progress, Task


def end(phone: Phone, task_id: str, reason: str) -> Answer:
    """Record the end and why; raise Failure for a work order, and for what is not due yet."""
    why = read_reason(END, reason)
    with phone.transaction():
        task, progress = own_task(phone, task_id)
        if progress.state in FINISHED:
            return worked(phone, "already", task.id, None)
        if task.kind == "maintenance":
            raise Failure(
                "wrong_kind",
                N_("{task} is a work order: it is held or cancelled, not ended early."),
                N_("To go on later: radar hold {task} REASON. Never: radar cancel {task} REASON"),
                task=task.id,
            )
        check_begun(phone, task, progress)
        body = about(task) | {"reason": why}
        recorded = phone.write("end_early", task.id, task.project, body, phone.workplace.clock())
    answer = worked(phone, "ended", task.id, recorded)
    answer.data["reason"] = why
    return answer


def check_begun(phone: Phone, task: Task, progress: Progress) -> None:
    """Raise Failure where a round or cleaning is neither due yet nor under way."""
    if not progress.state and phone.workplace.clock().wall_ms // 1000 < task.first_s():
        raise Failure(
            "not_due",
            N_("{task} is not due yet: it opens at {opens}. Nothing was saved."),
            N_("If nobody can do it then, tell your supervisor: radar note {task} TEXT"),
            task=task.id,
            opens=phone.workplace.local(task.first_s())[:16].replace("T", " "),
        )
