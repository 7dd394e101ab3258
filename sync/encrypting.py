"""From a plain phone to an encrypted one, in place: whenever it crashes, it is one or the other.

The plain database is marked and shown to be nobody else's; beside it the encrypted one, the vault
and the photos are made, durably. Then one rename makes the phone an encrypted one. What is left of
before goes then, and whatever comes too early or too late is put right by the next verb that opens
the phone (`undo`) or unlocks it (`finish`).
"""

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from radar_core.failures import Failure, N_
from sync.blobs import FOLDER
from sync.durable import flush_folder, write_durably
from sync.journal import VAULT, Journal, open_journal, storage_failure
from sync.schema import SCHEMA_VERSION, SEALING
from sync.sealing import NONCE_BYTES, seal, write_vault
from sync.sqlite import encrypted, plain
from sync.vault import Secret, is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

FRESH = ".sealed"
ALONE_S = 2.0
"""So long another program may still be at the database."""
ZEROS = bytes(1 << 16)


def encrypt(
    database: Path, key: Path, pin: str, secret: Secret, randomness: Callable[[int], bytes]
) -> None:
    """Encrypt a plain phone under a PIN; raise Failure `in_use` while another program has it open.

    `secret` holds what `key`, the file, has; that file goes.
    """
    home, cipher = database.parent, encrypted()
    with alone(home), ExitStack() as opened:
        _check_plain(database)
        _clear(database)
        before = [opened.enter_context(path.open("r+b")) for path in _plain_files(database)]
        try:
            _copy(cipher, database, secret)
            for blob in _blobs(home):
                nonce = randomness(NONCE_BYTES)
                sealed = seal(secret.blobs, blob.read_bytes(), blob.name.encode(), nonce)
                write_durably(blob.with_name(blob.name + FRESH), sealed)
            write_vault(home, pin, secret, randomness)
            _fresh(database).replace(database)
        except cipher.Error as error:
            _undo_now(cipher, database)
            raise storage_failure(error) from error
        except OSError as error:
            _undo_now(cipher, database)
            raise storage_failure(OSError(f"disk I/O: {error.strerror}")) from error
        except Failure:
            _undo_now(cipher, database)
            raise
        flush_folder(home)
        for file in before:
            _blank(file)
        _finish(home, key)


def finish(database: Path, key: Path) -> None:
    """Remove what an encrypting that was cut off after its last step left in the open."""
    with alone(database.parent):
        _finish(database.parent, key)


def undo(journal: Journal) -> None:
    """Make a phone whose encrypting was cut off the plain phone that it was."""
    database = Path(journal.path)
    journal.connection.close()
    with alone(database.parent):
        _check_plain(database)
        _undo(plain(), database)
    journal.connection = open_journal(journal.path).connection


@contextmanager
def alone(home: Path) -> Generator[None]:
    """Let no second program be at a phone's locks; raise Failure `busy` if one is."""
    from fcntl import LOCK_EX, LOCK_NB, flock

    descriptor = os.open(home, os.O_RDONLY)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
        yield
    except BlockingIOError as error:
        raise _busy() from error
    finally:
        os.close(descriptor)


def _copy(cipher: ModuleType, database: Path, secret: Secret) -> None:
    """Make the encrypted database, whole and durable, beside the plain one."""
    fresh = _fresh(database)
    connection = cipher.connect(str(database), timeout=ALONE_S, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (SEALING,))
        _be_sole(cipher, connection)
        fresh.touch(mode=0o600)
        connection.execute(f"ATTACH ? AS sealed KEY {secret.pragma}", (str(fresh),))
        connection.execute("PRAGMA sealed.synchronous = OFF")
        connection.execute("SELECT sqlcipher_export('sealed')").fetchall()
        set_schema = "UPDATE sealed.meta SET value = ? WHERE key = 'schema'"
        connection.execute(set_schema, (str(SCHEMA_VERSION),))
        connection.execute("DETACH sealed")
        counted = connection.execute("SELECT count(*), max(hash) FROM action").fetchone()
    finally:
        connection.close()
    copied = cipher.connect(str(fresh), isolation_level=None)
    try:
        copied.execute(f"PRAGMA key = {secret.pragma}")
        copied.execute("PRAGMA journal_mode = WAL").fetchone()
        broken = copied.execute("PRAGMA cipher_integrity_check").fetchall()
        found = copied.execute("SELECT count(*), max(hash) FROM action").fetchone()
    finally:
        copied.close()
    assert not broken, f"what was just written reads otherwise: {broken[:3]}"
    assert found == counted, "the copy is whole"
    with fresh.open("rb") as file:
        os.fsync(file.fileno())


def _be_sole(cipher: ModuleType, connection: "Connection") -> None:
    """Give up the write-ahead log, as only the one program can that has the database open."""
    try:
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except cipher.OperationalError as error:
        raise Failure(
            "in_use",
            N_("Another RADAR program has this phone open; nothing was changed."),
            N_("End it (radar sync --watch, radar scan -), then try again: radar pin"),
        ) from error


def _undo_now(cipher: ModuleType, database: Path) -> None:
    """Undo as far as it goes; the next verb does the rest."""
    with suppress(OSError, cipher.Error):
        _undo(cipher, database)


def _undo(module: ModuleType, database: Path) -> None:
    _clear(database)
    connection = module.connect(str(database), timeout=ALONE_S, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        values = (str(SCHEMA_VERSION), SEALING)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema' AND value = ?", values)
    finally:
        connection.close()


def _check_plain(database: Path) -> None:
    if not is_plain(str(database)):
        raise _busy()


def _busy() -> Failure:
    return Failure(
        "busy",
        N_("NOT saved: another program held the phone's database for too long."),
        N_("Try again; if it stays so: radar doctor"),
    )


def _clear(database: Path) -> None:
    """Remove what an encrypting that was cut off had made: the database here is the plain one."""
    home = database.parent
    for made in (*home.glob(f"{database.name}{FRESH}*"), *home.glob(f"{VAULT}*")):
        made.unlink()
    for name in (f"*{FRESH}", f"*{FRESH}.new", "*.new"):
        for made in (home / FOLDER).glob(name):
            made.unlink()


def _finish(home: Path, key: Path) -> None:
    for sealed in sorted((home / FOLDER).glob(f"*{FRESH}")):
        blob = sealed.with_name(sealed.name.removesuffix(FRESH))
        _blank_path(blob)
        sealed.replace(blob)
    _blank_path(key)
    key.unlink(missing_ok=True)


def _plain_files(database: Path) -> Iterable[Path]:
    log = database.with_name(f"{database.name}-wal")
    return [path for path in (database, log) if path.exists()]


def _blobs(home: Path) -> list[Path]:
    return [path for path in sorted((home / FOLDER).glob("*")) if not path.name.endswith(FRESH)]


def _fresh(database: Path) -> Path:
    return database.with_name(f"{database.name}{FRESH}")


def _blank_path(path: Path) -> None:
    if path.exists():
        with path.open("r+b") as file:
            _blank(file)


def _blank(file: BinaryIO) -> None:
    """Write zeros over all of a file; a flash store may keep what was there in cells of its own."""
    left = file.seek(0, os.SEEK_END)
    file.seek(0)
    while left > 0:
        left -= file.write(ZEROS[:left])
    file.flush()
    os.fsync(file.fileno())
