"""Events: who listens is told that a project moved, and then syncs.

Nothing queues up: of each project only the newest position is kept for a listener. While anybody
listens the heads are read once a second, in one query for all, and which of them were revoked; so
it does not matter which of several processes took an action in, or revoked a phone. A commit of
this process is looked at without delay.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import dataclass, field

import anyio
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import col
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from radar_server.answering import epoch_of
from radar_server.centre import Centre
from radar_server.database import reading
from radar_server.devices import devices_in_use, revoked_of
from radar_server.doors import enter, projects_of, projects_of_devices
from radar_server.problems import Problem
from radar_server.requests import Asked
from radar_server.tables import HeadRow
from sync.signing import answer_message

EVENT_TYPE = "text/event-stream"
QUESTION = "listen"
LISTENERS_MAX = 2_000
LISTENERS_OF_DEVICE_MAX = 4
"""A device's oldest stream ends when it opens more: its network may have forgotten that one."""
HEARTBEAT_S = 15.0
POLL_S = 1.0
GATHER_S = 0.1
"""After a look at the heads the next one waits this long, however many commits there are."""
SCOPE_S = 15.0
"""So often it is looked up whether a listener may still listen, and to what."""
RETRY_MS = 10_000
_HEADERS = {"x-accel-buffering": "no"}

_HEADS = select(col(HeadRow.project), col(HeadRow.pos))

Positions = Mapping[str, int]


@dataclass(slots=True, eq=False)
class _Listener:
    """Somebody who listens: what they were told, what they are to be told, and of what projects."""

    device: str
    told: dict[str, int]
    projects: frozenset[str]
    news: dict[str, int] = field(default_factory=dict[str, int])
    woken: anyio.Event = field(default_factory=anyio.Event)
    ended: bool = False

    def hear(self, heads: Positions) -> None:
        """Note what has moved since this listener was told."""
        for project in self.projects:
            pos = heads.get(project, 0)
            if pos != self.told.get(project, 0):
                self.told[project] = self.news[project] = pos
        if self.news:
            self.woken.set()

    def end(self) -> None:
        self.ended = True
        self.woken.set()

    def take(self) -> bytes:
        """Return what is to be told as events; a heartbeat where there is nothing."""
        news, self.news = self.news, {}
        return b"".join(_event("moved", {"project": p, "pos": pos}) for p, pos in news.items()) or (
            b":\n\n"
        )


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a stream begins with, read in one snapshot."""

    device: str
    centre: str
    positions: dict[str, int]
    projects: frozenset[str]


class Events:
    """All that listen to this process of a centre."""

    def __init__(self, centre: Centre, threads: anyio.CapacityLimiter) -> None:
        self._centre = centre
        self._threads = threads
        self._listeners: dict[_Listener, None] = {}
        self._nudged = anyio.Event()
        self._watch: asyncio.Task[None] | None = None
        self._closed = False

    async def listen(self, asked: Asked) -> StreamingResponse:
        """Open a stream; raise Problem for who may not listen, and where too many do."""
        begun = await anyio.to_thread.run_sync(
            lambda: _begin(self._centre, asked), limiter=self._threads
        )
        if self._closed or len(self._listeners) >= LISTENERS_MAX:
            raise Problem("busy", "The centre takes no more listeners just now.")
        listener = _Listener(begun.device, dict(begun.positions), begun.projects)
        self._make_room(begun.device)
        self._listeners[listener] = None
        if self._watch is None or self._watch.done():
            self._watch = asyncio.get_running_loop().create_task(self._watch_heads())
        stream = _stream(listener, self._hello(asked, begun))
        return _Stream(stream, lambda: self._listeners.pop(listener, None))

    def nudge(self) -> None:
        """Look at the heads without delay: something was committed here."""
        self._nudged.set()

    def close(self) -> None:
        """End all streams and take no more."""
        self._closed = True
        for listener in self._listeners:
            listener.end()
        self.nudge()

    def _make_room(self, device: str) -> None:
        own = [listener for listener in self._listeners if listener.device == device]
        for listener in own[: max(0, len(own) - LISTENERS_OF_DEVICE_MAX + 1)]:
            listener.end()

    def _hello(self, asked: Asked, begun: _Begun) -> bytes:
        """Return the first event, signed, so that nobody else can play centre."""
        told = {"centre": begun.centre, "projects": begun.positions}
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        message = answer_message(asked.signature, 200, text.encode())
        signature = self._centre.keys.sign(message).hex()
        return f"retry: {RETRY_MS}\nevent: hello\ndata: {signature} {text}\n\n".encode()

    async def _watch_heads(self) -> None:
        """Tell the listeners what moves, as long as there are any."""
        looked_up_s = anyio.current_time()
        while self._listeners:
            with anyio.move_on_after(POLL_S):
                await self._nudged.wait()
            self._nudged = anyio.Event()
            if not self._listeners:
                return
            try:
                if anyio.current_time() - looked_up_s >= SCOPE_S:
                    await self._look_up_rights()
                    looked_up_s = anyio.current_time()
                devices = {listener.device for listener in self._listeners}
                heads, revoked = await anyio.to_thread.run_sync(
                    self._look, devices, limiter=self._threads
                )
            except DBAPIError as error:
                logging.getLogger(__name__).warning("the database refused: %s", error.orig)
                continue
            for listener in self._listeners:
                if listener.device in revoked:
                    listener.end()
                else:
                    listener.hear(heads)
            await anyio.sleep(GATHER_S)

    async def _look_up_rights(self) -> None:
        devices = {listener.device for listener in self._listeners}
        rights = await anyio.to_thread.run_sync(
            lambda: _read_rights(self._centre, devices), limiter=self._threads
        )
        for listener in self._listeners:
            projects = rights.get(listener.device)
            if projects is not None:
                listener.projects = projects
            elif listener.device in devices:
                listener.end()

    def _look(self, devices: Iterable[str]) -> tuple[dict[str, int], frozenset[str]]:
        """Return where the projects stand, and which of the devices are revoked by now."""
        with reading(self._centre.engine) as connection:
            return _heads(connection), revoked_of(connection, sorted(devices))


class _Stream(StreamingResponse):
    """A stream of events; `left` is called when it is over, however it ends."""

    def __init__(self, events: AsyncGenerator[bytes], left: Callable[[], object]) -> None:
        super().__init__(events, 200, _HEADERS, EVENT_TYPE)
        self._left = left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the listener goes or is told to."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._left()


async def _stream(listener: _Listener, hello: bytes) -> AsyncGenerator[bytes]:
    yield hello
    while not listener.ended:
        with anyio.move_on_after(HEARTBEAT_S):
            await listener.woken.wait()
        listener.woken = anyio.Event()
        if not listener.ended:
            yield listener.take()


def _begin(centre: Centre, asked: Asked) -> _Begun:
    device = enter(centre, asked, b"")
    with reading(centre.engine) as connection:
        projects = frozenset(projects_of(connection, device, QUESTION))
        heads = _heads(connection)
        positions = {name: heads[name] for name in sorted(projects) if name in heads}
        return _Begun(device.id, epoch_of(connection), positions, projects)


def _heads(connection: Connection) -> dict[str, int]:
    return {row.project: row.pos for row in connection.execute(_HEADS)}


def _read_rights(centre: Centre, devices: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the projects of each device that is in use."""
    with reading(centre.engine) as connection:
        in_use = devices_in_use(connection, sorted(devices))
        open_to = projects_of_devices(connection, in_use, QUESTION)
    return {device: frozenset(some) for device, some in open_to.items()}


def _event(name: str, data: Mapping[str, object]) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {text}\n\n".encode()
