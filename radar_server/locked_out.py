"""Phones that still send though they are revoked, as a supervisor is told of them."""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, func, select
from sqlmodel import col

from radar_server.centre import rfc3339
from radar_server.tables import DeviceRow, QuarantineRow, StreamRow

_SENT = (
    select(
        col(QuarantineRow.project),
        col(DeviceRow.id),
        col(DeviceRow.staff),
        func.max(col(QuarantineRow.received_ms)),
    )
    .join(StreamRow, col(StreamRow.epoch) == col(QuarantineRow.epoch))
    .join(DeviceRow, col(DeviceRow.id) == col(StreamRow.device))
    .where(
        col(QuarantineRow.project).in_(bindparam("projects", expanding=True)),
        col(QuarantineRow.code) == "revoked",
        col(QuarantineRow.state) == "kept",
    )
    .group_by(col(QuarantineRow.project), col(DeviceRow.id), col(DeviceRow.staff))
    .order_by(col(DeviceRow.id))
)


def revoked_exceptions(
    connection: Connection, projects: Collection[str]
) -> dict[str, list[dict[str, object]]]:
    """Return, for each project, an exception for each revoked phone that sent something for it.

    It goes when the last of that is decided. `title` names the phone, `at` is when it last sent,
    `task` is empty.
    """
    found: dict[str, list[dict[str, object]]] = {project: [] for project in projects}
    for project, device, staff, sent_ms in connection.execute(_SENT, {"projects": list(projects)}):
        told: dict[str, object] = {"kind": "revoked", "task": "", "title": device}
        found[project].append(told | {"title_zh": device, "at": rfc3339(sent_ms), "staff": staff})
    return found
