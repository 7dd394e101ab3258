"""Wrong codes are counted by address, in memory: guessing must not be quick."""

from collections import deque

TRIES_MAX = 10
WINDOW_MS = 60_000
ADDRESSES_MAX = 10_000


class Tries:
    """The failed tries of the last minute."""

    __slots__ = ("_failed",)

    def __init__(self) -> None:
        self._failed: dict[str, deque[int]] = {}

    def __len__(self) -> int:
        """Return how many addresses are remembered."""
        return len(self._failed)

    def too_many(self, address: str, now_ms: int) -> bool:
        """Tell whether an address has used up its tries for now."""
        failed = self._failed.get(address)
        while failed and failed[0] <= now_ms - WINDOW_MS:
            failed.popleft()
        return failed is not None and len(failed) >= TRIES_MAX

    def failed(self, address: str, now_ms: int) -> None:
        """Count a failed try; under a flood the addresses heard of first are forgotten first."""
        if address not in self._failed and len(self._failed) >= ADDRESSES_MAX:
            del self._failed[next(iter(self._failed))]
        self._failed.setdefault(address, deque(maxlen=TRIES_MAX)).append(now_ms)
