"""A site book as a file: a workbook (.xlsx) or a folder with one .csv for each sheet.

Reading gives text cells and judges nothing but the file itself; what the cells say is
`radar_core.book`'s. What a spreadsheet may have made of text is met here: dates, numbers,
byte order marks, and formulas where a text begins with an equals sign.
"""

import csv
import io
import os
import re
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, Protocol, cast

from radar_core.book import Row, Sheet
from radar_core.failures import Failure, N_
from radar_server.book_bombs import is_bomb

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet
    from openpyxl.worksheet.dimensions import ColumnDimension

FILE_BYTES_MAX = 64 * 2**20
UNPACKED_BYTES_MAX = 512 * 2**20
"""The most that a workbook may say it unpacks to; what it says is also all that is unpacked."""
MEMBERS_MAX = 1_000
SHEETS_MAX = 40
ROWS_MAX = 200_000
COLUMNS_MAX = 100
CELLS_MAX = ROWS_MAX * COLUMNS_MAX
"""The most cells of a sheet, empty ones to the left of a far one included."""
_SHEET_ROWS_MAX = 2**20
"""A spreadsheet's own limit, empty rows included."""
EXACT_BELOW = 10**15
"""A spreadsheet keeps 15 digits of a number."""

WORKBOOK_SUFFIX = ".xlsx"
CSV_SUFFIX = ".csv"

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NUL = b"\0"
"""Every other byte of plain letters in UTF-16, and nowhere in a text of UTF-8."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HOW = N_("Give a workbook (.xlsx) or a folder of .csv files: radar admin import BOOK")
_SAVE_AS = N_("Open it, save it as .xlsx without a password, and import that.")
_BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,  # what the XML parser raises
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What openpyxl raises on a damaged workbook: it documents nothing, so this is from trying."""
_FORMULA = re.compile(r"'*\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_COLUMN_WIDTH = 18
_TEXT_FORMAT = "@"


def read_book_file(path: Path) -> list[Sheet]:
    """Return the sheets of a workbook or of a folder of CSV files, cells as text.

    Raises Failure where the file itself cannot be read; empty rows are left out, and every row
    is at least as long as the header.
    """
    try:
        if path.is_dir():
            return _read_folder(path)
        if not path.is_file():
            raise Failure("book_missing", N_("There is no file or folder {path}."), _HOW, path=path)
        return _read_workbook(path)
    except OSError as error:
        reason = error.strerror or str(error)
        message = N_("{path} cannot be read: {reason}.")
        raise Failure("book_unreadable", message, _HOW, path=path, reason=reason) from error


def write_book_file(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write the sheets as a workbook where `path` ends in .xlsx, else as a folder of CSV files.

    Each file is replaced whole or not at all, and readable by its owner alone.
    """
    try:
        if path.suffix.lower() == WORKBOOK_SUFFIX:
            with _replacing(path) as file:
                _write_workbook(file, sheets)
            return
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for sheet in sheets:
            with _replacing(path / f"{sheet.name}{CSV_SUFFIX}") as file:
                file.write(csv_text(sheet).encode("utf-8-sig"))
    except OSError as error:
        reason = error.strerror or str(error)
        message = N_("{path} cannot be written: {reason}.")
        hint = N_("Choose another place: radar admin export BOOK")
        raise Failure("book_unwritable", message, hint, path=path, reason=reason) from error


# A folder of CSV files.


def _read_folder(folder: Path) -> list[Sheet]:
    files = sorted(
        file
        for file in folder.iterdir()
        if file.suffix.lower() == CSV_SUFFIX and not file.name.startswith(".") and file.is_file()
    )
    if not files:
        message = N_("The folder {path} holds no .csv file.")
        hint = N_("A site book has one for each sheet: districts.csv, projects.csv, …")
        raise Failure("book_empty", message, hint, path=folder)
    if len(files) > SHEETS_MAX:
        raise _too_large(folder, f"{SHEETS_MAX} .csv")
    return [_read_csv(file) for file in files]


def _read_csv(path: Path) -> Sheet:
    if path.stat().st_size > FILE_BYTES_MAX:
        raise _too_large(path, f"{FILE_BYTES_MAX // 2**20} MB")
    content = path.read_bytes()
    try:
        text = "" if _NUL in content else content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if content and not text:
        message = N_("{path} is not UTF-8 text.")
        hint = N_('Save it as "CSV UTF-8", or import the workbook itself.')
        raise Failure("book_not_utf8", message, hint, path=path)
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = list(islice(lines, _SHEET_ROWS_MAX + 1))
    except csv.Error as error:
        message = N_("{path} is broken in line {line}: a quotation mark or a comma is missing.")
        hint = N_("Open it in a spreadsheet and save it again as CSV UTF-8.")
        raise Failure("book_broken", message, hint, path=path, line=lines.line_num) from error
    first = rows[0][0] if rows and len(rows[0]) == 1 else ""
    if ";" in first or "\t" in first:
        message = N_("The columns of {path} are not separated by commas.")
        hint = N_("Save it with commas between the columns, or import the workbook itself.")
        raise Failure("book_separator", message, hint, path=path)
    return _sheet(path, path.stem, ([_from_csv(cell) for cell in row] for row in rows))


def csv_text(sheet: Sheet) -> str:
    """Return a sheet as CSV in which no cell is a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for cells in (sheet.header, *(row.cells for row in sheet.rows)):
        writer.writerow([_to_csv(cell) for cell in cells])
    return text.getvalue()


def _to_csv(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula: an apostrophe before it."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _from_csv(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


# A workbook. openpyxl takes 0.2 s to import, so it is imported where a workbook is at hand.


class _PageRead(Protocol):
    """What of openpyxl's read-only worksheet is used here."""

    title: str

    def reset_dimensions(self) -> None: ...

    def iter_rows(self, *, values_only: Literal[True]) -> Iterable[Sequence[object]]: ...


class _PageWritten(Protocol):
    """What of openpyxl's write-only worksheet is used here."""

    freeze_panes: str
    column_dimensions: dict[str, "ColumnDimension"]

    def append(self, row: list["Cell | None"]) -> None: ...


def _read_workbook(path: Path) -> list[Sheet]:
    content = _workbook_bytes(path)
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of decorations in the workbook that it leaves out
            book = load_workbook(content, read_only=True, data_only=True, keep_links=False)
            try:
                pages = cast("list[_PageRead]", book.worksheets)
                if len(pages) > SHEETS_MAX:
                    raise _too_large(path, f"{SHEETS_MAX} sheets")
                return [_read_page(path, page) for page in pages]
            finally:
                book.close()
    except _BROKEN as error:
        raise _damaged(path) from error


def _workbook_bytes(path: Path) -> io.BytesIO:
    """Return a workbook's bytes; refuse what is none, or would fill the memory when unpacked.

    openpyxl gets bytes, not the path: it leaves a damaged file open.
    """
    if path.stat().st_size > FILE_BYTES_MAX:
        raise _too_large(path, f"{FILE_BYTES_MAX // 2**20} MB")
    content = path.read_bytes()
    if not content:
        raise Failure("book_empty", N_("The file {path} is empty."), _HOW, path=path)
    if content.startswith(_OLE) and _ENCRYPTED in content:
        message = N_("The workbook {path} is protected with a password.")
        raise Failure("book_protected", message, _SAVE_AS, path=path)
    if content.startswith(_OLE):
        message = N_("{path} is a workbook of the old kind (.xls).")
        raise Failure("book_old", message, _SAVE_AS, path=path)
    if path.suffix.lower() == CSV_SUFFIX:
        message = N_("{path} is one sheet of a site book.")
        hint = N_("Give the folder that it lies in: radar admin import FOLDER")
        raise Failure("book_one_sheet", message, hint, path=path)
    if not content.startswith(_ZIP):
        raise Failure("book_not_workbook", N_("{path} is not a workbook."), _HOW, path=path)
    try:
        _judge(path, zipfile.ZipFile(io.BytesIO(content)))
    except _BROKEN as error:
        raise _damaged(path) from error
    return io.BytesIO(content)


def _judge(path: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if "xl/workbook.xml" not in {member.filename for member in members}:
        raise Failure("book_not_workbook", N_("{path} is not a workbook."), _SAVE_AS, path=path)
    unpacked = sum(member.file_size for member in members)
    if len(members) > MEMBERS_MAX or unpacked > UNPACKED_BYTES_MAX:
        raise _too_large(path, f"{UNPACKED_BYTES_MAX // 2**20} MB")
    if is_bomb(archive):
        raise _too_large(path, f"{ROWS_MAX} rows, {COLUMNS_MAX} columns")


def _read_page(path: Path, page: _PageRead) -> Sheet:
    page.reset_dimensions()  # what a file says of its own size is often wrong
    rows = page.iter_rows(values_only=True)
    return _sheet(path, page.title, ([_text(value) for value in row] for row in rows))


def _text(value: object) -> str:
    """Return what a cell holds as a person would have typed it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return _moment_text(value)
    if isinstance(value, int | float):
        return _number_text(value)
    return str(value)


def _moment_text(value: datetime) -> str:
    """Return a date, with its time unless that is midnight: a spreadsheet's dates all have one."""
    whole = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    at_midnight = whole.time() == time()
    return f"{whole:%Y-%m-%d}" if at_midnight else f"{whole:%Y-%m-%d %H:%M:%S}"


def _number_text(value: float) -> str:
    """Return a number without an exponent, unless the spreadsheet has lost digits of it."""
    if abs(value) >= EXACT_BELOW:
        return f"{value:.14E}"
    return format(Decimal(f"{value:.15g}"), "f")


def _write_workbook(file: IO[bytes], sheets: Iterable[Sheet]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        _write_page(cast("_PageWritten", book.create_sheet(sheet.name)), sheet)
    book.save(file)


def _write_page(page: _PageWritten, sheet: Sheet) -> None:
    """Make every cell text, and every column too, so that what is typed there later stays text."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    page.freeze_panes = "A2"
    for number in range(1, len(sheet.header) + 1):
        column = page.column_dimensions[get_column_letter(number)]
        column.number_format, column.width = _TEXT_FORMAT, _COLUMN_WIDTH

    def cell(text: str, font: Font | None = None) -> "Cell":
        made = WriteOnlyCell(cast("WriteOnlyWorksheet", page), text)
        made.data_type, made.number_format = "s", _TEXT_FORMAT
        if font:
            made.font = font
        return made

    bold = Font(bold=True)
    page.append([cell(text, bold) for text in sheet.header])
    for row in sheet.rows:
        page.append([cell(text) if text else None for text in row.cells])


# Both.


def _sheet(path: Path, name: str, rows: Iterable[Sequence[str]]) -> Sheet:
    """Return the sheet of rows of text; the first is the header, empty ones are left out."""
    header: tuple[str, ...] = ()
    kept: list[Row] = []
    count = 0
    for number, cells in enumerate(rows, 1):
        count += len(cells)
        texts = _trimmed(cells)
        if number == 1:
            header = texts
        elif texts:
            kept.append(Row(number, texts + ("",) * (len(header) - len(texts))))
        far = max(number / _SHEET_ROWS_MAX, len(kept) / ROWS_MAX, len(texts) / COLUMNS_MAX)
        if max(far, count / CELLS_MAX) > 1:
            raise _too_large(path, f"{ROWS_MAX} rows, {COLUMNS_MAX} columns")
    return Sheet(name, header, tuple(kept))


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return tuple(cells[:end])


def _too_large(path: Path, most: str) -> Failure:
    message = N_("{path} is larger than a site book may be ({most}).")
    hint = N_("Look for stray rows, columns or pictures, or import each district by itself.")
    return Failure("book_too_large", message, hint, path=path, most=most)


def _damaged(path: Path) -> Failure:
    message = N_("The workbook {path} is damaged.")
    hint = N_("Open it in a spreadsheet, save it again as .xlsx, and import that.")
    return Failure("book_broken", message, hint, path=path)


@contextmanager
def _replacing(path: Path) -> Generator[IO[bytes]]:
    """Open a new file that takes the place of `path` once all is written and on disk."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
