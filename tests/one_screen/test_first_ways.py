"""The least: a checkpoint, a clean, a note that a scanner breaks into, at each size."""

import asyncio
from pathlib import Path

import pytest

from radar_cli.one_screen.looks import look
from tests.conversing import (
    LABEL,
    LANGUAGES,
    SIZES,
    burst,
    converse,
    labels,
    screen_of,
    seen,
    told,
    type_slowly,
)
from tests.paper_centre import PaperCentre
from tests.phones import SWEEP, code, new_phone, site_centre


@pytest.fixture
def centre() -> PaperCentre:
    """Give a centre of paper with the small site book."""
    return site_centre()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_a_checkpoint_is_one_scan_and_a_clean_one_key_more(
    tmp_path: Path, centre: PaperCentre, size: tuple[int, int], language: str
) -> None:
    guard, cleaner = new_phone(tmp_path, centre, "G1"), new_phone(tmp_path, centre, "C1")

    async def walk() -> None:
        async with screen_of(converse(guard, language), size) as pilot:
            await burst(pilot, LABEL + code("GATE"))
            assert ("已保存" if language == "zh" else "SAVED") in seen(pilot)

    async def clean() -> None:
        async with screen_of(converse(cleaner, language), size) as pilot:
            await burst(pilot, LABEL + code("LOBBY"), "\r\n")
            assert cleaner.state(SWEEP) == "", "the scanner's second end is nobody's Enter"
            await type_slowly(pilot, "enter")

    asyncio.run(walk())
    assert [kind for kind, _ in guard.actions()] == ["scan"]
    asyncio.run(clean())
    assert [kind for kind, _ in cleaner.actions()] == ["scan", "complete"]


def test_a_burst_never_lands_in_a_note_and_the_note_outlives_the_program(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")

    async def write() -> None:
        talk = converse(guard)
        async with screen_of(talk, (45, 40)) as pilot:
            await burst(pilot, LABEL + code("GATE"))
            await type_slowly(pilot, "2", "d", "o", "o", "r")
            await burst(pilot, LABEL + code("LOBBY"), "\t")
            assert talk.draft == "door"
            assert "door" in seen(pilot)

    asyncio.run(write())
    assert [kind for kind, _ in guard.actions()] == ["scan", "scan"]
    again = converse(guard)
    assert again.draft == "door"
    again.enter("door is open")
    assert guard.actions()[-1][1]["text"] == "door is open"
    assert converse(guard).on is None


def test_who_works_in_several_projects_sees_in_which_what_is_due(
    tmp_path: Path, centre: PaperCentre
) -> None:
    """Two projects call the same work the same."""
    alone = new_phone(tmp_path, centre, "C1")
    for project in ("HV", "PG"):
        body = {"name": "Hu", "roles": ["cleaner"], "projects": ["PG", "HV"]}
        centre.put(project, "staff", "C9", body)
    bins: dict[str, object] = {
        "kind": "cleaning",
        "role": "cleaner",
        "title": "Bins",
        "place": "LOBBY",
    }
    bins |= {"rrule": "FREQ=DAILY", "start": "2026-01-01T06:00", "duration_min": 600}
    for project in ("HV", "PG"):
        centre.put(project, "schedule", f"bins-{project}", bins)
    talk = converse(new_phone(tmp_path, centre, "C9"))
    rows = [item.detail for item in look(talk).rows if item.text == "Bins"]
    names = ("Harbour View", "Palm Gardens")
    assert sorted(one.rpartition(" · ")[2] for one in rows) == [*names]
    assert look(talk).goal_detail.endswith(names), "what is next says it too"
    one = look(converse(alone))
    assert not any(name in f"{one.goal_detail}{one.rows}" for name in names)


def test_what_was_told_changes_its_language_with_the_screen_and_names_what_it_is_about(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")

    async def change() -> None:
        talk = converse(guard)
        async with screen_of(talk, (45, 40)) as pilot:
            await burst(pilot, LABEL + code("LOBBY"))
            await type_slowly(pilot, "2", *"wet", "enter")
            assert "note on Lobby" in seen(pilot)
            await type_slowly(pilot, "f8")
            assert ("已保存" in seen(pilot), "SAVED" in seen(pilot)) == (True, False)
            assert "大堂" in told(talk)
            talk.scan("RADAR-BADGE:AAAA")
            assert told(talk).startswith("这是工牌")
            await type_slowly(pilot, "f8")
            assert told(talk).startswith("That is a badge")

    asyncio.run(change())


def test_each_of_the_menu_is_one_key_and_the_colours_are_behind_it(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")

    async def look_around() -> None:
        talk = converse(guard)
        async with screen_of(talk, (45, 40)) as pilot:
            before = pilot.app.theme
            await type_slowly(pilot, "0")
            assert len(labels(talk)) == 9
            await type_slowly(pilot, "8")
            assert labels(talk) == ["Practise", "Colours"]
            await type_slowly(pilot, "2")
            assert pilot.app.theme != before
            await type_slowly(pilot, "escape", "1")
            assert talk.opened[0] == "due"

    asyncio.run(look_around())
