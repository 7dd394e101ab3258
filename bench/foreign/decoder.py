"""What is fed: a decoder, what it takes, and what breaks decoders in general."""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decoder:
    """A decoder of ours with inputs that it takes.

    `read` returns whether it took the bytes. A refusal that our code documents makes that False;
    whatever else is raised is a finding.
    """

    name: str
    read: Callable[[bytes], bool]
    taken: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Kind:
    """Decoders that are fed in one process: an input's first byte says which one gets the rest."""

    decoders: Sequence[Decoder]
    bytes_max: int

    def read(self, data: bytes) -> bool:
        """Feed one input; return whether it was taken."""
        return bool(data) and self.decoders[data[0] % len(self.decoders)].read(data[1:])

    def seeds(self) -> list[bytes]:
        """Return what to begin with: all that is taken, and what breaks decoders, for each one."""
        return [
            bytes([number]) + seed
            for number, decoder in enumerate(self.decoders)
            for seed in (*decoder.taken, *NASTY)
            if len(seed) < self.bytes_max
        ]


NASTY = (
    b"",
    b"[" * 5_000,
    b'{"a":' * 5_000,
    b"x = " + b"[" * 2_000,
    b"9" * 5_000,
    b'{"seq":' + b"9" * 5_000 + b"}",
    b'["\\ud800", 1e999, NaN, -Infinity, -0, 18446744073709551616]',
    "０１٣ ﷽ İß\u202e\u2028\u0085\x00".encode(),
    b"\xff\xfe\x00\xd8\xed\xa0\x80",
    b"=1+1\r\n'=x\r\n\"",
    b'{"n":1e999,"wrong":1e999,"r":1,"p":1,"boot":"b","mono_ms":1e999}',
    b"../" * 40,
    b"\x1b]0;x\x07\x9b31m",
)
"""Depth, length, numbers beyond any, halves of characters, controls: refused, and no more."""


def blind(seeds: Sequence[bytes], number: int, bytes_max: int) -> bytes:
    """Return the input of that number: a seed, or two of them, changed in a few places.

    The same number makes the same input; it is what a fuzzer does that sees no coverage.
    """
    rng = random.Random(number)  # noqa: S311 - repeatable on purpose
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(1, len(data) + 1)
        match rng.randrange(6):
            case 0:
                data[at : at + 1] = rng.randbytes(1)
            case 1:
                del data[at : at + rng.randint(1, 32)]
            case 2:
                data[at:at] = rng.choice(NASTY)[: rng.randint(1, 64)]
            case 3:
                data[at:at] = data[at : at + rng.randint(1, 64)] * rng.randint(1, 3)
            case 4:
                other = rng.choice(seeds)
                data[at:] = other[rng.randrange(len(other)) :]
            case _ if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case _:
                data += rng.randbytes(4)
    return bytes(data[:bytes_max])


def name_of_input(data: bytes) -> str:
    """Return a short name for an input."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()
