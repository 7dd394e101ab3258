"""A QR code that one phone shows and another one reads: on the terminal, or as a picture."""

from io import BytesIO

import segno

from scanners.label_formats import QUIET_MODULES

LEVEL = "L"
"""A screen is clean and near: a coarser code is worth more than one that may be damaged."""
MODULE_PX = 8
_HALVES = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
"""Two modules, one above the other, as a terminal shows them that writes light on dark."""


def terminal_lines(text: str) -> list[str]:
    """Return a text as a QR code of half blocks, with its quiet zone."""
    rows = [list(row) for row in _matrix(text).matrix_iter(1, QUIET_MODULES)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return [
        "".join(_HALVES[bool(upper), bool(lower)] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]


def code_picture(text: str) -> bytes:
    """Return a text as a PNG of its QR code."""
    picture = BytesIO()
    _matrix(text).save(picture, kind="png", scale=MODULE_PX, border=QUIET_MODULES)
    return picture.getvalue()


def _matrix(text: str) -> segno.QRCode:
    return segno.make_qr(text, error=LEVEL)
