"""Configuration: settings, keys, files that a verb is to believe, and where a phone says it is."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import scrypt
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from bench.foreign.decoder import Decoder
from radar_cli.settings import DEFAULTS, FILE, read_settings
from radar_core.actions import Moment
from radar_core.failures import Failure
from scanners.positions import fix_of_gpsd, fix_of_termux
from sync.journal import VAULT
from sync.keys import is_signed, load_key
from sync.proving import flaw_of, read_file
from sync.sealing import open_vault, seal
from sync.tries import TRIES, count_try
from sync.trust import AUTHORITY, checking, read_authority
from sync.vault import SECRET_BYTES

VECTORS = Path(__file__).parents[2] / "tests" / "vectors"
_FOLDER = TemporaryDirectory(prefix="radar-fuzz-")
_HOME = Path(_FOLDER.name)
_PIN = "482913"


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


def _authority(data: bytes) -> bool:
    """Read whom the phone believes, from its file."""
    path = _HOME / AUTHORITY
    path.write_bytes(data)
    try:
        checking("https://centre.example", read_authority(path))
    except Failure as failure:
        str(failure)
        return False
    return True


def _vault(data: bytes) -> bool:
    """Open a vault; its costs are told by itself, within limits."""
    (_HOME / VAULT).write_bytes(data)
    try:
        return open_vault(_HOME, _PIN) is not None
    except Failure as failure:
        str(failure)
        return False


def _tries(data: bytes) -> bool:
    """Count one more wrong PIN on top of what a file says."""
    (_HOME / TRIES).write_bytes(data)
    try:
        return count_try(_HOME, Moment("2026-01-01T00:00:00Z", 0, "boot", 10**9)) > 0
    except Failure as failure:
        str(failure)
        return False


def _small_vault() -> bytes:
    """Return a vault whose PIN costs next to nothing to try."""
    salt, nonce = bytes(16), bytes(12)
    key = scrypt(_PIN.encode(), salt=salt, n=2, r=1, p=1, dklen=32)
    sealed = seal(key, bytes(2 * SECRET_BYTES), b"radar vault 1", nonce).hex()
    costs = {"n": 2, "r": 1, "p": 1}
    told = {"format": 1, "name": "x", **costs, "salt": salt.hex(), "sealed": sealed}
    return json.dumps(told).encode()


def _certificate() -> bytes:
    """Return an authority's certificate, of a fixed key and for good."""
    key, day = (
        Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "RADAR")])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, day, day + timedelta(days=9_999)
    )
    signed = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(
        key, None
    )
    return signed.public_bytes(Encoding.PEM)


def _receipts() -> list[bytes]:
    told = json.loads((VECTORS / "receipts.json").read_text(encoding="utf-8"))
    plain = {"format": 1, "kind": "radar receipt", "centre_key": told["centre_public"]}
    proof = {"action": "EVECTOR000002.6", "before": "00" * 32, "lines": ['{"seq":6}']}
    files = [plain | {"receipts": [told["good"]], "proof": some} for some in (None, proof)]
    return [json.dumps(file).encode() for file in files]


def _termux(data: bytes) -> bool:
    return fix_of_termux(data) is not None


def _gpsd(data: bytes) -> bool:
    return fix_of_gpsd(data, 1_795_748_403.0) is not None


_TERMUX = b'{"latitude": 36.1, "longitude": 120.4, "accuracy": 8.5, "elapsedMs": 1500}'
_TPV = (
    b'{"class":"TPV","mode":3,"time":"2026-11-27T03:00:00.000Z","lat":36.1,"lon":120.4,"eph":9.5}'
)
_TOML = (
    b'lang = "zh"\ntimeout_s = 5\nposition = "on"\nwedge_suffix = "\\\\t"\nwedge_pause_ms = 50\n'
)
DECODERS = (
    Decoder("settings", _settings, [_TOML, b"", b"# none\n"]),
    Decoder("environment", _environment, [b"LANG=zh\nTIMEOUT_S=5\nWEDGE_PREFIX=\\x02"]),
    Decoder("key", _key, [bytes(range(32))]),
    Decoder("authority", _authority, [_certificate(), b""]),
    Decoder("vault", _vault, [_small_vault()]),
    Decoder("tries", _tries, [b'{"wrong": 2, "boot": "boot", "mono_ms": 5}']),
    Decoder("receipt", _receipt, _receipts()),
    Decoder("position of Termux", _termux, [_TERMUX]),
    Decoder("position of gpsd", _gpsd, [_TPV]),
)
