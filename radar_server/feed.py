"""The feed: what is new in each project after a phone's cursor, a page at a time (laws 6 and 9).

A row carries the position of its last change, and positions become visible in their order. So
`WHERE project = ? AND pos > ? ORDER BY pos LIMIT ?` is the whole of it, and skips nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import pairwise
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select
from sqlmodel import col

from radar_server.heads import Head, read_heads
from radar_server.tables import ActionRow, RecordRow
from sync.chain import sum_up
from sync.outbox import STILL_WRITTEN
from sync.protocol import News

WHOLE = STILL_WRITTEN
CHUNK_ROWS = 500
"""So many rows are read at once: enough to be quick, and few where each has its 64 KiB."""

_RECORDS = (
    select(
        col(RecordRow.pos),
        col(RecordRow.kind),
        col(RecordRow.id),
        col(RecordRow.body),
        col(RecordRow.gone),
    )
    .where(col(RecordRow.project) == bindparam("project"), col(RecordRow.pos) > bindparam("after"))
    .order_by(col(RecordRow.pos))
    .limit(CHUNK_ROWS)
)
_ACTIONS = (
    select(col(ActionRow.pos), col(ActionRow.epoch), col(ActionRow.seq), col(ActionRow.line))
    .where(
        col(ActionRow.project) == bindparam("project"),
        col(ActionRow.pos) > bindparam("after"),
        col(ActionRow.epoch).not_in(bindparam("own", expanding=True)),
    )
    .order_by(col(ActionRow.pos))
    .limit(CHUNK_ROWS)
)


@dataclass(frozen=True, slots=True)
class NewsPage:
    """How much news one answer may carry; an entry ends with so many `actions`.

    A phone takes in an entry at a time, and nobody can record anything there meanwhile.
    """

    rows: int = 12_000
    bytes: int = 8 * 1024 * 1024
    projects: int = 500
    actions: int = 3_000


@dataclass(frozen=True, slots=True)
class Reader:
    """A phone as the feed sees it: its projects, how far it has read, and what it has itself.

    `own` gives, for each of its epochs, up to which number it wrote the actions; what others wrote
    under later numbers, as the original of a restored copy did, comes down to it like anybody's.
    `holds` is what it says that it holds of all its projects, where it says so.
    """

    scope: Collection[str]
    cursors: Mapping[str, int]
    own: Mapping[str, int]
    holds: str = ""


Item = tuple[int, str, str, str | None]
"""Position, kind (empty for an action), id or epoch, body or line."""


def read_news(connection: Connection, reader: Reader, page: NewsPage) -> list[News]:
    """Return what a phone lacks of the projects in its scope.

    A project's first entry goes on from the phone's cursor, each other one from the one before.
    All but its last have `more`; where the page ends early, the last one of all has it too.
    """
    heads = read_heads(connection, reader.scope)
    behind = [(name, head) for name, head in heads.items() if reader.cursors.get(name) != head.pos]
    if not behind and reader.holds not in ("", _summed_up(heads)):
        # A centre that was restored may have come to the same positions by another way: the phone
        # compares each project by itself.
        behind = [*heads.items()]
    news: list[News] = []
    rows, size = page.rows, page.bytes
    for number, (project, head) in enumerate(behind, 1):
        # A cursor past the head is one of a centre that lost something: the digest will show it.
        after = min(reader.cursors.get(project, 0), head.pos)
        items, left, more = _take(_items(connection, project, after, reader.own), rows, size)
        rows -= len(items)
        size = left
        full = rows <= 0 or size <= 0 or number >= page.projects
        if full and not more and number < len(behind):
            # Others are still to come: what is held back here brings the phone to ask again.
            items, more = items[:-1] or items, True
        *parts, last = _parts(items, page.actions)
        news += [_news(project, head, part, more=True) for part in parts]
        news.append(_news(project, head, last, more=more))
        if full or more:
            break
    return news


def _summed_up(heads: Mapping[str, Head]) -> str:
    return sum_up(
        (name, head.pos, head.holding.count, head.holding.total) for name, head in heads.items()
    )


def _take(items: Iterator[Item], rows: int, size: int) -> tuple[list[Item], int, bool]:
    """Return the items that fit, at least one, how many bytes are left, and whether more follow."""
    taken: list[Item] = []
    for item in items:
        left = size - _size(item)
        if taken and (len(taken) >= rows or left < 0):
            return taken, size, True
        taken.append(item)
        size = left
    return taken, size, False


def _parts(items: Sequence[Item], most: int) -> list[Sequence[Item]]:
    """Cut items behind so many actions each time."""
    ends = [at for at, (_, kind, _, _) in enumerate(items, 1) if not kind][most - 1 : -1 : most]
    return [items[low:high] for low, high in pairwise([0, *ends, len(items)])]


def _size(item: Item) -> int:
    """Return about how many bytes an item takes on the wire."""
    return len(item[2]) + len((item[3] or "").encode()) + 16


def _news(project: str, head: Head, items: Sequence[Item], *, more: bool) -> News:
    return News(
        project,
        items[-1][0] if more and items else head.pos,
        more=more,
        count=head.holding.count,
        total=head.holding.total,
        records=[(kind, name, body) for _, kind, name, body in items if kind],
        actions=[(epoch, line or "") for _, kind, epoch, line in items if not kind],
    )


def _items(
    connection: Connection, project: str, after: int, own: Mapping[str, int]
) -> Iterator[Item]:
    """Yield records and other people's actions in the order of their positions.

    A phone that has read nothing yet needs no tombstones.
    """
    told: dict[str, object] = {"project": project, "after": after}
    book = (
        (pos, kind, id_.decode(), None if gone else body)
        for pos, kind, id_, body, gone in _chunks(connection, _RECORDS, told)
        if after or not gone
    )
    entire = sorted(epoch for epoch, last in own.items() if last == WHOLE)
    theirs = (
        (pos, "", epoch, line)
        for pos, epoch, seq, line in _chunks(connection, _ACTIONS, told | {"own": entire})
        if seq > own.get(epoch, 0)
    )
    return merge(book, theirs, key=itemgetter(0))


def _chunks(
    connection: Connection, wanted: Select[*tuple[Any, ...]], told: dict[str, object]
) -> Iterator[Any]:
    """Yield the rows whose position lies after the one that is told, so many read at a time."""
    while True:
        rows = connection.execute(wanted, told).all()
        yield from rows
        if len(rows) < CHUNK_ROWS:
            return
        told = told | {"after": rows[-1][0]}
