"""Which pictures of a watched folder are new and wholly written: pure; folder.py looks."""

from collections.abc import Mapping
from typing import NamedTuple

STILL_S = 1.0
"""A file that has not changed for so long is wholly written."""


class Mark(NamedTuple):
    """What tells one writing of a file from another: its inode, size and time of change in ns."""

    inode: int
    size: int
    changed_ns: int


class Arrivals:
    """Tells of each picture once, when it has been still for `STILL_S`.

    What lies there at the first look is known and told of never. A file that is renamed stays
    the same; one that is written anew is new.
    """

    def __init__(self, found: Mapping[str, Mark]) -> None:
        self._known = set(found.values())
        self._waiting: dict[Mark, float] = {}

    def look(self, found: Mapping[str, Mark], now_s: float) -> list[str]:
        """Return the names of the pictures that are ready now, given what lies there now."""
        marks = set(found.values())
        self._known &= marks
        self._waiting = {
            mark: self._waiting.get(mark, now_s) for mark in marks - self._known if mark.size
        }
        ready = {mark for mark, since_s in self._waiting.items() if now_s - since_s >= STILL_S}
        self._known |= ready
        told: dict[Mark, str] = {}
        for name in sorted(found):
            if found[name] in ready:
                told.setdefault(found[name], name)
        return list(told.values())
