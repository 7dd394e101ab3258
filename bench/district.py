"""90 days of West Coast district in a real centre, each task beside a plain reference's word on it.

Run: .venv/bin/python -m bench.district [--days N] [--seed N] [--postgres]
The days are made by `tests.district.days`, the reference is `tests.district.reference`. At the end
of each day the board's items are compared, untouched ones too; at the end of all, every task that
anybody touched. Exits with 1 if anything differs.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.district.centre import DistrictCentre
    from tests.district.comparing import Expected
    from tests.district.days import Page

ROOT = Path(__file__).resolve().parent.parent
SHOWN = 20


class Watch:
    """How long each part took: by the wall, and of this process's CPU."""

    def __init__(self) -> None:
        self.wall_s: defaultdict[str, float] = defaultdict(float)
        self.cpu_s: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def over(self, part: str) -> Generator[None]:
        """Measure what happens inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall_s[part] += time.perf_counter() - wall
        self.cpu_s[part] += time.process_time() - cpu


class Run:
    """The days on one database, and what differed."""

    def __init__(self, centre: "DistrictCentre", expected: "Expected", watch: Watch) -> None:
        self.centre = centre
        self.expected = expected
        self.watch = watch
        self.boards = 0
        self.untouched = Counter[tuple[str, str]]()
        self.wrong: list[str] = []

    def take(self, pages: "list[Page]", end_s: int) -> None:
        """Take a day in, and compare the board at its end."""
        with self.watch.over("taken in by the centre"):
            self.centre.take(pages)
        with self.watch.over("boards of each day"):
            board = list(self.centre.board(end_s))
        with self.watch.over("the reference"):
            for page in pages:
                self.expected.take(page)
            for item in board:
                told = self.expected.state(item.task, end_s)
                self.boards += 1
                self.untouched[item.task.kind, item.state] += not item.progress.state
                if item.state != told:
                    self.wrong.append(f"{item.task.id}: {item.state}, not {told}, at {end_s}")

    def compare(self) -> Counter[tuple[str, str]]:
        """Compare every task that was touched; return how many of each kind are in each state."""
        from tests.district.comparing import differences

        with self.watch.over("the reference"):
            self.wrong += [str(one) for one in differences(self.centre.folded(), self.expected)]
            return Counter(
                (task.kind, standing.state or "(untouched)")
                for _, task, standing in self.expected.touched()
            )


def main() -> int:
    """Let the days pass, and print what became of them."""
    if Path(sys.path[0]).resolve() == ROOT / "bench":
        sys.path[0] = str(ROOT)
    from bench.rig.tables import machine, show
    from tests.contract.centre_postgres import postgres, schema_url
    from tests.district.book import district_book
    from tests.district.days import START_S, district_pages
    from tests.district.deeds import DAY_S

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, not on SQLite")
    asked = parser.parse_args()
    watch, book, kinds = Watch(), district_book(), Counter[str]()
    with watch.over("made by chance"):
        pages = list(district_pages(book, asked.days, asked.seed))
    with tempfile.TemporaryDirectory() as folder, postgres() as url:
        assert url or not asked.postgres, "there is no PostgreSQL here"
        at = schema_url(url, "district") if url and asked.postgres else f"sqlite:///{folder}/c.db"
        run = _begin(at, asked.days, watch)
        for day, sent in groupby(pages, lambda page: (page.at_s - START_S) // DAY_S):
            run.take(list(sent), START_S + (day + 1) * DAY_S - 900)
        states = run.compare()
    for page in pages:
        kinds.update(line.partition('"kind":"')[2].partition('"')[0] for line in page.lines)
    total, people = sum(kinds.values()), len({page.staff for page in pages})
    where = "PostgreSQL" if asked.postgres else "SQLite"
    print(machine(), f"{asked.days} days, seed {asked.seed}, {where}", sep="\n")
    show(
        "Actions by kind", ("kind", "actions"), [(k, f"{n:,}") for k, n in kinds.most_common()],
        f"{total:,} actions of {people} people in {len(pages):,} syncs",
    )  # fmt: skip
    _show_states("Touched tasks by state, at the end", states)
    _show_states("Untouched items of the boards, at the end of each day", run.untouched)
    show(
        "Time", ("part", "wall s", "CPU s"),
        [(part, f"{s:,.1f}", f"{watch.cpu_s[part]:,.1f}") for part, s in watch.wall_s.items()],
        f"{total / watch.cpu_s['taken in by the centre']:,.0f} actions a CPU second taken in",
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB at most",
    )  # fmt: skip
    print(f"\n{states.total():,} touched tasks and {run.boards:,} items of boards were compared:")
    print(f"{len(run.wrong)} differ from the reference", *run.wrong[:SHOWN], sep="\n")
    return 1 if run.wrong else 0


def _begin(db: str, days: int, watch: Watch) -> Run:
    """Return a run on an empty database."""
    from radar_server.database import open_engine
    from tests.district.book import district_book
    from tests.district.centre import DistrictCentre
    from tests.district.comparing import Expected

    book = district_book()
    with watch.over("book, people, expected tasks"):
        return Run(DistrictCentre(open_engine(db), book), Expected(book, days), watch)


def _show_states(title: str, states: Counter[tuple[str, str]]) -> None:
    """Print how many tasks of each kind are in each state."""
    from bench.rig.tables import show

    kinds = ("patrol", "cleaning", "maintenance")
    names = sorted({state for (_, state), count in states.items() if count})
    rows = [(name, *(f"{states[kind, name]:,}" for kind in kinds)) for name in names]
    show(title, ("state", *kinds), rows)


if __name__ == "__main__":
    sys.exit(main())
