"""The phone's journal: append-only, on plain sqlite3, one flush for each action (law 1).

The scan path's file: beyond SQLite it imports only the clock, the chain and the line.
"""

import os
from time import monotonic

from radar_core.actions import LINE_BYTES_MAX, write_line
from radar_core.failures import NOT_ENROLLED, Failure, N_
from radar_core.jsontext import decode_object
from sync.chain import link
from sync.clock import ZERO, tick
from sync.sqlite import encrypted, errors, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from types import TracebackType

    from radar_core.actions import Draft, Moment
    from sync.vault import Secret

BUSY_TIMEOUT_S = 30.0
LOOK_MS = 2
"""So often it is looked whether another program still writes.

SQLite by itself looks ever more seldom, at last each tenth of a second: a key would miss the
moments in which a sync lets go.
"""
_NOW = (
    "SELECT (SELECT value FROM meta WHERE key = 'epoch'),"
    " (SELECT value FROM meta WHERE key = 'heard')"
)
WAL_BYTES_MAX = 256 * 1024
"""Beyond this the write-ahead log is folded back, after the person has their answer."""
VAULT = "phone.vault"
"""A phone with this file is encrypted: it is the key of all else, under the PIN."""


class Recorded:
    """What the journal made of a draft: its number, its place in the order, its line."""

    __slots__ = ("epoch", "hlc", "line", "seq")

    def __init__(self, epoch: str, seq: int, hlc: str, line: str) -> None:
        self.epoch = epoch
        self.seq = seq
        self.hlc = hlc
        self.line = line

    @property
    def id(self) -> str:
        """The action's name everywhere: `EPOCH.SEQ`."""
        return f"{self.epoch}.{self.seq}"


class Place:
    """Where the next action comes: its number, the chain's hash before it, its stamp."""

    __slots__ = ("epoch", "hlc", "previous", "seq")

    def __init__(self, epoch: str, seq: int, previous: bytes, hlc: str) -> None:
        self.epoch = epoch
        self.seq = seq
        self.previous = previous
        self.hlc = hlc


class Journal:
    """An open phone database. Everything that writes does so inside `transaction()`.

    `secret` is what opened it, where it is encrypted.
    """

    __slots__ = ("connection", "path", "secret")

    def __init__(
        self, path: str, connection: "sqlite3.Connection", secret: "Secret | None" = None
    ) -> None:
        self.path = path
        self.connection = connection
        self.secret = secret

    def meta(self) -> dict[str, str]:
        """Return what the phone knows of itself and of its centre."""
        return dict(self.connection.execute("SELECT key, value FROM meta"))

    def set_meta(self, key: str, value: str) -> None:
        """Remember one value, in the transaction under way."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def transaction(self) -> "Transaction":
        """Begin to write: all that happens inside is committed and durable, or did not happen."""
        return Transaction(self.connection)

    def next(self, moment: "Moment") -> Place:
        """Return where the next action comes, in the transaction under way.

        The epoch, and the latest stamp that came from elsewhere, are read in that transaction too:
        a sync beside this process may change both.
        """
        assert self.connection.in_transaction, "an action is appended inside a transaction"
        epoch, heard = self.connection.execute(_NOW).fetchone()
        seq, previous, last = self.head(epoch)
        return Place(epoch, seq + 1, previous, tick(max(last, heard), moment.wall_ms))

    def append(self, draft: "Draft", moment: "Moment", refs: "Sequence[str]") -> Recorded:
        """Write the next action, in the transaction under way; `refs` are what it is about."""
        place = self.next(moment)
        epoch, seq, hlc = place.epoch, place.seq, place.hlc
        line = write_line(seq, hlc, moment, draft)
        if len(line.encode()) > LINE_BYTES_MAX:
            raise Failure(
                "too_long",
                N_("That is too much text for one action; nothing was saved."),
                N_("Make it shorter and try again."),
            )
        self.connection.execute(
            "INSERT INTO action VALUES (?, ?, ?, ?, ?, ?)",
            (epoch, seq, hlc, draft.project, link(place.previous, line), line),
        )
        self.connection.executemany(
            "INSERT OR IGNORE INTO touch VALUES (?, ?, ?, ?)",
            [(ref, hlc, epoch, seq) for ref in refs],
        )
        return Recorded(epoch, seq, hlc, line)

    def head(self, epoch: str) -> tuple[int, bytes, str]:
        """Return the number, hash and stamp of the epoch's last action, or where it begins.

        Of an epoch that is closed it is the last one of this phone's own.
        """
        row = self.connection.execute(
            "SELECT seq, hash, hlc FROM action WHERE epoch = ? AND hash IS NOT NULL"
            " ORDER BY seq DESC LIMIT 1",
            (epoch,),
        ).fetchone()
        if row is None:
            row = self.connection.execute(
                "SELECT 0, genesis, ? FROM epoch WHERE name = ?", (ZERO, epoch)
            ).fetchone()
        head: tuple[int, bytes, str] = row
        return head

    def tidy(self, most: int = 2**63) -> None:
        """Fold a long write-ahead log back, if nobody else is at the database just now.

        One of more than `most` bytes is left to who has more time.

        Connections are left open at exit, which spares three flushes a scan; so nothing else
        would ever shorten the log.
        """
        try:
            if WAL_BYTES_MAX < os.stat(f"{self.path}-wal").st_size <= most:
                self._fold_back()
        except OSError:
            return
        except errors():
            return

    def _fold_back(self) -> None:
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:  # the next action waits for others again
            self.connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")


class Transaction:
    """Begin, then commit or roll back; the storage's own errors become sentences."""

    __slots__ = ("connection",)

    def __init__(self, connection: "sqlite3.Connection") -> None:
        self.connection = connection

    def __enter__(self) -> None:
        (patience_ms,) = self.connection.execute("PRAGMA busy_timeout").fetchone()
        until_s = monotonic() + patience_ms / 1000
        self.connection.execute(f"PRAGMA busy_timeout = {min(LOOK_MS, patience_ms)}")
        try:
            while not self._begin(until_s):
                pass
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {patience_ms}")

    def _begin(self, until_s: float) -> bool:
        """Begin, and tell whether that was so; raise Failure `busy` once it is too late."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except errors() as error:
            failure = storage_failure(error)
            if failure.code == "busy" and monotonic() < until_s:
                return False
            raise failure from error
        return True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: "TracebackType | None",
    ) -> None:
        try:
            if error is None:
                self.connection.execute("COMMIT")
                return
        except errors() as failed:
            self._roll_back()
            raise storage_failure(failed) from failed
        self._roll_back()
        if isinstance(error, errors()):
            raise storage_failure(error) from error

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")


def open_journal(path: str) -> Journal:
    """Open an enrolled phone's database for work.

    Raise Failure `not_enrolled` if there is none, `locked` if it is encrypted and locked.
    """
    try:
        os.stat(path)
    except FileNotFoundError as error:
        raise Failure(
            "not_enrolled",
            N_("This phone is not enrolled yet."),
            N_("Ask your supervisor for a code, then: radar enrol URL CODE"),
            exit_code=NOT_ENROLLED,
        ) from error
    except OSError as error:
        raise _closed(error.strerror or str(error)) from error
    secret = None
    if os.path.exists(f"{os.path.dirname(path) or '.'}/{VAULT}"):
        from sync.vault import unlocked

        secret = unlocked(path)
    module = plain() if secret is None else encrypted()
    try:
        connection = module.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        if secret is not None:
            connection.execute(f"PRAGMA key = {secret.pragma}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
    except module.Error as error:
        raise storage_failure(error) from error
    return Journal(path, connection, secret)


def count_unsent(journal: Journal) -> int:
    """Return how many actions the centre has not given a receipt for.

    CROSS JOIN keeps SQLite from going through all the log instead of from epoch to epoch (law 7).
    """
    (count,) = journal.connection.execute(
        "SELECT count(*) FROM epoch CROSS JOIN action ON action.epoch = epoch.name"
        " AND seq > receipted WHERE hash IS NOT NULL"
    ).fetchone()
    return int(count)


def latest_receipt(journal: Journal) -> dict[str, object] | None:
    """Return the newest receipt for any action as the object that the centre signed, or None."""
    for (text,) in journal.connection.execute(
        "SELECT receipt FROM epoch WHERE receipt IS NOT NULL ORDER BY number DESC"
    ):
        receipt = decode_object(text)
        if receipt.get("seq"):
            return receipt
    return None


def storage_failure(error: Exception) -> Failure:
    """Say in one sentence what the phone's storage refused."""
    reason = str(error)
    if "full" in reason or "disk I/O" in reason:
        return Failure(
            "disk_full",
            N_("NOT saved: this phone's storage is full or broken ({reason})."),
            N_("Free some space (photos, downloads), then scan again before you walk on."),
            reason=reason,
        )
    if "unable to open" in reason:
        return _closed(reason)
    if "readonly" in reason:
        return Failure(
            "not_writable",
            N_("NOT saved: the phone's database cannot be written ({reason})."),
            N_("See whose files they are: radar doctor"),
            reason=reason,
        )
    if "locked" in reason:
        return Failure(
            "busy",
            N_("NOT saved: another program held the phone's database for too long."),
            N_("Try again; if it stays so: radar doctor"),
        )
    return Failure(
        "database_broken",
        N_("The phone's database cannot be read ({reason})."),
        N_("Do not delete it, your unsent work is in there: radar doctor"),
        reason=reason,
    )


def _closed(reason: str) -> Failure:
    return Failure(
        "home_closed",
        N_("The phone's folder cannot be opened ({reason}); nothing was saved."),
        N_("See whose files they are: radar doctor"),
        reason=reason,
    )
