"""Making a phone's replica: its database, its identity, its first epoch."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sync.chain import genesis
from sync.clock import ZERO
from sync.journal import Journal, open_journal
from sync.schema import REFUSED, SCHEMA, SCHEMA_VERSION, SEALING, UPGRADES


@dataclass(frozen=True, slots=True)
class Identity:
    """What a phone is told when it is enrolled."""

    device: str
    staff: str
    url: str
    centre_epoch: str
    centre_key: str


def create_replica(
    path: Path, identity: Identity, epoch: str, public_key: bytes, *, more_schema: str = ""
) -> Journal:
    """Make the phone's database, with `more_schema` for what is derived; all of it or none."""
    fresh = path.with_name(f"{path.name}.new")
    for leftover in path.parent.glob(f"{fresh.name}*"):
        leftover.unlink()
    fresh.touch(mode=0o600)
    connection = sqlite3.connect(fresh, isolation_level=None)
    connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
    connection.executescript(SCHEMA + more_schema)
    values = {
        "schema": str(SCHEMA_VERSION),
        "device": identity.device,
        "staff": identity.staff,
        "url": identity.url,
        "centre_epoch": identity.centre_epoch,
        "centre_key": identity.centre_key,
        "epoch": epoch,
        "heard": ZERO,
    }
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
    connection.execute(
        "INSERT INTO epoch(name, number, genesis) VALUES (?, 1, ?)",
        (epoch, genesis(epoch, public_key)),
    )
    connection.execute("COMMIT")
    connection.close()
    _set_aside(path.with_name(f"{path.name}-wal"))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    fresh.replace(path)
    return open_journal(str(path))


def renew_identity(journal: Journal, identity: Identity) -> None:
    """Take what the centre told a phone that it enrolled anew; all that the phone holds stays."""
    with journal.transaction():
        for key, value in (
            ("device", identity.device),
            ("staff", identity.staff),
            ("url", identity.url),
        ):
            journal.set_meta(key, value)
        journal.connection.execute("DELETE FROM meta WHERE key = ?", (REFUSED,))


def bring_up_to_date(journal: Journal) -> dict[str, str]:
    """Bring a database that an older RADAR made to today's tables; return its meta.

    One that a newer RADAR made is left as it is; an encrypting that was cut off is undone.
    """
    if journal.meta().get("schema") == SEALING:
        from sync.encrypting import undo

        undo(journal)
    with journal.transaction():
        while (steps := UPGRADES.get(journal.meta().get("schema", ""))) is not None:
            for statement in steps:
                journal.connection.execute(statement)
    return journal.meta()


def _set_aside(log: Path) -> None:
    """Keep the log of a database that somebody removed: left there, it would break the new one."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.old"))
