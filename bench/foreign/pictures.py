"""Pictures: files of every format, opened as the reader's own process opens them."""

import io
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from bench.foreign.decoder import Decoder
from radar_core.failures import Failure
from scanners.pictures import PIXELS_KEPT_MAX, SIDE_PX_MAX, open_picture

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF", "PDF")
_PNG = b"\x89PNG\r\n\x1a\n"
_FOLDER = TemporaryDirectory(prefix="radar-fuzz-")
_FILE = Path(_FOLDER.name) / "picture"


def _open(data: bytes, page: int = 0, *, colour: bool = False) -> bool:
    _FILE.write_bytes(data)
    try:
        picture = open_picture(str(_FILE), page, colour=colour)
    except Failure as failure:
        str(failure)
        return False
    assert picture.mode == ("RGB" if colour else "L")
    assert picture.width * picture.height <= PIXELS_KEPT_MAX
    assert max(picture.size) <= SIDE_PX_MAX
    return True


def _second_page(data: bytes) -> bool:
    return _open(data, 1)


def _photo(data: bytes) -> bool:
    return _open(data, colour=True)


def _png(data: bytes) -> bool:
    """Open a PNG whose chunks have the checksums that they ought to have."""
    made, at = bytearray(_PNG), 0
    while at + 8 <= len(data):
        size = min(int.from_bytes(data[at : at + 4], "big"), len(data) - at - 8)
        chunk = data[at + 4 : at + 8 + size]
        made += size.to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        at += 8 + size
    return _open(bytes(made))


def _chunks(png: bytes) -> bytes:
    """Return the chunks of a PNG without their checksums: `_png` takes it back."""
    made, at = bytearray(), len(_PNG)
    while at < len(png):
        end = at + 8 + int.from_bytes(png[at : at + 4], "big")
        made += png[at:end]
        at = end + 4
    return bytes(made)


def _file(form: str, mode: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((12, 9)).convert(mode).save(file, form, **options)
    return file.getvalue()


def _pages(form: str, mode: str, **options: object) -> bytes:
    more = [Image.new("L", (9, 7), shade) for shade in (0, 128)]
    return _file(form, mode, save_all=True, append_images=more, **options)


def _seeds() -> list[bytes]:
    exif = Image.Exif()
    exif[0x0112] = 6
    return [
        *(_file(form, "RGB") for form in FORMATS),
        _file("JPEG", "CMYK", exif=exif),
        _file("JPEG", "L", progressive=True),
        _TIFF,
        _file("TIFF", "1", compression="group4"),
        _file("TIFF", "F"),
        _pages("GIF", "P"),
        _file("WEBP", "RGBA", lossless=True),
        _file("PPM", "1"),
        b"P3 2 1 255\n1 2 3 4 5 6\n",
    ]


_TIFF = _pages("TIFF", "L", compression="tiff_lzw")
_SEEDS = _seeds()
DECODERS = (
    Decoder("picture", _open, _SEEDS),
    Decoder("second page", _second_page, [_TIFF]),
    Decoder("photo", _photo, [seed for seed in _SEEDS if not seed.startswith(b"%PDF")]),
    Decoder(
        "PNG",
        _png,
        [_chunks(_file("PNG", mode)) for mode in ("RGB", "LA", "P", "1", "I;16")],
    ),
)
