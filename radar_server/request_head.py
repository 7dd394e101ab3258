"""The head of a request, byte by byte: what two programs could read in two ways is refused. Pure.

RFC 9112 lets a server be lenient with line ends, folded lines and lengths told twice; whoever
stands before it may be lenient in another way, and then reads another request than we do.
"""

import re
from collections import Counter

HEAD_BYTES_MAX = 16 * 1024
FIELDS_MAX = 64
END = b"\r\n\r\n"
_AMBIGUOUS = re.compile(rb"[%\\]|/\.\.?(?:/|$)|//")
"""What makes one path of two: no path of ours needs an escape."""
_LINE = re.compile(rb"([A-Z]{1,16}) (/[!-~]*) HTTP/1\.([01])")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)")
_ONCE = frozenset(
    [
        b"host",
        b"content-length",
        b"content-type",
        b"content-encoding",
        b"transfer-encoding",
        b"expect",
        b"radar-device",
        b"radar-signature",
        b"radar-time",
    ]
)
"""Fields that say one thing: told twice, nobody knows which counts."""


def misread(head: bytes) -> str:
    """Return what is wrong with a head, told without its empty line; nothing where it is good."""
    first, *rest = head.split(b"\r\n")
    line = _LINE.fullmatch(first)
    if line is None:
        return "the request line"
    if _AMBIGUOUS.search(line[2].partition(b"?")[0]):
        return "the path"
    if len(rest) > FIELDS_MAX:
        return "too many fields"
    fields: list[tuple[bytes, bytes]] = []
    for one in rest:
        found = _FIELD.fullmatch(one)
        if found is None:
            return "a field"
        fields.append((found[1].lower(), found[2].strip(b" \t")))
    return _contradiction(fields, is_old=line[3] == b"0")


def _contradiction(fields: list[tuple[bytes, bytes]], *, is_old: bool) -> str:
    counts = Counter(name for name, _ in fields)
    told = dict(fields)
    length, coding = told.get(b"content-length"), told.get(b"transfer-encoding")
    if any(counts[name] > 1 for name in _ONCE):
        return "a field told twice"
    if b"host" not in told and not is_old:
        return "no host"
    if length is not None and not (length.isdigit() and len(length) <= 10):  # noqa: PLR2004
        return "the length"
    if coding is not None and (is_old or length is not None or coding.lower() != b"chunked"):
        return "the transfer encoding"
    return ""
