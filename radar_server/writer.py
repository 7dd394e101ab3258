"""The one writer of a centre's process: what waits for it goes in together, with one commit.

A flush costs the same for one push as for a hundred. While a group of pushes is being committed
the next one gathers; a push's outcome is told only after its own group's commit.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import anyio

from radar_server.ingest import Outcome
from radar_server.prepared import Pushed

GROUP_PUSHES_MAX = 256
GROUP_LINES_MAX = 5_000
"""A group is full with so many lines: the next ones would wait too long for it."""

StoreAll = Callable[[Sequence[Pushed]], Awaitable[list[Outcome | Exception]]]
"""Takes in pushes of different epochs; gives each one's outcome."""


class _Waiting:
    """A push on its way; `outcome` is None until its group is done."""

    __slots__ = ("outcome", "pushed")

    def __init__(self, pushed: Pushed) -> None:
        self.pushed = pushed
        self.outcome: Outcome | Exception | None = None


class Writer:
    """Lets one write at a time, and pushes that wait write together."""

    def __init__(self, store_all: StoreAll) -> None:
        self._store_all = store_all
        self._lock = anyio.Lock()
        self._waiting: list[_Waiting] = []

    @asynccontextmanager
    async def alone(self) -> AsyncGenerator[None]:
        """Give way to a writer that has nothing to do with pushes."""
        async with self._lock:
            yield

    async def store(self, pushed: Pushed) -> Outcome | Exception:
        """Take a push in with those that wait beside it; return when it is durable, or refused."""
        mine = _Waiting(pushed)
        self._waiting.append(mine)
        try:
            async with self._lock:
                # Whoever gets the lock first takes the others along, who then find it done.
                while mine.outcome is None:
                    await self._store_group()
        finally:
            if mine in self._waiting:
                self._waiting.remove(mine)
        return mine.outcome

    async def _store_group(self) -> None:
        group = self._take()
        try:
            with anyio.CancelScope(shield=True):
                outcomes = await self._store_all([one.pushed for one in group])
                for one, outcome in zip(group, outcomes, strict=True):
                    one.outcome = outcome
        finally:
            # Where the one that led the group was stopped, the next will lead it.
            self._waiting[:0] = [one for one in group if one.outcome is None]

    def _take(self) -> list[_Waiting]:
        """Take the next group out of those that wait, the oldest first, no epoch twice."""
        group: list[_Waiting] = []
        epochs: set[str] = set()
        later: list[_Waiting] = []
        lines = 0
        for at, one in enumerate(self._waiting):
            push = one.pushed.page.push
            if group and (lines + len(push.lines) > GROUP_LINES_MAX or at >= GROUP_PUSHES_MAX):
                later += self._waiting[at:]
                break
            if push.epoch in epochs:
                later.append(one)
            else:
                epochs.add(push.epoch)
                group.append(one)
                lines += len(push.lines)
        self._waiting = later
        return group
