"""Chance that is always the same: bytes from a seed and a name."""

from collections.abc import Sequence
from hashlib import blake2b

_DIGEST_BYTES = 16


def chance(seed: str, name: str) -> bytes:
    """Return 16 bytes that look random and depend on nothing but seed and name."""
    return blake2b(f"{seed}\0{name}".encode(), digest_size=_DIGEST_BYTES).digest()


def pick(options: Sequence[tuple[str, str]], seed: str, name: str) -> tuple[str, str]:
    """Return one of the options."""
    return options[int.from_bytes(chance(seed, name), "big") % len(options)]
