"""What comes from the keyboard, sorted: a hand scanner's codes, choices by a digit, and text.

A key of a scanner's burst is held back until it shows what it is, so that no letter of a code is
ever seen in a note. What a person types is slower and goes on at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scanners.bursts import ENDS, GAP_S, SILENCE_S, Burst, Bursts

HOLD_S = SILENCE_S + 0.005
"""So long after a key `silence` is to be told: what was held back shows then what it is."""


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


@dataclass(frozen=True, slots=True)
class Back:
    """An Esc that came so close before a burst that the terminal's reader took both for one key."""


Heard = Typed | Scanned | Digit | Enter | Back
ESC_SHOWN = "^"
"""What Textual makes of such an Esc."""


class Keyboard:
    """Told each key with its time; tells what became clear by it.

    `is_choice` tells whether a letter alone is a choice just now: then it waits for a moment.
    """

    def __init__(self, bursts: Bursts, is_choice: Callable[[str], bool]) -> None:
        self._bursts = bursts
        self._is_choice = is_choice
        self._held = ""
        self._shown = self._before = 0
        self._last_s = float("-inf")

    @property
    def is_waiting(self) -> bool:
        """Whether `silence` is to be told soon."""
        return bool(self._held or self._bursts.run)

    def key(self, char: str, at_s: float, *, more: bool = False) -> Iterator[Heard]:
        """Take a key that came at a time of a steady clock, in seconds.

        What is yielded is to be done at once: what the key itself means may depend on it. Where
        `more` keys are there already, the first of a run waits too: it may be a scanner's.
        """
        if at_s - self._last_s > GAP_S:
            run, over = self._bursts.run, self._bursts.gap(at_s)
            yield from self._scanned(over, run) if over is not None else self._let_go()
            self._before, self._shown = self._shown, 0
        self._last_s = at_s
        run = self._bursts.run
        burst = self._bursts.key(char, at_s)
        if burst is not None:
            yield from self._scanned(burst, run)
        elif char in ENDS:
            before = self._let_go()
            self._shown = 0
            yield from before
            if char != "\t" and not any(isinstance(one, Digit) for one in before):
                yield Enter()
        elif char.isprintable():
            self._held += char
            if self._is_clear(char, more=more):
                yield from self._let_go()

    def silence(self, at_s: float) -> list[Heard]:
        """Take that no key came until now."""
        run = self._bursts.run
        burst = self._bursts.silence(at_s)
        if burst is not None:
            return self._scanned(burst, run)
        silent = at_s - self._last_s >= SILENCE_S and not self._bursts.is_open
        return self._let_go() if silent else []

    def named(self) -> list[Heard]:
        """Take that a key with a name came, such as Esc: one key that is held back goes before it.

        Several may be a scanner's. What they are shows by itself, and is no matter of that key's.
        """
        return self._let_go() if len(self._held) == 1 else []

    def _is_clear(self, char: str, *, more: bool) -> bool:
        """Tell whether a key may be seen at once: the first of a run, and one that is held down."""
        run = self._bursts.run
        alone = len(run) == 1 and not more
        first = alone and char != ESC_SHOWN and not self._is_choice(char)
        return first or len(set(run)) == 1 < len(run)

    def _scanned(self, burst: Burst, run: str) -> list[Heard]:
        """Return a code, and the keys of a person's that came just before it."""
        if not burst.code:
            return []
        shown = self._shown + (self._before if burst.torn else 0)
        self._held, self._shown, self._before = "", 0, 0
        early = "" if burst.torn else run[shown : burst.astray]
        take_back = max(0, shown - burst.astray)
        before = self._meant_before_burst(early, alone=not shown)
        return [*before, Scanned(burst.code, take_back)]

    def _meant(self, keys: str, *, alone: bool) -> list[Heard]:
        """Return what keys of a person's mean: the number of a choice, or text."""
        if alone and len(keys) == 1 and self._is_choice(keys):
            return [Digit(int(keys))]
        return [Typed(keys)] if keys else []

    def _meant_before_burst(self, keys: str, *, alone: bool) -> list[Heard]:
        if keys.endswith(ESC_SHOWN):
            return [*self._meant(keys.removesuffix(ESC_SHOWN), alone=alone), Back()]
        return self._meant(keys, alone=alone)

    def _let_go(self) -> list[Heard]:
        """Return what was held back."""
        held, self._held = self._held, ""
        heard = self._meant(held, alone=not self._shown)
        self._shown += sum(len(one.text) for one in heard if isinstance(one, Typed))
        return heard
