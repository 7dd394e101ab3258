"""How much anybody may ask, in memory: requests by device, failures by address, bytes at once.

A device is known by its signature only; so what fails counts against the address that it came from,
and an address that failed too often is still heard for the devices that it is known for.
"""

import time
from collections import Counter
from collections.abc import Callable

from radar_server.problems import Problem

DEVICE_RATE_S, DEVICE_BURST = 200.0, 4_000.0
"""Far more than a phone needs; a broken or stolen one cannot take the whole centre."""
FAILED_RATE_S, FAILED_BURST = 20.0, 200.0
KEYS_MAX = 20_000
ROOM_BYTES = 256 * 1024 * 1024
ROOM_OF_ADDRESS_BYTES = ROOM_BYTES // 2
FREE_BYTES = 64 * 1024
"""Of each body so much needs no room of its own: small ones go through, however many large wait."""


class Buckets:
    """A bucket of tokens for each key, full at first, filled at a rate."""

    def __init__(
        self, rate_s: float, burst: float, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate_s = rate_s
        self._burst = burst
        self._clock_s = clock_s
        self._levels: dict[str, tuple[float, float]] = {}

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._levels)

    def is_empty(self, key: str) -> bool:
        """Tell whether a key has no token left."""
        return self._level(key)[0] < 1

    def take(self, key: str) -> None:
        """Take a token; of too many keys those taken from longest ago are forgotten."""
        level, now_s = self._level(key)
        self._levels.pop(key, None)
        if len(self._levels) >= KEYS_MAX:
            del self._levels[next(iter(self._levels))]
        self._levels[key] = (level - 1, now_s)

    def _level(self, key: str) -> tuple[float, float]:
        now_s = self._clock_s()
        found = self._levels.get(key)
        if found is None:
            return self._burst, now_s
        level, then_s = found
        return min(self._burst, level + (now_s - then_s) * self._rate_s), now_s


class Limits:
    """What each device and address has used up."""

    def __init__(self) -> None:
        self._devices = Buckets(DEVICE_RATE_S, DEVICE_BURST)
        self._failed = Buckets(FAILED_RATE_S, FAILED_BURST)
        self._known: dict[tuple[str, str], None] = {}

    def check(self, address: str, device: str) -> None:
        """Raise Problem `too_fast` for who has used up what they had."""
        if self._failed.is_empty(address) and (address, device) not in self._known:
            raise Problem("too_fast", "Too much from this address was refused.")
        if self._devices.is_empty(device):
            raise Problem("too_fast")

    def passed(self, address: str, device: str) -> None:
        """Count a request that a device signed, or that needs nobody's name."""
        if not device:
            self.failed(address)
            return
        self._devices.take(device)
        if (address, device) not in self._known:
            if len(self._known) >= KEYS_MAX:
                del self._known[next(iter(self._known))]
            self._known[address, device] = None

    def failed(self, address: str) -> None:
        """Count a request that nobody known signed."""
        self._failed.take(address)


class Room:
    """The memory that bodies may take together while they come in and are worked on."""

    def __init__(self) -> None:
        self._taken = Counter[str]()

    def take(self, address: str, before: int, size: int) -> int:
        """Make room for `size` bytes of a body behind `before`; return how many count.

        Raise Problem `busy` where there is none.
        """
        counted = max(0, before + size - FREE_BYTES) - max(0, before - FREE_BYTES)
        if counted and (
            self._taken[address] + counted > ROOM_OF_ADDRESS_BYTES
            or self._taken.total() + counted > ROOM_BYTES
        ):
            raise Problem("busy", "Too many large bodies are coming in just now.")
        self._taken[address] += counted
        return counted

    def give(self, address: str, counted: int) -> None:
        """Give room back."""
        self._taken[address] -= counted
        if self._taken[address] <= 0:
            del self._taken[address]
