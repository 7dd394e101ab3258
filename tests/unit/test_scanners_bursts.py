"""What a hand scanner types and what a person types, at one keyboard: never a letter astray."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from radar_cli.one_screen.keyboard import HOLD_S, Back, Digit, Heard, Keyboard, Scanned, Typed
from radar_core.tags import code_of_label
from scanners.bursts import Bursts
from scanners.wedge import Wedge
from tests.conversing import LABEL
from tests.phones import FOREIGN, code

KNOWN = (LABEL + code("GATE"), LABEL + code("LOBBY"), code("ROOF"), FOREIGN)
UNKNOWN = ("4006381333931", "http://example.org/sticker?id=77", "PART-NO 12/5-A")
SUFFIXES = (b"\r", b"\n", b"\r\n", b"\t", b";", b"##", b";\r\n", b"")
PREFIXES = (b"", b"\x02", b"~>")
AIMS = ("", "]Q1", "]C0")
LETTERS = "abcdexyzHTPS.电梯坏了"
PERSON_S = (0.06, 0.4)
"""From one key of a person's to the next."""
SCANNER_S = (0.0, 0.03)
"""From one key of a scanner's to the next; several come at once."""
LATE_S = 0.001
"""By so much an alarm comes late, at least."""

Key = tuple[str, float]


@dataclass(slots=True)
class Desk:
    """A line that is typed into as the screen has it, and what came of it, in order."""

    wedge: Wedge
    choices: str = ""
    line: str = ""
    came: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def type(self, keys: Iterable[Key]) -> None:
        """Hear keys, each with the time since the one before, and the silence behind each.

        Those without any time between them come together.
        """
        bursts = Bursts(self.wedge, _is_known)
        keyboard = Keyboard(bursts, lambda key: not self.line and key in self.choices)
        now_s, alarms = 0.0, list[float]()
        whole = [*keys, ("", 2.0)]
        for (char, after_s), (_, then_s) in pairwise([*whole, ("", 2.0)]):
            now_s += after_s
            for alarm_s in sorted(one for one in alarms if one < now_s):
                self._do(keyboard.silence(alarm_s))
            alarms = [one for one in alarms if one >= now_s]
            if char:
                self._do(keyboard.key(char, now_s, more=not then_s))
                waits = (max(HOLD_S, bursts.silence_s), HOLD_S) if keyboard.is_waiting else ()
                alarms += [now_s + wait_s + LATE_S for wait_s in waits]

    def _do(self, heard: Iterable[Heard]) -> None:
        for one in heard:
            if isinstance(one, Typed):
                self.line += one.text
            elif isinstance(one, Scanned):
                self.line = self.line[: len(self.line) - one.take_back]
                self.came.append(f"scan {one.code}")
            elif isinstance(one, Back):
                self.came.append("back")
            elif isinstance(one, Digit):
                self.came.append(f"choice {one.number}")
            else:
                self.came.append(f"line {self.line}")
                self.line = ""
            self.seen.add(self.line)


def _is_known(text: str) -> bool:
    return text in KNOWN or code_of_label(text) is not None


def typed_at_once(text: str, after_s: float = 0.06) -> list[Key]:
    """Return the keys of what an input method hands over."""
    return [(char, after_s if at == 0 else 0.0) for at, char in enumerate(text)]


@dataclass(frozen=True)
class Shift:
    """Keys as they come, and what is to come of them."""

    wedge: Wedge
    keys: tuple[Key, ...]
    came: tuple[str, ...]
    line: str


@st.composite
def shifts(draw: st.DrawFn, choices: str = "") -> Shift:
    """Draw what a person and a scanner type one after the other."""
    suffix = draw(st.sampled_from(SUFFIXES))
    pause_s = draw(st.sampled_from((0.0, 0.1))) if not suffix else 0.0
    wedge = Wedge(draw(st.sampled_from(PREFIXES)), suffix, pause_s)
    codes = KNOWN + (UNKNOWN if suffix or pause_s else ())
    keys: list[Key] = []
    came: list[str] = []
    line, was = "", ""
    for _ in range(draw(st.integers(1, 8))):
        part = draw(st.sampled_from(("scan", "type", "enter")))
        if part == "type" and choices:
            digit = draw(st.sampled_from(choices))
            keys.append((digit, draw(st.floats(*PERSON_S))))
            came.append(f"choice {digit}")
        elif part == "type":
            word = draw(st.text(LETTERS, min_size=1, max_size=6))
            keys += [(char, draw(st.floats(*PERSON_S))) for char in word]
            line += word
        elif part == "enter":
            keys.append(("\r", draw(st.floats(0.25, 1.0))))
            came.append(f"line {line}")
            line = ""
        else:
            text = draw(st.sampled_from(codes))
            # A known code is told apart from a key of the moment before it, another cannot be.
            first_s = draw(st.floats(0.0 if text in KNOWN and was == "type" else 0.06, 0.4))
            keys += _burst(draw, wedge, text, first_s)
            came.append(f"scan {text}")
        was = part
    return Shift(wedge, tuple(keys), tuple(came), line)


def _burst(draw: st.DrawFn, wedge: Wedge, text: str, first_s: float) -> list[Key]:
    whole = wedge.prefix.decode() + draw(st.sampled_from(AIMS)) + text + wedge.suffix.decode()
    at_once = draw(st.booleans())
    gaps = st.just(0.0) if at_once else st.floats(*SCANNER_S)
    return [(char, first_s if at == 0 else draw(gaps)) for at, char in enumerate(whole)]


def test_of_a_burst_that_is_there_at_once_no_letter_is_ever_shown() -> None:
    desk = Desk(Wedge(b"", b"\r"))
    desk.type(typed_at_once(KNOWN[0] + "\r"))
    assert (desk.came, desk.seen) == ([f"scan {KNOWN[0]}"], {""})


@given(shifts())
def test_no_letter_of_a_code_is_in_the_text_and_none_of_the_text_in_a_code(shift: Shift) -> None:
    desk = Desk(shift.wedge)
    desk.type(shift.keys)
    assert (tuple(desk.came), desk.line) == (shift.came, shift.line)
    for line in desk.seen:
        assert not any(text[:3] in line for text in (*KNOWN, *UNKNOWN)), line


@given(shifts(choices="123"))
def test_a_digit_is_a_choice_and_a_code_of_digits_is_none(shift: Shift) -> None:
    desk = Desk(shift.wedge, "0123456")
    desk.type(shift.keys)
    assert (tuple(desk.came), desk.line) == (shift.came, "")


@given(
    st.sampled_from(KNOWN),
    st.sampled_from((b"\r", b"\r\n", b"\t", b"##", b"")),
    st.integers(1, 40),
    st.floats(0.06, 8.0),
    st.text(LETTERS, max_size=4),
)
def test_a_burst_that_the_machine_tore_in_two_is_one(
    text: str, suffix: bytes, keys: int, pause_s: float, word: str
) -> None:
    desk = Desk(Wedge(suffix=suffix))
    burst = typed_at_once(text + suffix.decode())
    at = 1 + keys % (len(text) - 1)
    burst[at] = burst[at][0], pause_s
    desk.type([*((char, 0.1) for char in word), *burst])
    assert (desk.came, desk.line) == ([f"scan {text}"], word)


@given(st.sampled_from("a2 -电"), st.integers(5, 200), st.floats(0.01, 0.045))
def test_a_key_that_is_held_down_is_no_scan(key: str, times: int, gap_s: float) -> None:
    desk = Desk(Wedge(pause_s=0.1))
    held = [(key, 0.5), *((key, gap_s) for _ in range(times))]
    desk.type([*held, ("\r", 0.2)])
    assert desk.came == [f"line {key * (times + 1)}"]


@given(st.text("abcdefg1234567", min_size=5, max_size=40), st.floats(0.06, 0.09))
def test_fast_typing_is_no_scan(text: str, gap_s: float) -> None:
    desk = Desk(Wedge())
    desk.type([(char, gap_s) for char in text + "\r"])
    assert desk.came == [f"line {text}"]


@given(
    st.text("电梯坏了水泵房门开着三楼", min_size=2, max_size=40),
    st.sampled_from((0.0, 0.01, 0.2)),
    st.sampled_from((0.0, 0.1)),
)
@example("电梯坏了水泵", 0.0, 0.1)
def test_what_an_input_method_hands_over_at_once_is_text(
    text: str, enter_s: float, pause_s: float
) -> None:
    desk = Desk(Wedge(pause_s=pause_s))
    desk.type([*typed_at_once(text), ("\r", enter_s)])
    assert desk.came == [f"line {text}"]


@pytest.mark.parametrize("text", [KNOWN[0], UNKNOWN[0]])
def test_words_handed_over_just_before_a_burst_are_text(text: str) -> None:
    desk = Desk(Wedge())
    desk.type([*typed_at_once("三楼电梯坏了"), *typed_at_once(f"{text}\r", after_s=0.01)])
    assert (desk.came, desk.line) == ([f"scan {text}"], "三楼电梯坏了")


def test_an_esc_that_a_terminal_takes_for_a_letter_before_a_burst_is_an_esc() -> None:
    desk = Desk(Wedge())
    desk.type([("a", 0.1), *typed_at_once(f"^{KNOWN[0]}\r")])
    assert (desk.came, desk.line) == (["back", f"scan {KNOWN[0]}"], "a")
    desk.type([("^", 0.1), ("b", 0.1)])
    assert desk.line == "a^b"


def test_a_key_held_down_just_before_a_burst_is_text() -> None:
    desk = Desk(Wedge())
    held = [("a", 0.03)] * 30
    desk.type([*held, *typed_at_once(f"{KNOWN[0]}\r", after_s=0.02)])
    assert (desk.came, desk.line) == ([f"scan {KNOWN[0]}"], "a" * 30)


def test_an_enter_that_the_scanner_owes_after_a_stall_is_nobodys_enter() -> None:
    desk = Desk(Wedge())
    first, late = typed_at_once(KNOWN[0] + "\r"), typed_at_once(KNOWN[1])
    desk.type([*first, *late, ("\r", 0.9), ("\r", 2.0)])
    assert desk.came == [f"scan {KNOWN[0]}", f"scan {KNOWN[1]}", "line "]


def test_who_presses_enter_behind_a_scanner_that_ends_with_nothing_is_heard() -> None:
    desk = Desk(Wedge())
    desk.type([*typed_at_once(KNOWN[0]), ("\r", 0.3)])
    assert desk.came == [f"scan {KNOWN[0]}", "line "]
