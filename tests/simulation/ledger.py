"""What the town knows of its actions from outside: what was saved, and where it must be found."""

import json
from dataclasses import dataclass, field
from functools import lru_cache

Id = tuple[str, int]


@lru_cache(maxsize=1 << 16)
def essence(line: str) -> str:
    """Return what an action is whatever its number: a line keeps all else when it is moved."""
    fields = json.loads(line)
    fields.pop("seq", None)
    fields.pop("was", None)
    return json.dumps(fields)


@dataclass
class Ledger:
    """What must not get lost: `must` are the essences of actions that somebody was told saved.

    `written` gives the lines that phones ever wrote under a number, `true_ms` when in truth.
    """

    must: set[str] = field(default_factory=set[str])
    written: dict[Id, set[str]] = field(default_factory=dict[Id, set[str]])
    true_ms: dict[str, int] = field(default_factory=dict[str, int])
    destroyed: int = 0

    def saw(self, own: list[tuple[str, int, str]], now_ms: int) -> set[str]:
        """Take in what a phone has written of its own; return the essences."""
        found: set[str] = set()
        for epoch, seq, line in own:
            what = essence(line)
            found.add(what)
            self.written.setdefault((epoch, seq), set()).add(line)
            self.true_ms.setdefault(what, now_ms)
        self.must |= found
        return found

    def forgive(self, left: set[str]) -> None:
        """Forget what a restoration destroyed: what is left nowhere that could bring it back."""
        self.destroyed += len(self.must - left)
        self.must &= left
