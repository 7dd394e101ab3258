"""Photos and signatures on their way up: in pieces, each blob from where the centre stands."""

from collections.abc import Callable
from dataclasses import dataclass

from radar_core.actions import Moment
from radar_core.failures import OFFLINE, Failure, N_
from radar_core.jsontext import decode_object
from sync.blobs import let_go, read_blob, waiting
from sync.exchange import Reply
from sync.journal import Journal, count_unsent
from sync.protocol import BLOBS_PATH

Put = Callable[[str, bytes], Reply]
"""Sends a piece to a path with its query."""
Tell = Callable[[int, int], object]
"""Is told how many blobs arrived and how many wait."""

PIECE_BYTES_FIRST = 32 * 1024
PIECE_BYTES_MIN, PIECE_BYTES_MAX = 8 * 1024, 256 * 1024
QUICK_MS, SLOW_MS = 1_000, 4_000
"""A piece that takes less lets the next one be larger, one that takes more lets it be smaller."""
MISFITS_MAX = 3
"""How often a centre may stand elsewhere than it said before this blob is left for later."""


@dataclass(slots=True)
class Sent:
    """What was sent: so many blobs arrived; `stopped` is why the others wait, empty for nothing."""

    arrived: int = 0
    stopped: str = ""


def send_blobs(
    journal: Journal,
    put: Put,
    clock: Callable[[], Moment],
    *,
    enough: Callable[[], bool] = lambda: False,
    tell: Tell = lambda _arrived, _waiting: None,
) -> Sent:
    """Send what was promised, the smallest first, each from where the centre stands.

    Between two pieces `enough` is asked whether to stop, and actions that were recorded meanwhile
    always do: they go first. What the network does ends the sending, and nothing else.
    """
    sending = _Sending(journal, put, clock, lambda: bool(count_unsent(journal)) or enough())
    blobs = waiting(journal)
    try:
        for done, (name, size) in enumerate(blobs, 1):
            if sending.enough() or not sending.send(name, size):
                break
            tell(sending.sent.arrived, len(blobs) - done)
    except Failure as failure:
        if failure.exit_code != OFFLINE:
            raise
        sending.sent.stopped = failure.code
    return sending.sent


class _Sending:
    """Blobs on their way."""

    def __init__(
        self,
        journal: Journal,
        put: Put,
        clock: Callable[[], Moment],
        enough: Callable[[], bool],
    ) -> None:
        self.sent = Sent()
        self.enough = enough
        self._journal = journal
        self._put = put
        self._clock = clock
        self._piece = PIECE_BYTES_FIRST

    def send(self, name: str, size: int) -> bool:
        """Send one blob as far as it goes; tell whether it is another one's turn."""
        data = read_blob(self._journal, name)
        at = misfits = 0
        while misfits < MISFITS_MAX:
            piece = (data or b"")[at : at + self._piece]
            reply = self._timed(f"{BLOBS_PATH}/{name}?from={at}&size={size}", piece)
            if reply.problem == "not_named":  # by a centre that lost the action meanwhile
                return True
            if reply.problem and reply.problem != "wrong_hash":
                self.sent.stopped = reply.problem
                return False
            held, arrived, gone = (
                (0, False, False) if reply.problem else _standing(reply.body, size)
            )
            if gone:
                let_go(self._journal, name)
                return True
            if arrived or data is None:
                self._note(name, arrived=arrived)
                return True
            misfits += held != at + len(piece)
            at = held
            if self.enough():
                return False
        return True

    def _timed(self, path: str, piece: bytes) -> Reply:
        """Send a piece, and let the next be of a size that this network takes in a second or so."""
        begun_ms = self._clock().mono_ms
        reply = self._put(path, piece)
        took_ms = self._clock().mono_ms - begun_ms
        if took_ms < QUICK_MS:
            self._piece = min(2 * self._piece, PIECE_BYTES_MAX)
        elif took_ms > SLOW_MS:
            self._piece = max(self._piece // 2, PIECE_BYTES_MIN)
        return reply

    def _note(self, name: str, *, arrived: bool) -> None:
        """Remember that a blob arrived, or that neither side has it."""
        with self._journal.transaction():
            self._journal.connection.execute(
                "UPDATE blob SET arrived_s = ?, lost = ? WHERE sha256 = ?",
                (self._clock().wall_ms // 1000 if arrived else None, not arrived, name),
            )
        self.sent.arrived += arrived


def _standing(body: bytes, size: int) -> tuple[int, bool, bool]:
    """Return how much of a blob the centre holds, and whether it has all of it, read back.

    And whether it has deleted it on schedule, so that it is not wanted any more.
    """
    try:
        told = decode_object(body.decode())
    except ValueError:
        told = {}
    held, arrived = told.get("held"), told.get("arrived")
    if type(held) is not int or not 0 <= held <= size or not isinstance(arrived, bool):
        raise Failure(
            "centre_nonsense",
            N_("What answered is not our centre, or is broken ({detail}); your work is kept."),
            N_("Check the network (a hotel or station login page?), then: radar sync"),
            exit_code=OFFLINE,
            detail="it says nothing of the photo",
        )
    return held, arrived, told.get("gone") is True
