"""How long the way between two places takes: a floor by distance, and what people took. Pure.

    no sooner than   the straight line at `FASTEST_M_S`, with the lift at `LEVEL_S` a level
    usually from     the time that a fifth of the other people's walks do not reach, each person
                     having the same weight: a hundred cheats weigh no more than one walk

Nobody is measured by their own walks, and what is learnt of the others holds as long as fewer than
a fifth of them cheat on that very way.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from radar_core.scans import Scan, finite

FASTEST_M_S = 7.0
"""An electric cart; nobody's tag is scanned sooner."""
LEVEL_S = 1.0
LEVELS_FREE = 1
"""A level up or down may be a few steps."""
USUAL_SHARE = 0.2
PEOPLE_MIN = 3
WALKS_MIN = 8
"""With fewer people or walks than these nothing is learnt."""
WALK_S_MAX = 30 * 60
"""Who takes longer did something else on the way."""
EARTH_M = 6_371_000

Pair = tuple[str, str]
Times = tuple[tuple[float, str], ...]
"""How many seconds who took, the quickest first."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a place is, as far as the site book says: degrees, the level."""

    lat: float | None = None
    lon: float | None = None
    level: float | None = None


class Way(NamedTuple):
    """The way between two places: none takes less than `floor_s`, most `usual_s`; 0 is unknown."""

    floor_s: float
    usual_s: float


@dataclass(frozen=True, slots=True)
class Walks:
    """All that is known of a project's ways."""

    sites: Mapping[str, Site]
    learnt: Mapping[Pair, Times]

    def way(self, one: str, other: str, staff: str) -> Way:
        """Return what is known of the way between two places without what a person took."""
        floor_s = floor_of(self.sites.get(one, Site()), self.sites.get(other, Site()))
        return Way(floor_s, max(floor_s, _usual(self.learnt.get(_pair(one, other), ()), staff)))


def site_of(body: Mapping[str, object]) -> Site:
    """Return where a place is by its record in the site book."""
    return Site(*(finite(body.get(name)) for name in ("lat", "lon", "level")))


def floor_of(one: Site, other: Site) -> float:
    """Return the seconds below which nobody gets from one place to the other; 0 if unknown."""
    flat_s = (metres(one, other) or 0.0) / FASTEST_M_S
    levels = 0.0
    if one.level is not None and other.level is not None:
        levels = max(0.0, abs(one.level - other.level) - LEVELS_FREE)
    return flat_s + levels * LEVEL_S


def metres(one: Site, other: Site) -> float | None:
    """Return how far apart two points are over ground, None where one is not known."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    north, east = radians(other.lat - one.lat), radians(other.lon - one.lon)
    straight = sin(north / 2) ** 2
    straight += cos(radians(one.lat)) * cos(radians(other.lat)) * sin(east / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(straight)))


def learn(scans: Iterable[Scan]) -> dict[Pair, Times]:
    """Return how long people took for each way, by scans in whatever order."""
    walks: dict[Pair, list[tuple[float, str]]] = defaultdict(list)
    placed = sorted((scan for scan in scans if scan.place), key=_on_phone)
    for before, scan in pairwise(placed):
        took_s = (scan.mono_ms - before.mono_ms) / 1000
        same = before.run == scan.run and before.staff == scan.staff
        if same and before.place != scan.place and 0 <= took_s <= WALK_S_MAX:
            walks[_pair(before.place, scan.place)].append((took_s, scan.staff))
    return {pair: tuple(sorted(times)) for pair, times in walks.items()}


def _on_phone(scan: Scan) -> tuple[str, int]:
    return (scan.epoch, scan.seq)


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def _usual(times: Times, staff: str) -> float:
    """Return the time that a fifth of the others' walks do not reach, 0 where there are too few."""
    counts = Counter(name for _, name in times if name != staff)
    if len(counts) < PEOPLE_MIN or counts.total() < WALKS_MIN:
        return 0.0
    left = USUAL_SHARE * len(counts)
    for took_s, name in times:
        left -= 1 / counts[name] if name != staff else 0.0
        if left < 0:
            return took_s
    return times[-1][0]
