"""West Coast district is the same book every time, without a mistake, fit for a demonstration."""

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from radar_core.book import Book, Record, book_sheets, read_book
from radar_core.tags import parse_code
from radar_core.west_coast import west_coast
from radar_core.west_coast.parameters import WEST_COAST
from radar_server.book_files import read_book_file, write_book_file

READ = {"schedule": ["title"], "order": ["title", "text"], "tag": list[str](), "sla": list[str]()}
"""What people read of the kinds of records that have no name."""
PROJECTS = [project.id for project in WEST_COAST.projects]


@pytest.fixture(scope="module")
def book() -> Book:
    found = read_book(west_coast(), zones=available_timezones())
    assert isinstance(found, Book), [str(one) for one in found.found]
    return found


@pytest.fixture(scope="module")
def records(book: Book) -> list[Record]:
    return list(book.records())


def of_kind(records: list[Record], kind: str) -> dict[str, Record]:
    return {record.id: record for record in records if record.kind == kind}


def texts(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(item) for item in value]


def test_the_district_has_the_size_that_it_is_said_to_have(
    book: Book, records: list[Record]
) -> None:
    assert book.counts() == {
        "districts": 1,
        "projects": 4,
        "places": 8110,
        "assets": 1186,
        "tags": 2500,
        "staff": 120,
        "checklists": 13,
        "routes": 24,
        "schedules": 310,
        "holidays": 1,
        "meters": 12,
        "orders": 12,
        "sla": 4,
    }
    kinds = Counter(record.body["kind"] for record in of_kind(records, "place").values())
    assert kinds["home"] == 6940
    assert kinds["floor"] == 818


def test_the_book_is_the_same_bytes_every_time() -> None:
    digest = hashlib.sha256(repr(west_coast()).encode()).hexdigest()

    assert digest == hashlib.sha256(repr(west_coast()).encode()).hexdigest()
    assert digest[:16] == "da8b75b722d59252", (
        "another district: if that is meant, write its digest here"
    )


def test_another_seed_changes_codes_and_names_and_nothing_else(records: list[Record]) -> None:
    other = read_book(west_coast(replace(WEST_COAST, seed="east")), zones={"Asia/Shanghai"})
    assert isinstance(other, Book)

    there = list(other.records())
    assert not ours(of_kind(there, "tag")) & ours(of_kind(records, "tag"))
    assert of_kind(there, "place") == of_kind(records, "place")
    assert of_kind(there, "schedule") == of_kind(records, "schedule")


def ours(tags: dict[str, Record]) -> set[str]:
    return {code for code in tags if parse_code(code) == code}


def test_every_tag_that_is_not_foreign_has_a_code_of_ours(records: list[Record]) -> None:
    tags = of_kind(records, "tag")
    foreign = tags.keys() - ours(tags)

    assert len(foreign) == 2 * len(PROJECTS)
    assert Counter(tags[code].body["state"] for code in tags) == {"bound": 2364, "blank": 136}


def test_one_foreign_code_in_each_project_is_a_bar_code_that_is_right(
    records: list[Record],
) -> None:
    tags = of_kind(records, "tag")
    codes = {tags[code].project: code for code in tags if re.fullmatch(r"[0-9]{13}", code)}

    assert sorted(codes) == sorted(PROJECTS)
    for project, code in codes.items():
        total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(code))
        assert total % 10 == 0
        assert tags[code].body["asset"] == f"{project}-GEN1"


def test_everything_that_people_read_has_both_languages(records: list[Record]) -> None:
    for record in records:
        for name in READ.get(record.kind, ["name"]):
            assert record.body[name], record
            assert re.search("[\u4e00-\u9fff]", str(record.body[f"{name}_zh"])), record
        for step in texts_of_steps(record):
            assert step["title_zh"], record


def texts_of_steps(record: Record) -> list[dict[str, object]]:
    steps = record.body.get("steps", [])
    assert isinstance(steps, list)
    return [dict(step) for step in steps]


def test_no_two_people_have_the_same_name(records: list[Record]) -> None:
    staff = of_kind(records, "staff").values()

    assert len({person.body["name_zh"] for person in staff}) == 120


def test_each_role_is_there_in_each_project(records: list[Record]) -> None:
    roles: dict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        if record.kind == "staff":
            roles[record.project].update(texts(record.body["roles"]))

    for project in WEST_COAST.projects:
        assert roles[project.id] == {
            "guard": project.guards,
            "cleaner": project.cleaners,
            "engineer": project.engineers,
            "supervisor": project.supervisors,
            "manager": 1,
            "admin": 1,
        }


def test_a_round_has_six_to_fourteen_checkpoints_and_each_has_a_tag(records: list[Record]) -> None:
    tagged = {
        f"{kind}:{tag.body[kind]}"
        for tag in of_kind(records, "tag").values()
        for kind in ("place", "asset")
        if kind in tag.body
    }
    for route in of_kind(records, "route").values():
        checkpoints = texts(route.body["checkpoints"])
        assert 6 <= len(checkpoints) <= 14, route.id
        assert set(checkpoints) <= tagged


@pytest.mark.parametrize("project", PROJECTS)
@pytest.mark.parametrize(
    ("schedule", "kind", "role"),
    [
        ("R-OPEN", "patrol", "guard"),
        ("C-OPEN", "cleaning", "cleaner"),
        ("M-PUMP", "maintenance", "engineer"),
    ],
)
def test_there_is_work_of_each_kind_at_any_hour(
    records: list[Record], project: str, schedule: str, kind: str, role: str
) -> None:
    body = of_kind(records, "schedule")[f"{project}-{schedule}"].body

    assert (body["kind"], body["role"]) == (kind, role)
    assert (body["rrule"], body["duration_min"], body["grace_min"]) == ("FREQ=DAILY", 1440, 0)
    assert str(body["start"]).endswith("T00:00")


@pytest.mark.parametrize("project", PROJECTS)
def test_no_other_work_of_the_same_role_is_where_the_demonstration_goes(
    records: list[Record], project: str
) -> None:
    """Else a scan would mean one thing at noon and another at midnight."""
    routes = of_kind(records, "route")
    spots: dict[str, list[str]] = {}
    role: dict[str, object] = {}
    for name, record in of_kind(records, "schedule").items():
        if record.project == project:
            body = record.body
            route = routes[str(body["route"])].body["checkpoints"] if "route" in body else []
            named = [f"{kind}:{body[kind]}" for kind in ("place", "asset") if kind in body]
            spots[name], role[name] = texts(route) + named, body["role"]
    place_of = {asset: str(one.body["place"]) for asset, one in of_kind(records, "asset").items()}

    for name in (f"{project}-R-OPEN", f"{project}-C-OPEN", f"{project}-M-PUMP"):
        near = set(spots[name])
        near |= {f"place:{place_of[ref[6:]]}" for ref in near if ref.startswith("asset:")}
        others = [one for one in spots if one != name and role[one] == role[name]]
        assert not [one for one in others if near & set(spots[one])]


def test_the_open_round_is_free_and_ends_at_an_asset_with_a_foreign_code(
    records: list[Record],
) -> None:
    body = of_kind(records, "route")["HV-OPEN"].body

    assert (body["name"], body["ordered"]) == ("Open round", False)
    assert texts(body["checkpoints"])[-1] == "asset:HV-GEN1"


def test_the_pump_is_checked_read_and_remarked_upon(records: list[Record]) -> None:
    steps = texts_of_steps(of_kind(records, "checklist")["PUMP-DAILY"])

    assert [(step["type"], step["required"]) for step in steps] == [
        ("check", True),
        ("reading", True),
        ("text", False),
    ]
    assert (steps[1]["unit"], steps[1]["min"], steps[1]["max"]) == ("bar", 3.5, 6)


def test_the_trade_has_one_of_everything(records: list[Record]) -> None:
    schedules = [one.body for one in of_kind(records, "schedule").values()]
    routes = of_kind(records, "route")

    assert {str(body.get("repeat", "fixed")) for body in schedules} == {
        "fixed",
        "floating",
        "meter",
    }
    assert any("seasons" in body for body in schedules)
    assert routes["HV-GARAGE"].body["order"] == "random"
    assert routes["HV-NIGHT"].body["ordered"] is True
    rules = routes["HV-NIGHT"].body["rules"]
    assert isinstance(rules, list)
    assert rules[0] == {}
    assert rules[1] == {"gap_min_s": 20, "gap_max_s": 1800}
    assert rules[-1] == {"open_s": 1800, "close_s": 7200, "gap_min_s": 20, "gap_max_s": 1800}
    asked = routes["HV-PLANT"].body["rules"]
    assert isinstance(asked, list)
    assert [rule.get("checklist", "") for rule in asked] == ["ROOM-LOOK"] * 4 + [""] * 2
    names = {(one.project, one.kind, one.id) for one in records}
    assert {("HV", "sla", "urgent"), ("HV", "meter", "HV-PUMP2-H")} <= names
    assert {("HV", "holidays", "CN"), ("HV", "checklist", "ROOM-LOOK")} <= names


@pytest.mark.parametrize("name", ["west-coast.xlsx", "west-coast"])
def test_the_district_comes_back_from_a_file_unchanged(
    records: list[Record], tmp_path: Path, name: str
) -> None:
    write_book_file(tmp_path / name, book_sheets(records))
    again = read_book(read_book_file(tmp_path / name), zones={"Asia/Shanghai"})

    assert isinstance(again, Book)
    assert list(again.records()) == records
