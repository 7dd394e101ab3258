"""docs/keys.md counts keys: each task is gone on the real screen with the keys that it tells."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.conversing import LABEL, burst, converse, screen_of, type_slowly
from tests.house import ROOT
from tests.paper_centre import PaperCentre
from tests.phones import FOREIGN, code, new_phone

PAGES = ("docs/keys.md", "docs/zh/keys.md")
KEYS = frozenset({"enter", "escape", *"0123456789"})
SCAN = "scan "


@dataclass(frozen=True, slots=True)
class Way:
    """A task: whose it is, what comes before, what is pressed, and what is recorded by that.

    A step is a scan, a key, or else words or a number that are typed, which count as one.
    """

    staff: str
    steps: Sequence[str]
    recorded: Sequence[str]
    before: Sequence[str] = ()


GATE, LOBBY, PU1, ATTIC, PUMPS = (
    SCAN + LABEL + code(name) for name in ("GATE", "LOBBY", "PU1", "ATTIC", "PUMPS")
)
WAYS: Mapping[int, Way] = {
    1: Way("G1", ("enter",), ("shift_start",)),
    2: Way("G1", (LOBBY,), ("scan",), before=(GATE,)),
    3: Way("G1", (ATTIC, "1"), ("scan", "answer")),
    4: Way("G1", (GATE, LOBBY, PU1), ("scan", "scan", "scan")),
    5: Way("G1", ("escape", "4", "1", "enter"), ("end_early",), before=(GATE,)),
    6: Way("C1", (LOBBY, "enter"), ("scan", "complete")),
    7: Way("C1", (ATTIC, "1", "1", "enter"), ("scan", "answer", "answer", "complete")),
    8: Way("G1", (LOBBY, "1", "lamp out", "enter", "1"), ("scan", "report")),
    9: Way("E1", (PUMPS, "2"), ("scan", "complete")),
    10: Way("E1", (SCAN + FOREIGN, "4.2", "enter"), ("scan", "reading", "complete")),
    11: Way("E1", ("2", "seal", "enter", "2", "enter"), ("part",), before=(PUMPS, "enter")),
    12: Way("E1", ("3", "1", "enter"), ("hold",), before=(PUMPS, "enter")),
}


def told_by(page: str) -> dict[int, int]:
    """Return how many keys a page tells for each task, by the task's number."""
    rows = re.findall(
        r"^\| (\d+)\. [^|]+\| (\d+) \|", (ROOT / page).read_text("utf-8"), re.MULTILINE
    )
    return {int(number): int(keys) for number, keys in rows}


@pytest.fixture
def served(busy: PaperCentre) -> PaperCentre:
    """Give a site where a job without a checklist is due in the pump room."""
    job = {"kind": "maintenance", "title": "Filter", "role": "engineer", "place": "PUMPS"}
    day = {"rrule": "FREQ=DAILY", "start": "2026-11-23T09:00", "duration_min": 240}
    busy.put("HV", "schedule", "filter", job | day)
    return busy


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_tell_of_each_task_how_many_keys_it_takes(page: str) -> None:
    assert told_by(page) == {number: len(way.steps) for number, way in WAYS.items()}


@pytest.mark.parametrize("number", WAYS)
def test_each_task_takes_the_keys_that_are_told(
    tmp_path: Path, served: PaperCentre, number: int
) -> None:
    way = WAYS[number]
    phone = new_phone(tmp_path, served, way.staff)

    async def go() -> list[str]:
        async with screen_of(converse(phone), (45, 40)) as pilot:
            for step in way.before:
                await press(pilot, step)
            before = len(phone.actions())
            for step in way.steps:
                await press(pilot, step)
        return [kind for kind, _ in phone.actions()[before:]]

    assert asyncio.run(go()) == list(way.recorded)


async def press(pilot: Pilot[None], step: str) -> None:
    if step.startswith(SCAN):
        await burst(pilot, step.removeprefix(SCAN))
    elif step in KEYS:
        await type_slowly(pilot, step)
    else:
        await type_slowly(pilot, *("space" if char == " " else char for char in step))
