"""The parts of the screen: each is told what to show, and says what was tapped."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from radar_cli.one_screen.drawing import LEAF, Drawn
from radar_cli.one_screen.layout import Leafed, Plan, arrange
from radar_cli.one_screen.looks import View
from radar_core.answers import Answer
from radar_core.failures import Failure


class BoardCame(Message):
    """A board has come from beside, or what kept it from coming."""

    def __init__(self, told: Answer | Failure) -> None:
        super().__init__()
        self.told = told


class Tapped(Message):
    """Something that can be chosen was tapped: its number, 0 for the menu, or `BACK`."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


BACK = -2
"""What stands for going back, where others have a number."""
TOUCHED = {"head": 0, "goal": BACK, "question": BACK}
"""What a tap on a part stands for that chooses nothing: everything there is, or back."""


class Leaf(Message):
    """More of a part is wanted: on, or back where `by` is less than none."""

    def __init__(self, part: str, by: int) -> None:
        super().__init__()
        self.part = part
        self.by = by


class Pane(Static):
    """Lines, drawn anew only when they are others; a tap on one chooses what it stands for."""

    shown = Drawn([], [])

    def show(self, lines: Drawn) -> None:
        """Show these lines and no more."""
        if lines.lines == self.shown.lines and lines.taps == self.shown.taps and self.shown.lines:
            self.shown = lines
            return
        self.shown = lines
        self.display = bool(lines.lines)
        if self.styles.height is None or self.styles.height.value != len(lines.lines):
            self.styles.height = len(lines.lines)
        self.update(lines.text())

    def on_click(self, event: events.Click) -> None:
        """Say which number was tapped, or that more is wanted."""
        tap = self.shown.taps[event.y] if 0 <= event.y < len(self.shown.taps) else 0
        if tap:
            event.stop()
            self.post_message(Leaf(str(self.id), 1) if tap == LEAF else Tapped(tap))
        elif self.id in TOUCHED:
            event.stop()
            self.post_message(Tapped(TOUCHED[self.id]))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Leaf on under the finger or the wheel."""
        self._leaf(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Leaf back."""
        self._leaf(event, -1)

    def _leaf(self, event: events.MouseEvent, by: int) -> None:
        if self.shown.is_cut:
            event.stop()
            self.post_message(Leaf(str(self.id), by))


class Leaves(Container):
    """Where the list is; a camera's picture takes its place."""


class Stage(Container):
    """All of the screen but the line below: it fits what is to be seen into its own size."""

    PARTS = ("head", "goal", "rows", "verdict", "question", "choices")

    def __init__(self, *instead: Widget) -> None:
        """`instead` are shown in the list's place when that is not displayed."""
        super().__init__(id="stage")
        self._instead = instead
        self._view: View | None = None
        self._leafed = Leafed()
        self._cursor: object = None
        self._page: object = None

    def compose(self) -> ComposeResult:
        """Lay the parts out, from above to below."""
        yield Pane(id="head")
        yield Pane(id="goal")
        with Container(id="body"):
            yield from self._instead
            with Leaves(id="list"):
                yield Pane(id="rows")
            with Container(id="side"):
                yield Pane(id="verdict")
                yield Pane(id="question")
                yield Pane(id="choices")

    def show(self, view: View) -> None:
        """Show a view; another page begins at its beginning."""
        page = (view.heading, view.prompt.title, tuple(item.text for item in view.choices))
        cursor = next((i.number for i in (*view.choices, *view.rows) if i.under_cursor), None)
        moved, self._cursor = cursor != self._cursor, cursor
        if page != self._page:
            self._page, self._leafed = page, Leafed()
        elif moved and cursor is not None:
            self._leafed = Leafed(self._leafed.rows, self._leafed.choices, follows=True)
        self._view = view
        self._draw()

    def leaf(self, by: int) -> None:
        """Leaf the list, or at its end and where it is whole, the choices."""
        rows, choices = self._pane("rows").shown, self._pane("choices").shown
        at_end = rows.after >= rows.count if by > 0 else rows.first == 0
        takes_choices = choices.is_cut and (not rows.is_cut or at_end)
        if takes_choices or rows.is_cut:
            self._leaf("choices" if takes_choices else "rows", by)

    def on_leaf(self, message: Leaf) -> None:
        """Leaf the part that was tapped."""
        message.stop()
        self._leaf(message.part, message.by)

    def on_resize(self) -> None:
        """Fit it all anew."""
        self._draw()

    def _leaf(self, part: str, by: int) -> None:
        shown = self._pane(part).shown
        first = shown.leafs_to if by > 0 else shown.leafs_back_to
        rows, choices = self._leafed.rows, self._leafed.choices
        here = Leafed(first, choices) if part == "rows" else Leafed(rows, first)
        self._leafed = Leafed(here.rows, here.choices, follows=False)
        self._draw()

    def _draw(self) -> None:
        if self._view is None or not self.size:
            return
        columns, rows = self.size
        if not self.query_one(Leaves).display:
            rows = max(1, rows - rows // 2)
        plan = arrange(self._view, columns, rows, self._leafed)
        with self.app.batch_update():
            self._pane("verdict").set_classes(self._view.tone)
            self.set_class(plan.beside, "beside")
            self._show(plan)
        self._leafed = Leafed(plan.rows.first, plan.choices.first, follows=self._leafed.follows)

    def _show(self, plan: Plan) -> None:
        for part in self.PARTS:
            self._pane(part).show(getattr(plan, part))

    def _pane(self, part: str) -> Pane:
        return self.query_one(f"#{part}", Pane)


class Box(Input):
    """The line that always has the focus: what is scanned, typed and answered comes here."""

    def put(self, text: str) -> None:
        """Set the text, the cursor behind it, without a word to anybody."""
        if self.value != text:
            with self.prevent(Input.Changed):
                self.value = text
            self.cursor_position = len(text)
