"""A worker's phone with much to do, beside a real centre, and what goes on meanwhile elsewhere."""

import os
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from commands.assign import assign
from commands.phone import DATABASE, Phone
from commands.report import report
from commands.stage import Book, Stage
from commands.sync import sync
from radar_cli.world import real_workplace
from radar_core.actions import Draft, touches

WORKER, LEADER = "WC-T99", "WC-M01"
"""Somebody who works in all four projects, and who leads them."""
TASKS = 520
"""So many tasks are open at first; bench/one_screen.py finishes 120 of them, so 400 are always."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where a task is open: its tag's code, and how it is called."""

    place: str
    code: str
    project: str
    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """The phones' folders, and where the worker's open tasks are."""

    home: Path
    leader: Path
    spots: tuple[Spot, ...]
    environ: dict[str, str]

    @property
    def database(self) -> Path:
        """The worker's journal."""
        return self.home / DATABASE


@contextmanager
def build_field(folder: Path, tasks: int = TASKS) -> Generator[Field]:
    """Make the centre and two phones below `folder`; the centre runs while the field is used."""
    stage, book = Stage(folder, os.environ, lambda *_, **__: None), Book()
    row = (WORKER, "Field Worker", "外勤", "engineer", "HV;LG;CP;SQ")
    book.sheets = [
        replace(one, rows=(*one.rows, replace(one.rows[-1], cells=row)))
        if one.name == "staff"
        else one
        for one in book.sheets
    ]
    book.write(folder / "book")
    stage.quietly("centre", "admin", "init")
    stage.quietly("centre", "admin", "import", str(folder / "book"))
    stage.start_centre()
    try:
        for staff, phone in ((LEADER, "leader"), (WORKER, "worker")):
            code = stage.quietly("centre", "admin", "enrol-code", staff)["code"]
            stage.quietly(phone, "enrol", stage.url, code)
        spots = tuple(islice(_spots(book), tasks))
        leader = folder / "phones" / "leader"
        _open_tasks(leader, spots)
        home = folder / "phones" / "worker"
        sync(Phone(real_workplace(str(home), 30.0)))
        environ = {**stage.environ, "RADAR_HOME": str(home), "LANG": "C.UTF-8"}
        yield Field(home, leader, spots, environ)
    finally:
        stage.stop_centre()


def _spots(book: Book) -> Generator[Spot]:
    names = {row["id"]: row["name"] for row in book.rows("places")}
    for row in book.rows("tags"):
        if row["place"] and row["state"] == "bound" and not row["foreign"]:
            yield Spot(row["place"], row["code"], row["project"], names[row["place"]])


def _open_tasks(home: Path, spots: Sequence[Spot]) -> None:
    phone = Phone(real_workplace(str(home), 30.0))
    for spot in spots:
        told = report(phone, spot.place, f"Drips at {spot.place}", category="repair")
        assign(phone, str(told.data["task_id"]), WORKER)
    sync(phone)
    phone.journal.connection.close()


def record(home: Path, spots: Sequence[Spot], count: int) -> tuple[str, int]:
    """Record so many scans and notes on a phone; return its epoch and the last one's number."""
    phone = Phone(real_workplace(str(home), 30.0))
    moment = phone.workplace.clock()
    with phone.transaction():
        for number in range(count):
            spot = spots[number % len(spots)]
            body: dict[str, object] = {"place": spot.place}
            if number % 2:
                body |= {"text": f"Looked at valve {number} and wrote down what it shows"}
                kind, subject = "note", f"place:{spot.place}"
            else:
                body |= {"text": f"HTTPS://R.EXAMPLE/{spot.code}", "via": "wedge"}
                body |= {"outcome": "nothing_due", "tag": spot.code}
                kind, subject = "scan", spot.code
            draft = Draft(
                staff=phone.staff, project=spot.project, kind=kind, subject=subject, body=body
            )
            phone.journal.append(draft, moment, touches(draft))
    epoch = phone.meta["epoch"]
    last, _, _ = phone.journal.head(epoch)
    phone.journal.connection.close()
    return epoch, last


def send(home: Path) -> None:
    """Sync a phone with the centre."""
    phone = Phone(real_workplace(str(home), 60.0))
    sync(phone)
    phone.journal.connection.close()


class Watcher:
    """Sees a phone's journal over a connection of its own: only what is committed."""

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        (self._epoch,) = self._connection.execute(
            "SELECT value FROM meta WHERE key = 'epoch'"
        ).fetchone()

    def last(self) -> int:
        """Return the number of the phone's last own action."""
        return self._one("SELECT coalesce(max(seq), 0) FROM action WHERE epoch = ?", self._epoch)[0]

    def has(self, seq: int) -> bool:
        """Tell whether an own action can be read."""
        found = self._connection.execute(
            "SELECT 1 FROM action WHERE epoch = ? AND seq = ?", (self._epoch, seq)
        )
        return found.fetchone() is not None

    def sent(self) -> tuple[int, int]:
        """Return up to which own action was sent, and up to which the centre has them."""
        row = self._one("SELECT sent, receipted FROM epoch WHERE name = ?", self._epoch)
        return row[0], row[1]

    def holds(self, epoch: str, seq: int) -> bool:
        """Tell whether somebody else's action has come down."""
        found = self._connection.execute(
            "SELECT 1 FROM action WHERE epoch = ? AND seq = ?", (epoch, seq)
        )
        return found.fetchone() is not None

    def tags(self) -> int:
        """Return how many tags the phone knows."""
        return self._one("SELECT count(*) FROM record WHERE kind = 'tag'")[0]

    def _one(self, statement: str, *values: object) -> tuple[int, ...]:
        row: tuple[int, ...] = self._connection.execute(statement, values).fetchone()
        return row
