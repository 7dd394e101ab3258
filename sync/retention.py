"""What a phone deletes when its time is over, as the records of its projects say.

Positions go out of its own actions that the centre has, and out of other people's; photos that the
centre has go. What is still to be sent stays as it is.
"""

from collections.abc import Collection, Mapping

from radar_core.actions import wall_ms
from radar_core.jsontext import decode_object
from radar_core.retention import DAY_MS, Keeping, keeping_of
from sync.blobs import let_go
from sync.chain import POSITION, sealed
from sync.clock import stamp
from sync.journal import Journal

RETAINED = "retained"
"""Where `meta` keeps the day on which this was last done."""
CHANGED = 500
"""So many lines are changed in one transaction: no scan waits long for it."""
_ACTIONS = (
    "SELECT epoch, seq, hlc, project, line FROM action LEFT JOIN epoch ON name = epoch"
    " WHERE instr(line, ?) AND (action.hash IS NULL OR seq <= coalesce(receipted, 0))"
)
_MOVED = (
    "SELECT moved.epoch, moved.seq, hlc, project, moved.line FROM moved"
    " JOIN action ON action.epoch = to_epoch AND action.seq = to_seq"
    " JOIN epoch ON name = to_epoch AND to_seq <= receipted WHERE instr(moved.line, ?)"
)
_PHOTOS = (
    "SELECT sha256, action.hlc, project FROM blob JOIN touch ON ref = 'blob:' || sha256"
    " JOIN action USING (epoch, seq) WHERE arrived_s IS NOT NULL"
)


def delete_due(journal: Journal) -> None:
    """Delete what has been kept long enough, once a day by the centre's clock."""
    meta = journal.meta()
    now_ms = wall_ms(meta.get("last_sync", ""))
    if now_ms is None or meta.get(RETAINED) == str(now_ms // DAY_MS):
        return
    journal.connection.execute("PRAGMA secure_delete = ON")
    keepings = keepings_of(journal)
    for table, wanted in (("action", _ACTIONS), ("moved", _MOVED)):
        rows = journal.connection.execute(wanted, (POSITION,)).fetchall()
        due = [
            (sealed(line), epoch, seq, line)
            for epoch, seq, hlc, project, line in rows
            if hlc < _until(keepings.get(project, Keeping()).positions_until_ms(now_ms))
        ]
        for start in range(0, len(due), CHANGED):
            with journal.transaction():
                journal.connection.executemany(
                    # What a fork has moved away meanwhile stands elsewhere: until tomorrow.
                    f"UPDATE {table} SET line = ? WHERE epoch = ? AND seq = ? AND line = ?",  # noqa: S608 - ours
                    due[start : start + CHANGED],
                )
    _delete_photos(journal, keepings, now_ms)
    with journal.transaction():
        journal.set_meta(RETAINED, str(now_ms // DAY_MS))


def keepings_of(journal: Journal) -> dict[str, Keeping]:
    """Return how long each project on this phone keeps what."""
    rows = journal.connection.execute("SELECT project, body FROM record WHERE kind = 'project'")
    return {project: keeping_of(decode_object(body)) for project, body in rows}


def photos_deleted(journal: Journal, photos: Collection[tuple[str, str, str]]) -> set[str]:
    """Return those photos, each with the stamp and project of its action, whose time is over."""
    now_ms = wall_ms(journal.meta().get("last_sync", ""))
    keepings = keepings_of(journal) if photos else {}
    return set() if now_ms is None else _over(photos, keepings, now_ms)


def _delete_photos(journal: Journal, keepings: Mapping[str, Keeping], now_ms: int) -> None:
    photos = journal.connection.execute(_PHOTOS).fetchall()
    for name in sorted(_over(photos, keepings, now_ms)):
        let_go(journal, name)


def _over(
    photos: Collection[tuple[str, str, str]], keepings: Mapping[str, Keeping], now_ms: int
) -> set[str]:
    wished = {
        name
        for name, hlc, project in photos
        if hlc >= _until(keepings.get(project, Keeping()).photos_until_ms(now_ms))
    }
    return {name for name, _, _ in photos} - wished


def _until(at_ms: int) -> str:
    return stamp(max(0, at_ms), 0)
