"""Tokens run out and come back, room is given back, and the operator is told once a minute."""

import pytest

from radar_server.limits import (
    FAILED_BURST,
    FREE_BYTES,
    KEYS_MAX,
    ROOM_OF_ADDRESS_BYTES,
    Buckets,
    Limits,
    Room,
)
from radar_server.problems import Problem
from radar_server.request_head import FIELDS_MAX, misread
from radar_server.watchlog import KINDS_MAX, SILENCE_S, WatchLog


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_bucket_empties_and_fills_again() -> None:
    clock = Clock()
    buckets = Buckets(2, 5, clock)
    for _ in range(5):
        assert not buckets.is_empty("a")
        buckets.take("a")
    assert buckets.is_empty("a")
    assert not buckets.is_empty("b")
    clock.now_s += 0.5
    assert not buckets.is_empty("a")
    for number in range(KEYS_MAX + 10):
        buckets.take(str(number))
    assert len(buckets) == KEYS_MAX


def test_who_fails_too_often_is_not_heard_but_a_known_phone_beside_them_is() -> None:
    limits = Limits()
    limits.passed("192.0.2.1", "D1")
    for _ in range(int(FAILED_BURST) + 50):
        limits.failed("192.0.2.1")
    limits.check("192.0.2.1", "D1")
    limits.check("192.0.2.2", "D2")
    with pytest.raises(Problem) as refused:
        limits.check("192.0.2.1", "D2")
    assert refused.value.code == "too_fast"


def test_large_bodies_share_a_room_and_small_ones_need_none() -> None:
    room, third = Room(), ROOM_OF_ADDRESS_BYTES // 3
    assert room.take("a", 0, FREE_BYTES) == 0
    taken = sum(room.take("a", FREE_BYTES, third) for _ in range(3))
    assert taken == 3 * third
    with pytest.raises(Problem) as refused:
        room.take("a", FREE_BYTES, third)
    assert refused.value.code == "busy"
    assert room.take("a", 0, FREE_BYTES) == 0
    room.give("a", taken)
    assert room.take("a", FREE_BYTES, ROOM_OF_ADDRESS_BYTES) == ROOM_OF_ADDRESS_BYTES


def test_the_operator_is_told_once_and_then_how_many_more() -> None:
    clock, lines = Clock(), list[str]()
    watch = WatchLog(lines.append, clock)
    for _ in range(8):
        watch.refused("replayed", "192.0.2.1", "D\x1b[2J\u202e1", "used\nbefore")
    assert len(lines) == 1
    assert lines[0].endswith(
        "refused replayed address=192.0.2.1 device=D\\x1b[2J\\u202e1: used\\nbefore"
    )
    clock.now_s += SILENCE_S
    watch.flush()
    assert lines[1].endswith("refused replayed address=192.0.2.1: 7 more like this")
    for number in range(KINDS_MAX + 500):
        watch.refused("too_slow", str(number))
    assert len(lines) == 2 + KINDS_MAX + 1
    watch.flush(all_of_it=True)
    assert lines[-1].endswith("refused too_slow many addresses: 499 more like this")


def test_an_ordinary_head_is_not_misread() -> None:
    line = b"POST /v1/sync?a=%2e HTTP/1.1\r\nHost: centre:80\r\n"
    assert misread(line + b"Content-Length: 12\r\nX-Note: caf\xe9") == ""
    assert misread(line + b"Transfer-Encoding: Chunked") == ""
    assert misread(b"GET / HTTP/1.0") == ""
    for path in (b"/v1/blobs/..", b"/v1/./sync", b"/v1/%73ync", b"//v1/sync", b"/v1\\sync"):
        assert misread(b"GET " + path + b"?a=b HTTP/1.0") == "the path"
    assert misread(b"GET / HTTP/1.1") == "no host"
    assert misread(line + b"\r\n".join([b"A: b"] * (FIELDS_MAX + 1))) == "too many fields"
