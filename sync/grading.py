"""When an action was recorded, as far as a phone's clocks and the centre's can tell. Pure (law 10).

The monotonic clock of a boot cannot be set by anybody. One anchor, a reading of it at a known time
of the centre, dates every action of that boot; the wall clock is only compared with that.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from radar_core.actions import END_MS, Action, wall_ms
from sync.protocol import Clock

ANCHORED, UNANCHORED, MOVED = "anchored", "unanchored", "moved"
DRIFT_PPM = 100
"""How far a monotonic clock may go wrong: so many microseconds in a second."""
REQUEST_MS = 60_000
"""How long a request may be under way, from the phone's look at its clock to the centre's."""
CENTRE_MS = 1_000
"""How far the clocks of a centre's processes may differ."""
MOVED_MS = 120_000
"""A wall clock that is wrong by more than this, and by more than can be known, was set."""
READING_MS = 2
"""What three clocks, read to the millisecond, may be wrong by together."""
BOOT_CHARS_MAX = 64
UNKNOWN = -1
"""The error of what nobody can bound."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """When a boot's monotonic clock showed `mono_ms`, it was `at_ms` by the centre ± `error_ms`."""

    mono_ms: int
    at_ms: int
    error_ms: int

    def at(self, mono_ms: int) -> tuple[int, int]:
        """Return when the clock showed `mono_ms`, and how wrong that may be."""
        far = mono_ms - self.mono_ms
        return self.at_ms + far, self.error_ms + abs(far) * DRIFT_PPM // 1_000_000 + 1

    def dates_better(self, other: "Anchor") -> bool:
        """Tell whether `other` is of no use beside this one, wherever an action lies."""
        return self.at(other.mono_ms)[1] <= other.error_ms


class Grade(NamedTuple):
    """An action's clock: `anchored`, `unanchored` or `moved`; when that was, ± `error_ms`."""

    grade: str
    at_ms: int
    error_ms: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What the centre makes of one boot of a phone when a request came: anchors of use.

    `kept` is the one that it had kept, None if that was none or was contradicted.
    """

    boot: str
    mono_ms: int
    anchors: Sequence[Anchor]
    kept: Anchor | None

    def best(self, mono_ms: int) -> tuple[int, int] | None:
        """Return when the boot's clock showed `mono_ms` with the least error, if it ever did."""
        if not 0 <= mono_ms <= self.mono_ms:
            return None
        best = self.anchors[0].at(mono_ms)
        if len(self.anchors) > 1:
            best = min((anchor.at(mono_ms) for anchor in self.anchors), key=_error)
        return best if 0 <= best[0] < END_MS else None

    def to_keep(self) -> Anchor | None:
        """Return the anchor that serves what this boot will record, where it is worth a write."""
        best = min(self.anchors, key=lambda anchor: anchor.at(self.mono_ms)[1])
        error_ms = best.at(self.mono_ms)[1]
        if self.kept is not None and self.kept.at(self.mono_ms)[1] <= 2 * error_ms:
            return None
        return best


def _error(dated: tuple[int, int]) -> int:
    return dated[1]


def is_boot(boot: str) -> bool:
    """Tell whether a phone could name its boot, and so that it can be kept."""
    return 0 < len(boot) <= BOOT_CHARS_MAX and boot.isprintable()


def look(clock: Clock, received_ms: int, kept: Anchor | None) -> Sight | None:
    """Return what a request's clock tells, with what was kept of that boot; None for nothing.

    The request itself is an anchor: written at `clock.mono_ms`, it came at `received_ms`, at most
    `REQUEST_MS` later. An anchor by which it would have come before it was written is wrong. By one
    that makes it older than that, either it was held up or the clock stood still: nobody knows
    which, so that anchor serves no longer, and the request's own spans all that is possible.
    """
    if not is_boot(clock.boot):
        return None
    told = [anchor for anchor in (kept, _told(clock)) if anchor is not None]
    fitting: list[Anchor] = []
    span_ms = REQUEST_MS
    for anchor in told:
        written_ms, error_ms = anchor.at(clock.mono_ms)
        slack_ms = error_ms + CENTRE_MS
        under_way_ms = received_ms - written_ms
        if under_way_ms >= -slack_ms:
            span_ms = max(span_ms, min(under_way_ms + slack_ms, received_ms))
            if under_way_ms <= REQUEST_MS + slack_ms:
                fitting.append(anchor)
    fitting.append(Anchor(clock.mono_ms, received_ms, span_ms + READING_MS))
    still = kept if kept in fitting else None
    return Sight(clock.boot, clock.mono_ms, tuple(_useful(fitting)), still)


def _told(clock: Clock) -> Anchor | None:
    """Return what the phone learnt at its last answer: the centre's clock lies within the trip."""
    if clock.anchor is None:
        return None
    sent_ms, received_ms, centre_ms = clock.anchor
    if not sent_ms <= received_ms <= clock.mono_ms or received_ms - sent_ms > REQUEST_MS:
        return None
    half_ms = (received_ms - sent_ms + 1) // 2
    error_ms = half_ms + half_ms * DRIFT_PPM // 1_000_000 + READING_MS
    return Anchor((sent_ms + received_ms) // 2, centre_ms, error_ms)


def _useful(anchors: Iterable[Anchor]) -> list[Anchor]:
    useful: list[Anchor] = []
    for anchor in anchors:
        if not any(one.dates_better(anchor) for one in useful):
            useful = [one for one in useful if not anchor.dates_better(one)]
            useful.append(anchor)
    return useful


def grade_all(actions: Iterable[tuple[Action, int | None]], sight: Sight | None) -> Iterator[Grade]:
    """Yield the grades of a device's new actions, in the order of their numbers in one epoch.

    With each action comes what its wall clock told, as `told_by` reads it.
    """
    before: Action | None = None
    wall_before: int | None = None
    boot = sight.boot if sight is not None else ""
    for action, told_ms in actions:
        best = None
        if sight is not None and action.boot == boot:
            best = sight.best(action.mono_ms)
        leap_ms = 0
        if before is not None and before.boot == action.boot != "":
            leap_ms = _leap(before, wall_before, action, told_ms)
        yield _grade(action, told_ms, best, leap_ms)
        before, wall_before = action, told_ms


def told_by(actions: Iterable[Action]) -> list[int | None]:
    """Return the instant that each action's wall clock told, as `wall_ms` does."""
    days: dict[str, int | None] = {}
    return [_wall_ms(action.wall, days) for action in actions]


def _grade(
    action: Action, told_ms: int | None, best: tuple[int, int] | None, leap_ms: int
) -> Grade:
    if best is not None:
        at_ms, error_ms = best
        wrong = told_ms is not None and abs(told_ms - at_ms) > error_ms + MOVED_MS
        return Grade(MOVED if wrong or leap_ms else ANCHORED, at_ms, error_ms)
    if told_ms is None:
        return Grade(UNANCHORED, int(action.hlc[:12], 16), UNKNOWN)
    if leap_ms and 0 <= told_ms - leap_ms < END_MS:
        return Grade(MOVED, told_ms - leap_ms, UNKNOWN)
    return Grade(MOVED if leap_ms else UNANCHORED, told_ms, UNKNOWN)


def _leap(before: Action, wall_before: int | None, action: Action, told_ms: int | None) -> int:
    """Return by how much the wall clock was set between two actions of a boot; 0 if it was not."""
    if wall_before is None or told_ms is None:
        return 0
    ran_ms = action.mono_ms - before.mono_ms
    leap_ms = told_ms - wall_before - ran_ms
    return leap_ms if abs(leap_ms) > MOVED_MS + abs(ran_ms) * DRIFT_PPM // 1_000_000 else 0


def _wall_ms(wall: str, days: dict[str, int | None]) -> int | None:
    """Return what `wall_ms` does; the many actions of a day are read once, then added to.

    That serves texts as our phones write them, to the millisecond and with an offset in numbers.
    """
    hour, minute, second, thousandths = wall[11:13], wall[14:16], wall[17:19], wall[20:23]
    digits = hour + minute + second + thousandths
    marks = wall[13:14] + wall[16:17] + wall[19:20]
    plain = len(wall) == 29 and marks == "::." and digits.isdecimal() and digits.isascii()  # noqa: PLR2004 - 2026-03-02T08:00:00.000+08:00
    if not plain or hour > "23" or minute > "59" or second > "59":
        return wall_ms(wall)
    key = wall[:11] + wall[23:]
    if key not in days:
        days[key] = wall_ms(f"{wall[:11]}00:00:00{wall[23:]}")
    day = days[key]
    if day is None:
        return wall_ms(wall)
    at_ms = day + (int(hour) * 60 + int(minute)) * 60_000 + int(second + thousandths)
    return at_ms if at_ms < END_MS else None
