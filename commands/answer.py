"""`radar answer TASK STEP VALUE`: one step of a task's checklist."""

from commands.phone import Phone
from commands.work import about, own_task, worked
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_
from radar_core.steps import Misfit, read_answer
from radar_core.tasks import FINISHED, Task


def answer(phone: Phone, task_id: str, step_id: str, text: str) -> Answer:
    """Record an answer or a reading; raise Failure if it does not fit its step."""
    with phone.transaction():
        task, progress = own_task(phone, task_id)
        if progress.state in FINISHED:
            return worked(phone, "already", task.id, None)
        step = _step(task, step_id)
        value = read_answer(step, text)
        if isinstance(value, Misfit):
            raise _misfit(step, text, value)
        body = {**about(task), "step": step["id"], "value": value.value}
        body |= {"unit": step["unit"]} if step.get("unit") else {}
        body |= {"outside": True} if value.outside else {}
        kind = "reading" if step["type"] == "reading" else "answer"
        recorded = phone.write(kind, task.id, task.project, body, phone.workplace.clock())
    result = worked(phone, "answered", task.id, recorded)
    result.data |= {
        "step": step["id"],
        "step_title": step.get("title"),
        "step_title_zh": step.get("title_zh"),
        "value": value.value,
        "unit": step.get("unit"),
        "outside": value.outside,
        "min": step.get("min"),
        "max": step.get("max"),
    }
    return result


def _step(task: Task, word: str) -> dict[str, object]:
    """Return a step by its id or its number in the list, counted from 1."""
    for number, step in enumerate(task.steps, 1):
        if word in (str(step["id"]), str(number)):
            return step
    raise Failure(
        "unknown_step",
        N_("{task} has no step {step}; it has: {steps}."),
        N_("Try: radar answer {task} STEP VALUE"),
        exit_code=USAGE,
        task=task.id,
        step=word[:80],
        steps=", ".join(str(step["id"]) for step in task.steps) or "-",
    )


def _misfit(step: dict[str, object], text: str, misfit: Misfit) -> Failure:
    """Put the reason where the sentence has its place for it; both are templates."""
    return Failure(
        "answer_misfit",
        N_("{text} does not fit step {step}: {reason}. Nothing was saved."),
        N_("Look again and answer once more."),
        exit_code=USAGE,
        text=text[:80],
        step=step["id"],
        reason=(misfit.message, misfit.values),
    )
