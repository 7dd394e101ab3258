"""The clock by which a scanner's keys are told from a person's, and what is done a little later."""

import time
from collections.abc import Callable

from textual.app import App


class Clock:
    """The clock that keys are stamped with; another one need not go by itself."""

    def now(self) -> float:
        """Return the time, in seconds of a steady clock."""
        return time.monotonic()

    def later(self, app: App[None], in_s: float, do: Callable[[], None]) -> None:
        """Have an app do something once so many seconds have passed."""
        app.set_timer(in_s, do)
