"""A phone of ours to measure: the files, the journal, the exchange and transport of a `radar`."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from bench.rig import site
from commands.phone import DATABASE, KEY
from commands.projection import SCHEMA, projection
from radar_cli.world import moment
from radar_core.actions import Draft, Moment, touches
from radar_server.enrolment import Enrolled
from sync.asking import Asker, centre_clock
from sync.exchange import Report, exchange
from sync.journal import Journal
from sync.keys import KeyPair, name_of
from sync.replica import Identity, create_replica
from sync.transport import Connection, open_client

TIMEOUT_S = 120.0
CHUNK = 10_000


class BenchPhone:
    """An enrolled phone below a folder, which is its `RADAR_HOME`."""

    def __init__(
        self, home: Path, number: int, made: tuple[KeyPair, Enrolled, bytes], secret: bytes
    ) -> None:
        """`made` is its key pair, its identity and the centre's public key."""
        self.home, self.number = home, number
        self.keys, enrolled, self._centre_key = made
        self._device = enrolled.device
        home.mkdir(parents=True)
        (home / KEY).write_bytes(secret)
        self.epoch = name_of(str(home).encode() + secret, "E")
        self._client: httpx.Client | None = None
        key = self._centre_key.hex()
        identity = Identity(enrolled.device, enrolled.staff, "", enrolled.centre_epoch, key)
        self.journal: Journal = create_replica(
            home / DATABASE, identity, self.epoch, self.keys.public, more_schema=SCHEMA
        )

    def connect(self, url: str) -> None:
        """Go to that address from now on, over one connection, as `radar sync --watch` does."""
        with self.journal.transaction():
            self.journal.set_meta("url", url)
        self.close()
        self._client = open_client(url, TIMEOUT_S, "")
        clock = centre_clock(self.journal, moment, os.urandom)
        asker = Asker(self._device, self.keys, clock)
        self._post = Connection(self._client, asker, self._centre_key).post

    def close(self) -> None:
        """Close the way to the centre."""
        if self._client is not None:
            self._client.close()

    def record(self, drafts: Sequence[tuple[Draft, Moment]]) -> None:
        """Record actions, durable when this returns."""
        with self.journal.transaction():
            for draft, when in drafts:
                self.journal.append(draft, when, touches(draft))

    def record_past(self, actions: int) -> None:
        """Record what the person did in the weeks until now."""
        times = site.times(self.number, time.time_ns() // 1_000_000, actions)
        for first in range(0, actions, CHUNK):
            self.record(list(site.drafts(self.number, times[first : first + CHUNK])))

    def record_now(self) -> None:
        """Record one action."""
        self.record(list(site.drafts(self.number, [time.time_ns() // 1_000_000])))

    def sync(self) -> Report:
        """Bring phone and centre in step, with the phone's own tasks behind it."""
        tasks = projection(self.journal, time.time_ns() // 1_000_000_000)
        return exchange(self.journal, self.keys, self._post, moment, tasks, randomness=os.urandom)

    def held(self) -> int:
        """Return how many actions the phone holds."""
        (count,) = self.journal.connection.execute("SELECT count(*) FROM action").fetchone()
        return int(count)
