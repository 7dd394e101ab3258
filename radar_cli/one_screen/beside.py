"""What goes on beside the plain mode, which waits for lines: the sync, and a leader's board."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Self

from radar_cli.one_screen.boards import Boards, Tell
from radar_cli.one_screen.desk import Desk, SyncState
from radar_cli.one_screen.leading import leads
from radar_core.answers import Answer
from radar_core.failures import Failure

BEGIN_S = 1.0
"""A script that is over by then needs no sync beside it."""
END_S = 5.0


class Beside:
    """A sync that goes on in a thread while somebody is waited for, and the board of who leads.

    `syncs` tells as `syncing.syncs` does. Use it as a context: at its end the sync has ended.
    """

    def __init__(
        self,
        syncs: Callable[[], AsyncIterator[SyncState]],
        boards: Callable[[Tell], Boards] | None = None,
        begin_s: float = BEGIN_S,
    ) -> None:
        self._syncs = syncs
        self._came: deque[Answer | Failure] = deque()
        self._boards = boards(self._came.append) if boards is not None else None
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
        if self._boards is not None:
            self._boards.end()
        self._thread.join(END_S)

    def hear(self, desk: Desk) -> None:
        """Tell the desk what came since it was told before, and ask for a leader's board anew."""
        if self._told:
            desk.sync = self._told.pop()
        while self._came:
            desk.hear_board(self._came.popleft())
        if self._boards is not None and leads(desk):
            self._boards.ask()

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
