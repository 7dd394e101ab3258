"""The sheets and rolls that labels are printed on; how large a code is for a reading distance.

All lengths are millimetres. Pure: nothing here knows of PDF, fonts or files.

Where the sizes are from: a bought sheet's labels are as large and as many as its maker states, laid
in the middle of the page, which no printed sheet has confirmed yet; a roll's printed width is that
of its printers (48 mm of 58, 72 mm of 80).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from radar_core.failures import USAGE, Failure, N_

QUIET_MODULES = 4
"""The white that belongs around a QR code (ISO/IEC 18004), on each side."""
CAMERA_PX, CAMERA_DEGREES = 1280, 65.0
"""The least camera that is counted on: what many phones scan with in a moving picture, and how
wide their main camera sees. A photograph has 4,000 px across and is read from further away."""
MODULE_PX = 4.2
"""How many of the camera's pixels a module of a code must cover: from so many on, bench/tags.py
finds 19 of 20 pictures by a hurried hand in poor light read, whatever the code holds. For a tag of
ours the code is then a tenth as wide as it is read from afar, the rule of thumb of the trade."""
MODULE_MIN = 0.4
"""The smallest module that is printed, in mm: smaller ones run together on a worn tag."""

A4 = (210.0, 297.0)
LETTER = (215.9, 279.4)
_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Format:
    """Where the labels are on a page: `columns` x `rows` of `label` = (width, height).

    The first one's corner is at `first`, the next is `pitch` further. Within a label `margin` stays
    white on every side. `cut`: a line is printed round each, for scissors. A printer of `dot` wants
    modules of whole dots; 0 where its dots are fine enough not to matter.
    """

    name: str
    page: tuple[float, float]
    columns: int
    rows: int
    label: tuple[float, float]
    first: tuple[float, float]
    pitch: tuple[float, float]
    margin: float = 2.0
    cut: bool = False
    dot: float = 0.0

    @property
    def per_page(self) -> int:
        """How many labels one page has."""
        return self.columns * self.rows

    def corner(self, slot: int) -> tuple[float, float]:
        """Return the upper left corner of a label; slots are counted row by row from 0."""
        row, column = divmod(slot, self.columns)
        assert row < self.rows, "one page is asked for"
        return self.first[0] + column * self.pitch[0], self.first[1] + row * self.pitch[1]


def _bought(
    name: str,
    page: tuple[float, float],
    grid: tuple[int, int],
    label: tuple[float, float],
    gap: float,
    *,
    top: float,
    margin: float = 2.0,
) -> Format:
    """Return a sheet of ready labels: columns in the middle, `gap` apart, rows close together."""
    left = (page[0] - grid[0] * label[0] - (grid[0] - 1) * gap) / 2
    pitch = (label[0] + gap, label[1])
    return Format(name, page, *grid, label, (left, top), pitch, margin=margin)


def _plain(name: str, columns: int, rows: int) -> Format:
    """Return a sheet of plain A4 that is cut; 5 mm stay white, which no office printer reaches."""
    label = (A4[0] / columns, A4[1] / rows)
    return Format(name, A4, columns, rows, label, (0.0, 0.0), label, margin=5.0, cut=True)


def _roll(name: str, width: float, height: float, margin: float) -> Format:
    """Return a thermal roll, a page for each label; 203 dots an inch are 8 a millimetre."""
    size = (width, height)
    return Format(name, size, 1, 1, size, (0.0, 0.0), size, margin=margin, dot=0.125)


FORMATS: Mapping[str, Format] = {
    form.name: form
    for form in (
        _bought("L7160", A4, (3, 7), (63.5, 38.1), 2.54, top=15.15),
        _bought("L7163", A4, (2, 7), (99.06, 38.1), 2.54, top=15.15),
        _bought("L7165", A4, (2, 4), (99.06, 67.73), 2.54, top=13.04),
        _bought("L7173", A4, (2, 5), (99.06, 57.0), 2.54, top=6.0),
        _bought("3422", A4, (3, 8), (70.0, 35.0), 0.0, top=8.5, margin=4.0),
        _bought("5160", LETTER, (3, 10), (2.625 * _INCH, _INCH), 0.125 * _INCH, top=0.5 * _INCH),
        _bought("5163", LETTER, (2, 5), (4 * _INCH, 2 * _INCH), 0.1875 * _INCH, top=0.5 * _INCH),
        _plain("a4-1x1", 1, 1),
        _plain("a4-1x2", 1, 2),
        _plain("a4-2x3", 2, 3),
        _plain("a4-3x4", 3, 4),
        _plain("a4-3x8", 3, 8),
        _roll("roll-58", 58.0, 70.0, 5.0),
        _roll("roll-80", 80.0, 95.0, 4.0),
    )
}
"""Every format by its name; A4 plain sheets are named by columns x rows."""
DEFAULT_FORMAT = "L7163"


def find_format(name: str) -> Format:
    """Return a format by its name, capitals or not; raise Failure `unknown_format`."""
    known = {one.lower(): form for one, form in FORMATS.items()}
    form = known.get(name.strip().lower())
    if form is None:
        near = get_close_matches(name.lower(), known, 1, 0.0)
        raise Failure(
            "unknown_format",
            N_("There is no format {name}; did you mean {near}?"),
            N_("There are: {formats}"),
            exit_code=USAGE,
            name=name[:80],
            near=known[near[0]].name if near else DEFAULT_FORMAT,
            formats=" ".join(FORMATS),
        )
    return form


def _module_at(distance_m: float) -> float:
    """Return how large a module must be to be read from `distance_m`.

    A pinhole camera with `CAMERA_PX` across an angle of `CAMERA_DEGREES` has a focal length of
    f = (px / 2) / tan(angle / 2) pixels; a module of m shows f * m / distance pixels, and
    `MODULE_PX` are wanted.
    """
    focal_px = CAMERA_PX / 2 / math.tan(math.radians(CAMERA_DEGREES / 2))
    return MODULE_PX * distance_m * 1000 / focal_px


def distance_of(module: float) -> float:
    """Return the metres from which a code with such modules is read, by the same rule."""
    return module / _module_at(1.0)


def module_size(form: Format, room: float, modules: int, distance_m: float = 0.0) -> float:
    """Return how large to print each of `modules` in a square of `room`, quiet zone included.

    As large as fits, or as `distance_m` needs where that is given, `MODULE_MIN` at least; whole
    dots where the printer's show. Raises Failure `label_too_far` where that does not fit, with the
    distance that does, and `label_too_small` where nothing does.
    """
    largest = _whole_dots(form, room / (modules + 2 * QUIET_MODULES), math.floor)
    if largest < MODULE_MIN:
        raise Failure(
            "label_too_small",
            N_("A code of {modules} modules is too large for a label of {format}."),
            N_("Take a larger format, a shorter domain, or --level Q."),
            exit_code=USAGE,
            format=form.name,
            modules=modules,
        )
    wanted = largest
    if distance_m:
        wanted = _whole_dots(form, max(MODULE_MIN, _module_at(distance_m)), math.ceil)
    if wanted > largest:
        raise Failure(
            "label_too_far",
            N_("A code on {format} is read from {most} m at most, not from {distance} m."),
            N_("Ask for less, or take a larger label; the sizes: docs/tags.md"),
            exit_code=USAGE,
            format=form.name,
            most=f"{math.floor(distance_of(largest) * 100) / 100:g}",
            distance=f"{distance_m:g}",
        )
    return wanted


def _whole_dots(form: Format, size: float, rounded: Callable[[float], int]) -> float:
    """Return `size` in whole dots; one that is whole but for its last digits stays as it is."""
    return rounded(round(size / form.dot, 6)) * form.dot if form.dot else size
