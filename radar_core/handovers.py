"""A round handed from phone to phone: a text for a QR code, read without any network.

    RADAR1:H:  and  base 32 of the deflated JSON of who hands what over

Base 32 has the characters of a QR code's alphanumeric mode; the deflated stream carries a checksum.
"""

import zlib
from base64 import b32decode, b32encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from radar_core.jsontext import decode_object, encode

PREFIX = "RADAR1:H:"
_BYTES_MAX = 16 * 1024
"""More than any round's checkpoints take, deflated or not."""
_TEXTS = {"task", "project", "giver", "to", "action"}


@dataclass(frozen=True, slots=True)
class Handover:
    """Which round one person gives another, or anybody where `to` is empty.

    `visited` maps a checkpoint's index (as text) to the action that ticked it off, `action` is the
    handover itself.
    """

    task: str
    project: str
    giver: str
    to: str
    action: str
    visited: Mapping[str, str]


def write_handover(handover: Handover) -> str:
    """Return the text that a colleague's phone scans."""
    packed = zlib.compress(encode(asdict(handover)).encode(), 9)
    return PREFIX + b32encode(packed).decode().rstrip("=")


def read_handover(text: str) -> Handover | None:
    """Return what a text that begins with `PREFIX` hands over; None for a damaged one."""
    packed = text.strip().upper().removeprefix(PREFIX)
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(b32decode(packed + "=" * (-len(packed) % 8)), _BYTES_MAX)
        told = decode_object(data.decode())
    except (Error, zlib.error, ValueError):
        return None
    visited = told.pop("visited", None)
    if not unpacker.eof or told.keys() != _TEXTS or not isinstance(visited, dict):
        return None
    if not all(isinstance(value, str) for value in (*told.values(), *visited.values())):
        return None
    texts = {name: str(value) for name, value in told.items()}
    if not all(texts[name] for name in _TEXTS - {"to"}):
        return None
    return Handover(**texts, visited={index: str(visited[index]) for index in visited})
