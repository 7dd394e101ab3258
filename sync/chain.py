"""The hash chain over a device's actions (law 8).

hash(0) = BLAKE2b-256(epoch name ‖ device public key)
hash(n) = BLAKE2b-256(hash(n - 1) ‖ sealed(line(n)))

Sealed, a line has the hash of its position in place of the position itself: so a position can be
deleted when its time is over, and the chain, its receipts and every digest stay as they were.
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
POSITION = '"position":{'
"""How a position begins in a line: in JSON text that can only be a member's name and an object."""


def digest(data: bytes) -> bytes:
    """Return BLAKE2b-256 of `data`."""
    return blake2b(data, digest_size=HASH_BYTES).digest()


def genesis(epoch: str, public_key: bytes) -> bytes:
    """Return the hash that an epoch's chain begins with."""
    return digest(epoch.encode() + public_key)


def position_in(line: str) -> str:
    """Return the text of a line's position: the one object of that name, plain and without another.

    Empty where there is none, where it is sealed already, and where it is in any other form.
    """
    start = line.find(POSITION)
    if start < 0 or line.find(POSITION, start + 1) >= 0:
        return ""
    start += len(POSITION) - 1
    end = line.find("}", start) + 1
    text = line[start:end]
    plain = text.count("{") == 1 and "\\" not in text and text.count('"') % 2 == 0
    return text if plain and line[end : end + 1] in (",", "}") else ""


def sealed(line: str) -> str:
    """Return a line with the hash of its position in place of the position; sealing twice is once.

    The position's random `salt` keeps anybody from finding it by trying.
    """
    if POSITION not in line:
        return line
    text = position_in(line)
    if not text:
        return line
    seal = f'{POSITION[:-1]}"{digest(text.encode()).hex()}"'
    return line.replace(POSITION[:-1] + text, seal)


def link(previous: bytes, line: str) -> bytes:
    """Return the hash of the action whose line follows the hash `previous`."""
    return digest(previous + sealed(line).encode())


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
    """Return `short_digest("action", epoch, sealed(line))` of each of many actions."""
    whole = int.from_bytes
    return [
        whole(blake2b(f"action\0{epoch}\0{sealed(line)}".encode(), digest_size=8).digest(), "big")
        for epoch, line in actions
    ]


def short_digest(*parts: str) -> int:
    """Return 64 bits of a text's hash, for the additive digest of what a project holds."""
    data = "\0".join(parts).encode()
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")
