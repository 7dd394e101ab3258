"""The heads of projects: the counter that the feed's positions come from, and the digest.

A writer locks the heads of its projects in the order of their ids, last in its transaction; so
positions become visible in their order, and a cursor never skips one (law 6).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select
from sqlmodel import col

from radar_server.bulk import insert_missing, upsert
from radar_server.tables import HeadRow
from sync.feed import DIGEST_MASK, Holding

_ALL = select(col(HeadRow.project), col(HeadRow.pos), col(HeadRow.count), col(HeadRow.total))
_HEADS = _ALL.where(col(HeadRow.project).in_(bindparam("projects", expanding=True)))
_LOCKED = (
    select(col(HeadRow.pos), col(HeadRow.count), col(HeadRow.total))
    .where(col(HeadRow.project) == bindparam("project"))
    .with_for_update()
)


@dataclass(slots=True)
class Head:
    """A project's newest position, and the digest of the live records and accepted actions."""

    pos: int
    holding: Holding

    def next(self) -> int:
        """Take the next position."""
        self.pos += 1
        return self.pos

    def grow(self, digests: Sequence[int]) -> int:
        """Take positions for so many actions of these digests; return the one before the first."""
        before = self.pos
        self.pos += len(digests)
        self.holding.count += len(digests)
        self.holding.total = (self.holding.total + sum(digests)) & DIGEST_MASK
        return before


def read_heads(connection: Connection, projects: Iterable[str]) -> dict[str, Head]:
    """Return the heads of those projects that have one, in the order of their ids."""
    return _read(connection, _HEADS, {"projects": list(projects)})


def read_all_heads(connection: Connection) -> dict[str, Head]:
    """Return the head of every project that has one, in the order of their ids."""
    return _read(connection, _ALL, {})


def _read(
    connection: Connection, wanted: Select[*tuple[Any, ...]], told: Mapping[str, object]
) -> dict[str, Head]:
    rows = sorted(connection.execute(wanted, told))
    return {name: Head(pos, Holding(count, int(total))) for name, pos, count, total in rows}


def lock_heads(connection: Connection, projects: Iterable[str]) -> dict[str, Head]:
    """Lock the heads of projects in the order of their ids, making those that are missing."""
    return {name: _locked(connection, name) for name in sorted(projects)}


def _locked(connection: Connection, project: str) -> Head:
    row = connection.execute(_LOCKED, {"project": project}).one_or_none()
    if row is None:
        insert_missing(connection, HeadRow, [(project, 0, 0, "0")])
        row = connection.execute(_LOCKED, {"project": project}).one()
    pos, count, total = row
    return Head(pos, Holding(count, int(total)))


def store_heads(connection: Connection, heads: Mapping[str, Head]) -> None:
    """Write back heads that this transaction has locked."""
    rows = [(name, h.pos, h.holding.count, str(h.holding.total)) for name, h in heads.items()]
    upsert(connection, HeadRow, rows)
