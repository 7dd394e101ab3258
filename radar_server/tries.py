"""Wrong codes are counted by address and in all, in memory: guessing must not be quick.

A code has 50 random bits; docs/security.md says what these bounds leave to who guesses.
"""

from collections import deque
from ipaddress import ip_address

TRIES_MAX = 10
IN_ALL_MAX = 100
"""Over all addresses; then nobody is enrolled for the rest of the minute. No phone in use minds."""
WINDOW_MS = 60_000
ADDRESSES_MAX = 10_000
IPV6 = 6


class Tries:
    """The failed tries of the last minute."""

    __slots__ = ("_all", "_failed")

    def __init__(self) -> None:
        self._failed: dict[str, deque[int]] = {}
        self._all: deque[int] = deque(maxlen=IN_ALL_MAX)

    def __len__(self) -> int:
        """Return how many addresses are remembered."""
        return len(self._failed)

    def too_many(self, address: str, now_ms: int) -> bool:
        """Tell whether an address, or all of them together, used up the tries for now."""
        failed = self._failed.get(_network(address), deque())
        for some in (failed, self._all):
            while some and some[0] <= now_ms - WINDOW_MS:
                some.popleft()
        return len(failed) >= TRIES_MAX or len(self._all) >= IN_ALL_MAX

    def failed(self, address: str, now_ms: int) -> None:
        """Count a failed try; under a flood the addresses heard of first are forgotten first."""
        network = _network(address)
        if network not in self._failed and len(self._failed) >= ADDRESSES_MAX:
            del self._failed[next(iter(self._failed))]
        self._failed.setdefault(network, deque(maxlen=TRIES_MAX)).append(now_ms)
        self._all.append(now_ms)


def _network(address: str) -> str:
    """Return what counts as one address: of IPv6 everybody has 2⁶⁴."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return parsed.exploded[:19] if parsed.version == IPV6 else address
