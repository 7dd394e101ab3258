"""How much of the screen each part gets, and what of it is drawn there: pure, for any size.

Every part has its least before any has more: what is to be done and what became of it come first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual.content import Content

from radar_cli.one_screen.drawing import (
    QUIET,
    SIZES,
    STYLES,
    Blocks,
    Drawn,
    both,
    cut,
    drawn,
    first_to_show,
    reversed_line,
    window,
    wrap,
)
from radar_cli.one_screen.looks import MARKS, View

WIDE_COLUMNS = 90
"""From so many columns the list stands beside what is said and what can be done."""
CHOICES_LEAST, LIST_LEAST, LIST_FAIR, VERDICT_LEAST = 4, 2, 8, 4
GOAL_LINES, QUESTION_LINES, VERDICT_LINES = 3, 3, 8
BESIDE_A_CODE = 14
"""So many rows must be left beside a code that is one help among others."""
WHO_LEAST = 6
WORD_CELLS_MAX = 10
"""A verdict's first word, such as SAVED, has no more cells."""


@dataclass(frozen=True, slots=True)
class Leafed:
    """From which row and which choice on there is drawing, and whether the arrows are followed."""

    rows: int = 0
    choices: int = 0
    follows: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What each part shows, line by line; `beside` says whether the list stands at the left."""

    head: Drawn
    goal: Drawn
    rows: Drawn
    verdict: Drawn
    question: Drawn
    choices: Drawn
    beside: bool

    @property
    def height(self) -> int:
        """How many lines it takes."""
        side = sum(len(one.lines) for one in (self.verdict, self.question, self.choices))
        above = len(self.head.lines) + len(self.goal.lines)
        rows = len(self.rows.lines)
        return above + (max(rows, side) if self.beside else rows + side)


def arrange(view: View, columns: int, rows: int, leafed: Leafed) -> Plan:
    """Return what is drawn of a view in so many columns and rows, the line below not counted."""
    if is_code(view.lines):
        with_a_code = _beside_a_code if view.rows else _around_a_code
        return with_a_code(view, columns, rows, leafed)
    beside, asks = columns >= WIDE_COLUMNS, view.prompt.kind != "scan"
    room = columns // 2 if beside else columns
    sizes = [Blocks(view.choices, room, size) for size in SIZES]
    listing = room - 2 if beside else room
    roomy: tuple[str, ...] = SIZES[:3] if view.choices else (*SIZES[:3], SIZES[-1])
    if asks:  # then rows are no targets
        roomy = SIZES[:2]
    lists = [Blocks(view.rows, listing, size, view.lines) for size in roomy]
    got = _deal(rows, _wishes(view, (columns, rows), room, sizes, lists, asks=asks), beside=beside)
    size = _largest(sizes, got["choices"])
    heading = int(bool(view.heading))
    # Where there is room for some rows they are legible rather than many.
    legible = got["rows"] >= 2 * LIST_FAIR
    listed = lists[max(_largest(lists, got["rows"] - heading), int(legible))]
    plan = Plan(
        head=drawn(_head(view, columns, got["head"])),
        goal=drawn(_goal(view, columns, got["goal"], large=view.is_home and not asks)),
        rows=_headed(view, listed, listing, got["rows"], leafed),
        verdict=drawn(_verdict(view, room, got["verdict"])),
        question=drawn(_question(view, room, got["question"]) if asks else ()),
        choices=window(
            sizes[size],
            room,
            got["choices"],
            first_to_show(sizes[size], got["choices"], leafed.choices, follows=leafed.follows),
            view.more,
        ),
        beside=beside,
    )
    if not beside:  # what can be done stands at the foot, by the line and the thumb
        _fill(plan.rows, rows - plan.height)
    return plan


def _fill(part: Drawn, lines: int) -> None:
    part.lines.extend([Content()] * lines)
    part.taps.extend([0] * lines)


def _wishes(
    view: View,
    screen: tuple[int, int],
    room: int,
    sizes: Sequence[Blocks],
    lists: Sequence[Blocks],
    *,
    asks: bool,
) -> Iterable[tuple[str, int]]:
    """Yield which part is to have how many lines in all, what matters most first."""
    columns, rows = screen
    packed, found = lists[:2]
    question = len(_question(view, room, QUESTION_LINES * 3)) if asks else 0
    verdict = len(_verdict(view, room, 99))
    goal = len(_goal(view, columns, 99, large=view.is_home and not asks))
    heading = int(bool(view.heading))
    least = len(_told(view, room))
    count = len(view.choices)
    yield "question", min(question, 1)
    yield "verdict", min(least, 1)
    yield "choices", min(count, 1)
    yield "goal", 1
    yield "head", 1
    yield "verdict", min(least, 2)
    yield "choices", min(count, CHOICES_LEAST)
    yield "rows", min(_tall(packed, rows), LIST_LEAST)
    yield "verdict", min(least, VERDICT_LEAST)
    yield "goal", min(goal, 2)
    yield "question", max(0, question - 2)
    yield "head", 1 if columns >= WIDE_COLUMNS else 2
    yield "choices", count
    yield "rows", min(_tall(packed, rows) + heading, LIST_FAIR)
    yield "question", question
    yield "verdict", min(verdict, least + 1)
    yield "goal", goal
    yield "verdict", verdict
    yield "choices", _tall(sizes[1], rows)
    yield "rows", min(_tall(found, rows) + heading, 2 * LIST_FAIR)
    for size in sizes[2:]:
        yield "choices", _tall(size, rows)
    for listed in lists[1:]:
        yield "rows", _tall(listed, rows) + heading


def _largest(sizes: Sequence[Blocks], height: int) -> int:
    """Return which is the largest that fits, the smallest if none does."""
    return max((at for at, one in enumerate(sizes) if _tall(one, height) <= height), default=0)


def _deal(rows: int, wishes: Iterable[tuple[str, int]], *, beside: bool) -> Counter[str]:
    """Deal lines out by wishes; a list that stands beside takes none from the others."""
    got: Counter[str] = Counter()
    left, tall = rows, 0
    for part, lines in wishes:
        if part == "rows" and beside:
            tall = max(tall, lines)
            continue
        more = max(0, min(lines - got[part], left))
        got[part] += more
        left -= more
    if beside:
        got["rows"] = min(tall, rows - got["head"] - got["goal"])
    return got


def _tall(found: Blocks, most: int) -> int:
    return found.height(0, len(found), most)


def _headed(view: View, found: Blocks, columns: int, height: int, leafed: Leafed) -> Drawn:
    """Return the list with its heading, where there is room for that."""
    fits = _tall(found, height) < height
    with_heading = bool(view.heading) and (fits or height > LIST_LEAST)
    height -= with_heading
    first = first_to_show(found, height, leafed.rows, follows=leafed.follows)
    shown = window(found, columns, height, first, view.more)
    if with_heading:
        heading = Content.styled(f" {view.heading}", "bold underline")
        shown.lines.insert(0, cut(heading, columns))
        shown.taps.insert(0, 0)
    return shown


def _head(view: View, columns: int, height: int) -> list[Content]:
    """Return who works where, and how the sync is: two lines, or one that they share."""
    tone = STYLES[view.sync_tone]
    long, short = (Content.styled(f"{one} ", tone) for one in (view.sync, view.sync_short))
    who = Content(f" {view.who}")
    if height > 1:
        sync = long if long.cell_length < columns else short
        return [cut(who, columns), cut(Content(" ").append(sync), columns)]
    if not height:
        return []
    one = both(who, long, columns)
    if one is not None:
        return [one]
    room = max(0, columns - short.cell_length - 2)
    if room < WHO_LEAST:
        return [cut(short, columns)]
    if who.cell_length > room:
        who = Content(f" {view.who.partition(' · ')[0]}")
    return [both(cut(who, room), short, columns) or cut(short, columns)]


def _goal(view: View, columns: int, height: int, *, large: bool) -> list[Content]:
    """Return what to do next, the larger the more lines there are."""
    head, detail = Content.styled(" ▸ ", "bold"), Content.styled(view.goal_detail, QUIET)
    room = columns - 4
    texts = wrap(Content.styled(view.goal, "bold"), room, GOAL_LINES)
    lines = [(head if not at else Content("   ")).append(text) for at, text in enumerate(texts)]
    if view.goal_detail:
        lines += [Content("   ").append(one) for one in wrap(detail, room, 2)]
    full = [Content(), *lines, Content(), Content.styled("━" * columns, "$primary")]
    if large and len(full) <= height:
        return full
    first = both(cut(lines[0], columns), detail, columns - 1) if lines else None
    if first is not None and (len(texts) == 1) and (height < len(lines) or not large):
        return [first][:height]
    single = cut(head.append(Content.styled(view.goal, "bold")), columns)
    if not large or len(texts) > height:
        return [single][:height]
    room_below = max(0, min(2, height - len(texts)))
    below = [Content("   ").append(one) for one in wrap(detail, room, room_below)]
    return [*lines[: len(texts)], *(below if view.goal_detail else [])]


def _told(view: View, columns: int) -> list[Content]:
    """Return the verdict as a bar of as few lines as can be."""
    if not view.verdict:
        return []
    text = f"{MARKS.get(view.tone, '')} " + " ".join(" ".join(view.verdict).split())
    wrapped = wrap(text, columns - 2, VERDICT_LINES)
    return [reversed_line(Content(" ").append(line), columns) for line in wrapped]


def _verdict(view: View, columns: int, height: int) -> list[Content]:
    """Return what became of it: a bar with its mark and word, large, and the text below."""
    if not view.verdict:
        return []
    mark, (first, *more) = MARKS.get(view.tone, ""), view.verdict
    word, gap, rest = first.partition("  ")
    if not gap or cell_len(word) > WORD_CELLS_MAX:
        word, rest = first, ""
    bar = [
        reversed_line(Content(" ").append(line), columns)
        for line in wrap(f"{mark} {word}", columns - 2, QUESTION_LINES)
    ]
    side = Content("▌ ")
    texts = [rest, *more] if rest else more
    below = [
        side.append(line.stylize("bold") if at == 0 else line)
        for at, text in enumerate(texts)
        for line in wrap(text.strip(), columns - 3, VERDICT_LINES)
    ]
    air = reversed_line(Content(), columns)
    for lines in ([air, *bar, air, *below, Content()], [*bar, *below]):
        if len(lines) <= height:
            return lines
    short = _told(view, columns)
    if len(short) > height > 0:
        text = " ".join(line.plain.strip() for line in short)
        wrapped = wrap(text, columns - 2, height)
        short = [reversed_line(Content(" ").append(line), columns) for line in wrapped]
    return short[:height]


def _question(view: View, columns: int, height: int) -> list[Content]:
    """Return what is asked, with its hint."""
    prompt, room = view.prompt, columns - 5
    titles = wrap(Content.styled(prompt.title, "bold"), room, QUESTION_LINES)
    head = Content.styled(" ? ", "reverse bold").append(" ")
    lines = [(head if not at else Content("    ")).append(text) for at, text in enumerate(titles)]
    hint = Content.styled(prompt.hint, QUIET)
    behind = both(lines[0], hint, columns - 1) if prompt.hint and len(lines) == 1 else None
    if behind is not None:
        lines = [behind]
    elif prompt.hint:
        lines += [Content("    ").append(one) for one in wrap(hint, room, 2)]
    full = [Content(), *lines, Content()]
    if len(full) <= height:
        return full
    if len(lines) > height:
        return [cut(head.append(Content.styled(prompt.title, "bold")), columns)][:height]
    return lines


def _beside_a_code(view: View, columns: int, rows: int, leafed: Leafed) -> Plan:
    """Return a list with a code to scan above it, or without where it would take too much."""
    wide, tall = max(map(cell_len, view.lines)), len(view.lines)
    room = columns // 2 if columns >= WIDE_COLUMNS else columns
    rest = replace(view, lines=())
    if wide > room or rows - tall < BESIDE_A_CODE:
        return arrange(rest, columns, rows, leafed)
    plan = arrange(rest, columns, rows - tall, leafed)
    plan.rows.lines[:0] = [Content(line) for line in view.lines]
    plan.rows.taps[:0] = [0] * tall
    return plan


def _around_a_code(view: View, columns: int, rows: int, _leafed: Leafed) -> Plan:
    """Return a code to scan from this screen: whole, or a word that the screen is too small."""
    code = _narrowed(view.lines, columns, rows)
    wide, tall = cell_len(code[0]), len(code)
    none = Drawn([], [])
    fits = wide <= columns and tall <= rows
    lines = [Content(line) for line in code]
    if not fits:
        told = view.too_small.format(columns=wide, rows=tall)
        lines = [Content(" ").append(line) for line in wrap(told, columns - 2, rows)]
    left = rows - len(lines)
    heading = wrap(Content.styled(view.heading, "bold"), columns - 2, min(2, left))
    heading = heading if view.heading else []
    heads = [Content(" ").append(line) for line in heading] if left else []
    head = _head(view, columns, min(2, left - len(heads)))
    return Plan(drawn(head), none, drawn([*heads, *lines]), none, none, none, beside=False)


def _narrowed(lines: Sequence[str], columns: int, rows: int) -> Sequence[str]:
    """Return a code with half of the white around it where there is no room for more.

    The white is four modules wide; a line has two modules, one above the other.
    """
    aside = min(2, max(0, len(lines[0]) - columns + 1) // 2)
    above = int(len(lines) > rows)
    return [line[aside : len(line) - aside] for line in lines[above : len(lines) - above]]


def is_code(lines: tuple[str, ...]) -> bool:
    """Tell whether lines are a code to scan, which nothing may cut or wrap."""
    return bool(lines) and set("".join(lines)) <= set("█▀▄ ")
