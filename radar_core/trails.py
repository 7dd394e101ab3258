"""A set of scans by phone, tag and person, so that each can be seen beside the others. Pure."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from statistics import median
from typing import NamedTuple

from radar_core.scans import Scan
from radar_core.walks import PEOPLE_MIN, Site

PICTURES_MAX = 300
"""With so many of a tag's pictures, the latest, a new one is compared."""
NEIGHBOURS = 50
"""So many scans of a phone before and after one are looked at."""
BESIDE_MS = 20_000
"""Two people at a tag within this are beside each other."""
ROUND_SCANS = 12
"""So many scans before and after tell whose company a person keeps."""
ROUND_MS = 30 * 60_000
BESIDE_SHARE = 0.8


class Clocks(NamedTuple):
    """By how much a scan's wall clock differs from those before and after it in its boot, in ms.

    What the wall clocks and the boot's own clock tell is compared, so that all are 0 where nobody
    set the clock. `back_ms`: how far it is behind an earlier scan of the phone, of any boot.
    """

    before: Sequence[int]
    after: Sequence[int]
    back_ms: int


class Trails:
    """All scans that are known, each once, in one order whatever order they came in."""

    __slots__ = ("_at", "_people", "_phones", "_runs", "_tags", "scans")

    def __init__(self, scans: Iterable[Scan]) -> None:
        self.scans = sorted({scan.id: scan for scan in scans}.values(), key=_place_in_order)
        self._at: dict[str, int] = {}
        self._runs: dict[tuple[str, str], list[Scan]] = defaultdict(list)
        self._phones: dict[str, list[Scan]] = defaultdict(list)
        self._people: dict[str, list[Scan]] = defaultdict(list)
        self._tags: dict[str, list[Scan]] = defaultdict(list)
        for scan in self.scans:
            self._at[scan.id] = len(self._runs[scan.run])
            self._runs[scan.run].append(scan)
            self._phones[scan.epoch].append(scan)
        for scan in sorted(self.scans, key=_when):
            self._people[scan.staff].append(scan)
            if scan.tag:
                self._tags[scan.tag].append(scan)

    def pictures(self, tag: str) -> Iterator[Scan]:
        """Yield the scans of a tag, the latest first."""
        return islice(reversed(self._tags.get(tag, ())), PICTURES_MAX)

    def fixes(self, tag: str) -> Iterator[Scan]:
        """Yield the scans of a tag that have a position."""
        return (scan for scan in self.pictures(tag) if scan.position is not None)

    def usual_fix(self, scan: Scan, rough_m: float) -> Site:
        """Return where three other people or more, taken together, were at a scan's tag."""
        people: dict[str, Site] = {}
        for other in self.fixes(scan.tag):
            fix = other.position
            if fix and other.staff != scan.staff and not fix.mock and fix.accuracy_m <= rough_m:
                people.setdefault(other.staff, Site(fix.lat, fix.lon))
        if len(people) < PEOPLE_MIN:
            return Site()
        lats, lons = ([getattr(s, name) for s in people.values()] for name in ("lat", "lon"))
        return Site(median(lats), median(lons))

    def clocks(self, scan: Scan) -> Clocks:
        """Return how a scan's clock stands beside those of its boot."""
        run, at = self._runs[scan.run] if scan.boot else [], self._at[scan.id]
        before = [_set_by(scan, other) for other in run[max(0, at - NEIGHBOURS) : at]]
        after = [_set_by(scan, other) for other in run[at + 1 : at + NEIGHBOURS]]
        phone = self._phones[scan.epoch]
        index = bisect_left(phone, scan.seq, key=_seq)
        back_ms = 0
        if index and scan.wall_ms is not None:
            back_ms = (phone[index - 1].wall_ms or 0) - scan.wall_ms
        return Clocks(before, after, back_ms)

    def placed_before(self, scan: Scan) -> Scan | None:
        """Return the scan before on this phone and boot whose place is known."""
        if not scan.boot:
            return None
        run = self._runs[scan.run]
        return next((run[at] for at in range(self._at[scan.id] - 1, -1, -1) if run[at].place), None)

    def places_within(self, scan: Scan, span_ms: int) -> int:
        """Return the most places that the phone was at within any such span about this scan."""
        if not scan.boot or not scan.place:
            return 0
        run, at = self._runs[scan.run], self._at[scan.id]
        near = [
            other
            for other in run[max(0, at - NEIGHBOURS) : at + NEIGHBOURS]
            if other.place and abs(other.mono_ms - scan.mono_ms) <= span_ms
        ]
        spans = (
            {other.place for other in near if 0 <= other.mono_ms - first.mono_ms <= span_ms}
            for first in near
            if first.mono_ms <= scan.mono_ms
        )
        return max(map(len, spans), default=0)

    def on_other_phones(self, scan: Scan) -> Iterator[Scan]:
        """Yield the same person's scans on other phones just before and just after this one."""
        if not scan.place:
            return
        theirs = self._people[scan.staff]
        at = bisect_left(theirs, _when(scan), key=_when)
        for steps in (range(at - 1, -1, -1), range(at + 1, len(theirs))):
            others = (theirs[step] for step in islice(steps, ROUND_SCANS))
            found = next((o for o in others if o.epoch != scan.epoch and o.place), None)
            if found is not None:
                yield found

    def beside(self, scan: Scan) -> tuple[str, int]:
        """Return who was beside this person all along, and in how many places."""
        phone = self._phones[scan.epoch]
        index = bisect_left(phone, scan.seq, key=_seq)
        about = phone[max(0, index - ROUND_SCANS) : index + ROUND_SCANS + 1]
        about = [o for o in about if o.staff == scan.staff and o.place and _known(o)]
        about = [o for o in about if abs(o.mono_ms - scan.mono_ms) <= ROUND_MS]
        met: dict[str, set[str]] = defaultdict(set)
        for one in about:
            for other in self._around(one):
                met[other.staff].add(one.place)
        wanted = BESIDE_SHARE * len({one.place for one in about})
        here = {staff: len(at) for staff, at in met.items() if scan.place in at}
        name = max(sorted(here), key=here.__getitem__, default="")
        return (name, here[name]) if name and here[name] >= wanted else ("", 0)

    def _around(self, scan: Scan) -> Iterator[Scan]:
        """Yield other people's scans of the same tag on other phones at the same time."""
        there = self._tags.get(scan.tag, [])
        at = bisect_left(there, scan.dated.at_ms - BESIDE_MS, key=_at_ms)
        while at < len(there) and there[at].dated.at_ms <= scan.dated.at_ms + BESIDE_MS:
            other = there[at]
            if other.staff != scan.staff and other.epoch != scan.epoch and _known(other):
                yield other
            at += 1


def sooner(one: Scan, other: Scan) -> bool:
    """Tell whether one scan was before another: on one phone by its numbers, else by the times."""
    if one.epoch == other.epoch:
        return one.seq < other.seq
    return _when(one) < _when(other)


def gap_s(one: Scan, other: Scan) -> float | None:
    """Return the most seconds that can lie between scans of two phones, None if nobody knows."""
    if not (_known(one) and _known(other)):
        return None
    apart_ms = abs(one.dated.at_ms - other.dated.at_ms)
    return (apart_ms + one.dated.error_ms + other.dated.error_ms) / 1000


def _known(scan: Scan) -> bool:
    return scan.dated.error_ms >= 0


def _set_by(scan: Scan, other: Scan) -> int:
    if scan.wall_ms is None or other.wall_ms is None:
        return 0
    return (scan.wall_ms - scan.mono_ms) - (other.wall_ms - other.mono_ms)


def _place_in_order(scan: Scan) -> tuple[str, int]:
    return (scan.epoch, scan.seq)


def _when(scan: Scan) -> tuple[int, str, int]:
    return (scan.dated.at_ms, scan.epoch, scan.seq)


def _at_ms(scan: Scan) -> int:
    return scan.dated.at_ms


def _seq(scan: Scan) -> int:
    return scan.seq
