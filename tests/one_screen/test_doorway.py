"""The way in: not enrolled, locked, or nobody signed in, the phone leads in by itself."""

import asyncio
from pathlib import Path

import pytest

import sync.sealing
from commands.badge import badge
from commands.phone import Phone, Workplace
from commands.pin import lock_phone, set_pin
from radar_cli.one_screen.doorway import Doorway
from radar_cli.one_screen.practising import Practising
from radar_cli.one_screen.themes import CONTRAST
from radar_core.tags import make_code, typable
from scanners.screen_code import code_picture
from sync.badges import SLOW, Badge
from sync.enrolling import write_invitation
from tests.conversing import LABEL, LANGUAGES, SIZES, burst, seen, type_slowly, until
from tests.paper_centre import PaperCentre
from tests.paper_site import GOOD, PaperSite
from tests.phones import Handset, World, code, new_phone, site_centre
from tests.rooms import chosen, entered, rooms_of, say, scanned, screen_in, shown, talk_of

pytestmark = pytest.mark.usefixtures("folder")

PIN = "493817"
TYPE = "Type the address and the code"
LI = Badge("G1", b"the badge of Li.")
QUICK = {**SLOW, "n": 2, "p": 1}


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """Give the world of a phone that is not enrolled."""
    return World(tmp_path / "phone").workplace()


def test_a_phone_is_enrolled_by_scanning_the_code_and_has_work(
    place: Workplace, site: PaperSite, folder: Path
) -> None:
    rooms = rooms_of(place)
    talk = entered(rooms)
    assert isinstance(talk, Doorway)
    assert "Scan the code that your supervisor shows." in shown(talk)
    talk = scanned(rooms, talk, write_invitation(site.url, GOOD))
    assert "This phone is enrolled." in shown(talk)
    talk = chosen(rooms, talk, "Later: to work")
    assert talk.is_work
    assert "Li Wei · Harbour View" in shown(talk)
    talk = scanned(rooms, talk, LABEL + code("GATE"))
    assert "SAVED" in shown(talk)
    assert list(folder.iterdir()) == []
    talk.end()


def test_who_is_new_practises_at_once_and_comes_to_their_work(
    place: Workplace, site: PaperSite, folder: Path
) -> None:
    rooms = rooms_of(place)
    talk = say(rooms, scanned(rooms, entered(rooms), write_invitation(site.url, GOOD)), "")
    assert isinstance(talk, Practising)
    assert "Li Wei · practice" in shown(talk)
    talk = scanned(rooms, talk, LABEL + code("GATE"))
    assert talk.is_work
    (held,) = Phone(place).journal.connection.execute("SELECT count(*) FROM action").fetchone()
    assert held == 1
    assert list(folder.iterdir()) == []
    talk.end()


def test_one_can_practise_before_there_is_any_work(place: Workplace, folder: Path) -> None:
    rooms = rooms_of(place)
    talk = chosen(rooms, entered(rooms), "Practise", "Practise a cleaner's work")
    assert isinstance(talk, Practising)
    assert "You · practice" in shown(talk)
    talk = scanned(rooms, talk, LABEL + code("GATE"))
    assert isinstance(talk, Practising)
    talk.back()
    talk = chosen(rooms, talk, "End the practice")
    assert isinstance(talk, Doorway)
    talk.end()
    assert list(folder.iterdir()) == []


def test_address_and_code_are_typed_and_what_is_wrong_stays_to_be_mended(
    place: Workplace, site: PaperSite
) -> None:
    rooms = rooms_of(place)
    talk = chosen(rooms, entered(rooms), TYPE)
    talk = say(rooms, talk, "nowhere")
    assert "nowhere is not the address of a centre." in shown(talk)
    assert talk.draft == "nowhere"
    talk = say(rooms, talk, site.url, "AAAA-AAAA-AAA")
    assert "a character is wrong" in shown(talk)
    assert talk.draft == "AAAA-AAAA-AAA"
    wrong = typable(make_code(b"a bad code"))
    talk = say(rooms, talk, wrong)
    assert "The centre does not know this enrolment code." in shown(talk)
    assert talk.draft == wrong
    talk.back()
    assert talk.draft == site.url
    talk = say(rooms, talk, site.url, typable(GOOD))
    assert "This phone is enrolled." in shown(talk)
    talk.end()


def test_without_signal_the_same_is_tried_again_by_one_key(
    place: Workplace, site: PaperSite
) -> None:
    rooms = rooms_of(place)
    talk = scanned(rooms, entered(rooms), write_invitation("http://127.0.0.1:9", GOOD))
    assert "cannot be reached" in shown(talk)
    assert talk.draft == GOOD
    talk = scanned(rooms, talk, write_invitation(site.url, GOOD))
    assert "This phone is enrolled." in shown(talk)
    talk.end()


def test_an_address_alone_asks_for_the_code_and_a_picture_has_both(
    place: Workplace, site: PaperSite, tmp_path: Path
) -> None:
    rooms = rooms_of(place)
    talk = say(rooms, entered(rooms), site.url)
    assert talk.draft == site.url
    talk = say(rooms, talk, site.url)
    assert "The code?" in shown(talk)
    picture = tmp_path / "invitation.png"
    picture.write_bytes(code_picture(write_invitation(site.url, GOOD)))
    talk = scanned(rooms, talk, str(picture))
    assert "This phone is enrolled." in shown(talk)
    talk.end()


@pytest.mark.parametrize(("answer", "told"), [("1", "not enrolled"), ("2", "cannot be reached")])
def test_where_others_can_listen_the_person_is_asked(
    place: Workplace, answer: str, told: str
) -> None:
    rooms = rooms_of(place)
    talk = scanned(rooms, entered(rooms), f"RADAR1:E:{GOOD}:HTTP://CENTRE.INVALID:9")
    assert "Others on the network can read what is sent there." in shown(talk)
    talk = say(rooms, talk, answer)
    assert told in shown(talk)
    talk.end()


def test_nothing_is_saved_of_a_tag_before_there_is_work(place: Workplace) -> None:
    rooms = rooms_of(place)
    talk = scanned(rooms, entered(rooms), LABEL + code("GATE"))
    assert "That enrols no phone; nothing was saved of it." in shown(talk)
    assert not Path(place.home).exists()
    talk.end()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_enrolment_by_a_hand_scanner_on_every_screen(
    place: Workplace, site: PaperSite, size: tuple[int, int], language: str
) -> None:
    rooms = rooms_of(place, language=language)

    async def enrol() -> None:
        async with screen_in(rooms, size) as pilot:
            assert ("请扫主管出示的码" if language == "zh" else "Scan the code") in seen(pilot)
            await burst(pilot, write_invitation(site.url, GOOD))
            await until(pilot, lambda: talk_of(pilot).job is None)
            assert ("这部手机登记好了" if language == "zh" else "is enrolled") in seen(pilot)
            await type_slowly(pilot, "2")
            assert "Li Wei" in seen(pilot)
            await burst(pilot, LABEL + code("GATE"))
            assert ("已保存" if language == "zh" else "SAVED") in seen(pilot)

    asyncio.run(enrol())


def test_what_was_chosen_at_the_door_goes_along_and_is_there_at_the_next_start(
    place: Workplace, site: PaperSite
) -> None:
    async def choose() -> None:
        async with screen_in(rooms_of(place), (45, 40)) as pilot:
            await type_slowly(pilot, "f9", "f8")
            await burst(pilot, write_invitation(site.url, GOOD))
            await until(pilot, lambda: talk_of(pilot).job is None)
            await type_slowly(pilot, "2")
            assert talk_of(pilot).is_work
            assert pilot.app.theme == CONTRAST.name

    async def again() -> tuple[str, str]:
        async with screen_in(rooms_of(place), (45, 40)) as pilot:
            return pilot.app.theme, seen(pilot)

    asyncio.run(choose())
    theme, told = asyncio.run(again())
    assert theme == CONTRAST.name
    assert "扫码" in told


def test_what_was_chosen_before_is_there_once_the_phone_is_unlocked(locked: Handset) -> None:
    place = locked.world.workplace()

    async def look(*keys: str) -> str:
        async with screen_in(rooms_of(place), (45, 40)) as pilot:
            await type_slowly(pilot, *PIN, "enter")
            await until(pilot, lambda: talk_of(pilot).job is None)
            assert talk_of(pilot).is_work
            await type_slowly(pilot, *keys)
            return pilot.app.theme

    assert asyncio.run(look("f9")) == CONTRAST.name
    lock_phone(place)
    assert asyncio.run(look()) == CONTRAST.name


@pytest.fixture
def locked(tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch) -> Handset:
    """Give a guard's phone that is encrypted and locked."""
    assert memory.is_dir()
    monkeypatch.setattr(sync.sealing, "COST", 1 << 4)
    guard = new_phone(tmp_path, site_centre(), "G1")
    guard.phone.journal.connection.close()

    def ask(template: str, *, new: bool = False) -> str:
        assert template.isprintable(), new
        return PIN

    set_pin(guard.world.workplace(), ask, 900)
    lock_phone(guard.world.workplace())
    return guard


@pytest.mark.parametrize("size", SIZES)
def test_a_locked_phone_asks_for_its_pin_which_is_never_drawn_or_kept(
    locked: Handset, folder: Path, size: tuple[int, int]
) -> None:
    rooms = rooms_of(locked.world.workplace())

    async def unlock() -> None:
        async with screen_in(rooms, size) as pilot:
            assert "Type the PIN of this phone." in seen(pilot)
            for pin in ("999999", PIN):
                await type_slowly(pilot, *pin)
                assert pin not in seen(pilot)
                assert not holds(folder, pin)
                await type_slowly(pilot, "enter")
                await until(pilot, lambda: talk_of(pilot).job is None)
                told = " ".join(seen(pilot).split())
                assert ("This is not the phone's" in told) == (pin != PIN)
                assert not holds(folder, pin)
            assert talk_of(pilot).is_work
            await burst(pilot, LABEL + code("GATE"))
            assert "SAVED" in seen(pilot)

    asyncio.run(unlock())


def holds(folder: Path, text: str) -> bool:
    """Tell whether a text stands in any file below a folder."""
    return any(text.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_tag_that_is_scanned_at_a_locked_phone_is_no_pin(locked: Handset) -> None:
    rooms = rooms_of(locked.world.workplace())
    talk = scanned(rooms, entered(rooms), LABEL + code("GATE"))
    assert "This phone is locked; nothing was saved." in shown(talk)
    assert "PIN of this phone" in shown(talk)
    talk = say(rooms, talk, PIN)
    assert talk.is_work
    talk.end()


@pytest.fixture
def post(tmp_path: Path) -> Handset:
    """Give a shared phone of Harbour View, where Li has a badge."""
    centre: PaperCentre = site_centre()
    centre.put("HV", "badge", LI.staff, LI.record(PIN, QUICK))
    centre.move("", "HV")
    return new_phone(tmp_path, centre, "", "D-POST")


def test_a_shared_phone_asks_for_badge_and_pin(post: Handset, folder: Path) -> None:
    rooms = rooms_of(post.world.workplace())
    talk = entered(rooms)
    assert "Scan your badge." in shown(talk)
    talk = scanned(rooms, talk, LABEL + code("GATE"))
    assert "That is no badge; nothing was saved of it." in shown(talk)
    talk = say(rooms, scanned(rooms, talk, LI.text), "111222")
    assert "That PIN is wrong" in shown(talk)
    assert talk.draft == ""
    assert not holds(folder, LI.text)
    talk = say(rooms, talk, PIN)
    assert talk.is_work
    assert "Li Wei · Harbour View" in shown(talk)
    talk = scanned(rooms, talk, LABEL + code("GATE"))
    assert [kind for kind, _ in post.actions()] == ["sign_in", "scan"]
    talk.end()


def test_who_does_nothing_for_long_is_at_the_door_again(post: Handset) -> None:
    badge(post.phone, LI.text, lambda: PIN)
    rooms = rooms_of(post.world.workplace())
    talk = entered(rooms)
    assert talk.is_work
    post.world.step(16 * 60)
    talk.refresh()
    talk = rooms.follow(talk)
    assert isinstance(talk, Doorway)
    assert "Scan your badge." in shown(talk)
    talk = say(rooms, scanned(rooms, talk, LI.text), PIN)
    assert talk.is_work
    talk.end()


def test_a_screen_that_is_signed_out_meanwhile_draws_the_door(post: Handset) -> None:
    badge(post.phone, LI.text, lambda: PIN)
    rooms = rooms_of(post.world.workplace())

    async def wait() -> None:
        async with screen_in(rooms, (45, 40)) as pilot:
            assert "Li Wei" in seen(pilot)
            post.world.step(16 * 60)
            await burst(pilot, LABEL + code("GATE"))
            assert "Scan your badge." in seen(pilot)

    asyncio.run(wait())
    assert "scan" not in [kind for kind, _ in post.actions()]
