"""The QR code of a label, and pictures of labels for the demonstration to photograph.

What is printed is a PDF: `scanners.label_sheet`.
"""

import unicodedata

import segno
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from radar_core.failures import FAILED, Failure, N_
from radar_core.tags import typable
from scanners.label_formats import QUIET_MODULES

PRINT_DPI = 300
LABEL_PX = (590, 708)
"""Width and height of one label: 50 mm by 60 mm."""

_MARGIN_PX = 24
_NAME_PX = (40, 32, 24, 18)
_NAME_CHARS_MAX = 120
_CODE_PX = 56
_CUT_LINE = 160
_MISSING_GLYPH = "\uffff"
_PLAINER = str.maketrans("\u2013\u2014\u2018\u2019\u201c\u201d", "--''\"\"")  # dashes and quotes

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def label_matrix(text: str, level: str = "Q") -> segno.QRCode:
    """Return a label's QR code: error level Q or H, alphanumeric mode, never a Micro QR.

    The level is a higher one than asked for where that makes the code no larger. `text` comes from
    `radar_core.tags.label_text`; what needs another mode is a bug.
    """
    matrix = segno.make_qr(text, error=level)
    assert matrix.mode == "alphanumeric", "a label has capitals, digits and $%*+-./: only"
    return matrix


def label_picture(text: str, code: str, name: str) -> Image.Image:
    """Return one label of `LABEL_PX`: the place's name, the QR code of `text`, `code` to type.

    Raises `Failure` where the built-in font lacks a letter of `name`, which is Latin: it has
    no accents, so they are left off.
    """
    width, height = LABEL_PX
    label = Image.new("L", LABEL_PX, "white")
    square = _enlarged(label_matrix(text), width)
    label.paste(square, ((width - square.width) // 2, (height - square.height) // 2))
    draw = ImageDraw.Draw(label)
    shown, font = _fitting(_latin(name), width - 2 * _MARGIN_PX)
    draw.text((width // 2, _MARGIN_PX), shown, "black", font, anchor="mt")
    typed = ImageFont.load_default(_CODE_PX)
    draw.text((width // 2, height - _MARGIN_PX), typable(code), "black", typed, anchor="mb")
    draw.rectangle((0, 0, width - 1, height - 1), outline=_CUT_LINE)
    return label


def barcode_picture(text: str, symbology: str = "EAN13", *, module_px: int = 4) -> Image.Image:
    """Return a foreign code such as a maker glues on an asset, with its quiet zone.

    `symbology` is a name of zxing-cpp's: EAN13, Code128, DataMatrix, QRCode ... Raises
    ValueError for a text that the symbology cannot hold.
    """
    form = zxingcpp.BarcodeFormat[symbology]
    barcode = zxingcpp.create_barcode(text, form)
    return Image.fromarray(zxingcpp.write_barcode_to_image(barcode, scale=module_px))


def code_square(text: str, width: int) -> Image.Image:
    """Return the QR code of a text in alphanumeric mode, as large as fits in `width`."""
    return _enlarged(label_matrix(text), width)


def _enlarged(matrix: segno.QRCode, width: int) -> Image.Image:
    """Return the matrix as large as fits in `width` with every module the same size."""
    rows = [
        bytes(0 if dark else 255 for dark in row) for row in matrix.matrix_iter(1, QUIET_MODULES)
    ]
    small = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))
    side = len(rows) * max(1, width // len(rows))
    return small.resize((side, side), Image.Resampling.NEAREST)


def _fitting(name: str, width: int) -> tuple[str, _Font]:
    """Return `name` and the largest font in which it fits; cut in the smallest."""
    for size in _NAME_PX:
        font = ImageFont.load_default(size)
        if font.getlength(name) <= width:
            return name, font
    smallest = ImageFont.load_default(_NAME_PX[-1])
    while smallest.getlength(name + "...") > width:
        name = name[:-1]
    return name + "...", smallest


def _latin(name: str) -> str:
    """Return `name` without the accents that the font lacks; refuse a letter that it lacks."""
    font = ImageFont.load_default(_NAME_PX[-1])
    missing = _glyph(font, _MISSING_GLYPH)
    shown = ""
    for letter in " ".join(name.translate(_PLAINER).split())[:_NAME_CHARS_MAX]:
        plain = letter
        if _glyph(font, letter) == missing:
            plain = unicodedata.normalize("NFKD", letter)[0]
        if _glyph(font, plain) == missing:
            raise Failure(
                "label_letter_missing",
                N_("The letter {letter} of {name} cannot be printed: the font lacks it."),
                N_("Give the place a name in plain Latin letters in the site book."),
                exit_code=FAILED,
                letter=letter,
                name=name,
            )
        shown += plain
    return shown


def _glyph(font: _Font, letter: str) -> bytes:
    """Return the pixels of a letter: the only way to see that it is the box for a missing one."""
    cell = Image.new("1", (2 * _NAME_PX[-1], 2 * _NAME_PX[-1]))
    ImageDraw.Draw(cell).text((2, 2), letter, 1, font)
    return cell.tobytes()
