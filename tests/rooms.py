"""The rooms of the one screen for tests: work, practice and the way in, on real small phones.

rooms = rooms_of(guard.world.workplace(), lambda: guard.phone)
talk = rooms.first()
talk = say(rooms, talk, "1", "135790")
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from commands.phone import Phone, Workplace
from radar_cli.one_screen.app import OneScreen
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.looks import look
from radar_cli.one_screen.rooms import Rooms
from radar_cli.one_screen.senses import Senses
from radar_cli.output import Output
from radar_cli.texts import Texts
from scanners.apart import Reader
from scanners.wedge import Wedge
from tests.conversing import Watch, settled

IDLE_S = 900


def rooms_of(
    workplace: Workplace, open_phone: Callable[[], Phone] | None = None, language: str = "en"
) -> Rooms:
    """Return the rooms of a phone; `open_phone` says which object it is, else it is opened anew."""
    output = Output(Texts(language), json=False)
    return Rooms(workplace, open_phone or (lambda: signed(workplace)), output, Reader, IDLE_S)


def signed(workplace: Workplace) -> Phone:
    """Open a phone as a run does: a shared one only for who is signed in."""
    phone = Phone(workplace)
    phone.check_signed_in()
    return phone


def entered(rooms: Rooms) -> Conversation:
    """Return the conversation that the screen opens with, begun."""
    talk = rooms.first()
    talk.begin()
    return rooms.follow(talk)


def say(rooms: Rooms, talk: Conversation, *lines: str) -> Conversation:
    """Enter lines, one after the other; return the conversation that it led to."""
    for line in lines:
        talk.enter(line)
        talk = _caught_up(rooms, talk)
    return talk


def scanned(rooms: Rooms, talk: Conversation, *codes: str) -> Conversation:
    """Scan codes with a hand scanner; return the conversation that it led to."""
    for code in codes:
        talk.scan(code)
        talk = _caught_up(rooms, talk)
    return talk


def chosen(rooms: Rooms, talk: Conversation, *labels: str) -> Conversation:
    """Take choices by how they are called; return the conversation that it led to."""
    for label in labels:
        named = [talk.desk.say(choice.label) for choice in talk.selectable]
        assert label in named, (label, named)
        talk.choose(named.index(label) + 1)
        talk = _caught_up(rooms, talk)
    return talk


def _caught_up(rooms: Rooms, talk: Conversation) -> Conversation:
    """Go where a conversation wishes, and read anew as the screen does behind each act."""
    talk = rooms.follow(talk)
    talk.refresh()
    return rooms.follow(talk)


def shown(talk: Conversation) -> str:
    """Return all that is to be seen."""
    view = look(talk)
    parts = [view.who, view.sync, view.goal, view.goal_detail, *view.verdict, view.heading]
    parts += [item.text for item in (*view.rows, *view.choices)]
    return "\n".join([*parts, *view.lines, view.prompt.title, view.prompt.hint, view.prompt.text])


@asynccontextmanager
async def screen_in(
    rooms: Rooms, size: tuple[int, int], senses: Senses | None = None
) -> AsyncGenerator[Pilot[None]]:
    """Draw the first of some rooms on a screen of some columns and rows."""
    app = OneScreen(rooms.first(), Wedge(), None, rooms, senses=senses, clock=Watch())
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield pilot


def talk_of(pilot: Pilot[None]) -> Conversation:
    """Return the conversation that a screen draws now."""
    assert isinstance(pilot.app, OneScreen)
    return pilot.app.conversation


def files(home: Path) -> dict[str, bytes]:
    """Return all that lies below a folder, byte for byte."""
    return {
        str(path.relative_to(home)): path.read_bytes() if path.is_file() else b""
        for path in sorted(home.rglob("*"))
    }
