"""What follows on what was done: the next question by itself, or what can be done now."""

from dataclasses import dataclass, replace
from typing import Any

from commands.offers import is_accepted
from radar_cli.one_screen.asks import Choice, Said, said
from radar_cli.one_screen.deciding import decisions_of
from radar_cli.one_screen.desk import Desk, step_title, title_of
from radar_cli.one_screen.ways import next_step
from radar_core.answers import Answer
from radar_core.failures import N_
from radar_core.tasks import DONE, FINISHED, UNDER_WAY, Progress, Task, is_to_answer
from radar_core.tracking import takes

Data = dict[str, Any]


ASIDE = frozenset({"noted", "reported", "part", "signed", "photographed", "corrected", "bound"})
"""What is said beside the work: the person is where they were before."""


@dataclass(frozen=True, slots=True)
class Follow:
    """What comes next: a way or page to go on with by itself, or what can be chosen.

    `page` is what lies behind a way. With `stay` the page that was open stays so, read anew.
    """

    on: Choice | None = None
    choices: tuple[Choice, ...] = ()
    page: Choice | None = None
    stay: bool = False


def after(desk: Desk, answer: Answer) -> Follow:
    """Return what follows on what a verb answered."""
    data: Data = answer.data
    desk.wrong = _wrong(desk, data)
    if answer.view == "corrected" and data["step"] and data["task"]:
        return _asked_anew(desk, str(data["task"]["task_id"]), str(data["step"]))
    if answer.view == "scan":
        return _after_scan(desk, data)
    if answer.view == "handed":
        return Follow(Choice(("", {}), "code", (str(data["code"]),)))
    if answer.view == "seen":
        return Follow(Choice(("", {}), "troubles")) if data["left"] else Follow()
    if answer.view in ("shift_started", "shift_ended"):
        desk.on_shift = data["on"] is True
        if data["on"] and data["orders"]:
            return Follow(Choice(("", {}), "orders"))
        return Follow()
    task_id = _task_of(data)
    if not task_id or answer.view in ("taken_over", "declined"):
        return Follow(stay=answer.view in ASIDE)
    return _after_work(desk, task_id)


def _wrong(desk: Desk, data: Data) -> Choice | None:
    """Return what takes an answer back with which work was done: a slip is seen just then."""
    task_id = _task_of(data) if data.get("step") and data.get("action_id") else ""
    if not task_id or desk.phone.task(task_id)[1].state not in DONE:
        return None
    return Choice(said(N_("Take this answer back")), "correct", (str(data["action_id"]),))


def _asked_anew(desk: Desk, task_id: str, step_id: str) -> Follow:
    """Return the question whose answer was taken back, of finished work too."""
    task, progress = desk.phone.task(task_id)
    is_asked = step_id not in progress.answers and is_to_answer(progress, step_id)
    return Follow(answer_choice(task, step_id) if is_asked else None, stay=True)


def _task_of(data: Data) -> str:
    """Return the task whose step was answered or that was moved; empty for what is beside it."""
    if data.get("step") and str(data.get("about")).startswith("task:"):
        return str(data["about"]).partition(":")[2]
    return str(data.get("task_id") or "") if "about" not in data else ""


def _after_work(desk: Desk, task_id: str) -> Follow:
    task, progress = desk.phone.task(task_id)
    if progress.state in FINISHED or not desk.phone.person().may_take(task, progress):
        return Follow()
    mine = progress.state == "in_progress" and progress.staff == desk.phone.staff
    if task.kind == "patrol":
        question = _open_question(desk)
        return Follow(question) if question is not None else Follow(stay=not desk.here)
    step = next_step(desk, task_id) if mine else ""
    return Follow(answer_choice(task, step) if step else None, stay=True)


def _open_question(desk: Desk) -> Choice | None:
    """Return the next question of the checkpoint that was scanned last."""
    here: Data = desk.here or {}
    for row in here.get("questions") or ():
        task, progress = desk.phone.task(str(here["task"]))
        if row["step"] not in progress.answers and progress.state not in FINISHED:
            return answer_choice(task, row["step"])
    return None


def _after_scan(desk: Desk, data: Data) -> Follow:
    here = _here(data)
    rest = _scanned(data, here)
    question = _open_question(desk)
    if question is not None:
        return Follow(question, (question, *rest))
    if data["outcome"] == "unknown_tag":
        bind = Choice(said(N_("Say what this tag stands on")), "bind", (str(data["code"]),))
        return Follow(choices=(bind, *rest))
    work = _meant(desk, data) if data["outcome"] in ("due_here", "late") else []
    if len(work) == 1:
        return _at_work(desk, work[0], here)
    rows = [Choice(_label(desk, task, work), "task", (task.id, here)) for task in work]
    return Follow(choices=(*rows, *rest))


def _meant(desk: Desk, data: Data) -> list[Task]:
    """Return the work that a scan may mean: what is in hand, else what is on time, else all."""
    pairs = [desk.phone.task(row["task_id"]) for row in data["matches"] if row["kind"] != "patrol"]
    on_time = [pair for pair in pairs if desk.now_s() <= pair[0].ends_s()] or pairs
    in_hand = [
        pair for pair in on_time if pair[1].state in UNDER_WAY and pair[1].staff == desk.phone.staff
    ]
    return [task for task, _ in in_hand or on_time]


def _label(desk: Desk, task: Task, among: list[Task]) -> Said:
    """Return what work is called; with its day where several are called the same."""
    if sum(other.title == task.title for other in among) == 1:
        return said("{title}", title=title_of(task))
    due = desk.phone.workplace.local(task.due_to)[5:16].replace("T", " ")
    return said("{title}  {due}", title=title_of(task), due=due)


def _here(data: Data) -> str:
    """Return the word for what was scanned, where it is known."""
    return str(data["code"]) if data["place"] else ""


def _scanned(data: Data, here: str) -> tuple[Choice, ...]:
    """Return what can be said of what was just scanned, and of the scan itself."""
    wrong = Choice(said(N_("Take this scan back")), "correct", (str(data["action_id"]),))
    return (*(about_choices(here) if here else ()), wrong)


def _at_work(desk: Desk, task: Task, here: str) -> Follow:
    """Return what follows where one piece of work is due: the number of a reading at once."""
    _, progress = desk.phone.task(task.id)
    step = next_step(desk, task.id)
    going = progress.state == "in_progress" and progress.staff == desk.phone.staff
    free = not progress.state or going
    asks = bool(step) and free and (going or task.kind == "cleaning" or len(task.steps) == 1)
    page = Choice(("", {}), "task", (task.id, here))
    return Follow(answer_choice(task, step) if asks else None, page=page)


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
    first = [*_given(desk, task, progress), *_first(desk, task, progress)]
    # What was given and not taken on comes first in a list; who stands there begins.
    first.sort(key=lambda choice: bool(here) and choice.name == "accept")
    first = [replace(choice, default=choice.default and not n) for n, choice in enumerate(first)]
    return (*first, *decisions, *_more(desk, task, progress, here))


def _given(desk: Desk, task: Task, progress: Progress) -> list[Choice]:
    """Return what can be said of work that was given to this person and is not taken on yet."""
    if progress.assignee != desk.phone.staff or progress.state not in takes(task, "accept"):
        return []
    if progress.state in UNDER_WAY or is_accepted(desk.phone, task.id):
        return []
    return [Choice(said(N_("Take it on")), "accept", (task.id,), default=True)]


def _first(desk: Desk, task: Task, progress: Progress) -> list[Choice]:
    """Return what moves a task on: the first of it is what Enter does."""
    args, step = (task.id,), next_step(desk, task.id)
    going = progress.state == "in_progress"
    mine = going and progress.staff == desk.phone.staff
    if progress.state == "on_hold":
        return [Choice(said(N_("Go on with it")), "resume", args, default=True)]
    if not _is_doable(desk, task, progress):
        return []
    if task.kind == "patrol":
        begin = Choice(said(N_("Begin")), "start", args, default=True)
        return _questions(task, progress) if mine else [] if going else [begin]
    if step and (going or task.kind == "cleaning"):
        return [replace(answer_choice(task, step), default=mine or not going)]
    begin = Choice(said(N_("Begin")), "start", args, default=True)
    done = Choice(said(N_("Done")), "done", args, default=mine or task.kind == "cleaning")
    if going or task.kind == "cleaning":
        return [done]
    return [begin] if step else [begin, done]


def _questions(task: Task, progress: Progress) -> list[Choice]:
    """Return the first question of a round that is still open where somebody was."""
    asked = [step for step in task.steps if str(step.get("checkpoint")) in progress.visited]
    wanted = [step for step in asked if step.get("required") is True]
    ids = [str(step["id"]) for step in wanted if str(step["id"]) not in progress.answers]
    return [answer_choice(task, step_id) for step_id in ids[:1]]


def _more(desk: Desk, task: Task, progress: Progress, here: str) -> list[Choice]:
    """Return what else can be said of a task, and of where it is."""
    args = (task.id,)
    found: list[Choice] = []
    order, doable = task.kind == "maintenance", _is_doable(desk, task, progress)
    mine = progress.staff == desk.phone.staff and progress.state in UNDER_WAY
    if order and progress.state == "in_progress":
        found.append(Choice(said(N_("A part was used")), "part", args))
    if order and doable and progress.state in takes(task, "hold"):
        found.append(Choice(said(N_("Put it on hold")), "hold", args))
    found.append(Choice(said(N_("A photo of it")), "photo", args))
    if order and mine:
        found.append(Choice(said(N_("Somebody signs for it")), "sign", args))
        if not next_step(desk, task.id) and progress.state == "in_progress":
            found.append(Choice(said(N_("Done, and it took other minutes")), "done_after", args))
    found.append(Choice(said(N_("Report something here")), "report", (here or task.id,)))
    found.append(Choice(said(N_("Leave a note")), "note", args))
    given = progress.assignee == desk.phone.staff and progress.state in takes(task, "decline")
    if given and not mine:
        found.append(Choice(said(N_("Decline it")), "decline", args))
    if not order and doable:
        found.append(Choice(said(N_("End it early")), "end", args))
        found.append(Choice(said(N_("Hand it over")), "handover", args))
    return [*found, Choice(said(N_("All that is known of it")), "thing", args)]


def _is_doable(desk: Desk, task: Task, progress: Progress) -> bool:
    """Tell whether work on a task can be recorded now."""
    kind = "start" if progress.state != "in_progress" else "complete"
    due = progress.state or desk.now_s() >= task.first_s()
    return bool(due) and (progress.state in takes(task, kind) or progress.state == "on_hold")
