"""A centre that holds millions of actions already, written in bulk past all checks.

Other people's weeks of work: real lines with their touches, of devices whose chains nobody will
ask about.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import psycopg

from bench.rig import site
from bench.rig.centre import Site
from bench.rig.rows import Row, copy_rows, statement, table_of
from radar_core.actions import Draft, Moment, touches, write_line
from radar_server.reference import key_of
from radar_server.tables import ActionRow, TouchRow
from sync.clock import stamp

LINES = 20_000
"""So many different lines a project; each of many devices has recorded them."""
SLICE = 1_000
WEEK_MS = 7 * 86_400_000
Said = tuple[str, str, Draft, list[str]]
"""A line, its stamp, its draft, the keys of what it touches."""


def fill(made: Site, rows: int) -> None:
    """Add so many actions and their touches to a centre that is not running."""
    if made.kind == "sqlite":
        _fill_sqlite(made, rows)
    else:
        _fill_postgres(made, rows)


def _fill_sqlite(made: Site, rows: int) -> None:
    with closing(sqlite3.connect(made.home / "centre.db", isolation_level=None)) as connection:
        connection.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000;")
        heads = dict(connection.execute("SELECT project, pos FROM head"))
        for project, actions, refs in _slices(heads, rows):
            connection.execute("BEGIN")
            connection.executemany(statement(table_of(ActionRow), "?"), actions)
            connection.executemany(statement(table_of(TouchRow), "?"), refs)
            connection.execute(_MOVE.format("?"), (len(actions), len(actions), project))
            connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.sync()


def _fill_postgres(made: Site, rows: int) -> None:
    with psycopg.connect(made.db) as connection:
        connection.execute("SET synchronous_commit = off")
        found = connection.execute("SELECT project, pos FROM head").fetchall()
        heads = {str(name): int(pos) for name, pos in found}
        for project, actions, refs in _slices(heads, rows):
            copy_rows(connection, table_of(ActionRow), actions)
            copy_rows(connection, table_of(TouchRow), refs)
            moved = (len(actions), len(actions), project)
            connection.execute(_MOVE.format("%b").encode(), moved)
            connection.commit()
    with psycopg.connect(made.db, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) action, touch")
        connection.execute("CHECKPOINT")


_MOVE = "UPDATE head SET pos = pos + {0}, count = count + {0} WHERE project = {0}"


def _slices(heads: dict[str, int], rows: int) -> Iterator[tuple[str, list[Row], list[Row]]]:
    """Yield the rows of many devices, slice by slice of the weeks before this one."""
    until_ms = time.time_ns() // 1_000_000 - 8 * WEEK_MS
    for number, (project, want) in enumerate(
        zip(site.PROJECTS, site.spread(rows, len(site.PROJECTS)), strict=True)
    ):
        lines = min(LINES, want)
        said = [_said(*pair) for pair in site.drafts(number, site.times(number, until_ms, lines))]
        sizes = site.spread(want, -(-want // lines))
        for first in range(0, lines, SLICE):
            for device, size in enumerate(sizes):
                part = said[first : min(first + SLICE, size)]
                yield (
                    project,
                    *_rows(project, f"EF{number}X{device}", (first, heads[project]), part),
                )
                heads[project] += len(part)


def _said(draft: Draft, moment: Moment) -> Said:
    hlc = stamp(moment.wall_ms, 0)
    return write_line(1, hlc, moment, draft), hlc, draft, [key_of(ref) for ref in touches(draft)]


def _rows(
    project: str, epoch: str, at: tuple[int, int], part: list[Said]
) -> tuple[list[Row], list[Row]]:
    """Return the action rows and the touch rows of a slice, after that number and position."""
    names = table_of(ActionRow).columns.keys()
    actions: list[Row] = []
    refs: list[Row] = []
    for index, (line, hlc, draft, keys) in enumerate(part, 1):
        seq, at_ms = at[0] + index, int(hlc[:12], 16)
        values: dict[str, object] = {
            "project": project,
            "pos": at[1] + index,
            "epoch": epoch,
            "seq": seq,
            "hlc": hlc,
            "staff": draft.staff,
            "kind": draft.kind,
            "hash": os.urandom(32),
            "line": line,
            "received_ms": at_ms,
            "grade": "unanchored",
            "at_ms": at_ms,
            "error_ms": -1,
        }
        actions.append(tuple(values[name] for name in names))
        refs += [(project, key, hlc, epoch, seq) for key in keys]
    return actions, refs
