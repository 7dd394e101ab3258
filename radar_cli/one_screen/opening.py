"""Opens the one screen, or its plain mode, for the phone of this run."""

import os
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import closing, contextmanager
from functools import partial

from commands.phone import DATABASE
from radar_cli.fast import settle
from radar_cli.one_screen.boards import Boards
from radar_cli.one_screen.desk import SyncState
from radar_cli.one_screen.rooms import Rooms
from radar_cli.one_screen.syncing import syncs, words
from radar_cli.session import Session
from radar_core.failures import DONE

TOLD = ("--lang", "RADAR_LANG")
"""Who says a language so means it; what the system or a file says gives way to the screen."""

ESC_MS = "25"
"""For so long a key may be of an Esc's sequence: a scan that comes sooner would lose its first."""


SIZE = ("COLUMNS", "LINES")
"""What some shells and runners export: the size that a window had once."""


def open_screen(session: Session) -> int:
    """Show the one screen until the person leaves it; return the exit code."""
    os.environ.setdefault("ESCDELAY", ESC_MS)  # before Textual is there to read it
    for name in SIZE:  # the window's own size counts, as it is now
        os.environ.pop(name, None)
    from radar_cli.one_screen.app import OneScreen
    from radar_cli.one_screen.senses import Senses

    with _positioned(session):
        rooms = _rooms(session)
        settings = session.settings
        sound, pictures = (settings[name].value for name in ("sound", "pictures"))
        settle()
        OneScreen(
            rooms.first(),
            session.wedge(),
            _syncing(session),
            rooms,
            senses=Senses(session.environ, sound=sound, pictures=pictures),
            boards=partial(Boards, session.workplace()),
            keeps_language=settings["lang"].source not in TOLD,
        ).run()
    return DONE


@contextmanager
def _positioned(session: Session) -> Generator[None]:
    """Have the position that scans take along asked for beforehand, where it is wished."""
    if session.settings["position"].value != "on":
        yield
        return
    from radar_cli.one_screen.whereabouts import of_phone

    whereabouts = of_phone(session.environ)
    session.position = whereabouts.take
    whereabouts.open()
    try:
        yield
    finally:
        whereabouts.close()


def open_plain(session: Session) -> int:
    """Talk line by line until the person leaves or the input ends; return the exit code.

    SIGTERM and a closed terminal end it as Ctrl-C does: a practice round leaves nothing.
    """
    from radar_cli.live import ended_in_order, look_for_code
    from radar_cli.one_screen.beside import Beside
    from radar_cli.one_screen.plain import Plain, run_plain

    with ended_in_order(), _positioned(session):
        rooms = _rooms(session)
        beside = Beside(_syncing(session), partial(Boards, session.workplace()))
        plain = Plain(rooms.first(), lambda: look_for_code(session), beside.hear, rooms)
        with closing(plain), beside:
            return run_plain(plain, session.wedge())


def _syncing(session: Session) -> Callable[[], AsyncIterator[SyncState]]:
    """Return what runs the sync of this phone beside."""
    home = session.settings["home"].value
    command = words(home, session.output.texts.language)
    return partial(syncs, command, session.environ, f"{home}/{DATABASE}")


def _rooms(session: Session) -> Rooms:
    workplace, idle_s = session.workplace(), session.idle_s()
    return Rooms(workplace, session.phone, session.output, session.reader, idle_s)
