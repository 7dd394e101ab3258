"""Read a QR code that was seen but not read: lay it flat first.

A code on a round pipe, a creased sticker or cloth is no plane, and engines that take it for one
sample the wrong spots. Here a net of points is laid over the square, each cell between four points
some modules wide, and each point is moved, little by little, to where the modules around it are
most clearly black or white; those whose colour the standard fixes (finders, timing, alignment:
ISO/IEC 18004) pull the harder. The code is then drawn anew, module by module, for the engine.

Every picture of the shared test set that no engine read in any of 120 treatments was such a code,
and each is read this way.
"""

from bisect import bisect_right
from functools import cache
from itertools import pairwise

import segno
from PIL import Image, ImageChops, ImageFilter, ImageOps
from segno import consts

from scanners.readings import Reading, Unread
from scanners.zxing import read_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanners.readings import Corners

    _Point = tuple[float, float]
    _Points = list[list[_Point]]

VERSION_MAX = 12
"""Larger codes (above 65 x 65 modules) would take longer than anybody waits."""

_DARK, _LIGHT, _OPEN = 0, 255, 128
_SAMPLES = 3
"""Points looked at along a module's side."""
_MODULE_PX_MAX = 6
_TRIES = ((18, (1.0, 0.5)), (12, (0.5,)), (8, (0.5, 0.25)), (5, (0.25,)))
"""How wide a cell of the net is, and how far its points are moved at a time, both in modules."""
_FIXED_PULL = 5.0
"""How many times as much a module counts whose colour is known."""
_BETTER = 1.0005
_SURE = 0.3
"""The share of the error correction left unused from which one drawing of a code is enough."""
_AROUND = (2, 4)
_SHARPER = (0, 150)
_BLACK_OR_WHITE = [0] * 128 + [255] * 128


def unbend(grey: Image.Image, seen: Unread) -> "Iterator[Reading | None]":
    """Try to read one code, step by step: yield None after each step that did not, or the reading.

    The caller can stop between the steps, six at most; each takes up to `cost_ms`.
    """
    if seen.version > VERSION_MAX:
        return
    small, corners = _cut_out(grey, seen)
    net = _Net(small, corners, seen)
    for modules, moves in _TRIES:
        net.lay(modules)
        for move in moves:
            net.fit(move)
            raw = net.read()
            yield Reading(raw, "QRCode", "zxing-cpp, unbent", seen.corners) if raw else None
            if raw:
                return


def cost_ms(seen: Unread) -> float:
    """Return what a step of `unbend` may cost, in ms on the machine of `scanners.cascade`."""
    return 6 * ((17 + 4 * seen.version) / 29) ** 2


class _Net:
    """One code, its net, and what its modules look like through it."""

    def __init__(self, grey: Image.Image, corners: "Corners", seen: Unread) -> None:
        self._grey = grey
        self._side = 17 + 4 * seen.version
        self._seen = seen
        self._view = _view(corners)
        edges = zip(corners, (*corners[1:], corners[0]), strict=True)
        self._module_px = sum(((x - u) ** 2 + (y - v) ** 2) ** 0.5 for (x, y), (u, v) in edges) / (
            4 * self._side
        )
        self._cuts: list[int] = []
        self._net: _Points = []
        self._fixed: list[list[bytes]] = []

    def lay(self, modules: int) -> None:
        """Lay a net with cells some `modules` wide over the one before, the first over a plane."""
        side = self._side
        cells = max(1, round(side / modules))
        cuts = [round(number * side / cells) for number in range(cells + 1)]
        if self._net:
            points = [[self._through(x, y) for x in cuts] for y in cuts]
        else:
            points = [[self._view(x / side, y / side) for x in cuts] for y in cuts]
        self._cuts, self._net = cuts, points
        fixed = _fixed(self._seen.version)
        self._fixed = [
            [
                b"".join(fixed[y * side + left : y * side + right] for y in range(top, bottom))
                for left, right in pairwise(cuts)
            ]
            for top, bottom in pairwise(cuts)
        ]

    def _through(self, x: int, y: int) -> "_Point":
        """Return where the present net has the corner (x, y) of a module."""
        column = min(bisect_right(self._cuts, x), len(self._cuts) - 1) - 1
        row = min(bisect_right(self._cuts, y), len(self._cuts) - 1) - 1
        u = (x - self._cuts[column]) / (self._cuts[column + 1] - self._cuts[column])
        v = (y - self._cuts[row]) / (self._cuts[row + 1] - self._cuts[row])
        above = _between(self._net[row][column], self._net[row][column + 1], u)
        below = _between(self._net[row + 1][column], self._net[row + 1][column + 1], u)
        return _between(above, below, v)

    def fit(self, move: float) -> None:
        """Move each point of the net by `move` modules to each side where that makes it clearer."""
        for row in range(len(self._cuts)):
            for column in range(len(self._cuts)):
                self._settle(row, column, move * self._module_px)

    def read(self) -> bytes | None:
        """Return what the code says where two drawings of it agree, or one is quite sure."""
        mean = ImageOps.autocontrast(self._drawn(), cutoff=1)
        heard: list[bytes] = []
        for percent in _SHARPER:
            sharper = mean.filter(ImageFilter.UnsharpMask(1, percent, 0)) if percent else mean
            for around in _AROUND:
                beside = sharper.filter(ImageFilter.BoxBlur(around))
                modules = ImageChops.subtract(sharper, beside, 1, 128).point(_BLACK_OR_WHITE)
                told = read_modules(self._with_frame(modules.tobytes()), self._side)
                if told is None:
                    continue
                raw, sure = told
                if sure >= _SURE or raw in heard:
                    return raw
                heard.append(raw)
        return None

    def _settle(self, row: int, column: int, step: float) -> None:
        """Move one point to where the cells about it are clearest."""
        best = self._clearness(row, column)
        for across, down in ((step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)):
            here = self._net[row][column]
            self._net[row][column] = (here[0] + across, here[1] + down)
            clearness = self._clearness(row, column)
            if clearness > best * _BETTER:
                best = clearness
            else:
                self._net[row][column] = here

    def _clearness(self, row: int, column: int) -> float:
        """Return how far the modules about a point are from their mean, those fixed the right way.

        In grey levels, as a mean over the modules.
        """
        last = len(self._cuts) - 2
        cells = [
            (r, c)
            for r in range(max(0, row - 1), min(last, row) + 1)
            for c in range(max(0, column - 1), min(last, column) + 1)
        ]
        greys = b"".join(self._cell(r, c).tobytes() for r, c in cells)
        fixed = b"".join(self._fixed[r][c] for r, c in cells)
        mean = sum(greys) / len(greys)
        total = 0.0
        for grey, colour in zip(greys, fixed, strict=True):
            if colour == _OPEN:
                total += abs(grey - mean)
            else:
                total += _FIXED_PULL * (grey - mean if colour == _LIGHT else mean - grey)
        return total / len(greys)

    def _drawn(self) -> Image.Image:
        """Return the whole code with one pixel for each module: its mean grey."""
        whole = Image.new("L", (self._side, self._side))
        for row, top in enumerate(self._cuts[:-1]):
            for column, left in enumerate(self._cuts[:-1]):
                whole.paste(self._cell(row, column), (left, top))
        return whole

    def _cell(self, row: int, column: int) -> Image.Image:
        width = self._cuts[column + 1] - self._cuts[column]
        height = self._cuts[row + 1] - self._cuts[row]
        net = self._net
        around = (
            *(*net[row][column], *net[row + 1][column]),
            *(*net[row + 1][column + 1], *net[row][column + 1]),
        )
        seen = self._grey.transform(
            (width * _SAMPLES, height * _SAMPLES),
            Image.Transform.QUAD,
            around,
            Image.Resampling.BILINEAR,
        )
        return seen.resize((width, height), Image.Resampling.BOX)

    def _with_frame(self, modules: bytes) -> bytes:
        """Return the modules with all that the standard fixes put right."""
        frame = _frame(self._seen.version, self._seen.level, self._seen.mask)
        return bytes(
            seen if fixed == _OPEN else fixed for seen, fixed in zip(modules, frame, strict=True)
        )


def _between(one: "_Point", other: "_Point", share: float) -> "_Point":
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share


def _cut_out(grey: Image.Image, seen: Unread) -> "tuple[Image.Image, Corners]":
    """Return the code's part of the picture, no larger than is looked at, and its corners there."""
    xs, ys = [x for x, _ in seen.corners], [y for _, y in seen.corners]
    modules = 17 + 4 * seen.version
    span = max(max(xs) - min(xs), max(ys) - min(ys))
    margin = 4 * span / modules
    left = min(max(0, round(min(xs) - margin)), grey.width - 1)
    top = min(max(0, round(min(ys) - margin)), grey.height - 1)
    right = max(left + 1, min(grey.width, round(max(xs) + margin) + 1))
    bottom = max(top + 1, min(grey.height, round(max(ys) + margin) + 1))
    part = grey.crop((left, top, right, bottom))
    times = max(1, int(span / modules / _MODULE_PX_MAX))
    corners = tuple(((x - left) / times, (y - top) / times) for x, y in seen.corners)
    return (part.reduce(times) if times > 1 else part), corners


class _view:  # noqa: N801 - used as the function that it is
    """The plane on which the corners lie: from shares of the code's sides to pixels."""

    def __init__(self, corners: "Corners") -> None:
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
        ax, ay, bx, by = x1 - x2, y1 - y2, x3 - x2, y3 - y2
        sx, sy = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
        area = ax * by - bx * ay or 1e-9
        g, h = (sx * by - bx * sy) / area, (ax * sy - sx * ay) / area
        self._x = (x1 - x0 + g * x1, x3 - x0 + h * x3, x0)
        self._y = (y1 - y0 + g * y1, y3 - y0 + h * y3, y0)
        self._far = (g, h)

    def __call__(self, across: float, down: float) -> "_Point":
        far = self._far[0] * across + self._far[1] * down + 1 or 1e-9
        return (
            (self._x[0] * across + self._x[1] * down + self._x[2]) / far,
            (self._y[0] * across + self._y[1] * down + self._y[2]) / far,
        )


@cache
def _fixed(version: int) -> bytes:
    """Return the modules of every code of a version: dark, light, or open to what it says."""
    return _modules(version, "L", 0, (*_DATA, *_FORMAT))


@cache
def _frame(version: int, level: str, mask: int) -> bytes:
    """Return the same with the modules that tell `level` and `mask`."""
    return _modules(version, level, mask, _DATA)


_DATA = (consts.TYPE_DATA_DARK, consts.TYPE_DATA_LIGHT)
_FORMAT = (consts.TYPE_FORMAT_DARK, consts.TYPE_FORMAT_LIGHT)


def _modules(version: int, level: str, mask: int, left_open: tuple[int, ...]) -> bytes:
    """Return a byte for each module of a code of that kind, as segno draws it."""
    code = segno.make_qr("0", version=version, error=level, mask=mask, boost_error=False)
    rows = code.matrix_iter(border=0, verbose=True)
    dark_from = 1 << 8  # segno: a verbose module is dark where its upper byte is set
    return bytes(
        _OPEN if module in left_open else _DARK if module >= dark_from else _LIGHT
        for row in rows
        for module in row
    )
