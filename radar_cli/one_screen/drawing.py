"""From plain data to lines of a terminal: each fits its width, wide characters counted as two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len
from textual.content import Content

from radar_cli.one_screen.looks import DEFAULT, Item

LEAF = -1
"""What a tap on "… and 4 more" means: leaf on, and from the end to the beginning."""
SIZES = ("packed", "plain", "airy", "large", "huge")
"""How items are drawn: one line each; with details; with room between; the default in a frame;
each as tall as a finger in a glove."""
HERE = "▸"
"""The mark of what comes next, and of what the arrows are on."""
STYLES = {"good": "$success", "warn": "$warning bold", "bad": "$error bold", "plain": ""}
"""How a tone's mark is drawn; the marks tell tones apart where there is no colour."""
QUIET = "$secondary"
OPENING, CLOSING = "（“《【", "，。：；！？、）”》】…,.:;!?)"
"""What no line ends with, and what none begins with."""
TEXT_LINES, DETAIL_LINES = 3, 2
DETAIL_LEAST = 8
"""A detail of which no more cells can be seen is left out."""


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one item, and what a tap on them chooses, 0 for nothing."""

    lines: tuple[Content, ...]
    number: int = 0


@dataclass(slots=True)
class Drawn:
    """Lines, what a tap on each chooses, and which of `count` blocks they show."""

    lines: list[Content]
    taps: list[int]
    first: int = 0
    after: int = 0
    count: int = 0

    def text(self) -> Content:
        """Return all of it."""
        return Content("\n").join(self.lines)

    @property
    def leafs_to(self) -> int:
        """The first block after leafing on; from the end it goes to the beginning."""
        return self.after if self.after < self.count else 0

    @property
    def leafs_back_to(self) -> int:
        """The first block after leafing back."""
        return max(0, self.first - max(1, self.after - self.first))

    @property
    def is_cut(self) -> bool:
        """Whether there is more than is shown."""
        return self.after - self.first < self.count


def drawn(lines: Iterable[Content]) -> Drawn:
    """Return lines that choose nothing."""
    all_of_it = list(lines)
    return Drawn(all_of_it, [0] * len(all_of_it))


def cut(line: str | Content, columns: int) -> Content:
    """Return a line that fits, with an ellipsis where it was cut."""
    content = Content(line) if isinstance(line, str) else line
    if content.cell_length <= columns:
        return content
    kept = content.truncate(max(0, columns - 1)).rstrip()
    return kept.append("…") if columns > 0 else Content()


def wrap(line: str | Content, columns: int, most: int) -> list[Content]:
    """Return a line as at most so many that fit, with an ellipsis where it was cut."""
    content = Content(line) if isinstance(line, str) else line
    text, lines, start = content.plain, list[Content](), 0
    if columns < 2:  # noqa: PLR2004 - a wide character has no room at all
        return []
    if most and content.cell_length <= columns:
        return [content.rstrip()]
    while start < len(text) and len(lines) < most:
        end = _end_of_line(text, start, columns)
        lines.append(content[start:end].rstrip())
        begun, start = start, end + len(text[end:]) - len(text[end:].lstrip(" "))
        if len(lines) == most and start < len(text):
            lines[-1] = cut(content[begun:], columns)
    return lines or [Content()][:most]


def _end_of_line(text: str, start: int, columns: int) -> int:
    """Return where a line ends that begins at `start`: at a space, or between wide characters."""
    used, found = 0, start
    for at in range(start, len(text)):
        if at > start and _may_break(text[at - 1], text[at]):
            found = at
        used += cell_len(text[at])
        if used > columns and text[at] != " ":
            return found if found > start else at
    return len(text)


def _may_break(before: str, after: str) -> bool:
    """Tell whether a line may end between two characters: Chinese has no spaces between words."""
    if before == " ":
        return after != " "
    if after in CLOSING or before in OPENING or after == " ":
        return False
    return cell_len(before) > 1 or cell_len(after) > 1


def both(left: Content, right: Content, columns: int) -> Content | None:
    """Return two texts at both ends of a line; None where they do not fit."""
    gap = columns - left.cell_length - right.cell_length
    return left.append(" " * gap).append(right) if gap > 1 else None


def reversed_line(line: Content, columns: int, style: str = "reverse bold") -> Content:
    """Return a line as a bar over the whole width."""
    return cut(line, columns).pad_right(max(0, columns - line.cell_length)).stylize(style)


class Blocks:
    """Items, then lines of text, as blocks: each is drawn only when it is needed."""

    def __init__(
        self, items: Sequence[Item], columns: int, size: str, lines: Sequence[str] = ()
    ) -> None:
        """Draw for so many columns, in a size of `SIZES`."""
        self._items, self._lines = items, lines
        self._columns, self._size = columns, size
        self._digits = len(str(max((item.number for item in items), default=0)))
        self._marked = any(item.mark for item in items)

    def __len__(self) -> int:
        return len(self._items) + len(self._lines)

    def __getitem__(self, at: int) -> Block:
        if at >= len(self._items):
            return _text_block(self._lines[at - len(self._items)], self._columns)
        item = self._items[at]
        return _block(item, self._columns, self._size, self._digits, marked=self._marked)

    def height(self, begin: int, end: int, most: int) -> int:
        """Return how many lines some blocks take, counted no further than past `most`."""
        lines = 0
        for at in range(begin, end):
            lines += len(self[at].lines)
            if lines > most:
                break
        return lines

    @property
    def here(self) -> int:
        """Which is under the cursor, else which comes next; -1 for none."""
        items = self._items
        found = next((at for at, item in enumerate(items) if item.under_cursor), -1)
        if found < 0:
            found = next((at for at, item in enumerate(items) if item.mark == HERE), -1)
        return found


@lru_cache(maxsize=1024)
def _text_block(line: str, columns: int) -> Block:
    return Block(tuple(Content(" ").append(one) for one in wrap(line, columns - 2, 99)))


@lru_cache(maxsize=4096)
def _block(item: Item, columns: int, size: str, digits: int, *, marked: bool) -> Block:
    framed = size in ("large", "huge") and item.mark == DEFAULT
    inner = columns - 2 if framed else columns
    lines = _lines(item, inner, size, digits, marked=marked)
    if size == "huge":
        lines = [Content(), *lines, Content()]
    if item.under_cursor:
        lines = [reversed_line(line, inner) for line in lines]
    if framed:
        lines = _frame(lines, inner)
    elif size in ("airy", "large"):
        lines.append(Content())
    return Block(tuple(lines), item.number)


def _frame(lines: Iterable[Content], inner: int) -> list[Content]:
    side = Content.styled("┃", "$primary")
    return [
        Content.styled(f"┏{'━' * inner}┓", "$primary"),
        *(side.append(line.pad_right(inner - line.cell_length)).append(side) for line in lines),
        Content.styled(f"┗{'━' * inner}┛", "$primary"),
    ]


def _lines(item: Item, columns: int, size: str, digits: int, *, marked: bool) -> list[Content]:
    """Return an item's lines: its key, its mark, its text, and its detail behind or below."""
    pointer = HERE if item.under_cursor else " "
    key = f"{pointer}{item.number:>{digits}} " if item.number else " " * (digits + 2)
    head = Content.assemble((key, "reverse bold" if item.number else ""), " ")
    if marked:
        head = head.append(Content.styled(item.mark, STYLES[item.tone]))
        head = head.pad_right(max(0, 2 - cell_len(item.mark)))
    indent = " " * head.cell_length
    room = columns - len(indent) - 1
    bold = "bold" if item.tone in ("warn", "bad") or size in ("large", "huge") else ""
    detail = Content.styled(item.detail, QUIET)
    most = 1 if size == "packed" else TEXT_LINES
    texts = wrap(Content.styled(item.text, bold), room, most) or [Content()]
    lines = [head.append(texts[0]), *(Content(indent).append(text) for text in texts[1:])]
    behind = both(lines[0], detail, columns - 1) if item.detail and len(lines) == 1 else None
    if behind is None and size == "packed" and item.detail:
        left = columns - lines[0].cell_length - 3
        behind = both(lines[0], cut(detail, left), columns - 1) if left >= DETAIL_LEAST else None
    if behind is not None:
        return [behind]
    if item.detail and size != "packed":
        lines += [Content(indent).append(one) for one in wrap(detail, room, DETAIL_LINES)]
    return [cut(line, columns) for line in lines]


def window(found: Blocks, columns: int, height: int, first: int, more: str) -> Drawn:
    """Return what of some blocks fits, from the `first` one on; what does not is told.

    `more` is the sentence for that, with `{count}` in it. Where all fits all is shown, and at the
    end as much as fits: `first` of what is returned says from which block on.
    """
    count = len(found)
    if found.height(0, count, height) <= height:
        return _of(found, range(count))
    if height <= 0:
        return Drawn([], [], 0, 0, count)
    room = max(1, height - 1)
    first = max(0, min(first, count - 1))
    after, used = first, 0
    while after < count and used + len(found[after].lines) <= room:
        used += len(found[after].lines)
        after += 1
    while after == count and first and used + len(found[first - 1].lines) <= room:
        first -= 1
        used += len(found[first].lines)
    shown = _of(found, range(first, max(after, first + 1)))
    del shown.lines[room:], shown.taps[room:]
    if height > 1:
        arrows = ("▲" if first else "") + ("▼" if shown.after < count else "")
        hidden = count - (shown.after - first)
        told = Content.styled(f" {more.format(count=hidden)} {arrows}", "bold $secondary")
        shown.lines.append(cut(told, columns))
        shown.taps.append(LEAF)
    return shown


def first_to_show(found: Blocks, height: int, first: int, *, follows: bool) -> int:
    """Return from which block on the one under the cursor, else what comes next, is seen.

    Who leafs by hand is not led back: `follows` is untrue then.
    """
    here = found.here if follows else -1
    if here < first:
        return first if here < 0 else here
    room = max(1, height - 1)
    fits, used = here, len(found[here].lines)
    while fits > first and used + len(found[fits - 1].lines) <= room:
        fits -= 1
        used += len(found[fits].lines)
    return fits


def _of(found: Blocks, which: range) -> Drawn:
    lines = [line for at in which for line in found[at].lines]
    taps = [found[at].number for at in which for _ in found[at].lines]
    return Drawn(lines, taps, which.start, which.stop, len(found))
