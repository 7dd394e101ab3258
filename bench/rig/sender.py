"""Sends ready requests as fast as they are answered, in a process of its own.

    python -m bench.rig.sender PORT FILE     one connection for each way in the file

Prints one line of JSON: seconds, how many answers had which status, and their latencies.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.rig.steps import worked_s

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
LIMIT_S = 1800.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the requests; latencies are in seconds, sorted."""

    seconds: float
    statuses: dict[str, int]
    latencies: list[float]
    worked_s: float = 0.0
    """The CPU time that the server took for them."""

    @property
    def each_us(self) -> float:
        """The server's CPU time for each request, in microseconds."""
        return self.worked_s / len(self.latencies) * 1e6

    @property
    def rate(self) -> float:
        """Answers with status 200 a second."""
        return self.statuses.get("200", 0) / self.seconds

    def latency(self, share: float) -> float:
        """Return the latency that so large a share of the requests kept within."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


class _Way(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the last one is whole."""

    def __init__(self, requests: Sequence[bytes], statuses: Counter[str]) -> None:
        self._requests: Iterator[bytes] = iter(requests)
        self._statuses = statuses
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._began = 0.0
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the start."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection that ends early ends its way."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the centre closed the connection"))

    def data_received(self, data: bytes) -> None:
        """Go on once the answer is whole."""
        self._buffer += data
        head, blank, rest = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        length = LENGTH.search(head)
        assert length is not None, head
        if len(rest) >= int(length[1]):
            self.latencies.append(time.perf_counter() - self._began)
            self._statuses[head[9:12].decode()] += 1
            self._buffer = rest[int(length[1]) :]
            self.go_on()

    def go_on(self) -> None:
        """Send the next request, if there is one."""
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            return
        assert self._transport is not None
        self._began = time.perf_counter()
        self._transport.write(request)


def _itself(way: _Way) -> _Way:
    return way


async def _send(port: int, ways: Sequence[Sequence[bytes]]) -> Sent:
    loop, statuses = asyncio.get_running_loop(), Counter[str]()
    made = [_Way(own, statuses) for own in ways]
    for one in made:
        await loop.create_connection(partial(_itself, one), "127.0.0.1", port)
    began = time.perf_counter()
    for way in made:
        way.go_on()
    await asyncio.wait_for(asyncio.gather(*(way.done for way in made)), LIMIT_S)
    seconds = time.perf_counter() - began
    return Sent(seconds, dict(statuses), sorted(t for way in made for t in way.latencies))


def _read_requests(path: Path) -> list[list[bytes]]:
    ways: dict[int, list[bytes]] = {}
    with path.open("rb") as file:
        while line := file.readline():
            way, size = map(int, line.split())
            ways.setdefault(way, []).append(file.read(size))
    return list(ways.values())


def send(port: int, pid: int, path: Path) -> Sent:
    """Send what a file holds to a server, from another process; all must be answered with 200."""
    command = [sys.executable, "-P", "-m", "bench.rig.sender", str(port), str(path)]
    before = worked_s(pid)
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds, statuses, latencies = json.loads(told.stdout)
    sent = Sent(seconds, statuses, latencies, worked_s(pid) - before)
    if set(sent.statuses) != {"200"}:
        sys.exit(f"the centre refused: {sent.statuses}")
    return sent


if __name__ == "__main__":
    found = asyncio.run(_send(int(sys.argv[1]), _read_requests(Path(sys.argv[2]))))
    print(json.dumps([found.seconds, found.statuses, found.latencies]))
