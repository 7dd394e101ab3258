"""The monthly report of projects, laid out: which text and which bar stands where, in mm of A4."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radar_cli.board_views import SECTIONS
from radar_cli.figures_views import NOTHING, duration, figure_rows, satisfaction, share
from radar_cli.moments import local_minute
from radar_cli.texts import Texts
from radar_cli.words import EXCEPTIONS, KINDS, STATES
from radar_core.failures import N_

PAGE = (210.0, 297.0)
LEFT, TOP, WIDTH, BOTTOM = 16.0, 20.0, 178.0, 280.0
BODY, SMALL_TEXT, HEADING, TITLE = 3.4, 2.7, 4.2, 7.0
"""How high the letters are."""
ROW = 5.2
CHART_HEIGHT = 26.0
PHONES_SHOWN = 15
STATES_IN_A_ROW = 4
INK, GREY, PALE, BLUE, BLUISH = 0x222222, 0x777777, 0xE9EDF1, 0x2B5C8A, 0xA9BBCC
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text from a baseline's beginning, or up to its end; cut where it is too long."""

    x: float
    y: float
    width: float
    size: float
    text: str
    ink: int = INK
    right: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle without a border, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    ink: int


Page = list[Line | Bar]


def lay_out_report(data: Data, texts: Texts) -> list[Page]:
    """Return the pages of the report, those of each project after each other."""
    pages: list[Page] = []
    for project in data["projects"]:
        sheet = _Sheet()
        _head(sheet, data, project, texts)
        _figures(sheet, project, texts)
        _states(sheet, project, texts)
        _trend(sheet, project["figures"]["trend"], texts)
        _unknown(sheet, project, texts)
        _exceptions(sheet, project, texts)
        _phones(sheet, project["phones"], texts)
        name = f"{texts.pick(project, 'name')}   {data['month']}"
        for number, page in enumerate(sheet.pages, 1):
            told = texts.say(N_("page {number} of {of}"), number=number, of=len(sheet.pages))
            page.append(Line(LEFT, 289, WIDTH * 0.7, SMALL_TEXT, name, GREY))
            page.append(Line(LEFT, 289, WIDTH, SMALL_TEXT, told, GREY, right=True))
        pages += sheet.pages
    return pages


class _Sheet:
    """Paper that is filled from above; what does not fit goes on the next page."""

    def __init__(self) -> None:
        self.pages: list[Page] = [[]]
        self.y = TOP

    def room(self, height: float) -> float:
        """Return where a block of a height begins, on a new page if need be, and go below it."""
        if self.y + height > BOTTOM:
            self.pages.append([])
            self.y = TOP
        begins = self.y
        self.y += height
        return begins

    def put(self, *shapes: Line | Bar) -> None:
        """Put shapes on the page that is being filled."""
        self.pages[-1] += shapes

    def heading(self, text: str, below: float = ROW) -> None:
        """Begin a section, on this page if so much fits below its heading."""
        self.y += 4
        y = self.room(8 + below)
        self.y -= below
        self.put(
            Line(LEFT, y + 4, WIDTH, HEADING, text, BLUE),
            Bar(LEFT, y + 5.6, WIDTH, 0.3, PALE),
        )

    def row(self, cells: Iterable[tuple[float, float, str]], ink: int = INK) -> None:
        """Put one line of cells, each from where, how wide, what."""
        y = self.room(ROW)
        self.put(*(Line(LEFT + x, y + 3.8, w, BODY, text, ink) for x, w, text in cells if text))


def _head(sheet: _Sheet, data: Data, project: Data, texts: Texts) -> None:
    y = sheet.room(25)
    name = texts.pick(project, "name")
    whose = f"{texts.pick(data['district'], 'name')}  {project['id']}".strip()
    title = texts.say(N_("Monthly report {month}"), month=data["month"])
    sheet.put(
        Line(LEFT, y + 6, WIDTH, TITLE, name),
        Line(LEFT, y + 13, 70, HEADING, title, BLUE),
        Line(LEFT + 72, y + 13, WIDTH - 72, HEADING, whose, GREY, right=True),
    )
    as_of = texts.say(N_("as of {moment}"), moment=local_minute(data["as_of"]))
    if not project["over"]:
        as_of += "  ·  " + texts.say(N_("this month is not over yet"))
    sheet.put(Line(LEFT, y + 19, WIDTH, BODY, as_of, GREY))


def _figures(sheet: _Sheet, project: Data, texts: Texts) -> None:
    """Put four figures large, and all of them in a list."""
    figures = project["figures"]
    large = [
        (N_("on line"), share(figures["on_line"], texts)),
        (N_("rounds on time"), share(figures["on_time"]["rounds"], texts)),
        (N_("mean handling time"), _handling(figures["handling"], texts)),
        (N_("satisfaction"), satisfaction(figures["satisfaction"], texts)),
    ]
    y, width = sheet.room(20), WIDTH / len(large)
    for number, (name, value) in enumerate(large):
        x = LEFT + number * width
        shown, _, counts = value.partition(" (")
        sheet.put(
            Bar(x, y, width - 2, 18, PALE),
            Line(x + 2, y + 4.5, width - 6, SMALL_TEXT, texts.say(name), GREY),
            Line(x + 2, y + 11.5, width - 6, TITLE * 0.8, shown, BLUE),
            Line(x + 2, y + 16, width - 6, SMALL_TEXT, counts.removesuffix(")"), GREY),
        )
    sheet.heading(texts.say(N_("Figures")))
    for name, value in figure_rows(figures, texts):
        sheet.row([(0, 52, name), (54, WIDTH - 54, value)])


def _handling(told: Data, texts: Texts) -> str:
    if not told["count"]:
        return NOTHING
    median = duration(told["median_s"], texts)
    more = texts.say(N_("median {median}, of {count}"), median=median, count=told["count"])
    return f"{duration(told['mean_s'], texts)} ({more})"


def _states(sheet: _Sheet, project: Data, texts: Texts) -> None:
    sheet.heading(texts.say(N_("Work by state")))
    for section in SECTIONS:
        rows = _in_rows(project[section], texts)
        for number, told in enumerate(rows):
            sheet.row(
                [(0, 30, "" if number else texts.say(KINDS[section])), (32, WIDTH - 32, told)]
            )


def _in_rows(counts: Data, texts: Texts) -> Sequence[str]:
    told = [f"{texts.say(STATES[state])} {counts[state]}" for state in STATES if counts.get(state)]
    rows = [told[at : at + STATES_IN_A_ROW] for at in range(0, len(told), STATES_IN_A_ROW)]
    return ["  ·  ".join(row) for row in rows] or [texts.say(N_("none"))]


def _trend(sheet: _Sheet, trend: Sequence[Data], texts: Texts) -> None:
    """Put a bar for each month: how long handling took on average, and of how many."""
    sheet.heading(texts.say(N_("Mean handling time by month")), CHART_HEIGHT + 16)
    y, width = sheet.room(CHART_HEIGHT + 16), WIDTH / len(trend)
    base, most = y + CHART_HEIGHT + 4, max(month["mean_s"] or 0 for month in trend) or 1
    for number, month in enumerate(trend):
        x, mean_s = LEFT + number * width, month["mean_s"] or 0
        height = CHART_HEIGHT * mean_s / most
        told = duration(mean_s, texts) if month["count"] else NOTHING
        last = number == len(trend) - 1
        if height:
            sheet.put(Bar(x + 2, base - height, width - 4, height, BLUE if last else BLUISH))
        sheet.put(
            Line(x + 1, base - height - 1.2, width - 1, SMALL_TEXT, told),
            Line(x + 1, base + 4, width - 1, SMALL_TEXT, month["month"], INK if last else GREY),
            Line(x + 1, base + 8, width - 1, SMALL_TEXT, f"n = {month['count']}", GREY),
        )
    sheet.put(Bar(LEFT, base, WIDTH, 0.2, GREY))


def _unknown(sheet: _Sheet, project: Data, texts: Texts) -> None:
    """Say what is not known yet, and why (law 12)."""
    unknown = sum(project[section].get("unknown", 0) for section in SECTIONS)
    lines = (
        (
            N_(
                "{count} tasks are unknown: phones that could have done them have not synced since."
            ),
            N_("They count as not done until a phone tells otherwise."),
        )
        if unknown
        else (N_("Nothing is unknown: every phone that could tell of more has synced since."),)
    )
    sheet.y += 2
    for line in lines:
        sheet.row([(0, WIDTH, texts.say(line, count=unknown))], GREY)


def _exceptions(sheet: _Sheet, project: Data, texts: Texts) -> None:
    rows, count = project["exceptions"], project["exceptions_count"]
    sheet.heading(texts.say(N_("Exceptions: {shown} of {count}"), shown=len(rows), count=count))
    for row in rows:
        kind = texts.say(EXCEPTIONS.get(row["kind"]) or row["kind"])
        title, place = texts.pick(row, "title"), texts.pick(row.get("place"), "path")
        cells = [(0.0, 32.0, kind), (34.0, 22.0, local_minute(row["at"])[5:]), (58.0, 60.0, title)]
        sheet.row([*cells, (120, WIDTH - 120, place or row["task"])])
    if not rows:
        sheet.row([(0, WIDTH, texts.say(N_("none")))])


def _phones(sheet: _Sheet, phones: Sequence[Data], texts: Texts) -> None:
    sheet.heading(texts.say(N_("Phones by last sync, silent ones first")))
    for phone in phones[:PHONES_SHOWN]:
        seen = local_minute(phone["last_sync"]) or texts.say(N_("never"))
        name = texts.pick(phone, "name") or phone["staff"] or texts.say(N_("shared phone"))
        sheet.row([(0, 32, seen), (34, 84, name), (120, WIDTH - 120, phone["device"])])
    if len(phones) > PHONES_SHOWN:
        more = texts.say(N_("… and {count} more."), count=len(phones) - PHONES_SHOWN)
        sheet.row([(0, WIDTH, more)])
    if not phones:
        sheet.row([(0, WIDTH, texts.say(N_("none")))])


def lines_of(pages: Iterable[Page]) -> Iterator[Line]:
    """Yield all texts of the pages."""
    for page in pages:
        yield from (shape for shape in page if isinstance(shape, Line))
