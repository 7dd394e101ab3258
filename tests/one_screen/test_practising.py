"""A practice round on the one screen, from the help page to what was learned, and back to work."""

import asyncio
from pathlib import Path

import pytest

from commands.practice_tags import practice_code, practice_label
from radar_cli.one_screen.asks import Choice
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.practising import Practising
from radar_cli.one_screen.rooms import Rooms
from tests.conversing import LABEL, LANGUAGES, SIZES, burst, seen, settled, type_slowly
from tests.paper_centre import PaperCentre
from tests.phones import Handset, code, new_phone, site_centre
from tests.rooms import chosen, files, rooms_of, say, scanned, screen_in, shown, talk_of

pytestmark = pytest.mark.usefixtures("folder")

HELP = Choice(("", {}), "help")
PRACTISE = {
    "guard": "Practise a guard's round",
    "cleaner": "Practise a cleaner's work",
    "engineer": "Practise an engineer's job",
    "supervisor": "Practise a supervisor's word",
}
WELL_DONE = {"en": "Well done!", "zh": "做得好！"}


@pytest.fixture
def centre() -> PaperCentre:
    """Give a centre of paper, with one person of each trade."""
    centre = site_centre()
    boss = {"name": "Wu Gang", "roles": ["supervisor"], "projects": ["HV"]}
    centre.put("HV", "staff", "B1", boss)
    return centre


def begun(handset: Handset, trade: str) -> tuple[Rooms, Conversation]:
    """Return a practice round that somebody began from their work."""
    rooms = rooms_of(handset.world.workplace(), lambda: handset.phone)
    talk = rooms.first()
    talk.begin()
    talk.open(HELP)
    return rooms, chosen(rooms, talk, "Practise", PRACTISE[trade])


def guard_s_round(rooms: Rooms, talk: Conversation) -> Conversation:
    talk = scanned(rooms, talk, *map(practice_label, ("GATE", "LOBBY", "GARAGE")))
    talk = scanned(rooms, say(rooms, talk, "1"), practice_label("ROOF"))
    return say(rooms, chosen(rooms, talk, "Report something here"), "The lamp is dead.", "2")


def cleaner_s_work(rooms: Rooms, talk: Conversation) -> Conversation:
    talk = say(rooms, scanned(rooms, talk, practice_code("LOBBY")), "")
    return say(rooms, scanned(rooms, talk, practice_code("BINS")), "1")


def engineer_s_job(rooms: Rooms, talk: Conversation) -> Conversation:
    talk = say(rooms, scanned(rooms, talk, practice_code("PUMP1")), "", "1", "4.2")
    talk = say(rooms, chosen(rooms, talk, "A part was used"), "Seal", "1")
    return chosen(rooms, talk, "Done")


def supervisor_s_word(rooms: Rooms, talk: Conversation) -> Conversation:
    talk = scanned(rooms, talk, practice_code("PUMP1"))
    talk.back()
    return chosen(rooms, talk, "It is well done")


ROUNDS = {
    ("guard", "G1"): guard_s_round,
    ("cleaner", "C1"): cleaner_s_work,
    ("engineer", "E1"): engineer_s_job,
    ("supervisor", "B1"): supervisor_s_word,
}


@pytest.mark.parametrize(("trade", "staff"), ROUNDS)
def test_every_trade_is_led_to_the_end_and_nothing_of_it_is_left(
    tmp_path: Path, centre: PaperCentre, folder: Path, trade: str, staff: str
) -> None:
    handset = new_phone(tmp_path, centre, staff)
    handset.phone.extend(handset.world.wall_ms // 1000)
    rooms, talk = begun(handset, trade)
    before = files(handset.world.home)
    assert isinstance(talk, Practising)
    assert "Practice: nothing of it is sent" in shown(talk)
    talk = ROUNDS[trade, staff](rooms, talk)
    assert WELL_DONE["en"] in shown(talk)
    assert "Saved at once, also without signal." in shown(talk)
    talk = say(rooms, talk, "")
    assert talk.is_work
    assert talk.is_home
    talk.close()
    assert files(handset.world.home) == before
    assert handset.actions() == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_a_guard_s_round_by_a_hand_scanner_on_every_screen(
    tmp_path: Path, centre: PaperCentre, folder: Path, size: tuple[int, int], language: str
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    rooms = rooms_of(guard.world.workplace(), lambda: guard.phone, language)

    async def practise() -> None:
        async with screen_in(rooms, size) as pilot:
            await type_slowly(pilot, "f1", "1", "enter")
            assert "BN72-F85W-YT3" in seen(pilot)
            await type_slowly(pilot, *"bn72f85wyt3", "enter")
            await burst(pilot, practice_label("LOBBY"))
            await burst(pilot, practice_code("GARAGE"), "\t")
            await type_slowly(pilot, "1")
            await burst(pilot, practice_label("ROOF"), "\r\n")
            await type_slowly(pilot, "1", *"lamp", "enter", "2")
            assert WELL_DONE[language] in seen(pilot)
            await type_slowly(pilot, "enter")
            assert talk_of(pilot).is_work
            await burst(pilot, LABEL + code("GATE"))
            assert ("已保存" if language == "zh" else "SAVED") in seen(pilot)

    asyncio.run(practise())
    assert [kind for kind, _ in guard.actions()] == ["scan"]
    assert list(folder.iterdir()) == []


def test_the_tag_on_the_screen_is_a_code_that_another_phone_reads(
    tmp_path: Path, centre: PaperCentre
) -> None:
    _, talk = begun(new_phone(tmp_path, centre, "G1"), "guard")
    lines = talk.page.lines
    assert set("".join(lines)) == set("█▀▄ ")
    assert {len(line) for line in lines} == {29}
    dark = [[char in "▄ " for char in line] for line in lines]
    assert any(any(row) for row in dark)
    talk.end()


def test_a_real_tag_ends_the_practice_and_is_recorded_as_work(
    tmp_path: Path, centre: PaperCentre, folder: Path
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    rooms, talk = begun(guard, "guard")
    talk = scanned(rooms, talk, practice_label("GATE"), LABEL + code("LOBBY"))
    assert talk.is_work
    assert "The practice has ended: this tag is real." in shown(talk)
    assert [(kind, body["place"]) for kind, body in guard.actions()] == [("scan", "LOBBY")]
    assert list(folder.iterdir()) == []


def test_what_nobody_knows_stays_in_practice(tmp_path: Path, centre: PaperCentre) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    rooms, talk = begun(guard, "guard")
    talk = scanned(rooms, talk, "4006381333931")
    assert isinstance(talk, Practising)
    assert guard.actions() == []
    talk.end()


def test_steps_can_be_passed_over_and_a_round_done_once_more(
    tmp_path: Path, centre: PaperCentre, folder: Path
) -> None:
    rooms, talk = begun(new_phone(tmp_path, centre, "G1"), "guard")
    on = "Go on without this step"
    talk = chosen(rooms, talk, on)
    assert "step 2 of 6" in shown(talk)
    talk = chosen(rooms, talk, on, on, on, on, on)
    assert WELL_DONE["en"] in shown(talk)
    (before,) = folder.iterdir()
    talk = chosen(rooms, talk, "Once more")
    assert "step 1 of 6" in shown(talk)
    (after,) = folder.iterdir()
    assert after != before
    talk.open(Choice(("", {}), "menu"))
    talk = chosen(rooms, talk, "End the practice")
    assert talk.is_work
    assert list(folder.iterdir()) == []


def test_practice_tags_are_printed_from_the_menu(
    tmp_path: Path, centre: PaperCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rooms, talk = begun(new_phone(tmp_path, centre, "G1"), "guard")
    for name in ("practice-tags.pdf", "practice-tags-1.pdf"):
        talk.open(Choice(("", {}), "menu"))
        talk = chosen(rooms, talk, "Print the practice tags")
        assert name in shown(talk)
        assert (tmp_path / name).read_bytes().startswith(b"%PDF")
    talk.end()


def test_a_practice_tag_is_nothing_at_work(tmp_path: Path, centre: PaperCentre) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    rooms = rooms_of(guard.world.workplace(), lambda: guard.phone)
    talk = rooms.first()
    talk.begin()
    talk = scanned(rooms, talk, practice_code("GATE"))
    assert "That is a practice tag; nothing was saved of it." in shown(talk)
    assert guard.actions() == []


def test_where_there_is_no_room_to_practise_work_goes_on(
    tmp_path: Path, centre: PaperCentre, folder: Path
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    rooms = rooms_of(guard.world.workplace(), lambda: guard.phone)

    folder.rmdir()

    async def practise() -> None:
        async with screen_in(rooms, (45, 40)) as pilot:
            await type_slowly(pilot, "f1", "1", "enter")
            assert "no room here to practise" in seen(pilot)
            await burst(pilot, LABEL + code("GATE"))
            await settled(pilot)

    asyncio.run(practise())
    assert [kind for kind, _ in guard.actions()] == ["scan"]
