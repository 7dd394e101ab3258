"""Where everything on a label stands: the code, the place's names, the code to type.

All lengths are millimetres from the label's upper left corner. Pure: how wide a text is in its
font comes in as `measure`.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from radar_core.tags import typable
from scanners.label_formats import QUIET_MODULES, Format, module_size

Measure = Callable[[str, float], float]
"""`measure(text, size)`: the width of a text whose font is `size` high."""

TEXT_MIN = 1.8
"""The smallest letters that are printed: 5 points."""
NAME_CHARS_MAX = 400
ELLIPSIS = "…"

_NAME_SHARE, _CODE_SHARE = 0.1, 0.08
_NAME_MAX, _CODE_MAX = 12.0, 8.0
_LINE = 1.3
"""From one line to the next, in heights of the font."""
_BASELINE = 1.0
"""From the top of a line to what its letters stand on, in heights of the font."""
_GAP = 1.0
_SMALLER = 0.92
_BESIDE = 1.6
"""How much larger letters are beside a code than above and below it."""
_WIDE_FROM = 1.25
"""A label that is so much wider than high has its texts beside the code."""
_COLUMN_MIN = 19.0
"""The least width beside a code: the code to type, in letters of 2 mm."""


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says: the text of its QR code, the code to type, the names of its place."""

    text: str
    code: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: where it begins, on which height its letters stand, how high its font is."""

    text: str
    x: float
    y: float
    size: float
    width: float


@dataclass(frozen=True, slots=True)
class Layout:
    """A label laid out: the corner of the code's first module, how large a module is, the lines."""

    code: tuple[float, float]
    module: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float


def lay_out(
    form: Format, label: Label, modules: int, measure: Measure, *, distance_m: float = 0.0
) -> Layout:
    """Return the layout of a label whose code has `modules` on a side.

    The code is as large as fits, or as `distance_m` needs; names are made smaller, wrapped, and in
    the end cut with an ellipsis. Raises Failure as `module_size` does.
    """
    width, height = (side - 2 * form.margin for side in form.label)
    inner = _Box(form.margin, form.margin, width, height)
    size = min(_NAME_MAX, max(TEXT_MIN, _NAME_SHARE * min(width, height)))
    code_size = min(_CODE_MAX, max(TEXT_MIN, _CODE_SHARE * min(width, height)))
    beside = form.label[0] >= _WIDE_FROM * form.label[1]
    if beside:
        # Here letters take no room from the code.
        size, code_size = min(_NAME_MAX, _BESIDE * size), min(_CODE_MAX, _BESIDE * code_size)
        room = min(height, width - _COLUMN_MIN - _GAP)
    else:
        room = min(width, height - 2 * _LINE * size - _LINE * code_size - _GAP)
    module = module_size(form, room, modules, distance_m)
    side = module * (modules + 2 * QUIET_MODULES)
    if beside:
        square = _Box(inner.x, inner.y + (height - side) / 2, side, side)
        texts = _Box(inner.x + side + _GAP, inner.y, width - side - _GAP, height)
    else:
        below = inner.y + height - _LINE * code_size
        square = _Box(inner.x + (width - side) / 2, below - side, side, side)
        texts = inner
    typed = _typed(label.code, texts, code_size, measure)
    bottom = typed.y - typed.size if beside else square.y
    names = _Box(texts.x, texts.y, texts.width, bottom - _GAP - texts.y)
    lines = (*_named(label.names, names, size, measure), typed)
    quiet = QUIET_MODULES * module
    return Layout((square.x + quiet, square.y + quiet), module, lines)


def _typed(code: str, box: _Box, size: float, measure: Measure) -> Line:
    """Return the line with the code to type, at the bottom of `box`."""
    text = typable(code)
    size *= min(1.0, box.width / measure(text, size))
    return _centred(text, box, box.y + box.height - (_LINE - _BASELINE) * size, size, measure)


def _centred(text: str, box: _Box, y: float, size: float, measure: Measure) -> Line:
    width = measure(text, size)
    return Line(text, box.x + (box.width - width) / 2, y, size, width)


def _named(names: Sequence[str], box: _Box, size: float, measure: Measure) -> Iterator[Line]:
    """Yield the lines of the names, in the largest letters in which they fit `box`."""
    texts = [plain_name(name) for name in names if plain_name(name)]
    rows = [row for text in texts for row in _wrapped(text, box.width, size, measure)]
    while size > TEXT_MIN and not _fits(rows, box, size, measure):
        size = max(TEXT_MIN, size * _SMALLER)
        rows = [row for text in texts for row in _wrapped(text, box.width, size, measure)]
    if not _fits(rows, box, size, measure):
        rows = _cut(texts, box, size, measure)
    for number, row in enumerate(rows):
        yield _centred(row, box, box.y + (number * _LINE + _BASELINE) * size, size, measure)


def plain_name(name: str) -> str:
    """Return a name as it is printed: composed letters, single blanks, nothing unprintable."""
    text = " ".join(unicodedata.normalize("NFC", name).split())[:NAME_CHARS_MAX]
    return "".join(char for char in text if char.isprintable())


def _fits(rows: Sequence[str], box: _Box, size: float, measure: Measure) -> bool:
    high = len(rows) * _LINE * size <= box.height + 1e-6
    return high and all(measure(row, size) <= box.width for row in rows)


def _cut(texts: Sequence[str], box: _Box, size: float, measure: Measure) -> list[str]:
    """Return as many rows as `box` has, dealt out to the texts; a text that has more is cut."""
    left = int(box.height / (_LINE * size) + 1e-6)
    rows: list[str] = []
    for number, text in enumerate(texts):
        share = -(-left // (len(texts) - number))
        wrapped = _wrapped(text, box.width, size, measure)
        kept = wrapped[:share]
        if kept and (len(wrapped) > share or measure(kept[-1], size) > box.width):
            kept[-1] = _shortened(kept[-1], box.width, size, measure)
        rows += kept
        left -= len(kept)
    return rows


def _shortened(row: str, width: float, size: float, measure: Measure) -> str:
    while row and measure(row + ELLIPSIS, size) > width:
        row = row[:-1].rstrip()
    while row and unicodedata.combining(row[-1]):
        row = row[:-1]
    return row + ELLIPSIS


def _wrapped(text: str, width: float, size: float, measure: Measure) -> list[str]:
    """Return the rows of a text: broken at blanks, beside wide characters, else inside a word."""
    rows, row = list[str](), ""
    for part in _parts(text):
        if row and measure((row + part).rstrip(), size) > width:
            rows.append(row.rstrip())
            row = ""
        row += part
        while len(row) > 1 and measure(row.rstrip(), size) > width:
            fitting = _fitting(row, width, size, measure)
            rows.append(row[:fitting])
            row = row[fitting:]
    return [*rows, row.rstrip()] if row.strip() else rows


def _fitting(row: str, width: float, size: float, measure: Measure) -> int:
    """Return how many characters of a word fit, one at least; a mark stays on its letter."""
    count = len(row) - 1
    while count > 1 and (measure(row[:count], size) > width or unicodedata.combining(row[count])):
        count -= 1
    return count


def _parts(text: str) -> Iterator[str]:
    """Yield what no line breaks: words with the blanks behind them, wide characters one by one."""
    part = ""
    for before, char in zip(" " + text, text, strict=False):
        wide = _is_wide(char) and not _closes(char)
        if part and (wide or (before == " " != char) or (_is_wide(before) and not _closes(char))):
            yield part
            part = ""
        part += char
    if part:
        yield part


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _closes(char: str) -> bool:
    """Tell whether a line may not begin with a character."""
    return char == " " or unicodedata.category(char) in {"Po", "Pe", "Pf", "Mn"}
