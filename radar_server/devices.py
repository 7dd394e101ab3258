"""The enrolled phones."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update
from sqlmodel import col

from radar_server.tables import DeviceRow

SYNC_NOTED_MS = 5_000
"""A phone's last sync is not noted again within this time: what reads it is none the worse."""

_DEVICES = select(
    col(DeviceRow.id),
    col(DeviceRow.staff),
    col(DeviceRow.public_key),
    col(DeviceRow.name),
    col(DeviceRow.enrolled_ms),
    col(DeviceRow.revoked_ms).is_not(None),
    col(DeviceRow.last_sync_ms),
)
_ONE = _DEVICES.where(col(DeviceRow.id) == bindparam("id"))
_OF_STAFF = _DEVICES.where(
    col(DeviceRow.staff).in_(bindparam("staff", expanding=True)),
    col(DeviceRow.revoked_ms).is_(None),
).order_by(col(DeviceRow.id))
_NOTE = (
    update(DeviceRow)
    .where(col(DeviceRow.id) == bindparam("device"))
    .values(last_sync_ms=bindparam("at_ms"))
)


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
    row = connection.execute(_ONE, {"id": id_}).one_or_none()
    return Device(*row) if row is not None else None


def devices_of(connection: Connection, staff: list[str]) -> list[Device]:
    """Return the phones of people that are in use, in the order of their ids."""
    return [Device(*row) for row in connection.execute(_OF_STAFF, {"staff": staff})]


def note_sync(connection: Connection, devices: Iterable[str], at_ms: int) -> None:
    """Remember that phones had nothing left to send; locked in the order of their ids."""
    told = [{"device": device, "at_ms": at_ms} for device in sorted(set(devices))]
    if told:
        connection.execute(_NOTE, told)
