"""The enrolled phones."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlmodel import col

from radar_core.actions import END_MS
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
    col(DeviceRow.projects),
)
_ONE = _DEVICES.where(col(DeviceRow.id) == bindparam("id"))
_REVOKED = select(col(DeviceRow.id)).where(
    col(DeviceRow.id).in_(bindparam("devices", expanding=True)),
    col(DeviceRow.revoked_ms).is_not(None),
)
_IN_USE = _DEVICES.where(
    col(DeviceRow.id).in_(bindparam("devices", expanding=True)),
    col(DeviceRow.revoked_ms).is_(None),
)
_OF_STAFF = _DEVICES.where(
    col(DeviceRow.staff).in_(bindparam("staff", expanding=True)),
    col(DeviceRow.revoked_ms).is_(None),
).order_by(col(DeviceRow.id))
_SHARED = _DEVICES.where(col(DeviceRow.staff) == "", col(DeviceRow.revoked_ms).is_(None)).order_by(
    col(DeviceRow.id)
)
_NOTE = (
    update(DeviceRow)
    .where(col(DeviceRow.id) == bindparam("device"))
    .where(func.coalesce(col(DeviceRow.last_sync_ms), 0) <= bindparam("at_ms"))
    .values(last_sync_ms=bindparam("at_ms"))
)


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled phone: whose it is, its public key, and until when it was heard of.

    A shared phone is nobody's, and serves `projects`; a personal one has none of its own.
    `wrote_ms` is when it wrote the request under way, on the centre's clock.
    """

    id: str
    staff: str
    public_key: bytes
    name: str
    enrolled_ms: int
    revoked: bool
    last_sync_ms: int | None
    projects: Sequence[str] = ()
    wrote_ms: int = END_MS

    @property
    def is_shared(self) -> bool:
        """Whether it is a shared phone, on which people sign in with their badges."""
        return not self.staff

    def misses(self, project: str) -> bool:
        """Tell whether it is a shared phone that does not serve a project."""
        return self.is_shared and project not in self.projects

    def heard_ms(self) -> int:
        """Return the time up to which nothing of this phone can be outstanding."""
        return max(self.enrolled_ms, self.last_sync_ms or 0)


def read_device(connection: Connection, id_: str) -> Device | None:
    """Return an enrolled phone."""
    row = connection.execute(_ONE, {"id": id_}).one_or_none()
    return _device(row) if row is not None else None


def devices_of(connection: Connection, staff: list[str]) -> list[Device]:
    """Return the phones of people that are in use, in the order of their ids."""
    return [_device(row) for row in connection.execute(_OF_STAFF, {"staff": staff})]


def devices_in_use(connection: Connection, ids: Sequence[str]) -> list[Device]:
    """Return those of some phones that were not revoked."""
    return [_device(row) for row in connection.execute(_IN_USE, {"devices": ids})]


def revoked_of(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    """Return those of the phones that are revoked."""
    return frozenset(connection.execute(_REVOKED, {"devices": ids}).scalars())


def shared_devices(connection: Connection) -> list[Device]:
    """Return the shared phones that are in use, in the order of their ids."""
    return [_device(row) for row in connection.execute(_SHARED)]


def write_projects(projects: Iterable[str]) -> str:
    """Return projects as a row has them."""
    return json.dumps(sorted(set(projects)))


def read_projects(text: str) -> list[str]:
    """Return the projects that a row has; a personal phone's has none."""
    return json.loads(text) if text else []


def _device(row: Any) -> Device:  # noqa: ANN401 - a row of the table
    id_, staff, key, name, enrolled_ms, revoked, last_sync_ms, projects = row
    served = read_projects(projects)
    return Device(id_, staff, key, name, enrolled_ms, revoked, last_sync_ms, served)


def silent_since(connection: Connection, since_ms: int) -> list[Device]:
    """Return the phones in use that have been silent since then, in the order of their ids."""
    wanted = _DEVICES.where(col(DeviceRow.revoked_ms).is_(None)).order_by(col(DeviceRow.id))
    found = map(_device, connection.execute(wanted))
    return [device for device in found if device.heard_ms() < since_ms]


def note_sync(connection: Connection, devices: Iterable[Device], now_ms: int) -> None:
    """Remember that phones had nothing left to send as they wrote; locked in order of their ids.

    A request may come late: what the phone recorded meanwhile it does not speak of.
    """
    wrote_ms = {device.id: min(device.wrote_ms, now_ms) for device in devices}
    told = [{"device": device, "at_ms": at_ms} for device, at_ms in sorted(wrote_ms.items())]
    if told:
        connection.execute(_NOTE, told)
