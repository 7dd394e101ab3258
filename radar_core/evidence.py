"""What speaks for a person having been where a tag was scanned: parts, each with a grade. Pure.

A is more than a scan alone can show, B an honest shift as it mostly is, C says little or is odd,
D can hardly be so. The rule:

    grade = the lower of   the best of what speaks for it      tag, position, photo
                    and    the worst of what speaks against    position, frame, walk, burst, clock,
                                                               person

A part of which nothing is known has no grade and counts for neither, so that nobody is held to
what no phone could know: a night without position, photographs and a known clock is B. A worse part
never makes a better grade. What is known is a set of scans: in whatever order they came, the grades
are the same. No grade is a verdict; `radar_core.reasons` has the sentence for each reason.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from radar_core.scans import Position, Scan, hash_distance
from radar_core.trails import Trails, gap_s, sooner
from radar_core.walks import PEOPLE_MIN, Site, Walks, Way, metres

SPEAKS_FOR = frozenset({"tag", "position", "photo"})
SPEAKS_AGAINST = frozenset({"position", "frame", "walk", "burst", "clock", "person"})

SAME_BITS, LIKE_BITS = 5, 9
"""Of 64 bits so many may differ in the same picture, and in one of it, by `bench/evidence.py`."""
BLANK_BITS = 6
"""A frame nearly all dark or all bright resembles every other such one."""
AGAIN_S = 10 * 60
"""A picture shown twice so soon is one visit."""
NEAR_M, FAR_M = 50, 150
"""A fix so far off, beyond twice its accuracy, is odd; and cannot be."""
ROUGH_M = 150
"""A fix that may be wrong by more says nothing."""
OLD_S = 120
HASTY, IMPOSSIBLE = 0.5, 1 / 3
"""These parts of what a way usually takes are odd, and cannot be, if short by so many seconds:"""
HASTY_S, IMPOSSIBLE_S = 5, 10
BURST_S, BURST_ODD, BURST = 60, 5, 6
"""So many different places within so many seconds."""
SET_MS = 120_000
"""A clock that is wrong by more was set so."""
BESIDE = 5
"""In so many places in a row beside the same other person."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `grade` A to D or empty, `reason` a word, `values` what its sentence names."""

    name: str
    grade: str
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """Return the part as a JSON object."""
        told: dict[str, object] = {"part": self.name, "grade": self.grade or None}
        return told | {"reason": self.reason, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The grade of a scan, and its parts."""

    grade: str
    parts: tuple[Part, ...]

    def body(self) -> dict[str, object]:
        """Return the evidence as a JSON object."""
        return {"grade": self.grade, "parts": [part.body() for part in self.parts]}


def grade_of(parts: Iterable[Part]) -> str:
    """Return the grade of the whole by the rule of this module."""
    graded = [part for part in parts if part.grade]
    best = min((part.grade for part in graded if part.name in SPEAKS_FOR), default="B")
    return max([best, *(part.grade for part in graded if part.name in SPEAKS_AGAINST)])


def grade_scans(
    scans: Iterable[Scan], walks: Walks, wanted: Collection[str] | None = None
) -> dict[str, Evidence]:
    """Return the evidence of the wanted scans (by action id; None: of all), by what all tell."""
    trails = Trails(scans)
    chosen = trails.scans if wanted is None else [s for s in trails.scans if s.id in wanted]
    return {scan.id: _evidence(scan, trails, walks) for scan in chosen}


def _evidence(scan: Scan, trails: Trails, walks: Walks) -> Evidence:
    parts = (
        _tag(scan),
        _frame(scan, trails),
        _position(scan, trails, walks.sites.get(scan.place, Site())),
        _clock(scan, trails),
        _walk(scan, trails, walks),
        _burst(scan, trails),
        _photo(scan),
        _person(scan, trails, walks),
    )
    return Evidence(grade_of(parts), parts)


def _tag(scan: Scan) -> Part:
    if scan.via in ("picture", "camera", "wedge"):
        return Part("tag", "B", "scanned")
    if scan.via in ("typed", "clipboard", "picked"):
        return Part("tag", "C", scan.via)
    return Part("tag", "", "unknown_way")


def _frame(scan: Scan, trails: Trails) -> Part:
    """The same frame twice is a picture of a picture, or the picture itself once more."""
    if scan.hash is None:
        return Part("frame", "", "no_picture")
    if not BLANK_BITS <= scan.hash.bit_count() <= 64 - BLANK_BITS:
        return Part("frame", "", "blank_picture")
    nearest, like = 65, None
    for other in trails.pictures(scan.tag):
        bits = hash_distance(other.hash, scan.hash) if other.hash is not None else nearest
        if bits < nearest and sooner(other, scan) and not _one_visit(other, scan):
            nearest, like = bits, other
    if like is None:
        return Part("frame", "", "first_picture")
    told = {"bits": nearest, "action": like.id, "staff": like.staff}
    if nearest <= SAME_BITS:
        return Part("frame", "D", "same_picture", told)
    if nearest <= LIKE_BITS:
        return Part("frame", "C", "like_picture", told)
    return Part("frame", "A", "new_picture", {"bits": nearest})


def _one_visit(one: Scan, other: Scan) -> bool:
    return one.run == other.run and abs(one.mono_ms - other.mono_ms) < AGAIN_S * 1000


def _position(scan: Scan, trails: Trails, site: Site) -> Part:
    fix = scan.position
    if fix is None:
        return Part("position", "", "deleted" if scan.deleted else "no_position")
    if fix.mock:
        return Part("position", "D", "mock")
    if fix.accuracy_m > ROUGH_M or fix.age_s > OLD_S:
        return Part("position", "", "rough", {"accuracy_m": round(fix.accuracy_m)})
    if site.lat is None:
        site = trails.usual_fix(scan, ROUGH_M)
    away_m = metres(Site(fix.lat, fix.lon), site)
    if away_m is None:
        return Part("position", "", "no_site", {"accuracy_m": round(fix.accuracy_m)})
    told: dict[str, object] = {"away_m": round(away_m), "accuracy_m": round(fix.accuracy_m)}
    beyond_m = away_m - 2 * fix.accuracy_m
    if beyond_m <= NEAR_M:
        return Part("position", "A", "near", told)
    here, at_home = _fixes_of_others(scan, fix, site, trails)
    if here >= PEOPLE_MIN - 1 and here > at_home:
        return Part("position", "C", "moved_tag", told | {"people": here + 1})
    return Part("position", "D" if beyond_m > FAR_M else "C", "far", told)


def _fixes_of_others(scan: Scan, fix: Position, site: Site, trails: Trails) -> tuple[int, int]:
    """Return how many other people's latest fixes at this tag agree with this one, and the place.

    Where all go to the same wrong spot, it is the tag that is there.
    """
    latest: dict[str, Position] = {}
    for other in trails.fixes(scan.tag):
        there = other.position
        if there and not there.mock and there.accuracy_m <= ROUGH_M and other.staff != scan.staff:
            latest.setdefault(other.staff, there)
    spots = (Site(fix.lat, fix.lon), site)
    here, at_home = (sum(_agrees(spot, there) for there in latest.values()) for spot in spots)
    return here, at_home


def _agrees(spot: Site, fix: Position) -> bool:
    return (metres(spot, Site(fix.lat, fix.lon)) or 0.0) <= NEAR_M + 2 * fix.accuracy_m


def _clock(scan: Scan, trails: Trails) -> Part:
    """What a wall clock told beside the boot's own clock, which nobody can set."""
    if scan.wall_ms is None:
        return Part("clock", "C", "no_time")
    dated, off_ms = scan.dated, scan.wall_ms - scan.dated.at_ms
    if 0 <= dated.error_ms >= abs(off_ms) - SET_MS:
        return Part("clock", "A", "right", {"error_s": round(dated.error_ms / 1000)})
    around = trails.clocks(scan)
    if dated.error_ms >= 0:
        was_set = any(abs(off) > SET_MS for off in around.before)
        told = {"off_s": round(off_ms / 1000)}
        return Part("clock", "D" if was_set else "C", "set" if was_set else "wrong", told)
    both = (around.before[::-1], around.after)
    leaps = [next((off for off in side if abs(off) > SET_MS), 0) for side in both]
    if all(leaps) and abs(leaps[0] - leaps[1]) <= SET_MS:
        return Part("clock", "D", "set", {"off_s": round(leaps[0] / 1000)})
    if around.before and abs(around.before[-1]) > SET_MS:
        return Part("clock", "C", "leapt", {"off_s": round(around.before[-1] / 1000)})
    if around.back_ms > SET_MS:
        return Part("clock", "C", "went_back", {"off_s": round(around.back_ms / 1000)})
    return Part("clock", "B" if dated.grade else "", "unanchored" if dated.grade else "not_yet")


def _walk(scan: Scan, trails: Trails, walks: Walks) -> Part:
    """A phone cannot be in two places, whoever carries it."""
    before = trails.placed_before(scan)
    if not scan.place or before is None:
        return Part("walk", "", "first_scan")
    if before.place == scan.place:
        return Part("walk", "", "same_place")
    way, took_s = (
        walks.way(before.place, scan.place, scan.staff),
        (scan.mono_ms - before.mono_ms) / 1000,
    )
    told: dict[str, object] = {"took_s": round(took_s), "from": before.place}
    if not way.usual_s:
        return Part("walk", "", "unknown_way_there", told)
    if took_s < 0:
        return Part("walk", "", "first_scan")
    told["usual_s"] = round(way.usual_s)
    return Part("walk", *_haste(took_s, way), told)


def _haste(took_s: float, way: Way) -> tuple[str, str]:
    short_s = way.usual_s - took_s
    hardly = took_s < way.usual_s * IMPOSSIBLE and short_s >= IMPOSSIBLE_S
    if hardly or (took_s < way.floor_s and way.floor_s - took_s >= HASTY_S):
        return "D", "too_quick"
    if took_s < way.usual_s * HASTY and short_s >= HASTY_S:
        return "C", "quick"
    return "A", "in_time"


def _burst(scan: Scan, trails: Trails) -> Part:
    count = trails.places_within(scan, BURST_S * 1000)
    told = {"count": count, "seconds": BURST_S}
    if count >= BURST_ODD:
        return Part("burst", "D" if count >= BURST else "C", "burst", told)
    return Part("burst", "A", "no_burst") if count else Part("burst", "", "no_burst")


def _photo(scan: Scan) -> Part:
    grades = {"promised": "B", "arrived": "A"}
    reasons = {"": "no_photo", "deleted": "photo_deleted"}
    return Part("photo", grades.get(scan.photo, ""), reasons.get(scan.photo, scan.photo))


def _person(scan: Scan, trails: Trails, walks: Walks) -> Part:
    """One person on two phones, and two people's phones in one hand."""
    for other in trails.on_other_phones(scan):
        apart_s = gap_s(scan, other)
        way = walks.way(scan.place, other.place, scan.staff)
        if apart_s is not None and other.place != scan.place:
            grade, _ = _haste(apart_s, way)
            if grade == "D":
                told = {"from": other.place, "took_s": round(apart_s), "action": other.id}
                return Part("person", "D", "two_places", told)
    beside, count = trails.beside(scan)
    if count >= BESIDE:
        return Part("person", "C", "beside", {"staff": beside, "count": count})
    return Part("person", "", "nobody_beside")
