"""The gate: connections from strangers, bounded in number, size and time before anything is read.

uvicorn gives a connection as long as it likes for a request, and parses leniently. Here a head must
come whole within seconds and mean one thing, a body must keep coming, an answer must be read, and
what comes behind a request unasked for is never looked at. Where there are too many, the oldest
that still owes us its request goes first: an honest one takes milliseconds for that.
"""

import asyncio
import resource
from collections import Counter
from collections.abc import Callable

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from radar_server.problems import PROBLEM_TYPE, Problem
from radar_server.request_head import END, HEAD_BYTES_MAX, misread
from radar_server.watchlog import WatchLog
from sync.protocol import BODY_BYTES_MAX

CONNECTIONS_MAX = 4_096
BACKLOG = 512
"""So many the system keeps for us, and asyncio takes in at once before any of them is looked at."""
FILES_KEPT = BACKLOG + 256
"""Descriptors that connections leave to what is just coming in, the database and photos."""
OWING_OF_ADDRESS_MAX = 512
"""An office behind one address has its phones in the middle of a request for a moment only."""
HEAD_S = 10.0
"""So long a head may take, from the beginning of a connection or its first byte."""
MINUTE_S = 60.0
BYTES_A_MINUTE_MIN = 6_000
"""A body of which less comes in any minute is given up; else it might be kept for hours in memory,
and once most of it had come, without another byte."""
DRAINED_BYTES_MAX = 4 * BODY_BYTES_MAX
STALLED_S = 60.0
"""So long a client may leave an answer unread."""
SWEEP_S = 1.0
CLOSING: tuple[tuple[str, str], ...] = (("connection", "close"), ("content-type", PROBLEM_TYPE))
HEADERS: list[tuple[str, str]] = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
]
"""What every answer says: it is not to be kept, guessed at, framed, or told to others."""
HSTS = (b"strict-transport-security", b"max-age=31536000")
"""What an answer says beside that where the centre has a certificate."""


def room() -> int:
    """Return how many connections may be open, after asking the system for as many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS_MAX + FILES_KEPT
    endless = resource.RLIM_INFINITY
    if soft != endless and soft < wanted:
        soft = wanted if hard == endless else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    left = CONNECTIONS_MAX if soft == endless else soft - FILES_KEPT
    return max(16, min(CONNECTIONS_MAX, left))


class Gate:
    """All connections of one process."""

    def __init__(self, watch: WatchLog, most: int) -> None:
        self.watch = watch
        self._most = most
        self._owing: dict[Guarded, None] = {}
        """Those whose request is not whole yet, the oldest first."""
        self._all: set[Guarded] = set()
        self._owing_of = Counter[str]()
        self._sweep: asyncio.TimerHandle | None = None

    def protocol(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> "Guarded":
        """Return what handles a new connection, as uvicorn asks for it."""
        if config.is_ssl and HSTS not in server_state.default_headers:
            server_state.default_headers.append(HSTS)
        return Guarded(self, config, server_state, app_state, _loop)

    def enter(self, one: "Guarded") -> bool:
        """Let a connection in, for which an older one may have to go; tell whether it may stay."""
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(SWEEP_S, self._look)
        if len(self._all) >= self._most and not self._push_out(lambda _: True):
            self.watch.refused("too_many_connections", one.address, detail=f"all {self._most} busy")
            return False
        if self._owing_of[one.address] >= OWING_OF_ADDRESS_MAX:
            self._push_out(lambda other: other.address == one.address)
        self._all.add(one)
        return True

    def leave(self, one: "Guarded") -> None:
        """Forget a connection."""
        self._all.discard(one)
        self.owes(one, owes=False)

    def owes(self, one: "Guarded", *, owes: bool) -> None:
        """Note that a connection's request is not whole yet, or is."""
        if owes and one not in self._owing:
            self._owing[one] = None
            self._owing_of[one.address] += 1
        elif not owes and self._owing.pop(one, self) is None:
            self._owing_of[one.address] -= 1
            if not self._owing_of[one.address]:
                del self._owing_of[one.address]

    def _push_out(self, may_go: Callable[["Guarded"], bool]) -> bool:
        oldest = next(filter(may_go, self._owing), None)
        if oldest is not None:
            self.watch.refused("pushed_out", oldest.address, detail="its request took too long")
            oldest.end()
        return oldest is not None

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        for one in [*self._all]:
            slow = one.too_slow(loop.time())
            if slow:
                self.watch.refused("too_slow", one.address, detail=slow)
                one.end()
        self.watch.flush()
        self._sweep = loop.call_later(SWEEP_S, self._look) if self._all else None


class Guarded(H11Protocol):
    """A connection behind the gate."""

    def __init__(
        self,
        gate: Gate,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        super().__init__(config, server_state, app_state, loop)
        self.address = ""
        self._gate = gate
        self._head = bytearray()
        self._begun = False
        self._since_s = 0.0
        """Since when the request that is coming has been coming, or its answer waits to be read."""
        self._bytes = 0
        self._minute_s, self._bytes_before = 0.0, 0
        """When this minute of a body began, and how much of the request had come by then."""
        self._stalled_s = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Come in, or be sent away at once."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._since_s = self.loop.time()
        if self._gate.enter(self):
            self._gate.owes(self, owes=True)
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave."""
        self._gate.leave(self)
        super().connection_lost(exc)

    def end(self) -> None:
        """Close the connection without another word."""
        self._gate.leave(self)
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take a request's head once it is whole and means one thing, then its body."""
        if self.conn.their_state is h11.SEND_BODY:
            self._bytes += len(data)
            self._take_body(data)
        elif self.conn.their_state is h11.IDLE:
            self._take_head(data)
        else:
            self.cycle.keep_alive = False
        if self.conn.their_state is not h11.SEND_BODY and not self._head:
            self._gate.owes(self, owes=False)

    def _take_head(self, data: bytes) -> None:
        if not self._head and self._begun:
            self._since_s = self.loop.time()
        self._gate.owes(self, owes=True)
        self._head += data
        end = self._head.find(END)
        if end < 0 and len(self._head) <= HEAD_BYTES_MAX:
            return
        wrong = "too long" if not 0 <= end <= HEAD_BYTES_MAX else misread(bytes(self._head[:end]))
        if wrong:
            self._refuse(wrong)
            return
        whole, self._head = bytes(self._head), bytearray()
        self._bytes, self._begun = len(whole), True
        self._minute_s, self._bytes_before = self.loop.time(), 0
        self._take_body(whole)

    def _take_body(self, data: bytes) -> None:
        """Hand on what is of the request; what came behind it is never looked at."""
        if self.conn.our_state is h11.DONE:
            self._drain(data)
            return
        super().data_received(data)
        if self.conn.trailing_data[0] and self.conn.their_state is h11.DONE:
            self.cycle.keep_alive = False

    def _drain(self, data: bytes) -> None:
        """Read what is left of a body whose request is answered already, then close.

        Were it closed at once, the client might never see the answer.
        """
        event: object = None
        try:
            self.conn.receive_data(data)
            while event not in (h11.NEED_DATA, h11.PAUSED) and not self.transport.is_closing():
                event = self.conn.next_event()
                if isinstance(event, h11.EndOfMessage):
                    self.transport.close()
        except h11.RemoteProtocolError:
            self.transport.close()
        if self._bytes > DRAINED_BYTES_MAX:
            self.end()

    def _refuse(self, wrong: str) -> None:
        """Say that a request cannot be read, in the form of our own problems, and close."""
        self._gate.watch.refused("malformed", self.address, detail=f"its head: {wrong}")
        body = Problem("bad_body", f"The head of the request is malformed: {wrong}.").body()
        headers = [*CLOSING, *self.server_state.default_headers, ("content-length", str(len(body)))]
        shown = [(_bytes(name), _bytes(value)) for name, value in headers]
        told = b"".join(name + b": " + value + b"\r\n" for name, value in shown)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + told + b"\r\n" + body)
        self._head = bytearray()
        self._gate.leave(self)
        self.transport.close()

    def on_response_complete(self) -> None:
        """Let the rest of a body take its time where the answer went out before it was whole."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:
            self._unset_keepalive_if_required()

    def send_400_response(self, msg: str) -> None:
        """Say that a body's chunks cannot be read."""
        del msg
        self._refuse("its chunks")

    def pause_writing(self) -> None:
        """Note since when an answer waits to be read."""
        self._stalled_s = self.loop.time()
        super().pause_writing()

    def too_slow(self, now_s: float) -> str:
        """Return what takes too long here, nothing where all is well; to be asked every second."""
        if self.flow.write_paused:
            return "its answer is not read" if now_s - self._stalled_s > STALLED_S else ""
        if self.conn.their_state is h11.IDLE:
            owes = self._head or not self._begun
            return "its head does not come" if owes and now_s - self._since_s > HEAD_S else ""
        if self.conn.their_state is not h11.SEND_BODY or now_s - self._minute_s <= MINUTE_S:
            return ""
        came = self._bytes - self._bytes_before
        self._minute_s, self._bytes_before = now_s, self._bytes
        slow = came < BYTES_A_MINUTE_MIN and not self.flow.read_paused
        return "its body trickles" if slow else ""


def _bytes(text: object) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode()
