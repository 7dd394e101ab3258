"""A terminal's width: lines that are cut where they would wrap, wide characters counted as two."""

import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

CUT = "…"


def size_of(descriptor: int, environ: Mapping[str, str]) -> tuple[int, int] | None:
    """Return columns and rows of the terminal behind a descriptor; None where there is none.

    A terminal that cannot move its cursor is none.
    """
    if not os.isatty(descriptor) or environ.get("TERM", "dumb") == "dumb":
        return None
    try:
        columns, rows = os.get_terminal_size(descriptor)
    except OSError:
        return None
    return (columns, rows) if columns and rows else None


def cut_to(lines: Iterable[str], columns: int) -> list[str]:
    """Return lines that fit into so many columns."""
    return [_cut(line, columns) for line in lines]


def _cut(line: str, columns: int) -> str:
    width, fits = 0, 0
    for at, char in enumerate(line):
        width += _width(char)
        if width > columns:
            return line[:fits] + CUT
        if width < columns:
            fits = at + 1
    return line


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def fit_to(lines: Sequence[str], columns: int, rows: int) -> list[str]:
    """Return lines that fit onto a screen, the last of which is kept."""
    if len(lines) > rows:
        lines = [*lines[: rows - 2], CUT, lines[-1]]
    return cut_to(lines, columns)
