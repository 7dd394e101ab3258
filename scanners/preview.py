"""What a camera sees, small, in a terminal: two pixels in each character, one above the other.

Greys are numbers of the 256-colour palette, which every terminal with colours has; without colours
the picture is dots. What is dim is shown brighter than it is, so that a dark room is seen.
"""

from collections.abc import Sequence

from PIL import Image, ImageDraw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scanners.readings import Corners

Cell = tuple[int, int]
"""The colours of a character's upper and lower half, as numbers of the 256-colour palette."""

UPPER = "▀"
"""The character of a cell: its foreground is the upper half, its background the lower one."""
MARK = 46
"""The colour of the line around a code that was found: bright green."""
MARKED = "#"
"""The same without colours."""
_BLACK, _GREYS = 232, 24
"""Where the greys of the palette begin, and how many they are."""
_GAIN_MAX = 4
"""So much brighter is shown at most: beyond that there is noise alone."""
_OUTLIERS = 0.01
"""So much of a picture may be too dark or too bright to show."""
_DOTS = " ▄▀█"


def cells(
    picture: Image.Image, codes: "Sequence[Corners]", full: tuple[int, int], columns: int, rows: int
) -> list[list[Cell]]:
    """Return rows of cells that show a grey picture as large as it fits, its sides kept.

    `codes` are the corners of what was found, in pixels of the picture at its `full` size. There
    are at most `rows` rows of at most `columns` cells; none where there is no room.
    """
    small = _fitted(picture, columns, rows)
    if small is None:
        return []
    lut = bytes(_BLACK + level * _GREYS // 256 for level in _brighter(small))
    shown = small.point(lut)
    _mark(shown, codes, full, MARK)
    width, pixels = shown.width, shown.tobytes()
    return [
        list(zip(pixels[at : at + width], pixels[at + width : at + 2 * width], strict=True))
        for at in range(0, len(pixels), 2 * width)
    ]


def dots(
    picture: Image.Image, codes: "Sequence[Corners]", full: tuple[int, int], columns: int, rows: int
) -> list[str]:
    """Return what `cells` does as lines of text, for a terminal without colours."""
    small = _fitted(picture, columns, rows)
    if small is None:
        return []
    shown = small.point(bytes(_brighter(small))).convert("1").convert("L")
    _mark(shown, codes, full, 1)
    width, pixels = shown.width, shown.tobytes()
    return [
        "".join(map(_dot, pixels[at : at + width], pixels[at + width : at + 2 * width]))
        for at in range(0, len(pixels), 2 * width)
    ]


def _dot(upper: int, lower: int) -> str:
    return MARKED if 1 in (upper, lower) else _DOTS[2 * (upper > 1) + (lower > 1)]


def _fitted(picture: Image.Image, columns: int, rows: int) -> Image.Image | None:
    """Return the picture in at most so many pixels across and twice so many down, an even number.

    A character is twice as high as it is wide, so that half of one is a square.
    """
    if columns < 1 or rows < 1:
        return None
    times = min(columns / picture.width, 2 * rows / picture.height)
    width = max(1, min(columns, round(times * picture.width)))
    height = 2 * max(1, min(rows, round(times * picture.height / 2)))
    # Nearly all of a large picture is passed over at first: half of the time goes there.
    return picture.resize((width, height), Image.Resampling.BOX, reducing_gap=2.0)


def _brighter(small: Image.Image) -> list[int]:
    """Return for each of the 256 greys how it is shown."""
    most = round(_OUTLIERS * small.width * small.height)
    greys = small.histogram()
    darkest, brightest = _beyond(greys, most), 255 - _beyond(greys[::-1], most)
    gain = min(_GAIN_MAX, 255 / max(1, brightest - darkest))
    return [max(0, min(255, round(gain * (level - darkest)))) for level in range(256)]


def _beyond(greys: Sequence[int], most: int) -> int:
    """Return the first grey that more than so many pixels reach."""
    passed = 0
    for level, count in enumerate(greys):
        passed += count
        if passed > most:
            return level
    return 0


def _mark(
    shown: Image.Image, codes: "Sequence[Corners]", full: tuple[int, int], colour: int
) -> None:
    """Draw a line around each code."""
    across, down = shown.width / full[0], shown.height / full[1]
    pen = ImageDraw.Draw(shown)
    for corners in codes:
        if len(corners) > 1:
            pen.polygon([(x * across, y * down) for x, y in corners], outline=colour)
