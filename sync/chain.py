"""The hash chain over a device's actions (law 8).

hash(0) = BLAKE2b-256(epoch name ‖ device public key)
hash(n) = BLAKE2b-256(hash(n - 1) ‖ line(n))
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

try:
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

HASH_BYTES = 32
CHECKSUM_BYTES = 8


def digest(data: bytes) -> bytes:
    """Return BLAKE2b-256 of `data`."""
    return blake2b(data, digest_size=HASH_BYTES).digest()


def genesis(epoch: str, public_key: bytes) -> bytes:
    """Return the hash that an epoch's chain begins with."""
    return digest(epoch.encode() + public_key)


def link(previous: bytes, line: str) -> bytes:
    """Return the hash of the action whose line follows the hash `previous`."""
    return digest(previous + line.encode())


def links(previous: bytes, lines: "Iterable[str]") -> list[bytes]:
    """Return the hash of each of consecutive lines."""
    hashes = []
    for line in lines:
        previous = link(previous, line)
        hashes.append(previous)
    return hashes


def checksum(data: bytes) -> bytes:
    """Return BLAKE2b-64 of a message, which finds what was cut or changed on its way."""
    return blake2b(data, digest_size=CHECKSUM_BYTES).digest()


def sum_up(held: "Iterable[tuple[str, int, int, int]]") -> str:
    """Return 64 bits, in hex, of what is held: project, position, count and total of each."""
    parts = (short_digest("holds", name, *map(str, numbers)) for name, *numbers in held)
    return f"{sum(parts) % (1 << 64):016x}"


def action_digests(actions: "Iterable[tuple[str, str]]") -> "list[int]":
    """Return `short_digest("action", epoch, line)` of each of many actions."""
    whole = int.from_bytes
    return [
        whole(blake2b(f"action\0{epoch}\0{line}".encode(), digest_size=8).digest(), "big")
        for epoch, line in actions
    ]


def short_digest(*parts: str) -> int:
    """Return 64 bits of a text's hash, for the additive digest of what a project holds."""
    data = "\0".join(parts).encode()
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")
