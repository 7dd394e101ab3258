"""Whatever is to be seen fits any screen: no line is too wide, nothing is cut that is not told."""

import re

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.cells import cell_len

from radar_cli.one_screen.drawing import LEAF, Drawn, wrap
from radar_cli.one_screen.layout import Leafed, Plan, arrange
from radar_cli.one_screen.looks import DEFAULT, MARKS, Item, Prompt, View
from scanners.screen_code import terminal_lines

MORE = "… and {count} more"
WORDS = st.lists(
    st.sampled_from(
        ("Pump", "Harbour View /", "水泵房", "巡更：", "（夜）。", "unsent", "a", "x" * 30)
    ),
    max_size=12,
)
TEXTS = WORDS.map(" ".join)
SIZES = st.tuples(st.integers(20, 200), st.integers(4, 60))
PARTS = ("head", "goal", "rows", "verdict", "question", "choices")


@st.composite
def _items(draw: st.DrawFn, most: int, first: int = 1) -> tuple[Item, ...]:
    count = draw(st.integers(0, most))
    texts = draw(st.lists(TEXTS, min_size=1, max_size=5))
    details = draw(st.lists(TEXTS, min_size=1, max_size=3))
    tones = draw(st.lists(st.sampled_from(list(MARKS)), min_size=1, max_size=3))
    cursor = draw(st.integers(-1, most))
    return tuple(
        Item(
            first + at,
            MARKS[tones[at % len(tones)]],
            texts[at % len(texts)] or "-",
            details[at % len(details)],
            tones[at % len(tones)],
            under_cursor=at == cursor,
        )
        for at in range(count)
    )


@st.composite
def _views(draw: st.DrawFn) -> View:
    choices = draw(_items(14))
    is_default: bool = draw(st.booleans())
    if choices and is_default:
        choices = (Item(1, DEFAULT, choices[0].text), *choices[1:])
    verdict = draw(st.lists(TEXTS.map(lambda text: f"SAVED  {text}"), max_size=3))
    kind = draw(st.sampled_from(("scan", "text", "choice")))
    return View(
        who=draw(TEXTS),
        sync=draw(TEXTS),
        sync_tone=draw(st.sampled_from(list(MARKS))),
        goal=draw(TEXTS),
        goal_detail=draw(TEXTS),
        tone=draw(st.sampled_from(list(MARKS))),
        verdict=tuple(verdict),
        heading=draw(TEXTS),
        rows=draw(_items(200, len(choices) + 1)),
        lines=tuple(draw(st.lists(TEXTS.map(lambda text: text + "."), max_size=9))),
        choices=choices,
        prompt=Prompt(draw(TEXTS), draw(TEXTS), "", kind, secret=False),
        is_home=draw(st.booleans()),
        sync_short="○ unsent 2 · 10:00",
        more=MORE,
        too_small="too small: {columns} × {rows}",
    )


def _view(**changes: object) -> View:
    given_: dict[str, object] = {
        "who": "Li Wei · Gate",
        "sync": "○ no signal · unsent 2 · synced 10:00",
        "sync_tone": "warn",
        "goal": "Next: Lobby",
        "goal_detail": "2 of 3 to visit, until 12:10",
        "tone": "",
        "verdict": (),
        "heading": "",
        "rows": (),
        "lines": (),
        "choices": (),
        "prompt": Prompt("Scan, or type a code", "", "", "scan", secret=False),
        "is_home": True,
        "sync_short": "○ unsent 2 · 10:00",
        "more": MORE,
        "too_small": "too small: {columns} × {rows}",
    }
    return View(**{**given_, **changes})  # type: ignore[arg-type]


def _numbered(count: int, under_cursor: int = 0) -> tuple[Item, ...]:
    return tuple(
        Item(n, "", f"Thing {n}", under_cursor=n == under_cursor) for n in range(1, count + 1)
    )


def _plain(part: Drawn) -> list[str]:
    return [line.plain for line in part.lines]


def _numbers(part: Drawn) -> list[int]:
    return sorted({tap for tap in part.taps if tap > 0})


def _width(plan: Plan, part: str, columns: int) -> int:
    halved = plan.beside and part not in ("head", "goal")
    return columns // 2 if halved else columns


@given(view=_views(), size=SIZES)
def test_no_line_is_wider_than_its_part_and_all_parts_fit_the_screen(
    view: View, size: tuple[int, int]
) -> None:
    columns, rows = size
    plan = arrange(view, columns, rows, Leafed())
    for part in PARTS:
        shown: Drawn = getattr(plan, part)
        assert len(shown.taps) == len(shown.lines)
        room = _width(plan, part, columns)
        assert all(cell_len(line) <= room for line in _plain(shown)), (part, _plain(shown))
    assert plan.height <= rows


@given(view=_views(), size=SIZES)
def test_what_is_not_shown_is_told_and_what_the_arrows_are_on_is_seen(
    view: View, size: tuple[int, int]
) -> None:
    plan = arrange(view, *size, Leafed())
    parts = ((plan.choices, view.choices, len(view.choices)),
             (plan.rows, view.rows, len(view.rows) + len(view.lines)))  # fmt: skip
    for shown, items, count in parts:
        if len(shown.lines) < 2 or (shown is plan.rows and not shown.after):
            continue
        hidden = count - (shown.after - shown.first)
        told = [int(n) for line in _plain(shown) for n in re.findall(r"and (\d+) more", line)]
        assert told == ([hidden] if hidden else [])
        assert (LEAF in shown.taps) == bool(hidden)
        here = [item.number for item in items if item.under_cursor]
        assert set(here) <= set(_numbers(shown))


@given(view=_views(), size=st.tuples(st.integers(32, 200), st.integers(11, 60)))
def test_each_part_has_its_least(view: View, size: tuple[int, int]) -> None:
    plan = arrange(view, *size, Leafed())
    assert len(plan.head.lines) >= 1
    assert len(plan.goal.lines) >= 1
    assert bool(plan.verdict.lines) == bool(view.verdict)
    assert bool(plan.question.lines) == (view.prompt.kind != "scan")
    if view.verdict:
        assert MARKS[view.tone] in plan.verdict.text().plain
        assert "SAVED" in plan.verdict.text().plain
    if not any(item.under_cursor for item in view.choices):
        wanted = [item.number for item in view.choices][:3]
        assert wanted == _numbers(plan.choices)[:3]


@given(view=_views(), size=st.tuples(st.integers(20, 200), st.integers(10, 60)))
def test_leafing_shows_everything_once_round(view: View, size: tuple[int, int]) -> None:
    seen = _leafed(view, size, "choices")
    assert seen in (set(), set(range(len(view.choices))))
    seen = _leafed(view, size, "rows")
    assert seen in (set(), set(range(len(view.rows) + len(view.lines))))


def _leafed(view: View, size: tuple[int, int], part: str) -> set[int]:
    """Return which blocks of a part are seen when it is leafed through to its end."""
    seen, first = set[int](), 0
    while True:
        rows, choices = (first, 0) if part == "rows" else (0, first)
        shown: Drawn = getattr(arrange(view, *size, Leafed(rows, choices, follows=False)), part)
        seen |= set(range(shown.first, shown.after))
        assert not shown.leafs_to or shown.leafs_to > first
        first = shown.leafs_to
        if not first:
            return seen


@given(text=TEXTS, columns=st.integers(2, 60))
def test_wrapping_loses_nothing_but_spaces(text: str, columns: int) -> None:
    lines = [line.plain for line in wrap(text, columns, 1000)]
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= columns for line in lines)


def test_no_line_begins_with_a_stop_that_belongs_to_the_one_before() -> None:
    lines = [line.plain for line in wrap("没有标签可扫？输入编码或位置编号，再按回车。", 42, 3)]
    assert lines == ["没有标签可扫？输入编码或位置编号，再按回", "车。"]


def test_what_is_cut_ends_with_an_ellipsis_and_never_with_half_a_character() -> None:
    (line,) = wrap("水泵房一号", 6, 1)
    assert line.plain == "水泵…"


def test_on_a_phone_held_upright_a_choice_is_as_tall_as_a_finger_and_the_first_is_the_tallest() -> (
    None
):
    choices = (Item(1, DEFAULT, "Done"), *_numbered(4)[1:])
    plan = arrange(_view(choices=choices), 45, 37, Leafed())
    heights = [plan.choices.taps.count(item.number) for item in choices]
    assert heights == [5, 3, 3, 3]


def test_on_the_least_screen_three_choices_are_seen_with_the_verdict_and_the_goal() -> None:
    view = _view(
        verdict=("SAVED  due here: Sweep. Harbour View / Lobby.",),
        tone="good",
        choices=_numbered(7),
        rows=(Item(8, "!", "Sweep", "due  09:30-10:30"),),
    )
    plan = arrange(view, 32, 11, Leafed())
    assert _plain(plan.head) == [" Li Wei · Gate", " ○ unsent 2 · 10:00 "]
    assert _plain(plan.goal)[0].strip() == "▸ Next: Lobby"
    assert _numbers(plan.choices) == [1, 2, 3]
    assert _plain(plan.choices)[-1] == " … and 4 more ▼"
    assert "Lobby." in _plain(plan.verdict)[-1]


def test_the_verdict_is_a_bar_with_its_mark_and_word_where_there_is_room() -> None:
    plan = arrange(_view(verdict=("SAVED  on your round: Gate.",), tone="good"), 45, 37, Leafed())
    bar, text = plan.verdict.lines[1], plan.verdict.lines[3]
    assert bar.plain == " ✓ SAVED".ljust(45)
    assert [str(span.style) for span in bar.spans] == ["reverse bold"]
    assert text.plain == "▌ on your round: Gate."


@pytest.mark.parametrize("under_cursor", [1, 100, 200])
def test_of_two_hundred_rows_the_one_that_the_arrows_are_on_is_seen(under_cursor: int) -> None:
    rows = _numbered(200, under_cursor)
    plan = arrange(_view(rows=rows), 32, 11, Leafed())
    assert under_cursor in _numbers(plan.rows)
    assert f"▸{under_cursor} ".lstrip() in plan.rows.text().plain.replace("▸ ", "▸").replace(
        "▸ ", "▸"
    )


def test_of_a_long_round_what_comes_next_is_seen() -> None:
    rows = tuple(Item(n, "▸" if n == 30 else "·", f"Place {n}") for n in range(1, 41))
    assert 30 in _numbers(arrange(_view(rows=rows), 32, 11, Leafed()).rows)


@pytest.mark.parametrize("size", [(45, 37), (45, 23), (120, 37), (60, 30)])
def test_a_code_is_whole_and_can_be_scanned(size: tuple[int, int]) -> None:
    """It is as large as that of a round that is handed over: 49 columns with its white."""
    text = "RADAR:HANDOVER:" + "7" * 40 + "abcdefgh" * 9
    assert len(terminal_lines(text)[0]) == 49
    plan = arrange(_view(lines=tuple(terminal_lines(text)), heading="Scan this:"), *size, Leafed())
    assert not plan.choices.lines
    assert [reading.text for reading in zxingcpp.read_barcodes(_photo(_plain(plan.rows)))] == [text]


def test_a_code_that_does_not_fit_says_so() -> None:
    plan = arrange(_view(lines=tuple(terminal_lines("7" * 60))), 32, 11, Leafed())
    assert "too small: 31 × 15" in " ".join(" ".join(_plain(plan.rows)).split())
    assert "█" not in plan.rows.text().plain


def _photo(lines: list[str]) -> Image.Image:
    """Return what a camera sees of half blocks that are light on a dark screen."""
    picture = Image.new("L", (max(map(len, lines)), 2 * len(lines)), 0)
    for y, line in enumerate(lines):
        for x, char in enumerate(line):
            picture.putpixel((x, 2 * y), 255 * (char in "█▀"))
            picture.putpixel((x, 2 * y + 1), 255 * (char in "█▄"))
    return picture.resize((picture.width * 8, picture.height * 8), Image.Resampling.NEAREST)
