"""Keys that a scanner and a person press on the one screen: until durable, and until seen."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.rig.field import Field, Spot, Watcher, record, send
from bench.rig.terminal import Terminal

RADAR = (str(Path(sys.executable).with_name("radar")),)
EMPTY = (sys.executable, "-m", "bench.rig.empty")
SHOWN = "can, or type"
"""What stands in the line as soon as it can be used; its first letter is under the cursor."""
LISTED, EMPTY_SHOWN = "Due for you", "nothing here"
BESIDE = 10_000
"""So many actions go up in a round, and as many of somebody else's come down."""
PAUSE_S = (0.15, 0.35)
"""The least and the longest time from a verdict to the next key: an Enter within 0.1 s of a burst
is the scanner's own."""


@dataclass(frozen=True, slots=True)
class Key:
    """What one key took, in seconds: a flush just before it, to durable, to seen, and computed."""

    scan: bool
    flush: float
    durable: float
    seen: float
    cpu: float
    while_syncing: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """What a start took until the first paint, in seconds, by the clock and computed; then `whole`.

    Whole is it once what there is to do stands there too.
    """

    wall: float
    cpu: float
    whole: float


class Flush:
    """The floor: one page written behind a file's end, and one fdatasync, on the phone's disk."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def time_s(self) -> float:
        """Return how long it takes now."""
        begun_s = time.perf_counter()
        os.write(self._fd, bytes(4096))
        os.fdatasync(self._fd)
        return time.perf_counter() - begun_s


def starts(field: Field, rounds: int) -> Iterator[tuple[Start, Start]]:
    """Yield what the one screen and an empty Textual program take, one after the other."""
    for _ in range(rounds):
        yield _start(RADAR, field, SHOWN, LISTED), _start(EMPTY, field, EMPTY_SHOWN, EMPTY_SHOWN)


def _start(command: Sequence[str], field: Field, shown: str, listed: str) -> Start:
    terminal = Terminal(command, field.environ)
    try:
        (at_s,) = terminal.wait(lambda: shown in terminal.text)
        cpu_s = terminal.cpu_s()
        (whole_s,) = terminal.wait(lambda: listed in terminal.text)
        return Start(at_s - terminal.begun_s, cpu_s, whole_s - terminal.begun_s)
    finally:
        terminal.end()


class Hand:
    """A scanner and a person at the one screen of a phone."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._watcher = Watcher(field.database)
        self._flush = Flush(field.home / "bench.flush")
        self._chance = Random(0)  # noqa: S311 - a workload
        self._spots = iter(field.spots)
        self.terminal = Terminal(RADAR, field.environ)
        self.terminal.wait(lambda: SHOWN in self.terminal.text)
        self.quiet()

    def quiet(self) -> None:
        """Wait until the phone and the centre are in step and nothing is going on."""
        while True:
            self.terminal.rest(2.0)
            sent, receipted = self._watcher.sent()
            if sent == receipted == self._watcher.last():
                return

    def job(self) -> Iterator[Key]:
        """Scan where work is due, begin it and finish it: a scan and two times Enter."""
        spot: Spot = next(self._spots)
        yield self._press(f"HTTPS://R.EXAMPLE/{spot.code}\r", f"{spot.place}.", scan=True)
        yield self._press("\r", f"begun: Drips at {spot.place}", scan=False)
        yield self._press("\r", f"completed: Drips at {spot.place}", scan=False)

    def _press(self, keys: str, shown: str, *, scan: bool) -> Key:
        terminal, watcher = self.terminal, self._watcher
        seq = watcher.last() + 1
        flush = self._flush.time_s()
        before_s = terminal.cpu_s()
        at_s = terminal.press(keys)
        durable, seen = terminal.wait(lambda: watcher.has(seq), lambda: shown in terminal.text)
        cpu_s = terminal.cpu_s() - before_s
        terminal.rest(self._chance.uniform(*PAUSE_S))
        return Key(scan, flush, durable - at_s, seen - at_s, cpu_s)

    def round(self) -> Iterator[Key]:
        """Press keys while a sync of much up and down runs beside; those outside it not counted."""
        (child,) = self.terminal.children()
        os.kill(child, signal.SIGSTOP)
        try:
            epoch, theirs = record(self._field.leader, self._field.spots, BESIDE)
            send(self._field.leader)
            _, own = record(self._field.home, self._field.spots, BESIDE)
            self.terminal.rest(2.0)
            before, _ = self._watcher.sent()
        finally:
            os.kill(child, signal.SIGCONT)
        while self._watcher.sent()[0] == before:
            self.terminal.rest(0.01)
        with suppress(StopIteration):
            while not (self._watcher.sent()[1] >= own and self._watcher.holds(epoch, theirs)):
                yield from self.job()
        self.quiet()

    def end(self) -> None:
        """Leave."""
        self.terminal.end()
