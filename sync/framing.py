"""How a message of the protocol lies in its bytes: a header line with a seal, then lines. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from sync.chain import CHECKSUM_BYTES, checksum

FORMAT = 1
HEADER_BYTES_MAX = 256 * 1024
SEAL_BYTES = len(b',"checksum":""}') + 2 * CHECKSUM_BYTES


class WireError(ValueError):
    """Bytes that are not a message of this protocol; the text says what is wrong with them."""


class WrongFormat(WireError):
    """A message of another format of the protocol: one side is older than the other."""


def pack(header: dict[str, object], lines: Sequence[str]) -> bytes:
    """Return a message: the header, which gets its `count` and `checksum`, then the lines."""
    rest = "\n".join(lines).encode()
    header["count"] = len(lines)
    head = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return _seal(head, rest) + b"\n" + rest


def _seal(head: bytes, rest: bytes) -> bytes:
    """Add the checksum of all the body as the header's last member."""
    return b'%b,"checksum":"%b"}' % (head[:-1], checksum(head + b"\n" + rest).hex().encode())


def unpack(body: bytes) -> tuple[dict[str, Any], list[str]]:
    """Return the header and the lines of a message; raise WireError unless all of it fits."""
    head, newline, rest = body.partition(b"\n")
    if not newline or len(head) > HEADER_BYTES_MAX:
        raise WireError("there is no header line")
    try:
        header = json.loads(head)
        plain = rest.decode()
    except (ValueError, RecursionError) as error:
        raise WireError("the body is not JSON text in UTF-8") from error
    if not isinstance(header, dict) or type(header.get("format")) is not int:
        raise WireError("the header says no format")
    if header["format"] != FORMAT:
        raise WrongFormat(f"this is format {header['format']} of the protocol, not format {FORMAT}")
    if head != _seal(head[:-SEAL_BYTES] + b"}", rest):
        raise WireError("the checksum does not fit: the body was cut or changed on its way")
    lines = plain.split("\n") if header.get("count") else []
    if header.get("count") != len(lines) or (rest and not lines):
        raise WireError("the count of lines does not fit")
    return header, lines


def text(value: object) -> str:
    """Return a member that must be a text; raise TypeError."""
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    return value


def whole(value: object) -> int:
    """Return a member that must be a whole number from 0 to 2⁶³ - 1; raise TypeError."""
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise TypeError("a whole number is expected")
    return value
