"""Open a picture file safely: whatever lies there, a picture or a failure with a sentence."""

import os
import stat
import struct
import warnings
import zlib
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

from radar_core.failures import UNREADABLE, Failure, N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import IO

PAGES_MAX = 20
"""So many pages of a file are looked at: a tag lies on the first ones, or it is the wrong file."""
FILE_BYTES_MAX = 64 * 2**20
PIXELS_MAX = 2**26
"""The most pixels that are decoded: a phone with a 64-megapixel camera comes through."""
PIXELS_KEPT_MAX = 2**24
"""Larger pictures are halved until they are below this."""
SIDE_PX_MAX = 2**15 - 1
"""The longest side of what is kept: half of what zxing-cpp takes, so that twice fits in too."""

# Pillow is asked for the one format that the first bytes name: trying all would import all of
# its readers, and some (EPS) start programs.
_FORMAT_BYTES = 12
_FORMATS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"%PDF-", "PDF"),
    (b"P", "PPM"),
)
_HEIC = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))

_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What Pillow's readers raise on hostile files, besides what they mean to raise.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
)


def open_picture(path: str, page: int = 0, *, colour: bool = False) -> Image.Image:
    """Return the first frame of a picture file, upright, as 8-bit grey ("L"), alpha over white.

    With `colour` it is "RGB", and a PDF is no picture.
    Of a PDF or a TIFF, `page` is returned; `info["pages"]` says how many there are to look at.

    At most `FILE_BYTES_MAX` and `PIXELS_MAX` are decoded; the result has at most
    `PIXELS_KEPT_MAX` pixels and sides of at most `SIDE_PX_MAX`. Of a file that is cut off, what
    is there is returned, with `info["cut_off"]` set. Raises `Failure` with exit code 3; never
    blocks on a pipe or device and never warns.
    """
    shown = path.encode("utf-8", "backslashreplace").decode()
    _check_file(path, shown)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _whole(path, shown, page, colour) or _cut_off(path, shown, page, colour)
        except (Image.DecompressionBombError, MemoryError) as error:
            raise _too_many_pixels(shown) from error
        except PermissionError as error:
            raise _not_permitted(shown) from error
        except _BROKEN as error:
            raise Failure(
                "picture_unreadable",
                N_("{file} cannot be read as a picture."),
                N_("Photograph the tag again, or type the code printed below it: radar scan CODE"),
                exit_code=UNREADABLE,
                file=shown,
            ) from error


def _check_file(path: str, shown: str) -> None:
    try:
        status = os.stat(path)
    except PermissionError as error:
        raise _not_permitted(shown) from error
    except (OSError, ValueError) as error:
        raise Failure(
            "picture_missing",
            N_("There is no file {file}."),
            N_("Check the name, or type the code printed below the tag: radar scan CODE"),
            exit_code=UNREADABLE,
            file=shown,
        ) from error
    if not stat.S_ISREG(status.st_mode):
        raise Failure(
            "picture_not_a_file",
            N_("{file} is not a file but a folder, a pipe or a device."),
            N_("Name a picture file: radar scan PHOTO.jpg"),
            exit_code=UNREADABLE,
            file=shown,
        )
    if status.st_size == 0:
        raise Failure(
            "picture_empty",
            N_("{file} is empty."),
            N_("Photograph the tag again; is the disk full?"),
            exit_code=UNREADABLE,
            file=shown,
        )
    if status.st_size > FILE_BYTES_MAX:
        raise Failure(
            "picture_too_large",
            N_("{file} has {size_mb} MB; a picture may have {most_mb} MB."),
            N_("Make the picture smaller, or photograph the tag again."),
            exit_code=UNREADABLE,
            file=shown,
            size_mb=-(-status.st_size // 2**20),
            most_mb=FILE_BYTES_MAX // 2**20,
        )


def _not_permitted(shown: str) -> Failure:
    return Failure(
        "picture_not_permitted",
        N_("{file} may not be read by this user."),
        N_("Copy the picture to a folder of your own and scan the copy."),
        exit_code=UNREADABLE,
        file=shown,
    )


def _too_many_pixels(shown: str) -> Failure:
    return Failure(
        "picture_too_many_pixels",
        N_("{file} has too many pixels; a picture may have {most_mpx} million."),
        N_("Make the picture smaller, or photograph the tag again."),
        exit_code=UNREADABLE,
        file=shown,
        most_mpx=PIXELS_MAX // 10**6,
    )


def _whole(path: str, shown: str, page: int, colour: bool) -> Image.Image | None:  # noqa: FBT001 - ours
    """Return the picture, or None where the file ends too early or is damaged inside."""
    with open(path, "rb") as file:
        form = _format(file.read(_FORMAT_BYTES))
    if form == "PDF" and colour:
        raise UnidentifiedImageError
    if form in {"PDF", "HEIC"}:
        return _document(path, shown, form, page, colour)
    with _quiet(form), Image.open(path, formats=(form,)) as picture:
        pages = _turn_to(picture, form, page)
        _prepare(picture, shown, "RGB" if colour else "L")
        try:
            picture.load()
        except _BROKEN:
            return None
        upright = _upright(picture, colour)
    upright.info["pages"] = pages
    return upright


def _document(path: str, shown: str, form: str, page: int, colour: bool) -> Image.Image:  # noqa: FBT001 - ours
    from scanners.documents import open_heic, open_pdf

    if form == "HEIC":
        return _upright(open_heic(path, shown, PIXELS_MAX), colour)
    drawn, pages = open_pdf(path, page, PIXELS_KEPT_MAX)
    grey = _fewer(drawn)
    grey.info["pages"] = pages
    return grey


def _turn_to(picture: Image.Image, form: str, page: int) -> int:
    """Turn to a page and return how many there are; an animation has one, its first."""
    if form != "TIFF":
        return 1
    from scanners.documents import turn_to

    return turn_to(picture, page)


def _cut_off(path: str, shown: str, page: int, colour: bool) -> Image.Image:  # noqa: FBT001 - ours
    """Return what can be decoded of a damaged file, without Pillow's global switch for it.

    With an end-of-image mark behind it libjpeg finishes what it has, progressive pictures too;
    with no tile left to load Pillow hands out the rows that it had decoded before the end.
    """
    with open(path, "rb") as file:
        data = file.read(FILE_BYTES_MAX) + b"\xff\xd9"
    form = _format(data)
    with _quiet(form), Image.open(_stream(data), formats=(form,)) as picture:
        pages = _turn_to(picture, form, page)
        _prepare(picture, shown, "RGB" if colour else "L")
        try:
            picture.load()
        except _BROKEN:
            picture.tile = []
        upright = _upright(picture, colour)
    upright.info |= {"cut_off": True, "pages": pages}
    return upright


def _format(head: bytes) -> str:
    for magic, form in _FORMATS:
        if head.startswith(magic):
            return form
    if head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:12] in {b"ftypavif", b"ftypavis"}:
        return "AVIF"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC:
        return "HEIC"
    raise UnidentifiedImageError


@contextmanager
def _quiet(form: str) -> "Generator[None]":
    """Keep off the terminal what libtiff, a C library, writes there about damaged files.

    For the other formats nothing is done: another thread may be drawing on descriptor 2.
    """
    kept = _copy_of_descriptor_2() if form == "TIFF" else None
    if kept is None:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _copy_of_descriptor_2() -> int | None:
    try:
        return os.dup(2)
    except OSError:  # it is closed: then nothing can be written there either
        return None


def _stream(data: bytes) -> "IO[bytes]":
    from io import BytesIO

    return BytesIO(data)


def _prepare(picture: Image.Image, shown: str, mode: str) -> None:
    """Refuse what is too large before a pixel is decoded; let libjpeg decode it small."""
    width, height = picture.size
    if width * height > PIXELS_MAX:
        raise _too_many_pixels(shown)
    scale = 1
    while width * height > PIXELS_KEPT_MAX * scale**2:
        scale *= 2
    picture.draft(mode, (width // scale, height // scale))


def _upright(picture: Image.Image, colour: bool) -> Image.Image:  # noqa: FBT001 - ours
    orientation = _orientation(picture)
    plain = _fewer(_coloured(picture) if colour else _grey(picture))
    return plain.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else plain


def _fewer(picture: Image.Image) -> Image.Image:
    while picture.width * picture.height > PIXELS_KEPT_MAX or max(picture.size) > SIDE_PX_MAX:
        picture = picture.reduce(2)
    return picture


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION_TAG, 1))
    except _BROKEN:
        return 1


def _grey(picture: Image.Image) -> Image.Image:
    if picture.mode[0] in "IF":
        return _grey_of_deep(picture)
    if picture.mode in {"CMYK", "LAB"}:
        return picture.convert("RGB").convert("L")
    if picture.has_transparency_data:
        layered = picture if picture.mode in {"LA", "RGBA"} else picture.convert("RGBA")
        paper = Image.new("L", layered.size, "white")
        return Image.composite(layered.convert("L"), paper, layered.getchannel("A"))
    return picture.convert("L")


def _coloured(picture: Image.Image) -> Image.Image:
    if picture.mode[0] in "IF":
        return _grey_of_deep(picture).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    paper = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(paper, layered).convert("RGB")


def _grey_of_deep(picture: Image.Image) -> Image.Image:
    """Return 16-bit, 32-bit and float pictures with their own darkest and lightest as 0 and 255.

    Pillow's own conversion cuts everything above 255 off.
    """
    deep = _fewer(picture.convert("F"))
    low, high = (end for end in deep.getextrema() if isinstance(end, float))
    scale = 255 / max(high - low, 1e-9)
    return deep.point(lambda value: value * scale - low * scale).convert("L")
