"""The looks at a picture that are tried, in order: with which engine, how large, how treated."""

from scanners import treatments as t

TYPE_CHECKING = False
if TYPE_CHECKING:
    from PIL import Image

    from scanners.treatments import Treatment

LARGER_PIXELS_MAX = 1_500_000
"""A picture is not enlarged beyond this: its codes have pixels enough, and it would be slow."""
TURNED_PIXELS_MAX = 2**22
"""A picture is not turned where that would take more: a strip one pixel high becomes a square."""

# Milliseconds for a million pixels, between the median and the 90th percentile of 417 pictures,
# on one core of an AMD EPYC with zxing-cpp 3.1.1 and ZBar 0.23.92.
_ENGINE_MS = {
    "quick": 2.3,
    "zxing": 3.0,
    "level": 2.0,
    "everything": 22.0,
    "again": 22.0,
    "bars": 14.0,
    "zbar": 35.0,
}
_SMALLER_MS = 0.6
_LARGER_MS = 6.0


class Step:
    """One look: the engine's name, the size of the picture, its treatment.

    Engines: `quick` (zxing-cpp, what RADAR prints, dark on light), `zxing` (the same, light on dark
    too), `level` (one threshold for the whole picture), `everything` (all symbologies), `again`
    (the same, only to have a reading without a check of its own confirmed), `bars` (bar codes that
    lie askew), `zbar`, and `unbend`, which has a module of its own.

    `reach` makes a picture smaller, by a whole factor, to about so many pixels on its longer side;
    `times` makes it larger; `stretch` makes it wider (2, 1) or higher (1, 2), for codes seen from
    the side.
    """

    __slots__ = ("engine", "name", "reach", "stretch", "times", "treatment")

    def __init__(
        self,
        engine: str,
        treatment: "Treatment" = t.none,
        *,
        reach: int = 0,
        times: float = 1,
        stretch: tuple[int, int] = (1, 1),
    ) -> None:
        self.engine = engine
        self.treatment = treatment
        self.reach = reach
        self.times = times
        self.stretch = stretch
        size = f" {reach}px" if reach else f" x{times:g}" if times != 1 else ""
        wide = "" if stretch == (1, 1) else f" {stretch[0]}:{stretch[1]}"
        self.name = f"{engine}{size}{wide} {treatment.__name__}"

    def size(self, width: int, height: int) -> tuple[int, int] | None:
        """Return the size at which the step looks at a picture, or None: it is passed over."""
        if self.reach:
            factor = round(max(width, height) / self.reach)
            if factor < 2 and self.stretch == (1, 1):  # noqa: PLR2004 - it would be the whole one
                return None
            factor = max(1, factor)
            width, height = -(-width // factor), -(-height // factor)
        if self.times > 1:
            width, height = round(width * self.times), round(height * self.times)
            if width * height > LARGER_PIXELS_MAX:
                return None
        if self.engine == "bars" and (width + height) ** 2 / 2 > TURNED_PIXELS_MAX:
            return None
        return width * self.stretch[0], height * self.stretch[1]

    def sized(self, grey: "Image.Image") -> "Image.Image":
        """Return the picture as large as the step looks at it."""
        size = self.size(*grey.size)
        assert size is not None, "the step is passed over"
        if size == grey.size:
            return grey
        factor = round(max(grey.size) / self.reach) if self.reach else 1
        smaller = grey.reduce(factor) if factor > 1 else grey
        return smaller if smaller.size == size else smaller.resize(size)

    def cost_ms(self, width: int, height: int) -> float:
        """Return what the step may take, its scaling and treatment included."""
        size = self.size(width, height)
        assert size is not None, "a step that is passed over costs nothing"
        pixels = size[0] * size[1] / 1e6
        scaling = width * height / 1e6 * _SMALLER_MS if self.reach else 0.0
        if self.times > 1 or self.stretch != (1, 1):
            scaling += pixels * _LARGER_MS
        return scaling + pixels * (_ENGINE_MS[self.engine] + t.COST_MS[self.treatment])


UNBEND = Step("unbend")

STEPS = (
    Step("quick", reach=1400),
    Step("quick"),
    Step("level", t.equalised),
    Step("zxing", t.equalised, reach=560),
    Step("level", reach=560),
    Step("zxing", t.lightened, reach=560),
    Step("zxing", t.equalised, reach=1600),
    UNBEND,
    Step("everything", reach=1600),
    Step("everything"),
    Step("again", t.smoothed, reach=1600),
    Step("again", t.smoothed),
    Step("bars"),
    Step("bars", reach=1100),
    Step("zbar", t.thresholded, times=2),
    Step("level", t.equalised, times=2),
    Step("zxing", t.equalised, reach=800),
    Step("zxing", t.thresholded, times=1.5),
    Step("zbar", t.thresholded, reach=560),
    Step("zxing", t.sharpened),
    Step("zxing", t.lightened),
    Step("zxing", times=2),
    Step("level", t.equalised, reach=1600),
    Step("level", t.sharpened_more, times=1.5),
    Step("zxing", t.thresholded, reach=560),
    Step("zbar", t.smoothed, reach=400),
    Step("zxing", t.sharpened, reach=560),
    Step("level", reach=800, stretch=(2, 1)),
    Step("zxing", t.smoothed_more, times=2),
    Step("zxing", t.thresholded, reach=1600),
    Step("zbar"),
    Step("zbar", t.thresholded),
    Step("zbar", t.smoothed),
    UNBEND,
)
