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
from sync.keys import KEY_BYTES, KeyPair
from sync.protocol import PAGE_ACTIONS_MAX

DEVICES, WAYS = 8, 4
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


def over_http(made: Site, folder: Path, pages: int) -> tuple[float, Load]:
    """Return actions a second of a real centre process, and what was sent."""
    load = prepare(made, folder, pages)
    with made.running() as centre:
        sent = send(centre.port, centre.pid, load.file)
    load.file.unlink()
    return load.actions / sent.seconds, load


def compare(kind: str, folder: Path, postgres: str | None, pages: int) -> dict[str, float]:
    """Return actions a second for each way of writing the same rows, in one round."""
    made = make_site(folder, kind, postgres)
    rate, load = over_http(made, folder, pages)
    found = {"over HTTP, all checks": rate}
    written = read_back(made, load.spans)
    assert sum(len(page.rows[0]) for page in written) == load.actions, "some were not accepted"

    def bare(name: str, how: str, tables: int) -> None:
        fresh = make_site(folder, kind, postgres)
        found[name] = load.actions / _seconds(lambda: insert_bare(fresh, written, how, tables))

    bare("bare insert, all rows", "insert", 3)
    if kind == "postgresql":
        bare("bare COPY, all rows", "copy", 3)
    bare("bare insert, action rows only", "insert", 1)
    few = written[:OBJECT_PAGES]
    fresh = make_site(folder, kind, postgres)
    seconds = _seconds(lambda: insert_objects(fresh, few))
    found["SQLModel add_all, action rows only"] = sum(len(p.rows[0]) for p in few) / seconds
    return found


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def flat(made: tuple[Site, Site], folder: Path, pages: int) -> tuple[float, float]:
    """Return actions a second into an empty centre and into one that was filled."""
    empty, full = (over_http(one, folder, pages)[0] for one in made)
    return empty, full
