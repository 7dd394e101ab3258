"""What a revoked phone does with what it has handed over: it wipes it (law 11)."""

import os
from pathlib import Path

from commands.phone import Phone
from sync.blobs import FOLDER, count_blobs
from sync.chain import genesis
from sync.journal import count_unsent
from sync.keys import name_of
from sync.schema import REFUSED

TABLES = ("action", "touch", "mention", "moved", "quarantine", "record", "cursor", "blob", "epoch")
DERIVED = ("task", "target", "bound", "board")
KEPT = ("schema", "device", "staff", "url", "centre_epoch", "centre_key", "heard", REFUSED)
"""What is needed to be enrolled anew; a new epoch comes to it."""


def wipe_handed_over(phone: Phone) -> bool:
    """Wipe a revoked phone, if the centre holds all of its actions and photos; tell whether it did.

    It keeps its key and who it is, so that it can be enrolled anew, and begins a new epoch.
    """
    journal = phone.journal
    execute = journal.connection.execute
    execute("PRAGMA secure_delete = ON")
    with journal.transaction():
        blobs = count_blobs(journal)
        if count_unsent(journal) or blobs["recorded"] or blobs["promised"]:
            return False
        (number,) = execute("SELECT max(number) FROM epoch").fetchone()
        epoch = name_of(phone.workplace.randomness(32), "E")
        for table in (*TABLES, *DERIVED):
            execute(f"DELETE FROM {table}")  # noqa: S608 - ours
        marks = ", ".join("?" * len(KEPT))
        execute(f"DELETE FROM meta WHERE key NOT IN ({marks})", KEPT)  # noqa: S608 - ours
        first = genesis(epoch, phone.keys().public)
        row = (epoch, number + 1, first)
        execute("INSERT INTO epoch(name, number, genesis) VALUES (?, ?, ?)", row)
        journal.set_meta("epoch", epoch)
        folder = Path(phone.workplace.path(FOLDER))
        for entry in os.scandir(folder) if folder.is_dir() else ():
            Path(entry.path).unlink()
    execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    phone.meta = journal.meta()
    return True
