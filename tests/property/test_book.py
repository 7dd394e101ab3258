"""records(read(sheets(records))) = records, and no text in any cell is too much for the reader."""

import tempfile
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from radar_core.book import Book, Mistakes, Record, Row, Sheet, book_sheets, read_book
from radar_core.book_cells import decimal, escape, unescape
from radar_core.book_forms import (
    FORMS,
    MEASURED,
    PLACE_KINDS,
    PRIORITIES,
    SCHEDULE_KINDS,
    STEP_TYPES,
    sheet_of,
)
from radar_core.failures import Failure
from radar_core.permissions import ROLES
from radar_core.tags import code_of_label, make_code
from radar_core.west_coast import west_coast
from radar_core.west_coast.parameters import WEST_COAST
from radar_server.book_files import read_book_file, write_book_file

ZONES = {"Asia/Shanghai", "Europe/Berlin", "America/St_Johns"}
RULES = ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20991231")
Cells = dict[str, str]
DUE_BY_METER: tuple[Cells, ...] = ({"every": "250.5"}, {"above": "7", "below": "-1"})
CHECKPOINT_RULES: tuple[Cells, ...] = (
    {},
    {"open_min": "0", "close_min": "5.0"},
    {"open_min": "1", "gap_min": "0", "gap_max": "900"},
    {"close_min": "44640", "gap_min": "60", "gap_max": "60"},
)

ids = st.text("AZaz09._-", min_size=1, max_size=6)
letters = st.characters(exclude_categories=["C", "Zl", "Zp"])
words = st.text(letters, max_size=8).map(lambda word: word.replace("#", "").strip())
names = words.map(lambda word: word or "x" * 120)
spoiled = st.sampled_from(["#REF!", "6.90123E+12", "1e+5", "'=1", "+1", "@x", "\\", "\\x41"])
items = words.map(lambda word: word.replace(";", "").replace("；", "").strip() or "none")
numbers = st.decimals(min_value=-(10**9) + 1, max_value=10**9 - 1, places=6).map(str)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
foreign = st.one_of(
    spoiled, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)
)
ours = st.binary(min_size=7, max_size=7).map(make_code)


@st.composite
def books(draw: st.DrawFn) -> list[Sheet]:
    """Draw a book without a mistake."""
    rows: dict[str, list[Cells]] = {form.name: [] for form in FORMS}
    rows["districts"] = [named(draw, {"id": name, "domain": "R.EXAMPLE"}) for name in unique(draw)]
    districts = [row["id"] for row in rows["districts"]]
    rows["projects"] = [
        named(draw, {"id": name, "timezone": draw(st.sampled_from(sorted(ZONES)))})
        for name in unique(draw, len(districts))
    ]
    for index, row in enumerate(rows["projects"]):
        row["district"] = districts[index % len(districts)]
        row["keep_positions_days"] = draw(st.sampled_from(["", "1", "90", "3650"]))
        row["keep_photos_days"] = draw(st.sampled_from(["", "7"]))
    projects = [row["id"] for row in rows["projects"]]
    rows["places"] = draw_places(draw, projects)
    rows["assets"] = [
        named(draw, {"id": name, "class": "pump"} | at_place(draw, rows["places"]))
        for name in unique(draw)
    ]
    rows["tags"] = draw_tags(draw, rows)
    rows["staff"] = [
        named(draw, {"id": name} | draw_posts(draw, sorted({*projects, *districts})))
        for name in unique(draw)
    ]
    for name in unique(draw):
        rows["checklists"] += draw_checklist(draw, name)
    for name in unique(draw):
        rows["routes"] += draw_route(draw, name, rows)
    draw_optional(draw, rows)
    rows["schedules"] = [draw_schedule(draw, name, rows) for name in unique(draw)]
    return [
        sheet_of(form, rows[form.name]) for form in FORMS if rows[form.name] or not form.optional
    ]


def unique(draw: st.DrawFn, least: int = 1) -> list[str]:
    return draw(st.lists(ids, min_size=least, max_size=max(3, least), unique=True))


def named(draw: st.DrawFn, row: Cells) -> Cells:
    return row | {"name": draw(names), "name_zh": draw(words)}


def some(draw: st.DrawFn, options: list[str] | tuple[str, ...]) -> str:
    chosen = draw(st.lists(st.sampled_from(options), min_size=1, max_size=3, unique=True))
    return ";".join(chosen)


def draw_posts(draw: st.DrawFn, posts: list[str]) -> Cells:
    """Draw where somebody works, and as what: in all of it, and in a part of it besides."""
    where, roles = some(draw, posts), some(draw, ROLES)
    limit = draw(st.sampled_from(["", *where.split(";")]))
    more = f";{draw(st.sampled_from(ROLES))}@{limit}" if limit else ""
    return {"roles": roles + more, "projects": where}


def draw_places(draw: st.DrawFn, projects: list[str]) -> list[Cells]:
    rows: list[Cells] = []
    for name in unique(draw):
        project = draw(st.sampled_from(projects))
        above = [row["id"] for row in rows if row["project"] == project]
        row = {"id": name, "project": project, "kind": draw(st.sampled_from(PLACE_KINDS))}
        row["parent"] = draw(st.sampled_from(["", *above]))
        row |= draw(st.sampled_from([{}, {"lat": "-36.840100", "lon": "174.7", "level": "-2"}]))
        rows.append(named(draw, row))
    return draw(st.permutations(rows))


def at_place(draw: st.DrawFn, places: list[Cells]) -> Cells:
    place = draw(st.sampled_from(places))
    return {"project": place["project"], "place": place["id"]}


def draw_tags(draw: st.DrawFn, rows: dict[str, list[Cells]]) -> list[Cells]:
    texts = draw(st.lists(st.one_of(ours, foreign), max_size=4, unique=True))
    tags: list[Cells] = []
    for text in texts:
        code = code_of_label(text)
        if code and code != text:
            continue
        row = {"code": escape(text), "foreign": "" if code else "yes"}
        tags.append(row | draw(st.sampled_from(spots(rows))) | {"state": "retired"})
    return tags


def spots(rows: dict[str, list[Cells]]) -> list[Cells]:
    return [
        {"project": row["project"], kind: row["id"]}
        for kind, sheet in (("place", "places"), ("asset", "assets"))
        for row in rows[sheet]
    ]


def draw_checklist(draw: st.DrawFn, name: str) -> list[Cells]:
    steps: list[Cells] = []
    for step in unique(draw):
        kind = draw(st.sampled_from(STEP_TYPES))
        row = {"checklist": name, "step": step, "type": kind, "title": draw(names)}
        row["required"] = draw(st.sampled_from(["yes", "no", ""]))
        if kind == "choice":
            row["choices"] = ";".join(draw(st.lists(items, min_size=1, max_size=3, unique=True)))
        if kind in MEASURED:
            low, high = sorted((draw(numbers), draw(numbers)), key=float)
            row |= {"min": low, "max": high}
        steps.append(row)
    steps[0] = named(draw, steps[0])
    return steps


def draw_route(draw: st.DrawFn, name: str, rows: dict[str, list[Cells]]) -> list[Cells]:
    project = draw(st.sampled_from(rows["places"]))["project"]
    here = [spot for spot in spots(rows) if spot["project"] == project]
    chosen = draw(st.lists(st.sampled_from(here), min_size=1, unique_by=str))
    route = [{"route": name} | spot for spot in chosen]
    checklists = ["", rows["checklists"][0]["checklist"]]
    if draw(st.booleans()):
        route = [
            row
            | draw(st.sampled_from(CHECKPOINT_RULES))
            | {"checklist": draw(st.sampled_from(checklists))}
            for row in route
        ]
    ordered = draw(st.sampled_from(["yes", "", "no", "Random", "随机"]))
    route[0] = named(draw, route[0]) | {"ordered": ordered}
    return route


def draw_optional(draw: st.DrawFn, rows: dict[str, list[Cells]]) -> None:
    """Draw the sheets that a book may have; what stands at a place here is owned by a project."""
    projects = [row["id"] for row in rows["projects"]]
    for calendar in unique(draw, 0):
        dates = draw(st.lists(days, min_size=1, max_size=3, unique=True))
        group = [{"calendar": calendar, "date": f"{one}"} for one in dates]
        rows["holidays"] += [named(draw, group[0]), *group[1:]]
    calendars = ["", *(row["calendar"] for row in rows["holidays"])]
    for row in rows["projects"]:
        row["calendar"] = draw(st.sampled_from(calendars))
        row["hours"] = draw(st.sampled_from(["", "MO-FR 8:00-18:00; sa 08:00-24:00"]))
    for name in unique(draw, 0):
        asset = draw(st.sampled_from(rows["assets"]))
        row = {"id": name, "project": asset["project"], "asset": asset["id"], "unit": draw(words)}
        row |= {"rollover": "99999.5", "jump": draw(st.sampled_from(["", "12"]))}
        rows["meters"].append(named(draw, row))
    for name in unique(draw, 0):
        row = {"id": name, "project": draw(st.sampled_from(projects)), "role": "guard"}
        row |= {"title": draw(names), "text": draw(names), "text_zh": draw(words)}
        rows["orders"].append(row)
    for project in projects:
        for priority in draw(st.sets(st.sampled_from(PRIORITIES))):
            row = {"project": project, "priority": priority, "response_min": "15"}
            rows["sla"].append(row | {"resolution_min": draw(st.sampled_from(["", "15", "240"]))})


def draw_schedule(draw: st.DrawFn, name: str, rows: dict[str, list[Cells]]) -> Cells:
    heads = [row for row in rows["routes"] if "name" in row]
    targets = [{"project": row["project"], "route": row["route"]} for row in heads] + spots(rows)
    row = {"id": name, "title": draw(names), "role": "guard"} | draw(st.sampled_from(targets))
    row["kind"] = draw(st.sampled_from(SCHEDULE_KINDS)) if "route" in row else "cleaning"
    row["rrule"] = draw(st.sampled_from(RULES))
    first = draw(days.filter(lambda one: one.year < 2099))
    row["start"] = f"{first:%Y/%m/%d} {draw(st.times()):%H:%M}"
    row["duration_min"] = str(draw(st.integers(1, 44_640)))
    row["grace_min"] = draw(st.sampled_from(["", "0", "30.0"]))
    row["early_min"] = draw(st.sampled_from(["", "0", "15", "720"]))
    row["checklist"] = draw(st.sampled_from(["", rows["checklists"][0]["checklist"]]))
    row["exdates"] = ";".join(map(str, draw(st.lists(days, max_size=3, unique=True))))
    calendars = ["", *(one["calendar"] for one in rows["holidays"])]
    row["calendar"] = draw(st.sampled_from(calendars))
    row["seasons"] = draw(st.sampled_from(["", "1-1..12-31", "05-01..02-29; 3-1..4-30"]))
    row["repeat"] = draw(st.sampled_from(["", "fixed", "Floating"]))
    meters = [one["id"] for one in rows["meters"] if one["project"] == row["project"]]
    by_meter = draw(st.booleans())
    if meters and by_meter:
        due: Cells = draw(st.sampled_from(DUE_BY_METER))
        row |= {"repeat": "meter", "meter": draw(st.sampled_from(meters)), "rrule": ""} | due
    return row


def read(sheets: list[Sheet]) -> list[Record]:
    book = read_book(sheets, zones=ZONES)
    assert isinstance(book, Book), [str(one) for one in book.found]
    return list(book.records())


@given(books())
@settings(max_examples=60)
def test_import_and_export_are_a_round_trip(sheets: list[Sheet]) -> None:
    records = read(sheets)

    exported = book_sheets(records)

    assert read(exported) == records
    assert book_sheets(read(exported)) == exported
    for before, after in zip(sheets, exported, strict=True):
        at = 3 if before.name == "checklists" else 0
        assert [row.cells[at] for row in before.rows] == [row.cells[at] for row in after.rows]


@given(books())
@settings(max_examples=10)
def test_both_kinds_of_file_are_a_round_trip(sheets: list[Sheet]) -> None:
    records = read(sheets)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("book.xlsx", "book"):
            write_book_file(Path(folder, name), book_sheets(records))
            assert read(read_book_file(Path(folder, name))) == records


@cache
def village() -> tuple[Sheet, ...]:
    """Return the smallest district that has one of everything."""
    project = replace(
        WEST_COAST.projects[0],
        towers=1,
        floors=2,
        homes_per_floor=1,
        guards=1,
        cleaners=1,
        engineers=1,
        supervisors=1,
    )
    district = replace(WEST_COAST, projects=(project,), spare_tags_per_project=1)
    return tuple(west_coast(district))


VALUES = sorted({cell for sheet in village() for row in sheet.rows for cell in row.cells})
texts = st.one_of(st.text(max_size=30), st.sampled_from(VALUES), st.sampled_from(["", " ", "\\"]))


cells = st.tuples(st.integers(0, 12), st.integers(0, 99), st.integers(0, 99), texts)
headings = st.tuples(st.integers(0, 12), texts, st.lists(texts, max_size=9))


def spoil(sheet: Sheet, row: int, column: int, text: str) -> Sheet:
    if not sheet.rows:
        return sheet
    rows = list(sheet.rows)
    said = list(rows[row % len(rows)].cells)
    said[column % len(said)] = text
    rows[row % len(rows)] = Row(rows[row % len(rows)].number, tuple(said))
    return Sheet(sheet.name, sheet.header, tuple(rows))


@given(st.lists(cells, min_size=1, max_size=6), st.lists(headings, max_size=1))
def test_whatever_the_cells_say_the_book_is_read_or_its_mistakes_are_named(
    changes: list[tuple[int, int, int, str]], retitled: list[tuple[int, str, list[str]]]
) -> None:
    sheets = list(village())
    for index, row, column, text in changes:
        sheets[index] = spoil(sheets[index], row, column, text)
    for index, name, header in retitled:
        sheets[index] = Sheet(name, tuple(header), sheets[index].rows)

    book = read_book(sheets, zones=ZONES)

    if isinstance(book, Mistakes):
        assert book.found
        assert all(str(mistake) for mistake in book.found)
    else:
        records = list(book.records())
        assert read(book_sheets(records)) == records


@given(foreign)
def test_every_code_can_be_written_into_a_cell(text: str) -> None:
    cell = escape(text)

    assert unescape(cell) == text
    assert cell == cell.strip()
    assert not any(char < " " or char == "\x7f" for char in cell)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, max_value=10**8))
def test_a_number_keeps_its_value(number: object) -> None:
    text = str(number)
    normal = decimal(text)

    if isinstance(normal, str):
        assert float(normal) == float(text)
        assert decimal(normal) == normal


@cache
def workbook() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "book.xlsx")
        write_book_file(path, [Sheet("staff", ("id", "name"), (Row(2, ("G", "Li")),))])
        return path.read_bytes()


@given(st.data())
def test_a_damaged_workbook_is_a_failure_or_is_read(data: st.DataObject) -> None:
    content = bytearray(workbook())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "book.xlsx")
        path.write_bytes(content)
        try:
            pages = read_book_file(path)
        except Failure:
            return
    assert all(isinstance(page, Sheet) for page in pages)
