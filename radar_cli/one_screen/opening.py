"""Opens the one screen, or its plain mode, for the phone of this run."""

from functools import partial

from radar_cli.fast import settle
from radar_cli.one_screen.boards import Boards
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.drafts import Drafts
from radar_cli.one_screen.syncing import syncs, words
from radar_cli.session import Session
from radar_core.failures import DONE


def open_screen(session: Session) -> int:
    """Show the one screen until the person leaves it; return the exit code."""
    from radar_cli.one_screen.app import OneScreen

    conversation = _conversation(session)
    home, lang = session.settings["home"].value, session.output.texts.language
    command = words(home, lang)
    settle()
    OneScreen(
        conversation,
        session.wedge(),
        lambda: syncs(command, session.environ),
        boards=partial(Boards, session.workplace()),
    ).run()
    return DONE


def _conversation(session: Session) -> Conversation:
    phone = session.phone()
    return Conversation(Desk(phone, session.output, session.reader), Drafts(phone))
