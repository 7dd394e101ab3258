"""Troubles on the one screen: counted on the sync line, each with a sentence and its remedy."""

import asyncio
from pathlib import Path

import pytest
from PIL import Image
from rich.cells import cell_len

from commands.answer import answer
from commands.bind import bind
from commands.done import done
from commands.note import note
from commands.photo import photo
from commands.start import start
from commands.troubles import troubles
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.looks import look
from radar_server.envelope import REASONS
from scanners.apart import Reader
from tests.conversing import LANGUAGES, SIZES, converse, screen_of, seen, type_slowly
from tests.paper_centre import PaperCentre
from tests.phones import PUMP, STRANGE, SWEEP, Handset, new_phone, site_centre


@pytest.fixture
def centre() -> PaperCentre:
    """Give a centre of paper with the small site book."""
    return site_centre()


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    """Give the phone of a guard whose note was kept aside."""
    guard = new_phone(tmp_path, centre, "G1")
    centre.refuse["note"] = ("out_of_scope", REASONS["out_of_scope"])
    note(guard.phone, "GATE", "hello")
    guard.sync(centre.post)
    return guard


def choose(talk: Conversation, text: str) -> None:
    """Choose the first choice or row that has a text in it."""
    view = look(talk)
    (number, *_) = [
        item.number for item in (*view.choices, *view.rows) if text in item.text and item.number
    ]
    talk.choose(number)


def settle(talk: Conversation, text: str) -> None:
    """Open the list of troubles, and the one that has a text in it."""
    talk.choose(0)
    choose(talk, "To settle")
    choose(talk, text)


def left(phone: Handset) -> list[str]:
    """Return the kinds of troubles that are left."""
    found = troubles(phone.phone).data["troubles"]
    assert isinstance(found, list)
    return [row["kind"] for row in found]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_what_is_kept_aside_is_counted_told_in_a_sentence_and_seen_by_digits(
    guard: Handset, size: tuple[int, int], language: str
) -> None:
    async def settle_it() -> None:
        async with screen_of(converse(guard, language), size) as pilot:
            counted, aside, decides = "1 to settle", "kept aside", "supervisor decides"
            if language == "zh":
                counted, aside, decides = "1 条待处理", "被隔离", "由主管决定"
            assert counted in seen(pilot)
            await type_slowly(pilot, "0", "1", "enter")
            assert aside in seen(pilot)
            assert decides in seen(pilot)
            await type_slowly(pilot, "1")
            shown = seen(pilot)
            assert {cell_len(line) for line in shown.splitlines()} == {size[0]}
            assert aside in shown
            assert left(guard) == ["quarantined"]
            await type_slowly(pilot, "1")
            assert left(guard) == []
            assert counted not in seen(pilot)

    asyncio.run(settle_it())


def test_without_trouble_there_is_neither_a_count_nor_a_line_in_the_menu(
    tmp_path: Path, centre: PaperCentre
) -> None:
    talk = converse(new_phone(tmp_path, centre, "G1"))
    talk.choose(0)
    view = look(talk)
    assert "to settle" not in view.sync
    assert not [item for item in view.choices if "settle" in item.text]


def test_the_whole_sentence_and_what_resolves_it_stand_on_its_page(guard: Handset) -> None:
    talk = converse(guard)
    settle(talk, "kept aside: note, Gate")
    wrong, _, resolved = look(talk).lines
    assert wrong.startswith("“note” on Gate (11-23 ")
    assert wrong.endswith(REASONS["out_of_scope"])
    assert resolved == "→ Your supervisor decides. You need do nothing."
    assert [item.text for item in look(talk).choices] == ["I have seen it"]


def test_what_the_site_book_did_not_know_is_done_again_from_there(
    guard: Handset, centre: PaperCentre
) -> None:
    centre.refuse = {"bind_tag": ("unknown_place", REASONS["unknown_place"])}
    bind(guard.phone, STRANGE, "ROOF")
    guard.sync(centre.post)
    talk = converse(guard)
    settle(talk, "tag bound")
    choose(talk, "Bind the tag again")
    talk.enter("ATTIC")
    kind, body = guard.actions()[-1]
    assert (kind, body["place"]) == ("bind_tag", "ATTIC")


def test_a_doubtful_reading_is_taken_back_or_kept(tmp_path: Path, centre: PaperCentre) -> None:
    centre.put("HV", "meter", "M1", {"asset": "PU1", "step": "hours", "rollover": 1000})
    engineer = new_phone(tmp_path, centre, "E1")
    start(engineer.phone, PUMP)
    answer(engineer.phone, PUMP, "hours", "100")
    answer(engineer.phone, PUMP, "hours", "7")
    talk = converse(engineer)
    settle(talk, "doubtful")
    assert [item.text for item in look(talk).choices] == [
        "Take it back",
        "Look at the task",
        "It is right",
    ]
    choose(talk, "Take it back")
    choose(talk, "wrong value")
    assert left(engineer) == []
    answer(engineer.phone, PUMP, "hours", "8")
    talk.refresh()
    settle(talk, "doubtful")
    choose(talk, "It is right")
    assert left(engineer) == []
    assert engineer.phone.task(PUMP)[1].answers["hours"] == 8


def test_who_was_second_looks_at_the_task_and_has_seen_it(
    tmp_path: Path, centre: PaperCentre
) -> None:
    one, two = (new_phone(tmp_path, centre, staff) for staff in ("C1", "C2"))
    done(one.phone, SWEEP)
    two.world.step(5)
    done(two.phone, SWEEP)
    for phone in (one, two):
        phone.sync(centre.post)
    talk = converse(two)
    settle(talk, "did not count: completed, Sweep")
    assert "Zhang Min was first." in look(talk).lines[0]
    choose(talk, "Look at the task")
    assert "Sweep" in look(talk).heading
    talk.back()
    choose(talk, "I have seen it")
    assert left(two) == []


def test_a_photo_that_is_lost_is_taken_again_from_there(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    picture = tmp_path / "picture.png"
    Image.new("RGB", (8, 8)).save(picture)
    reader = Reader(0)
    photo(guard.phone, lambda: reader, "GATE", str(picture))
    reader.close()
    guard.phone.journal.connection.execute("UPDATE blob SET lost = 1")
    talk = converse(guard)
    settle(talk, "photo lost")
    choose(talk, "Take the photo again")
    talk.enter(str(picture))
    assert [kind for kind, _ in guard.actions()] == ["photo", "photo"]
    assert left(guard) == []


def test_seeing_one_of_several_goes_on_with_the_list_and_all_can_be_seen_at_once(
    guard: Handset, centre: PaperCentre
) -> None:
    for text in ("two", "three"):
        note(guard.phone, "LOBBY", text)
    guard.sync(centre.post)
    talk = converse(guard)
    assert "3 to settle" in look(talk).sync
    settle(talk, "Gate")
    choose(talk, "I have seen it")
    assert look(talk).heading == "To settle: 2"
    choose(talk, "all of it")
    assert look(talk).is_home
    assert left(guard) == []
