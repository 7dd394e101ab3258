"""The ways: what the person is asked on each, and the verb that it ends with.

A way is a generator that asks; it does nothing before its last answer, so that it can be gone
again from its beginning with what was said: that is how a way goes back, and on after a crash.
"""

from collections.abc import Callable, Generator
from typing import Any

from commands.answer import answer, step_of
from commands.correct import LAST, correct
from commands.done import done
from commands.end import end
from commands.handover import handover
from commands.moves import move
from commands.note import note
from commands.offers import accept, decline
from commands.part import part
from commands.photo import photo, sign
from commands.shift import shift_end, shift_start
from commands.start import start
from commands.why import CORRECT, DECLINE, END, Usual
from radar_cli.one_screen.asks import Ask, Option, Said, Way, said
from radar_cli.one_screen.deciding import DECIDING, people_of
from radar_cli.one_screen.desk import Desk, about_task, step_title
from radar_cli.one_screen.finding import name_of
from radar_cli.one_screen.reporting import ask_place, bind_it, report_it
from radar_cli.one_screen.settling import see_it
from radar_core.answers import Answer
from radar_core.failures import Failure, N_
from radar_core.tasks import FINISHED, unanswered

HOLD = Usual((N_("waiting for parts"), N_("no access"), N_("needs two people")), "")
"""Why work rests most often."""
MINUTES_MOST = 10_000
"""More than a week of work is a slip."""


def _at_once(verb: Callable[..., Answer], *more: object) -> Callable[..., Way]:
    """Return the way of a verb that asks nothing."""

    def way(desk: Desk, *args: str) -> Way:
        yield from ()  # which makes it a generator
        return verb(desk.phone, *more, *args)

    return way


def _options(usual: Usual) -> tuple[Option, ...]:
    return tuple(Option(reason, said(reason)) for reason in usual.reasons)


def _answer(desk: Desk, task_id: str, step_id: str) -> Way:
    """Ask a step; a task of one step alone is done with its answer."""
    task, _ = desk.phone.task(task_id)
    step = step_of(task, step_id)
    if step["type"] == "photo":
        return (yield from _photo(desk, task_id, step_id))
    if step["type"] == "signature":
        return (yield from _sign(desk, task_id, step_id))
    told = answer(desk.phone, task_id, step_id, (yield _ask_step(step)))
    is_done = told.data["state"] in FINISHED
    if len(task.steps) == 1 and task.kind != "patrol" and not (is_done or told.data["open_steps"]):
        told.data["done"] = done(desk.phone, task_id).data
    return told


def _ask_step(step: dict[str, Any]) -> Ask:
    title = said("{step}", step=step_title(step))
    if step["type"] == "check":
        both = Option("yes", said(N_("yes, in order"))), Option("no", said(N_("no, it is not")))
        return Ask(title, kind="choice", options=both)
    if step["type"] == "choice":
        options = tuple(Option(str(one), said("{one}", one=one)) for one in step["choices"])
        return Ask(title, kind="choice", options=options)
    if step["type"] == "text":
        return Ask(title)
    return Ask(title, _bounds(step), kind="number")


def _bounds(step: dict[str, Any]) -> Said:
    unit, low, high = step.get("unit") or "", step.get("min"), step.get("max")
    if low is not None and high is not None:
        return said(N_("{low} to {high} {unit}"), low=low, high=high, unit=unit)
    if high is not None:
        return said(N_("at most {high} {unit}"), high=high, unit=unit)
    if low is not None:
        return said(N_("at least {low} {unit}"), low=low, unit=unit)
    return said("{unit}", unit=unit)


def _photo(desk: Desk, about: str, step_id: str = "") -> Way:
    file = yield Ask(
        said(N_("A photo")), said(N_("Take it with the camera, or type its file's name.")), "file"
    )
    when = "" if step_id else (yield from _ask_when(desk, about))
    return photo(desk.phone, desk.reader, about, file.strip(), step_id=step_id, when=when)


def _ask_when(desk: Desk, about: str) -> Generator[Ask, str, str]:
    """Ask whether a photo shows how it was before the work or is after it, likeliest first."""
    try:
        task, progress = desk.phone.task(about)
    except Failure:
        return ""
    if task.kind == "patrol":
        return ""
    before = Option("before", said(N_("before the work")))
    after = Option("after", said(N_("after the work")))
    begun = bool(progress.answers) or progress.state in FINISHED
    both = (after, before) if begun else (before, after)
    neither = Option("", said(N_("neither")))
    title = said(N_("When was it taken?"))
    return (yield Ask(title, kind="choice", options=(*both, neither), default=True))


def _sign(desk: Desk, task_id: str, step_id: str = "") -> Way:
    name = yield Ask(said(N_("Who signs?")), said(N_("Their name, as people know it.")))
    return sign(desk.phone, desk.reader, task_id, name, step_id=step_id)


def _note(desk: Desk, about: str = "") -> Way:
    if not about:
        about = yield from ask_place(desk, said(N_("Where is it?")))
    text = yield Ask(said(N_("Your note")), said("{about}", about=name_of(desk, about)))
    return note(desk.phone, about, text)


def _part(desk: Desk, task_id: str) -> Way:
    name = yield Ask(said(N_("Which part?")), about_task(desk, task_id))
    quantity = yield Ask(said(N_("How many?")), said(N_("Such as 2, or 1.5 m")))
    return part(desk.phone, task_id, name, quantity)


def _done_after(desk: Desk, task_id: str) -> Way:
    """Done, and how long it took, where the time between start and done is not it."""
    hint = said(N_("Minutes of work, such as 40"))
    text = yield Ask(said(N_("How long did it take?")), hint, "number")
    minutes = int(text) if text.strip().isdecimal() else 0
    if not 0 < minutes <= MINUTES_MOST:
        raise Failure(
            "minutes_misfit",
            N_("{text} is no number of minutes from 1 to {most}. Nothing was saved."),
            text=text[:80],
            most=MINUTES_MOST,
        )
    return done(desk.phone, task_id, minutes)


def _hold(desk: Desk, task_id: str) -> Way:
    why = yield Ask(
        said(N_("Why does it rest?")), about_task(desk, task_id), options=_options(HOLD)
    )
    return move(desk.phone, "hold", task_id, why)


def _end(desk: Desk, task_id: str) -> Way:
    why = yield Ask(said(N_("Why so early?")), about_task(desk, task_id), options=_options(END))
    return end(desk.phone, task_id, why)


def _decline(desk: Desk, task_id: str) -> Way:
    why = yield Ask(said(N_("Why not?")), about_task(desk, task_id), options=_options(DECLINE))
    return decline(desk.phone, task_id, why)


def _correct(desk: Desk, action: str = LAST) -> Way:
    ask = Ask(
        said(N_("Take back what you did last?")),
        said(N_("Scans, answers, photos, parts and signatures can be. Why?")),
        options=_options(CORRECT),
    )
    return correct(desk.phone, action, (yield ask))


def _handover(desk: Desk, task_id: str) -> Way:
    """Show the code to whoever takes the round over: to anybody by Enter alone, or to one."""
    told: Said = said(N_("It is theirs once they scan the code."))
    anybody = Option("", said(N_("anybody: show the code")))
    colleagues = [one for one in people_of(desk, task_id) if one.value != desk.staff]
    options = (anybody, *colleagues)
    to = yield Ask(said(N_("Hand it to a colleague?")), told, "choice", options, default=True)
    return handover(desk.phone, task_id, to)


def next_step(desk: Desk, task_id: str) -> str:
    """Return the step of a task that is to be answered next, empty where none is."""
    task, progress = desk.phone.task(task_id)
    return next(iter(unanswered(task, progress)), "")


WAYS: dict[str, Callable[..., Way]] = {
    "start": _at_once(start),
    "done": _at_once(done),
    "done_after": _done_after,
    "accept": _at_once(accept),
    "resume": _at_once(lambda phone, task: move(phone, "resume", task)),
    "shift_start": _at_once(shift_start),
    "shift_end": _at_once(shift_end),
    "answer": _answer,
    "photo": _photo,
    "sign": _sign,
    "note": _note,
    "report": report_it,
    "part": _part,
    "hold": _hold,
    "end": _end,
    "decline": _decline,
    "correct": _correct,
    "handover": _handover,
    "bind": bind_it,
    "see": _at_once(see_it),
    "verify": _at_once(lambda phone, task: move(phone, "verify", task)),
    **DECIDING,
}
"""The ways by name; a draft names one of these."""
