"""The heads of projects: the counter that the feed's positions come from, and the digest.

A writer locks the heads of its projects in the order of their ids, last in its transaction; so
positions become visible in their order, and a cursor never skips one (law 6).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlmodel import col

from radar_server.bulk import insert_missing, upsert
from radar_server.tables import HeadRow
from sync.feed import Holding

_COLUMNS = (col(HeadRow.pos), col(HeadRow.count), col(HeadRow.total))


@dataclass(slots=True)
class Head:
    """A project's newest position, and the digest of the live records and accepted actions."""

    pos: int
    holding: Holding

    def next(self) -> int:
        """Take the next position."""
        self.pos += 1
        return self.pos


def read_heads(connection: Connection, projects: Iterable[str]) -> dict[str, Head]:
    """Return the heads of those projects that have one, in the order of their ids."""
    wanted = select(col(HeadRow.project), *_COLUMNS).where(col(HeadRow.project).in_(list(projects)))
    rows = sorted(connection.execute(wanted))
    return {name: Head(pos, Holding(count, int(total))) for name, pos, count, total in rows}


def lock_heads(connection: Connection, projects: Iterable[str]) -> dict[str, Head]:
    """Lock the heads of projects in the order of their ids, making those that are missing."""
    names = sorted(projects)
    missing = set(names) - read_heads(connection, names).keys()
    insert_missing(connection, HeadRow, [(name, 0, 0, "0") for name in sorted(missing)])
    heads: dict[str, Head] = {}
    for name in names:
        one = select(*_COLUMNS).where(col(HeadRow.project) == name)
        pos, count, total = connection.execute(one.with_for_update()).one()
        heads[name] = Head(pos, Holding(count, int(total)))
    return heads


def store_heads(connection: Connection, heads: Mapping[str, Head]) -> None:
    """Write back heads that this transaction has locked."""
    rows = [(name, h.pos, h.holding.count, str(h.holding.total)) for name, h in heads.items()]
    upsert(connection, HeadRow, rows)
