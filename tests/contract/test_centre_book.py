"""The site book at the centre: all or nothing, and only what changed travels."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from radar_core.book import Mistakes, Record
from radar_core.failures import Failure
from radar_core.tags import parse_code
from radar_core.west_coast import west_coast
from radar_server import admin
from radar_server.book import difference
from radar_server.book_files import write_book_file
from radar_server.centre import Centre
from radar_server.database import reading
from sync.enrolling import read_invitation
from tests.contract.centre_parts import (
    Phone,
    digest_of,
    import_records,
    new_device,
    person,
    project,
    site_book,
)

SAME: dict[str, dict[str, int]] = {"added": {}, "changed": {}, "removed": {}, "kept": {}}


def test_the_same_book_again_changes_nothing(centre: Centre) -> None:
    before = digest_of(centre, "HV")
    assert import_records(centre, site_book()) == SAME
    assert digest_of(centre, "HV") == before


def test_an_import_tells_what_it_added_changed_and_removed(centre: Centre) -> None:
    pos, count, _ = digest_of(centre, "HV")
    other = digest_of(centre, "PK")
    book = [r for r in site_book() if r.id not in ("HV-P3", "G1")]
    book += [*person("G1", "supervisor", "HV"), Record("HV", "place", "HV-P4", {"name": "New"})]
    assert import_records(centre, book) == {
        "added": {"place": 1},
        "changed": {"staff": 1},
        "removed": {"place": 1},
        "kept": {},
    }
    assert digest_of(centre, "HV")[:2] == (pos + 3, count)
    assert digest_of(centre, "PK") == other


def test_a_body_in_another_order_is_the_same_body(centre: Centre) -> None:
    turned = [Record(r.project, r.kind, r.id, dict(reversed(r.body.items()))) for r in site_book()]
    assert import_records(centre, turned) == SAME


def test_a_dry_run_tells_the_same_and_changes_nothing(centre: Centre) -> None:
    before = digest_of(centre, "HV")
    book = [r for r in site_book() if r.project == "PK"]
    with reading(centre.engine) as connection:
        told = difference(connection, book).counts()
    assert digest_of(centre, "HV") == before
    assert import_records(centre, book) == told
    assert told["removed"]["place"] == 3


def test_a_project_that_left_the_book_leaves_with_everything_but_its_actions(
    centre: Centre, client: httpx.Client, tmp_path: Path
) -> None:
    phone = Phone(centre, client, tmp_path, "G3")
    phone.record(project="PK")
    phone.sync()
    import_records(centre, [*project("HV"), *person("G3", "guard", "HV")])
    phone.sync()
    assert {key[0] for key in phone.records()} == {"HV"}
    assert digest_of(centre, "PK")[1] == 1
    import_records(centre, site_book())
    report = phone.sync()
    assert report.healed == []
    assert {key[0] for key in phone.records()} == {"HV", "PK"}


def test_an_import_that_breaks_off_leaves_nothing(centre: Centre) -> None:
    before = digest_of(centre, "HV")
    bad = [*site_book(), Record("HV", "place", "HV-P9", {"name": object()})]
    with pytest.raises(TypeError):
        import_records(centre, bad)
    assert digest_of(centre, "HV") == before
    assert import_records(centre, site_book()) == SAME


@pytest.fixture
def home(tmp_path: Path) -> str:
    """Give the folder of a centre that was made."""
    return str(tmp_path / "centre")


@pytest.fixture
def made(home: str, db: str) -> str:
    """Give the database of a centre that was made."""
    admin.init(home, db, "Test")
    return db


def test_the_example_district_is_a_round_trip(home: str, made: str, tmp_path: Path) -> None:
    write_book_file(tmp_path / "book", west_coast())
    first = admin.import_book(home, made, str(tmp_path / "book"), dry_run=False)
    assert first["added"] == {
        "district": 4, "project": 4, "place": 8110, "asset": 1186, "tag": 2500, "staff": 126,
        "checklist": 52, "route": 24, "schedule": 310, "holidays": 4, "meter": 12, "order": 12,
        "sla": 16,
    }  # fmt: skip
    admin.export_book(home, made, str(tmp_path / "again"))
    told = admin.import_book(home, made, str(tmp_path / "again"), dry_run=False)
    assert (told["added"], told["changed"], told["removed"]) == ({}, {}, {})


def test_mistakes_are_named_by_sheet_row_and_column_and_nothing_is_changed(
    home: str, made: str, tmp_path: Path
) -> None:
    write_book_file(tmp_path / "book", west_coast())
    places = tmp_path / "book" / "assets.csv"
    lines = places.read_text("utf-8-sig").splitlines()
    cells = lines[4].split(",")
    cells[lines[0].split(",").index("place")] = "NOWHERE"
    lines[4] = ",".join(cells)
    places.write_text("\n".join(lines))
    with pytest.raises(Failure) as caught:
        admin.import_book(home, made, str(tmp_path / "book"), dry_run=True)
    failure = caught.value
    assert (failure.code, failure.exit_code) == ("book_mistakes", 1)
    mistakes = failure.values["mistakes"]
    assert isinstance(mistakes, Mistakes)
    (mistake,) = mistakes.found
    assert (mistake.sheet, mistake.row, mistake.column) == ("assets", 5, "place")
    details: Any = failure.details["mistakes"]
    assert details[0]["sheet"] == "assets"
    assert "NOWHERE" in details[0]["message"]
    write_book_file(tmp_path / "book", west_coast())
    whole = admin.import_book(home, made, str(tmp_path / "book"), dry_run=True)
    assert (whole["changed"], whole["removed"]) == ({}, {})


def test_a_code_is_handed_out_for_people_of_the_site_book(
    home: str, made: str, tmp_path: Path
) -> None:
    write_book_file(tmp_path / "book", west_coast())
    admin.import_book(home, made, str(tmp_path / "book"), dry_run=False)
    lines = (tmp_path / "book" / "staff.csv").read_text("utf-8-sig").splitlines()
    staff = lines[1].split(",")[0]
    told = admin.enrol_code(home, made, staff, 24)
    assert set(told) == {*("code", "staff", "name", "expires", "projects", "url", "invitation")}
    assert len(str(told["code"]).split("-")) == 3
    assert str(told["expires"]).endswith("Z")
    assert told["name"]
    assert admin.enrol_code(home, made, staff, 24)["code"] != told["code"]


def test_an_invitation_has_the_address_that_somebody_said_once(
    home: str, made: str, tmp_path: Path
) -> None:
    write_book_file(tmp_path / "book", west_coast())
    admin.import_book(home, made, str(tmp_path / "book"), dry_run=False)
    told = admin.enrol_code(home, made, "HV-G01", 24)
    assert (told["url"], told["invitation"]) == (None, None)
    told = admin.enrol_code(home, made, "HV-G01", 24, url="https://centre.example/")
    code = parse_code(str(told["code"]))
    assert read_invitation(str(told["invitation"])) == ("HTTPS://CENTRE.EXAMPLE", code)
    again = admin.shared_code(home, made, ["HV"], 24, shown=True)
    assert again["url"] == "https://centre.example"


VERBS: dict[str, tuple[str, Callable[[str, str], object]]] = {
    "a person of nobody": ("unknown_staff", lambda home, db: admin.enrol_code(home, db, "X", 1)),
    "an address that is none": (
        "bad_url",
        lambda home, db: admin.enrol_code(home, db, "X", 1, url="centre.example"),
    ),
    "a picture without an address": (
        "no_url",
        lambda home, db: admin.enrol_code(home, db, "X", 1, shown=True),
    ),
    "a phone of nobody": ("unknown_device", lambda home, db: admin.revoke(home, db, "X")),
    "a book that is not there": (
        "book_missing",
        lambda home, db: admin.import_book(home, db, home + "/none", dry_run=False),
    ),
}


@pytest.mark.parametrize("case", VERBS)
def test_a_wrong_name_is_one_clear_sentence(home: str, made: str, case: str) -> None:
    code, verb = VERBS[case]
    with pytest.raises(Failure) as caught:
        verb(home, made)
    assert caught.value.code == code
    assert str(caught.value).endswith(".")
    assert caught.value.hint


def test_the_codes_of_a_centre_are_not_kept(centre: Centre) -> None:
    new_device(centre)
    with reading(centre.engine) as connection:
        rows = connection.exec_driver_sql("SELECT hash FROM enrol_code").all()
    assert [len(bytes(row[0])) for row in rows] == [32]
