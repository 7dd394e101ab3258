"""A camera's picture in a terminal: as large as it fits, its sides kept, the found code marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scanners.preview import MARK, MARKED, cells, dots

SQUARE = ((25.0, 25.0), (75.0, 25.0), (75.0, 75.0), (25.0, 75.0))


def halves() -> Image.Image:
    """Return a picture that is black on its left and white on its right."""
    picture = Image.new("L", (100, 100), 0)
    picture.paste(255, (50, 0, 100, 100))
    return picture


def test_two_pixels_stand_in_each_cell_and_greys_are_those_of_the_palette() -> None:
    rows = cells(halves(), [], (100, 100), 10, 5)
    assert rows == [[(232, 232)] * 5 + [(255, 255)] * 5] * 5


@pytest.mark.parametrize(
    ("size", "room", "shown"),
    [
        ((1280, 720), (45, 20), (45, 13)),
        ((1280, 720), (120, 10), (36, 10)),
        ((720, 1280), (45, 20), (22, 20)),
        ((1, 4000), (45, 20), (1, 20)),
        ((4000, 1), (45, 20), (45, 1)),
    ],
)
def test_its_sides_are_kept(
    size: tuple[int, int], room: tuple[int, int], shown: tuple[int, int]
) -> None:
    rows = cells(Image.new("L", size, 99), [], size, *room)
    assert (len(rows[0]), len(rows)) == shown


@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    columns=st.integers(-1, 40),
    rows=st.integers(-1, 40),
)
def test_it_never_takes_more_room_than_there_is(
    width: int, height: int, columns: int, rows: int
) -> None:
    picture = Image.new("L", (width, height), 9)
    drawn = cells(picture, [SQUARE], (100, 100), columns, rows)
    lines = dots(picture, [SQUARE], (100, 100), columns, rows)
    assert bool(drawn) == bool(lines) == (columns > 0 and rows > 0)
    assert [len(row) for row in drawn] == [len(line) for line in lines]
    assert len(drawn) <= max(0, rows)
    assert all(1 <= len(row) <= columns for row in drawn)


def test_a_code_is_marked_where_it_is_in_the_picture_at_its_full_size() -> None:
    full = tuple((4 * x, 4 * y) for x, y in SQUARE)
    rows = cells(halves(), [full], (400, 400), 20, 10)
    marked = {
        (x, y)
        for y, row in enumerate(rows)
        for x, (upper, lower) in enumerate(row)
        if MARK in (upper, lower)
    }
    assert {x for x, _ in marked} == set(range(5, 16))
    assert {y for _, y in marked} == set(range(2, 8))
    assert (10, 5) not in marked
    assert rows == cells(halves(), [SQUARE], (100, 100), 20, 10)


def test_without_colours_it_is_dots_and_a_code_is_marked_by_a_sign() -> None:
    assert dots(halves(), [], (100, 100), 10, 5) == ["     █████"] * 5
    lines = dots(halves(), [SQUARE], (100, 100), 20, 10)
    assert {line.count(MARKED) for line in lines} == {0, 2, 11}
    upper = Image.new("L", (4, 4), 0)
    upper.paste(255, (0, 0, 4, 1))
    assert dots(upper, [], (4, 4), 4, 2) == ["▀▀▀▀", "    "]


def test_what_is_dim_is_brightened_and_noise_is_not() -> None:
    dim = halves().point([10 + level // 8 for level in range(256)])
    (row,) = {tuple(row) for row in cells(dim, [], (100, 100), 10, 5)}
    assert row[0] == (232, 232)
    assert row[-1] > (240, 240)
    noise = halves().point([10 + level // 250 for level in range(256)])
    assert {cell for row in cells(noise, [], (100, 100), 10, 5) for cell in row} == {(232, 232)}
