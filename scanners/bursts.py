"""Which of the keys that came were typed by a hand scanner: pure, told by when each came.

A keyboard wedge types a code faster than anybody can: a run of keys, each close behind the one
before. It ends with a key of the scanner's own (Enter, Tab, a suffix that is set) or with silence.
"""

from collections.abc import Callable
from dataclasses import dataclass

from scanners.wedge import Wedge, bare_text

GAP_S = 0.05
"""The longest time between two keys of one burst; a fast typist needs 0.06, a scanner 0.02."""
LEAST_KEYS = 5
"""A burst has as many keys or more; fewer may be two fingers at once."""
SILENCE_S = GAP_S + 0.005
"""After so long a code that is known is over, where the scanner ends it with nothing."""
ASTRAY_KEYS = 4
"""So many keys of a person's may have come just before a burst; one held down, or words that an
input method hands over at once, count as one."""
WIDE_FROM = "\u2e80"
"""From here on are letters that no scanner types, and an input method hands over at once."""
TORN_S = 10.0
"""For so long a burst may be torn in two where the machine, not the scanner, paused."""
ENDS = "\r\n\t"
TAIL_S = 0.1
"""For so long after a burst a key that ends one is the scanner's too: of CR and LF, the LF."""

OWED_S = 1.0
"""For so long a scanner that ends its codes with a key may owe it, where the machine paused."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What a hand scanner typed, and how many keys at the run's beginning were a person's.

    Without a code it is an ending key that belongs to the burst before, to be passed over. Of one
    that was `torn`, so many of its keys came with the run before.
    """

    code: str
    astray: int = 0
    torn: int = 0


class Bursts:
    """Told each key and when it came, finds the bursts among them.

    `known` tells whether a text is a code of the site book or of ours: what a person typed just
    before the scanner began is told apart by it, and what ends with silence is one only then.
    """

    def __init__(self, wedge: Wedge, known: Callable[[str], bool]) -> None:
        self._wedge = wedge
        self._known = known
        self._suffix = wedge.suffix.decode("utf-8", "replace").rstrip(ENDS)
        self._run = self._before = ""
        self._last_s = self._over_s = float("-inf")
        self._owes_s = 0.0

    @property
    def run(self) -> str:
        """The keys of the run under way."""
        return self._run

    @property
    def silence_s(self) -> float:
        """After how many seconds without a key a burst is over that nothing ended."""
        return self._wedge.pause_s or SILENCE_S

    @property
    def is_open(self) -> bool:
        """Whether the run is a burst of something unknown, once it is silent for long enough."""
        return self._wedge.pause_s > 0 and _is_burst(self._run)

    def key(self, char: str, at_s: float) -> Burst | None:
        """Take a key, in seconds of a steady clock; return the burst that it ends.

        Ask `gap` first where time passed.
        """
        if self._is_late(at_s):
            self._before = self._run if at_s - self._last_s < TORN_S else ""
            self._run = ""
        self._last_s = at_s
        if char in ENDS:
            if not self._run and at_s - self._over_s < TAIL_S:
                self._over_s = at_s
                return Burst("")
            burst = self._over(self._ended(), at_s)
            self._owes_s = OWED_S if burst is not None else self._owes_s
            return burst
        self._run += char
        if self._suffix and self._run.endswith(self._suffix):
            burst = self._ended()
            return self._over(burst, at_s) if burst is not None else None
        return None

    def gap(self, at_s: float) -> Burst | None:
        """Return the burst that is over because the next key comes too late to be of it."""
        return self._silent(at_s, known=True, any_code=True) if self._is_late(at_s) else None

    def silence(self, at_s: float) -> Burst | None:
        """Return a burst that ended with nothing, once it was silent for long enough."""
        silent_s = at_s - self._last_s
        known = silent_s >= min(SILENCE_S, self.silence_s)
        return self._silent(at_s, known=known, any_code=silent_s >= self.silence_s)

    def _is_late(self, at_s: float) -> bool:
        return at_s - self._last_s > GAP_S

    def _silent(self, at_s: float, *, known: bool, any_code: bool) -> Burst | None:
        burst = self._known_end() if known else None
        if burst is None and any_code and self.is_open:
            burst = Burst(bare_text(self._run, self._wedge))
        return self._over(burst, at_s + self._owes_s) if burst is not None else None

    def _ended(self) -> Burst | None:
        """Return the burst that an ending key ends, if the run is one."""
        burst, words = self._known_end(), _words(self._run)
        if burst is None and _is_burst(self._run[words:]):
            burst = Burst(bare_text(self._run[words:], self._wedge), words)
        return burst

    def _known_end(self) -> Burst | None:
        """Return the known code that the run and the one before it end with, or the run alone.

        Both go first: a label that is torn behind its slash leaves what is a code by itself.
        """
        run, before = self._run, self._before
        whole = self._found(before + run) if run and before else None
        if whole is not None and whole.astray < len(before):
            return Burst(whole.code, whole.astray, len(before))
        return self._found(run)

    def _found(self, keys: str) -> Burst | None:
        """Return the known code that keys end with, but for a person's before it."""
        for astray in range(min(_most_astray(keys), len(keys) - LEAST_KEYS) + 1):
            code = bare_text(keys[astray:], self._wedge)
            if self._known(code):
                return Burst(code, astray)
        return None

    def _over(self, burst: Burst | None, at_s: float) -> Burst | None:
        self._run = self._before = ""
        if burst is not None:
            self._over_s = at_s
        return burst


def _is_burst(run: str) -> bool:
    """Tell whether a run looks like one: a held-down key and written words do not."""
    return len(run) >= LEAST_KEYS and len(set(run)) > 1 and max(run) < WIDE_FROM


def _most_astray(keys: str) -> int:
    """Return how many keys at the beginning may be a person's."""
    held = len(keys) - len(keys.lstrip(keys[:1]))
    return max(held, _words(keys)) + ASTRAY_KEYS


def _words(keys: str) -> int:
    """Return how many letters at the beginning no scanner types."""
    return next((at for at, char in enumerate(keys) if char < WIDE_FROM), len(keys))
