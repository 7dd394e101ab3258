"""The audit log: every administrative act, chained to the one before and signed by the centre.

hash(0) = H("radar audit 1" ‖ the centre's public key)
hash(n) = H(hash(n - 1) ‖ line(n)), kept with the centre's signature of n and hash(n)

So whoever has the database without the centre's key can add, edit or remove nothing unseen but at
the end: what is cut off there is found by an end that was kept elsewhere (`--head`).
"""

import json
import os
import pwd
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlmodel import col

from radar_core.failures import USAGE, Failure, N_
from radar_server.bulk import insert
from radar_server.centre import Centre, rfc3339
from radar_server.tables import AuditRow
from sync.chain import HASH_BYTES, digest, link
from sync.keys import is_signed

PAGE_ROWS = 1_000
_NEWEST = select(col(AuditRow.seq), col(AuditRow.hash)).order_by(col(AuditRow.seq).desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log: the number of its newest entry, 0 for none, and its hash."""

    seq: int
    hash: bytes

    @property
    def text(self) -> str:
        """What is written down of it."""
        return f"{self.seq}:{self.hash.hex()}"


@dataclass(frozen=True, slots=True)
class Examined:
    """How many entries fit, and what does not: a number, and a key of `verifying.PROBLEMS`."""

    count: int
    flaws: list[tuple[int, str]]


def note(connection: Connection, centre: Centre, act: str, by: str = "", **details: object) -> Head:
    """Append an act of `by`, or of who runs this process, in the transaction of the act itself.

    The log stays locked until its end: call it last, so that nobody waits for it who holds more.
    Details go into the log for good: no secrets.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE")
    before = head_of(connection, centre.keys.public)
    user = _user()
    entry = {
        "seq": before.seq + 1,
        "at": rfc3339(centre.now_ms()),
        "act": act,
        "by": by or user,
        "user": user,
        "details": details,
    }
    line = json.dumps(entry, separators=(",", ":"))
    head = Head(before.seq + 1, link(before.hash, line))
    sealed = head.hash + centre.keys.sign(_message(head))
    insert(connection, AuditRow, [(head.seq, line, sealed)])
    return head


def head_of(connection: Connection, key: bytes) -> Head:
    """Return the end of the log of the centre with this public key."""
    row = connection.execute(_NEWEST).one_or_none()
    return Head(row[0], row[1][:HASH_BYTES]) if row is not None else Head(0, _start(key))


def examine(connection: Connection, key: bytes, known: Head | None = None) -> Examined:
    """Go through the whole log, which must hold the end `known`; a centre's log is never empty."""
    flaws: list[tuple[int, str]] = []
    count, seq, previous = 0, 0, _start(key)
    # Before the first entry nothing can be missing, so an end noted there fits.
    found = known is None or (known.seq, known.hash) == (0, previous)
    for at, line, sealed in _rows(connection):
        head, signature = Head(at, sealed[:HASH_BYTES]), sealed[HASH_BYTES:]
        problem = ""
        if at != seq + 1:
            problem = "missing"
        elif head.hash != link(previous, str(line)):
            problem = "changed"
        elif not is_signed(key, signature, _message(head)):
            problem = "unsigned"
        if problem:
            flaws.append((seq + 1 if problem == "missing" else at, problem))
        count += not problem
        seq, previous = head.seq, head.hash
        found = found or head == known
    if not seq:
        flaws.append((1, "missing"))
    if known is not None and not found:
        flaws.append((known.seq, "changed" if known.seq <= seq else "missing"))
    return Examined(count, flaws)


def newest(connection: Connection, most: int) -> tuple[list[dict[str, object]], int]:
    """Return the newest entries, oldest first, and how many there are before them."""
    columns = (col(AuditRow.seq), col(AuditRow.line), col(AuditRow.hash))
    wanted = select(*columns).order_by(col(AuditRow.seq).desc()).limit(most)
    rows = [_shown(*row) for row in connection.execute(wanted)]
    total = int(connection.execute(select(func.count()).select_from(AuditRow)).scalar_one())
    return rows[::-1], total - len(rows)


def entries(connection: Connection) -> Iterator[dict[str, object]]:
    """Yield every entry in order, as scripts see it."""
    for row in _rows(connection):
        yield _shown(*row)


def read_head(text: str) -> Head:
    """Return the end of a log as somebody wrote it down; raise Failure for anything else."""
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text.strip().lower(), re.ASCII)
    if found is None:
        raise Failure(
            "bad_head",
            N_("An end of the audit log is a number, a colon and 64 hexadecimal digits."),
            N_("The present one: radar admin audit"),
            exit_code=USAGE,
        )
    return Head(int(found[1]), bytes.fromhex(found[2]))


def _rows(connection: Connection) -> Iterator[tuple[int, str, bytes]]:
    """Yield every row in order, a page in memory at a time."""
    after = 0
    columns = (col(AuditRow.seq), col(AuditRow.line), col(AuditRow.hash))
    while rows := connection.execute(
        select(*columns)
        .where(col(AuditRow.seq) > after)
        .order_by(col(AuditRow.seq))
        .limit(PAGE_ROWS)
    ).all():
        for row in rows:
            yield row[0], row[1], row[2]
        after = rows[-1][0]


def _shown(seq: int, line: str, sealed: bytes) -> dict[str, object]:
    """Return an entry as scripts see it, whatever somebody made of it."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        entry = None
    told: Mapping[str, object] = entry if isinstance(entry, dict) else {}
    words = {name: str(told.get(name, "?")) for name in ("at", "act", "by", "user")}
    details = told.get("details")
    return {
        "seq": seq,
        **words,
        "details": details if isinstance(details, dict) else {},
        "hash": sealed[:HASH_BYTES].hex(),
    }


def _user() -> str:
    """Return the name of the account that this process runs under, as the system knows it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _start(key: bytes) -> bytes:
    return digest(b"radar audit 1\n" + key)


def _message(head: Head) -> bytes:
    return f"radar audit 1\n{head.seq}\n{head.hash.hex()}".encode()
