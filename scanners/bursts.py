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
SILENCE_S = 0.1
"""After so long a code that is known is over, where the scanner ends it with nothing."""
ASTRAY_KEYS = 4
"""So many keys of a person's may have come just before a burst."""
ENDS = "\r\n\t"
TAIL_S = 0.1
"""For so long after a burst a key that ends one is the scanner's too: of CR and LF, the LF."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What a hand scanner typed, and how many keys at the run's beginning were a person's.

    Without a code it is an ending key that belongs to the burst before, to be passed over.
    """

    code: str
    astray: int = 0


class Bursts:
    """Told each key and when it came, finds the bursts among them.

    `known` tells whether a text is a code of the site book or of ours: what a person typed just
    before the scanner began is told apart by it, and what ends with silence is one only then.
    """

    def __init__(self, wedge: Wedge, known: Callable[[str], bool]) -> None:
        self._wedge = wedge
        self._known = known
        self._suffix = wedge.suffix.decode("utf-8", "replace").rstrip(ENDS)
        self._run = ""
        self._last_s = self._over_s = float("-inf")

    @property
    def run(self) -> str:
        """The keys of the run under way."""
        return self._run

    @property
    def silence_s(self) -> float:
        """After how many seconds without a key a burst is over that nothing ended."""
        return self._wedge.pause_s or SILENCE_S

    def key(self, char: str, at_s: float) -> Burst | None:
        """Take a key, in seconds of a steady clock; return the burst that it ends."""
        gap_s, self._last_s = at_s - self._last_s, at_s
        if gap_s > GAP_S:
            self._run = ""
        if char in ENDS:
            if not self._run and at_s - self._over_s < TAIL_S:
                self._over_s = at_s
                return Burst("")
            burst = self._burst() if self._is_burst() else None
            self._run = ""
            return self._over(burst)
        self._run += char
        if self._suffix and self._run.endswith(self._suffix) and self._is_burst():
            return self._over(self._burst())
        return None

    def silence(self, at_s: float) -> Burst | None:
        """Return a burst that ended with nothing, once it was silent for long enough."""
        if at_s - self._last_s < self.silence_s or not self._is_burst():
            return None
        burst = self._burst()
        return self._over(burst if self._wedge.pause_s or self._known(burst.code) else None)

    def _is_burst(self) -> bool:
        """Tell whether the run is one: a key that is held down is none."""
        return len(self._run) >= LEAST_KEYS and len(set(self._run)) > 1

    def _burst(self) -> Burst:
        whole = bare_text(self._run, self._wedge)
        if not self._known(whole):
            for keys in range(1, ASTRAY_KEYS + 1):
                rest = bare_text(self._run[keys:], self._wedge)
                if self._known(rest):
                    return Burst(rest, keys)
        return Burst(whole)

    def _over(self, burst: Burst | None) -> Burst | None:
        if burst is not None:
            self._run, self._over_s = "", self._last_s
        return burst
