"""Enrolment by a code that never crosses the wire: each side proves that it knows it. Pure.

A code has 50 random bits. It is stretched, so that nobody who saw a proof finds the code by trying
all of them while it is good, or ever.
"""

import hashlib
import hmac
from dataclasses import dataclass

from radar_core.tags import parse_code
from sync.chain import digest

PROOF_HEADER = "Radar-Proof"
PREFIX = "RADAR1:E:"
_SALT = b"radar code 2"
_ROUNDS, _BLOCKS, _LANES = 1 << 14, 8, 1
"""scrypt's N, r and p: 16 MiB and some 50 ms for each code that somebody tries."""
_HALF = 32


@dataclass(frozen=True, slots=True)
class CodeKey:
    """What a code is stretched to: the id that it is found by, the secret that proves it."""

    id: bytes
    secret: bytes


def stretch(code: str) -> CodeKey:
    """Return the key of a code in its normal form."""
    made = hashlib.scrypt(
        code.encode(), salt=_SALT, n=_ROUNDS, r=_BLOCKS, p=_LANES, dklen=2 * _HALF
    )
    return CodeKey(made[:_HALF], made[_HALF:])


def application_message(code_id: bytes, public: bytes, name: str) -> bytes:
    """Return what a phone signs with its new key, and proves that it knows the code by."""
    return f"radar enrol 2\n{code_id.hex()}\n{public.hex()}\n{name}".encode()


def enrolled_message(code_id: bytes, public: bytes, body: bytes) -> bytes:
    """Return what a centre proves by: with that body it answers that phone, and knows the code."""
    return f"radar enrolled 2\n{code_id.hex()}\n{public.hex()}\n{digest(body).hex()}".encode()


def prove(secret: bytes, message: bytes) -> bytes:
    """Return the proof of a message: HMAC-SHA-256."""
    return hmac.digest(secret, message, "sha256")


def is_proven(secret: bytes, proof: bytes, message: bytes) -> bool:
    """Tell whether who made `proof` knew the secret; takes the same time whatever differs."""
    return hmac.compare_digest(prove(secret, message), proof)


def write_invitation(url: str, code: str) -> str:
    """Return the text of a QR code that takes a phone to its centre.

    A bare address is written in capitals, for which a QR code needs less room.
    """
    bare = url.partition("://")[2].count("/") == 0
    return f"{PREFIX}{code}:{url.upper() if bare else url}"


def read_invitation(text: str) -> tuple[str, str] | None:
    """Return the address and the code of an invitation, None for any other text."""
    plain = text.strip()
    if plain[: len(PREFIX)].upper() != PREFIX:
        return None
    code, _, url = plain[len(PREFIX) :].partition(":")
    parsed = parse_code(code)
    return (url, parsed) if parsed is not None and url else None
