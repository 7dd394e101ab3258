"""What the screen sees, hears and feels: the camera in the list's place, and its scans."""

import asyncio
import queue
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from PIL import ImageOps
from rich.color import Color
from textual.pilot import Pilot

from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.panes import Box, Leaves
from radar_cli.one_screen.senses import Senses
from radar_cli.one_screen.signals import PATTERNS, PROGRAM
from radar_cli.one_screen.viewfinder import Viewfinder
from radar_cli.one_screen.whereabouts import Whereabouts
from scanners.cameras import FRAME_PX
from scanners.labels import label_picture
from scanners.positions import Fix
from scanners.preview import MARK, MARKED, UPPER
from sync.enrolling import write_invitation
from tests.conversing import (
    LABEL,
    LANGUAGES,
    SIZES,
    burst,
    converse,
    kinds,
    screen_of,
    seen,
    settled,
    type_slowly,
    until,
)
from tests.house import ROOT
from tests.paper_centre import PaperCentre
from tests.paper_site import GOOD, PaperSite, serving
from tests.phones import Handset, World, code, new_phone, site_centre
from tests.rooms import rooms_of, screen_in
from tests.stand_ins import filming, frame, is_gone, only, process_of, program, wall

UPRIGHT = SIZES[0]
WORDS = {
    "en": ("Too dark: turn the torch on.", "Hold the tag here. Esc closes.", "SAVED"),
    "zh": ("太暗：请打开手电筒。", "请对准标签。Esc 关闭。", "已保存"),
}
"""What is said in the dark, what with light, and of a scan: whole, also on the smallest screen."""


@pytest.fixture
def centre() -> PaperCentre:
    """Give a centre of paper with the small site book."""
    return site_centre()


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path / "phone", centre, "G1")


def screen(
    talk: Conversation, programs: Path, size: tuple[int, int] = UPRIGHT, pictures: str = ""
) -> AbstractAsyncContextManager[Pilot[None]]:
    """Draw a conversation on a machine that has these programs alone."""
    programs.mkdir(exist_ok=True)
    return screen_of(talk, size, senses=Senses(only(programs), pictures=pictures))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_f5_shows_the_camera_and_a_code_that_it_sees_is_a_scan_whatever_is_typed(
    tmp_path: Path, guard: Handset, size: tuple[int, int], language: str
) -> None:
    dark, hold, saved = WORDS[language]
    path = filming(tmp_path / "bin", [*[wall()] * 40, frame(code("GATE"))])

    async def look() -> None:
        talk = converse(guard, language)
        async with screen(talk, tmp_path / "bin", size) as pilot:
            await type_slowly(pilot, "x", "f5")
            assert pilot.app.query_one(Viewfinder).display
            assert not pilot.app.query_one(Leaves).display
            await until(pilot, lambda: dark in seen(pilot))
            await until(pilot, guard.actions)
            await until(pilot, lambda: saved in seen(pilot) and hold in seen(pilot))
            pictured = [line for line in seen(pilot).split("\n") if UPPER in line]
            assert len(pictured) >= 3, "small, and a picture all the same"
            await type_slowly(pilot, "escape")
            assert not pilot.app.query_one(Viewfinder).display
            assert pilot.app.query_one(Leaves).display
            assert UPPER not in seen(pilot)
            assert pilot.app.query_one(Box).has_focus
        assert is_gone(process_of(path))

    asyncio.run(look())
    ((kind, body),) = guard.actions()
    assert (kind, body["via"], body["tag"]) == ("scan", "camera", code("GATE"))
    assert body["frame"]


def green(pilot: Pilot[None]) -> bool:
    """Say whether the colour of what was found is on the screen."""
    strips = pilot.app.screen._compositor.render_strips()  # pyright: ignore[reportPrivateUsage]
    styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
    marked = Color.from_ansi(MARK).get_truecolor()
    return any(style.bgcolor and style.bgcolor.get_truecolor() == marked for style in styles)


def test_what_was_found_is_marked_by_colour_and_by_a_sign_where_there_is_none(
    tmp_path: Path, guard: Handset
) -> None:
    filming(tmp_path / "bin", [frame(code("GATE"))])

    async def look() -> None:
        async with screen(converse(guard), tmp_path / "bin") as pilot:
            await type_slowly(pilot, "f5")
            await until(pilot, lambda: green(pilot))
            await type_slowly(pilot, "f9", "f9")
            await until(pilot, lambda: MARKED * 5 in seen(pilot))
            assert not green(pilot)

    asyncio.run(look())


def test_the_camera_is_in_the_menu_and_a_tap_on_it_closes_it(
    tmp_path: Path, guard: Handset
) -> None:
    path = filming(tmp_path / "bin", [wall()])

    async def look() -> None:
        async with screen(converse(guard), tmp_path / "bin") as pilot:
            await type_slowly(pilot, "0", "3")
            assert pilot.app.query_one(Viewfinder).display
            await until(pilot, lambda: UPPER in seen(pilot) or "Too dark" in seen(pilot))
            await pilot.click("#view")
            await settled(pilot)
            assert not pilot.app.query_one(Viewfinder).display
            assert await asyncio.to_thread(is_gone, process_of(path)), "while the screen goes on"

    asyncio.run(look())


def test_a_camera_that_is_opened_again_scans_the_same_tag_only_after_something_was_done(
    tmp_path: Path, guard: Handset
) -> None:
    filming(tmp_path / "bin", [frame(code("GATE"))])

    async def look() -> None:
        async with screen(converse(guard), tmp_path / "bin") as pilot:
            await type_slowly(pilot, "f5")
            await until(pilot, guard.actions)
            await type_slowly(pilot, "escape", "f5")
            await until(pilot, lambda: green(pilot))
            assert kinds(guard) == ["scan"]
            await type_slowly(pilot, "escape")
            await burst(pilot, LABEL + code("LOBBY"))
            await type_slowly(pilot, "f5")
            await until(pilot, lambda: len(guard.actions()) == 3)

    asyncio.run(look())
    assert [body["via"] for _, body in guard.actions()] == ["camera", "wedge", "camera"]


def test_without_a_camera_it_says_what_to_install_and_the_list_stays(
    tmp_path: Path, guard: Handset
) -> None:
    async def look() -> None:
        talk = converse(guard)
        async with screen(talk, tmp_path / "bin") as pilot:
            await type_slowly(pilot, "f5")
            await until(pilot, lambda: talk.verdict is not None)
            assert "no program here" in seen(pilot)
            assert not pilot.app.query_one(Viewfinder).display

    asyncio.run(look())


@pytest.mark.parametrize("camera", ["none", "broken"])
def test_a_folder_is_watched_where_there_is_no_camera(
    tmp_path: Path, guard: Handset, camera: str
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    if camera == "broken":
        program(tmp_path / "bin", "ffmpeg", "sys.exit('no such device')")

    async def look() -> None:
        async with screen(converse(guard), tmp_path / "bin", pictures=str(photos)) as pilot:
            await type_slowly(pilot, "f5")
            await until(pilot, lambda: "Photograph it" in seen(pilot))
            while not guard.actions():
                frame(code("GATE")).save(photos / "tag.png")
                for _ in range(40):  # a file that changes is not looked at yet
                    await asyncio.sleep(0.1)
                    await settled(pilot)
                    if guard.actions():
                        break
            await until(pilot, lambda: "SAVED" in seen(pilot))

    asyncio.run(look())
    assert guard.actions()[-1][1]["via"] == "picture"


def test_a_verdict_rings_by_its_tone(guard: Handset, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: queue.SimpleQueue[None] = queue.SimpleQueue()

    async def work() -> None:
        async with screen_of(converse(guard), UPRIGHT, senses=Senses({}, sound="on")) as pilot:
            monkeypatch.setattr(pilot.app, "bell", lambda: rung.put(None))
            for name, tone in (("GATE", "good"), ("NOWHERE", "bad")):
                await burst(pilot, LABEL + code(name))
                for _ in PATTERNS[tone]:
                    await until(pilot, lambda: not rung.empty())
                    rung.get()
                await asyncio.sleep(1.0)
                assert rung.empty()

    asyncio.run(work())


def test_vibration_alone_makes_no_sound(
    tmp_path: Path, guard: Handset, monkeypatch: pytest.MonkeyPatch
) -> None:
    felt = program(tmp_path / "bin", PROGRAM, "")
    rung: list[None] = []

    async def work() -> None:
        senses = Senses(only(tmp_path / "bin"), sound="vibrate")
        async with screen_of(converse(guard), UPRIGHT, senses=senses) as pilot:
            monkeypatch.setattr(pilot.app, "bell", lambda: rung.append(None))
            await burst(pilot, LABEL + code("GATE"))
            await until(pilot, Path(f"{felt}.words").exists)
            await settled(pilot)

    asyncio.run(work())
    assert not rung


def test_a_scan_takes_the_latest_position_along_and_asks_for_the_next(guard: Handset) -> None:
    asked: queue.SimpleQueue[None] = queue.SimpleQueue()

    def ask(_: Callable[[], bool]) -> Fix:
        asked.put(None)
        return Fix(36.067, 120.382, 8.5, 0.0)

    whereabouts = Whereabouts(ask, every_s=0.01)
    guard.phone.workplace.position = whereabouts.take
    whereabouts.open()

    async def work() -> None:
        talk = converse(guard)
        async with screen_of(talk, UPRIGHT) as pilot:
            await until(pilot, whereabouts.latest)
            assert asked.qsize() == 1
            await burst(pilot, LABEL + code("GATE"))
            await until(pilot, lambda: asked.qsize() == 2)

    asyncio.run(work())
    assert whereabouts.close()
    position = guard.actions()[-1][1]["position"]
    assert isinstance(position, dict)
    assert position["lat"] == 36.067


def test_the_screen_is_there_before_anything_of_a_camera_is_loaded() -> None:
    told = "import sys, radar_cli.one_screen.app; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], cwd=ROOT, check=False).returncode == 0


def test_a_phone_is_enrolled_by_its_camera(tmp_path: Path, centre: PaperCentre) -> None:
    with serving(PaperSite(centre)) as site:
        invitation = label_picture(write_invitation(site.url, GOOD), "X", "X").convert("L")
        filming(tmp_path / "bin", [ImageOps.pad(invitation, FRAME_PX, color=90)])
        rooms = rooms_of(World(tmp_path / "phone").workplace())

        async def enter() -> None:
            senses = Senses(only(tmp_path / "bin"))
            async with screen_in(rooms, UPRIGHT, senses) as pilot:
                await type_slowly(pilot, "f5")
                await until(pilot, lambda: "This phone is enrolled." in seen(pilot))
                await type_slowly(pilot, "escape")

        asyncio.run(enter())
