"""What the operator is told of refusals: a line for each, and of many alike one line a minute.

    2026-11-26T21:40:00Z refused replayed address=192.0.2.7 device=DK9J1T5NWH453: used before

No body, header, code or key ever comes here; what a stranger chose (an id) is made harmless first.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

SILENCE_S = 60.0
"""After a line, others of its kind from the same address are counted for so long."""
KINDS_MAX = 1_000
"""So many kinds and addresses are told apart; under a flood from more of them all are one."""
TEXT_CHARS_MAX = 100
_log = logging.getLogger(__name__)


def harmless(text: str) -> str:
    """Return a short line of it in which whatever could steer a terminal is spelt out."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return shown if len(shown) <= TEXT_CHARS_MAX else f"{shown[:TEXT_CHARS_MAX]}…"


class WatchLog:
    """The lines of one process."""

    def __init__(
        self,
        write: Callable[[str], object] = _log.warning,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str], tuple[float, int]] = {}
        """When each kind may be told again, and how many were not told meanwhile."""

    def refused(self, code: str, address: str, device: str = "", detail: str = "") -> None:
        """Tell that a request was refused, or count it where one like it was told just now."""
        now_s = self._monotonic_s()
        with self._lock:
            self._flush(now_s)
            key = (code, address if len(self._told) < KINDS_MAX else "")
            found = self._told.get(key)
            if found is not None:
                self._told[key] = (found[0], found[1] + 1)
                return
            self._told[key] = (now_s + SILENCE_S, 0)
            who = f"address={harmless(address) or '?'}"
            who += f" device={harmless(device)}" if device else ""
            self._line(f"refused {code} {who}" + (f": {harmless(detail)}" if detail else ""))

    def flush(self, *, all_of_it: bool = False) -> None:
        """Tell how many were not told, once their minute is over; or now."""
        with self._lock:
            self._flush(float("inf") if all_of_it else self._monotonic_s())

    def _flush(self, now_s: float) -> None:
        over = [key for key, (until_s, _) in self._told.items() if until_s <= now_s]
        for key in over:
            _, count = self._told.pop(key)
            if count:
                code, address = key
                whose = f"address={harmless(address)}" if address else "many addresses"
                self._line(f"refused {code} {whose}: {count} more like this")

    def _line(self, text: str) -> None:
        self._write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {text}")
