"""Which cheats the evidence grades low, and what honest people get: a table, by chance from a seed.

Run: .venv/bin/python -m bench.evidence [--seed N] [--days N] [--write]
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.cheats import CHEATS, Case, beside
from bench.shifts import DAY_S, TRAITS, Shift, Town, World, towns
from radar_core.evidence import Evidence, grade_scans
from radar_core.walks import Walks, learn

CROOKED, CHEATED = 0.2, 0.8
"""One guard of five cheats on four of five rounds,"""
HABIT_DAYS, TURN = 20, 12
"""for so many days in one way, then in that which is so many further down."""
PAIRED = 0.02
"""So many honest rounds are walked by two, who both scan."""
DAYS = 90
SEED = 1
DOCS = Path(__file__).parent.parent / "docs"


def rounds(world: World, town: Town, first: int, days: int) -> Iterator[Shift]:
    """Yield all rounds of a project; its first cheat is the one that is so far down."""
    guards = world.guards(town)
    crooked, names = guards[: max(1, round(len(guards) * CROOKED))], [*CHEATS]
    plan = sorted((begin_s, route) for route in town.routes for begin_s in route.begins)
    for day in range(days):
        for begin_s, route in plan:
            guard = world.chance.choice(guards)
            shift = world.honest(town, guard, route, day * DAY_S + begin_s)
            case = Case(world, town, shift, guard)
            if guard in crooked and world.chance.random() < CHEATED:
                turn = first + crooked.index(guard) + day // HABIT_DAYS * TURN
                yield from _cheated(case, names[turn % len(names)])
            elif world.chance.random() < PAIRED:
                other = beside(case)
                for scans in (shift.scans, other):
                    yield Shift("", scans, [scan.id for scan in scans], shift.traits | {"pair"})
            else:
                yield shift


def _cheated(case: Case, name: str) -> Iterator[Shift]:
    for made in CHEATS[name](case):
        made.cheat = name if made.cheat else ""
        yield made


@dataclass
class Counts:
    """How many rounds had which grade as their worst, by cheat and by what honest ones were like.

    `plain`: the grades of honest scans without position or checked clock.
    """

    rounds: dict[str, Counter[str]]
    plain: Counter[str]


def measure(seed: int, days: int) -> tuple[Counts, Counts]:
    """Return what is counted where the site book says where places lie, and where it does not."""
    world = World(seed)
    names = (*CHEATS, *TRAITS)
    mapped, bare = (Counts({name: Counter() for name in names}, Counter()) for _ in range(2))
    for number, town in enumerate(towns()):
        shifts = list(rounds(world, town, 3 * number, days))
        scans = [scan for shift in shifts for scan in shift.scans]
        usual = learn(scans)
        for counts, sites in ((mapped, town.sites), (bare, {})):
            _count(counts, shifts, grade_scans(scans, Walks(sites, usual)))
    return mapped, bare


def _count(counts: Counts, shifts: Iterable[Shift], graded: Mapping[str, Evidence]) -> None:
    for shift in shifts:
        grades = [graded[id_].grade for id_ in shift.judged]
        for name in (shift.cheat,) if shift.cheat else shift.traits:
            counts.rounds[name].update([max(grades)] if grades else [])
        if "unchecked" in shift.traits:
            counts.plain.update(grades)


def lines(seed: int, days: int) -> Iterator[str]:
    """Yield the tables as Markdown."""
    mapped, bare = measure(seed, days)
    for head, names in (("cheat", {name: name for name in CHEATS}), ("honest", TRAITS)):
        yield f"| {head} | rounds | D | C | neither | no map: D | C |"
        yield "|---|--:|--:|--:|--:|--:|--:|"
        for name, told in names.items():
            with_map, without = mapped.rounds[name], bare.rounds[name]
            cells = [_share(with_map, grades) for grades in ("D", "C", "AB")]
            cells += [_share(without, grades) for grades in ("D", "C")]
            yield f"| {told} | {with_map.total():,} | {' | '.join(cells)} |"
        yield ""
    shares = ", ".join(f"{grade} {_share(bare.plain, grade)}" for grade in "ABCD")
    yield f"Scans of honest nights without position, map or checked clock: {shares}"
    yield f"of {bare.plain.total():,}."


def _share(grades: Counter[str], which: str) -> str:
    whole = grades.total()
    return f"{100 * sum(grades[one] for one in which) / whole:.1f} %" if whole else "-"


def renew(page: str, printed: Sequence[str]) -> str:
    """Return a page with the figures that are printed now, whatever its rows are called."""
    figures = (line.partition(" | ")[2] for line in printed if line.endswith(" % |"))
    shares, whole = printed[-2].rpartition(": ")[2], printed[-1].split()[1].rstrip(".")
    renewed: list[str] = []
    for line in page.split("\n"):
        if line.endswith(" % |"):
            renewed.append(f"{line.partition(' | ')[0]} | {next(figures)}")
        elif line.startswith("Scans of honest"):
            renewed.append(printed[-2])
        elif renewed and renewed[-1] == printed[-2]:
            renewed.append(printed[-1])
        elif line.startswith("没有定位、没有坐标"):
            told = f"没有定位、没有坐标、时钟未核对的诚实夜班，{whole} 次扫描：{shares}。"
            renewed.append(told)
        else:
            renewed.append(line)
    return "\n".join(renewed)


def main() -> None:
    """Print the tables, or write their figures into the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--write", action="store_true", help="renew the pages' figures")
    options = parser.parse_args()
    printed = list(lines(options.seed, options.days))
    for name in ("evidence.md", "zh/evidence.md") if options.write else ():
        page = DOCS / name
        page.write_text(renew(page.read_text(encoding="utf-8"), printed), encoding="utf-8")
    print("\n".join(printed))


if __name__ == "__main__":
    main()
