"""The site book: sheets in, records or all their mistakes out; and records back to sheets.

    records(read(sheets(records))) = records

Import and export are a round trip; import is all or nothing, and names all the mistakes at once.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from radar_core.book_checks import check_tables
from radar_core.book_export import book_sheets
from radar_core.book_forms import FORM_OF, FORMS
from radar_core.book_records import Record, book_records
from radar_core.book_sheet import Findings, Mistake, Mistakes, Row, Sheet
from radar_core.book_tables import Tables, read_tables

__all__ = [
    "Book",
    "Mistake",
    "Mistakes",
    "Record",
    "Row",
    "Sheet",
    "book_sheets",
    "read_book",
]


@dataclass(frozen=True, slots=True)
class Book:
    """A site book without a mistake."""

    tables: Tables

    def records(self) -> Iterator[Record]:
        """Yield all records; what several projects share comes once for each of them."""
        return book_records(self.tables)

    def counts(self) -> dict[str, int]:
        """Return how many things each sheet holds, checklists and routes as one each."""
        things = self.tables.first
        return {
            form.name: len(things[form.name])
            for form in FORMS
            if things[form.name] or not form.optional
        }


def read_book(sheets: Iterable[Sheet], *, zones: AbstractSet[str]) -> Book | Mistakes:
    """Return the book that the sheets hold, or every mistake in them.

    `zones` are the names of the time zones that this system knows.
    """
    findings = Findings()
    tables = read_tables(sheets, findings)
    check_tables(tables, zones, findings)
    return findings.mistakes(FORM_OF) or Book(tables)
