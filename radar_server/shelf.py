"""The files of photos and signatures: taken in piece by piece, kept once they read back right.

A blob under way lies in `part/`, a whole one in `ab/cdef…` by its SHA-256. Several processes may
share the folder: whoever is at a part has it locked.
"""

import fcntl
import hashlib
import os
import shutil
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path

from radar_server.problems import Problem
from sync.durable import flush_folder
from sync.protocol import BLOB_BYTES_MAX

SPARE_BYTES = 256 * 1024 * 1024
"""So much of the disk is left to the database: no photo may keep an action out."""
PART_S_MAX = 30 * 86400
"""A part that nobody went on with for so long goes."""
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the blob `sha256`, which has `size` bytes; `data` are those from `at` on."""

    sha256: str
    at: int
    size: int
    data: bytes


class Shelf:
    """The folder of a centre's blobs, made when the first one comes."""

    def __init__(self, folder: Path, spare_bytes: int = SPARE_BYTES) -> None:
        self._folder = folder
        self._spare_bytes = spare_bytes

    def take(self, piece: Piece) -> tuple[int, bool]:
        """Take a piece in where it fits; return how many bytes are held, and whether that is all.

        All means: flushed, read back from the disk, and of the right hash. Raise Problem
        `wrong_hash`, after which nothing is held, and `no_room`.
        """
        try:
            if self._path(piece.sha256).exists():
                return piece.size, True
            return self._add(piece)
        except OSError as error:
            raise Problem("no_room", f"It is not kept: {error.strerror}.") from error

    def read(self, sha256: str) -> bytes | None:
        """Return a whole blob, or None."""
        try:
            return self._path(sha256).read_bytes()
        except OSError:
            return None

    def remove(self, sha256: str) -> None:
        """Remove a whole blob, if it is there."""
        self._path(sha256).unlink(missing_ok=True)

    def sweep(self, now_s: float) -> None:
        """Remove parts that nobody went on with."""
        for part in (self._folder / "part").glob("*"):
            if part.stat().st_mtime < now_s - PART_S_MAX:
                part.unlink(missing_ok=True)

    def has(self, sha256: str) -> bool:
        """Tell whether a whole blob is there."""
        return self._path(sha256).exists()

    def _path(self, sha256: str) -> Path:
        return place_of(self._folder, sha256)

    def _add(self, piece: Piece) -> tuple[int, bool]:
        part = self._folder / "part" / piece.sha256
        if not piece.data and not part.exists():
            return 0, False
        part.parent.mkdir(_PRIVATE, parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
        with open(descriptor, "r+b") as file:  # noqa: PTH123 - a descriptor
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file.fileno()).st_nlink == 0 or self._path(piece.sha256).exists():
                # Another one finished it, or threw it away, while this one waited.
                whole = self._path(piece.sha256).exists()
                return piece.size if whole else 0, whole
            held = file.seek(0, os.SEEK_END)
            if held > piece.size:
                held = file.truncate(0)
            if piece.at == held and piece.data:
                self._check_room(piece.size - held)
                file.seek(held)
                file.write(piece.data)
                file.flush()
                held += len(piece.data)
            if held < piece.size:
                return held, False
            self._finish(file, part, piece.sha256)
            return held, True

    def _check_room(self, wanted: int) -> None:
        if shutil.disk_usage(self._folder).free < wanted + self._spare_bytes:
            raise Problem("no_room", "The disk is nearly full; what is left is the database's.")

    def _finish(self, file: BufferedRandom, part: Path, sha256: str) -> None:
        """Flush a whole part, read it back, and put it where it stays."""
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):  # so that it is read from the disk
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        file.seek(0)
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            part.unlink()
            raise Problem("wrong_hash")
        whole = self._path(sha256)
        whole.parent.mkdir(_PRIVATE, exist_ok=True)
        part.replace(whole)
        for folder in (whole.parent, self._folder):
            flush_folder(folder)


def place_of(folder: Path, sha256: str) -> Path:
    """Return where a whole blob lies in the folder of a shelf."""
    return folder / sha256[:2] / sha256[2:]


def piece_of(sha256: str, at: str, size: str, data: bytes) -> Piece:
    """Return what a request says of its piece; raise Problem `bad_body` for what cannot be one."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):  # noqa: PLR2004 - SHA-256
        raise Problem("not_found")
    if not all(text.isascii() and text.isdecimal() and len(text) < 10 for text in (at, size)):  # noqa: PLR2004 - of 8 MiB
        raise Problem("bad_body", "from and size are numbers of bytes.")
    piece = Piece(sha256, int(at), int(size), data)
    if not 0 < piece.size <= BLOB_BYTES_MAX:
        raise Problem("too_large", f"A blob has 1 to {BLOB_BYTES_MAX} bytes.")
    if piece.at + len(data) > piece.size:
        raise Problem("bad_body", "The piece goes beyond the end.")
    return piece
