"""The camera's picture on the one screen, in the place of the list."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from radar_cli.one_screen.drawing import cut
from radar_cli.one_screen.panes import Leaves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from radar_cli.one_screen.eye import Glimpse
    from scanners.preview import Cell


class Covered(Message):
    """The viewfinder was tapped: it is enough."""


class Viewfinder(Widget, can_focus=False):
    """Shows glimpses, as large as there is room; in the last line stands what to do."""

    DEFAULT_CSS = "Viewfinder { width: 1fr; height: 1fr; min-height: 2; display: none; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._glimpse: Glimpse | None = None
        self._words = ""
        self._strips: list[Strip] = []

    def open(self, words: str) -> None:
        """Take the list's place, with nothing but words."""
        self._glimpse = None
        self._stand(open_=True)
        self.tell(words)

    def close(self) -> None:
        """Give the list its place back."""
        self._glimpse = None
        self._stand(open_=False)

    def show(self, glimpse: Glimpse, words: str) -> None:
        """Show what a camera sees, and say what to do."""
        self._glimpse = glimpse
        self.tell(words)

    def tell(self, words: str) -> None:
        """Say something else below the picture."""
        self._words = words
        self._draw()

    def on_resize(self) -> None:
        """Draw anew for another size."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Say that it was tapped."""
        event.stop()
        self.post_message(Covered())

    def render_line(self, y: int) -> Strip:
        """Return a line, as wide as there is room."""
        ground = self.rich_style
        strip = self._strips[y] if y < len(self._strips) else Strip([])
        return strip.adjust_cell_length(self.size.width, ground).apply_style(ground)

    def _stand(self, *, open_: bool) -> None:
        self.display = open_
        self.screen.query_one(Leaves).display = not open_

    def _draw(self) -> None:
        columns, rows = self.size
        self._strips = self._picture(columns, max(0, rows - 1))
        line = cut(f" {self._words}", max(1, columns)).plain
        self._strips.append(Strip([Segment(line, Style(bold=True))]))
        self.refresh()

    def _picture(self, columns: int, rows: int) -> list[Strip]:
        glimpse = self._glimpse
        if glimpse is None:
            return []
        from scanners.preview import cells, dots  # Pillow: no start of the screen waits for it

        codes = [reading.corners for reading in glimpse.readings]
        if self.app.no_color or self.app.theme == "plain":
            lines = dots(glimpse.picture, codes, glimpse.full, columns, rows)
            return [Strip([Segment(_centred(line, columns))]) for line in lines]
        drawn = cells(glimpse.picture, codes, glimpse.full, columns, rows)
        return [_strip(row, columns) for row in drawn]


def _centred(line: str, columns: int) -> str:
    return " " * ((columns - len(line)) // 2) + line


def _strip(row: list[Cell], columns: int) -> Strip:
    """Return a row of cells in the middle; cells alike are one segment, so that little is sent."""
    from scanners.preview import UPPER

    segments = [Segment(" " * ((columns - len(row)) // 2))]
    for cell, alike in groupby(row):
        segments.append(Segment(UPPER * len(list(alike)), _style(cell)))
    return Strip(segments)


@lru_cache(maxsize=1024)
def _style(cell: Cell) -> Style:
    upper, lower = cell
    return Style(color=Color.from_ansi(upper), bgcolor=Color.from_ansi(lower))
