"""`radar part TASK PART QUANTITY`: what was built in or used up."""

from commands.phone import Phone
from commands.work import about, checked_text, own_task, worked
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_
from radar_core.steps import Misfit, read_quantity


def part(phone: Phone, task_id: str, name: str, text: str, unit: str = "") -> Answer:
    """Record parts, after the end of the work too; raise Failure for a wrong quantity."""
    name, found = checked_text(name), read_quantity(text, unit)
    if isinstance(found, Misfit):
        raise Failure(
            "quantity_misfit",
            N_("{text} is no quantity of {part}: {reason}. Nothing was saved."),
            N_("Such as: radar part {task} {part} 2 --unit m"),
            exit_code=USAGE,
            text=text[:80],
            part=name[:80],
            task=task_id[:80],
            reason=(found.message, found.values),
        )
    body: dict[str, object] = {"part": name, "quantity": found[0]}
    body |= {"unit": found[1]} if found[1] else {}
    with phone.transaction():
        task, _ = own_task(phone, task_id)
        moment = phone.workplace.clock()
        recorded = phone.write("part", task.id, task.project, about(task) | body, moment)
    answer = worked(phone, "part", task.id, recorded)
    answer.data |= {"unit": None} | body
    return answer
