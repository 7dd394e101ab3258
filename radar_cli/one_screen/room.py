"""What every conversation has, be it work, practice or the way in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from radar_cli.one_screen.asks import Head
from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.drafts import Drafts
from radar_core.answers import Answer
from radar_core.failures import Failure

DOOR = "door"
CLOSED = frozenset({"not_enrolled", "wiped", "locked", "nobody_signed_in"})
"""Why there is no work on a phone just now: the wish is for the door then."""


@dataclass(slots=True)
class Room:
    """Where a conversation takes place: at whose desk, and what stands above it."""

    desk: Desk
    drafts: Drafts
    is_work: bool = field(default=True, kw_only=True)
    """Whether what is said here is work, and not practice or the way in."""
    job: Callable[[], Answer] | None = field(default=None, kw_only=True)
    """What takes a while: whoever draws does it beside when it is wished for, and says so."""

    def head(self) -> Head | None:
        """Return what stands above all else where that is not work; None for work."""
        return None

    def did(self, told: Answer | Failure) -> None:
        """Take what became of the job."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is still to be written, and let go of the phone."""
        self.drafts.close()

    def end(self) -> None:
        """Close this and what rests behind it: the program ends."""
        self.close()
