"""What a phone is told after its push: receipt, quarantine and news, of one and the same moment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from radar_server.centre import Centre, rfc3339
from radar_server.database import reading
from radar_server.decisions import DECISIONS_MAX, decisions_on
from radar_server.devices import Device
from radar_server.doors import projects_of
from radar_server.feed import WHOLE, NewsPage, Reader, read_news
from radar_server.restored import backup_of
from radar_server.streams import Fork, Stream, fresh_stream, hash_at, read_stream
from radar_server.tables import CentreRow, QuarantineRow
from sync.protocol import Answer, News, Push, Quarantined, Receipt, receipt_object
from sync.signing import receipt_message

QUARANTINED_MAX = 500
"""The most quarantined actions in one answer; they must fit into its header line."""

_EPOCH = select(col(CentreRow.epoch))
_KEPT = (
    select(col(QuarantineRow.seq), col(QuarantineRow.code), col(QuarantineRow.reason))
    .where(
        col(QuarantineRow.epoch) == bindparam("epoch"),
        col(QuarantineRow.seq).between(bindparam("low"), bindparam("high")),
        col(QuarantineRow.state) != "released",
    )
    .order_by(col(QuarantineRow.seq))
)
_SOME_KEPT = _KEPT.limit(QUARANTINED_MAX + 1)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the answer says of the phone's own actions: up to which number, and which are kept."""

    seq: int
    head: bytes
    quarantined: list[Quarantined]
    all: bool


def answer_to(centre: Centre, push: Push, device: Device, page: NewsPage) -> Answer:
    """Return the answer to a push that was taken in, read in one snapshot.

    Receipt and digests are of the same moment, so that they agree even where another sync of the
    same phone went through in between.
    """
    with reading(centre.engine) as connection:
        epoch = epoch_of(connection)
        scope = projects_of(connection, device, "sync")
        stream = stream_of(connection, push.epoch, device)
        told = _own(connection, push, stream)
        pending = [*push.pending]
        if told.quarantined:
            # What is held already was decided on as it came.
            pending.append((push.epoch, push.first, told.seq))
        decided = decisions_on(connection, device.id, pending)
        dropped, cursors = _cursors(push, scope, epoch)
        news: list[News] = []
        if told.all and len(decided) < DECISIONS_MAX:
            own = {**push.closed, push.epoch: WHOLE}
            news = read_news(connection, Reader(scope, cursors, own, push.holds), page)
        restored = backup_of(connection, epoch) if push.centre_epoch != epoch else ""
    receipt = _receipt(centre, device.id, push.epoch, (told.seq, told.head))
    return Answer(
        epoch, receipt, told.quarantined, news, dropped, decided, centre.now_ms(), restored
    )


def parting_of(centre: Centre, push: Push, device: Device, fork: Fork) -> dict[str, object]:
    """Return what a phone is told of a fork: where the copies part, and what is held up to there.

    The members are those of the problem: `common`, and with it a `receipt` and `quarantined`.
    """
    if fork.common is None:
        return {"common": None}
    with reading(centre.engine) as connection:
        stream = stream_of(connection, push.epoch, device)
        if stream.device != device.id:
            return {"common": 0}
        head = hash_at(connection, stream, fork.common)
        kept = _quarantined(connection, push, fork.common)
    receipt = _receipt(centre, device.id, push.epoch, (fork.common, head))
    return {"common": fork.common, "receipt": receipt_object(receipt), "quarantined": kept}


def held_of_revoked(centre: Centre, push: Push, device: Device) -> dict[str, object]:
    """Return what a revoked phone is told: that what it sent is held, in quarantine."""
    with reading(centre.engine) as connection:
        stream = stream_of(connection, push.epoch, device)
        seq = min(stream.seq, push.last)
        head = hash_at(connection, stream, seq)
        kept = _quarantined(connection, push, seq)
    receipt = _receipt(centre, device.id, push.epoch, (seq, head))
    return {"receipt": receipt_object(receipt), "quarantined": kept}


def _quarantined(connection: Connection, push: Push, high: int) -> list[list[object]]:
    told = {"epoch": push.epoch, "low": push.first, "high": high}
    return [[push.epoch, *row] for row in connection.execute(_KEPT, told)]


def stream_of(connection: Connection, epoch: str, device: Device) -> Stream:
    """Return what the centre holds of an epoch, which may be nothing yet."""
    fresh = fresh_stream(epoch, device.id, device.public_key)
    return read_stream(connection, epoch) or fresh


def epoch_of(connection: Connection) -> str:
    """Return the centre's own epoch."""
    return connection.execute(_EPOCH).scalar_one()


def _receipt(centre: Centre, device: str, epoch: str, held: tuple[int, bytes]) -> Receipt:
    at = rfc3339(centre.now_ms())
    signature = centre.keys.sign(receipt_message(device, epoch, *held, at))
    return Receipt(device, epoch, *held, at, signature)


def _own(connection: Connection, push: Push, stream: Stream) -> _Told:
    """Return how far to tell: where too many are in quarantine, only as far as they fit.

    The phone sends the rest again and hears of the others then; until it has heard of all, the
    digest of a project would not fit what it can know.
    """
    told = {"epoch": push.epoch, "low": push.first, "high": stream.seq}
    rows = connection.execute(_SOME_KEPT, told).all()
    kept = [Quarantined(push.epoch, *row) for row in rows[:QUARANTINED_MAX]]
    if len(rows) <= QUARANTINED_MAX:
        return _Told(stream.seq, stream.head, kept, all=True)
    seq = rows[-1][0] - 1
    return _Told(seq, hash_at(connection, stream, seq), kept, all=False)


def _cursors(push: Push, scope: Collection[str], epoch: str) -> tuple[list[str], Mapping[str, int]]:
    """Return the projects that the phone is to drop, and how far it has read the others.

    What a phone has read of a centre that was restored since means nothing here.
    """
    if push.centre_epoch != epoch:
        return sorted(push.cursors), {}
    dropped = sorted(name for name in push.cursors if name not in scope)
    return dropped, {name: pos for name, pos in push.cursors.items() if name in scope}
