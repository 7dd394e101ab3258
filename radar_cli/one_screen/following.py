"""What follows on what was done: the next question by itself, or what can be done now."""

from dataclasses import dataclass
from typing import Any

from radar_cli.one_screen.asks import Choice, Said, said
from radar_cli.one_screen.deciding import decisions_of
from radar_cli.one_screen.desk import Desk, step_title
from radar_cli.one_screen.ways import next_step
from radar_core.answers import Answer
from radar_core.failures import N_
from radar_core.tasks import FINISHED, Progress, Task
from radar_core.tracking import takes

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Follow:
    """What comes next: a way or page to go on with by itself, or what can be chosen."""

    on: Choice | None = None
    choices: tuple[Choice, ...] = ()


def after(desk: Desk, answer: Answer) -> Follow:
    """Return what follows on what a verb answered."""
    data: Data = answer.data
    if answer.view == "scan":
        return _after_scan(desk, data)
    if answer.view == "handed":
        return Follow(Choice(("", {}), "code", (str(data["code"]),)))
    if answer.view == "seen":
        return Follow(Choice(("", {}), "troubles")) if data["left"] else Follow()
    if answer.view == "taken_over" or "task_id" not in data:
        return Follow()
    return _after_work(desk, str(data["task_id"]))


def _after_work(desk: Desk, task_id: str) -> Follow:
    task, progress = desk.phone.task(task_id)
    if progress.state in FINISHED or progress.staff != desk.phone.staff:
        return Follow()
    if task.kind == "patrol":
        question = _open_question(desk)
        return Follow(question) if question is not None else Follow()
    if progress.state != "in_progress":
        return Follow()
    step = next_step(desk, task_id)
    if step:
        return Follow(answer_choice(task, step))
    return Follow(choices=choices_of(desk, task, progress))


def _open_question(desk: Desk) -> Choice | None:
    """Return the next question of the checkpoint that was scanned last."""
    here: Data = desk.here or {}
    for row in here.get("questions") or ():
        task, progress = desk.phone.task(str(here["task"]))
        if row["step"] not in progress.answers and progress.state not in FINISHED:
            return answer_choice(task, row["step"])
    return None


def _after_scan(desk: Desk, data: Data) -> Follow:
    question = _open_question(desk)
    if question is not None:
        return Follow(question)
    here = _here(data)
    if data["outcome"] == "unknown_tag":
        bind = Choice(said(N_("Say what this tag stands on")), "bind", (str(data["code"]),))
        return Follow(choices=(bind,))
    matches: list[Data] = data["matches"] if data["outcome"] in ("due_here", "late") else []
    work = [row for row in matches if row["kind"] != "patrol"]
    if len(work) == 1:
        return _at_work(desk, str(work[0]["task_id"]), here)
    rows = tuple(Choice(_match_label(row, work), "task", (str(row["task_id"]),)) for row in work)
    return Follow(choices=rows + (about_choices(here) if here else ()))


def _match_label(row: Data, among: list[Data]) -> Said:
    """Return what work is called; with its day where several are called the same."""
    title = {"name": row["title"], "name_zh": row["title_zh"]}
    if sum(other["title"] == row["title"] for other in among) == 1:
        return said("{title}", title=title)
    return said("{title}  {due}", title=title, due=str(row["due"])[5:16].replace("T", " "))


def _here(data: Data) -> str:
    """Return the word for what was scanned, where it is known."""
    return str(data["code"]) if data["place"] else ""


def _at_work(desk: Desk, task_id: str, here: str) -> Follow:
    """Return what follows where one piece of work is due: the number of a reading at once."""
    task, progress = desk.phone.task(task_id)
    step = next_step(desk, task_id)
    going = progress.state == "in_progress" and progress.staff == desk.phone.staff
    if step and (going or task.kind == "cleaning" or len(task.steps) == 1):
        return Follow(answer_choice(task, step))
    return Follow(choices=choices_of(desk, task, progress, here))


def answer_choice(task: Task, step_id: str) -> Choice:
    """Return the choice to answer a step."""
    step = next(step for step in task.steps if str(step["id"]) == step_id)
    label = said(N_("Answer: {step}"), step=step_title(step))
    return Choice(label, "answer", (task.id, step_id), default=True)


def about_choices(about: str) -> tuple[Choice, ...]:
    """Return what can be said of any place, asset or tag."""
    return (
        Choice(said(N_("Report something here")), "report", (about,)),
        Choice(said(N_("Leave a note here")), "note", (about,)),
        Choice(said(N_("What is known here")), "thing", (about,)),
    )


def choices_of(desk: Desk, task: Task, progress: Progress, here: str = "") -> tuple[Choice, ...]:
    """Return what this person can do with a task now, what is likeliest first, and decide on it."""
    decisions = decisions_of(desk, (task, progress))
    if not desk.phone.person().may_take(task, progress):
        return decisions + about_choices(task.id)[1:]
    more = _more(desk, task, progress, here or task.id)
    return (*_first(desk, task, progress), *decisions, *more)


def _first(desk: Desk, task: Task, progress: Progress) -> list[Choice]:
    """Return what moves a task on: the first of it is what Enter does."""
    args, step = (task.id,), next_step(desk, task.id)
    mine = progress.state == "in_progress" and progress.staff == desk.phone.staff
    if progress.state == "assigned" and progress.assignee == desk.phone.staff:
        take = Choice(said(N_("Take it on")), "accept", args, default=True)
        return [take, Choice(said(N_("Decline it")), "decline", args)]
    if progress.state == "on_hold":
        return [Choice(said(N_("Go on with it")), "resume", args, default=True)]
    if not _is_doable(desk, task, progress):
        return []
    if step and (mine or task.kind == "cleaning"):
        return [answer_choice(task, step)]
    begin = Choice(said(N_("Begin")), "start", args, default=True)
    if task.kind == "patrol":
        return [] if mine else [begin]
    done = Choice(said(N_("Done")), "done", args, default=mine or task.kind == "cleaning")
    if mine or task.kind == "cleaning":
        return [done]
    return [begin] if step else [begin, done]


def _more(desk: Desk, task: Task, progress: Progress, here: str) -> list[Choice]:
    """Return what else can be said of a task, and of where it is."""
    args = (task.id,)
    found: list[Choice] = []
    order = task.kind == "maintenance"
    if order and progress.state == "in_progress":
        found.append(Choice(said(N_("A part was used")), "part", args))
        found.append(Choice(said(N_("Put it on hold")), "hold", args))
    found.append(Choice(said(N_("A photo of it")), "photo", args))
    if order and progress.staff == desk.phone.staff:
        found.append(Choice(said(N_("Somebody signs for it")), "sign", args))
    found.append(Choice(said(N_("Report something here")), "report", (here,)))
    found.append(Choice(said(N_("Leave a note")), "note", args))
    if not order and _is_doable(desk, task, progress):
        found.append(Choice(said(N_("End it early")), "end", args))
        found.append(Choice(said(N_("Hand it over")), "handover", args))
    return [*found, Choice(said(N_("All that is known of it")), "thing", args)]


def _is_doable(desk: Desk, task: Task, progress: Progress) -> bool:
    """Tell whether work on a task can be recorded now."""
    kind = "start" if progress.state != "in_progress" else "complete"
    due = progress.state or desk.now_s() >= task.first_s()
    return bool(due) and progress.state in takes(task, kind)
