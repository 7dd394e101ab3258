"""What comes from the keyboard, sorted: a hand scanner's codes, choices by a digit, and text.

A key of a scanner's burst is held back until it shows what it is, so that no letter of a code is
ever seen in a note. What a person types is slower and goes on at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

from scanners.bursts import ENDS, GAP_S, Burst, Bursts

HOLD_S = GAP_S + 0.01
"""For so long after a key it is held back, where more of a burst may follow."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Text that a person typed, to be put where the cursor is."""

    text: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code that a hand scanner typed; so many letters of it stand before the cursor already."""

    code: str
    take_back: int = 0


@dataclass(frozen=True, slots=True)
class Digit:
    """A key that alone is the number of a choice."""

    number: int


@dataclass(frozen=True, slots=True)
class Enter:
    """The Enter key of a person."""


Heard = Typed | Scanned | Digit | Enter


class Keyboard:
    """Told each key with its time; returns what became clear by it.

    `is_choice` tells whether a letter alone is a choice just now: then it waits for a moment.
    """

    def __init__(self, bursts: Bursts, is_choice: Callable[[str], bool]) -> None:
        self._bursts = bursts
        self._is_choice = is_choice
        self._held = ""
        self._shown = 0
        self._last_s = float("-inf")

    @property
    def is_waiting(self) -> bool:
        """Whether `silence` is to be told soon."""
        return bool(self._held or self._bursts.run)

    def key(self, char: str, at_s: float) -> list[Heard]:
        """Take a key that came at a time of a steady clock, in seconds."""
        found: list[Heard] = []
        if at_s - self._last_s > GAP_S:
            found += self._let_go()
            self._shown = 0
        self._last_s = at_s
        run = self._bursts.run
        burst = self._bursts.key(char, at_s)
        if burst is not None:
            return [*found, *self._scanned(burst, run)]
        if char in ENDS:
            before = self._let_go()
            done = any(isinstance(one, Digit) for one in before)
            return [*found, *before, *([Enter()] if char != "\t" and not done else [])]
        if char.isprintable():
            self._held += char
            if self._is_clear(char):
                found += self._let_go()
        return found

    def silence(self, at_s: float) -> list[Heard]:
        """Take that no key came until now."""
        run = self._bursts.run
        burst = self._bursts.silence(at_s)
        if burst is not None:
            return self._scanned(burst, run)
        return self._let_go() if at_s - self._last_s >= GAP_S else []

    def _is_clear(self, char: str) -> bool:
        """Tell whether a key may be seen at once: the first of a run, and one that is held down."""
        run = self._bursts.run
        return (len(run) == 1 and not self._is_choice(char)) or len(set(run)) == 1 < len(run)

    def _scanned(self, burst: Burst, run: str) -> list[Heard]:
        """Return a code, and the keys of a person's that came just before it."""
        shown, self._held, self._shown = self._shown, "", 0
        if not burst.code:
            return []
        early: list[Heard] = [Typed(run[shown : burst.astray])] if burst.astray > shown else []
        return [*early, Scanned(burst.code, max(0, shown - burst.astray))]

    def _let_go(self) -> list[Heard]:
        """Return what was held back: the number of a choice, or text."""
        held, self._held = self._held, ""
        if not held:
            return []
        if len(held) == 1 and not self._shown and self._is_choice(held):
            return [Digit(int(held))]
        self._shown += len(held)
        return [Typed(held)]
