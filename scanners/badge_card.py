"""A badge to print: the size of a bank card, its QR code and whose it is."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from radar_core.failures import Failure
from scanners.label_fonts import FontFile, built_in_font, chain_for, system_fonts
from scanners.label_layout import plain_name
from scanners.labels import PRINT_DPI, code_square

CARD_PX = (1012, 638)
"""85.6 mm by 54 mm, as ISO/IEC 7810 has it."""
_MARGIN_PX = 30
_LETTERS_PX = (64, 52, 42, 34, 26, 20)
_CUT_LINE = 160

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def card_png(text: str, names: Sequence[str]) -> bytes:
    """Return a badge as a PNG: the QR code of `text`, and beside it a line for each of the names.

    A name of which no font here has all the letters is left out.
    """
    width, height = CARD_PX
    card = Image.new("L", CARD_PX, "white")
    square = code_square(text, height - 2 * _MARGIN_PX)
    card.paste(square, (_MARGIN_PX, (height - square.height) // 2))
    draw = ImageDraw.Draw(card)
    left = square.width + 2 * _MARGIN_PX
    top = height // 4
    for name in names:
        letters = _letters(plain_name(name), width - left - _MARGIN_PX)
        at = left
        for letter, font in letters:
            draw.text((at, top), letter, "black", font, anchor="ls")
            at += round(font.getlength(letter))
        top += height // 5 if letters else 0
    draw.rectangle((0, 0, width - 1, height - 1), outline=_CUT_LINE)
    picture = BytesIO()
    card.save(picture, format="PNG", dpi=(PRINT_DPI, PRINT_DPI))
    return picture.getvalue()


def _letters(name: str, width: int) -> list[tuple[str, _Font]]:
    """Return each letter with its font, in the largest size that fits; cut in the smallest."""
    try:
        chain = chain_for([name], system_fonts())
    except Failure:
        return []
    drawn: list[tuple[str, _Font]] = []
    for size in _LETTERS_PX:
        fonts = [(file.letters, _font(file, size)) for file in chain]
        drawn = [
            (letter, next(font for letters, font in fonts if ord(letter) in letters))
            for letter in name
        ]
        if sum(font.getlength(letter) for letter, font in drawn) <= width:
            return drawn
    while sum(font.getlength(letter) for letter, font in drawn) > width:
        drawn.pop()
    return drawn


def _font(file: FontFile, size: int) -> _Font:
    if file.path == built_in_font().path:
        return ImageFont.load_default(size)
    return ImageFont.truetype(file.path, size, index=file.number)
