"""What the locks hold: each requirement's name, version and hashes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN, DEV, FUZZ = (ROOT / f"requirements{which}.lock" for which in ("", "-dev", "-fuzz"))
_LOCKED = re.compile(r"([a-z0-9.-]+)==(\S+)(?: ; [^\\#]+)?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Locked:
    """One requirement of a lock, with the SHA-256 of each of its files."""

    name: str
    version: str
    hashes: tuple[str, ...]


def read_lock(path: Path) -> list[Locked]:
    """Return what a lock holds, in its order; raise ValueError for a line that is not hashed."""
    return list(_read(path.read_text(encoding="utf-8")))


def _read(text: str) -> Iterator[Locked]:
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found, hashes = _LOCKED.match(line), _HASH.findall(line)
        if not found or not hashes:
            raise ValueError(f"not one version with hashes: {line[:80]}")
        yield Locked(found[1], found[2], tuple(hashes))
