"""The bare rig as a contender: what the design costs with nothing signed, checked or folded.

python -m bench.rig.bare FOLDER [RTT_MS]
"""

import json
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_hex

import zstandard

from bench.rig.radar import POSTGRES
from bench.rig.steps import free_port, main, server
from tests.contract.centre_postgres import schema_url

SCHEMA = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
CREATE TABLE own(seq INTEGER PRIMARY KEY, line TEXT NOT NULL);
CREATE TABLE theirs(pos INTEGER PRIMARY KEY, line TEXT NOT NULL);
CREATE TABLE state(held INTEGER NOT NULL, cursor INTEGER NOT NULL);
INSERT INTO state VALUES(0, 0);
"""


class BarePhone:
    """A journal of lines, sent as they are and taken in as they come."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.executescript(SCHEMA)
        self._name = path.stem
        self._http: HTTPConnection | None = None

    def connect(self, port: int) -> None:
        """Go to that port from now on."""
        self._http = HTTPConnection("127.0.0.1", port)

    def record(self, lines: Sequence[str]) -> None:
        """Record lines, durable when this returns."""
        self._write(lambda: self._add("own", lines))

    def _add(self, table: str, lines: Sequence[str]) -> None:
        column = "seq" if table == "own" else "pos"
        (last,) = self.connection.execute(
            f"SELECT coalesce(max({column}), 0) FROM {table}"  # noqa: S608 - one of two constants
        ).fetchone()
        self.connection.executemany(
            f"INSERT INTO {table} VALUES(?, ?)",
            enumerate(lines, last + 1),
        )

    def _write(self, work: Callable[[], None]) -> None:
        self.connection.execute("BEGIN")
        work()
        self.connection.execute("COMMIT")

    def sync(self) -> None:
        """Send and fetch until there is nothing left."""
        more = True
        while more:
            held, cursor = self.connection.execute("SELECT * FROM state").fetchone()
            wanted = "SELECT line FROM own WHERE seq > ? ORDER BY seq LIMIT 10000"
            lines = [line for (line,) in self.connection.execute(wanted, (held,))]
            head = {"device": self._name, "from": held + 1, "count": len(lines), "cursor": cursor}
            told, theirs = self._post("\n".join([json.dumps(head), *lines]))
            more = bool(told["more"]) or told["held"] < held + len(lines)
            self._apply(told, theirs)

    def _post(self, body: str) -> tuple[dict[str, int], list[str]]:
        assert self._http is not None
        self._http.request(
            "POST", "/sync", zstandard.ZstdCompressor(level=3).compress(body.encode())
        )
        raw = self._http.getresponse().read()
        plain = zstandard.ZstdDecompressor().decompress(raw, max_output_size=1 << 26).decode()
        head, _, rest = plain.partition("\n")
        told = json.loads(head)
        return told, rest.split("\n") if told["count"] else []

    def _apply(self, told: dict[str, int], theirs: list[str]) -> None:
        """Take an answer in; it can be had again, so it needs no flush."""

        def work() -> None:
            self._add("theirs", theirs)
            self.connection.execute(
                "UPDATE state SET held = ?, cursor = ?", (told["held"], told["cursor"])
            )

        self.connection.execute("PRAGMA synchronous = NORMAL")
        self._write(work)
        self.connection.execute("PRAGMA synchronous = FULL")

    def count(self, table: str) -> int:
        """Return how many lines a table holds."""
        wanted = f"SELECT count(*) FROM {table}"  # noqa: S608 - one of two constants
        return int(self.connection.execute(wanted).fetchone()[0])


class Bare:
    """The rig's server, and two phones."""

    def __init__(self) -> None:
        self._ends = ExitStack()

    def start(self, folder: Path, lines: Sequence[str]) -> int:
        """Start the server; A records the lines."""
        postgres, port = os.environ.get(POSTGRES), free_port()
        db = schema_url(postgres, f"bare{token_hex(4)}") if postgres else str(folder / "bare.db")
        command = [sys.executable, "-P", "-m", "bench.rig.bare_centre", db, str(port)]
        self._ends.enter_context(server(command, port))
        self._a, self._b = BarePhone(folder / "bareA.db"), BarePhone(folder / "bareB.db")
        self._a.record(lines)
        return port

    def connect(self, port: int) -> None:
        """Let both phones go there."""
        self._a.connect(port)
        self._b.connect(port)

    def up(self) -> None:
        """Send what A recorded."""
        self._a.sync()
        assert self._held() == self._a.count("own")

    def down(self) -> None:
        """Fetch everything to B."""
        self._b.sync()
        assert self._b.count("theirs") == self._a.count("own")

    def record(self, line: str) -> None:
        """Record one line on A, durable."""
        self._a.record([line])

    def sync(self) -> None:
        """Sync A."""
        self._a.sync()

    def stop(self) -> None:
        """Stop the server."""
        self._ends.close()

    def _held(self) -> int:
        return int(self._a.connection.execute("SELECT held FROM state").fetchone()[0])


if __name__ == "__main__":
    main(Bare())
