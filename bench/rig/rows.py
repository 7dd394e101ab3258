"""The rows that an ingest wrote, read back page by page, and inserted anew by the bare driver."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, Table, select
from sqlmodel import Session, SQLModel, col

from bench.rig.centre import Site
from radar_core.jsontext import decode_object
from radar_server.admin import opened
from radar_server.database import reading
from radar_server.tables import ActionRow, TaskRow, TouchRow

Row = tuple[Any, ...]
Span = tuple[str, int, int]
"""A page by its epoch, its first number and its last."""
MODELS: tuple[type[SQLModel], ...] = (ActionRow, TouchRow, TaskRow)


@dataclass(frozen=True, slots=True)
class Written:
    """What one page became: its action rows, its touch rows, the rows of the tasks it touched."""

    rows: tuple[list[Row], list[Row], list[Row]]


def table_of(model: type[SQLModel]) -> Table:
    """Return a model's table."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def read_back(site: Site, spans: Iterable[Span]) -> list[Written]:
    """Return what the pages became in a centre's database."""
    with opened(str(site.home), site.db) as centre, reading(centre.engine) as connection:
        tasks = {
            (row.project, row.id): row for row in connection.execute(select(table_of(TaskRow)))
        }
        return [_page(connection, span, tasks) for span in spans]


def _page(connection: Connection, span: Span, tasks: dict[tuple[str, str], Any]) -> Written:
    actions, touches = (_rows(connection, model, span) for model in (ActionRow, TouchRow))
    at = list(table_of(ActionRow).columns.keys()).index("line")
    named = {(row[0], str(_task(row[at]))) for row in actions}
    return Written((actions, touches, [tuple(tasks[name]) for name in named if name in tasks]))


def _rows(connection: Connection, model: Any, span: Span) -> list[Row]:  # noqa: ANN401 - two models
    epoch, low, high = span
    wanted = select(table_of(model)).where(
        col(model.epoch) == epoch, col(model.seq).between(low, high)
    )
    return [tuple(row) for row in connection.execute(wanted)]


def _task(line: str) -> object:
    body = decode_object(line)["body"]
    return body.get("task") if isinstance(body, dict) else None


def insert_bare(site: Site, pages: Sequence[Written], how: str, tables: int) -> None:
    """Insert the rows of the first so many tables into a centre's, one commit for each page.

    `how` is `insert` (executemany on SQLite, arrays on PostgreSQL) or `copy` (PostgreSQL's COPY).
    """
    if site.kind == "sqlite":
        _insert_sqlite(site, pages, tables)
    else:
        _insert_postgres(site, pages, how, tables)


def _insert_sqlite(site: Site, pages: Sequence[Written], tables: int) -> None:
    with closing(sqlite3.connect(site.home / "centre.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        statements = [statement(table_of(model), "?") for model in MODELS]
        for page in pages:
            connection.execute("BEGIN IMMEDIATE")
            for text, rows in list(zip(statements, page.rows, strict=True))[:tables]:
                connection.executemany(text, rows)
            connection.execute("COMMIT")


def _insert_postgres(site: Site, pages: Sequence[Written], how: str, tables: int) -> None:
    with psycopg.connect(site.db) as connection:
        for page in pages:
            for model, rows in list(zip(MODELS, page.rows, strict=True))[:tables]:
                if how == "copy" and model is not TaskRow:
                    copy_rows(connection, table_of(model), rows)
                elif rows:
                    columns = tuple(list(column) for column in zip(*rows, strict=True))
                    connection.execute(statement(table_of(model), "").encode(), columns)
            connection.commit()


def copy_rows(connection: "psycopg.Connection[Row]", table: Table, rows: Iterable[Row]) -> None:
    """Add rows by PostgreSQL's COPY, in the transaction under way."""
    types = [_type(column.type) for column in table.columns]
    text = f"COPY {table.name} FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(text.encode()) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def statement(table: Table, mark: str) -> str:
    """Return an INSERT, or an upsert of tasks: of rows with marks, or of an array a column."""
    names = [f'"{column.name}"' for column in table.columns]
    if mark:
        values = f"VALUES({', '.join(mark for _ in names)})"
    else:
        arrays = ", ".join(f"%b::{_type(column.type)}[]" for column in table.columns)
        values = f"SELECT * FROM unnest({arrays})"  # noqa: S608 - our own
    text = f'INSERT INTO "{table.name}" ({", ".join(names)}) {values}'
    if table is not table_of(TaskRow):
        return text
    changed = ", ".join(f"{name} = excluded.{name}" for name in names)
    key = ", ".join(f'"{column.name}"' for column in table.primary_key)
    return f"{text} ON CONFLICT({key}) DO UPDATE SET {changed}"


def _type(kind: Any) -> str:  # noqa: ANN401 - SQLAlchemy's types
    names = {int: "int8", bytes: "bytea", bool: "bool"}
    return names.get(kind.python_type, "text")


def insert_objects(site: Site, pages: Sequence[Written]) -> None:
    """Insert the action rows as SQLModel does it: an object for each, one commit for a page."""
    names = list(table_of(ActionRow).columns.keys())
    with opened(str(site.home), site.db) as centre:
        for page in pages:
            with Session(centre.engine) as session:
                session.add_all(
                    ActionRow(**dict(zip(names, row, strict=True))) for row in page.rows[0]
                )
                session.commit()
