"""Twins: one action that several copies of a phone bring, each under a number of its own (law 3).

Copies that part from what the centre holds move what they have not sent to new epochs, each to one
of its own. A line so moved tells in `was` where it stood at first, and keeps all else. The first
of the twins counts, whether it comes moved or under its first number; the others are kept aside.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from radar_core.jsontext import decode_object, encode
from radar_server.bulk import insert
from radar_server.streams import EPOCH, read_stream
from radar_server.tables import ActionRow, HeadRow, MovedRow, QuarantineRow
from sync.chain import digest, sealed

WAS = '"was":'
NUMBER = re.compile(r"[0-9]{1,18}")

Id = tuple[str, int]


class Origin(NamedTuple):
    """Where a line stood at first, and what it says whatever its number."""

    epoch: str
    seq: int
    essence: bytes


class Lines(NamedTuple):
    """The new lines of one push, by number, and the origins of those that were moved."""

    device: str
    epoch: str
    lines: Mapping[int, str]
    moved: Mapping[int, Origin]


_MOVED = select(col(MovedRow.was_epoch), col(MovedRow.was_seq), col(MovedRow.essence)).where(
    col(MovedRow.device) == bindparam("device"),
    col(MovedRow.was_epoch) == bindparam("epoch"),
    col(MovedRow.was_seq).in_(bindparam("seqs", expanding=True)),
)
_FROM_HERE = select(
    col(MovedRow.device), col(MovedRow.was_epoch), col(MovedRow.was_seq), col(MovedRow.essence)
).where(col(MovedRow.was_epoch).in_(bindparam("epochs", expanding=True)))
# By project, so that it stays an index probe where the table is spread by project.
_ACCEPTED = select(col(ActionRow.seq), col(ActionRow.line)).where(
    col(ActionRow.project).in_(select(col(HeadRow.project))),
    col(ActionRow.epoch) == bindparam("epoch"),
    col(ActionRow.seq).in_(bindparam("seqs", expanding=True)),
)
_REFUSED = select(col(QuarantineRow.seq), col(QuarantineRow.line)).where(
    col(QuarantineRow.epoch) == bindparam("epoch"),
    col(QuarantineRow.seq).in_(bindparam("seqs", expanding=True)),
)


def essence_of(line: str) -> bytes:
    """Return the hash of what a line says whatever its number; no bytes where it cannot be told.

    A position counts sealed: one copy of a phone may have deleted it already.
    """
    try:
        fields = decode_object(sealed(line))
        plain = encode({n: v for n, v in fields.items() if n not in ("seq", "was")}).encode()
    except (ValueError, RecursionError):
        # No object, half a character, a number without end: such a line is nobody's twin.
        return b""
    return digest(plain)


def origins_of(first: int, lines: Iterable[str]) -> dict[int, Origin]:
    """Return the origin of each line, numbered from `first`, that tells where it stood."""
    found: dict[int, Origin] = {}
    for seq, line in enumerate(lines, first):
        if WAS in line and (origin := _origin(line)) is not None:
            found[seq] = origin
    return found


def _origin(line: str) -> Origin | None:
    try:
        was = decode_object(line).get("was")
    except (ValueError, RecursionError):
        return None
    epoch, _, seq = was.rpartition(".") if isinstance(was, str) else ("", "", "")
    if not EPOCH.fullmatch(epoch) or not NUMBER.fullmatch(seq):
        return None
    essence = essence_of(line)
    return Origin(epoch, int(seq), essence) if essence else None


def twins_among(connection: Connection, pushes: Sequence[Lines]) -> set[Id]:
    """Return those of the new lines whose action is held already, or comes twice among them."""
    found: set[Id] = set()
    claimed: set[tuple[str, Origin]] = set()
    for push in pushes:
        held = _held(connection, push.device, push.moved.values())
        for seq, origin in push.moved.items():
            if origin in held or (push.device, origin) in claimed:
                found.add((push.epoch, seq))
            claimed.add((push.device, origin))
    told = {"epochs": [push.epoch for push in pushes]}
    for device, epoch, seq, essence in connection.execute(_FROM_HERE, told):
        claimed.add((device, Origin(epoch, seq, essence)))
    lines = {(push.device, push.epoch): push.lines for push in pushes}
    for device, origin in claimed:
        # The twin that was moved came first, or comes at the same time.
        line = lines.get((device, origin.epoch), {}).get(origin.seq)
        if line is not None and essence_of(line) == origin.essence:
            found.add((origin.epoch, origin.seq))
    return found


def note_moved(connection: Connection, pushes: Iterable[Lines], twins: set[Id]) -> None:
    """Remember the origins of the moved lines that count, in the order of their keys."""
    rows = [
        (origin.epoch, origin.seq, push.device, origin.essence, push.epoch, seq)
        for push in pushes
        for seq, origin in push.moved.items()
        if (push.epoch, seq) not in twins
    ]
    insert(connection, MovedRow, sorted(rows))


def _held(connection: Connection, device: str, origins: Iterable[Origin]) -> set[Origin]:
    """Return those origins of which the centre holds the action, moved or where it stood."""
    spans: dict[str, list[int]] = {}
    for origin in origins:
        spans.setdefault(origin.epoch, []).append(origin.seq)
    held: set[Origin] = set()
    for epoch, seqs in spans.items():
        told = {"device": device, "epoch": epoch, "seqs": seqs}
        held |= {Origin(*row) for row in connection.execute(_MOVED, told)}
        stream = read_stream(connection, epoch)
        if stream is None or stream.device != device:
            continue
        for seq, line in connection.execute(_ACCEPTED, told):
            held.add(Origin(epoch, seq, essence_of(line)))
        for seq, kept in connection.execute(_REFUSED, told):
            held.add(Origin(epoch, seq, essence_of(kept.decode())))
    return held
