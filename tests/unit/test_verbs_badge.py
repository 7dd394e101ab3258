"""A shared phone at the post: who signs in, who is locked out, and whose is what."""

from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from PIL import Image

from commands.badge import badge
from commands.bind import bind
from commands.lock import lock
from commands.note import note
from commands.scan import scan
from commands.status import status
from commands.tasks import tasks
from radar_core.actions import read_line
from radar_core.failures import NOT_PERMITTED, UNREADABLE, USAGE, Failure
from scanners.badge_card import card_png
from scanners.cameras import FRAME_PX
from sync.badges import SLOW, Badge
from sync.keys import KeyPair
from tests.command_line import CommandLine
from tests.paper_centre import PaperCentre
from tests.phones import Handset, code, data_of, failure_of, new_phone
from tests.stand_ins import filming, only, wall

QUICK = {**SLOW, "n": 2, "p": 1}
PIN = "135790"
LI, WANG, ZHANG = (Badge(staff, staff.encode().ljust(16)) for staff in ("G1", "G2", "C1"))
ELSEWHERE = Badge("X9", b"somebody else's!")
MINUTE = 60


@pytest.fixture
def post(tmp_path: Path, centre: PaperCentre) -> Handset:
    """Give a shared phone of Harbour View, whose people have badges."""
    for one in (LI, WANG, ZHANG):
        centre.put("HV", "badge", one.staff, one.record(PIN, QUICK))
    centre.move("", "HV")
    return new_phone(tmp_path, centre, "", "D-POST")


def typed(pin: str) -> Callable[[], str]:
    return lambda: pin


def attempt(what: Callable[[], object]) -> Failure:
    """Return how something failed."""
    try:
        return failure_of(what())
    except Failure as failure:
        return failure


def refused(handset: Handset, pin: str, one: Badge = LI) -> Failure:
    """Return how a sign-in failed, typed as a new command each time."""
    return attempt(lambda: badge(handset.reopen(), one.text, typed(pin)))


def come(handset: Handset, one: Badge = LI) -> dict[str, object]:
    return data_of(badge(handset.phone, one.text, typed(PIN)))


def whose(handset: Handset) -> list[tuple[str, str]]:
    """Return person and kind of each action."""
    rows = handset.phone.journal.connection.execute("SELECT epoch, line FROM action ORDER BY seq")
    return [(action.staff, action.kind) for action in (read_line(*row) for row in rows)]


def test_whoever_signs_in_works_in_their_own_name(post: Handset) -> None:
    assert come(post)["staff"] == "G1"
    assert data_of(scan(post.phone, code("GATE")))["signed_in"] == {
        "staff": "G1", "name": "Li Wei", "name_zh": "Li Wei",
    }  # fmt: skip
    come(post, WANG)
    note(post.phone, "GATE", "the lamp is out")
    lock(post.phone)
    assert whose(post) == [
        ("G1", "sign_in"), ("G1", "scan"), ("G2", "sign_in"), ("G2", "note"), ("G2", "sign_out"),
    ]  # fmt: skip


def test_tasks_are_theirs_who_are_signed_in(post: Handset) -> None:
    def titles() -> set[str]:
        rows = tasks(post.phone).data["tasks"]
        assert isinstance(rows, list)
        return {row["title"] for row in rows}

    come(post)
    assert titles() == {"Day", "Night"}
    come(post, ZHANG)
    assert titles() == {"Sweep"}


@pytest.mark.parametrize(
    "verb", [tasks, lambda p: scan(p, code("GATE")), lambda p: note(p, "GATE", "x")]
)
def test_with_nobody_signed_in_nothing_is_shown_or_saved(
    post: Handset, verb: Callable[[object], object]
) -> None:
    failure = attempt(lambda: verb(post.phone))
    assert (failure.code, failure.exit_code) == ("nobody_signed_in", NOT_PERMITTED)
    assert whose(post) == []
    told = data_of(status(post.phone))
    assert (told["shared"], told["staff"], told["tasks"]) == (True, "", {})


def test_a_thief_without_a_badge_gets_nowhere(post: Handset) -> None:
    own = Badge("G1", b"a thief's secret")
    assert refused(post, PIN, own).code == "badge_replaced"
    assert refused(post, PIN, ELSEWHERE).code == "unknown_badge"
    assert whose(post) == []


def test_a_badge_without_its_pin_is_locked_out_for_longer_and_longer(post: Handset) -> None:
    for _ in range(4):
        assert refused(post, "000000").code == "wrong_pin"
    waits = [refused(post, "000000").details["wait_s"]]
    for _ in range(8):
        failure = refused(post, PIN)
        assert (failure.code, failure.exit_code) == ("too_many_pins", NOT_PERMITTED)
        post.world.step(int(str(failure.details["wait_s"])))
        waits.append(refused(post, "000000").details["wait_s"])
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    post.world.step(3600)
    come(post)
    assert refused(post, "000000").code == "wrong_pin", "it is counted anew"


@pytest.mark.parametrize("trick", ["restart", "date", "restart and date"])
def test_neither_a_restart_nor_another_date_shortens_the_wait(post: Handset, trick: str) -> None:
    for _ in range(5):
        refused(post, "000000")
    if "date" in trick:
        post.world.wall_ms += 400 * 86_400_000
    if "restart" in trick:
        post.world.boot, post.world.mono_ms = "b008", 5_000
    assert refused(post, PIN).code == "too_many_pins"
    post.world.step(MINUTE)
    come(post)


def test_the_time_before_a_restart_does_not_count_and_that_since_does(post: Handset) -> None:
    for _ in range(5):
        refused(post, "000000")
    post.world.boot, post.world.mono_ms = "b008", 61_000
    come(post)


def test_a_try_is_counted_before_it_is_known_to_be_wrong(
    post: Handset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> KeyPair:
        raise KeyboardInterrupt

    monkeypatch.setattr(Badge, "keys", killed)
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            badge(post.reopen(), LI.text, typed(PIN))
    monkeypatch.undo()
    assert refused(post, PIN).code == "too_many_pins"


def test_wrong_pins_of_one_badge_lock_nobody_else_out(post: Handset) -> None:
    for _ in range(5):
        refused(post, "000000")
    assert come(post, WANG)["staff"] == "G2"
    assert refused(post, PIN).code == "too_many_pins"


def test_what_cannot_be_a_pin_is_no_try(post: Handset) -> None:
    for pin in ("12345", "abcdef", "1" * 40) * 3:
        failure = refused(post, pin)
        assert (failure.code, failure.exit_code) == ("bad_pin", USAGE)
    come(post)


def test_idle_hands_are_signed_out_and_it_is_recorded(post: Handset) -> None:
    come(post)
    post.world.step(14 * MINUTE)
    note(post.phone, "GATE", "still here")
    post.world.step(14 * MINUTE)
    tasks(post.phone)
    post.world.step(15 * MINUTE + 1)
    failure = attempt(lambda: tasks(post.reopen()))
    assert "nothing was done here for 15 min" in failure.message.format(**failure.values)
    assert whose(post)[-1] == ("G1", "sign_out")
    assert attempt(lambda: tasks(post.phone)).message.endswith("nobody is signed in.")


@pytest.mark.parametrize("minutes", [1, 2, 600])
def test_who_is_busy_stays_signed_in(post: Handset, minutes: int) -> None:
    post.phone.workplace.lock_min = minutes
    come(post)
    for _ in range(30):
        post.world.step(minutes * 50)
        note(post.phone, "GATE", "still here")
    post.world.step(minutes * 62)
    assert attempt(lambda: note(post.phone, "GATE", "late")).code == "nobody_signed_in"


def test_a_clock_put_back_keeps_nobody_signed_in(post: Handset) -> None:
    come(post)
    post.world.step(16 * MINUTE)
    post.world.step(-16 * MINUTE)
    assert attempt(lambda: tasks(post.phone)).code == "nobody_signed_in"


@pytest.mark.parametrize("away_s", [-3600, 16 * MINUTE])
def test_where_boots_have_no_names_the_wall_clock_counts_too(post: Handset, away_s: int) -> None:
    post.world.boot = ""
    come(post)
    post.world.wall_ms += away_s * 1000
    if away_s < 0:
        tasks(post.phone)
    else:
        assert attempt(lambda: tasks(post.phone)).code == "nobody_signed_in"


def test_never_idle_where_that_is_wished(post: Handset) -> None:
    post.phone.workplace.lock_min = 0
    come(post)
    post.world.step(30 * 86_400)
    tasks(post.phone)


@pytest.mark.parametrize("boot", ["b008", ""])
def test_a_restart_signs_out(post: Handset, boot: str) -> None:
    post.world.boot = post.world.boot if boot else ""
    come(post)
    post.world.boot, post.world.mono_ms = boot, 3_000
    failure = attempt(lambda: tasks(post.phone))
    assert "restarted" in failure.message


def test_a_new_badge_ends_the_work_under_the_old_one(post: Handset, centre: PaperCentre) -> None:
    come(post)
    new = Badge("G1", b"another secret!!")
    centre.put("HV", "badge", "G1", new.record(PIN, QUICK))
    post.sync(centre.post)
    assert "counts no more" in attempt(lambda: tasks(post.phone)).message
    assert refused(post, PIN).code == "badge_replaced"
    post.reopen()
    come(post, new)


def test_who_left_cannot_come_back(post: Handset, centre: PaperCentre) -> None:
    centre.put("HV", "badge", "G1", None)
    post.sync(centre.post)
    assert refused(post, PIN).code == "unknown_badge"


@pytest.mark.parametrize("text", [LI.text, LI.text.lower()])
def test_a_badge_is_no_tag(post: Handset, text: str) -> None:
    come(post, WANG)
    before = whose(post)
    for verb in (lambda: scan(post.phone, text), lambda: bind(post.phone, text, "GATE")):
        assert attempt(verb).code == "badge_scanned"
    assert whose(post) == before


def test_a_photo_of_a_badge_signs_in_and_is_no_tag(post: Handset, tmp_path: Path) -> None:
    picture = tmp_path / "badge.png"
    picture.write_bytes(card_png(LI.text, ["李伟", "Li Wei", "G1"]))
    assert data_of(badge(post.phone, str(picture), typed(PIN)))["staff"] == "G1"
    assert attempt(lambda: scan(post.phone, str(picture))).code == "badge_scanned"


@pytest.mark.parametrize("text", ["RADAR-BADGE:", "RADAR-BADGE:AAAA", code("GATE"), "hello"])
def test_what_is_no_badge_is_said_to_be_none(post: Handset, text: str) -> None:
    failure = attempt(lambda: badge(post.phone, text, typed(PIN)))
    assert (failure.code, failure.exit_code) == ("not_a_badge", UNREADABLE)


def test_a_badge_before_the_camera_signs_in(
    post: Handset,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = Image.new("L", FRAME_PX, 200)
    card = Image.open(BytesIO(card_png(LI.text, [])))
    shown.paste(card, (100, 40))
    filming(tmp_path / "bin", [wall(), shown, shown])
    radar = CommandLine(capfd, post.world.home)
    path = {"PATH": only(tmp_path / "bin")["PATH"]}
    monkeypatch.setattr("sys.stdin", StringIO(f"{PIN}\n"))
    assert radar("badge", "--camera", "--json", **path).data["staff"] == "G1"
    assert radar("badge", "--camera", LI.text).code == USAGE
    assert radar("badge", LI.text, "--device", "1").code == USAGE
    assert radar("badge").code == USAGE


def test_a_personal_phone_needs_nobody_to_sign_in(tmp_path: Path, centre: PaperCentre) -> None:
    centre.put("HV", "badge", "G1", LI.record(PIN, QUICK))
    own = new_phone(tmp_path, centre, "G1")
    for verb in (lambda: badge(own.phone, LI.text, typed(PIN)), lambda: lock(own.phone)):
        assert attempt(verb).code == "not_shared"
    assert data_of(scan(own.phone, code("GATE")))["signed_in"] is None
    assert data_of(status(own.phone))["shared"] is False


def test_locking_twice_is_as_good_as_once(post: Handset) -> None:
    assert lock(post.phone).data["signed_out"] is None
    come(post)
    told = lock(post.phone).data["signed_out"]
    assert isinstance(told, dict)
    assert told["staff"] == "G1"
    assert [kind for _, kind in whose(post)] == ["sign_in", "sign_out"]


def test_the_command_line_of_a_shared_phone(
    post: Handset,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    radar = CommandLine(capfd, post.world.home)

    def say(*lines: str) -> None:
        monkeypatch.setattr("sys.stdin", StringIO("".join(f"{line}\n" for line in lines)))

    assert radar("tasks").code == NOT_PERMITTED
    assert radar("scan", code("GATE"), "--json").error["code"] == "nobody_signed_in"
    assert "nobody is signed in" in radar("status").out
    say(PIN)
    assert "Li Wei (G1) is signed in" in radar("badge", LI.text).out
    assert "Signed in: Li Wei" in radar("scan", code("GATE"), RADAR_LANG="en").out
    assert "signed in: Li Wei (G1)" in radar("status").out
    assert radar("scan", WANG.text, "--json").error["code"] == "badge_scanned"
    say(WANG.text, PIN)
    assert radar("badge", "-", "--json").data["staff"] == "G2"
    say(WANG.text)
    assert radar("badge", "-").code == USAGE
    say()
    assert radar("badge", "-", "--json").error["code"] == "nothing_typed"
    say(LI.text, "000000")
    assert radar("badge", "-", "--json").error["code"] == "wrong_pin"
    assert radar("lock", "--json").data["signed_out"]["staff"] == "G2"
    assert "Nobody was signed in" in radar("lock").out
    assert radar("log", "--verify").code == 0
    assert radar("status", RADAR_LOCK_MIN="soon").code == USAGE
