"""SQLite's one writing connection: what it has in memory serves the next one that writes."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection

from radar_server.database import noting, open_engine, reading, sqlite_url, writing


def raw(connection: Connection) -> sqlite3.Connection:
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def test_all_that_writes_goes_through_one_connection_that_no_reader_has(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "centre.db"))
    with reading(engine) as one, reading(engine) as other, writing(engine) as writer:
        readers = {id(raw(one)), id(raw(other))}
        first = raw(writer)
        writer.exec_driver_sql("CREATE TABLE seen (at INTEGER)")
    with reading(engine), noting(engine) as writer:
        assert raw(writer) is first
    with reading(engine) as reader, writing(engine) as writer:
        assert raw(writer) is first
        assert raw(writer).execute("PRAGMA synchronous").fetchone() == (2,)
        assert reader.exec_driver_sql("SELECT count(*) FROM seen").scalar_one() == 0
    assert id(first) not in readers
    engine.dispose()
