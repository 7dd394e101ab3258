"""The cheats that `bench/evidence.py` counts: each makes of an honest round what was recorded."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from bench.shifts import MOVED_S, RESIZED_BITS, SCREEN_FLIP, Guard, Shift, Town, World
from radar_core.scans import Dated, Scan


class Case(NamedTuple):
    """An honest round, and whose it is."""

    world: World
    town: Town
    shift: Shift
    guard: Guard


Cheat = Callable[[Case], list[Shift]]


def _again(case: Case) -> list[Shift]:
    return _shown(case, 0.0)


def _resized(case: Case) -> list[Shift]:
    return _shown(case, RESIZED_BITS / 64)


def _screen(case: Case) -> list[Shift]:
    return _shown(case, SCREEN_FLIP)


def _shown(case: Case, flip: float) -> list[Shift]:
    """Return the round as if walked, each tag being a picture of it; judged where it came before.

    `flip` is the chance of each bit of the fingerprint to change from one time to the next.
    """
    world, scans, again = case.world, list[Scan](), list[str]()
    taken = set(world.faces)
    for scan in _plain(case.shift):
        name = f"{case.guard.name} {scan.place}"
        if name in taken:
            again.append(scan.id)
        face = world.faces.setdefault(name, world.fresh(scan.place))
        scans.append(replace(scan, via="picture", hash=world.flipped(face, flip)))
    return [Shift("?", scans, again)]


def _patient(case: Case) -> list[Shift]:
    return _told([replace(s, via="wedge", hash=None) for s in _plain(case.shift)])


def _made_up(case: Case) -> list[Shift]:
    return _told(_fixed(case, _plain(case.shift), mock=False))


def _mock(case: Case) -> list[Shift]:
    return _told(_fixed(case, _plain(case.shift), mock=True))


def _fixed(case: Case, scans: Sequence[Scan], *, mock: bool) -> list[Scan]:
    draw, world = case.world.chance.uniform, case.world
    return [
        replace(
            s, position=world.fix(case.town.sites[s.place], draw(0, 10), draw(4, 12), mock=mock)
        )
        for s in scans
    ]


def _desk(case: Case) -> list[Shift]:
    return _told(_retimed(case.world, _patient(case)[0].scans, 10, 25))


def _desk_fixed(case: Case) -> list[Shift]:
    draw = case.world.chance.uniform
    scans = _patient(case)[0].scans
    fixed = [
        replace(s, position=case.world.fix(case.town.desk, draw(5, 40), draw(8, 40))) for s in scans
    ]
    return _told(fixed)


def _one_tag(case: Case) -> list[Shift]:
    """One tag lies at the spot before it on the round; the rest is walked."""
    scans = list(case.shift.scans)
    at = case.world.chance.randrange(1, len(scans))
    moved = _at(scans[at], scans[at - 1].mono_ms + case.world.chance.randrange(6_000, 15_000))
    scans[at] = replace(moved, position=None, photo="")
    return [Shift("?", scans, [scans[at].id])]


def _burst(case: Case) -> list[Shift]:
    scans = [replace(s, via="picture", hash=case.world.fresh(s.place)) for s in _plain(case.shift)]
    return _told(_retimed(case.world, scans, 4, 9))


def _typed(case: Case) -> list[Shift]:
    return _told([replace(s, via="typed", hash=None) for s in _plain(case.shift)])


def _typed_at_once(case: Case) -> list[Shift]:
    return _told(_retimed(case.world, _typed(case)[0].scans, 15, 30))


def _set_back(case: Case) -> list[Shift]:
    return _told(_set(case.world, case.shift.scans, -1))


def _set_on(case: Case) -> list[Shift]:
    return _told(_set(case.world, case.shift.scans, 1))


def _restarted(case: Case) -> list[Shift]:
    boot = f"{case.shift.scans[0].boot}-{case.shift.scans[0].seq}"
    scans = [replace(s, boot=boot) for s in _set(case.world, case.shift.scans, -1)]
    told = [s.wall_ms or 0 for s in scans]
    dated = [Dated(at_ms, "unanchored") for at_ms in told]
    return _told([replace(s, dated=d) for s, d in zip(scans, dated, strict=True)])


def _set(world: World, scans: Sequence[Scan], sign: int) -> list[Scan]:
    """Return scans whose wall clock is wrong, the boot's own clock being right."""
    off_ms = sign * round(world.chance.uniform(*MOVED_S) * 1000)
    return [
        replace(
            s,
            wall_ms=(s.wall_ms or 0) + off_ms,
            dated=replace(s.dated, grade="moved")
            if s.dated.error_ms >= 0
            else Dated(s.dated.at_ms + off_ms, "unanchored"),
        )
        for s in scans
    ]


def _carried(case: Case) -> list[Shift]:
    """Return two rounds: a colleague holds the phone of somebody who is not there beside it."""
    return [Shift("", case.shift.scans, []), *_told(beside(case))]


def beside(case: Case) -> list[Scan]:
    """Return what a second phone records that is at each tag some seconds after the first."""
    other = case.world.chance.choice([name for name in case.town.guards if name != case.guard.name])
    scans = []
    for scan in _plain(case.shift):
        near = _at(scan, scan.mono_ms + case.world.chance.randrange(3_000, 15_000))
        own = case.world.fresh(scan.place) if scan.hash is not None else None
        epoch = f"F-{case.guard.name}"
        scans.append(replace(near, id=f"{scan.id}-2", epoch=epoch, staff=other, hash=own))
    return scans


def _badge(case: Case) -> list[Shift]:
    """Return a round, and scans of the same person elsewhere, by somebody with their badge."""
    places = [place for route in case.town.routes for place in route.places]
    far = []
    for scan in _plain(case.shift):
        place = case.world.chance.choice([p for p in places if p != scan.place])
        near = _at(scan, scan.mono_ms + case.world.chance.randrange(1_000, 20_000))
        far.append(
            replace(
                near, id=f"{scan.id}-badge", epoch=f"B-{case.guard.name}", place=place,
                tag=f"TAG-{place}", hash=None, via="wedge",
            )
        )  # fmt: skip
    return [Shift("", case.shift.scans, []), *_told(far)]


def _plain(shift: Shift) -> list[Scan]:
    return [replace(scan, position=None, photo="") for scan in shift.scans]


def _told(scans: Sequence[Scan]) -> list[Shift]:
    return [Shift("?", list(scans), [scan.id for scan in scans])]


def _retimed(world: World, scans: Sequence[Scan], least_s: float, most_s: float) -> list[Scan]:
    at_ms, again = scans[0].mono_ms, []
    for scan in scans:
        again.append(_at(scan, at_ms))
        at_ms += round(world.chance.uniform(least_s, most_s) * 1000)
    return again


def _at(scan: Scan, mono_ms: int) -> Scan:
    """Return a scan at another time."""
    by_ms = mono_ms - scan.mono_ms
    dated = replace(scan.dated, at_ms=scan.dated.at_ms + by_ms)
    return replace(scan, mono_ms=mono_ms, wall_ms=(scan.wall_ms or 0) + by_ms, dated=dated)


CHEATS: dict[str, Cheat] = {
    "a photograph of each tag, used again": _again,
    "the same, made smaller by a messenger": _resized,
    "the same, photographed anew off a screen": _screen,
    "copies of all tags at the desk, 10 to 25 s apart": _desk,
    "copies at the desk in real time, position on": _desk_fixed,
    "one tag taken along, the rest walked": _one_tag,
    "the whole round at the end, 4 to 9 s apart": _burst,
    "codes typed from a notebook, 15 to 30 s apart": _typed_at_once,
    "codes typed from a notebook in real time": _typed,
    "the clock set back for a late round": _set_back,
    "the clock set forward for an early round": _set_on,
    "the clock set back, the phone restarted twice": _restarted,
    "a mock position that the phone tells of": _mock,
    "a position made up that it does not tell of": _made_up,
    "an absent colleague's phone carried along": _carried,
    "one's badge scanned by somebody elsewhere": _badge,
    "printed copies at the desk in real time": _patient,
}
