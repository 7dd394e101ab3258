"""What an attacker has: sockets that say anything, a phone's key; and the operator's log."""

import json
import os
import resource
import secrets
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx

from commands.phone import KEY
from sync.keys import KeyPair
from tests.contract.centre_parts import Device
from tests.e2e.world import RADAR, Centre, copy_home, reading

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

    def memory_kib(self, what: str = "VmRSS") -> int:
        """Return how much memory the process holds; `VmHWM` is the most that it ever held."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition(f"{what}:")[2].split()[0])


def watched(centre: Path, to: Path, port: int) -> WatchedCentre:
    """Copy a stopped centre."""
    return WatchedCentre(copy_home(centre, to), port)


_numbers = count(1)


def stranger() -> str:
    """Return an address of this machine that nobody has used yet."""
    return f"127.1.{os.getpid() % 250}.{next(_numbers)}"


def calling(centre: Centre, source: str) -> httpx.Client:
    """Return a client of a centre that comes from this address, by a new connection each time."""
    once = httpx.Limits(max_keepalive_connections=0)
    way = httpx.HTTPTransport(local_address=source, limits=once)
    return httpx.Client(base_url=centre.url, transport=way, timeout=PATIENCE_S)


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack on a centre, from an address of its own."""

    centre: WatchedCentre
    client: httpx.Client
    source: str

    def told(self, code: str, device: str = "", *words: str) -> bool:
        """Wait until the operator is told of it, with the code, the address and the device."""
        who = f"address={self.source} device={device}:" if device else f"address={self.source}:"
        return self.centre.told(f"refused {code} {who}", *words)


@contextmanager
def attacking(centre: WatchedCentre) -> Generator[Attack]:
    """Give an attack from an address that nobody has used yet."""
    source = stranger()
    with calling(centre, source) as client:
        yield Attack(centre, client, source)


def meta_of(phone: Path) -> dict[str, str]:
    """Return what a phone knows of itself."""
    with reading(phone / "phone.db") as database:
        return dict(database.execute("SELECT key, value FROM meta"))


def stolen(phone: Path, actions: int = 3) -> Device:
    """Return what somebody has who took a phone's key: a device that says whatever he likes.

    It begins an epoch of its own, with so many actions.
    """
    about = meta_of(phone)
    keys = KeyPair((phone / KEY).read_bytes())
    device = Device(about["device"], about["staff"], keys, f"E{secrets.token_hex(6)}")
    for _ in range(actions):
        device.act()
    return device


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
