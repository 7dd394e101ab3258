"""A site book is read whole or not at all, and each mistake in it is named where it stands."""

import re
from collections.abc import Callable

import pytest

from radar_core.book import Book, Mistake, Mistakes, Record, Row, Sheet, book_sheets, read_book
from radar_core.book_checks import PLACE_DEPTH_MAX, STEPS_MAX
from radar_core.book_forms import FORMS, sheet_of
from radar_core.book_sheet import MISTAKES_MAX
from radar_core.book_work_checks import CHECKPOINTS_MAX
from radar_core.tags import check_char, make_code
from tests.house import ROOT

ZONES = {"Asia/Shanghai", "Europe/Berlin"}
CODE = make_code(b"0123456")
Cells = dict[str, str]
Rows = dict[str, list[Cells]]


def small() -> Rows:
    """Return a book with two projects and one of each thing, as rows of text."""
    return {
        "districts": [{"id": "D", "name": "Coast", "name_zh": "海岸", "domain": "r.example"}],
        "projects": [
            {"id": "A", "district": "D", "name": "Alder", "timezone": "Asia/Shanghai"}
            | {"name_zh": "桤木"},
            {"id": "B", "district": "D", "name": "Birch", "timezone": "Europe/Berlin"},
        ],
        "places": [
            {"id": "A1", "project": "A", "kind": "building", "name": "Tower", "name_zh": "塔"},
            {"id": "A2", "project": "A", "parent": "A1", "kind": "room", "name": "Pump room"},
            {"id": "B1", "project": "B", "kind": "outdoor", "name": "Gate"},
        ],
        "assets": [{"id": "P", "project": "A", "place": "A2", "class": "Pump", "name": "Pump"}],
        "tags": [
            {"code": CODE, "project": "A", "place": "A2"},
            {"code": "2000000000008", "project": "A", "asset": "P", "state": "bound"},
            {"code": make_code(b"blanks!"), "project": "B"},
        ],
        "staff": [
            {
                "id": "G",
                "name": "Wu",
                "name_zh": "吴",
                "roles": "guard; cleaner",
                "projects": "A；B",
            },
            {"id": "E", "name": "Li", "roles": "engineer", "projects": "A"},
        ],
        "checklists": [
            {"checklist": "C", "name": "Look", "step": "s1", "type": "reading", "title": "Pressure"}
            | {"unit": "bar", "min": "1.50", "max": "6", "required": "yes"},
            {"checklist": "C", "step": "s2", "type": "choice", "title": "Noise"}
            | {"choices": "none; some ;"},
        ],
        "routes": [
            {"route": "R", "project": "A", "name": "Round", "ordered": "TRUE", "place": "A2"},
            {"route": "R", "asset": "P"},
        ],
        "schedules": [
            {"id": "S1", "project": "A", "kind": "patrol", "title": "Night", "role": "guard"}
            | {"rrule": "FREQ=DAILY", "start": "2026-01-01T22:00", "duration_min": "120"}
            | {"route": "R", "staff": "G", "exdates": "2026-02-17;2026-02-18 22:00"},
            {"id": "S2", "project": "A", "kind": "maintenance", "title": "Pump", "role": "engineer"}
            | {"rrule": "FREQ=WEEKLY;BYDAY=MO", "start": "2026/1/5 8:00", "duration_min": "60"}
            | {"asset": "P", "checklist": "C", "grace_min": "30"},
        ],
    }


def sheets(rows: Rows) -> list[Sheet]:
    return [sheet_of(form, rows[form.name]) for form in FORMS if form.name in rows]


def read(rows: Rows) -> Book | Mistakes:
    return read_book(sheets(rows), zones=ZONES)


def records(rows: Rows) -> dict[tuple[str, str, str], dict[str, object]]:
    book = read(rows)
    assert isinstance(book, Book), book
    return {(one.project, one.kind, one.id): one.body for one in book.records()}


def mistakes(book: Book | Mistakes) -> tuple[Mistake, ...]:
    assert isinstance(book, Mistakes), "a mistake was to be found"
    return book.found


def only_mistake(book: Book | Mistakes) -> Mistake:
    found = mistakes(book)
    assert len(found) == 1, [str(one) for one in found]
    return found[0]


def test_a_book_gives_the_records_that_phones_expect() -> None:
    found = records(small())

    assert found["A", "district", "D"] == {
        "name": "Coast",
        "name_zh": "海岸",
        "domain": "R.EXAMPLE",
    }
    assert found["B", "district", "D"] == found["A", "district", "D"]
    assert found["A", "asset", "P"] == {"place": "A2", "class": "pump", "name": "Pump"}
    assert found["A", "route", "R"] == {
        "name": "Round",
        "ordered": True,
        "checkpoints": ["place:A2", "asset:P"],
    }
    assert found["A", "checklist", "C"] == {
        "name": "Look",
        "steps": [
            {"id": "s1", "type": "reading", "title": "Pressure"}
            | {"unit": "bar", "min": 1.5, "max": 6, "required": True},
            {"id": "s2", "type": "choice", "title": "Noise"}
            | {"choices": ["none", "some"], "required": False},
        ],
    }
    assert found["A", "schedule", "S2"] == {
        "kind": "maintenance",
        "title": "Pump",
        "role": "engineer",
        "rrule": "FREQ=WEEKLY;BYDAY=MO",
        "start": "2026-01-05T08:00",
        "duration_min": 60,
        "grace_min": 30,
        "asset": "P",
        "checklist": "C",
    }


def test_a_path_begins_with_the_project_and_falls_back_where_there_is_no_chinese_name() -> None:
    body = records(small())["A", "place", "A2"]

    assert body["path"] == "Alder / Tower / Pump room"
    assert body["path_zh"] == "桤木 / 塔 / Pump room"
    assert "parent" not in records(small())["A", "place", "A1"]


def test_a_person_is_sent_to_each_of_their_projects_and_a_checklist_to_those_that_use_it() -> None:
    found = records(small())

    assert found["A", "staff", "G"] == found["B", "staff", "G"]
    assert found["A", "staff", "G"]["roles"] == ["guard", "cleaner"]
    assert found["A", "staff", "G"]["projects"] == ["A", "B"]
    assert ("B", "staff", "E") not in found
    assert ("B", "checklist", "C") not in found


def test_a_checklist_that_no_schedule_uses_goes_to_every_project_and_is_not_lost() -> None:
    rows = small()
    del rows["schedules"][1]

    assert {("A", "checklist", "C"), ("B", "checklist", "C")} <= records(rows).keys()


def test_a_date_alone_leaves_out_the_start_of_that_day() -> None:
    body = records(small())["A", "schedule", "S1"]

    assert body["exdates"] == ["2026-02-17T22:00", "2026-02-18T22:00"]


def test_a_tag_is_bound_where_it_stands_for_something_and_blank_where_it_does_not() -> None:
    found = records(small())

    assert found["A", "tag", CODE] == {"place": "A2", "state": "bound"}
    assert found["A", "tag", "2000000000008"] == {"asset": "P", "state": "bound"}
    assert found["B", "tag", make_code(b"blanks!")] == {"state": "blank"}


@pytest.mark.parametrize(
    "written", [CODE.lower(), f"{CODE[:4]}-{CODE[4:8]}-{CODE[8:]}", f"HTTPS://R.EXAMPLE/{CODE}"]
)
def test_our_code_is_the_same_code_however_it_is_written(written: str) -> None:
    rows = small()
    rows["tags"][0]["code"] = written

    assert ("A", "tag", CODE) in records(rows)


@pytest.mark.parametrize(
    ("cell", "exact"),
    [
        (r"01\x1d21ABC", "01\x1d21ABC"),
        (r"C:\\temp", "C:\\temp"),
        (r"\x20padded\x20", " padded "),
        (r"two\x0alines\u2028", "two\nlines\u2028"),
        ("HTTPS://youtu.example/dQw4w9WgXcQ", "HTTPS://youtu.example/dQw4w9WgXcQ"),
    ],
)
def test_a_foreign_code_is_kept_to_the_letter(cell: str, exact: str) -> None:
    rows = small()
    rows["tags"][1]["code"] = cell
    book = read(rows)

    assert ("A", "tag", exact) in records(rows)
    assert isinstance(book, Book)
    again = {sheet.name: sheet for sheet in book_sheets(book.records())}["tags"]
    assert again.rows[1].cells[0] == cell


def test_what_looks_like_a_mistyped_code_may_still_be_declared_foreign() -> None:
    rows = small()
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    rows["tags"][1]["code"] = wrong
    assert only_mistake(read(rows)).column == "code"

    rows["tags"][1]["foreign"] = "是"

    assert ("A", "tag", wrong) in records(rows)


def test_an_exported_book_says_the_same_again() -> None:
    book = read(small())
    assert isinstance(book, Book)
    everything = list(book.records())
    again = read_book(book_sheets(everything), zones=ZONES)

    assert isinstance(again, Book)
    assert list(again.records()) == everything
    assert again.counts() == book.counts()
    assert book.counts()["routes"] == book.counts()["checklists"] == 1


def test_a_tag_that_two_projects_have_is_exported_twice_and_named_on_import() -> None:
    book = read(small())
    assert isinstance(book, Book)
    again = Record("B", "tag", CODE, {"place": "B1", "state": "bound"})

    found = only_mistake(read_book(book_sheets([*book.records(), again]), zones=ZONES))

    assert (found.sheet, found.column) == ("tags", "code")


def test_records_that_are_no_part_of_the_book_are_not_exported() -> None:
    assert not [sheet for sheet in book_sheets([Record("A", "task", "T", {})]) if sheet.rows]


def cell(sheet: str, index: int, column: str, text: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[sheet][index][column] = text

    return change


MISTAKES: dict[str, tuple[tuple[str, int, str, str], tuple[str, int, str], str]] = {
    # what is wrong: (the changed cell), (where the mistake is named), (part of the sentence)
    "an id with a space": (("assets", 0, "id", "P 1"), ("assets", 2, "id"), "is no id"),
    "an id that is too long": (("staff", 1, "id", "E" * 41), ("staff", 3, "id"), "1 to 40"),
    "an id in Chinese": (("staff", 1, "id", "李"), ("staff", 3, "id"), "is no id"),
    "an empty name": (("staff", 1, "name", " "), ("staff", 3, "name"), "must not be empty"),
    "a name too long": (("staff", 1, "name", "x" * 121), ("staff", 3, "name"), "at most 120"),
    "a line break": (("staff", 1, "name", "Li\nBo"), ("staff", 3, "name"), "U+000A"),
    "an escape sequence": (("staff", 1, "name", "\x1b[2JLi"), ("staff", 3, "name"), "U+001B"),
    "text turned round": (("staff", 1, "name", "a\u202eb"), ("staff", 3, "name"), "U+202E"),
    "a failed formula": (("staff", 1, "name", "#REF!"), ("staff", 3, "name"), "formula"),
    "a duplicate id": (("staff", 1, "id", "G"), ("staff", 3, "id"), "stands in row 2 already"),
    "a duplicate place": (("places", 2, "id", "A2"), ("places", 4, "id"), "row 3"),
    "the same code twice": (("tags", 2, "code", CODE.lower()), ("tags", 4, "code"), "row 2"),
    "an unknown place": (("assets", 0, "place", "X9"), ("assets", 2, "place"), "There is no X9"),
    "a place mistyped": (("assets", 0, "place", "A22"), ("assets", 2, "place"), "did you mean A2"),
    "small letters": (("assets", 0, "place", "a2"), ("assets", 2, "place"), "did you mean A2"),
    "an unknown district": (("projects", 1, "district", "E"), ("projects", 3, "district"), "no E"),
    "an unknown parent": (("places", 1, "parent", "ZZZ"), ("places", 3, "parent"), "no ZZZ"),
    "a person's unknown project": (
        ("staff", 1, "projects", "A;Zed"),
        ("staff", 3, "projects"),
        "There is no Zed",
    ),
    "an unknown checklist": (
        ("schedules", 1, "checklist", "Cq9"),
        ("schedules", 3, "checklist"),
        "no Cq9",
    ),
    "a place of another project": (
        ("assets", 0, "place", "B1"),
        ("assets", 2, "place"),
        "belongs to the project B, not to A",
    ),
    "a parent of another project": (("places", 1, "parent", "B1"), ("places", 3, "parent"), "B"),
    "a checkpoint of another project": (("routes", 0, "place", "B1"), ("routes", 2, "place"), "B"),
    "a person of another project": (
        ("staff", 0, "projects", "B"),
        ("schedules", 2, "staff"),
        "does not work in the project A",
    ),
    "a place inside itself": (("places", 0, "parent", "A1"), ("places", 2, "parent"), "A1 → A1"),
    "a ring of places": (("places", 0, "parent", "A2"), ("places", 2, "parent"), "A1 → A2 → A1"),
    "an unknown kind of place": (
        ("places", 0, "kind", "zone"),
        ("places", 2, "kind"),
        "building floor room outdoor home garage",
    ),
    "an unknown time zone": (
        ("projects", 0, "timezone", "Asia/Shangai"),
        ("projects", 2, "timezone"),
        "did you mean Asia/Shanghai",
    ),
    "a domain with https": (
        ("districts", 0, "domain", "https://r.example"),
        ("districts", 2, "domain"),
        "no https",
    ),
    "an unknown role": (("staff", 1, "roles", "boss"), ("staff", 3, "roles"), "guard cleaner"),
    "a role twice": (
        ("staff", 0, "roles", "guard;cleaner;guard"),
        ("staff", 2, "roles"),
        "guard stands twice",
    ),
    "an empty list": (("staff", 1, "roles", " ; "), ("staff", 3, "roles"), "1 to"),
    "a tag on two things": (("tags", 0, "asset", "P"), ("tags", 2, ""), "Exactly one of"),
    "a bound tag on nothing": (("tags", 2, "state", "bound"), ("tags", 4, ""), "Exactly one of"),
    "a blank tag on something": (("tags", 0, "state", "blank"), ("tags", 2, "state"), "blank"),
    "an unknown state": (("tags", 0, "state", "lost"), ("tags", 2, "state"), "retired"),
    "our code called foreign": (("tags", 0, "foreign", "yes"), ("tags", 2, "code"), "RADAR code"),
    "a code that Excel shortened": (
        ("tags", 1, "code", "6.90123E+12"),
        ("tags", 3, "code"),
        "shortened",
    ),
    "a lonely backslash": (
        ("tags", 1, "code", r"C:\temp"),
        ("tags", 3, "code"),
        r"\\ for each \ "[:-1],
    ),
    "a code too long": (("tags", 1, "code", "x" * 7090), ("tags", 3, "code"), "7089"),
    "neither yes nor no": (("routes", 0, "ordered", "maybe"), ("routes", 2, "ordered"), "yes nor"),
    "an unknown step": (("checklists", 0, "type", "dance"), ("checklists", 2, "type"), "signature"),
    "a step twice": (("checklists", 1, "step", "s1"), ("checklists", 3, "step"), "s1 already"),
    "a choice without choices": (
        ("checklists", 1, "choices", ""),
        ("checklists", 3, "choices"),
        "needs choices",
    ),
    "choices of a reading": (
        ("checklists", 0, "choices", "a;b"),
        ("checklists", 2, "choices"),
        "Only a step of type choice",
    ),
    "a unit of a choice": (("checklists", 1, "unit", "bar"), ("checklists", 3, "unit"), "reading"),
    "min over max": (("checklists", 0, "min", "6.1"), ("checklists", 2, "min"), "more than max 6"),
    "a limit in words": (("checklists", 0, "max", "six"), ("checklists", 2, "max"), "no number"),
    "a limit with exponent": (("checklists", 0, "max", "6e1"), ("checklists", 2, "max"), "6e1"),
    "a limit not a number": (("checklists", 0, "max", "nan"), ("checklists", 2, "max"), "nan"),
    "two names of a checklist": (
        ("checklists", 1, "name", "Other"),
        ("checklists", 3, "name"),
        "is not what row 2 says",
    ),
    "two projects of a route": (("routes", 1, "project", "B"), ("routes", 3, "project"), "row 2"),
    "a checkpoint that is two": (("routes", 0, "asset", "P"), ("routes", 2, ""), "Exactly one"),
    "a checkpoint that is none": (("routes", 0, "place", ""), ("routes", 2, ""), "Exactly one"),
    "work in two spots": (("schedules", 1, "place", "A2"), ("schedules", 3, ""), "Exactly one"),
    "work nowhere": (("schedules", 1, "asset", ""), ("schedules", 3, ""), "place, asset, route"),
    "a patrol without a route": (
        ("schedules", 1, "kind", "patrol"),
        ("schedules", 3, "route"),
        "along a route",
    ),
    "a person without the role": (
        ("schedules", 0, "role", "engineer"),
        ("schedules", 2, "staff"),
        "G is no engineer",
    ),
    "a 25th hour": (("schedules", 0, "start", "2026-01-01 25:00"), ("schedules", 2, "start"), "25"),
    "the 30th of February": (
        ("schedules", 0, "start", "2026-02-30"),
        ("schedules", 2, "start"),
        "no date",
    ),
    "a start with a zone": (
        ("schedules", 0, "start", "2026-01-01T22:00Z"),
        ("schedules", 2, "start"),
        "no date",
    ),
    "the distant past": (
        ("schedules", 0, "start", "1026-01-01"),
        ("schedules", 2, "start"),
        "2000 to 2099",
    ),
    "no length": (
        ("schedules", 0, "duration_min", "0"),
        ("schedules", 2, "duration_min"),
        "from 1 to 44640",
    ),
    "half a minute": (
        ("schedules", 0, "duration_min", "1.5"),
        ("schedules", 2, "duration_min"),
        "whole number",
    ),
    "negative grace": (("schedules", 0, "grace_min", "-1"), ("schedules", 2, "grace_min"), "-1"),
    "a day among dates": (
        ("schedules", 0, "exdates", "Sunday"),
        ("schedules", 2, "exdates"),
        "Sun",
    ),
    "a date alone with hours": (
        ("schedules", 0, "rrule", "FREQ=DAILY;BYHOUR=8,20"),
        ("schedules", 2, "exdates"),
        "needs its time too",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_by_sheet_row_and_column(name: str) -> None:
    changed, (sheet, row, column), sentence = MISTAKES[name]
    rows = small()
    cell(*changed)(rows)

    found = {(one.sheet, one.row, one.column): str(one) for one in mistakes(read(rows))}

    assert sentence in found.get((sheet, row, column), f"{name} was not found: {found}")


RULES = {
    "weekly, perhaps": "no rule such as",
    "FREQ=DAILY;FREQ=WEEKLY": "no rule such as",
    "BYDAY=MO": "no rule such as",
    "FREQ=SECONDLY": "HOURLY DAILY",
    "FREQ=MINUTELY;INTERVAL=90": "HOURLY DAILY",
    "FREQ=DAILY;BYSECOND=0,30": "HOURLY DAILY",
    "FREQ=HOURLY;BYMINUTE=0,30": "hourly",
    "FREQ=DAILY;INTERVAL=0": "INTERVAL",
    "FREQ=DAILY;COUNT=3;UNTIL=20270101": "both COUNT and UNTIL",
    "FREQ=DAILY;UNTIL=20270101T000000Z": "without Z",
    "FREQ=WEEKLY;BYDAY=XX": "cannot be used",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30": "never",
    "DTSTART:20260101 RRULE:FREQ=DAILY": "column start",
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_cannot_be_a_schedule_is_refused(rule: str) -> None:
    rows = small()
    rows["schedules"][1]["rrule"] = rule

    found = only_mistake(read(rows))

    assert (found.sheet, found.row, found.column) == ("schedules", 3, "rrule")
    assert RULES[rule] in str(found)


def test_a_rule_may_be_written_as_calendars_write_it() -> None:
    rows = small()
    rows["schedules"][1]["rrule"] = " rrule:freq=monthly; byday=1mo;until=20301231T235900"

    body = records(rows)["A", "schedule", "S2"]

    assert body["rrule"] == "FREQ=MONTHLY;BYDAY=1MO;UNTIL=20301231T235900"


def test_the_rules_and_the_mistakes_in_the_documentation_are_as_it_says() -> None:
    text = (ROOT / "docs" / "site-book.md").read_text(encoding="utf-8")
    rules = re.findall(r"^\| `(FREQ=[^`]+)`", text, re.MULTILINE)
    assert len(rules) == 5
    for rule in rules:
        rows = small()
        rows["schedules"][1]["rrule"] = rule
        assert isinstance(read(rows), Book), rule

    rows = small()
    rows["projects"][0]["timezone"] = "Asia/Shangai"
    rows["assets"][0]["place"] = "A22"
    rows["tags"][2]["code"] = "0J2CB8F6S37"
    rows["checklists"][0]["min"] = "6.1"
    shown = [str(one) for one in mistakes(read(rows))]
    assert "\n".join(["```", *shown, "```"]) in text


def test_each_missing_sheet_is_named_and_what_refers_to_it_is_not() -> None:
    rows = small()
    del rows["places"], rows["staff"]

    assert [(one.sheet, one.row) for one in mistakes(read(rows))] == [("places", 0), ("staff", 0)]


def test_an_unknown_sheet_is_named_with_the_one_that_was_meant() -> None:
    book = read_book([*sheets(small()), Sheet("Stuff", ("id",), ())], zones=ZONES)

    assert str(only_mistake(book)) == "Stuff:0: A site book has no stuff; did you mean staff?"


def test_the_empty_sheet_of_a_new_workbook_is_passed_over() -> None:
    book = read_book([*sheets(small()), Sheet("Sheet1", (), ())], zones=ZONES)

    assert isinstance(book, Book)


def test_two_sheets_of_one_name_are_a_mistake() -> None:
    book = read_book([*sheets(small()), Sheet(" Staff", ("id",), ())], zones=ZONES)

    assert "two sheets" in str(only_mistake(book))


def staff_with(header: tuple[str, ...], *cells: tuple[str, ...]) -> Book | Mistakes:
    rows = small()
    rows["staff"] = []
    rows["schedules"][0].pop("staff")
    page = Sheet("staff", header, tuple(Row(number, row) for number, row in enumerate(cells, 2)))
    return read_book([page if one.name == "staff" else one for one in sheets(rows)], zones=ZONES)


def test_columns_may_stand_in_any_order_and_optional_ones_be_left_out() -> None:
    book = staff_with((" Projects ", "NAME", "roles", "id"), ("A", "Li", "guard", "G"))

    assert isinstance(book, Book)
    person = next(one for one in book.records() if one.kind == "staff")
    assert person == Record(
        "A", "staff", "G", {"name": "Li", "roles": ["guard"], "projects": ["A"]}
    )


def test_a_missing_column_is_one_mistake_and_not_one_for_each_row() -> None:
    book = staff_with(("id", "name", "projects"), ("G", "Li", "A"), ("H", "Wu", "A"))

    assert str(only_mistake(book)) == "staff:1:roles: The column is missing."


def test_without_the_column_of_ids_nothing_else_is_said_of_the_sheet() -> None:
    book = staff_with(("name", "roles", "projects"), ("Li", "guard", "A"))

    assert str(only_mistake(book)) == "staff:1:id: The column is missing."


def test_an_unknown_column_is_named_with_the_one_that_was_meant() -> None:
    book = staff_with(("id", "name", "role", "roles", "projects"), ("G", "Li", "", "guard", "A"))

    assert "did you mean roles?" in str(only_mistake(book))


def test_a_column_that_stands_twice_is_a_mistake() -> None:
    book = staff_with(("id", "name", "name", "roles", "projects"), ("G", "a", "b", "guard", "A"))

    assert "two columns" in str(only_mistake(book))


def test_text_under_no_heading_is_a_mistake_because_it_would_be_lost() -> None:
    book = staff_with(("id", "name", "roles", "projects"), ("G", "Li", "guard", "A", "", "note"))

    assert str(only_mistake(book)) == "staff:2: note stands under no heading."


def test_empty_rows_are_passed_over_and_do_not_shift_the_numbers() -> None:
    header = ("id", "name", "roles", "projects")
    book = staff_with(header, ("", " ", "", ""), ("G", "", "guard", "A"))

    assert (only_mistake(book).row, only_mistake(book).column) == (3, "name")


def test_a_district_without_a_project_would_be_lost_and_is_a_mistake() -> None:
    rows = small()
    rows["districts"].append({"id": "E", "name": "Else", "domain": "r.example"})

    assert "No project belongs to the district E" in str(only_mistake(read(rows)))


def test_a_book_without_a_project_is_a_mistake() -> None:
    rows = {name: list[Cells]() for name in small()}

    assert [one.sheet for one in mistakes(read(rows))] == ["districts", "projects"]


def test_places_may_not_be_nested_without_end() -> None:
    rows = small()
    chain = [f"N{number}" for number in range(PLACE_DEPTH_MAX + 3)]
    rows["places"] += [
        {"id": name, "project": "A", "parent": parent, "kind": "room", "name": name}
        for parent, name in zip(["", *chain], chain, strict=False)
    ]

    found = only_mistake(read(rows))

    assert found.values["value"] == chain[PLACE_DEPTH_MAX]


def test_a_ring_is_named_once_and_those_that_hang_from_it_are_not() -> None:
    rows = small()
    rows["places"][0]["parent"] = "A2"
    rows["places"].append({"id": "A3", "project": "A", "parent": "A1", "kind": "room", "name": "x"})

    assert "ring" in str(only_mistake(read(rows)))


def test_a_route_visits_a_spot_once_and_is_not_too_long() -> None:
    rows = small()
    rows["routes"].append({"route": "R", "asset": "P"})
    assert "visits P already" in str(only_mistake(read(rows)))

    rows = small()
    spots = [f"N{number}" for number in range(CHECKPOINTS_MAX)]
    rows["places"] += [{"id": name, "project": "A", "kind": "room", "name": name} for name in spots]
    rows["routes"] += [{"route": "R", "place": name} for name in spots]
    assert "at most 200 checkpoints" in str(only_mistake(read(rows)))


def test_a_checklist_is_not_too_long() -> None:
    rows = small()
    rows["checklists"] += [
        {"checklist": "C", "step": f"n{number}", "type": "check", "title": "x"}
        for number in range(STEPS_MAX)
    ]

    assert "at most 100 steps" in str(only_mistake(read(rows)))


def test_one_bad_cell_is_one_mistake_and_not_its_consequences_too() -> None:
    rows = small()
    rows["projects"][0]["id"] = "A!"
    for row in rows["places"][:2] + rows["assets"] + rows["tags"][:2] + rows["schedules"]:
        row["project"] = "A!"

    found = mistakes(read(rows))

    assert all(one.column in ("id", "project", "projects") for one in found), found


def test_all_mistakes_are_found_at_once_in_the_order_of_the_book() -> None:
    rows = small()
    rows["schedules"][0]["start"] = "soon"
    rows["projects"][1]["timezone"] = "Mars"
    rows["assets"][0]["place"] = "X9"
    rows["projects"][0]["id"] = "A 1"

    found = mistakes(read(rows))

    assert {one.sheet for one in found} >= {"projects", "assets", "schedules"}
    order = [form.name for form in FORMS]
    places = [(order.index(one.sheet), one.row) for one in found]
    assert places == sorted(places)


def test_mistakes_are_counted_past_the_limit_and_not_kept() -> None:
    rows = small()
    rows["staff"] += [
        {"id": f"N{n}", "name": "", "roles": "guard", "projects": "A"} for n in range(250)
    ]

    book = read(rows)

    assert isinstance(book, Mistakes)
    assert (len(book.found), book.more) == (MISTAKES_MAX, 250 - MISTAKES_MAX)


def test_what_a_mistake_repeats_is_short_and_printable() -> None:
    rows = small()
    rows["staff"][1]["id"] = "\x1b[2J" + "long" * 1000

    shown = mistakes(read(rows))[0].values["value"]

    assert len(shown) == 60
    assert shown.isprintable()


def test_every_single_wrong_character_of_our_code_is_a_mistake() -> None:
    for place in range(len(CODE)):
        other = "7" if CODE[place] != "7" else "8"
        rows = small()
        rows["tags"][0]["code"] = CODE[:place] + other + CODE[place + 1 :]
        assert "wrong check character" in str(only_mistake(read(rows)))
    assert check_char(CODE[:-1]) == CODE[-1]
