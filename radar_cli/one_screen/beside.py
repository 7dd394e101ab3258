"""The sync beside the plain mode, which waits for lines: in a thread with a loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Self

from radar_cli.one_screen.desk import SyncState

BEGIN_S = 1.0
"""A script that is over by then needs no sync beside it."""
END_S = 5.0


class Beside:
    """A sync that goes on while somebody is waited for; what it tells is asked for.

    `syncs` tells as `syncing.syncs` does. Use it as a context: at its end the sync has ended.
    """

    def __init__(
        self, syncs: Callable[[], AsyncIterator[SyncState]], begin_s: float = BEGIN_S
    ) -> None:
        self._syncs = syncs
        self._begin_s = begin_s
        self._told: deque[SyncState] = deque(maxlen=1)
        self._ended = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the sync, and wait until it has."""
        self._ended.set()
        if self._loop is not None and self._task is not None:
            with contextlib.suppress(RuntimeError):  # it has just ended by itself
                self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(END_S)

    def news(self) -> SyncState | None:
        """Return the last that it told since it was asked before, None for nothing."""
        return self._told.pop() if self._told else None

    def _run(self) -> None:
        if not self._ended.wait(self._begin_s):
            with contextlib.suppress(asyncio.CancelledError):
                asyncio.run(self._listen())

    async def _listen(self) -> None:
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        if self._ended.is_set():
            return
        async for state in self._syncs():
            self._told.append(state)
