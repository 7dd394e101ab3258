"""The secret of an encrypted phone while it is unlocked: a file in memory, gone with the power.

It lies in `XDG_RUNTIME_DIR`, else `/dev/shm`, its owner's alone, and names the folder and the
vault that it opens. Its time is when it last served, on the clock that goes on in a sleeping
phone: after the minutes that it was unlocked for without any use it is gone. A scan on an encrypted
phone loads this file; what has to do with PINs is in `sync.sealing`.

Nobody opens a database's file to look at it while SQLite may have it open: closing it again would
take SQLite's locks away. So the vault tells that a phone is encrypted, not the database.
"""

import os
import time

from radar_core.failures import NOT_PERMITTED, Failure, N_
from sync.chain import digest
from sync.journal import VAULT

PLAIN = b"SQLite format 3"
"""What a database begins with that is not encrypted."""
NAME_BYTES = 64
"""By its first bytes a vault is known; a new PIN does not change them."""
SECRET_BYTES = 32
_IDLE_BYTES = 4
_FILE_BYTES = NAME_BYTES + 2 * SECRET_BYTES + _IDLE_BYTES
MEMORY = "/dev/shm"  # noqa: S108 - the file there is made anew, its owner's alone, and checked
NS = 1_000_000_000


class Secret:
    """What opens an encrypted phone: the key of its database, and the one that it signs with."""

    __slots__ = ("database", "signing")

    def __init__(self, database: bytes, signing: bytes) -> None:
        self.database = database
        self.signing = signing

    @property
    def pragma(self) -> str:
        """SQLCipher's key as it stands: no PIN is stretched when a database is opened."""
        return f"\"x'{self.database.hex()}'\""

    @property
    def blobs(self) -> bytes:
        """The key of photos and signatures."""
        return digest(b"radar blobs 1\n" + self.database)


def unlocked(database: str) -> Secret | None:
    """Return what opens the database beside a vault; raise Failure `locked`.

    None for a plain one, beside the vault of an encrypting that was cut off.
    """
    home = os.path.dirname(database) or "."
    try:
        descriptor = os.open(key_file(home), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if is_plain(database):
            return None
        raise locked() from error
    try:
        status = os.fstat(descriptor)
        found = os.read(descriptor, _FILE_BYTES + 1)
        now_ns = _steady_ns()
        idle_ns = int.from_bytes(found[-_IDLE_BYTES:], "big") * NS
        if (
            status.st_uid != os.getuid()
            or len(found) != _FILE_BYTES
            or found[:NAME_BYTES] != _first(f"{home}/{VAULT}", NAME_BYTES)
            or (idle_ns and not 0 <= now_ns - status.st_mtime_ns <= idle_ns)
        ):
            lock(home)
            raise locked()
        os.utime(descriptor, ns=(now_ns, now_ns))
    finally:
        os.close(descriptor)
    signing_at = NAME_BYTES + SECRET_BYTES
    return Secret(found[NAME_BYTES:signing_at], found[signing_at:-_IDLE_BYTES])


def unlock(home: str, secret: Secret, idle_s: int) -> None:
    """Let the phone be used until it is locked, idle for `idle_s` (0: however long), or off."""
    lock(home)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(key_file(home), flags, 0o600)
    try:
        name = _first(f"{home}/{VAULT}", NAME_BYTES)
        idle = idle_s.to_bytes(_IDLE_BYTES, "big")
        os.write(descriptor, name + secret.database + secret.signing + idle)
        now_ns = _steady_ns()
        os.utime(descriptor, ns=(now_ns, now_ns))
    finally:
        os.close(descriptor)


def lock(home: str) -> bool:
    """Take the secret out of memory; tell whether it was there."""
    try:
        os.unlink(key_file(home))
    except OSError:
        return False
    return True


def key_file(home: str) -> str:
    """Return where the secret of a phone's folder lies while it is unlocked."""
    told = os.environ.get("XDG_RUNTIME_DIR", "")
    status = os.stat(home)
    name = f"radar-{os.getuid()}-{status.st_dev:x}-{status.st_ino:x}"
    return f"{told if told.startswith('/') else MEMORY}/{name}"


def locked() -> Failure:
    """Say that the phone is locked."""
    return Failure(
        "locked",
        N_("This phone is locked; nothing was saved."),
        N_("Unlock it with its PIN: radar unlock"),
        exit_code=NOT_PERMITTED,
    )


def is_plain(database: str) -> bool:
    """Tell whether a database is a plain one; only where nothing in this process has it open."""
    return _first(database, len(PLAIN)) == PLAIN


def _first(path: str, count: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, count)
    finally:
        os.close(descriptor)


def _steady_ns() -> int:
    clock = getattr(time, "CLOCK_BOOTTIME", None) or time.CLOCK_MONOTONIC
    return time.clock_gettime_ns(clock)
