"""How long what comes in is kept: what was old already when it came is not kept at all."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, bindparam, func, select
from sqlmodel import col

from radar_core.retention import DAY_MS, Keeping, keeping_of
from radar_server.prepared import Ready
from radar_server.records import read_records
from radar_server.reference import key_of
from radar_server.tables import ActionRow, BlobRow, HeadRow, TouchRow
from sync.chain import POSITION, sealed
from sync.clock import stamp

WISHES = (
    select(col(TouchRow.ref), func.max(col(ActionRow.received_ms)))
    .join(
        ActionRow,
        (col(ActionRow.project) == col(TouchRow.project))
        & (col(ActionRow.epoch) == col(TouchRow.epoch))
        & (col(ActionRow.seq) == col(TouchRow.seq)),
    )
    .where(
        col(TouchRow.project) == bindparam("project"),
        col(TouchRow.ref).in_(bindparam("refs", expanding=True)),
    )
    .group_by(col(TouchRow.ref))
)
"""When the latest action of a project came that names each of some references."""


def keepings_of(
    connection: Connection, projects: Collection[str] | None = None
) -> dict[str, Keeping]:
    """Return how long each project keeps what."""
    names = _all(connection) if projects is None else projects
    bodies = read_records(connection, names, "project")
    return {name: keeping_of(bodies.get((name, name), {})) for name in names}


def seal_late(connection: Connection, accepted: Iterable[Ready], now_ms: int) -> None:
    """Take out of new actions the positions whose time was over before they came."""
    yesterday = stamp(max(0, now_ms - DAY_MS), 0)
    late = [one for one in accepted if POSITION in one.line and one.action.hlc < yesterday]
    if not late:
        return
    keepings = keepings_of(connection, {one.action.project for one in late})
    for one in late:
        until_ms = keepings.get(one.action.project, Keeping()).positions_until_ms(now_ms)
        if one.action.hlc < stamp(max(0, until_ms), 0):
            one.line = sealed(one.line)


def is_gone(connection: Connection, sha256: str) -> bool:
    """Tell whether a photo was deleted on schedule, and no action has named it since."""
    wanted = select(col(BlobRow.gone_ms)).where(col(BlobRow.sha256) == sha256)
    gone_ms = connection.execute(wanted).scalar()
    if gone_ms is None:
        return False
    told = {"refs": [key_of(f"blob:{sha256}")]}
    named = (connection.execute(WISHES, {"project": p, **told}).all() for p in _all(connection))
    return all(latest_ms < gone_ms for rows in named for _, latest_ms in rows)


def _all(connection: Connection) -> list[str]:
    return list(connection.execute(select(col(HeadRow.project))).scalars())
