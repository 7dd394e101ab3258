"""The tester tested: the proxy does each fault to a request, and to nothing else."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import SimpleQueue

import pytest

from tests.e2e.faulty_proxy import Fault, Gate, Order, flipped, length_of
from tests.e2e.world import free_port

REQUEST = b"POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n" + bytes(range(40))
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n" + bytes(range(30))
WAIT_S = 30.0
SHARE = 0.9
"""Where messages are cut and flipped: behind their heads, so that their lengths stay known."""
REQUEST_BEGUN, ANSWER_BEGUN = (
    REQUEST[: int(len(REQUEST) * SHARE)],
    ANSWER[: int(len(ANSWER) * SHARE)],
)


@dataclass
class Listener:
    """Stands where the centre would, keeps each request as it came, and answers the whole ones."""

    port: int = 0
    heard: SimpleQueue[bytes] = field(default_factory=SimpleQueue)
    answers: bool = True

    def serve(self, listener: socket.socket) -> None:
        """Take one connection after the other, each in a thread, until the listener is shut."""
        self.port = listener.getsockname()[1]
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._take, args=(client,), daemon=True).start()

    def _take(self, client: socket.socket) -> None:
        data = b""
        with client:
            try:
                while len(data) < (length_of(data) or len(data) + 1):
                    got = client.recv(1000)
                    if not got:
                        break
                    data += got
                if length_of(data) == len(data) and self.answers:
                    client.sendall(ANSWER)
            except ConnectionResetError:
                pass
            self.heard.put(data)


@pytest.fixture
def centre() -> Iterator[Listener]:
    """Give a stand-in for the centre that keeps what it hears."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stand_in = Listener()
        thread = threading.Thread(target=stand_in.serve, args=(listener,))
        stand_in.port = listener.getsockname()[1]
        thread.start()
        yield stand_in
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(WAIT_S)


@pytest.fixture
def gate(centre: Listener) -> Iterator[Gate]:
    """Give a gate to that centre."""
    made = Gate([centre.port])
    yield made
    made.close()


def _order(*faults: Fault, share: float = SHARE, wait_s: float = 0.0) -> Order:
    return Order(frozenset(faults), share, 0x10, wait_s)


def _connect(gate: Gate) -> socket.socket:
    port = int(gate.url.rpartition(":")[2])
    return socket.create_connection(("127.0.0.1", port), WAIT_S)


def _ask(phone: socket.socket) -> bytes | None:
    """Send a request; return what comes back until it is whole or ends, None for a reset."""
    try:
        phone.sendall(REQUEST)
        data = b""
        while len(data) < (length_of(data) or len(data) + 1):
            got = phone.recv(1000)
            if not got:
                break
            data += got
    except ConnectionResetError:
        return None
    return data


def _post(gate: Gate) -> bytes | None:
    with _connect(gate) as phone:
        return _ask(phone)


def _heard(centre: Listener, count: int) -> list[bytes]:
    """Return so many requests as the centre heard them, and check that there were no more."""
    heard = [centre.heard.get(timeout=WAIT_S) for _ in range(count)]
    assert centre.heard.empty()
    return heard


def test_without_an_order_both_ways_are_clean_and_a_connection_is_kept(
    centre: Listener, gate: Gate
) -> None:
    with _connect(gate) as phone:
        assert [_ask(phone), _ask(phone)] == [ANSWER, ANSWER]
    assert _heard(centre, 2) == [REQUEST, REQUEST]
    assert gate.injected == {}


def test_a_gate_refuses_and_then_opens_again_at_the_same_port(centre: Listener, gate: Gate) -> None:
    for _ in range(3):
        with gate.refusing(), pytest.raises(ConnectionRefusedError):
            _connect(gate)
        assert _post(gate) == ANSWER
    assert _heard(centre, 3) == [REQUEST] * 3


# What each fault leaves of one request: what the phone gets (None for a reset), what the centre.
LEAVES: dict[Fault, tuple[bytes | None, list[bytes]]] = {
    Fault.RESET_BEFORE: (None, []),
    Fault.REQUEST_CUT: (b"", [REQUEST_BEGUN]),
    Fault.REQUEST_FLIPPED: (ANSWER, [flipped(REQUEST, _order())]),
    Fault.REQUEST_TWICE: (ANSWER, [REQUEST, REQUEST]),
    Fault.ANSWER_DROPPED: (b"", [REQUEST]),
    Fault.ANSWER_CUT: (ANSWER_BEGUN, [REQUEST]),
    Fault.ANSWER_FLIPPED: (flipped(ANSWER, _order()), [REQUEST]),
    Fault.DELAYED: (ANSWER, [REQUEST]),
}


@pytest.mark.parametrize("fault", LEAVES)
def test_a_fault_is_done_to_one_request_and_the_next_one_is_clean(
    centre: Listener, gate: Gate, fault: Fault
) -> None:
    back, there = LEAVES[fault]
    gate.orders.append(_order(fault))
    assert _post(gate) == back
    assert _heard(centre, len(there)) == there
    assert _post(gate) == ANSWER
    assert _heard(centre, 1) == [REQUEST]
    gate.settle()
    assert gate.injected == {fault: 1}


@pytest.mark.parametrize("fault", [Fault.RESET_WITHIN, Fault.RESET_AFTER])
def test_a_reset_reaches_both_sides(centre: Listener, gate: Gate, fault: Fault) -> None:
    centre.answers = False
    gate.orders.append(_order(fault))
    assert _post(gate) is None
    (heard,) = _heard(centre, 1)  # what was on its way when the reset came may be lost
    assert REQUEST.startswith(heard)
    assert len(heard) <= len(REQUEST_BEGUN) or fault is Fault.RESET_AFTER
    gate.settle()
    assert gate.injected == {fault: 1}


def test_an_older_request_comes_again_before_the_next_one(centre: Listener, gate: Gate) -> None:
    gate.orders.append(_order(Fault.REQUEST_AGAIN))
    assert _post(gate) == ANSWER  # there is no older one yet: the order waits for the next
    gate.settle()
    assert gate.injected == {}
    assert _heard(centre, 1) == [REQUEST]
    assert _post(gate) == ANSWER
    assert _heard(centre, 2) == [REQUEST, REQUEST]
    gate.settle()
    assert gate.injected == {Fault.REQUEST_AGAIN: 1}


@pytest.mark.parametrize(("share", "heard"), [(0.2, 0), (0.8, 1)])
def test_a_stall_lasts_until_the_phone_has_given_up(
    centre: Listener, gate: Gate, share: float, heard: int
) -> None:
    gate.orders.append(_order(Fault.STALLED, share=share))
    with _connect(gate) as phone:
        phone.sendall(REQUEST)
        phone.settimeout(0.2)
        with pytest.raises(TimeoutError):
            phone.recv(1)
        assert gate.injected == {}
    gate.settle()
    assert gate.injected == {Fault.STALLED: 1}
    assert _heard(centre, heard) == [REQUEST] * heard


def test_several_faults_of_one_order_are_all_done(centre: Listener, gate: Gate) -> None:
    gate.orders.append(_order(Fault.DELAYED, Fault.REQUEST_TWICE, Fault.ANSWER_DROPPED))
    assert _post(gate) == b""
    assert _heard(centre, 2) == [REQUEST, REQUEST]
    gate.settle()
    assert gate.injected == {
        Fault.DELAYED: 1,
        Fault.REQUEST_TWICE: 1,
        Fault.ANSWER_DROPPED: 1,
    }


def test_what_could_not_be_done_stays_ordered_and_uncounted(centre: Listener, gate: Gate) -> None:
    """The centre dies over its answer: none can be cut then, and the next one is."""
    centre.answers = False
    gate.orders.append(_order(Fault.DELAYED, Fault.ANSWER_CUT))
    assert _post(gate) == b""
    gate.settle()
    assert gate.injected == {Fault.DELAYED: 1}
    assert list(gate.orders) == [_order(Fault.ANSWER_CUT)]
    centre.answers = True
    assert _post(gate) == ANSWER_BEGUN


def test_a_request_is_told_of_before_anything_is_done_to_it(gate: Gate) -> None:
    told: list[int] = []
    gate.on_request = lambda: told.append(len(gate.orders))
    gate.orders.append(_order(Fault.RESET_BEFORE))
    assert _post(gate) is None
    assert told == [1]


def test_a_centre_that_is_down_ends_the_connection() -> None:
    lost = Gate([free_port()])
    try:
        assert _post(lost) in (None, b"")
    finally:
        lost.close()
