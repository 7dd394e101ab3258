"""`radar hold`, `resume`, `verify`, `reject`, `cancel`, `reopen`, `excuse`, `rate`.

Each moves a task as the tables of `radar_core.tracking` say; what does not fit them is refused.
"""

from commands.orders import order_for, reports_on, spot_of, told_order, write_report
from commands.phone import Phone
from commands.work import about, check_fits, checked_text, led_task, own_task, worked
from radar_core.answers import Answer
from radar_core.failures import Failure
from radar_core.permissions import DECISIONS, OWN_REPORT
from radar_core.tasks import Progress, Task
from radar_core.tracking import reaches, takes

REASONED = frozenset({"hold", "reject", "cancel", "reopen", "excuse"})
"""What nobody does without saying why."""


def move(
    phone: Phone,
    kind: str,
    word: str,
    reason: str = "",
    *,
    score: int | None = None,
    stars: int | None = None,
) -> Answer:
    """Record what becomes of a task; raise Failure for what is not this person's or does not fit.

    A cleaning that a supervisor rejects opens a work order for it.
    """
    more: dict[str, object] = {"reason": checked_text(reason)} if kind in REASONED else {}
    more |= {"score": score} if score is not None else {}
    more |= {"stars": stars} if stars is not None else {}
    with phone.transaction():
        task, progress = _task_for(phone, kind, word)
        if _is_so(phone, task, progress, kind):
            return _told(worked(phone, "already", task.id, None), {})
        check_fits(phone, task, progress, kind)
        moment = phone.workplace.clock()
        order = None
        if kind == "reject" and task.kind == "cleaning":
            spot = spot_of(phone, task)
            order = order_for(phone, "cleaning", spot, task.project)
            more["opens"] = order.id
        recorded = phone.write(kind, task.id, task.project, about(task) | more, moment)
        if order is not None:
            told = {"category": "cleaning", "priority": "normal", "text": more["reason"]}
            told |= {**spot_of(phone, task), "from": task.id, "cause": recorded.id}
            write_report(phone, order, task.project, told, moment)
    if order is not None:
        more["order"] = told_order(phone, order)
    return _told(worked(phone, kind, task.id, recorded), more)


def _told(answer: Answer, more: dict[str, object]) -> Answer:
    """Return an answer with what was said of the task, and the work order that was opened."""
    answer.data |= dict.fromkeys(("reason", "score", "stars", "order")) | more
    answer.data.pop("opens", None)
    return answer


def _task_for(phone: Phone, kind: str, word: str) -> tuple[Task, Progress]:
    """Return a task that this person may move so."""
    if kind not in DECISIONS:
        return own_task(phone, word)
    try:
        return led_task(phone, word, kind)
    except Failure as failure:
        task, progress = phone.task(word) if kind in OWN_REPORT else (None, None)
        if task is None or progress is None or not is_own_report(phone, task, progress):
            raise failure from None
        return task, progress


def is_own_report(phone: Phone, task: Task, progress: Progress) -> bool:
    """Tell whether this person alone reported a work order, and nobody took it up yet."""
    reporters = {report.staff for report in reports_on(phone, task.id)} if task.category else set()
    return progress.state == "open" and reporters == {phone.staff}


def _is_so(phone: Phone, task: Task, progress: Progress, kind: str) -> bool:
    """Tell whether a task stands already where the action would bring it."""
    if kind == "resume":
        return progress.state == "in_progress" and progress.staff == phone.staff
    return progress.state in reaches(task, kind) - takes(task, kind)
