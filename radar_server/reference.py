"""References and ids as keys: bounded, printable, and as different as what they stand for."""

from sync.chain import digest

KEY_CHARS_MAX = 100
"""Longer ones would not fit into an index of PostgreSQL's; a foreign code may have 7,000."""
HASHED = "#"


def key_of(text: str) -> str:
    """Return `text` itself where a database can index it, else `#` and its hash."""
    if len(text) <= KEY_CHARS_MAX and text.isprintable() and not text.startswith(HASHED):
        return text
    return HASHED + digest(text.encode(errors="surrogatepass")).hex()
