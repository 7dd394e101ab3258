"""The forms of a site book's sheets: which columns each has, and what their cells may say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from radar_core.book_cells import (
    Reader,
    code,
    decimal,
    decimal_of,
    domain,
    identifier,
    limited,
    list_of,
    more_than_zero,
    ordering,
    small_word,
    text_of,
    whole_of,
    word_of,
    yes_no,
)
from radar_core.book_sheet import Row, Sheet
from radar_core.book_times import day, hours, moment, moment_or_day, rule, season
from radar_core.permissions import ROLES
from radar_core.retention import DAYS_MAX

PLACE_KINDS = ("building", "floor", "room", "outdoor", "home", "garage")
STEP_TYPES = ("check", "choice", "number", "text", "reading", "photo", "signature")
MEASURED = ("number", "reading")
"""The step types that may have a unit and limits."""
SCHEDULE_KINDS = ("patrol", "cleaning", "maintenance")
REPEATS = ("fixed", "floating", "meter")
"""When the next task of a schedule comes: by the calendar, after the last one, by a meter."""
PRIORITIES = ("low", "normal", "high", "urgent")
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
SEASONS_MAX = 20
HOURS_MAX = 50
ORDER_CHARS_MAX = 4_000
LEVELS = (-20, 200)
"""The lowest and the highest floor that a place may be on."""
EARLY_MIN_MAX = 12 * 60
"""The longest time before its window at which work may begin, in minutes."""
WINDOW_MIN_MAX = 31 * 24 * 60
"""The longest window and the longest grace, in minutes: 31 days."""
GAP_S_MAX = 24 * 3600
RESPONSE_MIN_MAX = 366 * 24 * 60

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
    """One sheet's form; where rows are `grouped`, those with the same key are one thing.

    An `optional` sheet need not be there. `kind` is that of the records that it becomes.
    """

    name: str
    columns: tuple[Column, ...]
    grouped: bool = False
    optional: bool = False
    kind: str = ""

    @property
    def key(self) -> str:
        """Return the name of the column that holds the id, which is the first."""
        return self.columns[0].name


_SHEETS = {"staff": "staff", "calendar": "holidays"}
"""The sheets that are not called as the columns that name their things, with an s."""


def _id(name: str = "id") -> Column:
    return Column(name, identifier, needed=True)


def _ref(name: str, *, needed: bool = False, shared: bool = False) -> Column:
    """Return a column that names a thing of the sheet of the same name."""
    sheet = _SHEETS.get(name, f"{name}s")
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
            Column("hours", list_of(hours, items_max=HOURS_MAX)),
            _ref("calendar"),
            Column("keep_positions_days", whole_of(1, DAYS_MAX)),
            Column("keep_photos_days", whole_of(1, DAYS_MAX)),
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
            Column("lat", decimal_of(-90, 90)),
            Column("lon", decimal_of(-180, 180)),
            Column("level", whole_of(*LEVELS)),
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
            Column("roles", list_of(limited(word_of(*ROLES))), needed=True),
            Column("projects", list_of(identifier), needed=True),
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
            Column("ordered", ordering, shared=True),
            _ref("place"),
            _ref("asset"),
            Column("open_min", whole_of(0, WINDOW_MIN_MAX)),
            Column("close_min", whole_of(1, WINDOW_MIN_MAX)),
            Column("gap_min", whole_of(0, GAP_S_MAX)),
            Column("gap_max", whole_of(1, GAP_S_MAX)),
            _ref("checklist"),
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
            Column("repeat", word_of(*REPEATS)),
            Column("rrule", rule),
            Column("start", moment, needed=True),
            Column("duration_min", whole_of(1, WINDOW_MIN_MAX), needed=True),
            Column("grace_min", whole_of(0, WINDOW_MIN_MAX)),
            Column("early_min", whole_of(0, EARLY_MIN_MAX)),
            _ref("place"),
            _ref("asset"),
            _ref("route"),
            _ref("checklist"),
            Column("exdates", list_of(moment_or_day, items_max=EXDATES_MAX)),
            _ref("calendar"),
            Column("seasons", list_of(season, items_max=SEASONS_MAX)),
            _ref("meter"),
            Column("every", more_than_zero),
            Column("above", decimal),
            Column("below", decimal),
        ),
    ),
    Form(
        "holidays",
        (_id("calendar"), *_names(shared=True), Column("date", day, needed=True)),
        grouped=True,
        optional=True,
        kind="holidays",
    ),
    Form(
        "meters",
        (
            _id(),
            _ref("project", needed=True),
            _ref("asset", needed=True),
            Column("step", identifier),
            *_names(),
            Column("unit", text_of(UNIT_CHARS_MAX)),
            Column("rollover", more_than_zero),
            Column("jump", more_than_zero),
        ),
        optional=True,
    ),
    Form(
        "orders",
        (
            _id(),
            _ref("project", needed=True),
            Column("role", word_of(*ROLES), needed=True),
            Column("title", _TITLE, needed=True),
            Column("title_zh", _TITLE),
            Column("text", text_of(ORDER_CHARS_MAX), needed=True),
            Column("text_zh", text_of(ORDER_CHARS_MAX)),
        ),
        optional=True,
    ),
    Form(
        "sla",
        (
            Column("project", identifier, needed=True, refers="projects"),
            Column("priority", word_of(*PRIORITIES), needed=True),
            Column("response_min", whole_of(1, RESPONSE_MIN_MAX)),
            Column("resolution_min", whole_of(1, RESPONSE_MIN_MAX)),
        ),
        grouped=True,
        optional=True,
    ),
)
"""All sheets of a site book, in their order. A header alone suffices."""

FORM_OF = {form.name: form for form in FORMS}
SHEET_OF_KIND = {form.kind or form.name.removesuffix("s"): form.name for form in FORMS}
OWNED = frozenset(("places", "assets", "routes", "meters"))
"""The sheets whose things belong to one project, and may be named by that project alone."""


def sheet_of(form: Form, rows: Iterable[Mapping[str, str]]) -> Sheet:
    """Return the sheet of a form with these rows; a column that a row does not name is empty."""
    header = tuple(column.name for column in form.columns)
    cells = (tuple(row.get(name, "") for name in header) for row in rows)
    numbered = enumerate(cells, _FIRST_ROW)
    return Sheet(form.name, header, tuple(Row(number, texts) for number, texts in numbered))
