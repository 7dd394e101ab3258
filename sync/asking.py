"""Asking the centre: each request signed, for a moment of the centre's own clock, and for once."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from radar_core.actions import END_MS, Moment
from sync.exchange import Reply
from sync.journal import Journal
from sync.keys import KeyPair
from sync.signing import DEVICE_HEADER, SIGNATURE_HEADER, TIME_HEADER, request_message, request_time

NONCE_BYTES = 8
OFF = "centre_off_ms"
"""Where `meta` keeps by how much the centre's clock is ahead of this phone's."""
AGAIN = frozenset({"stale_request", "replayed"})
"""Refusals of a request that came too late, by a wrong clock, or twice: a new one is asked."""


class CentreClock:
    """What a phone takes for the centre's clock: its own, corrected by what the centre told."""

    __slots__ = ("_clock", "_keep", "_off_ms", "_randomness")

    def __init__(
        self,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
        off_ms: int = 0,
        keep: Callable[[int], object] = lambda _off_ms: None,
    ) -> None:
        """`clock` is the phone's own, in milliseconds; `keep` is told of each correction."""
        self._clock = clock
        self._randomness = randomness
        self._off_ms = off_ms
        self._keep = keep

    def stamp(self) -> str:
        """Return the time of a request, which is like no other's."""
        now_ms = max(0, self._clock() + self._off_ms)
        return request_time(now_ms, self._randomness(NONCE_BYTES))

    def learn(self, members: Mapping[str, object]) -> None:
        """Set the clock by a refusal that tells the centre's."""
        now_ms = members.get("now_ms")
        if isinstance(now_ms, int) and 0 <= now_ms < END_MS:
            self._off_ms = now_ms - self._clock()
            self._keep(self._off_ms)


class Asker:
    """Signs a device's requests."""

    __slots__ = ("_device", "_keys", "clock")

    def __init__(self, device: str, keys: KeyPair, clock: CentreClock) -> None:
        self._device = device
        self._keys = keys
        self.clock = clock

    def sign(self, method: str, path: str, body: bytes = b"") -> tuple[bytes, dict[str, str]]:
        """Return a request's signature, and the headers that show it."""
        time = self.clock.stamp()
        signature = self._keys.sign(request_message(method, path, time, body))
        shown = {DEVICE_HEADER: self._device, TIME_HEADER: time}
        return signature, {**shown, SIGNATURE_HEADER: signature.hex()}

    def ask(
        self, method: str, path: str, body: bytes, send: Callable[[bytes, dict[str, str]], Reply]
    ) -> Reply:
        """Sign and send a request; once more where the clock was wrong, or somebody was quicker."""
        first = send(*self.sign(method, path, body))
        if first.problem not in AGAIN:
            return first
        self.clock.learn(first.members)
        reply = send(*self.sign(method, path, body))
        return replace(
            reply,
            round_trips=first.round_trips + reply.round_trips,
            bytes_up=first.bytes_up + reply.bytes_up,
            bytes_down=first.bytes_down + reply.bytes_down,
        )


def centre_clock(
    journal: Journal, clock: Callable[[], Moment], randomness: Callable[[int], bytes]
) -> CentreClock:
    """Return a phone's idea of the centre's clock; what is learnt is kept in its journal."""

    def keep(off_ms: int) -> None:
        with journal.transaction():
            journal.set_meta(OFF, str(off_ms))

    off_ms = int(journal.meta().get(OFF, "0"))
    return CentreClock(lambda: clock().wall_ms, randomness, off_ms, keep)
