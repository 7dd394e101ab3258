"""The ways that begin with a place: something is wrong there, a tag stands on it."""

from collections.abc import Generator

from commands.bind import bind
from commands.report import TRADES, report
from radar_cli.one_screen.asks import NOTHING, Ask, Option, Said, Way, said
from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.finding import MOST, id_of, meant, name_of
from radar_core.failures import N_
from radar_core.work_orders import parts_of

KINDS: dict[str, str] = {
    "repair": N_("It is broken"),
    "cleaning": N_("It is dirty"),
    "incident": N_("Something happened, or is not safe"),
    "supplies": N_("Something is used up"),
}
"""What a report is about, in a person's words: by it the right people hear of it."""
URGENT = "urgent"


def ask_place(desk: Desk, title: Said) -> Generator[Ask, str, str]:
    """Ask where: a scan, an id or a part of a name; return a tag's text, or a reference."""
    hint = said(N_("Scan its tag, or type a part of its name."))
    found = meant(desk, (yield Ask(title, hint, "place")))
    if len(found) == 1:
        return found[0].value
    more = said(N_("More than these? Go back and type more of it."))
    which = said(N_("Which one?"))
    return (yield Ask(which, more if len(found) == MOST else NOTHING, "choice", tuple(found)))


def report_it(desk: Desk, about: str = "") -> Way:
    """Ask what is wrong, where that is not known where, and whom it is for."""
    if not about:
        about = yield from ask_place(desk, said(N_("Where is it?")))
    text = yield Ask(said(N_("What is wrong?")), said("{about}", about=name_of(desk, about)))
    if parts_of(about.removeprefix("task:")) is not None:
        return report(desk.phone, about, text)
    kind, priority = yield from _ask_kind(desk)
    return report(desk.phone, about, text, category=kind, priority=priority)


def _ask_kind(desk: Desk) -> Generator[Ask, str, tuple[str, str]]:
    """Ask what a report is about, what this trade reports most first; and whether it is urgent."""
    own = next((TRADES[role] for role in TRADES if role in desk.roles), "repair")
    kinds = sorted(KINDS, key=lambda kind: kind != own)
    options = tuple(Option(kind, said(KINDS[kind])) for kind in kinds)
    urgent = Option(URGENT, said(N_("It is urgent")))
    told = yield Ask(said(N_("What is it?")), NOTHING, "choice", (*options, urgent), default=True)
    if told != URGENT:
        return told, ""
    told = yield Ask(said(N_("Urgent. What is it?")), NOTHING, "choice", options, default=True)
    return told, URGENT


def bind_it(desk: Desk, code: str) -> Way:
    """Ask what a tag stands on; another tag of it may be scanned."""
    word = yield from ask_place(desk, said(N_("What does this tag stand on?")))
    return bind(desk.phone, code, id_of(desk.phone, word))
