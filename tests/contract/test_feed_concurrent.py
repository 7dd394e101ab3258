"""Law 6 under concurrent writers: a cursor never skips an action, and positions are dense.

Several centres on one database are several centre processes. A writer that stands between its
positions and its commit waits until the reader has polled once more.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlmodel import col

from radar_server import ingest
from radar_server.centre import Centre
from radar_server.database import migrate, open_engine, reading, writing
from radar_server.devices import read_device
from radar_server.feed import NewsPage, Reader, read_news
from radar_server.heads import Head, lock_heads, read_heads
from radar_server.prepared import Pushed, prepare
from radar_server.storing import store_pushes
from radar_server.streams import page_of
from radar_server.tables import ActionRow
from tests.contract.centre_parts import Clock, Device, held, new_centre, new_device

WRITERS = 4
PUSHES = 30
POLL_S = 10.0
LockHeads = Callable[[Connection, Iterable[str]], dict[str, Head]]


class Thrown(Exception):
    """What goes wrong in the middle of a writer's transaction."""


@dataclass
class Cursor:
    """A reader that polls with its cursor as long as anybody writes, and counts what it saw."""

    engine: Engine
    seen: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    pos: int = 0
    polls: int = 0
    polled: threading.Condition = field(default_factory=threading.Condition)
    writing: bool = True

    def poll(self) -> bool:
        """Read one page; tell whether there was anything."""
        with reading(self.engine) as connection:
            news = read_news(connection, Reader({"HV"}, {"HV": self.pos}, {}), NewsPage(rows=7))
        for entry in news:
            self.pos = entry.pos
            self.seen.update(entry.actions)
        with self.polled:
            self.polls += 1
            self.polled.notify_all()
        return bool(news)

    def run(self) -> None:
        while self.writing:
            self.poll()

    def await_poll(self) -> None:
        """Wait until a poll that begins after now has ended."""
        with self.polled:
            wanted = self.polls + 2
            assert self.polled.wait_for(lambda: self.polls >= wanted, POLL_S), "nobody polls"


def write(centre: Centre, device: Device, seed: int) -> None:
    """Push so many pages, as one process of the centre; now and then one fails in the middle."""
    chance = random.Random(seed)
    with reading(centre.engine) as connection:
        known = read_device(connection, device.id)
    assert known is not None
    for _ in range(PUSHES):
        first = len(device.lines) + 1
        for _ in range(chance.randint(1, 5)):
            device.act()
        pushed = prepare(known, page_of(device.push(first)))
        if chance.random() < 0.2:
            with pytest.raises(Thrown):
                write_and_fail(centre, pushed)
        (outcome,) = store_pushes(centre, [pushed])
        assert isinstance(outcome, ingest.Stored), outcome


def write_and_fail(centre: Centre, pushed: Pushed) -> None:
    with writing(centre.engine) as connection:
        ingest.ingest_all(connection, [pushed], centre.now_ms())
        raise Thrown


@contextmanager
def slowly(cursor: Cursor, lock: LockHeads) -> Generator[None]:
    """Let some writers stand for a while between their positions and their commit."""
    chance = random.Random(1)

    def locked(connection: Connection, projects: Iterable[str]) -> dict[str, Head]:
        heads = lock(connection, projects)
        if chance.random() < 0.3:
            cursor.await_poll()
        return heads

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingest, "lock_heads", locked)
        yield


def run(url: str, lock: LockHeads, writers: int = WRITERS) -> tuple[Centre, Cursor]:
    """Let several centres write on one database while a cursor reads it to the end."""
    engine = open_engine(url)
    migrate(engine)
    centre = new_centre(engine, Clock())
    cursor = Cursor(open_engine(url))
    devices = [new_device(centre) for _ in range(writers)]
    centres = [replace(centre, engine=open_engine(url)) for _ in devices]
    with slowly(cursor, lock), ThreadPoolExecutor(WRITERS + 1) as threads:
        reader = threads.submit(cursor.run)
        written: list[Future[None]] = [
            threads.submit(write, one, device, seed)
            for seed, (one, device) in enumerate(zip(centres, devices, strict=True))
        ]
        try:
            for future in written:
                future.result()
        finally:
            cursor.writing = False
        reader.result()
    while cursor.poll():
        pass
    for one in (*centres, replace(centre, engine=cursor.engine)):
        one.engine.dispose()
    return centre, cursor


def missed(centre: Centre, cursor: Cursor) -> int:
    """Return how many of the actions that the centre holds never came down."""
    return len({(epoch, line) for epoch, _, line in held(centre)} - set(cursor.seen))


def test_law_06_no_gap_in_the_feed_under_concurrent_writers(db: str) -> None:
    centre, cursor = run(db, lock_heads)
    assert len(held(centre)) >= WRITERS * PUSHES
    assert missed(centre, cursor) == 0
    assert set(cursor.seen.values()) == {1}
    with reading(centre.engine) as connection:
        head = read_heads(connection, ["HV"])["HV"].pos
        wanted = select(col(ActionRow.pos)).where(col(ActionRow.project) == "HV")
        positions = sorted(connection.execute(wanted).scalars())
    assert positions == list(range(head - len(positions) + 1, head + 1))
    centre.engine.dispose()


def of_a_sequence(connection: Connection, projects: Iterable[str]) -> dict[str, Head]:
    """Take positions from a sequence, as if that were as good as the locked row."""
    heads = read_heads(connection, projects)
    for head in heads.values():
        head.pos = connection.execute(text("SELECT nextval('positions')")).scalar_one()
    return heads


def store_greatest(connection: Connection, heads: Mapping[str, Head]) -> None:
    """Note the newest position that anybody took."""
    statement = text("UPDATE head SET pos = greatest(pos, :pos) WHERE project = :project")
    for name, head in heads.items():
        connection.execute(statement, {"pos": head.pos, "project": name})


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
@pytest.mark.parametrize("writers", [1, WRITERS])
def test_law_06_a_sequence_in_place_of_the_row_lock_is_found_out(
    db: str, monkeypatch: pytest.MonkeyPatch, writers: int
) -> None:
    """With one writer alone it goes well: what is found is the race, not something else."""
    engine = open_engine(db)
    with engine.begin() as connection:
        connection.execute(text("CREATE SEQUENCE positions START 1000 INCREMENT 10"))
    engine.dispose()
    monkeypatch.setattr(ingest, "store_heads", store_greatest)
    centre, cursor = run(db, of_a_sequence, writers)
    assert (missed(centre, cursor) > 0) == (writers > 1)
    centre.engine.dispose()
