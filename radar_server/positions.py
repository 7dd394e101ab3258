"""Positions in what comes in: only one that can be deleted later is taken (`sync.chain.sealed`)."""

import re
from collections.abc import Mapping

import msgspec

from radar_core.scans import position_of
from sync.chain import POSITION, position_in, sealed

POSITION_CHARS_MAX = 512
_SALT = re.compile("[0-9a-f]{32}")
_SEAL = re.compile("[0-9a-f]{64}")
_DECODE = msgspec.json.Decoder(dict[str, object]).decode


def is_deletable(line: str, body: Mapping[str, object]) -> bool:
    """Tell whether a line has no position, or one that sealing deletes and nobody can guess then.

    That is: in the plain form, with a salt; or sealed already.
    """
    if POSITION not in line:
        return "position" not in body or _is(_SEAL, body["position"])
    text = position_in(line)
    if not 0 < len(text) <= POSITION_CHARS_MAX:
        return False
    try:
        position = _DECODE(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return False
    is_theirs = position == body.get("position")
    return is_theirs and _is(_SALT, position.get("salt")) and position_of(position) is not None


def sealed_bytes(line: bytes) -> bytes:
    """Return a quarantined line sealed; it may be no text at all."""
    return sealed(line.decode(errors="surrogateescape")).encode(errors="surrogateescape")


def _is(form: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None
