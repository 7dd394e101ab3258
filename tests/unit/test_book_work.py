"""The sheets and columns about work that a book may have: what they become, what is nonsense."""

import pytest

from radar_core.book import Book, Record, book_sheets, read_book
from tests.unit.test_book import Rows, cell, mistakes, only_mistake, read, records, small

ZONES = {"Asia/Shanghai", "Europe/Berlin"}


def full() -> Rows:
    """Return the small book with all that a book may have besides."""
    rows = small()
    rows["projects"][0] |= {"calendar": "CN", "hours": "mo-fr 8:00-18:00；SA 08:00-12:00"}
    rows["places"][1] |= {"lat": "22.2840", "lon": "-114.15", "level": "-2"}
    rows["routes"][0] |= {"ordered": "random", "open_min": "5", "close_min": "60", "gap_max": "900"}
    rows["routes"][1] |= {"gap_min": "30", "checklist": "C"}
    rows["schedules"][0] |= {"calendar": "CN", "seasons": "5-1..9-30;12-01..02-29"}
    rows["schedules"][1] |= {"repeat": "floating"}
    rows["schedules"].append(
        {"id": "S3", "project": "A", "kind": "maintenance", "title": "Oil", "role": "engineer"}
        | {"start": "2026-01-01", "duration_min": "60", "asset": "P"}
        | {"repeat": "meter", "meter": "M", "every": "250.5"}
    )
    rows["holidays"] = [
        {"calendar": "CN", "name": "China", "name_zh": "中国", "date": "2027/2/6"},
        {"calendar": "CN", "date": "2027-02-07"},
    ]
    rows["meters"] = [
        {"id": "M", "project": "A", "asset": "P", "step": "s1", "name": "Hours", "unit": "h"}
        | {"rollover": "100000", "jump": "24.5"},
    ]
    rows["orders"] = [
        {"id": "O", "project": "A", "role": "guard", "title": "Gate", "text": "Shut it at ten."},
    ]
    rows["sla"] = [
        {"project": "A", "priority": "urgent", "response_min": "15", "resolution_min": "240"},
        {"project": "A", "priority": "low", "resolution_min": "9999"},
        {"project": "B", "priority": "urgent", "response_min": "30"},
    ]
    return rows


def test_a_full_book_gives_the_records_that_phones_expect() -> None:
    found = records(full())

    assert found["A", "project", "A"]["hours"] == ["MO-FR 08:00-18:00", "SA 08:00-12:00"]
    assert found["A", "project", "A"]["calendar"] == "CN"
    place = found["A", "place", "A2"]
    assert (place["lat"], place["lon"], place["level"]) == (22.284, -114.15, -2)
    route = found["A", "route", "R"]
    assert (route["ordered"], route["order"]) == (False, "random")
    assert route["checkpoints"] == ["place:A2", "asset:P"]
    assert route["rules"] == [
        {"open_s": 300, "close_s": 3600, "gap_max_s": 900},
        {"gap_min_s": 30, "checklist": "C"},
    ]
    schedule = found["A", "schedule", "S1"]
    assert (schedule["calendar"], schedule["seasons"]) == ("CN", ["05-01..09-30", "12-01..02-29"])
    assert "repeat" not in schedule
    assert found["A", "schedule", "S2"]["repeat"] == "floating"
    oil = found["A", "schedule", "S3"]
    assert (oil["repeat"], oil["meter"], oil["every"], "rrule" in oil) == (
        "meter",
        "M",
        250.5,
        False,
    )
    assert found["A", "holidays", "CN"] == {
        "name": "China",
        "name_zh": "中国",
        "dates": ["2027-02-06", "2027-02-07"],
    }
    assert found["A", "meter", "M"] == {
        "asset": "P",
        "step": "s1",
        "name": "Hours",
        "unit": "h",
        "rollover": 100000,
        "jump": 24.5,
    }
    assert found["A", "order", "O"] == {
        "role": "guard",
        "title": "Gate",
        "text": "Shut it at ten.",
    }
    assert found["A", "sla", "urgent"] == {"response_min": 15, "resolution_min": 240}
    assert found["A", "sla", "low"] == {"resolution_min": 9999}
    assert found["B", "sla", "urgent"] == {"response_min": 30}


def test_an_exported_full_book_says_the_same_again() -> None:
    everything = [Record(*key, body) for key, body in records(full()).items()]
    again = read_book(book_sheets(everything), zones=ZONES)

    assert isinstance(again, Book)
    assert list(again.records()) == everything


def test_a_book_without_the_optional_sheets_is_read_and_exported_without_them() -> None:
    book = read(small())

    assert isinstance(book, Book)
    assert len(book_sheets(book.records())) == len(book.counts()) == 9


def test_a_calendar_goes_to_the_projects_that_use_it_and_one_that_none_uses_to_all() -> None:
    rows = full()
    assert ("B", "holidays", "CN") not in records(rows)
    del rows["projects"][0]["calendar"], rows["schedules"][0]["calendar"]
    assert {("A", "holidays", "CN"), ("B", "holidays", "CN")} <= records(rows).keys()


def test_a_checklist_that_a_route_alone_uses_goes_to_that_route_s_project() -> None:
    rows = full()
    del rows["schedules"][1]["checklist"]

    found = records(rows)

    assert ("A", "checklist", "C") in found
    assert ("B", "checklist", "C") not in found


NONSENSE: dict[str, tuple[tuple[str, int, str, str], tuple[str, int, str], str]] = {
    # what is wrong: (the changed cell), (where the mistake is named), (part of the sentence)
    "no such calendar": (
        ("schedules", 0, "calendar", "XX"),
        ("schedules", 2, "calendar"),
        "There is no XX in the sheet holidays",
    ),
    "a project's unknown calendar": (
        ("projects", 0, "calendar", "cn"),
        ("projects", 2, "calendar"),
        "did you mean CN",
    ),
    "a holiday twice": (("holidays", 1, "date", "2027-2-6"), ("holidays", 3, "date"), "row 2"),
    "a holiday with a time": (
        ("holidays", 1, "date", "2027-02-07 10:00"),
        ("holidays", 3, "date"),
        "no date such as 2026-01-31, ",
    ),
    "a holiday that no year has": (
        ("holidays", 1, "date", "2027-02-29"),
        ("holidays", 3, "date"),
        "no date such",
    ),
    "a season that no year has": (
        ("schedules", 0, "seasons", "02-30..03-01"),
        ("schedules", 2, "seasons"),
        "no season",
    ),
    "a season without an end": (
        ("schedules", 0, "seasons", "05-01"),
        ("schedules", 2, "seasons"),
        "no season",
    ),
    "a rule out of its season": (
        ("schedules", 0, "rrule", "FREQ=MONTHLY;BYMONTH=4"),
        ("schedules", 2, "rrule"),
        "never happens",
    ),
    "a rule that ended before it began": (
        ("schedules", 1, "rrule", "FREQ=DAILY;UNTIL=20251231"),
        ("schedules", 3, "rrule"),
        "never happens",
    ),
    "no rule": (("schedules", 1, "rrule", ""), ("schedules", 3, "rrule"), "not be empty"),
    "a rule by meter": (
        ("schedules", 2, "rrule", "FREQ=DAILY"),
        ("schedules", 4, "rrule"),
        "has no rule",
    ),
    "by no meter": (("schedules", 2, "meter", ""), ("schedules", 4, "meter"), "its meter"),
    "by no interval": (("schedules", 2, "every", ""), ("schedules", 4, "every"), "either every"),
    "by both": (("schedules", 2, "above", "3"), ("schedules", 4, "every"), "either every"),
    "hours of 60 minutes": (
        ("projects", 0, "hours", "MO 08:00-17:60"),
        ("projects", 2, "hours"),
        "no working time",
    ),
    "an interval of nothing": (
        ("schedules", 2, "every", "0"),
        ("schedules", 4, "every"),
        "more than 0",
    ),
    "a meter for a fixed schedule": (
        ("schedules", 0, "meter", "M"),
        ("schedules", 2, "meter"),
        "by meter",
    ),
    "an unknown repeat": (
        ("schedules", 2, "repeat", "sometimes"),
        ("schedules", 4, "repeat"),
        "fixed floating meter",
    ),
    "a meter of another project": (
        ("meters", 0, "project", "B"),
        ("schedules", 4, "meter"),
        "belongs to the project B, not to A",
    ),
    "a meter on another project's asset": (
        ("meters", 0, "project", "B"),
        ("meters", 2, "asset"),
        "belongs to the project A, not to B",
    ),
    "a meter that no step reads": (
        ("meters", 0, "step", "s2"),
        ("meters", 2, "step"),
        "No checklist has a reading s2",
    ),
    "a counter of no digits": (("meters", 0, "rollover", "0"), ("meters", 2, "rollover"), "than 0"),
    "closed before it opens": (
        ("routes", 0, "close_min", "5"),
        ("routes", 2, "close_min"),
        "before it opens",
    ),
    "gaps crossed": (("routes", 1, "gap_max", "29"), ("routes", 3, "gap_max"), "less than gap_min"),
    "a gap of half a second": (("routes", 1, "gap_min", "0.5"), ("routes", 3, "gap_min"), "whole"),
    "a checkpoint that opens when all is over": (
        ("routes", 1, "open_min", "121"),
        ("schedules", 2, "duration_min"),
        "over before P opens",
    ),
    "questions that are not there": (
        ("routes", 1, "checklist", "D"),
        ("routes", 3, "checklist"),
        "There is no D",
    ),
    "an order of another kind": (
        ("routes", 0, "ordered", "perhaps"),
        ("routes", 2, "ordered"),
        "nor random",
    ),
    "north of the pole": (("places", 1, "lat", "90.1"), ("places", 3, "lat"), "from -90 to 90"),
    "half a position": (("places", 1, "lon", ""), ("places", 3, ""), " both lat and lon"),
    "half a floor": (("places", 1, "level", "1.5"), ("places", 3, "level"), "whole number"),
    "hours that end before they begin": (
        ("projects", 0, "hours", "MO-FR 22:00-06:00"),
        ("projects", 2, "hours"),
        "before it begins",
    ),
    "hours past midnight": (
        ("projects", 0, "hours", "MO 08:00-24:01"),
        ("projects", 2, "hours"),
        "before it begins",
    ),
    "hours in words": (
        ("projects", 0, "hours", "all day"),
        ("projects", 2, "hours"),
        "MO-FR 08:00-18:00",
    ),
    "a priority twice": (("sla", 1, "priority", "URGENT"), ("sla", 3, "priority"), "row 2"),
    "no such priority": (("sla", 1, "priority", "asap"), ("sla", 3, "priority"), "low normal"),
    "a deadline for nothing": (("sla", 2, "response_min", ""), ("sla", 4, ""), "or both"),
    "done before it is begun": (
        ("sla", 0, "response_min", "241"),
        ("sla", 2, "resolution_min"),
        "before anybody",
    ),
    "orders for nobody": (("orders", 0, "role", "all"), ("orders", 2, "role"), "guard cleaner"),
    "orders without a word": (("orders", 0, "text", ""), ("orders", 2, "text"), "not be empty"),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_named_by_sheet_row_and_column(name: str) -> None:
    changed, (sheet, row, column), sentence = NONSENSE[name]
    rows = full()
    cell(*changed)(rows)

    found = {(one.sheet, one.row, one.column): str(one) for one in mistakes(read(rows))}

    assert sentence in found.get((sheet, row, column), f"{name} was not found: {found}")


def test_without_the_sheet_of_holidays_a_calendar_is_a_dangling_reference() -> None:
    rows = full()
    del rows["holidays"], rows["projects"][0]["calendar"]

    assert "There is no CN in the sheet holidays" in str(only_mistake(read(rows)))


def test_an_optional_sheet_without_its_columns_is_a_mistake() -> None:
    rows = full()
    sheets = book_sheets(Record(*key, body) for key, body in records(rows).items())
    broken = [
        type(one)(one.name, ("name", "name_zh", "date"), ()) if one.name == "holidays" else one
        for one in sheets
    ]

    assert str(only_mistake(read_book(broken, zones=ZONES))) == (
        "holidays:1:calendar: The column is missing."
    )
