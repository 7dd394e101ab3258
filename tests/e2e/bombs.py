"""Small bodies that would unpack to a gigabyte, or ask for the memory of one."""

import gzip
import zlib

import zstandard

from tests.e2e.strangers import PACKED_GIGABYTE

MIB = 1024 * 1024


def _gzipped_gigabyte() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    packed = [packer.compress(bytes(MIB)) for _ in range(1024)]
    return b"".join([*packed, packer.flush()])


def _wide() -> bytes:
    """Return a frame that asks for a window of 2 GiB, and the beginning of its data."""
    magic, descriptor, window = b"\x28\xb5\x2f\xfd", b"\x00", bytes([(31 - 10) << 3])
    one_block = (8 << 3 | 1 << 1 | 1).to_bytes(3, "little") + b"\0"
    return magic + descriptor + window + one_block


GZIPPED = _gzipped_gigabyte()
BOMBS: dict[str, tuple[str, bytes, int, str]] = {
    "gzip": ("gzip", GZIPPED, 413, "too_large"),
    "zstd": ("zstd", PACKED_GIGABYTE, 413, "too_large"),
    "gzip in zstd": ("zstd", zstandard.compress(GZIPPED), 400, "bad_body"),
    "gzip in zstd, told": ("gzip, zstd", zstandard.compress(GZIPPED), 415, "bad_type"),
    "zstd in zstd": ("zstd", zstandard.compress(PACKED_GIGABYTE), 400, "bad_body"),
    "a window of 2 GiB": ("zstd", _wide(), 400, "bad_body"),
    "many frames": ("gzip", gzip.compress(bytes(MIB)) * 1024, 400, "bad_body"),
    "deflate": ("deflate", zlib.compress(bytes(MIB)), 415, "bad_type"),
    "an encoding of 8 KiB": ("gzip," * 1638, b"", 415, "bad_type"),
}
"""By name: the encoding that is told, the body, and the centre's status and code."""
