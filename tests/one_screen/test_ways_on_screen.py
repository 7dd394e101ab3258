"""Every way on the screen itself, at each size and in both languages, a scanner breaking into it.

Each size and language has a scanner that ends its codes in another way.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from PIL import Image
from textual.pilot import Pilot

from commands.assign import assign
from commands.done import done
from commands.report import report as report_wrong
from commands.start import start
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.leading import leads
from radar_cli.one_screen.panes import Box
from radar_core.answers import Answer
from scanners.wedge import Wedge
from tests.boards_told import BOARD, EXCEPTIONS, HARBOUR
from tests.conversing import (
    LABEL,
    LANGUAGES,
    SIZES,
    burst,
    converse,
    screen_of,
    seen,
    settled,
    type_slowly,
)
from tests.paper_centre import PaperCentre
from tests.phones import FOREIGN, STRANGE, SWEEP, Handset, code, new_phone

SCANNERS = {
    "CR": ("\r", Wedge()),
    "LF": ("\n", Wedge()),
    "CRLF": ("\r\n", Wedge()),
    "TAB": ("\t", Wedge()),
    "own": ("##", Wedge(suffix=b"##")),
    "pause": ("", Wedge(pause_s=0.1)),
}
CASES = [
    pytest.param((size, language, *scanner), id=f"{size[0]}x{size[1]}-{language}-{name}")
    for (size, language), (name, scanner) in zip(
        product(SIZES, LANGUAGES), SCANNERS.items(), strict=True
    )
]
ORDER, SPILL, FLOORS = "repair:LOBBY:1", "cleaning:ROOF:1", "floors@20261123-0900"
"""What a leader decides on beside `SWEEP`: two reports, and a clean of today."""
ASTRAY = LABEL + code("YARD")
"""What breaks in: a code of ours that is none of this site, so that it moves nothing."""


@dataclass(slots=True)
class Hands:
    """A person before the screen, and the scanner beside them."""

    pilot: Pilot[None]
    talk: Conversation
    handset: Handset
    end: str

    async def scan(self, text: str) -> None:
        """Scan a tag."""
        await burst(self.pilot, text, self.end)
        if not self.end:
            await settled(self.pilot)

    async def take(self, name: str) -> None:
        """Take a way or a page by the number that is shown beside it."""
        names = [choice.name for choice in self.talk.selectable]
        assert name in names, (name, names)
        await self.press_number(names.index(name) + 1)

    async def open_task(self, task: str) -> None:
        """Open a task's page from the board of who leads."""
        while not self.talk.is_home:
            await type_slowly(self.pilot, "escape")
        names = [choice.args for choice in self.talk.selectable]
        assert (task,) in names, (task, names)
        await self.press_number(names.index((task,)) + 1)

    async def press_number(self, number: int) -> None:
        """Press the digits of a choice, and Enter where more of them might come."""
        alone = self.talk.is_choice(str(number))
        await type_slowly(self.pilot, *str(number), *(() if alone else ("enter",)))

    async def write(self, text: str) -> None:
        """Type a text, a scanner breaking into its middle, and hand it in."""
        half = len(text) // 2
        await type_slowly(self.pilot, *text[:half])
        await self.break_in(text[:half])
        await type_slowly(self.pilot, *text[half:])
        assert self.line == text
        await type_slowly(self.pilot, "enter")

    async def choose(self, number: int) -> None:
        """Choose an option by its digit."""
        await type_slowly(self.pilot, str(number))

    async def break_in(self, half: str) -> None:
        """Scan in the middle of a text: it is saved, the question and the text stay."""
        before, ask = len(self.handset.actions()), self.talk.on
        await self.scan(ASTRAY)
        assert [kind for kind, _ in self.handset.actions()[before:]] == ["scan"]
        assert self.talk.on is ask
        assert self.line == half
        assert half[-8:] in seen(self.pilot)

    @property
    def line(self) -> str:
        """What stands in the line."""
        return self.pilot.app.query_one(Box).value

    def last(self) -> tuple[str, dict[str, object]]:
        """Return what was recorded last."""
        kind, body = self.handset.actions()[-1]
        return kind, dict(body)


Script = Callable[[Hands], Awaitable[None]]


async def note(hands: Hands) -> None:
    """A note of a place."""
    await hands.scan(LABEL + code("GATE"))
    await hands.take("note")
    await hands.write("okay")
    assert hands.last()[1]["text"] == "okay"


async def report(hands: Hands) -> None:
    """A report whose place is scanned."""
    await type_slowly(hands.pilot, "0")
    await hands.take("report")
    await hands.scan(code("LOBBY"))
    await hands.write("odd2")
    await hands.choose(2)
    assert hands.last()[1]["text"] == "odd2"
    assert hands.last()[1]["place"] == "LOBBY"


async def shift(hands: Hands) -> None:
    """A shift with its post orders."""
    await type_slowly(hands.pilot, "enter")
    assert hands.last()[0] == "shift_start"
    await hands.scan(ASTRAY)
    await type_slowly(hands.pilot, "0")
    await hands.take("shift_end")
    assert hands.last()[0] == "shift_end"


async def questions(hands: Hands) -> None:
    """What a checkpoint asks: the end of a scan is never an answer."""
    await hands.scan(code("ROOF"))
    assert hands.last()[0] == "scan"
    assert hands.talk.on is not None
    await hands.choose(1)
    await hands.choose(2)
    assert hands.last()[1]["value"] == "open"
    await type_slowly(hands.pilot, "escape")


async def bind(hands: Hands) -> None:
    """A spare tag that is bound by a part of the place's name."""
    await hands.scan(STRANGE)
    await hands.take("bind")
    await hands.write("attic")
    assert hands.last()[0] == "bind_tag"


async def end_early(hands: Hands) -> None:
    """A round that ends early, with words of one's own."""
    await hands.scan(code("GATE"))
    await type_slowly(hands.pilot, "escape")
    await hands.take("end")
    await hands.write("rain")
    assert hands.last()[1]["reason"] == "rain"


async def handover(hands: Hands) -> None:
    """A round that is handed over, and the code of it."""
    await hands.scan(code("GATE"))
    await type_slowly(hands.pilot, "escape")
    await hands.take("handover")
    await type_slowly(hands.pilot, "enter")
    assert hands.last()[0] == "handover"


async def take_back(hands: Hands) -> None:
    """A scan that is taken back."""
    await hands.scan(code("GATE"))
    await hands.take("correct")
    await type_slowly(hands.pilot, "1", "enter")
    assert hands.last()[1]["reason"] == "wrong tag"


async def tell_place(hands: Hands) -> None:
    """A place that is told because its tag is gone."""
    await hands.write("lobby")
    await type_slowly(hands.pilot, "enter")
    assert hands.last()[1]["via"] == "picked"


async def clean(hands: Hands) -> None:
    """A clean is one scan and one key."""
    await hands.scan(code("LOBBY"))
    assert hands.last()[0] == "scan"
    await type_slowly(hands.pilot, "enter")
    assert hands.last()[0] == "complete"


async def checklist(hands: Hands) -> None:
    """A clean with questions."""
    await hands.scan(code("ATTIC"))
    await hands.choose(1)
    await hands.choose(1)
    await type_slowly(hands.pilot, "enter")
    assert hands.last()[0] == "complete"


async def photo(hands: Hands) -> None:
    """A photo before the work: its file's name."""
    name = hands.handset.world.home.parent / "p.png"
    Image.new("RGB", (8, 8), "green").save(name)
    await hands.scan(code("LOBBY"))
    await hands.take("photo")
    hands.pilot.app.query_one(Box).insert_text_at_cursor(str(name))
    await settled(hands.pilot)
    await hands.break_in(str(name))
    await type_slowly(hands.pilot, "enter", "enter")
    assert hands.last()[1]["when"] == "before"


async def offered(hands: Hands) -> None:
    """What was given to somebody: taken on, then declined."""
    await hands.scan(code("LOBBY"))
    await hands.take("accept")
    assert hands.last()[0] == "accept"
    await hands.take("decline")
    await hands.write("busy")
    assert hands.last()[1]["reason"] == "busy"


async def reading(hands: Hands) -> None:
    """A reading is one scan, the number, one key."""
    await hands.scan(FOREIGN)
    await hands.write("4.2")
    assert hands.last()[0] == "complete"


async def job(hands: Hands) -> None:
    """A job: begun, a part, on hold, gone on with, signed for, done."""
    await hands.scan(code("PU1"))
    await type_slowly(hands.pilot, "enter", "1")
    await hands.choose(1)
    await hands.write("17")
    await hands.take("part")
    await hands.write("seal")
    await hands.write("2 m")
    assert hands.last()[1]["unit"] == "m"
    await hands.take("hold")
    await hands.write("tired")
    await hands.take("resume")
    await hands.take("sign")
    await hands.write("Wang")
    await hands.take("done_after")
    await hands.write("40")
    assert hands.last()[1]["minutes"] == 40


async def give_out(hands: Hands) -> None:
    """A work order that nobody has: given to somebody, called off, opened again."""
    await hands.open_task(ORDER)
    await hands.take("assign")
    await hands.write("zhao")
    assert hands.last()[1]["to"] == "E1"
    await hands.open_task(ORDER)
    await hands.take("cancel")
    await hands.write("twice")
    assert hands.handset.state(ORDER) == "cancelled"
    assert hands.last()[1]["reason"] == "twice"
    await hands.open_task(ORDER)
    await hands.take("reopen")
    await hands.write("flicker")
    assert hands.handset.state(ORDER) == "open"


async def judge(hands: Hands) -> None:
    """What others did: rated, sent back, verified; and what could not be done is excused."""
    await hands.open_task(SWEEP)
    await hands.take("rate")
    await hands.choose(2)
    assert hands.last()[1]["stars"] == 4
    await hands.open_task(SWEEP)
    await hands.take("reject")
    await hands.write("streaks")
    assert [kind for kind, _ in hands.handset.actions()[-2:]] == ["reject", "report"]
    await hands.open_task(SPILL)
    await hands.take("verify")
    assert hands.handset.state(SPILL) == "verified"
    await hands.open_task(FLOORS)
    await hands.take("excuse")
    await hands.write("painters")
    assert hands.handset.state(FLOORS) == "excused"


WAYS: dict[Script, str] = {
    **dict.fromkeys((note, report, shift, questions, bind, end_early, handover, take_back), "G1"),
    tell_place: "G1",
    **dict.fromkeys((clean, checklist, photo, offered), "C1"),
    **dict.fromkeys((reading, job), "E1"),
    **dict.fromkeys((give_out, judge), "B1"),
}


def prepare(way: Script, tmp_path: Path, busy: PaperCentre) -> None:
    """Have somebody do beforehand what a way is about: give work out, or do some."""
    if way is not offered and WAYS[way] != "B1":
        return
    busy.put("HV", "staff", "B1", {"name": "B", "roles": ["supervisor"], "projects": ["HV"]})
    if way is offered:
        boss = new_phone(tmp_path, busy, "B1")
        assign(boss.phone, SWEEP, "C1")
        boss.sync(busy.post)
        return
    cleaner = new_phone(tmp_path, busy, "C1")
    done(cleaner.phone, SWEEP)
    report_wrong(cleaner.phone, code("LOBBY"), "Lamp is out", category="repair")
    report_wrong(cleaner.phone, code("ROOF"), "Oil on the floor", category="cleaning")
    start(cleaner.phone, SPILL)
    done(cleaner.phone, SPILL)
    cleaner.sync(busy.post)


def lead(talk: Conversation) -> None:
    """Bring a leader the board with what is to be decided."""
    row = EXCEPTIONS[0]
    rows = [row | {"task": task, "title": task} for task in (ORDER, SWEEP, SPILL, FLOORS)]
    projects = [HARBOUR | {"exceptions": rows, "exceptions_count": len(rows)}]
    talk.desk.hear_board(Answer("board", {**BOARD, "projects": projects, "offline": False}))
    talk.refresh()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("screen", CASES)
def test_a_way_on_the_screen(
    tmp_path: Path,
    busy: PaperCentre,
    way: Script,
    screen: tuple[tuple[int, int], str, str, Wedge],
) -> None:
    size, language, end, wedge = screen
    prepare(way, tmp_path, busy)
    handset = new_phone(tmp_path, busy, WAYS[way])

    async def go() -> None:
        talk = converse(handset, language)
        if leads(talk.desk):
            lead(talk)
        async with screen_of(talk, size, wedge) as pilot:
            await way(Hands(pilot, talk, handset, end))
            assert seen(pilot).strip()

    asyncio.run(go())
