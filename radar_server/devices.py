"""The enrolled phones."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select, update
from sqlmodel import col

from radar_server.tables import DeviceRow

SYNC_NOTED_MS = 5_000
"""A phone's last sync is not noted again within this time: what reads it is none the worse."""


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled phone: whose it is, its public key, and until when it was heard of."""

    id: str
    staff: str
    public_key: bytes
    name: str
    enrolled_ms: int
    revoked: bool
    last_sync_ms: int | None

    def heard_ms(self) -> int:
        """Return the time up to which nothing of this phone can be outstanding."""
        return max(self.enrolled_ms, self.last_sync_ms or 0)


def read_device(connection: Connection, id_: str) -> Device | None:
    """Return an enrolled phone."""
    found = _read(connection, col(DeviceRow.id) == id_)
    return found[0] if found else None


def devices_of(connection: Connection, staff: list[str]) -> list[Device]:
    """Return the phones of people that are in use, in the order of their ids."""
    return _read(connection, col(DeviceRow.staff).in_(staff) & col(DeviceRow.revoked_ms).is_(None))


def note_sync(connection: Connection, device: str, at_ms: int) -> None:
    """Remember that a phone had nothing left to send."""
    connection.execute(
        update(DeviceRow).where(col(DeviceRow.id) == device).values(last_sync_ms=at_ms)
    )


def _read(connection: Connection, where: ColumnElement[bool]) -> list[Device]:
    wanted = (
        select(
            col(DeviceRow.id),
            col(DeviceRow.staff),
            col(DeviceRow.public_key),
            col(DeviceRow.name),
            col(DeviceRow.enrolled_ms),
            col(DeviceRow.revoked_ms).is_not(None),
            col(DeviceRow.last_sync_ms),
        )
        .where(where)
        .order_by(col(DeviceRow.id))
    )
    return [Device(*row) for row in connection.execute(wanted)]
