"""Badges and PINs: a text, a slow key, and a signature over one very line."""

import time

import pytest

from radar_core.actions import Draft, Moment, write_line
from sync.badges import (
    SLOW,
    Badge,
    is_guessable,
    is_sign_in,
    plain_pin,
    read_badge,
    sign_in_message,
)
from sync.chain import digest
from sync.keys import KeyPair

SECRET = bytes(range(16))
QUICK = {**SLOW, "n": 2, "p": 1}
KEY = KeyPair(digest(b"a badge's key"))
AFTER = digest(b"before")


@pytest.mark.parametrize("staff", ["G", "HV-G01", "a_b.c-9", "x" * 40])
def test_a_badge_is_read_as_it_was_written(staff: str) -> None:
    badge = Badge(staff, SECRET)
    for text in (badge.text, f" {badge.text.lower()}\n"):
        found = read_badge(text)
        assert found is not None
        assert (found.staff, found.secret, found.mark) == (staff, SECRET, badge.mark)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "RADAR-BADGE:",
        "RADAR-BADGE:AAAA",
        "RADAR-BADGE:!!!!",
        "RADAR1:H:ABC",
        "7K3M-8Q2P-XYZ",
        "RADAR-BADGE:" + "A" * 500,
        "RADAR-BADGE:" + "7" * 40,
        "RADAR-BADGE:ÄÖÜ",
    ],
)
def test_what_is_no_badge_is_none(text: str) -> None:
    assert read_badge(text) is None


def test_the_key_takes_badge_and_pin_and_person() -> None:
    same = Badge("G1", SECRET).keys("135790", QUICK).public
    assert Badge("G1", SECRET).keys("135790", QUICK).public == same
    others = [
        Badge("G1", SECRET).keys("135791", QUICK),
        Badge("G2", SECRET).keys("135790", QUICK),
        Badge("G1", SECRET[::-1]).keys("135790", QUICK),
        Badge("G1", SECRET).keys("135790", {**QUICK, "n": 4}),
    ]
    assert same not in [keys.public for keys in others]


def test_the_hash_is_slow_and_fits_an_old_phone() -> None:
    assert 128 * SLOW["n"] * SLOW["r"] <= 64 << 20, "bytes of memory"
    begun = time.process_time()
    Badge("G1", SECRET).keys("135790", SLOW)
    assert time.process_time() - begun > 0.05


def test_the_record_tells_nothing_of_the_secret() -> None:
    badge = Badge("G1", SECRET)
    record = badge.record("135790", QUICK)
    assert record == {
        "key": badge.keys("135790", QUICK).public.hex(),
        "mark": badge.mark,
        "slow": QUICK,
    }


@pytest.mark.parametrize(
    ("typed", "pin"),
    [
        ("135790", "135790"),
        (" 1357901 ", "1357901"),
        ("\uff11\uff13\uff15\uff17\uff19\uff10", "135790"),
        ("1" * 12, "1" * 12),
        ("12345", None),
        ("1" * 13, None),
        ("12345a", None),
        ("", None),
        ("-12345", None),
        ("١٣٥٧٩٠", None),
        ("1²3456", "123456"),
    ],
)
def test_a_pin_has_so_many_digits(typed: str, pin: str | None) -> None:
    assert plain_pin(typed) == pin


@pytest.mark.parametrize(
    ("pin", "guessable"),
    [
        ("000000", True),
        ("999999", True),
        ("123456", True),
        ("890123", True),
        ("987654", True),
        ("135790", False),
        ("121212", False),
        ("112233", False),
    ],
)
def test_some_pins_everybody_tries_first(pin: str, guessable: bool) -> None:  # noqa: FBT001
    assert is_guessable(pin) is guessable


def signed(seq: int = 7, device: str = "D1", epoch: str = "E1", **more: object) -> str:
    """Return the line of a sign-in under some number."""
    moment = Moment("2026-03-02T08:00:00+08:00", 1_772_409_600_000, "boot", 5)

    def line(body: dict[str, object]) -> str:
        draft = Draft(staff="G1", project="HV", kind="sign_in", subject="G1", body=body)
        return write_line(seq, "0" * 16, moment, draft)

    body: dict[str, object] = {"badge": KEY.public.hex(), "after": AFTER.hex(), **more}
    proof = KEY.sign(sign_in_message(device, epoch, line(body)))
    return line(body | {"signature": proof.hex()})


def test_a_sign_in_is_proved_where_it_stands() -> None:
    assert is_sign_in(KEY.public, "D1", signed(), ("E1", 7), AFTER)
    assert is_sign_in(KEY.public, "D1", signed(), ("E1", 7), None)


def test_a_sign_in_that_was_moved_is_proved_where_it_stood() -> None:
    moved = signed().replace('{"seq":7,', '{"seq":2,')[:-1] + ',"was":"E1.7"}'
    assert is_sign_in(KEY.public, "D1", moved, ("E1", 7), None)
    assert not is_sign_in(KEY.public, "D1", moved, ("E1", 6), None)
    assert not is_sign_in(KEY.public, "D1", moved.replace("E1.7", "E1.8"), ("E1", 8), None)


@pytest.mark.parametrize("place", [("E1", 8), ("E2", 7), ("E1", 0)])
def test_a_sign_in_counts_nowhere_else(place: tuple[str, int]) -> None:
    assert not is_sign_in(KEY.public, "D1", signed(), place, AFTER)
    assert not is_sign_in(KEY.public, "D2", signed(), ("E1", 7), AFTER)
    assert not is_sign_in(KEY.public, "D1", signed(), ("E1", 7), digest(b"another chain"))
    assert not is_sign_in(digest(b"another key"), "D1", signed(), ("E1", 7), AFTER)


@pytest.mark.parametrize("character", range(0, len(signed()), 3))
def test_no_character_of_a_sign_in_can_be_another(character: int) -> None:
    line = signed()
    changed = line[:character] + chr(ord(line[character]) ^ 1) + line[character + 1 :]
    assert not is_sign_in(KEY.public, "D1", changed, ("E1", 7), None)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{}",
        "[]",
        "{",
        '{"seq":7,"body":[]}',
        '{"seq":7,"body":{"signature":7}}',
        '{"seq":7,"body":{"after":"","signature":"zz"}}',
        '{"body":{"signature":"00"}}',
        '{"seq":7,"body":{"a":"\\ud800","signature":"00"}}',
        '{"seq":7,"x":' + "[" * 9999,
    ],
)
def test_what_is_no_sign_in_is_none(line: str) -> None:
    assert not is_sign_in(KEY.public, "D1", line, ("E1", 7), None)


def test_other_members_of_the_body_are_signed_too() -> None:
    line = signed(how="picture")
    assert is_sign_in(KEY.public, "D1", line, ("E1", 7), AFTER)
    assert not is_sign_in(KEY.public, "D1", line.replace("picture", "typed"), ("E1", 7), AFTER)
