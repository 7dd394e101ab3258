"""A file that a passphrase seals: chunks that nobody can read, change, swap or cut off without it.

    "RADAR sealed 1", a line's end ‖ salt ‖ of each chunk: its length, and its sealed bytes

The key is scrypt of passphrase and salt; a chunk's nonce is its number and whether it is the last.
The first chunk is empty, so that another passphrase is told from a broken file.
"""

from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC: Final = b"RADAR sealed 1\n"
SALT_BYTES: Final = 16
CHUNK_BYTES: Final = 1 << 20
_TAG_BYTES = 16
_LENGTH_BYTES = 4
_COST = 1 << 16
"""Of scrypt: 64 MB and some 0.2 s for each guess."""


class WrongPassphrase(ValueError):
    """The passphrase is not that of the file."""


class BrokenSeal(ValueError):
    """The file was changed, or cut off."""


class SealedWriter:
    """Writes what it is given into `file`, sealed; nothing is whole before `close`."""

    def __init__(self, file: IO[bytes], passphrase: str, salt: bytes) -> None:
        assert len(salt) == SALT_BYTES, "a salt has so many random bytes"
        self._file = file
        self._cipher = _cipher(passphrase, salt)
        self._count = 0
        self._rest = bytearray()
        file.write(MAGIC + salt)
        self._write(b"", last=False)

    def write(self, data: bytes) -> int:
        """Take bytes in."""
        self._rest += data
        # The last chunk is written by `close`, so one is always kept.
        while len(self._rest) > CHUNK_BYTES:
            self._write(bytes(self._rest[:CHUNK_BYTES]), last=False)
            del self._rest[:CHUNK_BYTES]
        return len(data)

    def flush(self) -> None:
        """Do nothing: a chunk is written when it is full."""

    def close(self) -> None:
        """Write the last chunk; the file stays open."""
        self._write(bytes(self._rest), last=True)

    def _write(self, chunk: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._count, last=last), chunk, None)
        self._file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)
        self._count += 1


class SealedReader:
    """Reads what a `SealedWriter` wrote; raises WrongPassphrase and BrokenSeal."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        """Begin behind the `MAGIC`."""
        self._file = file
        self._cipher = _cipher(passphrase, _exactly(file, SALT_BYTES))
        self._count = 0
        self._rest = b""
        self._ended = False
        try:
            self._next()
        except BrokenSeal as error:
            raise WrongPassphrase from error

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, or fewer at the end."""
        while not self._ended and (size < 0 or len(self._rest) < size):
            self._next()
        end = len(self._rest) if size < 0 else size
        data, self._rest = self._rest[:end], self._rest[end:]
        return data

    def _next(self) -> None:
        size = int.from_bytes(_exactly(self._file, _LENGTH_BYTES), "big")
        if not _TAG_BYTES <= size <= CHUNK_BYTES + _TAG_BYTES:
            raise BrokenSeal
        sealed = _exactly(self._file, size)
        for last in (False, True):
            try:
                chunk = self._cipher.decrypt(_nonce(self._count, last=last), sealed, None)
            except InvalidTag:
                continue
            self._rest += chunk
            self._count += 1
            self._ended = last
            return
        raise BrokenSeal


def _exactly(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise BrokenSeal
    return data


def _nonce(count: int, *, last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])


def _cipher(passphrase: str, salt: bytes) -> ChaCha20Poly1305:
    key = Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode())
    return ChaCha20Poly1305(key)
