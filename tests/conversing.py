"""The one screen for tests: a conversation on a real small phone, and the screen that draws it.

talk = converse(handset)                the dialogue alone
async with screen_of(talk, (45, 40)) as pilot:
    await burst(pilot, LABEL + code("GATE"))
    assert "Gate" in seen(pilot)
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot

from radar_cli.one_screen.app import OneScreen
from radar_cli.one_screen.boards import Boards, Tell
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.drafts import Drafts
from radar_cli.one_screen.senses import Senses
from radar_cli.output import Output
from radar_cli.texts import Texts
from scanners.apart import Reader
from scanners.wedge import Wedge
from tests.phones import Handset

LABEL = "HTTPS://TAGS.EXAMPLE/"
"""What stands before the code on a label."""
SIZES = ((45, 40), (32, 12), (120, 40))
"""A phone held upright, the least that there is, and a wide terminal: columns and rows."""
LANGUAGES = ("en", "zh")
SLOW_S = 0.055
"""A person is not faster from key to key."""


_READERS: list[Reader] = []
"""The processes that tests had pictures read by, one at a time; `let_go` ends it."""


def reader() -> Reader:
    """Return the process that reads a test's pictures."""
    if not _READERS:
        _READERS.append(Reader())
    return _READERS[0]


def let_go() -> None:
    """End the process that read pictures, if one did."""
    while _READERS:
        _READERS.pop().close()


def converse(handset: Handset, language: str = "en") -> Conversation:
    """Begin the conversation on a phone, as the screen does when it opens."""
    output = Output(Texts(language), json=False)
    talk = Conversation(Desk(handset.phone, output, reader), Drafts(handset.phone))
    talk.begin()
    return talk


def kinds(handset: Handset) -> list[str]:
    """Return what was recorded, in its order."""
    return [kind for kind, _ in handset.actions()]


@asynccontextmanager
async def screen_of(
    talk: Conversation,
    size: tuple[int, int],
    wedge: Wedge | None = None,
    *,
    senses: Senses | None = None,
    boards: Callable[[Tell], Boards] | None = None,
) -> AsyncGenerator[Pilot[None]]:
    """Draw a conversation on a screen of some columns and rows."""
    app = OneScreen(talk, wedge or Wedge(), None, senses=senses, boards=boards)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


async def burst(pilot: Pilot[None], code: str, end: str = "\r") -> None:
    """Type as a hand scanner does: all of it at once."""
    for char in code + end:
        key = {"\r": "enter", "\n": "ctrl+j", "\t": "tab"}.get(char, char)
        pilot.app.post_message(events.Key(key, char))
    await settled(pilot)


async def type_slowly(pilot: Pilot[None], *keys: str) -> None:
    """Press keys as a person does, one after the other."""
    for key in keys:
        await pilot.press(key)
        await asyncio.sleep(SLOW_S)
    await settled(pilot)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until what was typed has been understood and drawn."""
    await asyncio.sleep(2 * SLOW_S)
    await pilot.pause()


def seen(pilot: Pilot[None]) -> str:
    """Return what stands on the screen, line by line."""
    strips = pilot.app.screen._compositor.render_strips()  # pyright: ignore[reportPrivateUsage]
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def labels(talk: Conversation) -> list[str]:
    """Return what can be chosen now, as it is called: what can be done, then the rows."""
    if talk.on is not None:
        return [talk.desk.say(choice.label) for choice in talk.selectable]
    rows = [talk.desk.say(row.text) for row in talk.page.rows if row.choice is not None]
    return [talk.desk.say(choice.label) for choice in talk.doable] + rows


def pick(talk: Conversation, label: str) -> None:
    """Choose what begins with a text; fail where there is none or more than one."""
    found = [at for at, one in enumerate(labels(talk), 1) if one.startswith(label)]
    assert len(found) == 1, (label, labels(talk))
    talk.choose(found[0])


def told(talk: Conversation) -> str:
    """Return the verdict on what was done last."""
    return "\n".join(talk.verdict.lines) if talk.verdict is not None else ""


def asked(talk: Conversation) -> str:
    """Return what is asked now, empty for nothing."""
    return talk.desk.say(talk.on.ask.title) if talk.on is not None else ""
