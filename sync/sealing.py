"""A phone's secret under its PIN, and what else is sealed: scrypt, then ChaCha20-Poly1305.

The secret itself is chance and never changes; a new PIN seals the same secret anew.
"""

import json
from collections.abc import Callable
from hashlib import scrypt
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from radar_core.failures import Failure, N_
from sync.durable import write_durably
from sync.journal import VAULT
from sync.vault import SECRET_BYTES, Secret

COST, BLOCK, LANES = 1 << 16, 8, 1
"""scrypt's own n, r and p: 64 MiB, and a quarter of a second on a desk's machine."""
COST_MAX, BLOCK_MAX, LANES_MAX = 1 << 20, 32, 16
NONCE_BYTES, TAG_BYTES = 12, 16
SALT_BYTES = 16
SEAL_BYTES = NONCE_BYTES + TAG_BYTES
"""So much longer is what is sealed."""
_ABOUT = b"radar vault 1"


def seal(key: bytes, data: bytes, about: bytes, nonce: bytes) -> bytes:
    """Return `data` so that only `key` opens it, and only as what it is `about`."""
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, data, about)


def unseal(key: bytes, sealed: bytes, about: bytes) -> bytes | None:
    """Return what was sealed, or None where key, data or `about` is another."""
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
    except (InvalidTag, ValueError):
        return None


def write_vault(home: Path, pin: str, secret: Secret, randomness: Callable[[int], bytes]) -> None:
    """Put the secret under a PIN, durably, in place of the vault that may be there."""
    salt = randomness(SALT_BYTES)
    key = _stretch(pin, salt, COST, BLOCK, LANES)
    nonce = randomness(NONCE_BYTES)
    told = {
        "format": 1,
        "name": _name(home) or randomness(SALT_BYTES).hex(),
        "n": COST,
        "r": BLOCK,
        "p": LANES,
        "salt": salt.hex(),
        "sealed": seal(key, secret.database + secret.signing, _ABOUT, nonce).hex(),
    }
    write_durably(home / VAULT, json.dumps(told).encode())


def open_vault(home: Path, pin: str) -> Secret | None:
    """Return the secret, or None for a wrong PIN; raise Failure `vault_broken`."""
    try:
        told = json.loads((home / VAULT).read_bytes())
        cost, block, lanes = (int(told[name]) for name in ("n", "r", "p"))
        salt, sealed = bytes.fromhex(told["salt"]), bytes.fromhex(told["sealed"])
        fits = 1 < cost <= COST_MAX and 0 < block <= BLOCK_MAX and 0 < lanes <= LANES_MAX
        most = cost if told["format"] == 1 and fits else 0  # which scrypt refuses
        key = _stretch(pin, salt, most, block, lanes)
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise Failure(
            "vault_broken",
            N_("The file {path} cannot be read ({reason}); without it nothing here can be opened."),
            N_("Do not delete anything. Show this to your supervisor."),
            path=home / VAULT,
            reason=error,
        ) from error
    opened = unseal(key, sealed, _ABOUT)
    if opened is None or len(opened) != 2 * SECRET_BYTES:
        return None
    return Secret(opened[:SECRET_BYTES], opened[SECRET_BYTES:])


def _name(home: Path) -> str:
    """Return the name of the vault that is there, empty for none."""
    try:
        return str(json.loads((home / VAULT).read_bytes())["name"])
    except FileNotFoundError:
        return ""


def _stretch(pin: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    memory = 128 * block * (cost + lanes + 2)
    return scrypt(pin.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=2 * memory, dklen=32)
