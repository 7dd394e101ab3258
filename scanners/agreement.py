"""When a camera's frames agree on a code, and when they show it anew; pure."""

from collections import Counter
from collections.abc import Sequence

from radar_core.tags import code_of_label

FRAMES_MAX = 5
"""So many of the last frames have a say: at ten a second, half a second of holding still."""
VOTES_MIN = 2
"""So many frames must have read a text: none of them saw quite the same noise."""
AWAY_S = 2.0
"""A code that no frame showed for so long is scanned again when it comes back."""

MISSED_MIN = 2
"""A single frame without a code, as one that is blurred, does not mean that it went away."""


def agreed(frames: Sequence[Sequence[str]]) -> list[str]:
    """Return the texts that the last frames agree on, as ordered in the newest that has them.

    `frames` are the texts that each frame read, oldest first, none where it showed no code. A text
    counts when `VOTES_MIN` of the last `FRAMES_MAX` frames read it, or when one did and it is a
    label of RADAR's whose check character is right. Digits alone are no such label here: a maker's
    number passes our check by chance, one in 32.
    """
    last = [list(dict.fromkeys(texts)) for texts in frames[-FRAMES_MAX:]]
    votes = Counter(text for texts in last for text in texts)
    newest_first = dict.fromkeys(text for texts in reversed(last) for text in texts)
    return [text for text in newest_first if votes[text] >= VOTES_MIN or _is_ours(text)]


class Sightings:
    """What a camera that goes on has told of: each code once, until it was away for `AWAY_S`."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, int]] = {}
        """When each code was seen last, and how many frames came without it since."""

    def is_new(self, code: str, shown: Sequence[str], now_s: float) -> bool:
        """Note what a frame shows, and say whether `code`, "" for none, is to be told of.

        A code is away when `MISSED_MIN` frames are without it: they may be seconds apart, and one
        alone may be blurred.
        """
        passed = {one: (at_s, missed + 1) for one, (at_s, missed) in self._seen.items()}
        self._seen = {
            one: (now_s, 0) if one in shown else (at_s, missed)
            for one, (at_s, missed) in passed.items()
            if one in shown or now_s - at_s < AWAY_S or missed < MISSED_MIN
        }
        if not code or code in self._seen:
            return False
        self._seen[code] = now_s, 0
        return True

    def resume(self, now_s: float) -> None:
        """Go on after nobody looked for a while: what was in sight then may be so still."""
        self._seen = dict.fromkeys(self._seen, (now_s, 0))


def _is_ours(text: str) -> bool:
    code = code_of_label(text)
    return code is not None and not code.isdigit()
