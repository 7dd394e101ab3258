"""From sheets to tables: find sheets and columns, read each cell by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from radar_core.book_cells import cell_problem, closest
from radar_core.book_forms import FORM_OF, FORMS, Column, Form
from radar_core.book_sheet import Findings, Problem, Row, Sheet, problem
from radar_core.failures import N_


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that was read: normal text for each column of the form, "" where it says nothing.

    A column in `bad` has a mistake already; its text is as it stood and proves nothing.
    """

    row: int
    cells: Mapping[str, str]
    bad: frozenset[str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


@dataclass(frozen=True, slots=True)
class Tables:
    """All entries by sheet, and the first entry of each id; `unread` sheets should be there."""

    entries: Mapping[str, tuple[Entry, ...]]
    first: Mapping[str, Mapping[str, Entry]]
    unread: frozenset[str]


def read_tables(sheets: Iterable[Sheet], findings: Findings) -> Tables:
    """Read every cell by itself; what cannot be read goes to `findings`."""
    found = _sheets_by_name(sheets, findings)
    entries: dict[str, tuple[Entry, ...]] = {}
    first: dict[str, dict[str, Entry]] = {}
    unread: set[str] = set()
    for form in FORMS:
        sheet = found.get(form.name)
        at = _columns(form, sheet, findings) if sheet else {}
        missing = sheet is None and not form.optional
        if missing:
            findings.add(
                form.name, 0, "", problem(N_("The sheet is missing; its header alone would do."))
            )
        if sheet is not None and form.key in at:
            entries[form.name] = _Reading(form, sheet, at, findings).entries()
        else:
            entries[form.name] = ()
            unread |= {form.name} if missing or sheet else set()
        first[form.name] = {}
        for entry in entries[form.name]:
            first[form.name].setdefault(entry[form.key], entry)
    return Tables(entries, first, frozenset(unread))


def _sheets_by_name(sheets: Iterable[Sheet], findings: Findings) -> dict[str, Sheet]:
    found: dict[str, Sheet] = {}
    for sheet in sheets:
        name = sheet.name.strip().lower()
        if name in found:
            findings.add(sheet.name, 0, "", problem(N_("There are two sheets of this name.")))
        elif name in FORM_OF:
            found[name] = sheet
        elif sheet.header or sheet.rows:
            findings.add(sheet.name, 0, "", _unknown(name, list(FORM_OF)))
    return found


def _unknown(name: str, known: list[str]) -> Problem:
    """Return the problem that no sheet or column has this name."""
    suggestion = closest(name, known)
    if suggestion:
        return problem(
            N_("A site book has no {name}; did you mean {suggestion}?"),
            name=name,
            suggestion=suggestion,
        )
    return problem(
        N_("A site book has no {name} here, but: {known}."), name=name, known=" ".join(known)
    )


def _columns(form: Form, sheet: Sheet, findings: Findings) -> dict[str, int]:
    """Return where each column of the form stands in the sheet."""
    known = [column.name for column in form.columns]
    at: dict[str, int] = {}
    for index, heading in enumerate(sheet.header):
        name = heading.strip().lower()
        if name in at:
            findings.add(form.name, 1, name, problem(N_("There are two columns of this name.")))
        elif name in known:
            at[name] = index
        elif name:
            findings.add(form.name, 1, name, _unknown(name, known))
    for column in form.columns:
        if column.needed and column.name not in at:
            findings.add(form.name, 1, column.name, problem(N_("The column is missing.")))
    return at


class _Reading:
    """The reading of one sheet's rows, top to bottom."""

    def __init__(self, form: Form, sheet: Sheet, at: Mapping[str, int], findings: Findings) -> None:
        self._form = form
        self._sheet = sheet
        self._at = at
        self._findings = findings
        self._first: dict[str, Entry] = {}
        self._no_heading = frozenset(i for i, name in enumerate(sheet.header) if not name.strip())
        self._no_column = frozenset(c.name for c in form.columns if c.needed and c.name not in at)

    def entries(self) -> tuple[Entry, ...]:
        """Read all rows that say something."""
        rows = (row for row in self._sheet.rows if any(cell.strip() for cell in row.cells))
        return tuple(self._entry(row) for row in rows)

    def _entry(self, row: Row) -> Entry:
        self._check_headings(row)
        texts = {column.name: self._text(row, column) for column in self._form.columns}
        begins = self._first.get(texts[self._form.key])
        cells, bad = dict[str, str](), set(self._no_column)
        for column in self._form.columns:
            name, text = column.name, texts[column.name]
            value: str | Problem = text
            if begins and column.shared:
                value = _read_again(column, text, begins)
                bad |= begins.bad & {name}
            elif name not in self._no_column:
                value = _read(column, text)
            if isinstance(value, Problem):
                self._findings.add(self._form.name, row.number, name, value)
                bad.add(name)
                value = text
            cells[name] = value
        entry = Entry(row.number, cells, frozenset(bad))
        self._check_unique(entry)
        return entry

    def _text(self, row: Row, column: Column) -> str:
        index = self._at.get(column.name)
        return row.cells[index].strip() if index is not None and index < len(row.cells) else ""

    def _check_headings(self, row: Row) -> None:
        """Text under no heading would be lost without a word."""
        width = len(self._sheet.header)
        if len(row.cells) <= width and not self._no_heading:
            return
        for index, cell in enumerate(row.cells):
            if cell.strip() and (index >= width or index in self._no_heading):
                found = problem(N_("{value} stands under no heading."), value=cell)
                self._findings.add(self._form.name, row.number, "", found)
                return

    def _check_unique(self, entry: Entry) -> None:
        """The first of several rows with one id stays; where rows are grouped they belong to it."""
        key = self._form.key
        begins = self._first.setdefault(entry[key], entry)
        if begins is not entry and not self._form.grouped and key not in entry.bad:
            found = problem(
                N_("{value} stands in row {row} already."), value=entry[key], row=str(begins.row)
            )
            self._findings.add(self._form.name, entry.row, key, found)


def _read(column: Column, text: str) -> str | Problem:
    """Read one cell by itself."""
    if text:
        return cell_problem(text) or column.read(text)
    return problem(N_("This cell must not be empty.")) if column.needed else ""


def _read_again(column: Column, text: str, begins: Entry) -> str | Problem:
    """Read a cell that may only repeat what the first row of its group says."""
    said = begins[column.name]
    value = _read(column, text) if text else said
    if isinstance(value, Problem) or value == said or column.name in begins.bad:
        return value
    return problem(
        N_("{value} is not what row {row} says: leave it empty, or say the same."),
        value=text,
        row=str(begins.row),
    )
