"""`radar answer TASK STEP VALUE`: one step of a task's checklist.

An answer that says that something is wrong opens a work order by itself.
"""

from commands.meters import judged, told_meter
from commands.orders import (
    Order,
    order_for,
    order_of_step,
    spot_of,
    told_order,
    write_report,
)
from commands.phone import Phone
from commands.work import about, own_task, worked
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_
from radar_core.steps import Misfit, Value, is_failed, read_answer
from radar_core.tasks import Progress, Task, is_to_answer

HINTS = {
    "photo": N_("Take one, then: radar photo {task} FILE --step {step}"),
    "signature": N_("Let them sign: radar sign {task} NAME --step {step}"),
}
"""What to do about a step whose answer cannot be typed."""


def answer(phone: Phone, task_id: str, step_id: str, text: str) -> Answer:
    """Record an answer or a reading; raise Failure if it does not fit its step.

    Of work that is done a step whose answer was taken back is answered anew.
    """
    with phone.transaction():
        task, progress = own_task(phone, task_id)
        step = step_of(task, step_id)
        if not is_to_answer(progress, str(step["id"])):
            return worked(phone, "already", task.id, None)
        value = read_answer(step, text)
        if isinstance(value, Misfit):
            raise _misfit(task, step, text, value)
        order = _order(phone, task, progress, step, value)
        body = about(task) | _body(step, value)
        if task.kind == "patrol":
            body |= spot_of(phone, task, str(step["id"]))
        body |= {"opens": order.id} if order is not None and is_failed(value) else {}
        kind = "reading" if step["type"] == "reading" else "answer"
        moment = phone.workplace.clock()
        meter = judged(phone, kind, task.project, body, moment.wall_ms // 1000)
        body |= {"doubt": meter.doubt} if meter is not None and meter.doubt else {}
        recorded = phone.write(kind, task.id, task.project, body, moment)
        if order is not None and order.how != "open":
            told = _report(phone, task, step, value) | {"cause": recorded.id}
            write_report(phone, order, task.project, told, moment)
    result = worked(phone, "answered", task.id, recorded)
    result.data |= {
        "step": step["id"],
        "step_title": step.get("title"),
        "step_title_zh": step.get("title_zh"),
        "value": value.value,
        "unit": step.get("unit"),
        "outside": value.outside,
        "failed": is_failed(value),
        "min": step.get("min"),
        "max": step.get("max"),
        "meter": told_meter(phone, meter),
        "opens": body.get("opens"),
        "order": told_order(phone, order) if order is not None else None,
    }
    return result


def _body(step: dict[str, object], value: Value) -> dict[str, object]:
    """Return what the action says of the answer itself."""
    body = {"step": step["id"], "value": value.value}
    body |= {"unit": step["unit"]} if step.get("unit") else {}
    body |= {"outside": True} if value.outside else {}
    return body | ({"failed": True} if value.value is False else {})


def _order(
    phone: Phone, task: Task, progress: Progress, step: dict[str, object], value: Value
) -> Order | None:
    """Return the work order that an answer opens or joins, or that an earlier one left open."""
    step_id = str(step["id"])
    before = order_of_step(phone, task, progress, step_id)
    if before is not None or not is_failed(value):
        return before
    return order_for(phone, _category(task), spot_of(phone, task, step_id), task.project)


def _category(task: Task) -> str:
    return "cleaning" if task.kind == "cleaning" else "repair"


def _report(phone: Phone, task: Task, step: dict[str, object], value: Value) -> dict[str, object]:
    """Return what a report says of a failed step: the step's own words, and what was found."""
    shown = "✗" if value.value is False else f"{value.value} {step.get('unit') or ''}".strip()
    title = step.get("title") or step["id"]
    return {
        **spot_of(phone, task, str(step["id"])),
        "category": _category(task),
        "priority": "normal",
        "text": f"{title}: {shown}",
        "text_zh": f"{step.get('title_zh') or title}: {shown}",
        "from": task.id,
        "step": step["id"],
    }


def step_of(task: Task, word: str, kind: str = "") -> dict[str, object]:
    """Return a step by its id or its number in the list, counted from 1; of a kind, if it matters.

    Raise Failure `unknown_step`, or `answer_misfit` for one of another kind.
    """
    for number, step in enumerate(task.steps, 1):
        if word in (str(step["id"]), str(number)):
            if kind and step["type"] != kind:
                raise Failure(
                    "answer_misfit",
                    N_("Step {step} asks for a {wanted}, not a {kind}. Nothing was saved."),
                    N_("The steps of a task: radar query TASK"),
                    exit_code=USAGE,
                    step=step["id"],
                    wanted=step["type"],
                    kind=kind,
                )
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


def _misfit(task: Task, step: dict[str, object], text: str, misfit: Misfit) -> Failure:
    """Put the reason where the sentence has its place for it; both are templates."""
    return Failure(
        "answer_misfit",
        N_("{text} does not fit step {step}: {reason}. Nothing was saved."),
        HINTS.get(str(step["type"]), N_("Look again and answer once more.")),
        exit_code=USAGE,
        text=text[:80],
        task=task.id,
        step=step["id"],
        reason=(misfit.message, misfit.values),
    )
