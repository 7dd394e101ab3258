"""What goes up: the phone's actions that the centre has not given a receipt for yet."""

import json
from dataclasses import dataclass

from sync.chain import link
from sync.journal import Journal
from sync.protocol import (
    PAGE_ACTIONS_MAX,
    PAGE_BYTES_MAX,
    RANGES_MAX,
    Receipt,
    read_receipt,
    receipt_object,
)
from sync.schema import AGAIN, LAST_RESTORED, REFUSED, RESTORED
from sync.signing import receipt_message

STILL_WRITTEN = 1 << 62
"""Stands for the last number of an epoch that has none yet."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """The next page to send: lines of `epoch` from `first`, and the hashes before and after.

    `parent` is where the epoch goes on from another, `proof` a receipt for more than is receipted:
    the centre has lost what it once signed for.
    """

    epoch: str
    first: int
    previous: bytes
    lines: list[str]
    head: bytes
    parent: tuple[str, int] | None = None
    proof: Receipt | None = None

    @property
    def last(self) -> int:
        """The number of the last line, or of the one before `first` if there is none."""
        return self.first + len(self.lines) - 1


def unsent(journal: Journal) -> Unsent:
    """Return the next page of actions that have no receipt yet, of the oldest epoch with any.

    Where there is none, it is the empty page of the epoch that is still written.
    """
    rows = journal.connection.execute(
        "SELECT name, receipted, genesis, parent, receipt FROM epoch ORDER BY number"
    ).fetchall()
    current, last = journal.meta()["epoch"], None
    for row in rows:
        page = _page(journal, *row)
        if page.lines:
            return page
        if page.epoch == current:
            last = page
    assert last is not None, "a phone has an epoch that it writes"
    return last


def _page(journal: Journal, epoch: str, receipted: int, start: bytes, *more: str | None) -> Unsent:
    parent, receipt = more
    previous = hash_at(journal, epoch, receipted) or start
    lines: list[str] = []
    size, head = 0, previous
    for line, digest in journal.connection.execute(
        "SELECT line, hash FROM action WHERE epoch = ? AND seq > ? AND hash IS NOT NULL"
        " ORDER BY seq LIMIT ?",
        (epoch, receipted, PAGE_ACTIONS_MAX),
    ):
        size += len(line.encode())
        if size > PAGE_BYTES_MAX and lines:
            break
        lines.append(line)
        head = digest
    return Unsent(
        epoch,
        receipted + 1,
        previous,
        lines,
        head,
        parent=_parent(parent) if parent and not receipted else None,
        proof=_proof(receipt, receipted),
    )


def _parent(text: str) -> tuple[str, int]:
    epoch, _, seq = text.rpartition(".")
    return epoch, int(seq)


def _proof(text: str | None, receipted: int) -> Receipt | None:
    """Return a kept receipt if it is for more than the centre says that it holds now."""
    kept = read_receipt(json.loads(text)) if text else None
    return kept if kept is not None and kept.seq > receipted else None


def hash_at(journal: Journal, epoch: str, seq: int) -> bytes | None:
    """Return the chain's hash after the own action `seq`, or None if this phone has none such."""
    row = journal.connection.execute(
        "SELECT hash FROM action WHERE epoch = ?1 AND seq = ?2 AND hash IS NOT NULL"
        " UNION ALL SELECT genesis FROM epoch WHERE name = ?1 AND ?2 = 0",
        (epoch, seq),
    ).fetchone()
    return bytes(row[0]) if row else None


def mark_sent(journal: Journal, epoch: str, seq: int) -> None:
    """Remember that actions up to `seq` went out, whether or not an answer comes."""
    with journal.transaction():
        journal.connection.execute(
            "UPDATE epoch SET sent = max(sent, ?) WHERE name = ?", (seq, epoch)
        )


def store_receipt(
    journal: Journal, epoch: str, seq: int, receipt: Receipt | None
) -> list[tuple[int, str, str]]:
    """Note that the centre holds an epoch up to `seq`; return what is newly covered.

    That is `(seq, project, line)` of each. Less than is known already changes nothing.
    """
    text = json.dumps(receipt_object(receipt)) if receipt is not None else None
    rows = journal.connection.execute(
        "SELECT seq, project, line FROM action JOIN epoch ON name = epoch"
        " WHERE epoch = ? AND seq > receipted AND seq <= ? AND hash IS NOT NULL",
        (epoch, seq),
    ).fetchall()
    journal.connection.execute(
        "UPDATE epoch SET receipted = ?1, sent = max(sent, ?1), receipt = coalesce(?2, receipt)"
        " WHERE name = ?3 AND receipted <= ?1",
        (seq, text, epoch),
    )
    return rows


def rewind(journal: Journal, epoch: str, expected: int) -> None:
    """Send an epoch again from `expected` on: the centre does not hold it, or not for certain.

    The receipt for more is kept: it proves to the centre that it lost something.
    """
    with journal.transaction():
        _rewind(journal, epoch, max(1, expected))


def rewind_lost(journal: Journal, epoch: str, expected: int, first: int) -> None:
    """Send again from `expected` on, instead of from `first`: so much the centre has lost."""
    with journal.transaction():
        note_again(journal, first - expected)
        _rewind(journal, epoch, expected)


def _rewind(journal: Journal, epoch: str, expected: int) -> None:
    journal.connection.execute(
        "UPDATE epoch SET receipted = ?1 - 1 WHERE name = ?2 AND receipted >= ?1", (expected, epoch)
    )
    journal.connection.execute(
        "DELETE FROM quarantine WHERE epoch = ? AND seq >= ?", (epoch, expected)
    )


def doubt_other_epochs(journal: Journal, epoch: str) -> int:
    """Take nothing for held but `epoch`, in the transaction under way; return how much that was.

    The centre was restored, or holds other than it should; what it has of this phone's other
    epochs it will say when they are sent again.
    """
    (held,) = journal.connection.execute(
        "SELECT coalesce(sum(receipted), 0) FROM epoch WHERE name <> ?", (epoch,)
    ).fetchone()
    journal.connection.execute("UPDATE epoch SET receipted = 0 WHERE name <> ?", (epoch,))
    journal.connection.execute("DELETE FROM quarantine WHERE epoch <> ?", (epoch,))
    return int(held)


def note_again(journal: Journal, count: int) -> None:
    """Count actions that had a receipt and go up again, in the transaction under way."""
    journal.set_meta(AGAIN, str(int(journal.meta().get(AGAIN, "0")) + count))


def take_notice(journal: Journal) -> tuple[str, int] | None:
    """Return, once, what is to be heard after the centre lost something; None where it did not.

    That is from a backup of when it came back, empty if it does not say, and how many actions went
    up again.
    """
    meta = journal.meta()
    if RESTORED not in meta:
        return None
    backup, count = meta[RESTORED], int(meta.get(AGAIN, "0"))
    with journal.transaction():
        journal.connection.execute("DELETE FROM meta WHERE key IN (?, ?)", (RESTORED, AGAIN))
        journal.set_meta(LAST_RESTORED, f"{count} {backup}")
    return backup, count


def note_refusal(journal: Journal, problem: str) -> None:
    """Remember that the centre knows this phone no more: it may be enrolled again then."""
    with journal.transaction():
        journal.set_meta(REFUSED, problem)


def other_epochs(journal: Journal, epoch: str) -> dict[str, int]:
    """Return this phone's epochs but one, with the last number that it itself wrote in each.

    Of the one that it still writes that is `STILL_WRITTEN`.
    """
    return dict(
        journal.connection.execute(
            "SELECT name, coalesce(closed, ?) FROM epoch WHERE name <> ?", (STILL_WRITTEN, epoch)
        )
    )


def pending(journal: Journal) -> list[tuple[str, int, int]]:
    """Return own actions that lie in quarantine undecided, as ranges of numbers of an epoch."""
    ranges: list[tuple[str, int, int]] = []
    for epoch, seq in journal.connection.execute(
        "SELECT epoch, seq FROM quarantine WHERE state = 'kept' ORDER BY epoch, seq"
    ):
        if ranges and ranges[-1][0] == epoch and ranges[-1][2] == seq - 1:
            ranges[-1] = (epoch, ranges[-1][1], seq)
        elif len(ranges) == RANGES_MAX:
            break
        else:
            ranges.append((epoch, seq, seq))
    return ranges


def verify(journal: Journal) -> tuple[int, str]:
    """Check every own epoch's chain; return how many actions fit and the first id that does not.

    The id is empty when the whole chain fits: no action changed, none is missing of those that
    went out, and the centre signed for this very chain.
    """
    count = 0
    for name, start, sent, receipt in journal.connection.execute(
        "SELECT name, genesis, sent, receipt FROM epoch ORDER BY number"
    ).fetchall():
        previous, expected = start, 1
        for seq, line, stored in journal.connection.execute(
            "SELECT seq, line, hash FROM action WHERE epoch = ? AND hash IS NOT NULL ORDER BY seq",
            (name,),
        ):
            previous = link(previous, line)
            if seq != expected or previous != stored:
                return count, f"{name}.{seq}"
            count, expected = count + 1, expected + 1
        if expected <= sent:
            return count, f"{name}.{expected}"
        if receipt is not None and not _speaks_of(journal, name, receipt):
            return count, f"{name}.{expected - 1}"
    return count, ""


def _speaks_of(journal: Journal, epoch: str, text: str) -> bool:
    """Tell whether a kept receipt is the centre's word on the chain as it is now."""
    from sync.keys import is_signed

    meta = journal.meta()
    try:
        receipt = read_receipt(json.loads(text))
    except (ValueError, KeyError, TypeError):
        return False
    ours = (meta["device"], epoch, hash_at(journal, epoch, receipt.seq))
    message = receipt_message(receipt.device, epoch, receipt.seq, receipt.hash, receipt.at)
    return (receipt.device, receipt.epoch, receipt.hash) == ours and is_signed(
        bytes.fromhex(meta["centre_key"]), receipt.signature, message
    )
