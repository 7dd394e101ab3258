"""What is heard and felt of a verdict: a bell, and a phone's vibration, in three patterns."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from radar_core.failures import Failure
from scanners.programs import Program, Silent, there_is

PROGRAM = "termux-vibrate"
PATTERNS: Mapping[str, tuple[int, ...]] = {
    "good": (80,),
    "warn": (200, 200),
    "bad": (450, 450, 450),
}
"""By tone, how many milliseconds each stroke lasts: they are told apart without looking."""
PAUSE_MS = 150
STROKE_S_MAX = 2.0
"""How long the program may take for one stroke; a hung one is ended."""
CLOSE_S_MAX = 2.0


class Signals:
    """Rings and vibrates in a thread of its own; `open` and `close` it.

    `bell` rings the terminal's bell, None where all is to be quiet; it is called from that thread.
    Where the phone vibrates it does that beside. A new signal cuts off what is left of the one
    before.
    """

    def __init__(self, environ: Mapping[str, str], bell: Callable[[], object] | None) -> None:
        self._environ = environ
        self._bell = bell
        self._tone = ""
        self._wanted = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="Signals", daemon=True)

    def open(self) -> None:
        """Begin to wait for tones."""
        self._thread.start()

    def tell(self, tone: str) -> None:
        """Give the signal of a tone; returns at once. What has no pattern is not heard."""
        if tone in PATTERNS:
            self._tone = tone
            self._wanted.set()

    def close(self, wait_s: float = CLOSE_S_MAX) -> bool:
        """Be silent, and wait until it is so; say whether it is."""
        self._closed.set()
        self._wanted.set()
        if self._thread.ident is not None:
            self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        vibrates = there_is(PROGRAM, self._environ)
        while self._wanted.wait() and not self._closed.is_set():
            self._wanted.clear()
            for stroke_ms in PATTERNS[self._tone]:
                if self._bell is not None:
                    self._bell()
                if vibrates:
                    self._vibrate(stroke_ms)
                if self._wanted.wait((stroke_ms + PAUSE_MS) / 1000):
                    break

    def _vibrate(self, stroke_ms: int) -> None:
        command = [PROGRAM, "-f", "-d", str(stroke_ms)]
        with (
            suppress(Silent, Failure),
            Program(command, self._environ, self._closed.is_set) as program,
        ):
            program.read(1, time.monotonic() + STROKE_S_MAX)
