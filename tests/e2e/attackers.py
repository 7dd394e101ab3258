"""What an attacker has: sockets that say anything, a phone's key; and the operator's log."""

import json
import os
import resource
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path

from tests.e2e.world import RADAR, Centre, copy_home

LOG_S = 10.0
PATIENCE_S = 20.0


class WatchedCentre(Centre):
    """A centre whose log, its stderr, is kept in a file."""

    @property
    def log(self) -> str:
        """What the operator has been told so far."""
        return (self.home / "serve.log").read_text()

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    def start(self, *words: str) -> None:
        """Start it and wait for the line that says it answers."""
        with (self.home / "serve.log").open("a") as log:
            self._process = subprocess.Popen(
                [RADAR, "serve", "--json", "--port", str(self.port), *words],
                env={**os.environ, "RADAR_CENTRE_HOME": str(self.home)},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        assert json.loads(self._process.stdout.readline())["url"] == self.url

    def told(self, *words: str) -> bool:
        """Wait until the operator is told a line with all these words."""
        end_s = time.monotonic() + LOG_S
        while time.monotonic() < end_s:
            if any(all(word in line for word in words) for line in self.log.splitlines()):
                return True
            time.sleep(0.05)
        return False

    def files(self) -> int:
        """Return how many descriptors the process has open."""
        return len([*Path(f"/proc/{self.pid}/fd").iterdir()])

    def memory_kib(self) -> int:
        """Return how much memory the process holds."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])


def watched(centre: Path, to: Path, port: int) -> WatchedCentre:
    """Copy a stopped centre."""
    return WatchedCentre(copy_home(centre, to), port)


def say_raw(port: int, sent: bytes, *, source: str = "127.0.0.1") -> bytes:
    """Send bytes and return all that comes back until the other side closes or is silent."""
    with closing(socket.create_connection(("127.0.0.1", port), PATIENCE_S, (source, 0))) as way:
        way.sendall(sent)
        return heard(way)


def heard(way: socket.socket, patience_s: float = 3.0) -> bytes:
    """Return what comes until the other side closes or is silent."""
    way.settimeout(patience_s)
    told = b""
    try:
        while chunk := way.recv(65536):
            told += chunk
    except (TimeoutError, ConnectionError):
        pass
    return told


def may_open(count: int) -> int:
    """Ask the system for so many descriptors; return how many there may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
