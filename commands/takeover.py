"""`radar scan` of a colleague's handover code: the work is this person's from now on."""

from commands.phone import Phone
from commands.thing import names_of
from commands.work import about, worked
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, UNREADABLE, Failure, N_
from radar_core.handovers import Handover, read_handover
from radar_core.tasks import FINISHED, Progress, Task, remaining
from sync.touching import actions_on


def take_over(phone: Phone, text: str, source: str) -> Answer:
    """Record that work is taken over; raise Failure for a code that is not for this person.

    Needs no network: the code tells what was visited. The same code again changes nothing.
    """
    told = read_handover(text)
    if told is None:
        raise Failure(
            "handover_damaged",
            N_("This handover code is damaged. Nothing was saved."),
            N_("Scan it again, the whole of it; or let your colleague show it anew."),
            exit_code=UNREADABLE,
        )
    now_s = phone.workplace.clock().wall_ms // 1000
    phone.extend(now_s)
    with phone.transaction():
        task, progress = _task(phone, told, now_s)
        recorded = None
        if progress.state not in FINISHED and not _is_taken(phone, told):
            more = {"from": told.giver, "visited": told.visited, "handover": told.action}
            body = about(task) | more
            recorded = phone.write("accept", task.id, task.project, body, phone.workplace.clock())
    answer = worked(phone, "taken_over" if recorded is not None else "already", task.id, recorded)
    left = remaining(*phone.task(task.id))
    answer.data |= {
        "code": text,
        "source": source,
        "from": names_of(phone, told.giver),
        "handover": told.action,
        "visited": len(told.visited),
        "next": phone.where(task.targets[left[0]]) if left else None,
    }
    return answer


def _task(phone: Phone, told: Handover, now_s: int) -> tuple[Task, Progress]:
    """Return the task that is handed over, if it may be to this person."""
    person = phone.person()
    if told.project not in person.projects:
        raise Failure(
            "not_my_project",
            N_("{task} is in {project}, where you do not work. Nothing was saved."),
            N_("Tell your supervisor if you are meant to work there."),
            exit_code=NOT_PERMITTED,
            task=told.task,
            project=told.project,
        )
    if told.giver == phone.staff:
        raise Failure(
            "own_handover",
            N_("This is your own handover of {task}; a colleague scans it. Nothing was saved."),
            N_("If you go on yourself, scan the next tag."),
            task=told.task,
        )
    known = {pair[0].id: pair for pair in phone.candidates((), now_s, told.task)}
    if told.task not in known:
        raise Failure(
            "unknown_task",
            N_("There is no task {task} on this phone."),
            N_("The list: radar tasks. If it is new: radar sync"),
            task=told.task[:80],
        )
    task, progress = known[told.task]
    if task.role not in ("", *person.roles.get(task.project, ())):
        raise Failure(
            "not_yours",
            N_("{task} is not yours: it is for {whose}."),
            N_("Your own: radar tasks. To report something about it: radar note {task} TEXT"),
            exit_code=NOT_PERMITTED,
            task=told.task,
            whose=task.role,
        )
    if told.to not in ("", phone.staff):
        raise Failure(
            "not_yours",
            N_("{task} was handed to {whose}, not to you. Nothing was saved."),
            N_("Let your colleague hand it to you: radar handover {task}"),
            exit_code=NOT_PERMITTED,
            task=told.task,
            whose=told.to,
        )
    return task, progress


def _is_taken(phone: Phone, told: Handover) -> bool:
    """Tell whether this person took this very handover over before."""
    ref = f"task:{told.task}"
    return any(
        (action.kind, action.staff, action.body.get("handover"))
        == ("accept", phone.staff, told.action)
        for action in actions_on(phone.journal, [ref])[ref]
    )
