"""Photos and signatures at the centre: who may bring one, who may see one, which have arrived.

A device brings what its own actions name, those in quarantine too: what they hold is kept whole.
A person sees what an accepted action of a project of theirs names.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, bindparam, delete, select
from sqlmodel import col

from radar_server.bulk import upsert
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.devices import Device
from radar_server.doors import enter, projects_of
from radar_server.keeping import is_gone
from radar_server.problems import Problem
from radar_server.requests import Asked
from radar_server.shelf import Piece, Shelf
from radar_server.tables import BlobRow, HeadRow, QuarantineRow, StreamRow, TouchRow

_NAMING = select(col(TouchRow.epoch)).where(
    col(TouchRow.project).in_(bindparam("projects", expanding=True)),
    col(TouchRow.ref) == bindparam("ref"),
)
_OF_DEVICE = _NAMING.join(StreamRow, col(StreamRow.epoch) == col(TouchRow.epoch)).where(
    col(StreamRow.device) == bindparam("device")
)
_KEPT_OF_DEVICE = (
    select(col(QuarantineRow.line))
    .join(StreamRow, col(StreamRow.epoch) == col(QuarantineRow.epoch))
    .where(col(StreamRow.device) == bindparam("device"))
)
_ARRIVED = select(col(BlobRow.sha256)).where(
    col(BlobRow.sha256) == bindparam("sha256"), col(BlobRow.gone_ms).is_(None)
)
_KEPT_BEHIND = (
    select(col(BlobRow.sha256))
    .where(col(BlobRow.sha256) > bindparam("after"), col(BlobRow.gone_ms).is_(None))
    .order_by(col(BlobRow.sha256))
    .limit(1_000)
)


def take_piece(centre: Centre, asked: Asked, piece: Piece) -> tuple[int, bool] | None:
    """Take a piece in; return how many bytes are held, and whether the blob has arrived.

    None for a blob that was deleted on schedule: it is not wanted any more. Raise Problem for who
    may not bring it. A revoked phone may: it is not robbed (law 11).
    """
    device = enter(centre, asked, piece.data)
    with reading(centre.engine) as connection:
        if not _is_named_by(connection, device, piece.sha256):
            raise Problem("not_named")
        if is_gone(connection, piece.sha256):
            return None
    return centre.shelf.take(piece)


def is_noted(centre: Centre, piece: Piece) -> bool:
    """Tell whether it is known that a blob has arrived."""
    with reading(centre.engine) as connection:
        return connection.execute(_ARRIVED, {"sha256": piece.sha256}).first() is not None


def note_arrival(centre: Centre, piece: Piece) -> None:
    """Remember that a blob has arrived."""
    with writing(centre.engine) as connection:
        upsert(connection, BlobRow, [(piece.sha256, piece.size, centre.now_ms(), None)])


def count_lost(connection: Connection, shelf: Shelf) -> int:
    """Return how many have arrived and are no longer on the shelf."""
    return sum(len(names) for names in _lost(connection, shelf))


def forget_lost(connection: Connection, shelf: Shelf) -> int:
    """Take for not arrived what is no longer on the shelf; return how many that are."""
    count = 0
    for names in _lost(connection, shelf):
        connection.execute(delete(BlobRow).where(col(BlobRow.sha256).in_(names)))
        count += len(names)
    return count


def _lost(connection: Connection, shelf: Shelf) -> Iterator[list[str]]:
    """Yield the names that are no longer on the shelf, some at a time."""
    after = ""
    while names := connection.execute(_KEPT_BEHIND, {"after": after}).scalars().all():
        yield [name for name in names if not shelf.has(name)]
        after = names[-1]


def read_blob(centre: Centre, asked: Asked, sha256: str) -> bytes:
    """Return a blob for who may see it; raise Problem, the same where there is none."""
    device = enter(centre, asked, b"")
    with reading(centre.engine) as connection:
        projects = projects_of(connection, device, asked.question)
        named = {"ref": f"blob:{sha256}", "projects": projects}
        seen = connection.execute(_NAMING.limit(1), named).first() is not None
    data = centre.shelf.read(sha256) if seen else None
    if data is None:
        raise Problem("not_found")
    return data


def _is_named_by(connection: Connection, device: Device, sha256: str) -> bool:
    """Tell whether an action that the device sent names a blob."""

    def is_named_in(projects: Collection[str]) -> bool:
        asked = {"ref": f"blob:{sha256}", "projects": list(projects), "device": device.id}
        return connection.execute(_OF_DEVICE.limit(1), asked).first() is not None

    if is_named_in(projects_of(connection, device, "bring_blob")):
        return True
    # The person may have left the project since.
    if is_named_in(connection.execute(select(col(HeadRow.project))).scalars().all()):
        return True
    kept = connection.execute(_KEPT_OF_DEVICE, {"device": device.id}).scalars()
    return any(sha256.encode() in line for line in kept)
