"""Bodies as they cross the wire: read with a limit, taken out of and put into their encoding."""

import io
import zlib
from collections.abc import AsyncIterator, Callable

import zstandard

from radar_server.problems import Problem
from sync.protocol import BODY_BYTES_MAX

ZSTD_LEVEL = 3
ZSTD_WINDOW_MAX = 8 * 1024 * 1024
"""What a decoder of RFC 9659 grants a frame; a larger one may be asked for to eat memory."""
GZIP_LEVEL = 6
GZIP_BITS = 16 + zlib.MAX_WBITS
SMALL_BYTES = 128
"""Shorter answers are sent as they are: compression would only add to them."""


async def read_body(
    stream: AsyncIterator[bytes],
    size_max: int = BODY_BYTES_MAX,
    make_room: Callable[[int, int], object] = lambda _before, _size: None,
) -> bytes:
    """Return a request's body as it was sent; raise Problem `too_large` as soon as it is.

    `make_room` is told of each chunk before it is kept: how much came before, and its size.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in stream:
        size += len(chunk)
        if size > size_max:
            raise Problem("too_large", f"More than {size_max} bytes came.")
        make_room(size - len(chunk), len(chunk))
        chunks.append(chunk)
    return b"".join(chunks)


def decompress(body: bytes, encoding: str, size_max: int = BODY_BYTES_MAX) -> bytes:
    """Return the body behind a content encoding; raise Problem for a bomb or a broken one."""
    try:
        match encoding:
            case "" | "identity":
                return body
            case "zstd":
                plain = _unzstd(body, size_max)
            case "gzip":
                plain = _gunzip(body, size_max)
            case _:
                raise Problem("bad_type", "Content-Encoding is zstd, gzip or identity.")
    except (zstandard.ZstdError, zlib.error) as error:
        raise Problem("bad_body", f"The {encoding} stream is broken.") from error
    if len(plain) > size_max:
        raise Problem("too_large", f"It unpacks to more than {size_max} bytes.")
    return plain


def _unzstd(body: bytes, size_max: int) -> bytes:
    decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_MAX)
    with decoder.stream_reader(io.BytesIO(body)) as reader:
        return reader.read(size_max + 1)


def _gunzip(body: bytes, size_max: int) -> bytes:
    decoder = zlib.decompressobj(GZIP_BITS)
    plain = decoder.decompress(body, size_max + 1)
    if not decoder.eof and len(plain) <= size_max:
        raise Problem("bad_body", "The gzip stream was cut.")
    return plain


def compress(body: bytes, accepted: str) -> tuple[bytes, str]:
    """Return the body in the best encoding that `accepted` (Accept-Encoding) allows, and its name.

    The name is empty where the body stays as it is.
    """
    if len(body) < SMALL_BYTES:
        return body, ""
    offered = _accepted(accepted)
    if "zstd" in offered:
        return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body), "zstd"
    if "gzip" in offered:
        encoder = zlib.compressobj(GZIP_LEVEL, wbits=GZIP_BITS)
        return encoder.compress(body) + encoder.flush(), "gzip"
    return body, ""


def _accepted(header: str) -> set[str]:
    """Return the encodings that a header names and does not rule out by `q=0`."""
    names: set[str] = set()
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "").removeprefix("q=").strip("0.") or not weight:
            names.add(name.strip())
    return names
