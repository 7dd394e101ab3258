"""The pages: what is in hand, what is due, a task, a thing, the menu."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from commands.correct import recorded_last
from commands.log import log
from commands.moves import is_own_report
from commands.shift import post_orders
from commands.tasks import listed
from radar_cli.one_screen.asks import NOTHING, Choice, Page, Row, Said, said
from radar_cli.one_screen.checkpoints import checkpoints, next_place
from radar_cli.one_screen.desk import Desk, Pair, step_title, title_of
from radar_cli.one_screen.finding import SCAN, id_of, name_of
from radar_cli.one_screen.following import about_choices, answer_choice, choices_of
from radar_cli.one_screen.halves import half_written
from radar_cli.one_screen.leading import LED_PAGES, leading, leads, led_goal
from radar_cli.one_screen.lessons import TRADES, trades_of
from radar_cli.one_screen.settling import settling, trouble
from radar_cli.one_screen.telling import told_lines
from radar_cli.output import plain
from radar_cli.words import KINDS, MARKS, STATES
from radar_core.actions import Action
from radar_core.failures import Failure, N_
from radar_core.tasks import FINISHED, Progress, Task, is_to_answer, remaining, state_at
from radar_core.tracking import CORRECTABLE

ROWS_MOST = 200
"""So many rows of a list are drawn; who has more looks at the most urgent first."""
TONES = {"late": "bad", "due": "warn", "open": "warn", "assigned": "warn", "rejected": "bad"}
HERE = "▸"
"""The mark of what comes next."""
BEGIN = Choice(said(N_("Begin the shift")), "shift_start", default=True)
CORRECTABLE_MOST = 9
"""So much can be taken back on the page of what was recorded: what one key can choose."""


def home(desk: Desk) -> Page:
    """Return what is in hand: the round, or the job; else what there is to look at, or is due."""
    pair = desk.in_hand()
    if pair is not None:
        page = of_task(desk, pair[0].id)
    else:
        page = leading(desk) if leads(desk) else due(desk)
    wrong = (desk.wrong,) if desk.wrong is not None else ()
    return replace(page, choices=(*page.choices, *wrong)) if wrong else page


def due(desk: Desk) -> Page:
    """Return the list of what is due."""
    now_s = desk.now_s()
    found = listed(desk.phone, desk.pairs, now_s)
    begin = () if desk.is_on_shift() else (BEGIN,)
    if not found:
        return Page(said(N_("Nothing is due for you now.")), (), begin)
    rows = tuple(_task_row(desk, *pair, now_s) for pair in found[:ROWS_MOST])
    return Page(said(N_("Due for you: {count}"), count=len(found)), rows, begin)


def _task_row(desk: Desk, task: Task, progress: Progress, now_s: int) -> Row:
    is_late = progress.state not in FINISHED and now_s > task.ends_s()
    state = "late" if is_late else state_at(task, progress, now_s)
    label = said("{title}", title=title_of(task))
    word: Said = (N_("late"), {}) if is_late else (STATES[state], {})
    detail = _in_project(desk, task, said("{state}  {when}", state=word, when=_when(desk, task)))
    mark = "!" if is_late else MARKS.get(state, "·")
    choice = Choice(label, "task", (task.id,))
    return Row(mark, label, detail, TONES.get(state, "plain"), choice)


def _in_project(desk: Desk, task: Task, when: Said) -> Said:
    """Return when work is due; and in which project, where this person works in several."""
    project = desk.projects.get(task.project)
    return said("{when} · {project}", when=when, project=project) if project else when


def _when(desk: Desk, task: Task) -> str:
    local = desk.phone.workplace.local
    begin, end = local(task.due_from), local(task.due_to)
    if begin[:10] == end[:10]:
        return f"{begin[11:16]}-{end[11:16]}"
    return f"{begin[5:10]} – {end[5:10]}"


def of_task(desk: Desk, task_id: str, here: str = "") -> Page:
    """Return a task: its checkpoints or its steps, and what can be done with it.

    `here` is what was scanned where it is, if anything was.
    """
    task, progress = desk.phone.task(task_id)
    rows = [*_checkpoints(desk, task, progress), *_steps(desk, task, progress)]
    state = state_at(task, progress, desk.now_s())
    heading = said(
        "{mark} {task}  {state}",
        mark=MARKS.get(state, "·"),
        task=title_of(task),
        state=(STATES[state], {}),
    )
    return Page(heading, tuple(rows), choices_of(desk, task, progress, here))


def _checkpoints(desk: Desk, task: Task, progress: Progress) -> list[Row]:
    left = remaining(task, progress)
    ahead = left[0] if task.ordered and left else -1
    if task.kind != "patrol":
        return []
    rows: list[Row] = []
    for index, (name, where) in enumerate(checkpoints(desk, task)):
        visited = index not in left
        mark = "✓" if visited else HERE if index == ahead else "·"
        tone = "good" if visited else "warn" if index == ahead else "plain"
        label = said("{place}", place=name)
        choice = Choice(label, "thing", (task.targets[index],))
        rows.append(Row(mark, label, said("{where}", where=where), tone, choice))
    return rows


def _steps(desk: Desk, task: Task, progress: Progress) -> list[Row]:
    """Return the steps, those of a round where somebody was: to be answered while that is ours."""
    rows: list[Row] = []
    mine = desk.phone.person().may_take(task, progress)
    for step in task.steps:
        if task.kind == "patrol" and str(step.get("checkpoint")) not in progress.visited:
            continue
        id_ = str(step["id"])
        given = progress.answers.get(id_)
        label = said("{step}", step=step_title(step))
        choice = answer_choice(task, id_) if mine and is_to_answer(progress, id_) else None
        if id_ not in progress.answers:
            wanted = step.get("required") is True
            rows.append(Row(HERE if wanted else "·", label, NOTHING, "plain", choice))
            continue
        tone = "bad" if given is False else "good"
        rows.append(Row("✗" if given is False else "✓", label, _given(step, given), tone, choice))
    return rows


def _given(step: dict[str, object], given: object) -> Said:
    if step["type"] in ("photo", "signature"):
        return said(N_("is there"))
    if isinstance(given, bool):
        return said(N_("yes") if given else N_("no"))
    return said("{value} {unit}", value=given, unit=step.get("unit") or "")


def thing(desk: Desk, about: str) -> Page:
    """Return all that is known of a thing, and what can be said of it."""
    from commands.query import query  # what grades evidence is not loaded before that is wanted

    told = query(desk.phone, about)
    lines = told_lines(desk, told)
    if told.data["kind"] == "task":
        return Page(said("{line}", line=lines[0]), (), (), tuple(lines[1:]))
    choices = about_choices(about)[:2]
    if told.data["kind"] in ("place", "asset"):
        gone = said(N_("I am here; its tag is gone"))
        choices = (*choices, Choice(gone, SCAN, (id_of(desk.phone, about),)))
    if told.data["kind"] in ("staff", "project"):
        choices = ()
    return Page(said("{line}", line=lines[0]), (), choices, tuple(lines[1:]))


def mine(desk: Desk) -> Page:
    """Return what this phone recorded last, and what became of it; choosing takes it back."""
    lines = told_lines(desk, log(desk.phone))
    own = recorded_last(desk.phone, CORRECTABLE | {"report"}, CORRECTABLE_MOST)
    rows = tuple(_own_row(desk, action) for action in own if _can_go(desk, action))
    heading = said(N_("Take something back? Choose it.")) if rows else _RECORDED
    return Page(heading, rows, (), tuple(lines))


def _can_go(desk: Desk, action: Action) -> bool:
    """Tell whether something can be taken back: a report while nobody else has to do with it."""
    if action.kind != "report":
        return True
    try:
        return is_own_report(desk.phone, *desk.phone.task(str(action.body.get("task"))))
    except Failure:
        return False


def _own_row(desk: Desk, action: Action) -> Row:
    about = str(action.body.get("task") or action.subject)
    if action.kind == "scan":
        about = action.subject
    label = said(
        "{at}  {what}  {about}",
        at=action.wall[11:16],
        what=(KINDS[action.kind], {}),
        about=name_of(desk, about),
    )
    back = Choice(label, "correct", (action.id,))
    if action.kind == "report":
        back = Choice(label, "cancel", (about,))
    return Row("·", label, NOTHING, "plain", back)


_RECORDED = said(N_("Recorded on this phone"))


def orders(desk: Desk) -> Page:
    """Return the post orders, to be read as the shift begins."""
    lines: list[str] = []
    for order in post_orders(desk.phone):
        lines += [f"● {desk.output.texts.pick(order, 'title')}"]
        lines += [f"  {line}" for line in desk.output.texts.pick(order, "text").splitlines()]
    read = Choice(said(N_("I have read it")), "home", default=True)
    told = tuple(plain(line) for line in lines)
    return Page(said(N_("What counts at your post")), (), (read,), told)


def code(desk: Desk, text: str) -> Page:
    """Return a code to be scanned from this screen."""
    from scanners.screen_code import terminal_lines

    del desk
    return Page(said(N_("Your colleague scans this:")), (), (), tuple(terminal_lines(text)))


def menu(desk: Desk) -> Page:
    """Return everything that there is: what is to be settled first, for leaders the board.

    Most days it is nine: the digit of each is one key then.
    """
    wrong, halves = desk.troubles > 0, len(desk.halves)
    rows = [
        *([Choice(said(N_("To settle: {count}"), count=desk.troubles), "troubles")] * wrong),
        *([Choice(said(N_("What to look at")), "leading")] * leads(desk)),
        Choice(said(N_("What is due")), "due"),
        Choice(said(N_("Report something")), "report"),
        Choice(said(N_("Look through the camera")), "app", ("camera",)),
        Choice(said(N_("What counts at your post")), "orders"),
        Choice(said(N_("End the shift")), "shift_end") if desk.is_on_shift() else BEGIN,
        *([Choice(said(N_("Half written: {count}"), count=halves), "halves")] * (halves > 0)),
        Choice(said(N_("Recorded on this phone")), "mine"),
        Choice(said(N_("中文 / English")), "app", ("language",)),
        Choice(said(N_("How it works")), "help"),
        Choice(said(N_("Leave")), "app", ("leave",)),
    ]
    return Page(said(N_("Everything")), (), tuple(rows))


def practise(desk: Desk) -> Page:
    """Return what this person can practise."""
    return practice_page(desk, trades_of(desk.roles))


def practice_page(desk: Desk, trades: Sequence[str]) -> Page:
    """Return what can be practised, of some trades, and what practice is."""
    choices = tuple(
        Choice(said(N_("Practise {what}"), what=(TRADES[trade], {})), "app", (f"practise:{trade}",),
               default=len(trades) == 1)
        for trade in trades
    )  # fmt: skip
    lines = (N_("Five minutes, with practice tags on this screen."), N_("Nothing of it is sent."))
    return Page(said(N_("Practise")), (), choices, tuple(desk.say((line, {})) for line in lines))


HELP = (
    N_("Scan a tag at any time, whatever is open: it is saved at once."),
    N_("Enter takes the first choice. 1 to 9 take the others."),
    N_("0 is everything there is. Esc goes back; nothing typed is lost."),
    N_("Arrows choose, Page Up and Page Down leaf. Or tap."),
    N_("A tap on the top line is everything, on what is next or asked it goes back."),
    N_("No tag to scan? Type its code or the place's id, then Enter."),
    N_("F5 is the camera, F8 the language, F9 the colours."),
    N_("SAVED means: safe on this phone. It goes to the centre by itself."),
)


def help_page(desk: Desk) -> Page:
    """Return how the screen is used."""
    lines = tuple(desk.say((line, {})) for line in HELP)
    colours = Choice(said(N_("Colours")), "app", ("theme",))
    practice = Choice(said(N_("Practise")), "practise")
    return Page(said(N_("How it works")), (), (practice, colours), lines)


def next_up(desk: Desk) -> tuple[Said, Said]:
    """Return what to do next, to be drawn large: what, and by when or how much is left."""
    pair = desk.in_hand()
    if pair is not None:
        return _going_on(desk, *pair)
    now_s = desk.now_s()
    waiting = (pair for pair in desk.pairs if pair[1].state not in FINISHED)
    ahead = min(
        waiting, key=lambda pair: (pair[0].first_s() > now_s, pair[0].ends_s()), default=None
    )
    if leads(desk) and not (ahead is not None and ahead[0].first_s() <= now_s):
        return led_goal(desk)
    if ahead is None:
        return said(N_("Nothing is due for you now.")), said(N_("Scan what you come by."))
    return _coming(desk, ahead)


def _going_on(desk: Desk, task: Task, progress: Progress) -> tuple[Said, Said]:
    until = said(N_("until {at}"), at=desk.time_of(task.ends_s()))
    if task.kind != "patrol":
        return said("{task}", task=title_of(task)), until
    left = remaining(task, progress)
    if not left:
        return said("{task}", task=title_of(task)), said(N_("All visited; questions are open."))
    if task.ordered:
        goal = said(N_("Next: {place}"), place=next_place(desk, task, left[0]))
    else:
        goal = said("{task}", task=title_of(task))
    visits = said(
        N_("{left} of {all} to visit, {until}"), left=len(left), all=len(task.targets), until=until
    )
    return goal, visits


def _coming(desk: Desk, pair: Pair) -> tuple[Said, Said]:
    task, now_s = pair[0], desk.now_s()
    if now_s < task.first_s():
        when = said(N_("from {at}"), at=desk.time_of(task.first_s()))
    else:
        late = now_s > task.ends_s()
        template = N_("late: was due {at}") if late else N_("until {at}")
        when = said(template, at=desk.time_of(task.ends_s()))
    return said("{task}", task=title_of(task)), _in_project(desk, task, when)


PAGES: dict[str, Callable[..., Page]] = {
    "home": home,
    "due": due,
    "task": of_task,
    "thing": thing,
    "halves": half_written,
    "mine": mine,
    "orders": orders,
    "code": code,
    "menu": menu,
    **LED_PAGES,
    "troubles": settling,
    "trouble": trouble,
    "help": help_page,
    "practise": practise,
}
"""The pages by name."""
