"""What the centre learns of its phones' clocks: the grade of each new action (law 10)."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from radar_core.actions import Action
from radar_server.bulk import Values, upsert
from radar_server.tables import AnchorRow
from sync.grading import Anchor, Grade, Sight, grade_all, is_boot, look
from sync.protocol import Push

_KEPT = select(
    col(AnchorRow.device),
    col(AnchorRow.boot),
    col(AnchorRow.mono_ms),
    col(AnchorRow.at_ms),
    col(AnchorRow.error_ms),
).where(
    col(AnchorRow.device).in_(bindparam("devices", expanding=True)),
    col(AnchorRow.boot).in_(bindparam("boots", expanding=True)),
)

Boots = dict[tuple[str, str], Anchor]


def grade_new(
    connection: Connection,
    pushes: Collection[Push],
    actions: Sequence[tuple[Action, int | None]],
    now_ms: int,
) -> list[Grade]:
    """Return the grade of each of the new actions, those of one epoch standing together in order.

    With each comes what its wall clock told.

    The anchors are kept in the transaction under way, in the order of their keys, so that no two
    processes wait for each other.
    """
    sights = _look_all(connection, pushes, now_ms)
    grades: list[Grade] = []
    for epoch, theirs in groupby(actions, key=lambda one: one[0].epoch):
        grades += grade_all(theirs, sights.get(epoch))
    return grades


def _look_all(connection: Connection, pushes: Collection[Push], now_ms: int) -> Mapping[str, Sight]:
    """Return what is known of the boot that each push came from, by epoch; keep what is better."""
    kept = _kept(connection, pushes)
    sights: dict[str, Sight] = {}
    better: Boots = {}
    for push in pushes:
        if push.clock is None:
            continue
        boot = (push.device, push.clock.boot)
        sight = look(push.clock, now_ms, kept.get(boot))
        if sight is not None:
            sights[push.epoch] = sight
            anchor = sight.to_keep()
            if anchor is not None:
                better[boot] = anchor
    rows: list[Values] = [
        (*boot, anchor.mono_ms, anchor.at_ms, anchor.error_ms)
        for boot, anchor in sorted(better.items())
    ]
    upsert(connection, AnchorRow, rows)
    return sights


def _kept(connection: Connection, pushes: Collection[Push]) -> Boots:
    boots = {
        (push.device, push.clock.boot) for push in pushes if push.clock and is_boot(push.clock.boot)
    }
    if not boots:
        return {}
    told = {"devices": [device for device, _ in boots], "boots": [boot for _, boot in boots]}
    return {
        (device, boot): Anchor(*numbers)
        for device, boot, *numbers in connection.execute(_KEPT, told)
        if (device, boot) in boots
    }
