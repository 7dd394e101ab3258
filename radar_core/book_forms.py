"""The forms of a site book's sheets: which columns each has, and what their cells may say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from radar_core.book_cells import (
    Reader,
    code,
    decimal,
    domain,
    identifier,
    list_of,
    moment,
    moment_or_day,
    rule,
    small_word,
    text_of,
    whole_of,
    word_of,
    yes_no,
)
from radar_core.book_sheet import Row, Sheet

ROLES = ("guard", "cleaner", "engineer", "supervisor", "manager", "admin")
PLACE_KINDS = ("building", "floor", "room", "outdoor", "home", "garage")
STEP_TYPES = ("check", "choice", "number", "text", "reading", "photo", "signature")
MEASURED = ("number", "reading")
"""The step types that may have a unit and limits."""
SCHEDULE_KINDS = ("patrol", "cleaning", "maintenance")
TAG_STATES = ("blank", "bound", "retired", "replaced")
SYMBOLOGIES = (
    *("QRCode", "MicroQRCode", "RMQRCode", "DataMatrix", "Aztec", "PDF417"),
    *("Code128", "Code39", "Code93", "EAN13", "EAN8", "UPCA", "UPCE", "ITF"),
)
"""What is read in pictures; a project whose tags are of some of these alone can say so."""
NAME_CHARS_MAX = 120
TITLE_CHARS_MAX = 200
UNIT_CHARS_MAX = 20
CHOICE_CHARS_MAX = 60
CHOICES_MAX = 40
EXDATES_MAX = 400
WINDOW_MIN_MAX = 31 * 24 * 60
"""The longest window and the longest grace, in minutes: 31 days."""

_FIRST_ROW = 2
_NAME, _TITLE = text_of(NAME_CHARS_MAX), text_of(TITLE_CHARS_MAX)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how a cell is read, whether it must say something, which sheet it refers to.

    A `shared` column belongs to all rows of a checklist or route and is said in the first.
    """

    name: str
    read: Reader
    needed: bool = False
    refers: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One sheet's form; where rows are `grouped`, those with the same key are one thing."""

    name: str
    columns: tuple[Column, ...]
    grouped: bool = False

    @property
    def key(self) -> str:
        """Return the name of the column that holds the id, which is the first."""
        return self.columns[0].name


def _id(name: str = "id") -> Column:
    return Column(name, identifier, needed=True)


def _ref(name: str, *, needed: bool = False, shared: bool = False) -> Column:
    """Return a column that names a thing of the sheet of the same name."""
    sheet = name if name == "staff" else f"{name}s"
    return Column(name, identifier, needed=needed, refers=sheet, shared=shared)


def _names(*, shared: bool = False) -> tuple[Column, Column]:
    return (
        Column("name", _NAME, needed=True, shared=shared),
        Column("name_zh", _NAME, shared=shared),
    )


FORMS = (
    Form("districts", (_id(), *_names(), Column("domain", domain, needed=True))),
    Form(
        "projects",
        (
            _id(),
            _ref("district", needed=True),
            *_names(),
            Column("timezone", text_of(NAME_CHARS_MAX), needed=True),
            Column("symbologies", list_of(word_of(*SYMBOLOGIES))),
        ),
    ),
    Form(
        "places",
        (
            _id(),
            _ref("project", needed=True),
            Column("parent", identifier, refers="places"),
            Column("kind", word_of(*PLACE_KINDS), needed=True),
            *_names(),
        ),
    ),
    Form(
        "assets",
        (
            _id(),
            _ref("project", needed=True),
            _ref("place", needed=True),
            Column("class", small_word, needed=True),
            *_names(),
        ),
    ),
    Form(
        "tags",
        (
            Column("code", code, needed=True),
            _ref("project", needed=True),
            _ref("place"),
            _ref("asset"),
            Column("state", word_of(*TAG_STATES)),
            Column("foreign", yes_no),
        ),
    ),
    Form(
        "staff",
        (
            _id(),
            *_names(),
            Column("roles", list_of(word_of(*ROLES)), needed=True),
            Column("projects", list_of(identifier), needed=True, refers="projects"),
        ),
    ),
    Form(
        "checklists",
        (
            _id("checklist"),
            *_names(shared=True),
            _id("step"),
            Column("type", word_of(*STEP_TYPES), needed=True),
            Column("title", _TITLE, needed=True),
            Column("title_zh", _TITLE),
            Column("unit", text_of(UNIT_CHARS_MAX)),
            Column("min", decimal),
            Column("max", decimal),
            Column("choices", list_of(text_of(CHOICE_CHARS_MAX), items_max=CHOICES_MAX)),
            Column("required", yes_no),
        ),
        grouped=True,
    ),
    Form(
        "routes",
        (
            _id("route"),
            _ref("project", needed=True, shared=True),
            *_names(shared=True),
            Column("ordered", yes_no, shared=True),
            _ref("place"),
            _ref("asset"),
        ),
        grouped=True,
    ),
    Form(
        "schedules",
        (
            _id(),
            _ref("project", needed=True),
            Column("kind", word_of(*SCHEDULE_KINDS), needed=True),
            Column("title", _TITLE, needed=True),
            Column("title_zh", _TITLE),
            Column("role", word_of(*ROLES), needed=True),
            _ref("staff"),
            Column("rrule", rule, needed=True),
            Column("start", moment, needed=True),
            Column("duration_min", whole_of(1, WINDOW_MIN_MAX), needed=True),
            Column("grace_min", whole_of(0, WINDOW_MIN_MAX)),
            _ref("place"),
            _ref("asset"),
            _ref("route"),
            _ref("checklist"),
            Column("exdates", list_of(moment_or_day, items_max=EXDATES_MAX)),
        ),
    ),
)
"""All sheets of a site book, in their order. All must be there; a header alone suffices."""

FORM_OF = {form.name: form for form in FORMS}
OWNED = frozenset(("places", "assets", "routes"))
"""The sheets whose things belong to one project, and may be named by that project alone."""


def sheet_of(form: Form, rows: Iterable[Mapping[str, str]]) -> Sheet:
    """Return the sheet of a form with these rows; a column that a row does not name is empty."""
    header = tuple(column.name for column in form.columns)
    cells = (tuple(row.get(name, "") for name in header) for row in rows)
    numbered = enumerate(cells, _FIRST_ROW)
    return Sheet(form.name, header, tuple(Row(number, texts) for number, texts in numbered))
