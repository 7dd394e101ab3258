"""A TCP proxy that does to requests what networks do, exactly as it was ordered to.

Each phone has a gate of its own. HTTP is read only as far as it must be, to know where a request
and an answer end. Everything here is threads and blocking sockets: a stall lasts until the phone
has given up, not a guessed time.
"""

import select
import socket
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import cycle

from tests.e2e.world import free_port

PATIENCE_S = 60.0
"""Longer than any phone or centre waits: a socket that waits so long is a fault of the test."""
CHUNK_BYTES = 65_536
END_OF_HEAD = b"\r\n\r\n"
RESET = struct.pack("ii", 1, 0)


class Fault(StrEnum):
    """What a network can do to one request."""

    REFUSED = "connection refused"
    RESET_BEFORE = "reset before the request"
    RESET_WITHIN = "reset within the request"
    RESET_AFTER = "reset after the request"
    REQUEST_CUT = "request cut"
    REQUEST_FLIPPED = "request with a flipped byte"
    REQUEST_TWICE = "request delivered twice at once"
    REQUEST_AGAIN = "an older request delivered again"
    ANSWER_DROPPED = "answer dropped"
    ANSWER_CUT = "answer cut"
    ANSWER_FLIPPED = "answer with a flipped byte"
    STALLED = "stalled beyond the time-out"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done to one request.

    `share` says where in a message it is cut or flipped, from 0 to below 1, and whether a stall
    comes before the centre hears of it (below a half) or after; `mask` which bits are flipped.
    """

    faults: frozenset[Fault]
    share: float = 0.5
    mask: int = 1
    wait_s: float = 0.0


CLEAN = Order(frozenset())


class Gone(Exception):
    """The phone or the centre went away by itself, so that an order could not be carried out."""


class Gate:
    """One phone's way through the proxy; `orders` are for its next requests, one for each.

    An order that the phone or the centre made impossible by dying stands in line again, and
    `injected` counts only what was really done. `on_request` is called when a request comes.
    """

    def __init__(self, centre_ports: Sequence[int]) -> None:
        """The centre's processes are asked in turn."""
        self.orders: deque[Order] = deque()
        self.injected: Counter[Fault] = Counter()
        self.on_request: Callable[[], None] = _nothing
        self._centres = cycle(centre_ports)
        self._last = b""
        self._open = threading.Event()
        self._closed = False
        self._carrying = 0
        self._changed = threading.Condition()
        # A port that was asked for by its number stays the socket's own while it is shut.
        port = free_port()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{port}"
        self._listen()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Stop to listen, for good."""
        self._closed = True
        self._open.set()
        self._shut()
        self._accepting.join(PATIENCE_S)
        self.settle()
        self._listener.close()

    def settle(self) -> None:
        """Wait until no connection is carried any more."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._carrying, PATIENCE_S)

    @contextmanager
    def refusing(self) -> Generator[None]:
        """Refuse connections; the port stays this gate's own. Who was refused counts it."""
        self._open.clear()
        self._shut()
        yield
        self._listen()

    def _listen(self) -> None:
        self._listener.listen()
        self._open.set()

    def _shut(self) -> None:
        """A listener that is shut down wakes who accepts, keeps its port, and refuses."""
        self._listener.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while self._open.wait() and not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                continue
            self._count(1)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _count(self, more: int) -> None:
        with self._changed:
            self._carrying += more
            self._changed.notify_all()

    def _serve(self, client: socket.socket) -> None:
        """Carry the requests of one connection, one after the other, until it ends."""
        client.settimeout(PATIENCE_S)
        try:
            with client, suppress(OSError):
                while client.recv(1, socket.MSG_PEEK):
                    self.on_request()
                    order = self.orders.popleft() if self.orders else CLEAN
                    if not self._carry_out(client, order):
                        return
        finally:
            self._count(-1)

    def _carry_out(self, client: socket.socket, order: Order) -> bool:
        """Carry one request; tell whether the connection may go on."""
        todo = _Todo(order, self.injected)
        try:
            return self._exchange(client, todo)
        except (Gone, OSError):
            return False
        finally:
            if todo.left:
                self.orders.appendleft(replace(order, faults=frozenset(todo.left)))

    def _exchange(self, client: socket.socket, todo: "_Todo") -> bool:
        if Fault.DELAYED in todo:
            time.sleep(todo.order.wait_s)
            todo.done(Fault.DELAYED)
        if Fault.RESET_BEFORE in todo:
            _reset(client)
            todo.done(Fault.RESET_BEFORE)
            return False
        if Fault.REQUEST_CUT in todo or Fault.RESET_WITHIN in todo:
            self._cut(client, todo)
            return False
        request = read_message(client)
        if Fault.REQUEST_AGAIN in todo and self._last:
            self._ask(self._last)
            todo.done(Fault.REQUEST_AGAIN)
        self._last = request
        if Fault.STALLED in todo and todo.order.share < 0.5:
            _wait_until_left(client)
            todo.done(Fault.STALLED)
            return False
        if Fault.RESET_AFTER in todo:
            self._leave(client, request)
            todo.done(Fault.RESET_AFTER)
            return False
        return self._answer(client, self._delivered(client, request, todo), todo)

    def _cut(self, client: socket.socket, todo: "_Todo") -> None:
        """Give the centre the beginning of a request, then end or reset both connections."""
        part = read_message(client, todo.order.share)
        with self._reach() as centre:
            centre.sendall(part)
            if Fault.RESET_WITHIN in todo:
                _reset(centre)
                _reset(client)
                todo.done(Fault.RESET_WITHIN)
            else:
                todo.done(Fault.REQUEST_CUT)

    def _leave(self, client: socket.socket, request: bytes) -> None:
        """Give the centre the whole request and wait for nothing."""
        with self._reach() as centre:
            centre.sendall(request)
            _reset(centre)
        _reset(client)

    def _delivered(self, client: socket.socket, request: bytes, todo: "_Todo") -> bytes:
        """Deliver a request, flipped or twice where so ordered, and return the centre's answer."""
        if Fault.REQUEST_TWICE in todo:
            with ThreadPoolExecutor(1) as beside:
                copy = beside.submit(self._ask, request)
                answer = self._ask(request, client)
                copy.result()
            todo.done(Fault.REQUEST_TWICE)
            return answer
        if Fault.REQUEST_FLIPPED in todo:
            sent = flipped(request, todo.order)
            return self._ask(sent, client, lambda: todo.done(Fault.REQUEST_FLIPPED))
        return self._ask(request, client)

    def _answer(self, client: socket.socket, answer: bytes, todo: "_Todo") -> bool:
        if Fault.ANSWER_DROPPED in todo:
            todo.done(Fault.ANSWER_DROPPED)
        elif Fault.STALLED in todo:
            _wait_until_left(client)
            todo.done(Fault.STALLED)
        elif Fault.ANSWER_CUT in todo:
            client.sendall(answer[: _size(len(answer), todo.order.share)])
            todo.done(Fault.ANSWER_CUT)
        elif Fault.ANSWER_FLIPPED in todo:
            client.sendall(flipped(answer, todo.order))
            todo.done(Fault.ANSWER_FLIPPED)
        else:
            client.sendall(answer)
            return True
        return False

    def _reach(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", next(self._centres)), PATIENCE_S)

    def _ask(
        self,
        request: bytes,
        client: socket.socket | None = None,
        sent: Callable[[], None] = lambda: None,
    ) -> bytes:
        """Send a request to the centre and return its answer; raise Gone if either side leaves."""
        with self._reach() as centre:
            centre.sendall(request)
            sent()
            answer = b""
            while (length := length_of(answer)) is None or len(answer) < length:
                waiting = [centre] if client is None else [centre, client]
                ready, _, _ = select.select(waiting, [], [], PATIENCE_S)
                if centre not in ready:
                    raise Gone
                got = centre.recv(CHUNK_BYTES)
                if not got and length is None and answer:
                    return answer  # one without a length ends where the connection does
                if not got:
                    raise Gone
                answer += got
            return answer


class _Todo:
    """The faults of an order that are not done yet."""

    def __init__(self, order: Order, injected: Counter[Fault]) -> None:
        self.order = order
        self.left = set(order.faults)
        self._injected = injected

    def __contains__(self, fault: Fault) -> bool:
        return fault in self.left

    def done(self, fault: Fault) -> None:
        """Strike one out, and count it."""
        self.left.remove(fault)
        self._injected[fault] += 1


def read_message(source: socket.socket, share: float = 1.0) -> bytes:
    """Read a message with a length, or so much of it; raise Gone where it ends before."""
    data = b""
    while (length := length_of(data)) is None or len(data) < _size(length, share):
        got = source.recv(CHUNK_BYTES)
        if not got:
            raise Gone
        data += got
    return data[: _size(length, share)]


def length_of(data: bytes) -> int | None:
    """Return how long the message that begins so is, None where that is not told (yet)."""
    head, end, _ = data.partition(END_OF_HEAD)
    for line in head.lower().split(b"\r\n") if end else ():
        name, _, value = line.partition(b":")
        if name == b"content-length" and value.strip().isdigit():
            return len(head) + len(end) + int(value)
    return None


def flipped(message: bytes, order: Order) -> bytes:
    """Return a message with one byte changed."""
    at = int(len(message) * order.share)
    return message[:at] + bytes([message[at] ^ order.mask]) + message[at + 1 :]


def _size(length: int, share: float) -> int:
    """Return how much of a message is left when it is cut: of its head too, and never nothing."""
    return max(1, int(length * share))


def _reset(connection: socket.socket) -> None:
    """Close at once, and let the other side see a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


def _wait_until_left(client: socket.socket) -> None:
    """Answer nothing until the phone closed the connection; or raise TimeoutError."""
    with suppress(ConnectionResetError):
        client.recv(1)


def _nothing() -> None:
    """Do nothing when a request comes."""
