"""Opens the one screen, or its plain mode, for the phone of this run."""

import os
from contextlib import closing
from functools import partial

from radar_cli.fast import settle
from radar_cli.one_screen.boards import Boards
from radar_cli.one_screen.rooms import Rooms
from radar_cli.one_screen.syncing import syncs, words
from radar_cli.session import Session
from radar_core.failures import DONE

TOLD = ("--lang", "RADAR_LANG")
"""Who says a language so means it; what the system or a file says gives way to the screen."""
TYPE_CHECKING = False
if TYPE_CHECKING:
    from radar_cli.one_screen.senses import Senses

ESC_MS = "25"
"""For so long a key may be of an Esc's sequence: a scan that comes sooner would lose its first."""


def open_screen(session: Session) -> int:
    """Show the one screen until the person leaves it; return the exit code."""
    os.environ.setdefault("ESCDELAY", ESC_MS)  # before Textual is there to read it
    from radar_cli.one_screen.app import OneScreen

    senses = _senses(session)
    rooms = _rooms(session)
    home, lang = session.settings["home"].value, session.output.texts.language
    command = words(home, lang)
    settle()
    OneScreen(
        rooms.first(),
        session.wedge(),
        partial(syncs, command, session.environ),
        rooms,
        senses=senses,
        boards=partial(Boards, session.workplace()),
        keeps_language=session.settings["lang"].source not in TOLD,
    ).run()
    return DONE


def _senses(session: Session) -> "Senses":
    """Return the senses as they are set; a scan takes its position from them."""
    from radar_cli.one_screen.senses import Senses
    from radar_cli.one_screen.whereabouts import of_phone

    settings = session.settings
    whereabouts = of_phone(session.environ) if settings["position"].value == "on" else None
    if whereabouts is not None:
        session.position = whereabouts.latest
    return Senses(
        session.environ,
        sound=settings["sound"].value == "on",
        pictures=settings["pictures"].value,
        whereabouts=whereabouts,
    )


def open_plain(session: Session) -> int:
    """Talk line by line until the person leaves or the input ends; return the exit code."""
    from radar_cli.live import look_for_code
    from radar_cli.one_screen.beside import Beside
    from radar_cli.one_screen.plain import Plain, run_plain

    rooms = _rooms(session)
    command = words(session.settings["home"].value, session.output.texts.language)
    beside = Beside(partial(syncs, command, session.environ), partial(Boards, session.workplace()))
    plain = Plain(rooms.first(), lambda: look_for_code(session), beside.hear, rooms)
    with closing(plain), beside:
        return run_plain(plain, session.wedge())


def _rooms(session: Session) -> Rooms:
    workplace, idle_s = session.workplace(), session.idle_s()
    return Rooms(workplace, session.phone, session.output, session.reader, idle_s)
