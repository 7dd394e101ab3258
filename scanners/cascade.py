"""Look for a picture's codes, step by step, until there are enough or the time is over.

The first step reads the easy picture and costs what zxing-cpp alone costs. What it does not read
goes through the next ones (`scanners.steps`) as long as there is time for what they are known to
take: it is planned by the picture's pixels and not by the clock, so that the same picture has the
same answer. The clock only ends what takes twice as long as it may.
"""

from scanners import zxing
from scanners.apart import OVERTIME
from scanners.pictures import SIDE_PX_MAX
from scanners.readings import Reading, Unread, same_place, settled
from scanners.steps import STEPS, Sizes, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL import Image


_STEPS_MORE = 6
"""A look for all codes ends so many steps after the last new one, if none was seen unread."""
_TRIES_MAX = 2
"""How often it is tried to lay one code flat."""
_ALL = ("everything", "again")
"""The engines that look for all symbologies."""
_FIRST = ("quick", "everything")
"""The engines that look first where every code is wanted."""
_SQRT2 = 2**0.5


class Look:
    """A look at one 8-bit grey picture with sides of at most 32,767 pixels.

    `skip` names engines to be left out: those that died on this picture before. `only` names the
    symbologies that are looked for (`radar_core.book_forms.SYMBOLOGIES`); without it all are.
    `clock` tells seconds, and only ever ends a look.
    """

    def __init__(
        self,
        grey: "Image.Image",
        *,
        every: bool,
        budget_ms: int,
        clock: "Callable[[], float]",
        skip: frozenset[str] = frozenset(),
        only: frozenset[str] = frozenset(),
    ) -> None:
        assert max(grey.size) <= SIDE_PX_MAX, "zxing-cpp takes no longer sides"
        self.readings: list[Reading] = []
        self.unread: list[Unread] = []
        self._grey = grey
        self._sizes = Sizes(grey)
        self._every = every
        self._left_ms = float(budget_ms)
        self._clock = clock
        self._end = clock() + budget_ms * OVERTIME / 1000
        self._skip = skip | _idle_engines(only)
        self._only = only
        self._heard: list[list[Reading]] = []
        self._unbent: list[Unread] = []

    def steps(self) -> "Iterator[str]":
        """Take a step for each name yielded, after it was yielded; `readings` grows meanwhile."""
        idle = 0
        if not (self._grey.width and self._grey.height):
            return
        for step in self._plan():
            if step.engine in self._skip or not self._affordable(step):
                continue
            yield step.name
            known = len(self.readings)
            self._take(step)
            idle = 0 if len(self.readings) > known else idle + 1
            done = self.readings and idle >= _STEPS_MORE and not self._open()
            if done or self._clock() > self._end:
                return

    def until(
        self,
        enough: "Callable[[list[Reading]], bool] | None",
        taking: "Callable[[str], None]" = lambda _: None,
    ) -> list[Reading]:
        """Take steps until `enough` says so of what is read, or there is none left to take.

        Without `enough` the first code is enough, or all of them where every one is wanted.
        `taking` is told each step's name before it is taken.
        """
        known = 0
        for step in self.steps():
            if len(self.readings) > known:
                known = len(self.readings)
                if enough(self.readings) if enough else not self._every:
                    return self.readings
            taking(step)
        if len(self.readings) > known and enough:
            enough(self.readings)
        return self.readings

    def _plan(self) -> "Iterator[Step]":
        """Return the steps in order; where every code is wanted, all symbologies come early."""
        if not self._every:
            return iter(STEPS)
        first = [step for step in STEPS if step.engine in _FIRST]
        return iter([*first, *(step for step in STEPS if step not in first)])

    def _affordable(self, step: Step) -> bool:
        """Say whether the step applies and there is time for it, and take that time off."""
        if step.engine == "unbend":
            return bool(self._open())
        if step.engine == "again" and not self._unconfirmed():
            return False
        if step.size(*self._grey.size) is None:
            return False
        cost_ms = step.cost_ms(self._sizes)
        if self._heard and cost_ms > self._left_ms:  # the first look is always taken
            return False
        self._left_ms -= cost_ms
        return True

    def _take(self, step: Step) -> None:
        heard = list(self._unbend()) if step.engine == "unbend" else self._look(step)
        self._heard.append(heard)
        if heard:
            self.readings = settled(self._heard)

    def _look(self, step: Step) -> list[Reading]:
        seen = step.treatment(step.sized(self._sizes))
        across, down = self._grey.width / seen.width, self._grey.height / seen.height
        if step.engine == "zbar":
            from scanners import zbar

            readings = zbar.read(seen)
        elif step.engine == "bars":
            readings = _bars_askew(seen)
        else:
            readings, unread = zxing.read(
                seen,
                zxing.formats(self._only) if step.engine in _ALL else zxing.OWN,
                inverted=step.engine != "quick",
                one_threshold=step.engine == "level",
            )
            self.unread += [one.moved(across, down) for one in unread]
        return [
            one.moved(across, down)
            for one in readings
            if not self._only or one.symbology in self._only
        ]

    def _open(self) -> list[list[Unread]]:
        """Return what was seen and is neither read nor given up, one list for each place."""
        places: list[list[Unread]] = []
        for seen in self.unread:
            if any(same_place(seen.corners, reading.corners) for reading in self.readings):
                continue
            for place in places:
                if same_place(place[0].corners, seen.corners):
                    place.append(seen)
                    break
            else:
                places.append([seen])
        return [place for place in places if self._tried(place) < _TRIES_MAX]

    def _tried(self, place: list[Unread]) -> int:
        return sum(same_place(place[0].corners, seen.corners) for seen in self._unbent)

    def _unbend(self) -> "Iterator[Reading]":
        from scanners.unbend import cost_ms, unbend

        for place in self._open():
            seen = _best(place)
            if cost_ms(seen) > self._left_ms:
                continue
            self._unbent.append(seen)
            for reading in unbend(self._grey, seen):
                self._left_ms -= cost_ms(seen)
                if reading is not None:
                    yield reading
                elif cost_ms(seen) > self._left_ms or self._clock() > self._end:
                    break

    def _unconfirmed(self) -> bool:
        return any(self._heard) and not self.readings


def _idle_engines(only: frozenset[str]) -> frozenset[str]:
    """Return the engines that have nothing to look for where only these symbologies are."""
    if not only:
        return frozenset()
    idle = set() if "QRCode" in only else {"quick", "zxing", "level", "unbend"}
    return frozenset(idle | ({*_ALL, "bars"} if only <= {"QRCode"} else set()))


def _best(place: list[Unread]) -> Unread:
    """Return what was seen last of the kind that was seen most at one place."""
    kinds = [(seen.version, seen.level, seen.mask) for seen in place]
    most = max(kinds, key=kinds.count)
    return next(
        seen for seen, kind in zip(reversed(place), reversed(kinds), strict=True) if kind == most
    )


def _bars_askew(grey: "Image.Image") -> list[Reading]:
    """Look for bar codes that lie askew; zxing-cpp follows rows and columns only."""
    turned = grey.rotate(45, expand=True, fillcolor=128)

    def back(x: float, y: float) -> tuple[float, float]:
        right, down = x - turned.width / 2, y - turned.height / 2
        return grey.width / 2 + (right - down) / _SQRT2, grey.height / 2 + (right + down) / _SQRT2

    readings, _ = zxing.read(turned, zxing.BARS)
    return [one.placed(tuple(back(x, y) for x, y in one.corners)) for one in readings]
