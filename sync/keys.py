"""Key pairs: an Ed25519 private key in a file of its owner's, and what it signs."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from radar_core.failures import Failure, N_
from radar_core.tags import ALPHABET
from sync.chain import digest
from sync.durable import write_durably

KEY_BYTES = 32
NAME_CHARS = 12


class KeyPair:
    """A private key and its public half."""

    __slots__ = ("_private", "public")

    def __init__(self, secret: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._private.sign(message)


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether the owner of `public` signed `message`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def load_key(path: Path) -> KeyPair:
    """Read a key file; raise Failure `key_missing` or `key_broken`."""
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise Failure(
            "key_missing",
            N_("The key file {path} cannot be read ({reason})."),
            N_("Without it nothing can be signed. See: radar doctor"),
            path=path,
            reason=error.strerror,
        ) from error
    if len(secret) != KEY_BYTES:
        raise Failure(
            "key_broken",
            N_("The key file {path} is broken: it has {size} bytes instead of 32."),
            N_("Restore it from a backup, or ask your supervisor for a new enrolment code."),
            path=path,
            size=len(secret),
        )
    return KeyPair(secret)


def load_or_make_key(path: Path, randomness: bytes) -> KeyPair:
    """Read the key file, or make it of 32 random bytes, readable by its owner only."""
    if not path.exists():
        assert len(randomness) == KEY_BYTES, "a key is 32 random bytes"
        write_durably(path, randomness)
    return load_key(path)


def name_of(data: bytes, prefix: str) -> str:
    """Return a short name drawn from the hash of `data`: a device's, an epoch's, a centre's."""
    number = int.from_bytes(digest(data), "big")
    return prefix + "".join(ALPHABET[number >> 5 * place & 31] for place in range(NAME_CHARS))
