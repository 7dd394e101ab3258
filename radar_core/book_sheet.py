"""A site book as sheets of text cells, and the mistakes that reading one finds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MISTAKES_MAX = 200
"""The most mistakes that one reading names; the rest are counted."""
SHOWN_CHARS_MAX = 60
"""The most characters of a cell that a mistake repeats."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it (the header is 1), and its cells as text."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, the cells of its header, and the rows below."""

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell: a template to be translated, and what fills it."""

    message: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A problem and where it stands; row 0 and column "" mean the sheet and the row as a whole."""

    sheet: str
    row: int
    column: str
    message: str
    values: Mapping[str, str]

    def __str__(self) -> str:
        place = f"{self.sheet}:{self.row}" + (f":{self.column}" if self.column else "")
        return f"{place}: {self.message.format(**self.values)}"


@dataclass(frozen=True, slots=True)
class Mistakes:
    """Why a book cannot be read: the first mistakes in the book's order, and how many more."""

    found: tuple[Mistake, ...]
    more: int = 0


@dataclass(slots=True)
class Findings:
    """Collects mistakes while a book is read; keeps `MISTAKES_MAX` and counts the rest."""

    _found: list[Mistake] = field(default_factory=list[Mistake])
    _more: int = 0

    def add(self, sheet: str, row: int, column: str, problem: Problem) -> None:
        """Take one more mistake."""
        if len(self._found) == MISTAKES_MAX:
            self._more += 1
            return
        self._found.append(Mistake(sheet, row, column, problem.message, problem.values))

    def mistakes(self, sheet_order: Iterable[str]) -> Mistakes | None:
        """Return what was found, sheet by sheet in the order given and from top to bottom."""
        if not self._found:
            return None
        order = {name: index for index, name in enumerate(sheet_order)}
        self._found.sort(key=lambda one: (order.get(one.sheet, len(order)), one.sheet, one.row))
        return Mistakes(tuple(self._found), self._more)


def problem(message: str, **values: str) -> Problem:
    """Return a problem whose values are fit to be shown: short, on one line, printable."""
    return Problem(message, {name: shown(value) for name, value in values.items()})


def shown(text: str) -> str:
    """Return `text` cut to `SHOWN_CHARS_MAX` characters, each unprintable one as U+FFFD."""
    cut = text if len(text) <= SHOWN_CHARS_MAX else text[: SHOWN_CHARS_MAX - 1] + "…"
    return "".join(char if char.isprintable() else "\ufffd" for char in cut)
