"""`radar tasks --ical`: the coming month's work as a file for the calendar that one has already."""

from collections.abc import Callable

from commands.files import write_file
from commands.phone import Phone
from commands.projection import tasks_ahead
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, Failure, N_
from radar_core.icalendar import Event, icalendar
from radar_core.tasks import Progress, Task, state_at

AHEAD_S = 30 * 86400

Pick = Callable[[object, str], str]
"""Takes an object and a name; gives the text of that name in the person's language."""


def ical(phone: Phone, out: str, pick: Pick, project: str = "") -> Answer:
    """Write the work of the coming 30 days to `out`: the person's own, or all of a project's.

    Tasks further ahead than the phone keeps are made from the schedules, as the centre makes them.
    """
    person, now_s = phone.person(), phone.workplace.clock().wall_ms // 1000
    if project and project not in person.projects:
        raise Failure(
            "not_my_project",
            N_("{project} is none of your projects."),
            N_("Yours: {projects}"),
            exit_code=NOT_PERMITTED,
            project=project[:80],
            projects=", ".join(person.projects) or "-",
        )
    phone.extend(now_s)
    ahead = tasks_ahead(phone.journal, now_s, now_s + AHEAD_S)
    kept = phone.tasks_between(now_s, now_s + AHEAD_S)
    tasks = {task.id: (task, Progress()) for task in ahead} | {one[0].id: one for one in kept}
    mine = [
        (task, progress)
        for task, progress in tasks.values()
        if (task.project == project if project else person.may_do(task))
    ]
    mine.sort(key=lambda one: (one[0].due_from, one[0].id))
    events = [_event(phone, task, state_at(task, at, now_s), pick) for task, at in mine]
    about = phone.body("project", project) if project else phone.body("staff", phone.staff)
    text = icalendar(pick(about, "name") or project or phone.staff, events, now_s)
    write_file(out, text.encode())
    return Answer("ical", {"out": out, "tasks": len(events), "days": AHEAD_S // 86400})


def _event(phone: Phone, task: Task, state: str, pick: Pick) -> Event:
    spot = phone.where(task.targets[0]) if task.targets and task.kind != "patrol" else None
    title = pick({"title": task.title, "title_zh": task.title_zh}, "title")
    where = pick(spot, "path")
    return Event(task.id, task.due_from, task.due_to, title, task.kind, where, state)
