"""What a supervisor decided on quarantined actions, as the phone that recorded them is told."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from radar_server.tables import QuarantineRow, StreamRow
from sync.protocol import Decision

DECISIONS_MAX = 1_000
"""The most decisions in one answer; they must fit into its header line."""

_DECIDED = (
    select(
        col(QuarantineRow.epoch),
        col(QuarantineRow.seq),
        col(QuarantineRow.state),
        col(QuarantineRow.note),
    )
    .join(StreamRow, col(StreamRow.epoch) == col(QuarantineRow.epoch))
    .where(
        col(StreamRow.device) == bindparam("device"),
        col(QuarantineRow.epoch) == bindparam("epoch"),
        col(QuarantineRow.seq).between(bindparam("low"), bindparam("high")),
        col(QuarantineRow.state) != "kept",
    )
    .order_by(col(QuarantineRow.seq))
    .limit(DECISIONS_MAX)
)


def decisions_on(
    connection: Connection, device: str, pending: Sequence[tuple[str, int, int]]
) -> list[Decision]:
    """Return what was decided on a device's own actions in these ranges of numbers."""
    found: list[Decision] = []
    for epoch, low, high in pending:
        told = {"device": device, "epoch": epoch, "low": low, "high": high}
        found += [Decision(*row) for row in connection.execute(_DECIDED, told)]
    return found[:DECISIONS_MAX]
