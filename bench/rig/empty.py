"""The least that Textual draws: a line of input and a text. The one screen is held to it."""

from textual.app import App, ComposeResult
from textual.widgets import Input, Static


class Empty(App[None]):
    """A program that does nothing."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static("nothing here")
        yield Input()


if __name__ == "__main__":
    Empty().run()
