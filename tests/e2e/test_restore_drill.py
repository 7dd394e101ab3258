"""The restore drill: a centre is backed up under load, lost, and restored; 20 phones go on.

Nothing is lost, nothing doubled, byte for byte, and every phone is told (law 3).
"""

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from commands.phone import Phone
from commands.sync import sync
from radar_cli.world import real_workplace
from radar_core.failures import NOT_ENROLLED
from radar_server import admin
from radar_server.database import open_engine
from radar_server.database import reading as snapshot
from sync.outbox import verify
from tests.conftest import Need
from tests.contract.centre_postgres import drop_schema, postgres, schema_url
from tests.e2e.storm_centre import Server, book, project_of, staff_of
from tests.e2e.world import Run, journal, run, write_book

PHONES = 20
BEFORE, OFFLINE_EACH = 3, 2
AT_ONCE = 4
LATE = PHONES
"""The number of the phone that is enrolled after the backup."""
MakeDb = Callable[[], str]


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str | None]:
    """Give a PostgreSQL of this file's own."""
    with postgres() as url:
        yield url


@pytest.fixture
def make_db(postgres_url: str | None, need: Need) -> Iterator[MakeDb]:
    """Give what makes an empty database in PostgreSQL, or names SQLite in the centre's folder."""
    made: list[str] = []

    def make() -> str:
        need("PostgreSQL", postgres_url)
        assert postgres_url is not None
        made.append(f"radar_drill_{os.getpid()}_{len(made)}")
        return schema_url(postgres_url, made[-1])

    yield make
    for name in made:
        assert postgres_url is not None
        drop_schema(postgres_url, name)


@dataclass
class Drill:
    """One centre and its phones, before the loss and after."""

    folder: Path
    home: Path
    db: str
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        admin.init(str(self.home), self.db, "Drill")
        written = str(write_book(self.folder / "book", book()))
        admin.import_book(str(self.home), self.db, written, dry_run=False)
        self.server = Server(self.folder, self.db, self.home)
        self.server.start()

    def admin(self, *words: str) -> Run:
        db = ("--db", self.db) if self.db else ()
        return run(self.folder, "admin", *words, *db, RADAR_CENTRE_HOME=str(self.home))

    def phone(self, number: int) -> Path:
        return self.folder / f"phone{number}"

    def enrol(self, number: int) -> Run:
        code = str(admin.enrol_code(str(self.home), self.db, staff_of(number % PHONES), 1)["code"])
        return run(self.phone(number), "enrol", f"http://127.0.0.1:{self.server.port}", code)

    def lines(self) -> list[tuple[str, str]]:
        """Return what the centre holds, by ids."""
        engine = open_engine(self.db or f"sqlite:///{self.home / admin.DATABASE}")
        with snapshot(engine) as connection:
            rows = connection.execute(text("SELECT epoch, seq, line FROM action")).all()
            kept = connection.execute(text("SELECT count(*) FROM quarantine")).scalar_one()
        engine.dispose()
        assert kept == 0
        return [(f"{epoch}.{seq}", line) for epoch, seq, line in rows]


def work(home: Path, number: int, count: int, *, online: bool = True) -> None:
    """Record notes as the person of a phone, and sync after each."""
    place = real_workplace(str(home), 20.0)
    phone = Phone(place)
    project = f"P{project_of(number % PHONES)}"
    for _ in range(count):
        with phone.transaction():
            phone.write("note", "", project, {"text": f"of {number} 水泵"}, place.clock())
        if online:
            sync(phone)
    phone.journal.connection.close()


def all_at_once(step: Callable[[int], object], count: int = PHONES) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(step, range(count)))


def back_up_under_load(drill: Drill, file: Path) -> Run:
    """Back up while every phone records and syncs, and for a while longer."""
    over = threading.Event()

    def go_on(number: int) -> None:
        while not over.is_set():
            work(drill.phone(number), number, 1)
        work(drill.phone(number), number, 1)

    with ThreadPoolExecutor(PHONES) as pool:
        busy = [pool.submit(go_on, number) for number in range(PHONES)]
        try:
            told = drill.admin("backup", str(file))
        finally:
            over.set()
        for one in busy:
            one.result()
    return told


def lose(drill: Drill) -> None:
    """Kill the centre with -9 and delete all that it had."""
    assert drill.server.stop(signal.SIGKILL) == -signal.SIGKILL
    shutil.rmtree(drill.home)


def check_phones(drill: Drill, told: Sequence[Run], at: str) -> None:
    """Every phone was told once, and what it holds fits."""
    assert all(one.data["centre_restored"]["backup"] == at for one in told)
    assert all(one.data["unsent"] == 0 for one in told)
    assert all(one.data["centre_restored"]["sent_again"] >= 1 for one in told)
    all_at_once(lambda n: check_phone(drill.phone(n)))


def check_phone(home: Path) -> None:
    """A second sync has nothing to tell; the chain and the receipts fit (law 8)."""
    phone = Phone(real_workplace(str(home), 20.0))
    assert sync(phone).data["centre_restored"] is None
    assert verify(phone.journal) == (len(journal(home)), "")
    phone.journal.connection.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("source", "target"),
    [("sqlite", "sqlite"), ("postgresql", "postgresql"), ("sqlite", "postgresql")],
)
def test_law_03_a_restored_centre_has_everything_again_once_and_every_phone_is_told(
    tmp_path: Path, make_db: MakeDb, source: str, target: str
) -> None:
    dbs = [make_db() if kind == "postgresql" else "" for kind in (source, target)]
    drill = Drill(tmp_path, tmp_path / "centre", dbs[0])
    assert all(one.code == 0 for one in all_at_once(drill.enrol))
    all_at_once(lambda n: work(drill.phone(n), n, BEFORE))
    backed_up = back_up_under_load(drill, tmp_path / "backup")
    drill.enrol(LATE)
    work(drill.phone(LATE), LATE, BEFORE)
    receipt = str(tmp_path / "receipt")
    assert run(drill.phone(0), "receipt", "--out", receipt).code == 0
    before = dict(drill.lines())

    lose(drill)
    all_at_once(lambda n: work(drill.phone(n), n, OFFLINE_EACH, online=False), PHONES + 1)
    drill.home, drill.db = tmp_path / "restored", dbs[1]
    restored = drill.admin("restore", str(tmp_path / "backup")).data
    assert restored["at"] == backed_up.data["at"]
    assert restored["actions"] == backed_up.data["rows"]["action"] < len(before)
    waiting = drill.admin("receipts", receipt)
    assert len(waiting.data["phones"]) == PHONES
    assert [one["verdict"] for one in waiting.data["receipts"]] == ["awaited"]
    drill.server = Server(drill.folder, drill.db, drill.home, drill.server.port)
    drill.server.start()

    check_phones(drill, all_at_once(lambda n: run(drill.phone(n), "sync")), restored["at"])
    late = run(drill.phone(LATE), "sync")
    assert (late.code, late.error["code"]) == (NOT_ENROLLED, "unknown_device")
    told = drill.enrol(LATE).data["sync"]["centre_restored"]
    assert told == {"backup": restored["at"], "sent_again": BEFORE}

    recorded = {
        f"{epoch}.{seq}": line
        for number in range(PHONES + 1)
        for epoch, seq, line in journal(drill.phone(number))
    }
    held = drill.lines()
    assert len(held) == len(recorded)
    assert dict(held) == recorded
    assert before.items() <= recorded.items()
    after = drill.admin("receipts", receipt)
    assert (after.data["phones"], [one["verdict"] for one in after.data["receipts"]]) == (
        [],
        ["held"],
    )
    assert drill.admin("audit", "--verify").code == 0
    assert drill.server.stop() == 0
    verify = ["log", "--verify", "--centre", *(["--db", drill.db] if drill.db else [])]
    verified = run(tmp_path, *verify, RADAR_CENTRE_HOME=str(drill.home)).data
    assert verified["verified"] == len(recorded)
