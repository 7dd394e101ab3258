"""The parts of the screen: each is told what to show, and says what was tapped."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import events
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from radar_cli.one_screen.drawing import Drawn, draw_items
from radar_cli.one_screen.looks import Item


class Tapped(Message):
    """Something that can be chosen was tapped: its number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Told(Static):
    """A part that shows text and is drawn anew only when that is another."""

    _shown: object = None

    def tell(self, text: Text, key: object) -> None:
        """Show a text; the same `key` again changes nothing."""
        if key != self._shown:
            self._shown = key
            self.update(text)


class Items(Told):
    """What can be chosen, one a line: a tap on a line chooses it."""

    _drawn = Drawn([], [])

    def show(self, items: Sequence[Item], columns: int, *, large: bool = False) -> None:
        """Show items in so many columns."""
        self._drawn = draw_items(items, columns, large=large)
        self.tell(self._drawn.text(), (tuple(items), columns, large))
        self.display = bool(items)

    def line_of_cursor(self) -> int | None:
        """Return the line that the arrows are on."""
        for line, text in enumerate(self._drawn.lines):
            if any("reverse bold" in str(span.style) for span in text.spans):
                return line
        return None

    def on_click(self, event: events.Click) -> None:
        """Say which number was tapped."""
        numbers = self._drawn.numbers
        if 0 <= event.y < len(numbers) and numbers[event.y]:
            event.stop()
            self.post_message(Tapped(numbers[event.y]))


class Leaves(VerticalScroll, can_focus=False):
    """The long part in the middle: leafed through, never in the focus."""


class Box(Input):
    """The line that always has the focus: what is scanned, typed and answered comes here."""

    def put(self, text: str) -> None:
        """Set the text, the cursor behind it, without a word to anybody."""
        if self.value != text:
            with self.prevent(Input.Changed):
                self.value = text
            self.cursor_position = len(text)
