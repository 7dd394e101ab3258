"""Configuration: settings, keys, and the files that are handed to a verb to be believed or not."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.foreign.decoder import Decoder
from radar_cli.settings import DEFAULTS, FILE, read_settings
from radar_core.failures import Failure
from sync.keys import is_signed, load_key
from sync.proving import flaw_of, read_file

VECTORS = Path(__file__).parents[2] / "tests" / "vectors"
_FOLDER = TemporaryDirectory(prefix="radar-fuzz-")
_HOME = Path(_FOLDER.name)


def _settings(data: bytes) -> bool:
    (_HOME / FILE).write_bytes(data)
    try:
        settings = read_settings({"home": str(_HOME)}, {})
    except Failure as failure:
        str(failure)
        return False
    assert settings.keys() == {"home", *DEFAULTS}
    return True


def _environment(data: bytes) -> bool:
    """Read variables, one a line, as a shell or a service would set them."""
    (_HOME / FILE).unlink(missing_ok=True)
    lines = data.decode(errors="surrogateescape").replace("\0", "").split("\n")
    environ = {f"RADAR_{name}": value for name, _, value in (line.partition("=") for line in lines)}
    try:
        read_settings({"home": str(_HOME)}, environ)
    except Failure as failure:
        str(failure)
        return False
    return True


def _key(data: bytes) -> bool:
    path = _HOME / "key"
    path.write_bytes(data)
    try:
        pair = load_key(path)
    except Failure as failure:
        str(failure)
        return False
    return is_signed(pair.public, pair.sign(data), data)


def _receipt(data: bytes) -> bool:
    try:
        file = read_file(data)
    except ValueError:
        return False
    flaw_of(file, bytes(32), is_signed)
    flaw_of(file, bytes(32), lambda _key, _signature, _message: True)
    return True


def _receipts() -> list[bytes]:
    told = json.loads((VECTORS / "receipts.json").read_text(encoding="utf-8"))
    plain = {"format": 1, "kind": "radar receipt", "centre_key": told["centre_public"]}
    proof = {"action": "EVECTOR000002.6", "before": "00" * 32, "lines": ['{"seq":6}']}
    files = [plain | {"receipts": [told["good"]], "proof": some} for some in (None, proof)]
    return [json.dumps(file).encode() for file in files]


_TOML = (
    b'lang = "zh"\ntimeout_s = 5\nposition = "on"\nwedge_suffix = "\\\\t"\nwedge_pause_ms = 50\n'
)
DECODERS = (
    Decoder("settings", _settings, [_TOML, b"", b"# none\n"]),
    Decoder("environment", _environment, [b"LANG=zh\nTIMEOUT_S=5\nWEDGE_PREFIX=\\x02"]),
    Decoder("key", _key, [bytes(range(32))]),
    Decoder("receipt", _receipt, _receipts()),
)
