"""Blobs on the phone: photos and signatures, each a file named by its SHA-256 beside the journal.

recorded   the action that names it has no receipt yet
promised   the centre holds that action, and not the blob
arrived    the centre has read the blob back from its disk, and its hash is right

Files are made and removed inside the journal's transactions alone, so that no other process of
this phone is at them. A file that no action names was left by a crash, and goes.
"""

import os

from radar_core.failures import Failure, N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sync.journal import Journal

FOLDER = "blobs"
KEPT_S = 30 * 86400
"""How long a blob stays after it arrived: a centre that is restored may ask for it again."""
ORPHAN_S = 86400
"""How old a file is at least that goes because no action names it."""
_PROMISED = (
    "(EXISTS (SELECT 1 FROM touch JOIN epoch ON name = epoch AND seq <= receipted"
    " WHERE ref = 'blob:' || sha256)"
    " OR EXISTS (SELECT 1 FROM mention WHERE ref = 'blob:' || sha256))"
)
_NAMED = "SELECT 1 FROM touch WHERE ref = ?1 UNION ALL SELECT 1 FROM mention WHERE ref = ?1 LIMIT 1"


def keep(journal: "Journal", data: bytes) -> str:
    """Make a blob durable, in the transaction under way, and return its name.

    Whatever happens then, no action is without its blob. Raise Failure `disk_full`.
    """
    from hashlib import sha256

    assert journal.connection.in_transaction, "a blob is kept inside a transaction"
    name = sha256(data).hexdigest()
    try:
        _write(_folder(journal), name, _sealed(journal, name, data))
    except OSError as error:
        raise Failure(
            "disk_full",
            N_("NOT saved: this phone's storage is full or broken ({reason})."),
            N_("Free some space (photos, downloads), then do it again before you walk on."),
            reason=error.strerror,
        ) from error
    journal.connection.execute(
        "INSERT INTO blob(sha256, size) VALUES (?, ?) ON CONFLICT DO UPDATE SET lost = 0",
        (name, len(data)),
    )
    return name


def count_blobs(journal: "Journal") -> dict[str, int]:
    """Return how many blobs are in each state; `lost` are those whose file is gone or changed."""
    row = journal.connection.execute(
        f"SELECT total(arrived_s IS NULL AND NOT lost AND NOT {_PROMISED}),"  # noqa: S608 - ours
        f" total(arrived_s IS NULL AND NOT lost AND {_PROMISED}),"
        " total(arrived_s IS NOT NULL), total(arrived_s IS NULL AND lost) FROM blob"
    ).fetchone()
    return dict(zip(("recorded", "promised", "arrived", "lost"), map(int, row), strict=True))


def waiting(journal: "Journal") -> list[tuple[str, int]]:
    """Return name and size of the blobs that the centre was promised, the smallest first."""
    return journal.connection.execute(
        "SELECT sha256, size FROM blob WHERE arrived_s IS NULL AND NOT lost"  # noqa: S608 - ours
        f" AND {_PROMISED} ORDER BY size, sha256"
    ).fetchall()


def read_blob(journal: "Journal", name: str) -> bytes | None:
    """Return a blob, None where its file is gone or holds something else."""
    from hashlib import sha256

    try:
        with open(f"{_folder(journal)}/{name}", "rb") as file:
            found = file.read()
    except OSError:
        return None
    data: bytes | None = found
    if journal.secret is not None:
        from sync.sealing import unseal

        data = unseal(journal.secret.blobs, found, name.encode())
    return data if data is not None and sha256(data).hexdigest() == name else None


def let_go(journal: "Journal", name: str) -> None:
    """Forget a blob and remove its file: the centre has it, or has deleted it on schedule."""
    with journal.transaction():
        journal.connection.execute("DELETE FROM blob WHERE sha256 = ?", (name,))
        path = f"{_folder(journal)}/{name}"
        if os.path.exists(path):
            os.unlink(path)


def doubt_blobs(journal: "Journal") -> None:
    """Take no blob for arrived, in the transaction under way: the centre was restored."""
    journal.connection.execute("UPDATE blob SET arrived_s = NULL")


def sweep(journal: "Journal", now_s: int) -> None:
    """Remove blobs that arrived long ago, and files that no action names.

    A file that an action names after all, as after a restored database, is a blob again.
    """
    folder = _folder(journal)
    if not os.path.isdir(folder):
        return
    with journal.transaction():
        connection = journal.connection
        old = "FROM blob WHERE arrived_s <= ?"
        for (name,) in connection.execute(f"SELECT sha256 {old}", (now_s - KEPT_S,)):
            if os.path.exists(f"{folder}/{name}"):
                os.unlink(f"{folder}/{name}")
        connection.execute(f"DELETE {old}", (now_s - KEPT_S,))
        lost = dict(connection.execute("SELECT sha256, lost FROM blob"))
        for entry in list(os.scandir(folder)):
            name, status = entry.name, entry.stat()
            if lost.get(name):
                connection.execute("UPDATE blob SET lost = 0 WHERE sha256 = ?", (name,))
            elif name in lost:
                continue
            elif connection.execute(_NAMED, (f"blob:{name}",)).fetchone():
                values = (name, status.st_size - _seal_bytes(journal))
                connection.execute("INSERT INTO blob(sha256, size) VALUES (?, ?)", values)
            elif status.st_mtime <= now_s - ORPHAN_S:
                os.unlink(entry.path)


def _sealed(journal: "Journal", name: str, data: bytes) -> bytes:
    """Return what is written of a blob: on an encrypted phone it is sealed, as what it is."""
    if journal.secret is None:
        return data
    from sync.sealing import NONCE_BYTES, seal

    return seal(journal.secret.blobs, data, name.encode(), os.urandom(NONCE_BYTES))


def _seal_bytes(journal: "Journal") -> int:
    if journal.secret is None:
        return 0
    from sync.sealing import SEAL_BYTES

    return SEAL_BYTES


def _folder(journal: "Journal") -> str:
    return f"{os.path.dirname(journal.path) or '.'}/{FOLDER}"


def _write(folder: str, name: str, data: bytes) -> None:
    """Write a file and flush it and its folder."""
    from sync.durable import flush_folder, write_durably

    os.makedirs(folder, 0o700, exist_ok=True)
    write_durably(f"{folder}/{name}", data)
    flush_folder(os.path.dirname(folder))
