"""How handing over, ending, taking back and a shift look to a person."""

from __future__ import annotations

from radar_cli.moments import local_minute
from radar_cli.texts import Texts
from radar_cli.views import word_of
from radar_cli.words import KINDS, STATES
from radar_core.failures import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from radar_cli.views import Data, View


def _ended(data: Data, texts: Texts) -> list[str]:
    template = N_("SAVED  ended early: {title} ({reason}).")
    lines = [texts.say(template, **_named(data, texts), reason=texts.say(data["reason"]))]
    if data["left"]:
        lines.append("  ! " + texts.say(N_("Not visited: {left}."), left=data["left"]))
    return [*lines, "  → " + texts.say(N_("What else is due: radar tasks"))]


def _accepted(data: Data, texts: Texts) -> list[str]:
    saved, already = N_("SAVED  you take it on: {title}"), N_("You took {title} on already.")
    values = _named(data, texts)
    line = texts.say(saved if data["saved"] else already, **values)
    return [line, "  → " + texts.say(N_("To begin: radar start {task}"), **values)]


def _declined(data: Data, texts: Texts) -> list[str]:
    template = N_("SAVED  declined: {title} ({reason}). Your supervisor sees it.")
    return [texts.say(template, **_named(data, texts), reason=texts.say(data["reason"]))]


def _named(data: Data, texts: Texts) -> dict[str, str]:
    return {"title": texts.pick(data, "title"), "task": str(data["task_id"])}


def _handed(data: Data, texts: Texts) -> list[str]:
    """Return the code to scan, then who may, and what it tells."""
    from scanners.screen_code import terminal_lines

    who = texts.pick(data["to"], "name") if data["to"] else texts.say(N_("any colleague"))
    values = _named(data, texts) | {"who": who, "visited": data["visited"], "left": data["left"]}
    told = N_("SAVED  {title} goes to {who}: visited {visited}, still to visit {left}.")
    lines = [*terminal_lines(data["code"]), texts.say(told, **values)]
    lines.append("  → " + texts.say(N_("They scan it: radar scan --camera, or a photo of it.")))
    return [*lines, f"  {data['code']}"]


def _taken_over(data: Data, texts: Texts) -> list[str]:
    values = _named(data, texts) | {"who": texts.pick(data["from"], "name")}
    lines = [texts.say(N_("SAVED  {title} is yours now, from {who}."), **values)]
    if data["next"]:
        told = N_("Still to visit: {left}. Next: {place}.")
        values |= {"left": data["left"], "place": texts.pick(data["next"], "path")}
    else:
        told = N_("When it is done: radar done {task}")
    return [*lines, "  → " + texts.say(told, **values)]


def _corrected(data: Data, texts: Texts) -> list[str]:
    values = {
        "kind": word_of(KINDS, data["kind"], texts),
        "subject": texts.pick(data, "about_name") or str(data["subject"]),
        "at": local_minute(data["wall"]),
        "reason": texts.say(data["reason"]),
    }
    saved = N_("SAVED  taken back: {kind} {subject}, {at} ({reason}).")
    already = N_("Taken back already: {kind} {subject}, {at}; nothing new was saved.")
    lines = [texts.say(saved if data["saved"] else already, **values)]
    if data["task"]:
        stands = _named(data["task"], texts)
        stands |= {"state": texts.say(STATES[data["task"]["state"]])}
        lines.append("  " + texts.say(N_("{title} is {state} now."), **stands))
        if data["task"]["left"]:
            lines.append("  → " + texts.say(N_("Still to visit: {left}."), **data["task"]))
    return lines


def _shift(data: Data, texts: Texts) -> list[str]:
    """Return whether a shift is on, since when, and what was done in it."""
    if not data["since"]:
        return [texts.say(N_("No shift of yours is on.")), *_begin(texts)]
    since, until = local_minute(data["since"]), local_minute(data["until"])
    if data["on"]:
        lines = [texts.say(N_("Your shift has been on since {since}."), since=since)]
        return [*lines, *_done(data, texts), "  → " + texts.say(N_("At its end: radar shift end"))]
    told = N_("No shift of yours is on. The last one: {since} to {until}.")
    lines = [texts.say(told, since=since, until=until)]
    return [*lines, *_done(data, texts), *_begin(texts)]


def _shift_started(data: Data, texts: Texts) -> list[str]:
    """Return the post orders to read, or that the shift was on already."""
    if not data["saved"]:
        told = N_("Your shift has been on since {since}; nothing new was saved.")
        hint = N_("Was it never ended? radar shift end, then radar shift start")
        since = local_minute(data["since"])
        return [texts.say(told, since=since), "  → " + texts.say(hint)]
    lines = [texts.say(N_("SAVED  your shift is on. Good work!"))]
    for order in data["orders"]:
        lines.append(f"● {texts.pick(order, 'title')}")
        lines += [f"  {line}" for line in texts.pick(order, "text").splitlines()]
    return [*lines, "  → " + texts.say(N_("What is due: radar tasks"))]


def _shift_ended(data: Data, texts: Texts) -> list[str]:
    values = {"since": local_minute(data["since"]), "until": local_minute(data["until"])}
    lines = [texts.say(N_("SAVED  your shift is over: {since} to {until}."), **values)]
    lines += _done(data, texts)
    if data["unsent"]:
        lines.append("  → " + texts.say(N_("When there is signal: radar sync")))
    return lines


def _done(data: Data, texts: Texts) -> list[str]:
    told = N_("Scans {scans}, rounds {rounds}, tasks {tasks}, reports {reports}, unsent {unsent}.")
    names = ("scans", "rounds", "tasks", "reports", "unsent")
    return ["  " + texts.say(told, **{name: data[name] for name in names})]


def _begin(texts: Texts) -> list[str]:
    return ["  → " + texts.say(N_("To begin one: radar shift start"))]


PATROL_VIEWS: dict[str, View] = {
    "ended": _ended,
    "declined": _declined,
    "accepted": _accepted,
    "handed": _handed,
    "taken_over": _taken_over,
    "corrected": _corrected,
    "shift": _shift,
    "shift_started": _shift_started,
    "shift_ended": _shift_ended,
}
