"""`radar start TASK`: the person takes a task in hand."""

from commands.phone import Phone
from commands.work import about, own_task, worked
from radar_core.answers import Answer
from radar_core.tasks import FINISHED


def start(phone: Phone, task_id: str) -> Answer:
    """Record that work begins; what is finished or in this person's hands already stays so."""
    with phone.transaction():
        task, progress = own_task(phone, task_id)
        ours = progress.state == "in_progress" and progress.staff == phone.staff
        if progress.state in FINISHED or ours:
            return worked(phone, "already", task.id, None)
        recorded = phone.write("start", task.id, task.project, about(task), phone.workplace.clock())
    return worked(phone, "started", task.id, recorded)
