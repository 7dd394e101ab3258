"""A QR code that one phone shows and another one reads: on the terminal, or as a picture."""

from io import BytesIO

from scanners.label_formats import QUIET_MODULES
from scanners.labels import label_matrix

LEVEL = "L"
"""A screen is clean and near: a coarser code is worth more than one that may be damaged."""
MODULE_PX = 8
_HALVES = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
"""Two modules, one above the other, as a terminal shows them that writes light on dark."""


def terminal_lines(text: str) -> list[str]:
    """Return a text in alphanumeric mode as a QR code of half blocks, with its quiet zone."""
    rows = [list(row) for row in label_matrix(text, LEVEL).matrix_iter(1, QUIET_MODULES)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return [
        "".join(_HALVES[bool(upper), bool(lower)] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]


def code_picture(text: str) -> bytes:
    """Return a text in alphanumeric mode as a PNG of its QR code."""
    picture = BytesIO()
    label_matrix(text, LEVEL).save(picture, kind="png", scale=MODULE_PX, border=QUIET_MODULES)
    return picture.getvalue()
