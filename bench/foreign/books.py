"""Workbooks: a site book as a file, through its checks, to the tasks that it makes."""

import csv
import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo, available_timezones

from openpyxl import Workbook

from bench.foreign.decoder import Decoder
from radar_core.book import Mistakes, Record, Row, Sheet, read_book
from radar_core.book_forms import FORMS
from radar_core.failures import Failure
from radar_core.schedules import Parts, tasks_of
from radar_server.book_files import read_book_file, write_book_file

ZONES = available_timezones()
WINDOW = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
PART, NAME = b"\x1c", b"\x1d"
"""What stands between the parts of a file here, and between a part's name and its content."""
_FOLDER = TemporaryDirectory(prefix="radar-fuzz-")
_BOOK, _WORKBOOK = Path(_FOLDER.name) / "book", Path(_FOLDER.name) / "book.xlsx"

ROWS: Mapping[str, list[dict[str, str]]] = {
    "districts": [{"id": "WC", "name": "West", "domain": "R.EXAMPLE"}],
    "projects": [
        {"id": "HV", "district": "WC", "name": "Harbour", "timezone": "Asia/Shanghai"}
        | {"hours": "MO-FR 08:00-18:00", "calendar": "OFF"}
    ],
    "places": [
        {"id": "P1", "project": "HV", "kind": "building", "name": "Tower"},
        {"id": "P2", "project": "HV", "parent": "P1", "kind": "floor", "name": "Roof"}
        | {"lat": "31.2", "lon": "121.5", "level": "28"},
    ],
    "assets": [{"id": "A1", "project": "HV", "place": "P2", "class": "pump", "name": "Pump"}],
    "tags": [
        {"code": "400638", "project": "HV", "place": "P1", "state": "bound", "foreign": "yes"}
    ],
    "staff": [{"id": "G1", "name": "Li", "roles": "guard", "projects": "HV"}],
    "checklists": [
        {"checklist": "CL", "name": "Pump", "step": "1", "type": "number", "title": "Pressure"}
        | {"unit": "bar", "min": "0.5", "max": "4", "required": "yes"}
    ],
    "routes": [
        {"route": "R1", "project": "HV", "name": "Night", "ordered": "yes", "place": "P1"},
        {"route": "R1", "project": "HV", "place": "P2", "gap_min": "20", "gap_max": "900"},
    ],
    "schedules": [
        {"id": "S1", "project": "HV", "kind": "patrol", "title": "Round", "role": "guard"}
        | {"rrule": "FREQ=WEEKLY;BYDAY=MO,TU,SU", "start": "2026-01-01 22:00", "route": "R1"}
        | {"duration_min": "90", "exdates": "2026-03-02 22:00", "seasons": "05-01..04-30"},
        {"id": "S2", "project": "HV", "kind": "maintenance", "title": "Pump", "role": "engineer"}
        | {"rrule": "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=8,9", "start": "2026-01-01", "asset": "A1"}
        | {"duration_min": "480", "checklist": "CL", "calendar": "OFF"},
    ],
    "holidays": [{"calendar": "OFF", "name": "Office", "date": "2026-05-01"}],
    "sla": [{"project": "HV", "priority": "high", "response_min": "30", "resolution_min": "240"}],
}


def _sheets() -> list[Sheet]:
    sheets: list[Sheet] = []
    for form in FORMS:
        header = tuple(column.name for column in form.columns)
        rows = enumerate(ROWS.get(form.name, []), 2)
        cells = [Row(n, tuple(row.get(name, "") for name in header)) for n, row in rows]
        sheets.append(Sheet(form.name, header, tuple(cells)))
    return sheets


def _read(path: Path) -> bool:
    """Take a book in as the centre does, and make two days of its tasks."""
    try:
        book = read_book(read_book_file(path), zones=ZONES)
    except Failure as failure:
        str(failure)
        return False
    if isinstance(book, Mistakes):
        for mistake in book.found:
            str(mistake)
        return False
    records = list(book.records())
    by_kind: dict[tuple[str, str], dict[str, Mapping[str, object]]] = {}
    for record in records:
        by_kind.setdefault((record.project, record.kind), {})[record.id] = record.body
    for record in records:
        if record.kind == "schedule":
            _make_tasks(record, by_kind)
    return True


def _make_tasks(
    record: Record, by_kind: Mapping[tuple[str, str], Mapping[str, Mapping[str, object]]]
) -> None:
    routes, checklists, calendars = (
        by_kind.get((record.project, kind), {}) for kind in ("route", "checklist", "holidays")
    )
    project = by_kind[record.project, "project"][record.project]
    zone = ZoneInfo(str(project["timezone"]))
    parts = Parts(routes, checklists, calendars)
    tasks = list(tasks_of(record.id, record.body, (record.project, zone), WINDOW, parts))
    assert len(tasks) <= 24 * (WINDOW[1] - WINDOW[0] + timedelta(days=62)).days


def _folder(data: bytes) -> bool:
    """Read a folder of CSV files: those of the whole book, with these instead of some."""
    changed = {name: content for name, content in _parts(data) if name in _PLAIN}
    for name, content in changed.items():
        _sheet_file(name).write_bytes(content)
    taken = _read(_BOOK)
    for name in changed:
        _sheet_file(name).write_bytes(_PLAIN[name])
    return taken


def _sheet_file(name: bytes) -> Path:
    return _BOOK / f"{name.decode()}.csv"


def _workbook(data: bytes) -> bool:
    """Read a workbook; it has few sheets, for speed, so that the book itself is refused."""
    _WORKBOOK.write_bytes(data)
    try:
        sheets = read_book_file(_WORKBOOK)
    except Failure as failure:
        str(failure)
        return False
    read_book(sheets, zones=ZONES)
    return True


def _unzipped(data: bytes) -> bool:
    """Read a workbook with these members instead of its own of the same names."""
    members = dict(_MEMBERS) | dict(_parts(data))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in members.items():
            made.writestr(name.decode("latin-1").replace("\0", "") or "x", content)
    return _workbook(file.getvalue())


def _parts(data: bytes) -> list[tuple[bytes, bytes]]:
    cut = [part.partition(NAME) for part in data.split(PART)]
    return [(name, content) for name, _, content in cut]


def _joined(name: bytes, content: bytes) -> bytes:
    return name + NAME + content


def _csv(sheet: Sheet) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([sheet.header, *(row.cells for row in sheet.rows)])
    return text.getvalue().encode()


def _written() -> bytes:
    """Return a workbook as we write it."""
    write_book_file(_WORKBOOK, _sheets()[:1])
    return _WORKBOOK.read_bytes()


def _typed() -> bytes:
    """Return one as a spreadsheet does: shared texts, dates, numbers, a formula, two sheets."""
    book, file = Workbook(), io.BytesIO()
    page = book.worksheets[0]
    page.title = "holidays"
    page.append(["calendar", "name", "date"])
    page.append(["OFF", "Day", datetime(2026, 5, 1)])  # noqa: DTZ001 - as in a cell
    page.append(["OFF", True, 0.1])
    page.append(["OFF", "=1+1", time(8, 30)])
    book.create_sheet("staff").append(["id", "name", 10**16])
    book.save(file)
    return file.getvalue()


_PLAIN = {sheet.name.encode(): _csv(sheet) for sheet in _sheets()}
for _name, _content in _PLAIN.items():
    _BOOK.mkdir(exist_ok=True)
    _sheet_file(_name).write_bytes(_content)
_WRITTEN, _TYPED = _written(), _typed()
with zipfile.ZipFile(io.BytesIO(_TYPED)) as _book:
    _MEMBERS = {name.encode(): _book.read(name) for name in _book.namelist()}
DECODERS = (
    Decoder("folder", _folder, [b"", *(_joined(*part) for part in _PLAIN.items())]),
    Decoder("workbook", _workbook, [_WRITTEN, _TYPED]),
    Decoder(
        "workbook, unzipped", _unzipped, [b"\x1d", *(_joined(*part) for part in _MEMBERS.items())]
    ),
)
