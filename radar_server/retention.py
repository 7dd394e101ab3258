"""What is deleted when its time is over: positions and photos, as each project's record says.

A position goes out of its line (`sync.chain.sealed`), so that chains, receipts and digests stay as
they were. The time runs from when the centre took the action in; a position that was older than
that already when it came is not kept at all. A photo goes when no project wishes it any more.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Update, bindparam, case, select, tuple_, update
from sqlmodel import col

from radar_core.retention import Keeping
from radar_server.admin import opened
from radar_server.audit import note
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.keeping import WISHES, keepings_of
from radar_server.positions import sealed_bytes
from radar_server.reference import key_of
from radar_server.tables import ActionRow, BlobRow, QuarantineRow
from sync.chain import POSITION, sealed

ROWS = 2_000
"""So many rows are looked at in one go."""
CHANGED = 200
"""So many rows are changed in one transaction: no push waits long for it."""

_HAS_POSITION = col(ActionRow.line).contains(POSITION, autoescape=True)
_ACTIONS = (
    select(
        col(ActionRow.pos),
        col(ActionRow.received_ms),
        case((_HAS_POSITION, col(ActionRow.line)), else_=""),
    )
    .where(col(ActionRow.project) == bindparam("project"), col(ActionRow.pos) > bindparam("after"))
    .order_by(col(ActionRow.pos))
    .limit(ROWS)
)
_SEAL_ACTION = (
    update(ActionRow)
    .where(col(ActionRow.project) == bindparam("of"), col(ActionRow.pos) == bindparam("at"))
    .values(line=bindparam("text"))
)
_KEPT = (
    select(
        col(QuarantineRow.epoch),
        col(QuarantineRow.seq),
        col(QuarantineRow.project),
        col(QuarantineRow.received_ms),
        col(QuarantineRow.line),
    )
    .where(
        tuple_(col(QuarantineRow.epoch), col(QuarantineRow.seq))
        > tuple_(bindparam("epoch"), bindparam("seq"))
    )
    .order_by(col(QuarantineRow.epoch), col(QuarantineRow.seq))
    .limit(ROWS)
)
_SEAL_KEPT = (
    update(QuarantineRow)
    .where(col(QuarantineRow.epoch) == bindparam("of"), col(QuarantineRow.seq) == bindparam("at"))
    .values(line=bindparam("text"))
)
_BLOBS = (
    select(col(BlobRow.sha256), col(BlobRow.size))
    .where(
        col(BlobRow.gone_ms).is_(None),
        col(BlobRow.arrived_ms) < bindparam("before"),
        col(BlobRow.sha256) > bindparam("after"),
    )
    .order_by(col(BlobRow.sha256))
    .limit(CHANGED)
)
_GONE = (
    update(BlobRow)
    .where(col(BlobRow.sha256) == bindparam("name"))
    .values(gone_ms=bindparam("at_ms"))
)
_NAMED = re.compile(rb'"sha256":"([0-9a-f]{64})"')

Stop = Callable[[], bool]


@dataclass(slots=True)
class Deleted:
    """What was deleted: positions by project, those in quarantine, photos and their bytes."""

    positions: Counter[str] = field(default_factory=Counter[str])
    quarantined: int = 0
    photos: int = 0
    photo_bytes: int = 0

    def __bool__(self) -> bool:
        return bool(self.positions or self.quarantined or self.photos)

    def body(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return {
            "positions": dict(sorted(self.positions.items())),
            "quarantined": self.quarantined,
            "photos": self.photos,
            "photo_bytes": self.photo_bytes,
        }


def retain(home: str, db: str, dry_run: bool, by: str) -> dict[str, object]:  # noqa: FBT001 - called by name, across a layer
    """Delete what has been kept long enough; with `dry_run` only tell what that would be."""
    with opened(home, db) as centre:
        found = delete_due(centre, dry_run=dry_run, by=by)
        with reading(centre.engine) as connection:
            told = {
                name: {"positions_days": days.positions_days, "photos_days": days.photos_days}
                for name, days in sorted(keepings_of(connection).items())
            }
    return {"dry_run": dry_run, **found.body(), "projects": told}


def delete_due(
    centre: Centre, *, dry_run: bool = False, by: str = "", stop: Stop = lambda: False
) -> Deleted:
    """Delete what has been kept long enough, in short transactions, until `stop`; note the act."""
    deleting = _Deleting(centre, dry_run=dry_run, stop=stop)
    deleting.run()
    if deleting.found and not dry_run:
        with writing(centre.engine) as connection:
            note(connection, centre, "retain", by, **deleting.found.body())
    return deleting.found


class _Deleting:
    """One going through all that a centre holds."""

    def __init__(self, centre: Centre, *, dry_run: bool, stop: Stop) -> None:
        self.found = Deleted()
        self._centre = centre
        self._dry_run = dry_run
        self._stop = stop
        self._now_ms = centre.now_ms()
        self._keepings: dict[str, Keeping] = {}
        self._wishes: dict[str, list[tuple[str, int]]] = {}

    def run(self) -> None:
        """Go through actions, quarantine and photos."""
        with reading(self._centre.engine) as connection:
            self._keepings = keepings_of(connection)
        for project, keeping in self._keepings.items():
            self._seal_project(project, keeping.positions_until_ms(self._now_ms))
        self._seal_quarantine()
        for name, size in self._photos_due():
            self.found.photos += 1
            self.found.photo_bytes += size
            if not self._dry_run:
                self._centre.shelf.remove(name)
                with writing(self._centre.engine) as connection:
                    connection.execute(_GONE, {"name": name, "at_ms": self._now_ms})

    def _keeping(self, project: str) -> Keeping:
        return self._keepings.get(project, Keeping())

    def _seal_project(self, project: str, until_ms: int) -> None:
        """Seal what came before an instant; where that ended is where the next time begins."""
        done = self._centre.retained
        after = 0 if self._dry_run else done.get(project, 0)
        while not self._stop():
            with reading(self._centre.engine) as connection:
                told = {"project": project, "after": after}
                rows = connection.execute(_ACTIONS, told).all()
            due = [row for row in rows if row[1] < until_ms]
            lines = ((pos, line, sealed(line)) for pos, _, line in due)
            changed = [
                {"of": project, "at": pos, "text": text}
                for pos, line, text in lines
                if text != line
            ]
            self.found.positions.update({project: len(changed)} if changed else {})
            self._write(_SEAL_ACTION, changed)
            after = max((row[0] for row in due), default=after)
            if not self._dry_run:
                done[project] = after
            if len(due) < ROWS:
                return

    def _seal_quarantine(self) -> None:
        """Seal what lies there, and gather the photos that it names."""
        at: dict[str, object] = {"epoch": "", "seq": 0}
        while not self._stop():
            with reading(self._centre.engine) as connection:
                rows = connection.execute(_KEPT, at).all()
            changed: list[dict[str, object]] = []
            for epoch, seq, project, received_ms, line in rows:
                at = {"epoch": epoch, "seq": seq}
                for sha256 in _NAMED.findall(line):
                    self._wishes.setdefault(sha256.decode(), []).append((project, received_ms))
                if received_ms < self._keeping(project).positions_until_ms(self._now_ms):
                    text = sealed_bytes(line)
                    if text != line:
                        changed.append({"of": epoch, "at": seq, "text": text})
            self.found.quarantined += len(changed)
            self._write(_SEAL_KEPT, changed)
            if len(rows) < ROWS:
                return

    def _write(self, statement: Update, rows: Sequence[Mapping[str, object]]) -> None:
        for start in range(0, 0 if self._dry_run else len(rows), CHANGED):
            with writing(self._centre.engine) as connection:
                is_sqlite = connection.dialect.name == "sqlite"
                if is_sqlite:  # what was there does not stay in its file
                    connection.exec_driver_sql("PRAGMA secure_delete = ON")
                connection.execute(statement, list(rows[start : start + CHANGED]))
                if is_sqlite:
                    connection.exec_driver_sql("PRAGMA secure_delete = OFF")

    def _photos_due(self) -> Iterator[tuple[str, int]]:
        """Yield name and size of each photo that nobody wishes any more."""
        before = max((k.photos_until_ms(self._now_ms) for k in self._keepings.values()), default=0)
        after = ""
        while not self._stop():
            with reading(self._centre.engine) as connection:
                rows = connection.execute(_BLOBS, {"before": before, "after": after}).all()
                wished = self._wished(connection, [name for name, _ in rows])
            yield from ((name, size) for name, size in rows if name not in wished)
            if len(rows) < CHANGED:
                return
            after = rows[-1][0]

    def _wished(self, connection: Connection, names: Collection[str]) -> set[str]:
        """Return those photos that an action names whose project still keeps it."""
        by_key = {key_of(f"blob:{name}"): name for name in names}
        wishes = {name: list(self._wishes.get(name, ())) for name in names}
        for project in self._keepings if by_key else ():
            told: Mapping[str, object] = {"project": project, "refs": list(by_key)}
            for ref, latest_ms in connection.execute(WISHES, told):
                wishes[by_key[ref]].append((project, latest_ms))
        return {
            name
            for name, theirs in wishes.items()
            if any(at >= self._keeping(p).photos_until_ms(self._now_ms) for p, at in theirs)
        }
