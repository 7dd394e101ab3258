"""The centre's database: opening it, checking its tables, and the three ways to use it.

`writing` is all or nothing and durable, `reading` one snapshot however long it takes, `noting`
writes what may be lost with the power.
"""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from radar_core.failures import Failure, N_
from radar_server.tables import SCHEMA

BUSY_TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 5
CONNECTIONS_MAX = 12
"""More than the threads that work on the database, see `radar_server.http`."""
CLASHES = ("40001", "40P01", "23505")
"""PostgreSQL's names for a serialization failure, a deadlock, and a key that another transaction
has taken in the meantime: what was looked for before is there now.
"""
WRITES = "radar_writes"
WRITER = "radar_writer"
WRITER_CACHE_KIB = 64 * 1024
"""What the one connection that writes to SQLite may keep in memory of what it writes to."""
CHECKPOINT_PAGES = 8_000
"""So long is SQLite's log, 32 MB, before it goes into the file: a page of actions alone is 4 MB."""
PASSING = frozenset({"alembic_version", "seen"})
"""Tables that no backup has: what they say is told otherwise, or is over in minutes."""
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_MIGRATIONS = Path(__file__).with_name("migrations")


def open_engine(db: str) -> Engine:
    """Return an engine for `sqlite:///FILE` or `postgresql://…`; raise Failure `bad_db`.

    Connects only when it is used.
    """
    url = _url(db)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    return create_engine(
        url,
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
    )


def _open_sqlite(url: URL) -> Engine:
    """Return an engine that knows another one, of one connection, for all that writes.

    SQLite throws away what a connection has in memory when another one has written: writers that
    took turns would read their pages and prepare their statements anew each time.
    """
    engine = create_engine(url, pool_size=CONNECTIONS_MAX, max_overflow=0)
    writer = create_engine(url, pool_size=1, max_overflow=CONNECTIONS_MAX)
    for one in (engine, writer):
        event.listen(one, "connect", _prepare_sqlite)
        event.listen(one, "begin", _begin_sqlite)
    event.listen(writer, "connect", _give_room)
    event.listen(engine, "engine_disposed", lambda _: writer.dispose())
    engine.update_execution_options(**{WRITER: writer})
    return engine


def _writer(engine: Engine) -> Engine:
    writer: Engine = engine.get_execution_options().get(WRITER, engine)
    return writer


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def _url(db: str) -> URL:
    try:
        url = make_url(db)
    except ArgumentError as error:
        raise _bad_db() from error
    name = _DRIVERS.get(url.drivername, url.drivername)
    if name not in ("sqlite", "postgresql+psycopg"):
        raise _bad_db()
    return url.set(drivername=name)


def _bad_db() -> Failure:
    # The URL itself is not shown: it may hold a password.
    return Failure(
        "bad_db",
        N_("--db is not the address of a database that RADAR can use."),
        N_("Write postgresql://USER:PASSWORD@HOST/NAME, or leave it out for SQLite."),
    )


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Write-ahead log, a flush for every commit, and transactions only where we begin them."""
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _give_room(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: between reading and writing nobody may come in."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Generator[Connection]:
    """Begin to write: what happens inside is committed and durable, or did not happen."""
    with (
        _writer(engine).connect().execution_options(**{WRITES: True}) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """Read one snapshot of everything that was committed before the first statement."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(  # noqa: PLW2901 - the same connection
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            yield connection


@contextmanager
def noting(engine: Engine) -> Generator[Connection]:
    """Write what may be lost with the power: it costs no flush."""
    with _writer(engine).connect().execution_options(**{WRITES: True}) as connection:
        lazily = engine.dialect.name == "sqlite"
        raw = connection.connection.driver_connection
        if lazily:
            assert isinstance(raw, sqlite3.Connection)
            raw.execute("PRAGMA synchronous = NORMAL")
        try:
            with connection.begin():
                if not lazily:
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                yield connection
        finally:
            if lazily:
                assert isinstance(raw, sqlite3.Connection)
                raw.execute("PRAGMA synchronous = FULL")


def is_clash(error: DBAPIError) -> bool:
    """Tell whether two transactions got into each other's way, so that trying again helps."""
    return getattr(error.orig, "sqlstate", None) in CLASHES


def migrate(engine: Engine) -> bool:
    """Make the tables, or bring them up to date; tell whether anything changed."""
    with writing(engine) as connection:
        before = schema_of(connection)
        if before is not None and before > SCHEMA:
            raise _too_new()
        migrate_to(connection, SCHEMA)
    return before != SCHEMA


def migrate_to(connection: Connection, schema: str) -> None:
    """Make the tables as they were in a schema, or bring older ones there, in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, schema)


def tables_of(connection: Connection) -> list[Table]:
    """Return the tables that a backup has, as they are in the database, by name."""
    found = MetaData()
    found.reflect(connection)
    return [found.tables[name] for name in sorted(found.tables) if name not in PASSING]


def check_schema(engine: Engine) -> None:
    """Raise Failure `not_initialised`, `schema_old` or `schema_new` unless the tables fit."""
    with reading(engine) as connection:
        found = schema_of(connection)
    if found is None:
        raise not_initialised()
    if found > SCHEMA:
        raise _too_new()
    if found < SCHEMA:
        raise Failure(
            "schema_old",
            N_("The centre's database was made by an older RADAR."),
            N_("Stop the centre, keep a backup, then: radar admin init"),
        )


def schema_of(connection: Connection) -> str | None:
    """Return the revision that the tables have, or None where there are none."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found else None


def not_initialised() -> Failure:
    """Say that there is no centre yet."""
    return Failure(
        "not_initialised",
        N_("There is no centre here yet."),
        N_("Make one: radar admin init"),
    )


def _too_new() -> Failure:
    return Failure(
        "schema_new",
        N_("The centre's database was made by a newer RADAR than this one."),
        N_("Install that version of RADAR, or a later one; nothing was changed."),
    )


def database_failure(error: DBAPIError) -> Failure:
    """Say in one sentence what the database refused."""
    reason = " ".join(str(error.orig).split())[:200]
    if isinstance(error.orig, sqlite3.Error):
        return Failure(
            "database",
            N_("The centre's database cannot be used ({reason})."),
            N_("Is the disk full, or the folder another user's? Nothing was half written."),
            reason=reason,
        )
    return Failure(
        "database_unreachable",
        N_("The database cannot be reached or used ({reason})."),
        N_("Is PostgreSQL running, and are the user and the name in --db right?"),
        reason=reason,
    )
