"""Labels: what a code in a picture, a keyboard wedge or a person may say."""

import zlib
from base64 import b32encode

from bench.foreign.decoder import Decoder
from radar_core.failures import Failure
from radar_core.handovers import PREFIX, Handover, read_handover, write_handover
from radar_core.tags import CODE_CHARS, code_of_label, label_text, make_code, mistyped_code, typable
from scanners.sources import clean_code, kind_of_source
from scanners.wedge import LINE_BYTES_MAX, Lines, Wedge, bare_text, read_wedge, unescaped
from sync.badges import Badge, is_guessable, plain_pin, read_badge
from sync.enrolling import read_invitation, write_invitation

CODE = make_code(b"fuzzing")
LABEL = label_text("R.EXAMPLE", CODE)
HANDOVER = Handover("T1", "HV", "G1", "", "E.1", {"0": "E.2"})
_TEXT_SEEDS = (LABEL.encode(), CODE.encode(), typable(CODE).encode())


def _label(data: bytes) -> bool:
    text = data.decode("utf-8", "backslashreplace")
    kind_of_source(text)
    try:
        clean = clean_code(text)
    except Failure:
        return False
    code = code_of_label(clean)
    wrong = mistyped_code(clean)
    assert code is None or (len(code) == CODE_CHARS and wrong is None and code.isascii())
    return code is not None


def _wedge(data: bytes) -> bool:
    """Cut bytes in pieces into lines, whatever the scanner puts around its codes."""
    size, flags, rest = data[:1], data[1:2], data[2:]
    pause_s = 0.1 if flags > b"\x7f" else 0.0
    suffix = b"\r" if flags < b"\x40" else b"##"
    wedge = Wedge(b"\x02" if flags > b"\x20" else b"", suffix, pause_s)
    lines, step = Lines(wedge), 1 + (size[0] if size else 0)
    found = [one for at in range(0, len(rest), step) for one in lines.feed(rest[at : at + step])]
    found += lines.end()
    whole = Lines(wedge)
    alike = [*whole.feed(rest), *whole.end()]
    assert list(map(str, found)) == list(map(str, alike)), "it is cut alike in any pieces"
    texts = [one for one in found if isinstance(one, str)]
    assert all(len(one) <= 4 * LINE_BYTES_MAX for one in texts)
    return bool(texts)


def _affixes(data: bytes) -> bool:
    """Read the settings of a wedge, then cut a line by them."""
    prefix, _, rest = data.decode(errors="replace").partition("\n")
    suffix, _, pause = rest.partition("\n")
    try:
        unescaped(prefix)
    except ValueError:
        return False
    try:
        wedge = read_wedge(prefix, suffix, pause)
    except Failure:
        return False
    bare_text(prefix + CODE + suffix, wedge)
    return True


def _handover(data: bytes) -> bool:
    found = read_handover(data.decode("utf-8", "backslashreplace"))
    return found is not None and read_handover(write_handover(found)) == found


def _handover_inside(data: bytes) -> bool:
    packed = b32encode(zlib.compress(data)).decode().rstrip("=")
    return read_handover(PREFIX + packed) is not None


def _invitation(data: bytes) -> bool:
    found = read_invitation(data.decode("utf-8", "backslashreplace"))
    return found is not None and read_invitation(write_invitation(*found)) is not None


def _badge(data: bytes) -> bool:
    """Read a badge, and a PIN behind it; whoever has both may only have been told them."""
    text, _, pin = data.decode("utf-8", "backslashreplace").partition("\n")
    found, digits = read_badge(text), plain_pin(pin)
    if digits is not None:
        is_guessable(digits)
    return found is not None and read_badge(found.text) is not None


def _inside_of(handover: Handover) -> bytes:
    from dataclasses import asdict

    from radar_core.jsontext import encode

    return encode(asdict(handover)).encode()


DECODERS = (
    Decoder("label", _label, _TEXT_SEEDS),
    Decoder("wedge", _wedge, [b"\x03\x10" + LABEL.encode() + b"\r\n", b"\x01\x80\x02]Q1x##y"]),
    Decoder("wedge's settings", _affixes, [b"\\x02\n\\t\n50", b"\n\n0"]),
    Decoder("invitation", _invitation, [write_invitation("https://C.EXAMPLE:8080", CODE).encode()]),
    Decoder("badge", _badge, [Badge("G1", bytes(16)).text.encode() + b"\n482913"]),
    Decoder("handover", _handover, [write_handover(HANDOVER).encode()]),
    Decoder("handover, unpacked", _handover_inside, [_inside_of(HANDOVER)]),
)
