"""What a stranger can do to the centre with bytes alone: each is refused, and the operator told."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.e2e.attackers import (
    PATIENCE_S,
    WatchedCentre,
    heard,
    may_open,
    say_raw,
    stranger,
    watched,
)
from tests.e2e.world import CODES, Prepared, held, run

SLOW_CONNECTIONS = 10_000
SOURCES = 40
"""Addresses of this machine that the slow ones come from."""
MEMORY_KIB_MAX = 300 * 1024
HOST = b"Host: centre\r\n"


@pytest.fixture(scope="module")
def centre(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedCentre]:
    """Give a running centre whose log can be read, for all of these tests."""
    folder = tmp_path_factory.mktemp("attacked") / "centre"
    made = watched(prepared.folder / "centre", folder, prepared.port)
    made.start()
    yield made
    made.stop()


SMUGGLED = {
    "both lengths": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "the same length twice": b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a signed length": b"Content-Length: +5\r\n\r\nhello",
    "a list of lengths": b"Content-Length: 5, 5\r\n\r\nhello",
    "a hidden encoding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two encodings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a folded field": b"X-A: b\r\n  c: d\r\n\r\n",
    "a blank before the colon": b"Content-Length : 5\r\n\r\nhello",
    "bare line feeds": b"X-A: b\nX-B: c\r\n\r\n",
    "a bare carriage return": b"X-A: b\rX-B: c\r\n\r\n",
    "a null": b"X-A: \0\r\n\r\n",
    "two hosts": b"Host: other\r\n\r\n",
    "two devices": b"Radar-Device: D1\r\nRadar-Device: D2\r\n\r\n",
    "two signatures": b"Radar-Signature: 00\r\nRadar-Signature: 11\r\n\r\n",
    "too many fields": b"X: y\r\n" * 100 + b"\r\n",
    "a field without end": b"X: " + b"y" * 40_000,
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_a_head_that_could_be_read_in_two_ways_is_refused(centre: WatchedCentre, name: str) -> None:
    source = stranger()
    sent = b"POST /v1/sync HTTP/1.1\r\n" + HOST + SMUGGLED[name]
    told = say_raw(centre.port, sent, source=source)
    assert told.startswith(b"HTTP/1.1 400 "), told
    assert told.count(b"HTTP/1.1") == 1
    assert b'"code": "bad_body"' in told
    assert centre.told(f"refused malformed address={source}:", "its head")


@pytest.mark.parametrize(
    "line",
    [
        b"GET http://other.example/v1/health HTTP/1.1",
        b"CONNECT other.example:443 HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"GET /v1/health HTTP/2.0",
        b"GET  /v1/health HTTP/1.1",
        b"GET /v1/he alth HTTP/1.1",
        b"get /v1/health HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"SSH-2.0-OpenSSH_9.6",
    ],
)
def test_a_request_line_of_another_kind_is_refused(centre: WatchedCentre, line: bytes) -> None:
    source = stranger()
    told = say_raw(centre.port, line + b"\r\n" + HOST + b"\r\n", source=source)
    assert told.startswith(b"HTTP/1.1 400 "), told
    assert centre.told(f"refused malformed address={source}:", "the request line")


def test_what_comes_behind_a_request_is_never_looked_at(centre: WatchedCentre) -> None:
    one = b"GET /v1/health HTTP/1.1\r\n" + HOST + b"\r\n"
    told = say_raw(centre.port, one + b"GET /v1/board HTTP/1.1\r\n" + HOST + b"\r\n")
    assert told.count(b"HTTP/1.1 200") == told.count(b"HTTP/1.1") == 1
    body = b"POST /v1/enrol HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\n{}"
    assert say_raw(centre.port, body + one).count(b"HTTP/1.1") == 1


def test_every_answer_says_what_may_not_be_done_with_it_and_not_who_made_it(
    centre: WatchedCentre,
) -> None:
    asked = [
        b"GET /v1/health HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /nothing HTTP/1.1\r\n" + HOST + b"\r\n",
        b"TRACE /v1/health HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /v1/board HTTP/1.0\r\n\r\n",
        b"nonsense\r\n\r\n",
    ]
    for sent in asked:
        head = say_raw(centre.port, sent).partition(b"\r\n\r\n")[0].lower()
        for field in (
            b"cache-control: no-store",
            b"x-content-type-options: nosniff",
            b"content-security-policy: default-src 'none'; frame-ancestors 'none'",
            b"referrer-policy: no-referrer",
        ):
            assert head.count(field) == 1, (sent, head)
        assert b"uvicorn" not in head
        assert b"\r\nserver:" not in head


def test_whoever_says_nothing_is_sent_away(centre: WatchedCentre) -> None:
    with ExitStack() as stack:
        began_s, ways = time.monotonic(), dict[str, socket.socket]()
        for sent in (b"", b"GET /v1/health HTT"):
            source = stranger()
            way = socket.create_connection(("127.0.0.1", centre.port), None, (source, 0))
            ways[source] = stack.enter_context(way)
            way.sendall(sent)
        for way in ways.values():
            assert heard(way, PATIENCE_S) == b""
            assert time.monotonic() - began_s < PATIENCE_S - 1
    for source in ways:
        assert centre.told(f"refused too_slow address={source}:", "its head does not come")


def test_a_head_that_trickles_is_no_better(centre: WatchedCentre) -> None:
    with socket.create_connection(("127.0.0.1", centre.port)) as way:
        began_s, cut = time.monotonic(), False
        way.sendall(b"GET /v1/health HTTP/1.1\r\n")
        while not cut and time.monotonic() - began_s < PATIENCE_S:
            time.sleep(0.5)
            try:
                way.sendall(b"X-A: b\r\n")
            except ConnectionError:
                cut = True
        assert cut


def test_ten_thousand_slow_connections_keep_nobody_out(
    centre: WatchedCentre, prepared: Prepared, tmp_path: Path
) -> None:
    phone = prepared.phone(tmp_path / "phone")
    before = centre.files()
    open_at_once = max(200, min(SLOW_CONNECTIONS, may_open(SLOW_CONNECTIONS + 500) - 500))
    stop, opened = threading.Event(), [0]

    def attack() -> None:
        ways: list[socket.socket] = []
        with ExitStack() as stack:
            while opened[0] < SLOW_CONNECTIONS and not stop.is_set():
                with suppress(OSError):
                    source = f"127.0.0.{2 + opened[0] % SOURCES}"
                    way = stack.enter_context(socket.socket())
                    way.settimeout(1)
                    way.bind((source, 0))
                    way.connect(("127.0.0.1", centre.port))
                    way.sendall(b"POST /v1/sync HTTP/1.1\r\nHost: c\r\nX-")
                    ways.append(way)
                    if len(ways) > open_at_once:
                        ways.pop(0).close()
                opened[0] += 1
            stop.wait(30)

    thread = threading.Thread(target=attack)
    thread.start()
    try:
        most_files = most_kib = synced = 0
        while opened[0] < SLOW_CONNECTIONS or synced < 2:
            run(phone, "scan", CODES["DESK"])
            told = run(phone, "sync")
            assert (told.code, told.data["unsent"]) == (0, 0)
            synced += 1
            most_files = max(most_files, centre.files())
            most_kib = max(most_kib, centre.memory_kib())
    finally:
        stop.set()
        thread.join()
    assert opened[0] == SLOW_CONNECTIONS
    assert len(held(centre)) >= synced
    assert most_files < 4_096 + 768 + before
    assert most_kib < MEMORY_KIB_MAX
    end_s = time.monotonic() + PATIENCE_S
    while centre.files() > before + 20 and time.monotonic() < end_s:
        time.sleep(0.2)
    assert centre.files() <= before + 20
    assert centre.told("refused")
    assert len(centre.log.splitlines()) < 40 * SOURCES
