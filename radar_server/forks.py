"""Restored and cloned phones, as a supervisor is told of them: the board's exception `fork`."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from radar_server.centre import rfc3339
from radar_server.day import Hand
from radar_server.tables import StreamRow

SHOWN_MS = 7 * 86_400_000
"""How long a fork stays on the board."""

_FORKS = (
    select(col(StreamRow.device), col(StreamRow.parent), col(StreamRow.forked_ms))
    .where(
        col(StreamRow.device).in_(bindparam("devices", expanding=True)),
        col(StreamRow.forked_ms) > bindparam("since_ms"),
    )
    .order_by(col(StreamRow.forked_ms))
)


def forks_of(
    connection: Connection, hands: Mapping[str, Sequence[Hand]], now_ms: int
) -> dict[str, list[dict[str, object]]]:
    """Return, for each project, an exception for each recent fork of a phone that works there.

    `task` is empty, `title` names the phone, `after` the last action that both copies have.
    """
    devices = sorted({hand.device.id for some in hands.values() for hand in some})
    told = {"devices": devices, "since_ms": now_ms - SHOWN_MS}
    forks: dict[str, list[tuple[str, int]]] = {}
    for device, parent, forked_ms in connection.execute(_FORKS, told):
        assert forked_ms is not None, "the question asks for those that have one"
        forks.setdefault(device, []).append((parent, forked_ms))
    return {
        project: [
            {
                "kind": "fork",
                "task": "",
                "title": hand.device.id,
                "title_zh": hand.device.id,
                "at": rfc3339(forked_ms),
                "staff": hand.device.staff,
                "after": parent,
            }
            for hand in some
            for parent, forked_ms in forks.get(hand.device.id, ())
        ]
        for project, some in hands.items()
    }
