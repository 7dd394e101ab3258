"""Ingest over HTTP with all checks on, against bare inserts of the same rows.

The pages are recorded, chained and signed before the clock starts; they come from devices in
different projects over several connections, so that the centre never waits for a sender.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.rig import site
from bench.rig.centre import Site, make_site
from bench.rig.load import Sender, write_requests
from bench.rig.rows import Span, insert_bare, insert_objects, read_back
from bench.rig.sender import send
from radar_server.replays import AHEAD_MS
from sync.keys import KEY_BYTES, KeyPair
from sync.protocol import PAGE_ACTIONS_MAX

DEVICES, WAYS = 8, 4
OVER_HTTP = "over HTTP, all checks"
BARE_INSERT, BARE_COPY = "bare insert, all rows", "bare COPY, all rows"
OBJECTS = "SQLModel add_all, action rows only"
OBJECT_PAGES = 4
"""So many pages are enough for what is many times slower."""


@dataclass(frozen=True, slots=True)
class Load:
    """Ready pages for a centre: the file of requests, and what each page is in the tables."""

    file: Path
    spans: list[Span]

    @property
    def actions(self) -> int:
        """How many actions the pages hold."""
        return sum(high - low + 1 for _, low, high in self.spans)


@dataclass(frozen=True, slots=True)
class Rate:
    """Actions a second, and the CPU time for each in microseconds, that of PostgreSQL left out."""

    actions_s: float
    each_us: float


def prepare(made: Site, folder: Path, pages: int) -> Load:
    """Enrol devices, and let each record and sign so many full pages."""
    keys = [KeyPair(os.urandom(KEY_BYTES)) for _ in range(DEVICES)]
    enrolled = made.enrol_all(list(enumerate(keys)))
    senders = [
        Sender(*pair, number) for number, pair in enumerate(zip(keys, enrolled, strict=True))
    ]
    now_ms = time.time_ns() // 1_000_000
    spans: list[Span] = []
    ways: list[list[bytes]] = [[] for _ in range(WAYS)]
    lines = {
        sender.number: sender.lines(site.times(sender.number, now_ms, pages * PAGE_ACTIONS_MAX))
        for sender in senders
    }
    for page in range(pages):
        for sender in senders:
            first = page * PAGE_ACTIONS_MAX
            push = sender.page(lines[sender.number][first : first + PAGE_ACTIONS_MAX])
            spans.append((sender.epoch, first + 1, first + PAGE_ACTIONS_MAX))
            ways[sender.number % WAYS].append(sender.request(push))
    file = folder / f"{made.home.name}-{now_ms}.requests"
    write_requests(file, ways)
    return Load(file, spans)


def over_http(made: Site, folder: Path, pages: int) -> tuple[Rate, Load]:
    """Return the rate of a real centre process, and what was sent."""
    with made.running() as centre:
        time.sleep(AHEAD_MS / 1000)  # nothing that was signed earlier is taken
        load = prepare(made, folder, pages)
        sent = send(centre.port, centre.pid, load.file)
    load.file.unlink()
    return Rate(load.actions / sent.seconds, sent.worked_s / load.actions * 1e6), load


def compare(kind: str, folder: Path, postgres: str | None, pages: int) -> dict[str, Rate]:
    """Return the rate of each way of writing the same rows, in one round."""
    made = make_site(folder, kind, postgres)
    rate, load = over_http(made, folder, pages)
    found = {OVER_HTTP: rate}
    written = read_back(made, load.spans)
    assert sum(len(page.rows[0]) for page in written) == load.actions, "some were not accepted"

    def bare(name: str, how: str, tables: int) -> None:
        fresh = make_site(folder, kind, postgres)
        found[name] = _rate(load.actions, lambda: insert_bare(fresh, written, how, tables))

    bare(BARE_INSERT, "insert", 3)
    if kind == "postgresql":
        bare(BARE_COPY, "copy", 3)
    bare("bare insert, action rows only", "insert", 1)
    few = written[:OBJECT_PAGES]
    fresh = make_site(folder, kind, postgres)
    objects = sum(len(page.rows[0]) for page in few)
    found[OBJECTS] = _rate(objects, lambda: insert_objects(fresh, few))
    return found


def _rate(actions: int, work: Callable[[], None]) -> Rate:
    began, worked = time.perf_counter(), time.process_time()
    work()
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    return Rate(actions / seconds, worked / actions * 1e6)


def flat(made: tuple[Site, Site], folder: Path, pages: int) -> tuple[float, float]:
    """Return actions a second into an empty centre and into one that was filled."""
    empty, full = (over_http(one, folder, pages)[0] for one in made)
    return empty.actions_s, full.actions_s
