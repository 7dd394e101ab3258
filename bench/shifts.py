"""Guards of West Coast district on their rounds, by chance from a seed: honest ones and cheats.

Where the places lie, how people walk and what goes wrong is made up here, in the open; what a
picture's fingerprint does was measured on photographs of `scanners.darkroom`. See docs/evidence.md.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise
from math import cos, radians

from radar_core.scans import Dated, Position, Scan
from radar_core.walks import Site, metres
from radar_core.west_coast.parameters import WEST_COAST, Cells
from radar_core.west_coast.places import places
from radar_core.west_coast.routes import routes

START_MS = 1_772_409_600_000
DAY_S = 86_400
LAT, LON, M_PER_DEGREE = 36.06, 120.32, 111_320
MOVED_S = (45 * 60, 4 * 3600)
FRESH_FLIP, SCREEN_FLIP, RESIZED_BITS = 0.29, 0.07, 3
"""How a fingerprint's bits change: anew photographed, off a screen, and in a smaller file."""


@dataclass(frozen=True, order=True)
class Route:
    """A round's places and when it begins, in seconds of the day."""

    places: tuple[str, ...]
    begins: tuple[int, ...]
    ordered: bool


@dataclass(frozen=True)
class Town:
    """A project: where each place lies, its rounds, its guards, and the guards' desk."""

    sites: Mapping[str, Site]
    indoors: frozenset[str]
    routes: Sequence[Route]
    guards: Sequence[str]
    desk: Site


@dataclass
class Shift:
    """What was recorded on one round: the scans, and the ids of those that are judged."""

    cheat: str
    scans: list[Scan]
    judged: list[str]
    traits: frozenset[str] = frozenset()
    """What an honest round was like: the keys of `TRAITS`."""


TRAITS = {
    "all": "all rounds",
    "gps": "position on, where there is any",
    "no gps": "position off",
    "unchecked": "position off, the clock never checked",
    "hurry": "in a hurry, or running",
    "typed": "codes typed all the time",
    "pair": "two guards together, both scanning",
    "wrong clock": "the phone's clock always wrong",
}
BEGINS = {
    "NIGHT": (79_200, 7_200), "DAY": (32_400, 54_000), "GARAGE": (72_000, 14_400),
    "ROOF": (36_000,), "OPEN": (64_800,),
}  # fmt: skip


def towns() -> Iterator[Town]:
    """Yield the projects of West Coast district, laid out on a plain plan."""
    for project in WEST_COAST.projects:
        rows = list(places(project))
        sites = _laid_out(rows)
        stops: dict[str, list[Cells]] = defaultdict(list)
        for row in routes(project):
            stops[row["route"].removeprefix(f"{project.id}-")].append(row)
        rounds = [
            Route(
                tuple(row["place"] for row in stops[name] if "place" in row),
                begins,
                stops[name][0]["ordered"] == "yes",
            )
            for name, begins in BEGINS.items()
        ]
        outdoors = ("outdoor", "building")
        yield Town(
            sites,
            frozenset(row["id"] for row in rows if row["kind"] not in outdoors),
            rounds,
            [f"{project.id}-G{number:02}" for number in range(1, project.guards + 1)],
            sites[f"{project.id}-DESK"],
        )


def _laid_out(rows: Sequence[Cells]) -> dict[str, Site]:
    """Return a plan: towers in rows of four, 70 m apart, the wall around them, garages below."""
    spots: dict[str, tuple[float, float, float]] = {}
    outside = count()
    for row in rows:
        name, kind, parent = row["id"], row["kind"], row.get("parent", "")
        short, above = name.partition("-")[2], spots.get(parent)
        if short.startswith("T") and kind == "building":
            number = int(short[1:]) - 1
            spots[name] = (70.0 * (number % 4), 70.0 * (number // 4), 1)
        elif kind == "floor" and above:
            spots[name] = (above[0], above[1], float(short.partition("F")[2]))
        elif kind == "garage" and not above:
            spots[name] = (100, 70, -float(short[1:]))
        elif short.endswith("ROOF") and above:
            top = max(at[2] for place, at in spots.items() if place.startswith(f"{parent}-F"))
            spots[name] = (above[0], above[1], top + 1)
        elif above:
            x, y = (15.0 * (len(spots) % 7), 10.0 * (len(spots) % 5))
            garage = kind == "garage" or above[2] < 0
            spots[name] = (above[0] + x, above[1] + y, above[2]) if garage else above
        else:
            n = next(outside)
            side, along = n % 4, 40 + 80 * (n // 4 % 3)
            at = [(along, -40), (280, along), (along, 200), (-40, along)][side]
            spots[name] = (float(at[0]), float(at[1]), 1)
    return {name: _site(*at) for name, at in spots.items()}


def _site(x: float, y: float, level: float) -> Site:
    east = x / M_PER_DEGREE / cos(radians(LAT))
    return Site(LAT + y / M_PER_DEGREE, LON + east, level)


@dataclass
class Guard:
    """One guard's phone: its boot, its numbers, how wrong its clock has always been."""

    name: str
    epoch: str
    off_ms: int
    seq: int = 0


class World:
    """All chance of one run; `rounds` makes the scans of some days."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - repeatable on purpose, nothing secret
        self.faces: dict[str, int] = {}

    def guards(self, town: Town) -> list[Guard]:
        """Return the guards with their phones; one of forty never set the clock right."""
        draw = self.chance.random
        return [
            Guard(g, f"E-{g}", self.chance.randrange(200_000, 2_400_000) if draw() < 0.025 else 0)
            for g in town.guards
        ]

    def honest(self, town: Town, guard: Guard, route: Route, start_s: int) -> Shift:
        """Return an honest round: walks, pauses, haste, lifts; positions where there are any."""
        draw = self.chance.random
        order = list(route.places)
        if not route.ordered:
            self.chance.shuffle(order)
        at_s = start_s + self.chance.uniform(0, 1200)
        gps, hurry = draw() < 0.4, draw() < 0.05
        pace = max(0.9, self.chance.gauss(1.25, 0.15)) * (self.chance.uniform(1.5, 2.4) ** hurry)
        via = self.chance.choices(("picture", "wedge", "typed"), (6, 3, 1))[0]
        error_ms = self.chance.choices((50, 400, 61_000, -1), (5, 2, 1, 2))[0]
        scans: list[Scan] = []
        for before, place in pairwise([order[0], *order]):
            if before != place:
                at_s += self._leg(town, before, place, pace)
            scan = self._scan(guard, place, at_s, via, error_ms)
            if gps:
                scan = self._with_fix(town, scan, town.sites[place])
            if draw() < 0.1:
                scan = replace(scan, photo="arrived" if draw() < 0.7 else "promised")
            scans.append(scan)
            if draw() < 0.02:
                at_s += self.chance.uniform(2, 20)
                scans.append(self._scan(guard, place, at_s, via, error_ms))
        traits = {
            "all": True, "gps": gps, "no gps": not gps, "unchecked": not gps and error_ms < 0,
            "hurry": hurry, "typed": via == "typed", "wrong clock": bool(guard.off_ms),
        }  # fmt: skip
        like = frozenset(trait for trait, is_so in traits.items() if is_so)
        return Shift("", scans, [scan.id for scan in scans], like)

    def _leg(self, town: Town, one: str, other: str, pace_m_s: float) -> float:
        """Return the seconds from one place to another: corners, lifts or stairs, a pause."""
        a, b = town.sites[one], town.sites[other]
        flat_s = (metres(a, b) or 0) * self.chance.uniform(1.15, 1.4) / pace_m_s
        levels = abs((a.level or 0) - (b.level or 0))
        lift_s = self.chance.uniform(8, 45) + 2.2 * levels
        up_s = min(lift_s, levels * 14 / pace_m_s) if levels else 0.0
        look_s = self.chance.uniform(6, 25)
        pause_s = self.chance.uniform(60, 600) if self.chance.random() < 0.15 else 0.0
        return flat_s + up_s + look_s + pause_s

    def _scan(self, guard: Guard, place: str, at_s: float, via: str, error_ms: int) -> Scan:
        guard.seq += 1
        at_ms = START_MS + round(at_s * 1000)
        wall_ms = at_ms + guard.off_ms
        known = error_ms >= 0
        grade = ("moved" if guard.off_ms else "anchored") if known else "unanchored"
        return Scan(
            id=f"{guard.epoch}.{guard.seq}", epoch=guard.epoch, seq=guard.seq, staff=guard.name,
            tag=f"TAG-{place}", place=place, via=via, boot=f"boot{round(at_s) // (7 * DAY_S)}",
            mono_ms=round(at_s * 1000), wall_ms=wall_ms,
            dated=Dated(at_ms if known else wall_ms, grade, error_ms),
            hash=self.fresh(place) if via == "picture" else None,
        )  # fmt: skip

    def fresh(self, place: str) -> int:
        """Return the fingerprint of a new photograph of a tag."""
        face = self.faces.setdefault(place, self.chance.getrandbits(64))
        return self.flipped(face, FRESH_FLIP)

    def flipped(self, bits: int, share: float) -> int:
        """Return a fingerprint with each bit changed at that chance."""
        flips = (self.chance.random() < share for _ in range(64))
        return bits ^ sum(flip << n for n, flip in enumerate(flips))

    def _with_fix(self, town: Town, scan: Scan, site: Site) -> Scan:
        """Return a scan with a fix that is 5 to 50 m off; below ground and indoors mostly none."""
        draw = self.chance.random
        below = (site.level or 0) < 0
        if below or (scan.place in town.indoors and draw() < 0.6):
            return scan
        off_m = self.chance.uniform(5, 50)
        accuracy_m = off_m * self.chance.uniform(0.6, 2.0)
        return replace(scan, position=self.fix(site, off_m, accuracy_m))

    def fix(self, site: Site, off_m: float, accuracy_m: float, *, mock: bool = False) -> Position:
        """Return a position so far off a site, in any direction."""
        turn = self.chance.uniform(0, 360)
        north, east = off_m * cos(radians(turn)), off_m * cos(radians(90 - turn))
        lat = (site.lat or 0) + north / M_PER_DEGREE
        return Position(
            lat, (site.lon or 0) + east / M_PER_DEGREE / cos(radians(LAT)), accuracy_m, mock=mock
        )
