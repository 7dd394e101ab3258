"""`radar handover TASK`: a round or cleaning goes on in a colleague's hands, offline."""

from commands.assign import known_person
from commands.end import check_begun
from commands.files import check_free, write_file
from commands.phone import Phone
from commands.thing import names_of
from commands.work import about, own_task, worked
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_
from radar_core.handovers import Handover, write_handover
from radar_core.tasks import FINISHED, Progress, Task


def handover(phone: Phone, task_id: str, to: str = "", out: str = "") -> Answer:
    """Record the handover and return the code that the colleague scans; `out` is a picture of it.

    Without `to` whoever scans it takes the work over.
    """
    with phone.transaction():
        task, progress = own_task(phone, task_id)
        if progress.state in FINISHED:
            return worked(phone, "already", task.id, None)
        _check(phone, task, progress, to)
        body = about(task) | ({"to": to} if to else {})
        recorded = phone.write("handover", task.id, task.project, body, phone.workplace.clock())
        text = write_handover(
            Handover(task.id, task.project, phone.staff, to, recorded.id, progress.visited)
        )
        if out:
            from scanners.screen_code import code_picture

            check_free(out, N_("Name another file with --out."))
            write_file(out, code_picture(text))
    answer = worked(phone, "handed", task.id, recorded)
    answer.data |= {
        "to": names_of(phone, to) if to else None,
        "visited": len(progress.visited),
        "code": text,
        "out": out or None,
    }
    return answer


def _check(phone: Phone, task: Task, progress: Progress, to: str) -> None:
    if task.kind == "maintenance":
        raise Failure(
            "wrong_kind",
            N_("{task} is a work order: a supervisor gives it to somebody else."),
            N_("To let it rest until then: radar hold {task} REASON"),
            task=task.id,
        )
    check_begun(phone, task, progress)
    if to == phone.staff:
        raise Failure(
            "own_handover",
            N_("{task} is yours already; name a colleague. Nothing was saved."),
            N_("Or nobody: then whoever scans the code takes it over."),
            exit_code=USAGE,
            task=task.id,
        )
    if to:
        known_person(phone, task, to)
