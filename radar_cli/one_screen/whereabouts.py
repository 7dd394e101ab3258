"""Where the phone is, asked beforehand, so that no scan waits for it.

The answer is kept in memory alone, until a scan takes it along or a newer one comes.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from radar_cli.positions import body_of
from scanners.positions import Fix, read_fix

EVERY_S = 20.0
"""So often at most the phone is asked."""
AGE_S_MAX = 60.0
"""A position that is older says nothing of where a scan was."""
CLOSE_S_MAX = 2.0


class Whereabouts:
    """A thread that asks where the phone is when a scan is likely; `open` and `close` it.

    `ask` gives a fix or None, and may take its time until what it is given says True; `clock_s`
    counts the seconds.
    """

    def __init__(
        self,
        ask: Callable[[Callable[[], bool]], Fix | None],
        clock_s: Callable[[], float] = time.monotonic,
        every_s: float = EVERY_S,
    ) -> None:
        self._ask = ask
        self._clock_s = clock_s
        self._every_s = every_s
        self._wanted = threading.Event()
        self._closed = threading.Event()
        self._latest: tuple[Fix, float] | None = None
        self._thread = threading.Thread(target=self._run, name="Whereabouts", daemon=True)

    def open(self) -> None:
        """Begin, and ask for the first time."""
        self.likely()
        self._thread.start()

    def likely(self) -> None:
        """Say that a scan is likely: it is asked now, or when `every_s` are over."""
        self._wanted.set()

    def close(self, wait_s: float = CLOSE_S_MAX) -> bool:
        """Ask no more, and wait until it is so; say whether it is."""
        self._closed.set()
        self._wanted.set()
        if self._thread.ident is not None:
            self._thread.join(wait_s)
        return not self._thread.is_alive()

    def take(self) -> Mapping[str, object] | None:
        """Return the latest position for a scan, and have the next one asked for; at once."""
        self.likely()
        return self.latest()

    def latest(self) -> Mapping[str, object] | None:
        """Return the position of an action, if one of the last minute is known; at once."""
        latest = self._latest
        if latest is None:
            return None
        fix, asked_s = latest
        age_s = fix.age_s + self._clock_s() - asked_s
        return body_of(replace(fix, age_s=age_s)) if age_s <= AGE_S_MAX else None

    def _run(self) -> None:
        while self._wanted.wait() and not self._closed.is_set():
            self._wanted.clear()
            fix = self._ask(self._closed.is_set)
            if fix is not None:
                self._latest = fix, self._clock_s()
            if self._closed.wait(self._every_s):
                return


def of_phone(environ: Mapping[str, str]) -> Whereabouts:
    """Return the whereabouts of this machine, by what it has: Termux:API or gpsd."""
    return Whereabouts(lambda stopped: read_fix(environ, stopped=stopped))
