"""A broken site book: each mistake by sheet, row and column, and nothing of it taken in."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Need
from tests.e2e.world import TINY_BOOK, Prepared, Said, reading, run, say, write_book

MISTAKES_SHOWN = 20
ZONE = "projects, row 2, column timezone: Asia/Shangai is no time zone; did you mean Asia/Shanghai?"
PLACE = "assets, row 2, column place: There is no PUMS in the sheet places; did you mean PUMPS?"
LOG_BYTES = 60_000
"""Room for the index of the centre's log, but not for a log of 400 rooms."""


@pytest.fixture
def centre(prepared: Prepared, tmp_path: Path) -> Path:
    """Give the home of a centre that has a book already."""
    return prepared.centre(tmp_path / "centre").home


def _admin(centre: Path, *words: str) -> Said:
    return say(centre, "admin", *words, RADAR_CENTRE_HOME=str(centre))


def _book(folder: Path, **changed: list[dict[str, str]]) -> Path:
    """Write the tiny book with some of its sheets changed."""
    return write_book(folder, {**TINY_BOOK, **changed})


def _all_rows(centre: Path) -> list[str]:
    """Return the centre's whole database, as SQL; not the log of who did what to it."""
    with reading(centre / "centre.db") as database:
        return [line for line in database.iterdump() if 'INTO "audit"' not in line]


def test_every_mistake_is_named_by_sheet_row_and_column(centre: Path, tmp_path: Path) -> None:
    before = _all_rows(centre)
    projects = [{**TINY_BOOK["projects"][0], "timezone": "Asia/Shangai"}]
    assets = [{**TINY_BOOK["assets"][0], "place": "PUMS"}]
    tags = [*TINY_BOOK["tags"], {"code": "0J2CB8F6S37", "project": "HV", "place": "DESK"}]
    book = _book(tmp_path / "book", projects=projects, assets=assets, tags=tags)
    told = _admin(centre, "import", str(book))
    assert (told.code, told.stdout) == (1, "")
    sentence, *mistakes, hint = told.stderr.splitlines()
    assert sentence == f"{book} has 3 mistakes; nothing was changed."
    assert mistakes[:2] == [f"  Sheet {ZONE}", f"  Sheet {PLACE}"]
    assert mistakes[2].startswith("  Sheet tags, row 5, column code: 0J2CB8F6S37 has a wrong check")
    assert hint == "  → Correct them and import it again; --dry-run only looks."
    error = run(centre, "admin", "import", str(book), RADAR_CENTRE_HOME=str(centre)).error
    assert error["code"] == "book_mistakes"
    named = [(one["sheet"], one["row"], one["column"]) for one in error["mistakes"]]
    assert named == [("projects", 2, "timezone"), ("assets", 2, "place"), ("tags", 5, "code")]
    assert all(one["message"] for one in error["mistakes"])
    assert _all_rows(centre) == before


def test_of_very_many_mistakes_a_person_sees_the_first_and_the_count(
    centre: Path, tmp_path: Path
) -> None:
    assets = [{**TINY_BOOK["assets"][0], "id": f"A{n}", "place": "NOWHERE"} for n in range(250)]
    book = _book(tmp_path / "book", assets=[*TINY_BOOK["assets"], *assets])
    told = _admin(centre, "import", str(book))
    sentence, *lines, more, hint = told.stderr.splitlines()
    assert "250 mistakes" in sentence
    assert len(lines) == MISTAKES_SHOWN
    assert lines[0].startswith("  Sheet assets, row 3, column place: ")
    assert more == "  … and 230 more."
    assert hint.startswith("  → ")


def test_a_dry_run_writes_nothing_and_says_what_would_change(centre: Path, tmp_path: Path) -> None:
    before = _all_rows(centre)
    renamed = [{**TINY_BOOK["places"][0], "name": "Front desk"}, *TINY_BOOK["places"][1:]]
    book = _book(tmp_path / "book", places=renamed)
    told = _admin(centre, "import", str(book), "--dry-run")
    assert (told.code, told.stderr) == (0, "")
    assert "changed 1" in told.stdout
    assert _all_rows(centre) == before
    taken = _admin(centre, "import", str(book))
    assert (taken.code, "changed 1" in taken.stdout) == (0, True)
    assert _all_rows(centre) != before


# Each breaks the workbook `whole.xlsx` or the folder `book` that lie in a folder.
def _cut(folder: Path) -> Path:
    cut = folder / "cut.xlsx"
    cut.write_bytes((folder / "whole.xlsx").read_bytes()[:3000])
    return cut


def _gb18030(folder: Path) -> Path:
    sheet = folder / "book" / "districts.csv"
    sheet.write_bytes(sheet.read_text(encoding="utf-8").encode("gb18030"))
    return sheet.parent


def _without_staff(folder: Path) -> Path:
    (folder / "book" / "staff.csv").unlink()
    return folder / "book"


def _one_sheet(folder: Path) -> Path:
    return folder / "book" / "tags.csv"


def _nowhere(folder: Path) -> Path:
    return folder / "nowhere"


@pytest.mark.parametrize("broken", [_cut, _gb18030, _without_staff, _one_sheet, _nowhere])
def test_a_file_that_is_no_book_is_refused_in_a_sentence_and_nothing_changes(
    centre: Path, tmp_path: Path, broken: Callable[[Path], Path]
) -> None:
    exported = _admin(centre, "export", str(tmp_path / "whole.xlsx"))
    assert (exported.code, exported.stderr) == (0, "")
    before = _all_rows(centre)
    _book(tmp_path / "book")
    path = broken(tmp_path)
    told = _admin(centre, "import", str(path))
    assert (told.code, told.stdout) == (1, "")
    sentence, *mistakes, hint = told.stderr.splitlines()
    assert str(path) in sentence
    assert sentence.endswith(".")
    assert len(mistakes) == (1 if broken is _without_staff else 0)
    assert hint.startswith("  → ")
    assert _all_rows(centre) == before


def test_what_was_exported_says_the_same_when_it_comes_back(centre: Path, tmp_path: Path) -> None:
    before = _all_rows(centre)
    for name in ("book.xlsx", "book"):
        assert _admin(centre, "export", str(tmp_path / name)).code == 0
        told = _admin(centre, "import", str(tmp_path / name))
        assert "added 0, changed 0, removed 0" in told.stdout
    assert _all_rows(centre) == before


def test_a_centre_that_was_never_made_says_how_to_make_one(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    for words in (("export", "book"), ("enrol-code", "X")):
        told = _admin(nowhere, *words)
        assert told.code == 1
        sentence, hint = told.stderr.splitlines()
        assert sentence.endswith(".")
        assert hint.startswith("  → ")
    assert not nowhere.exists()


def test_a_centre_without_room_says_so_and_keeps_its_book(
    need: Need, centre: Path, tmp_path: Path
) -> None:
    need("prlimit (of util-linux)", shutil.which("prlimit"))
    before = _all_rows(centre)
    places = [
        {"id": f"P{n}", "project": "HV", "kind": "room", "name": f"Room {n}"} for n in range(400)
    ]
    book = _book(tmp_path / "book", places=[*TINY_BOOK["places"], *places])
    full = ("prlimit", f"--fsize={LOG_BYTES}")
    words = ("admin", "import", str(book))
    told = say(centre, *words, behind=full, RADAR_CENTRE_HOME=str(centre))
    assert (told.code, told.stdout) == (1, "")
    sentence, hint = told.stderr.splitlines()
    assert sentence.endswith(".")
    assert hint.startswith("  → ")
    assert _all_rows(centre) == before
    assert _admin(centre, "import", str(book)).code == 0
