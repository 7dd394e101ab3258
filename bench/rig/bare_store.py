"""The bare rig's store: one table of lines, a number for each device, one commit for a group."""

import sqlite3
from collections.abc import Sequence

import psycopg

Batch = tuple[str, int, list[str]]
"""A device, the number of its first line, the lines."""

TABLES = """
CREATE TABLE IF NOT EXISTS bare_log(
  pos BIGINT PRIMARY KEY, device TEXT NOT NULL, seq BIGINT NOT NULL, line TEXT NOT NULL,
  UNIQUE(device, seq));
CREATE TABLE IF NOT EXISTS bare_device(device TEXT PRIMARY KEY, seq BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS bare_head(id INTEGER PRIMARY KEY, pos BIGINT NOT NULL);
INSERT INTO bare_head VALUES(1, 0) ON CONFLICT DO NOTHING;
"""
_NEWS = "SELECT pos, device, line FROM bare_log WHERE pos > {0} ORDER BY pos LIMIT {0}"


class Store:
    """What SQLite and PostgreSQL have in common: who holds how much, and no gap."""

    def take(self, batches: Sequence[Batch]) -> list[int]:
        """Store what is new of each batch in one commit; return how far each device is held."""
        held = self._held(sorted({device for device, _, _ in batches}))
        rows: list[tuple[str, int, str]] = []
        told: list[int] = []
        for device, first, lines in batches:
            high = held.get(device, 0)
            if first <= high + 1:
                new = lines[high + 1 - first :]
                rows += [(device, high + 1 + at, line) for at, line in enumerate(new)]
                held[device] = high + len(new)
            told.append(held.get(device, 0))
        self._write(rows, {device: held[device] for device, _, _ in batches if device in held})
        return told

    def news(self, after: int, limit: int) -> list[tuple[int, str, str]]:
        """Return position, device and line of what comes after a position."""
        raise NotImplementedError

    def _held(self, devices: list[str]) -> dict[str, int]:
        raise NotImplementedError

    def _write(self, rows: list[tuple[str, int, str]], held: dict[str, int]) -> None:
        raise NotImplementedError


class SqliteStore(Store):
    """WAL, a flush for each commit, one statement for all rows."""

    def __init__(self, path: str) -> None:
        self._writer, self._reader = self._open(path), self._open(path)
        self._writer.executescript(TABLES)

    @staticmethod
    def _open(path: str) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def news(self, after: int, limit: int) -> list[tuple[int, str, str]]:
        """Read what was committed."""
        return self._reader.execute(_NEWS.format("?"), (after, limit)).fetchall()

    def _held(self, devices: list[str]) -> dict[str, int]:
        self._writer.execute("BEGIN IMMEDIATE")
        marks = ",".join("?" * len(devices))
        wanted = f"SELECT device, seq FROM bare_device WHERE device IN ({marks})"  # noqa: S608 - marks
        return dict(self._writer.execute(wanted, devices))

    def _write(self, rows: list[tuple[str, int, str]], held: dict[str, int]) -> None:
        (pos,) = self._writer.execute("SELECT pos FROM bare_head").fetchone()
        placed = [(pos + at, *row) for at, row in enumerate(rows, 1)]
        self._writer.executemany("INSERT INTO bare_log VALUES(?, ?, ?, ?)", placed)
        self._writer.execute("UPDATE bare_head SET pos = ?", (pos + len(rows),))
        self._writer.executemany("INSERT OR REPLACE INTO bare_device VALUES(?, ?)", held.items())
        self._writer.execute("COMMIT")


class PostgresStore(Store):
    """One array for each column, in binary."""

    def __init__(self, url: str) -> None:
        self._writer, self._reader = psycopg.connect(url), psycopg.connect(url, autocommit=True)
        for statement in TABLES.split(";"):
            self._writer.execute(statement.encode())
        self._writer.commit()

    def news(self, after: int, limit: int) -> list[tuple[int, str, str]]:
        """Read what was committed."""
        return self._reader.execute(_NEWS.format("%b").encode(), (after, limit)).fetchall()

    def _held(self, devices: list[str]) -> dict[str, int]:
        wanted = "SELECT device, seq FROM bare_device WHERE device = ANY(%b) FOR UPDATE"
        return dict(self._writer.execute(wanted, (devices,)).fetchall())

    def _write(self, rows: list[tuple[str, int, str]], held: dict[str, int]) -> None:
        count = len(rows)
        if count:
            self._writer.execute(
                "WITH head AS (UPDATE bare_head SET pos = pos + %b RETURNING pos)"
                " INSERT INTO bare_log SELECT pos - %b + n, d, s, l FROM head,"
                " unnest(%b::text[], %b::bigint[], %b::text[]) WITH ORDINALITY AS t(d, s, l, n)",
                (count, count, *(list(column) for column in zip(*rows, strict=True))),
            )
        self._writer.execute(
            "INSERT INTO bare_device SELECT * FROM unnest(%b::text[], %b::bigint[])"
            " ON CONFLICT(device) DO UPDATE SET seq = excluded.seq",
            (list(held), list(held.values())),
        )
        self._writer.commit()


def open_store(db: str) -> Store:
    """Open a PostgreSQL URL or the path of a SQLite file."""
    return PostgresStore(db) if db.startswith("postgres") else SqliteStore(db)
