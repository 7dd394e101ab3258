"""Streams: an epoch of a device as the centre holds it, and where a push fits onto it.

gap       the push begins after what is held: say what is expected
fork      other actions are held under its numbers: say where the two agree last
otherwise so many of its first lines are known and passed over (laws 3 and 8)
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update
from sqlmodel import col

from radar_core.actions import LINE_BYTES_MAX
from radar_server.bulk import insert_missing
from radar_server.tables import ActionRow, HeadRow, QuarantineRow, StreamRow
from sync.chain import genesis, links
from sync.protocol import PAGE_ACTIONS_MAX, PAGE_BYTES_MAX, Push, Shown

EPOCH = re.compile(r"[A-Za-z0-9_-]{1,40}")
"""The name of an epoch."""

_HELD = select(
    col(StreamRow.epoch),
    col(StreamRow.device),
    col(StreamRow.seq),
    col(StreamRow.head),
    col(StreamRow.signed_in),
)
_STREAM = _HELD.where(col(StreamRow.epoch) == bindparam("epoch"))
_LOCKED = _STREAM.with_for_update()
_ALL_LOCKED = (
    _HELD.where(col(StreamRow.epoch).in_(bindparam("epochs", expanding=True)))
    .order_by(col(StreamRow.epoch))
    .with_for_update()
)
_ADVANCE = (
    update(StreamRow)
    .where(col(StreamRow.epoch) == bindparam("of"))
    .values(
        seq=bindparam("last"),
        head=bindparam("hash"),
        head_signature=bindparam("signature"),
        signed_in=bindparam("who"),
    )
)


@dataclass(frozen=True, slots=True)
class Page:
    """A push with the chain's hash after each of its lines."""

    push: Push
    hashes: Sequence[bytes]

    @property
    def last(self) -> int:
        """The number of the last line, or of the one before `first` if there is none."""
        return self.push.last

    @property
    def head(self) -> bytes:
        """The hash after the last line."""
        return self.hash_at(self.last)

    @property
    def shown(self) -> Shown:
        """What the push says that the phone has."""
        return Shown(self.push.device, self.push.epoch, self.last, self.head)

    @property
    def is_last(self) -> bool:
        """Whether the phone had nothing more to send: a page that could have held another line."""
        size = sum(len(line.encode()) for line in self.push.lines)
        return len(self.hashes) < PAGE_ACTIONS_MAX and size + LINE_BYTES_MAX <= PAGE_BYTES_MAX

    def hash_at(self, seq: int) -> bytes:
        """Return the hash at a number from the one before `first` to `last`."""
        at = seq - self.push.first
        return self.hashes[at] if at >= 0 else self.push.previous


def page_of(push: Push) -> Page:
    """Work out the hashes of a push."""
    return Page(push, links(push.previous, push.lines))


@dataclass(frozen=True, slots=True)
class Stream:
    """How far the centre holds an epoch: up to `seq`, hashing to `head`.

    On a shared phone `signed_in` tells who is signed in there, see `radar_server.signing_in`.
    """

    epoch: str
    device: str
    seq: int
    head: bytes
    signed_in: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Actions are missing: the first that the centre lacks is `expected`."""

    expected: int


@dataclass(frozen=True, slots=True)
class Fork:
    """The chains part after `common`; None if that lies before all that the push shows."""

    common: int | None


def read_stream(connection: Connection, epoch: str, *, lock: bool = False) -> Stream | None:
    """Return what the centre holds of an epoch; with `lock`, nobody else may add to it now."""
    row = connection.execute(_LOCKED if lock else _STREAM, {"epoch": epoch}).one_or_none()
    return Stream(*row) if row is not None else None


def lock_streams(connection: Connection, epochs: Collection[str]) -> dict[str, Stream]:
    """Lock those of the epochs that the centre holds, in the order of their names."""
    rows = connection.execute(_ALL_LOCKED, {"epochs": list(epochs)})
    return {stream.epoch: stream for stream in (Stream(*row) for row in rows)}


def fresh_stream(epoch: str, device: str, public_key: bytes) -> Stream:
    """Return the stream of an epoch of which nothing is held yet."""
    return Stream(epoch, device, 0, genesis(epoch, public_key))


def lock_stream(
    connection: Connection, push: Push, public_key: bytes, now_ms: int, signed_in: str
) -> Stream:
    """Return the stream of a push's epoch, made if need be, locked against others.

    Where it goes on from another one, the phone's copy parted from that: it is noted. A new one
    begins with who is `signed_in`.
    """
    epoch, device = push.epoch, push.device
    stream = read_stream(connection, epoch, lock=True)
    if stream is None:
        start = genesis(epoch, public_key)
        parted = (f"{push.parent[0]}.{push.parent[1]}", now_ms) if push.parent else ("", None)
        insert_missing(
            connection, StreamRow, [(epoch, device, start, 0, start, b"", *parted, signed_in)]
        )
        stream = read_stream(connection, epoch, lock=True)
    assert stream is not None, "it was made just now"
    return stream


def advance(connection: Connection, pages: Iterable[Page], signed_in: Mapping[str, str]) -> None:
    """Note that the centre holds all of these pages now, and who is signed in at their ends."""
    told = [
        {
            "of": page.push.epoch,
            "last": page.last,
            "hash": page.head,
            "signature": page.push.head_signature,
            "who": signed_in.get(page.push.epoch, ""),
        }
        for page in pages
    ]
    if told:
        connection.execute(_ADVANCE, told)


def place(connection: Connection, page: Page, stream: Stream) -> int | Gap | Fork:
    """Return how many of the page's first lines are held already, or why it does not fit."""
    before = page.push.first - 1
    if stream.device != page.push.device:
        return Fork(0)
    if before > stream.seq:
        return Gap(stream.seq + 1)
    both = min(page.last, stream.seq)
    known = stream.head if both == stream.seq else hash_at(connection, stream, both)
    if page.hash_at(both) == known:
        # The chain makes everything before equal too.
        return both - before
    held = _hashes(connection, stream, before, both)
    agreed = [seq for seq, hash_ in held.items() if page.hash_at(seq) == hash_]
    return Fork(max(agreed, default=None))


def hash_at(connection: Connection, stream: Stream, seq: int) -> bytes:
    """Return the chain's hash at a number that the centre holds."""
    return stream.head if seq == stream.seq else _hashes(connection, stream, seq, seq)[seq]


def _hashes(connection: Connection, stream: Stream, low: int, high: int) -> dict[int, bytes]:
    """Return the hash at each number from `low` to `high`, the start of the chain being 0."""
    found: dict[int, bytes] = {}
    if low == 0:
        start = select(col(StreamRow.genesis)).where(col(StreamRow.epoch) == stream.epoch)
        found[0] = connection.execute(start).scalar_one_or_none() or stream.head
    # By project, so that it stays an index probe where the table is spread by project.
    projects = select(col(HeadRow.project))
    accepted = select(col(ActionRow.seq), col(ActionRow.hash)).where(
        col(ActionRow.project).in_(projects),
        col(ActionRow.epoch) == stream.epoch,
        col(ActionRow.seq).between(low, high),
    )
    refused = select(col(QuarantineRow.seq), col(QuarantineRow.hash)).where(
        col(QuarantineRow.epoch) == stream.epoch, col(QuarantineRow.seq).between(low, high)
    )
    for wanted in (accepted, refused):
        found.update((seq, hash_) for seq, hash_ in connection.execute(wanted))
    return found
