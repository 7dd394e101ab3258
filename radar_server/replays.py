"""Every signed request serves once, and only for about the moment for which it was made.

One process remembers what it has seen by itself. On PostgreSQL, which several may share, the table
`seen` does, unlogged: after a crash of the database it is empty, so that it says since when it
holds anything. Nothing is taken from before that.
"""

import threading

from sqlalchemy import Connection, Engine, bindparam, delete, text
from sqlmodel import col

from radar_server.problems import Problem
from radar_server.tables import SeenRow
from sync.signing import read_request_time

BEHIND_MS = 120_000
"""So late a request may come, or its phone's clock be slow."""
AHEAD_MS = 2_000
"""So much a phone's clock may be fast. After a start nothing that was taken before it is earlier
than this, so whatever is later was never taken."""
KEPT_MS = BEHIND_MS + AHEAD_MS
SEEN_BYTES = 16
"""So much of a signature is remembered: nobody finds two that begin alike."""
_SINCE = b""
"""The row whose time says since when the table holds what was seen."""

_TAKE = text(
    "INSERT INTO seen (signature, at_ms) SELECT CAST(:signature AS BYTEA), :at_ms"
    " WHERE EXISTS (SELECT 1 FROM seen WHERE signature = '' AND at_ms <= :at_ms)"
    " ON CONFLICT (signature) DO NOTHING RETURNING at_ms"
)
_BEGIN = text("INSERT INTO seen (signature, at_ms) VALUES ('', :at_ms) ON CONFLICT DO NOTHING")
_BEGAN = text("SELECT at_ms FROM seen WHERE signature = ''")
_FORGET = delete(SeenRow).where(
    col(SeenRow.at_ms) < bindparam("at_ms"), col(SeenRow.signature) != _SINCE
)


def begin_at(connection: Connection, since_ms: int) -> None:
    """Say that all that was taken since then is in the table, unless it says so already."""
    connection.execute(_BEGIN, {"at_ms": since_ms})


class Replays:
    """What was seen lately. With `since_ms`, nothing that was made before that is taken."""

    def __init__(self, since_ms: int = 0) -> None:
        self._since_ms = since_ms
        self._lock = threading.Lock()
        self._seen = set[bytes]()
        self._before = set[bytes]()
        self._turned_ms = 0
        """When the older half was forgotten; each half is of at least the time it must be kept."""

    def take(self, engine: Engine, signature: bytes, told: str, now_ms: int) -> int:
        """Take a request that is well signed; return when it was made, on this centre's clock.

        `told` is what it says of that. Raise Problem `stale_request` or `replayed`.
        """
        said_ms = read_request_time(told)
        if said_ms is None or not now_ms - BEHIND_MS <= said_ms < now_ms + AHEAD_MS:
            raise _stale(now_ms)
        if engine.dialect.name == "postgresql":
            self._take_shared(engine, signature[:SEEN_BYTES], said_ms, now_ms)
        else:
            self._take_alone(signature[:SEEN_BYTES], said_ms, now_ms)
        return min(said_ms, now_ms)

    def _take_alone(self, signature: bytes, said_ms: int, now_ms: int) -> None:
        if said_ms < self._since_ms:
            raise _stale(max(now_ms, self._since_ms))
        with self._lock:
            if now_ms - self._turned_ms > KEPT_MS:
                self._before, self._seen, self._turned_ms = self._seen, set(), now_ms
            if signature in self._seen or signature in self._before:
                raise Problem("replayed")
            self._seen.add(signature)

    def _take_shared(self, engine: Engine, signature: bytes, said_ms: int, now_ms: int) -> None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if now_ms - self._turned_ms > KEPT_MS:
                self._turned_ms = now_ms
                connection.execute(_FORGET, {"at_ms": now_ms - 2 * KEPT_MS})
            asked = {"signature": signature, "at_ms": said_ms}
            if connection.execute(_TAKE, asked).first() is None:
                self._refuse(connection, said_ms, now_ms)

    def _refuse(self, connection: Connection, said_ms: int, now_ms: int) -> None:
        """Say why a request was not taken; where nothing was ever seen, begin to remember."""
        begin_at(connection, now_ms + AHEAD_MS)
        since_ms: int = connection.execute(_BEGAN).scalar_one()
        if said_ms < since_ms:
            raise _stale(max(now_ms, since_ms))
        raise Problem("replayed")


def _stale(now_ms: int) -> Problem:
    return Problem("stale_request", members={"now_ms": now_ms})
