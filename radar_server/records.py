"""The site book's records: reading them, and changing them so that the feed carries the change."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from radar_server.bulk import upsert
from radar_server.heads import Head
from radar_server.reference import key_of
from radar_server.tables import RecordRow

Body = dict[str, object]
Key = tuple[str, str, str]
"""Project, kind, id."""

_DECODER = msgspec.json.Decoder(Body)
_OF_KIND = select(col(RecordRow.project), col(RecordRow.id), col(RecordRow.body)).where(
    col(RecordRow.project).in_(bindparam("projects", expanding=True)),
    col(RecordRow.kind) == bindparam("kind"),
    ~col(RecordRow.gone),
)
_NAMED = _OF_KIND.where(col(RecordRow.key).in_(bindparam("keys", expanding=True)))


@dataclass(frozen=True, slots=True)
class Change:
    """A record's body before and after as JSON text, None where there is none.

    `hlc` is the stamp of the action that sets it, or what it was before.
    """

    project: str
    kind: str
    id: str
    old: str | None
    new: str | None
    hlc: str


def read_records(
    connection: Connection,
    projects: Collection[str],
    kind: str,
    ids: Collection[str] | None = None,
) -> dict[tuple[str, str], Body]:
    """Return the live records of a kind, all or those with the given ids, by project and id."""
    if not projects or (ids is not None and not ids):
        return {}
    told: dict[str, object] = {"projects": list(projects), "kind": kind}
    if ids is not None:
        told["keys"] = [key_of(name) for name in ids]
    rows = connection.execute(_OF_KIND if ids is None else _NAMED, told)
    return {(project, name.decode()): _DECODER.decode(body) for project, name, body in rows}


def live_records(connection: Connection) -> dict[Key, tuple[str, str]]:
    """Return the body's text and the stamp of every live record, in the feed's order."""
    wanted = (
        select(
            col(RecordRow.project),
            col(RecordRow.kind),
            col(RecordRow.id),
            col(RecordRow.body),
            col(RecordRow.hlc),
        )
        .where(~col(RecordRow.gone))
        .order_by(col(RecordRow.project), col(RecordRow.pos))
    )
    return {
        (project, kind, name.decode()): (body, hlc)
        for project, kind, name, body, hlc in connection.execute(wanted)
    }


def write_changes(
    connection: Connection, heads: Mapping[str, Head], changes: Iterable[Change]
) -> None:
    """Give each change its project's next position, and bring the digest in step."""
    rows: list[tuple[object, ...]] = []
    for change in changes:
        head = heads[change.project]
        if change.old is not None:
            head.holding.remove(change.kind, change.id, change.old)
        if change.new is not None:
            head.holding.add(change.kind, change.id, change.new)
        rows.append(
            (
                change.project,
                change.kind,
                key_of(change.id),
                change.id.encode(),
                head.next(),
                change.new or "",
                change.new is None,
                change.hlc,
            )
        )
    upsert(connection, RecordRow, rows)
