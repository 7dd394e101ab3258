"""`radar done TASK`: the person says the work is complete; without a task, what is due here."""

from commands.here import task_here
from commands.phone import Phone
from commands.work import about, own_task, worked
from radar_core.answers import Answer
from radar_core.failures import Failure, N_
from radar_core.tasks import FINISHED, Progress, Task, remaining, unanswered


def done(phone: Phone, task_id: str | None = None, minutes: int | None = None) -> Answer:
    """Record completion; raise Failure while checkpoints or required steps are open.

    `minutes` is how long the work took, where the person says so.
    """
    with phone.transaction():
        task, progress = own_task(phone, task_here(phone) if task_id is None else task_id)
        if progress.state in FINISHED:
            return worked(phone, "already", task.id, None)
        _check_complete(phone, task, progress)
        body = about(task) | ({"minutes": minutes} if minutes is not None else {})
        moment = phone.workplace.clock()
        recorded = phone.write("complete", task.id, task.project, body, moment)
    return worked(phone, "finished", task.id, recorded)


def _check_complete(phone: Phone, task: Task, progress: Progress) -> None:
    left = remaining(task, progress)
    if left:
        raise Failure(
            "round_open",
            N_("{count} checkpoints of {task} are still to visit. Next: {place}."),
            N_("Go there and scan its tag."),
            count=len(left),
            task=task.id,
            place=phone.where(task.targets[left[0]]),
        )
    steps = unanswered(task, progress)
    if steps:
        raise Failure(
            "steps_open",
            N_("{task} still asks for: {steps}."),
            N_("Answer: radar answer {task} {step} VALUE"),
            task=task.id,
            steps=", ".join(steps),
            step=steps[0],
        )
