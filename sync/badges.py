"""Badges: who takes a shared phone in hand proves it with a badge and a PIN, without any network.

A badge's text has a random secret and its person's id. Secret and PIN together make a key pair, by
a slow hash; the site book has its public half alone. So neither a phone nor the centre has anything
by which a badge or a PIN could be guessed, and a badge without its PIN is tried as slowly as that.
"""

import unicodedata
from base64 import b32decode, b32encode
from binascii import Error
from collections.abc import Mapping
from itertools import pairwise

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from radar_core.jsontext import decode_object
from sync.chain import digest
from sync.keys import KEY_BYTES, KeyPair, is_signed

PREFIX = "RADAR-BADGE:"
SECRET_BYTES = 16
SLOW: Mapping[str, int] = {"n": 1 << 15, "r": 8, "p": 4}
"""The hash takes 32 MiB, and some 0.3 s of a laptop: see bench/RESULTS.md."""
MARK_CHARS = 16
PIN_DIGITS, PIN_DIGITS_MAX = 6, 12
_TEXT_CHARS_MAX = 200


class Badge:
    """What a badge's text says: whose it is, and its secret."""

    __slots__ = ("secret", "staff")

    def __init__(self, staff: str, secret: bytes) -> None:
        assert len(secret) == SECRET_BYTES, "a badge's secret is 16 random bytes"
        self.staff = staff
        self.secret = secret

    @property
    def text(self) -> str:
        """The text of its QR code, in alphanumeric mode."""
        packed = b32encode(self.secret + self.staff.encode()).decode()
        return PREFIX + packed.rstrip("=")

    @property
    def mark(self) -> str:
        """What tells this badge from its person's others, and nothing of its secret."""
        return digest(b"radar badge 1\n" + self.secret).hex()[:MARK_CHARS]

    def keys(self, pin: str, slow: Mapping[str, int]) -> KeyPair:
        """Return the key pair that badge and PIN make together; it takes its time."""
        salt = b"radar badge key 1\n" + self.staff.encode()
        hard = Scrypt(salt, KEY_BYTES, slow["n"], slow["r"], slow["p"])
        return KeyPair(hard.derive(self.secret + pin.encode()))

    def record(self, pin: str, slow: Mapping[str, int] = SLOW) -> dict[str, object]:
        """Return what the site book has of this badge with that PIN."""
        key = self.keys(pin, slow).public
        return {"key": key.hex(), "mark": self.mark, "slow": dict(slow)}


def read_badge(text: str) -> Badge | None:
    """Return the badge of a text, None for one that is none or is damaged."""
    packed = text.strip().upper()
    if not packed.startswith(PREFIX) or len(packed) > _TEXT_CHARS_MAX:
        return None
    packed = packed.removeprefix(PREFIX)
    try:
        data = b32decode(packed + "=" * (-len(packed) % 8))
        staff = data[SECRET_BYTES:].decode()
    except (Error, ValueError):
        return None
    return Badge(staff, data[:SECRET_BYTES]) if staff else None


def plain_pin(text: str) -> str | None:
    """Return the digits of a PIN as a person types them; None for what is no PIN."""
    digits = unicodedata.normalize("NFKC", text).strip()
    fits = digits.isascii() and digits.isdigit()
    return digits if fits and PIN_DIGITS <= len(digits) <= PIN_DIGITS_MAX else None


def is_guessable(pin: str) -> bool:
    """Tell whether a PIN is one that anybody tries first: 111111, 123456, 987654."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1 and not steps.isdisjoint((0, 1, 9))


def sign_in_message(device: str, epoch: str, line: str) -> bytes:
    """Return what a badge's key signs: the line of the sign-in as it is without its signature."""
    return f"radar signin 1\n{device}\n{epoch}\n{digest(line.encode()).hex()}".encode()


def is_sign_in(
    key: bytes, device: str, line: str, stood: tuple[str, int], after: bytes | None
) -> bool:
    """Tell whether a line is the sign-in that the owner of `key` made on that device, there.

    `stood` is where the line was recorded: a moved one tells it, see `sync.forking`. `after` is the
    chain's hash before it, where that can be known.
    """
    epoch, seq = stood
    try:
        fields = decode_object(line)
        body, number = fields["body"], fields["seq"]
    except (ValueError, RecursionError, KeyError):
        return False
    if not isinstance(body, dict) or (after is not None and body.get("after") != after.hex()):
        return False
    signature = body.get("signature")
    if not isinstance(signature, str):
        return False
    head, was, tail = f'{{"seq":{number},', "", f',"signature":"{signature}"}}'
    if "was" in fields:
        was = f',"was":"{fields["was"]}"'
    if not line.startswith(head) or not line.endswith(f"{tail}{was}}}"):
        return False
    middle = line[len(head) : -len(f"{tail}{was}}}")]
    recorded = f'{{"seq":{seq},{middle}}}}}'
    try:
        proof = bytes.fromhex(signature)
    except ValueError:
        return False
    return is_signed(key, proof, sign_in_message(device, epoch, recorded))
