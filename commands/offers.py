"""`radar accept TASK` and `radar decline TASK REASON`: what becomes of work given to me."""

from commands.phone import Phone
from commands.why import DECLINE, read_reason
from commands.work import about, check_fits, own_task, worked
from radar_core.answers import Answer
from radar_core.failures import Failure, N_
from radar_core.tasks import FINISHED, UNDER_WAY
from sync.touching import actions_on


def accept(phone: Phone, task_id: str) -> Answer:
    """Record that this person takes a task on; what is theirs already stays so."""
    with phone.transaction():
        task, progress = own_task(phone, task_id)
        in_hand = progress.state in UNDER_WAY and progress.staff == phone.staff
        if progress.state in FINISHED or in_hand:
            return worked(phone, "already", task.id, None)
        if is_accepted(phone, task.id):
            return worked(phone, "accepted", task.id, None)
        check_fits(phone, task, progress, "accept")
        moment = phone.workplace.clock()
        recorded = phone.write("accept", task.id, task.project, about(task), moment)
    return worked(phone, "accepted", task.id, recorded)


def is_accepted(phone: Phone, task_id: str) -> bool:
    """Tell whether the last word on whose task it is was that this person accepts it."""
    ref, whose = f"task:{task_id}", ("assign", "accept", "decline", "handover")
    said = [action for action in actions_on(phone.journal, [ref])[ref] if action.kind in whose]
    return bool(said) and (said[-1].kind, said[-1].staff) == ("accept", phone.staff)


def decline(phone: Phone, task_id: str, reason: str) -> Answer:
    """Record that this person does not take on what they were given, and why."""
    why = read_reason(DECLINE, reason)
    with phone.transaction():
        task, progress = own_task(phone, task_id)
        if progress.state in FINISHED:
            return worked(phone, "already", task.id, None)
        if progress.state in UNDER_WAY and progress.staff == phone.staff:
            round_ = N_("To leave it: radar end {task} REASON")
            order = N_("To go on later: radar hold {task} REASON")
            raise Failure(
                "under_way",
                N_("{task} is in your hands already and cannot be declined any more."),
                order if task.kind == "maintenance" else round_,
                task=task.id,
            )
        if progress.assignee != phone.staff:
            raise Failure(
                "not_given",
                N_("{task} was not given to you, so there is nothing to decline."),
                N_("What is due for you: radar tasks"),
                task=task.id,
            )
        check_fits(phone, task, progress, "decline")
        body = about(task) | {"reason": why}
        recorded = phone.write("decline", task.id, task.project, body, phone.workplace.clock())
    answer = worked(phone, "declined", task.id, recorded)
    answer.data["reason"] = why
    return answer
