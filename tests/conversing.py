"""The one screen for tests: a conversation on a real small phone, and the screen that draws it.

talk = converse(handset)                the dialogue alone
async with screen_of(talk, (45, 40)) as pilot:
    await burst(pilot, LABEL + code("GATE"))
    assert "Gate" in seen(pilot)
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from operator import itemgetter

from textual import events
from textual.app import App
from textual.pilot import Pilot

from radar_cli.one_screen.app import OneScreen
from radar_cli.one_screen.boards import Boards, Tell
from radar_cli.one_screen.clock import Clock
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
GOES_IN_S = 60.0
"""What goes on beside the screen is over by then."""
LATE_S = 0.001
"""A timer of the tests rings so much later than it was asked to."""
HOPS = 6
"""So many messages follow from each other, from what was done to what is drawn."""


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


class Watch(Clock):
    """A clock that goes on only when a test lets it."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._due: list[tuple[float, Callable[[], object]]] = []

    def now(self) -> float:
        """Return the time that it was moved to."""
        return self._now_s

    def later(self, app: App[None], in_s: float, do: Callable[[], None]) -> None:
        """Note what is to be done; as any timer this one rings a little late."""
        self._due.append((self._now_s + in_s + LATE_S, partial(app.call_later, do)))

    def pass_by(self, seconds: float) -> Iterator[Callable[[], object]]:
        """Go on, and yield what is to be done on the way, each at its time."""
        end_s = self._now_s + seconds
        while self._due:
            first = min(self._due, key=itemgetter(0))
            if first[0] > end_s:
                break
            self._due.remove(first)
            self._now_s, do = first
            yield do
        self._now_s = end_s


def watch_of(pilot: Pilot[None]) -> Watch:
    """Return the clock of a screen."""
    assert isinstance(pilot.app, OneScreen)
    assert isinstance(pilot.app.clock, Watch)
    return pilot.app.clock


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
    app = OneScreen(talk, wedge or Wedge(), None, senses=senses, boards=boards, clock=Watch())
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield pilot


async def burst(pilot: Pilot[None], code: str, end: str = "\r") -> None:
    """Type as a hand scanner does: all of it at once."""
    for char in code + end:
        strike(pilot, {"\r": "enter", "\n": "ctrl+j", "\t": "tab"}.get(char, char), char)
    await settled(pilot)


async def type_slowly(pilot: Pilot[None], *keys: str) -> None:
    """Press keys as a person does, one after the other."""
    for key in keys:
        strike(pilot, key, {"enter": "\r", "space": " ", "tab": "\t"}.get(key))
        await pass_by(pilot, SLOW_S)
    await settled(pilot)


def strike(pilot: Pilot[None], key: str, char: str | None = None) -> None:
    """Send a key as the terminal's driver does, stamped with the screen's own time."""
    event = events.Key(key, char)
    event.time = watch_of(pilot).now()
    driver = pilot.app._driver  # pyright: ignore[reportPrivateUsage]
    assert driver is not None
    driver.send_message(event)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until what was typed has been understood and drawn."""
    await pass_by(pilot, 2 * SLOW_S)
    for _ in range(HOPS):
        await pilot.pause(0)


async def pass_by(pilot: Pilot[None], seconds: float) -> None:
    """Let time pass on a screen: what is to be done by then is done, each at its time."""
    await pilot.pause(0)  # the driver hands over what was struck
    await pilot.pause(0)
    for do in watch_of(pilot).pass_by(seconds):
        do()
        await pilot.pause(0)


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Wait until something holds that other threads and processes bring about, and is drawn."""
    end_s = time.monotonic() + GOES_IN_S
    while not holds():
        assert time.monotonic() < end_s, seen(pilot)
        await asyncio.sleep(0.01)
        await settled(pilot)
    await settled(pilot)


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
