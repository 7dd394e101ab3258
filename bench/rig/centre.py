"""Centres to measure: made in a folder, on SQLite or PostgreSQL, and run as a real process."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from bench.rig import site
from radar_server.admin import init, opened
from radar_server.book import take_in
from radar_server.database import writing
from radar_server.enrolment import Enrolled, enrol, offer_code
from sync.enrolling import CodeKey
from sync.keys import KeyPair, load_key
from tests.contract.centre_postgres import schema_url
from tests.enrolling import applicant

FSYNC = "-c listen_addresses='' -c max_connections=60 -c shared_buffers=512MB -c max_wal_size=4GB"
"""PostgreSQL as it comes, with its flushes, and with memory for what is measured."""
STOP_S = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """A centre's process, and where it answers."""

    url: str
    pid: int

    @property
    def port(self) -> int:
        """The port of its address."""
        return int(self.url.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Site:
    """A centre that is made and has its book, not yet running."""

    home: Path
    db: str
    kind: str

    @property
    def key(self) -> KeyPair:
        """The centre's own key."""
        return load_key(self.home / "key")

    def enrol(self, number: int, keys: KeyPair) -> Enrolled:
        """Enrol a phone with that key for a person."""
        return self.enrol_all([(number, keys)])[0]

    def enrol_all(self, phones: Sequence[tuple[int, KeyPair]]) -> list[Enrolled]:
        """Enrol a phone with that key for each of these people."""
        made: list[Enrolled] = []
        with opened(str(self.home), self.db) as centre, writing(centre.engine) as connection:
            for number, keys in phones:
                key, now_ms = CodeKey(os.urandom(32), os.urandom(32)), centre.now_ms()
                offer_code(connection, key, site.guard(number)[0], now_ms + 3_600_000)
                made.append(enrol(connection, applicant(key, keys, "bench"), now_ms))
        return made

    @contextmanager
    def running(self) -> Generator[Running]:
        """Run `radar serve`; give its address once it answers."""
        command = [sys.executable, "-P", "-m", "radar_cli", "serve", "--json", "--port", "0"]
        command += ["--home", str(self.home), *(["--db", self.db] if self.db else [])]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            yield Running(str(json.loads(process.stdout.readline())["url"]), process.pid)
        finally:
            process.terminate()
            process.wait(STOP_S)
            process.stdout.close()


def make_site(folder: Path, kind: str, postgres: str | None = None) -> Site:
    """Make a centre with the book; a schema of its own where `postgres` is a server's URL."""
    name = f"{kind}{token_hex(4)}"
    db = schema_url(postgres, name) if kind == "postgresql" and postgres else ""
    home = folder / name
    init(str(home), db, "Bench")
    with opened(str(home), db) as centre, writing(centre.engine) as connection:
        take_in(connection, site.book())
    return Site(home, db, kind)
