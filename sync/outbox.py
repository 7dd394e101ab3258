"""What goes up: the phone's actions that the centre has not given a receipt for yet."""

import json
from dataclasses import dataclass

from sync.chain import link
from sync.journal import Journal
from sync.protocol import PAGE_ACTIONS_MAX, PAGE_BYTES_MAX, Receipt, read_receipt, receipt_object
from sync.signing import receipt_message


@dataclass(frozen=True, slots=True)
class Unsent:
    """The next page to send: lines of `epoch` from `first`, and the hashes before and after."""

    epoch: str
    first: int
    previous: bytes
    lines: list[str]
    head: bytes


def unsent(journal: Journal) -> Unsent:
    """Return the next page of actions that have no receipt yet, of the oldest epoch with any."""
    rows = journal.connection.execute(
        "SELECT name, receipted, genesis FROM epoch ORDER BY number"
    ).fetchall()
    page = None
    for name, receipted, start in rows:
        page = _page(journal, name, receipted, start)
        if page.lines:
            return page
    assert page is not None, "a phone has at least one epoch"
    return page


def _page(journal: Journal, epoch: str, receipted: int, start: bytes) -> Unsent:
    previous = hash_at(journal, epoch, receipted) or start
    lines: list[str] = []
    size, head = 0, previous
    for line, digest in journal.connection.execute(
        "SELECT line, hash FROM action WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?",
        (epoch, receipted, PAGE_ACTIONS_MAX),
    ):
        size += len(line.encode())
        if size > PAGE_BYTES_MAX and lines:
            break
        lines.append(line)
        head = digest
    return Unsent(epoch, receipted + 1, previous, lines, head)


def hash_at(journal: Journal, epoch: str, seq: int) -> bytes | None:
    """Return the chain's hash after the action `seq`, or None if this phone has no such action."""
    row = journal.connection.execute(
        "SELECT hash FROM action WHERE epoch = ?1 AND seq = ?2"
        " UNION ALL SELECT genesis FROM epoch WHERE name = ?1 AND ?2 = 0",
        (epoch, seq),
    ).fetchone()
    return bytes(row[0]) if row else None


def count_unsent(journal: Journal) -> int:
    """Return how many actions the centre has not given a receipt for."""
    (count,) = journal.connection.execute(
        "SELECT count(*) FROM action JOIN epoch ON name = epoch WHERE seq > receipted"
    ).fetchone()
    return int(count)


def mark_sent(journal: Journal, epoch: str, seq: int) -> None:
    """Remember that actions up to `seq` went out, whether or not an answer comes."""
    with journal.transaction():
        journal.connection.execute(
            "UPDATE epoch SET sent = max(sent, ?) WHERE name = ?", (seq, epoch)
        )


def store_receipt(journal: Journal, receipt: Receipt) -> list[tuple[int, str, str]]:
    """Keep the newest receipt of its epoch; return `(seq, project, line)` of what it newly covers.

    A receipt for less than is known already changes nothing.
    """
    text = json.dumps(receipt_object(receipt))
    rows = journal.connection.execute(
        "SELECT seq, project, line FROM action JOIN epoch ON name = epoch"
        " WHERE epoch = ? AND seq > receipted AND seq <= ?",
        (receipt.epoch, receipt.seq),
    ).fetchall()
    journal.connection.execute(
        "UPDATE epoch SET receipted = ?, sent = max(sent, ?), receipt = ?"
        " WHERE name = ? AND receipted <= ?",
        (receipt.seq, receipt.seq, text, receipt.epoch, receipt.seq),
    )
    return rows


def latest_receipt(journal: Journal) -> dict[str, object] | None:
    """Return the newest receipt as the JSON object that the centre signed, or None."""
    row = journal.connection.execute(
        "SELECT receipt FROM epoch WHERE receipt IS NOT NULL ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return dict(json.loads(row[0])) if row else None


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
            "SELECT seq, line, hash FROM action WHERE epoch = ? ORDER BY seq", (name,)
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
