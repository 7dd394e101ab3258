"""The steps that every contender goes through, in a process of its own, measured in one way.

    A has recorded all the actions        up        A's sync
    B is a fresh phone                    down      B's sync
    A records one action                  one       A's sync, the median of several
                                          nothing   A's sync once more

Peers run this with their own Python, so it uses nothing that 3.9 lacks.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Optional, Protocol
from urllib.error import URLError
from urllib.request import urlopen

from bench.rig.proxy import Proxy

REPEATS = 15
START_S = 60.0
STOP_S = 20.0
Figures = dict[str, Any]


class Contender(Protocol):
    """Somebody who syncs: a server and two clients, A and B."""

    def start(self, folder: Path, lines: Sequence[str]) -> int:
        """Start the server, let A record the actions; return the server's port."""
        ...

    def connect(self, port: int) -> None:
        """Let A and B go to that port, by whatever they do only once."""

    def up(self) -> None:
        """Sync A, which has it all; raise unless the server says that it holds it."""

    def down(self) -> None:
        """Sync B, which has nothing; raise unless it holds it all."""

    def record(self, line: str) -> None:
        """Record one more action on A."""

    def sync(self) -> None:
        """Sync A."""

    def stop(self) -> None:
        """Stop the server."""


def measure(contender: Contender, folder: Path, rtt_ms: Optional[float]) -> Figures:  # noqa: UP045
    """Return seconds for each step; with a round trip, counts too: all goes through the proxy."""
    lines = (folder / "actions").read_text().splitlines()
    more = (folder / "more").read_text().splitlines()
    proxy: Optional[Proxy] = None  # noqa: UP045 - 3.9
    found: Figures = {}

    def timed(step: str, work: Callable[[], None]) -> None:
        if proxy is not None:
            proxy.counted()
        began = time.perf_counter()
        work()
        found.setdefault(step, []).append(time.perf_counter() - began)
        if proxy is not None:
            found[f"{step} counts"] = proxy.counted()

    try:
        port = contender.start(folder, lines)
        if rtt_ms is not None:
            proxy = Proxy(port, rtt_ms)
        contender.connect(proxy.port if proxy is not None else port)
        timed("up", contender.up)
        timed("down", contender.down)
        contender.sync()
        for line in more[:REPEATS]:
            began = time.perf_counter()
            contender.record(line)
            found.setdefault("record", []).append(time.perf_counter() - began)
            timed("one", contender.sync)
            timed("nothing", contender.sync)
    finally:
        contender.stop()
        if proxy is not None:
            proxy.stop()
    return {step: median(v) if isinstance(v, list) else v for step, v in found.items()}


def main(contender: Contender) -> None:
    """Measure as the arguments say, FOLDER [RTT_MS], and print the figures as JSON."""
    rtt_ms = float(sys.argv[2]) if len(sys.argv) > 2 else None
    print(json.dumps(measure(contender, Path(sys.argv[1]), rtt_ms)))


@contextmanager
def server(command: Sequence[str], port: int, **options: Any) -> Generator[int, None, None]:  # noqa: ANN401
    """Run a peer's server until it is not needed any more; give the process's number."""
    with Path(os.devnull).open("w") as nowhere:
        process: subprocess.Popen[str] = subprocess.Popen(
            command, stdout=nowhere, stderr=nowhere, text=True, **options
        )
        try:
            _wait(port, process)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(port: int, process: "subprocess.Popen[str]") -> None:
    """Wait until the server answers, whatever it says."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except URLError as error:
            if not hasattr(error, "code"):
                time.sleep(0.05)
                continue
        except OSError:
            time.sleep(0.05)
            continue
        return
    sys.exit(f"the server at {port} does not answer")


def worked_s(pid: int) -> float:
    """Return the CPU time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port that nobody listens on."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
