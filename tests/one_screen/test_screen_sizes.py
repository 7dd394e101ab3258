"""The screen itself, at each size: its lines are whole, its parts lie within it, taps choose."""

import asyncio
from pathlib import Path

import pytest
from rich.cells import cell_len

from radar_cli.one_screen.panes import Pane, Stage
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
from tests.phones import SWEEP, code, new_phone, site_centre

MANY_SIZES = (*SIZES, (80, 24), (60, 20), (200, 60), (33, 13), (20, 5))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_is_as_wide_as_the_screen_and_no_part_is_cut_in_half(
    tmp_path: Path, language: str
) -> None:
    talk = converse(new_phone(tmp_path, site_centre(), "E1"), language)

    async def look_at_each() -> None:
        async with screen_of(talk, (45, 40)) as pilot:
            await burst(pilot, LABEL + code("PU1"))
            for size in MANY_SIZES:
                await pilot.resize_terminal(*size)
                await settled(pilot)
                lines = seen(pilot).split("\n")
                assert [cell_len(line) for line in lines] == [size[0]] * size[1]
                whole = pilot.app.screen.region
                for pane in pilot.app.query(Pane):
                    assert not pane.display or whole.contains_region(pane.region), (size, pane.id)
                assert pilot.app.query_one(Stage).region.bottom == pilot.app.focused.region.y  # type: ignore[union-attr]
                assert ("已保存" if language == "zh" else "SAVED") in "".join(lines)

    asyncio.run(look_at_each())


@pytest.mark.parametrize("size", SIZES)
def test_a_tap_on_any_line_of_a_choice_takes_it(tmp_path: Path, size: tuple[int, int]) -> None:
    cleaner = new_phone(tmp_path, site_centre(), "C1")

    async def tap() -> None:
        async with screen_of(converse(cleaner), size) as pilot:
            await burst(pilot, LABEL + code("LOBBY"))
            taps = pilot.app.query_one("#choices", Pane).shown.taps
            last = len(taps) - 1 - taps[::-1].index(1)
            await pilot.click("#choices", offset=(5, last))
            await settled(pilot)

    asyncio.run(tap())
    assert cleaner.state(SWEEP) == "done"


def test_what_does_not_fit_is_leafed_to_by_a_key_and_by_a_tap_on_the_line_that_tells_it(
    tmp_path: Path,
) -> None:
    talk = converse(new_phone(tmp_path, site_centre(), "G1"))

    async def leaf() -> None:
        async with screen_of(talk, (32, 12)) as pilot:
            await type_slowly(pilot, "0")
            assert "Leave" not in seen(pilot)
            choices = pilot.app.query_one("#choices", Pane)
            await pilot.click("#choices", offset=(5, len(choices.shown.lines) - 1))
            await settled(pilot)
            assert "Leave" in seen(pilot)
            await type_slowly(pilot, "pageup")
            assert "Leave" not in seen(pilot)
            await type_slowly(pilot, "pagedown")
            assert "Leave" in seen(pilot)

    asyncio.run(leaf())
