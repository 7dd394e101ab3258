"""A restored or cloned phone goes on in a new epoch: nothing lost, nothing doubled.

Its copy of an epoch and the centre's part after a number. There the old epoch is closed on this
phone, and what this phone alone holds beyond is appended anew, in its order and with its times, to
an epoch of a new name; `was` in a new line tells where it stood, table `moved` keeps the old one.
"""

from collections.abc import Mapping

from radar_core.actions import LINE_BYTES_MAX
from radar_core.jsontext import decode_object, encode
from sync.chain import genesis, link
from sync.journal import Journal

Moves = Mapping[tuple[str, int], tuple[str, int]]
"""Where each action that was appended anew stands now, by where it stood."""


def take_new_epoch(
    journal: Journal, epoch: str, common: int, new: str, public_key: bytes
) -> tuple[Moves, frozenset[str]]:
    """Close `epoch` after `common` and go on in `new`, in the transaction under way.

    Return the moves and the references that they touch. What stands up to `common` is held by the
    centre. An epoch that was closed before parts once more where the centre was restored meanwhile;
    what is moved out of it stands in a closed epoch of its own then.
    """
    connection = journal.connection
    current = journal.meta()["epoch"] == epoch
    _note_stamp(journal, epoch)
    connection.execute(
        "INSERT INTO epoch(name, number, genesis, parent)"
        " SELECT ?, max(number) + 1, ?, ? FROM epoch",
        (new, genesis(new, public_key), f"{epoch}.{common}"),
    )
    rows = connection.execute(
        "SELECT seq, hlc, project, hash, line FROM action"
        " WHERE epoch = ? AND seq > ? AND hash IS NOT NULL ORDER BY seq",
        (epoch, common),
    ).fetchall()
    moves: dict[tuple[str, int], tuple[str, int]] = {}
    previous = genesis(new, public_key)
    for seq, (old, hlc, project, hash_, line) in enumerate(rows, 1):
        again = _line_anew(line, seq, f"{epoch}.{old}")
        previous = link(previous, again)
        connection.execute(
            "INSERT INTO action VALUES (?, ?, ?, ?, ?, ?)",
            (new, seq, hlc, project, previous, again),
        )
        connection.execute(
            "INSERT INTO moved VALUES (?, ?, ?, ?, ?, ?)", (epoch, old, hash_, line, new, seq)
        )
        moves[epoch, old] = (new, seq)
    refs = _move_touches(journal, epoch, common, moves)
    connection.execute(
        "DELETE FROM action WHERE epoch = ? AND seq > ? AND hash IS NOT NULL", (epoch, common)
    )
    connection.execute("DELETE FROM quarantine WHERE epoch = ? AND seq > ?", (epoch, common))
    connection.execute(
        "UPDATE epoch SET closed = ?1, receipted = ?1, sent = min(sent, ?1) WHERE name = ?2",
        (common, epoch),
    )
    if current:
        journal.set_meta("epoch", new)
    else:
        connection.execute("UPDATE epoch SET closed = ? WHERE name = ?", (len(rows), new))
    return moves, refs


def is_parted(journal: Journal, epoch: str, common: int) -> bool:
    """Tell whether another process of this phone has closed an epoch there, or before, already."""
    (closed,) = journal.connection.execute(
        "SELECT closed FROM epoch WHERE name = ?", (epoch,)
    ).fetchone()
    return closed is not None and closed <= common


def _note_stamp(journal: Journal, epoch: str) -> None:
    """Let the new epoch's clock go on after this phone's last stamp."""
    _, _, last = journal.head(epoch)
    journal.set_meta("heard", max(journal.meta()["heard"], last))


def _line_anew(line: str, seq: int, was: str) -> str:
    """Return a line under its new number; all else stays, its times above all."""
    fields = decode_object(line)
    again = encode({**fields, "seq": seq, "was": fields.get("was", was)})
    if len(again.encode()) > LINE_BYTES_MAX:  # the longest of all have no room for it
        again = encode({**fields, "seq": seq})
    return again


def _move_touches(journal: Journal, epoch: str, common: int, moves: Moves) -> frozenset[str]:
    connection = journal.connection
    theirs = "FROM touch WHERE epoch = ? AND seq > ?"
    rows = [
        (ref, hlc, *moves[epoch, seq])
        for ref, hlc, seq in connection.execute(f"SELECT ref, hlc, seq {theirs}", (epoch, common))
        if (epoch, seq) in moves
    ]
    # What the centre has under these numbers cannot be here yet: its epoch was this phone's own.
    connection.execute(f"DELETE {theirs}", (epoch, common))
    connection.executemany("INSERT INTO touch VALUES (?, ?, ?, ?)", rows)
    return frozenset(ref for ref, *_ in rows)
