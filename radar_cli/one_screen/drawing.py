"""From plain data to lines of a terminal: cut to its width, wide characters counted as two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from radar_cli.one_screen.looks import Item

DETAIL_FROM = 60
"""From so many columns a detail stands behind its text, not below it."""
STYLES = {"good": "bold", "warn": "bold", "bad": "bold reverse", "plain": ""}
"""What tells tones apart where there is no colour; beside it each has a mark."""


@dataclass(slots=True)
class Drawn:
    """Lines, and for each the number of what a tap on it chooses, 0 for nothing."""

    lines: list[Text]
    numbers: list[int]

    def text(self) -> Text:
        """Return all of it."""
        return Text("\n").join(self.lines)


def draw_items(items: Sequence[Item], columns: int, *, large: bool = False) -> Drawn:
    """Return items, one a line, or two where a detail does not fit behind; `large` is airy."""
    drawn = Drawn([], [])
    digits = len(str(max((item.number for item in items), default=0)))
    for item in items:
        for line in _item(item, columns, digits):
            drawn.lines.append(line)
            drawn.numbers.append(item.number)
        if large:
            drawn.lines.append(Text())
            drawn.numbers.append(item.number)
    return drawn


def _item(item: Item, columns: int, digits: int) -> list[Text]:
    key = f"{item.number:>{digits}}" if item.number else " " * digits
    head = Text(f" {key} ", "reverse" if item.number else "")
    if item.mark:
        head.append(f" {item.mark}", STYLES[item.tone])
    head.append(f" {item.text}", "bold" if item.tone in ("warn", "bad") else "")
    if item.under_cursor:
        head.stylize("reverse bold")
    wide = columns >= DETAIL_FROM
    if item.detail and wide:
        room = columns - cell_len(item.detail) - 2
        head.truncate(max(8, room), overflow="ellipsis")
        head.append(" " * max(1, columns - head.cell_len - cell_len(item.detail) - 1))
        head.append(item.detail, "dim")
    head.truncate(columns, overflow="ellipsis")
    if item.under_cursor:
        head.append(" " * max(0, columns - head.cell_len), "reverse")
    if not item.detail or wide:
        return [head]
    below = Text(" " * (digits + 5) + item.detail, "dim")
    below.truncate(columns, overflow="ellipsis")
    return [head, below]


def cut(line: str, columns: int, style: str = "") -> Text:
    """Return a line that fits, with an ellipsis where it was cut."""
    text = Text(line, style)
    text.truncate(columns, overflow="ellipsis")
    return text
