"""What one new action costs, and a sync with nothing new, with an ever longer log behind it.

The log is the phone's own: its journal has it, and so has its centre.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.rig.centre import make_site
from bench.rig.phone import BenchPhone
from bench.rig.proxy import Proxy
from sync.exchange import Report
from sync.keys import KEY_BYTES, KeyPair

REPEATS = 40
COUNTED = 9
Counts = tuple[int, int, int, int, int]
"""Requests, bytes of the bodies up and down, all bytes up and down."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One kind of sync: seconds, requests, bytes of the bodies, bytes of all that crossed."""

    seconds: float
    requests: int
    body_up: int
    body_down: int
    wire_up: int
    wire_down: int


def measure_growth(
    kind: str, folder: Path, postgres: str | None, logs: Sequence[int]
) -> Iterator[tuple[int, Cost, Cost]]:
    """Yield the cost of one action and of nothing new for each length of the log, interleaved."""
    with ExitStack() as ends:
        phones = {log: _phone(ends, (kind, folder, postgres), log) for log in logs}
        one: dict[int, list[float]] = {log: [] for log in logs}
        nothing: dict[int, list[float]] = {log: [] for log in logs}
        for _ in range(REPEATS):
            for log, (phone, _) in phones.items():
                phone.record_now()
                one[log].append(_timed(phone)[0])
                nothing[log].append(_timed(phone)[0])
        for log, (phone, port) in phones.items():
            with_one, with_nothing = _counted(phone, port)
            yield (
                log,
                Cost(median(one[log]), *with_one),
                Cost(median(nothing[log]), *with_nothing),
            )


def _phone(
    ends: ExitStack, where: tuple[str, Path, str | None], log: int
) -> tuple[BenchPhone, int]:
    """Return a phone with so many actions, all of them at its running centre, and the port."""
    made, secret = make_site(where[1], where[0], where[2]), os.urandom(KEY_BYTES)
    known = (KeyPair(secret), made.enrol(0, KeyPair(secret)), made.key.public)
    phone = BenchPhone(made.home / "phone", 0, known, secret)
    centre = ends.enter_context(made.running())
    phone.connect(centre.url)
    phone.record_past(log)
    phone.sync()
    return phone, centre.port


def _timed(phone: BenchPhone) -> tuple[float, Report]:
    began = time.perf_counter()
    told = phone.sync()
    return time.perf_counter() - began, told


def _counted(phone: BenchPhone, port: int) -> list[Counts]:
    """Return requests and bytes of one action's sync and of an empty one, on an open connection.

    Actions are of different lengths, so the medians of several count.
    """
    proxy = Proxy(port, 0)
    found: tuple[list[Counts], list[Counts]] = ([], [])
    try:
        phone.connect(f"http://127.0.0.1:{proxy.port}")
        phone.sync()
        for _ in range(COUNTED):
            for of in found:
                if of is found[0]:
                    phone.record_now()
                proxy.counted()
                told, wire = phone.sync(), proxy.counted()
                bodies = (told.round_trips, told.bytes_up, told.bytes_down)
                of.append((*bodies, wire["up"], wire["down"]))
    finally:
        proxy.stop()
        phone.connect(f"http://127.0.0.1:{port}")
    return [_medians(of) for of in found]


def _medians(counts: Sequence[Counts]) -> Counts:
    requests, up, down, wire_up, wire_down = (round(median(c)) for c in zip(*counts, strict=True))
    return requests, up, down, wire_up, wire_down
