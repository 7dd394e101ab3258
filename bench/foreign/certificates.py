"""The centre's certificate and its authority, as somebody may have put them into its folder."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.foreign.decoder import Decoder
from radar_core.failures import Failure
from radar_server.certificates import (
    AUTHORITY,
    AUTHORITY_KEY,
    CERTIFICATE,
    CERTIFICATE_KEY,
    make_certificate,
)
from radar_server.transport import authority_of, papers_of

_FOLDER = TemporaryDirectory(prefix="radar-fuzz-")
_HOME = Path(_FOLDER.name)
_NOW = datetime.now(UTC)
make_certificate(_HOME, ["centre.example"], "RADAR", _NOW)
_WHOLE = {
    name: (_HOME / name).read_bytes()
    for name in (AUTHORITY, AUTHORITY_KEY, CERTIFICATE, CERTIFICATE_KEY)
}


def _with(name: str, data: bytes) -> None:
    """Put all files there as they ought to be, but for one."""
    for each, whole in _WHOLE.items():
        (_HOME / each).write_bytes(data if each == name else whole)


def _served(name: str, data: bytes) -> bool:
    """Take them up as `radar serve` does."""
    _with(name, data)
    try:
        papers = papers_of(str(_HOME), "", "")
        return bool(authority_of(str(_HOME), papers, ""))
    except Failure as failure:
        str(failure)
        return False


def _made_again(name: str, data: bytes) -> bool:
    """Renew the certificate on the ground of what is there."""
    _with(name, data)
    try:
        return bool(make_certificate(_HOME, [], "RADAR", _NOW).names)
    except Failure as failure:
        str(failure)
        return False


DECODERS = (
    Decoder("served certificate", lambda data: _served(CERTIFICATE, data), [_WHOLE[CERTIFICATE]]),
    Decoder("its key", lambda data: _served(CERTIFICATE_KEY, data), [_WHOLE[CERTIFICATE_KEY]]),
    Decoder("its authority", lambda data: _served(AUTHORITY, data), [_WHOLE[AUTHORITY]]),
    Decoder("certificate", lambda data: _made_again(CERTIFICATE, data), [_WHOLE[CERTIFICATE]]),
    Decoder("authority", lambda data: _made_again(AUTHORITY, data), [_WHOLE[AUTHORITY]]),
    Decoder(
        "authority key", lambda data: _made_again(AUTHORITY_KEY, data), [_WHOLE[AUTHORITY_KEY]]
    ),
)
