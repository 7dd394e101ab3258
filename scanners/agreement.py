"""When a camera's frames agree on a code; pure."""

from collections import Counter
from collections.abc import Sequence

from radar_core.tags import code_of_label

FRAMES_MAX = 5
"""So many of the last frames have a say: at ten a second, half a second of holding still."""
VOTES_MIN = 2
"""So many frames must have read a text: none of them saw quite the same noise."""


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


def _is_ours(text: str) -> bool:
    code = code_of_label(text)
    return code is not None and not code.isdigit()
