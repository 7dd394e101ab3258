"""Keys as they come from the terminal: a scanner's burst is one message, not one for each key.

Textual sends each key by itself, which takes it longer than all that is done with the code.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

if TYPE_CHECKING:
    from textual.driver import Driver

EDITS = {
    "backspace": "delete_left", "delete": "delete_right", "left": "cursor_left",
    "right": "cursor_right", "home": "home", "end": "end", "ctrl+a": "home", "ctrl+e": "end",
    "ctrl+left": "cursor_left_word", "ctrl+right": "cursor_right_word",
    "ctrl+w": "delete_left_word", "ctrl+u": "delete_left_all", "ctrl+k": "delete_right_all",
}  # fmt: skip
"""The keys that edit the line, and what each does there."""
CONTROLS = frozenset(
    {"enter", "tab", "ctrl+j", "ctrl+b", "ctrl+c", "ctrl+d", "ctrl+right_square_bracket"}
)
"""CR, TAB, LF, and STX, ETX, EOT and GS, which scanners put around and into codes."""


class Strokes(Message):
    """Keys that came close upon each other; more may come until they are taken."""

    def __init__(self, lock: threading.Lock) -> None:
        """`lock` is the driver's, whose thread adds keys."""
        super().__init__()
        self._lock = lock
        self._keys: list[events.Key] | None = []

    def add(self, key: events.Key) -> bool:
        """Add a key, the lock being held; False where they were taken already."""
        if self._keys is None:
            return False
        self._keys.append(key)
        return True

    def take(self) -> list[tuple[events.Key, bool]]:
        """Return the keys, in their order, each with whether one follows.

        What comes from here on comes by another message.
        """
        with self._lock:
            keys, self._keys = self._keys or [], None
        return [(key, number < len(keys)) for number, key in enumerate(keys, 1)]


def at_once(base: type[Driver]) -> type[Driver]:
    """Return a driver of some kind that sends keys as `Strokes`, in order with all else."""

    class AtOnce(base):  # type: ignore[valid-type,misc]
        """The driver of this terminal."""

        _lock = threading.Lock()
        _latest: Strokes | None = None

        def send_message(self, message: Message) -> None:
            """Send a message; a key joins those that were not taken yet."""
            with self._lock:
                latest, self._latest = self._latest, None
                if isinstance(message, events.Key):
                    if latest is not None and latest.add(message):
                        self._latest = latest
                        return
                    self._latest = Strokes(self._lock)
                    self._latest.add(message)
                    message = self._latest
            super().send_message(message)

    return AtOnce
