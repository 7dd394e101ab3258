"""A phone of West Coast district beside its running centre, for what is measured on one."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from commands.assign import assign
from commands.demo import ROUTE
from commands.phone import Phone
from commands.report import report
from commands.stage import Book, Stage
from radar_cli.world import real_workplace

STAFF = "HV-G01"
WHOLE = "WC-M01"
"""Somebody who sees all projects of the district."""
BADNESS = 0.2
"""The photo that is measured is an easy one: a hard one costs what its rescue costs."""


@dataclass(frozen=True, slots=True)
class Site:
    """An enrolled guard's phone, and a checkpoint's code, photo and place."""

    home: Path
    code: str
    photo: Path
    spot: str


@contextmanager
def build_site(folder: Path, staff: str = STAFF) -> Generator[Site]:
    """Make the centre and the phone below `folder`; the centre runs while the site is used."""
    stage, book = Stage(folder, os.environ, lambda *_, **__: None), Book()
    book.write(folder / "book")
    stage.quietly("centre", "admin", "init")
    stage.quietly("centre", "admin", "import", str(folder / "book"))
    stage.start_centre()
    try:
        code = stage.quietly("centre", "admin", "enrol-code", staff)["code"]
        stage.quietly("guard", "enrol", stage.url, code)
        spot = next(row["place"] for row in book.rows("routes") if row["route"] == ROUTE)
        photo = Path(stage.photo("checkpoint", book.label(spot), 1, BADNESS))
        yield Site(folder / "phones" / "guard", book.code_on(spot), photo, spot)
    finally:
        stage.stop_centre()


def open_work_orders(site: Site, count: int) -> int:
    """Report something at so many places, the checkpoint first, all given to the phone's person."""
    phone = Phone(real_workplace(str(site.home), 1.0))
    known = phone.journal.connection.execute("SELECT id FROM record WHERE kind = 'place'")
    places = [site.spot, *(id_ for (id_,) in known if id_ != site.spot)][:count]
    for place in places:
        told = report(phone, place, "It drips", category="repair")
        assign(phone, str(told.data["task_id"]), phone.staff)
    phone.journal.connection.close()
    return len(places)
