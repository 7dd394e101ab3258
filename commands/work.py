"""What the verbs share that work on a task: whose it is, what fits it, and its new state."""

from commands.phone import Phone
from radar_core.actions import TEXT_CHARS_MAX
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, USAGE, Failure, N_
from radar_core.permissions import may_record
from radar_core.tasks import Progress, Task, remaining, state_at, unanswered
from radar_core.tracking import takes
from sync.journal import Recorded

KINDS = {"patrol": N_("a round"), "cleaning": N_("a cleaning"), "maintenance": N_("maintenance")}


def own_task(phone: Phone, id_: str) -> tuple[Task, Progress]:
    """Return a task that is this person's to do; raise Failure `unknown_task`, `not_yours`."""
    task, progress = phone.task(id_)
    if not phone.person().may_take(task, progress):
        raise Failure(
            "not_yours",
            N_("{task} is not yours: it is for {whose}."),
            N_("Your own: radar tasks. To report something about it: radar note {task} TEXT"),
            exit_code=NOT_PERMITTED,
            task=task.id,
            whose=progress.assignee or task.staff or task.role,
        )
    return task, progress


def led_task(phone: Phone, id_: str, kind: str) -> tuple[Task, Progress]:
    """Return a task on which this person may decide so; raise Failure as `phone.task` does.

    And `not_leading` where none of their roles in its project decides that.
    """
    task, progress = phone.task(id_)
    if not may_record(phone.person().roles.get(task.project, ()), kind):
        raise Failure(
            "not_leading",
            N_("That is for a supervisor or a manager of {project} to say of {task}."),
            N_("Ask them. To tell them something about it: radar note {task} TEXT"),
            exit_code=NOT_PERMITTED,
            project=task.project,
            task=task.id,
        )
    return task, progress


def checked_text(text: str) -> str:
    """Return a reason or a report without blanks around it; raise Failure `text_length`."""
    text = text.strip()
    if not text or len(text) > TEXT_CHARS_MAX:
        raise Failure(
            "text_length",
            N_("A text of 1 to {most} characters is wanted; this one has {count}."),
            N_("Nothing was saved. Say in a few words what there is."),
            exit_code=USAGE,
            most=TEXT_CHARS_MAX,
            count=len(text),
        )
    return text


def check_fits(phone: Phone, task: Task, progress: Progress, kind: str) -> None:
    """Raise Failure where an action of some kind does not fit a task's state."""
    fitting = takes(task, kind)
    if progress.state in fitting:
        return
    verb = "done" if kind == "complete" else kind
    now_s = phone.workplace.clock().wall_ms // 1000
    state = state_at(task, progress, now_s)
    if not fitting:
        raise Failure(
            "wrong_kind",
            N_("{task} is {kind}; “{verb}” does not fit that. Nothing was saved."),
            N_("What can be done with it: radar query {task}"),
            task=task.id,
            kind=(KINDS[task.kind], {}),
            verb=verb,
        )
    if state == "planned":
        raise Failure(
            "not_due",
            N_("{task} is not due yet: it opens at {opens}. Nothing was saved."),
            N_("Come back then. What is due now: radar tasks"),
            task=task.id,
            opens=phone.workplace.local(task.first_s())[:16].replace("T", " "),
        )
    shown = {state_at(task, _at(one), max(now_s, task.first_s())) for one in fitting}
    raise Failure(
        "wrong_state",
        N_("{task} is {state}; “{verb}” fits what is {states}. Nothing was saved."),
        N_("What was done to it, and by whom: radar query {task}"),
        task=task.id,
        state=state,
        verb=verb,
        states=" ".join(sorted(shown)),
    )


def _at(state: str) -> Progress:
    progress = Progress()
    progress.state = state
    return progress


def about(task: Task) -> dict[str, object]:
    """Return what every action on a task says it is about: the task, and its place or asset."""
    body: dict[str, object] = {"task": task.id}
    if task.kind != "patrol" and task.targets:
        kind, _, id_ = task.targets[0].partition(":")
        body[kind] = id_
    return body


def worked(phone: Phone, view: str, task_id: str, recorded: Recorded | None) -> Answer:
    """Return what a verb answers that worked on a task; without a record it was done already."""
    task, progress = phone.task(task_id)
    now_s = phone.workplace.clock().wall_ms // 1000
    early = recorded is not None and now_s < task.first_s()
    return Answer(
        view,
        {
            "task_id": task.id,
            "title": task.title,
            "title_zh": task.title_zh,
            "state": state_at(task, progress, now_s),
            "action_id": recorded.id if recorded is not None else None,
            "seq": recorded.seq if recorded is not None else None,
            "saved": recorded is not None,
            "open_steps": unanswered(task, progress),
            "left": len(remaining(task, progress)),
            "opens_at": phone.workplace.local(task.first_s()) if early else None,
        },
    )
