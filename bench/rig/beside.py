"""A phone of West Coast district beside its running centre, for what is measured on one."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from commands.demo import ROUTE
from commands.stage import Book, Stage

STAFF = "HV-G01"
BADNESS = 0.2
"""The photo that is measured is an easy one: a hard one costs what its rescue costs."""


@dataclass(frozen=True, slots=True)
class Site:
    """An enrolled guard's phone, and a checkpoint's code and photo."""

    home: Path
    code: str
    photo: Path


@contextmanager
def build_site(folder: Path) -> Generator[Site]:
    """Make the centre and the phone below `folder`; the centre runs while the site is used."""
    stage, book = Stage(folder, os.environ, lambda *_, **__: None), Book()
    book.write(folder / "book")
    stage.quietly("centre", "admin", "init")
    stage.quietly("centre", "admin", "import", str(folder / "book"))
    stage.start_centre()
    try:
        code = stage.quietly("centre", "admin", "enrol-code", STAFF)["code"]
        stage.quietly("guard", "enrol", stage.url, code)
        spot = next(row["place"] for row in book.rows("routes") if row["route"] == ROUTE)
        photo = Path(stage.photo("checkpoint", book.label(spot), 1, BADNESS))
        yield Site(folder / "phones" / "guard", book.code_on(spot), photo)
    finally:
        stage.stop_centre()
