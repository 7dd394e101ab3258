"""Tag codes: ten random Crockford base-32 characters and one check character; what a label says.

The check character is a Damm-type check over GF(32): every single wrong character and every
swap of two neighbours is caught (H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004).
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARS = 10
CODE_CHARS = RANDOM_CHARS + 1
CODE_RANDOM_BYTES = 7
LABEL_CHARS_MAX = 7089
"""The most characters that any QR code can hold (version 40-L, digits: ISO/IEC 18004)."""

_VALUES = {char: value for value, char in enumerate(ALPHABET)}
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def check_char(body: str) -> str:
    """Return the check character for characters of `ALPHABET`."""
    check = 0
    for char in body:
        check ^= _VALUES[char]
        check <<= 1
        if check & 32:
            check ^= 0b100101
    return ALPHABET[check]


def make_code(randomness: bytes) -> str:
    """Return a code made of at least `CODE_RANDOM_BYTES` random bytes."""
    assert len(randomness) >= CODE_RANDOM_BYTES, "a code needs 50 random bits"
    number = int.from_bytes(randomness, "big")
    body = "".join(ALPHABET[number >> 5 * place & 31] for place in range(RANDOM_CHARS))
    return body + check_char(body)


def parse_code(text: str) -> str | None:
    """Return the code that `text` spells, or None; forgives case, hyphens, spaces, O, I and L."""
    code = _spelt(text)
    return code if code is not None and check_char(code[:-1]) == code[-1] else None


def mistyped_code(text: str) -> str | None:
    """Return what `text` spells where it looks like a code of ours and fails its check, or None.

    Digits alone are a maker's number: of our codes one in 100,000 has no letter.
    """
    code = _spelt(text)
    if code is None or code.isdigit() or check_char(code[:-1]) == code[-1]:
        return None
    return code


def _spelt(text: str) -> str | None:
    if len(text) > 4 * CODE_CHARS:
        return None
    code = text.strip().upper().translate(_FORGIVEN)
    return code if len(code) == CODE_CHARS and _VALUES.keys() >= set(code) else None


def code_of_label(text: str) -> str | None:
    """Return the code on a label: `HTTPS://<domain>/<CODE>`, or the code alone, as typed."""
    head, slash, tail = text.strip().rpartition("/")
    if slash and not head[:8].upper().startswith(("HTTP://", "HTTPS://")):
        return None
    return parse_code(tail)


def label_text(domain: str, code: str) -> str:
    """Return what is printed as a QR code: all of it in QR's alphanumeric mode."""
    return f"HTTPS://{domain.upper()}/{code}"


def typable(code: str) -> str:
    """Return the code as it is printed below the QR code: `XXXX-XXXX-XXX`."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"
