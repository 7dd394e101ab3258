"""The steps of a look: what each is for, what they cost, and that they say the same every time."""

from collections.abc import Iterator

import pytest
import segno
from PIL import Image, ImageFilter

from radar_core.book_forms import SYMBOLOGIES
from scanners.cascade import Look
from scanners.decode import read_codes
from scanners.labels import barcode_picture
from scanners.readings import Reading, Unread, settled
from scanners.steps import LARGER_PIXELS_MAX, STEPS, TURNED_PIXELS_MAX, Sizes
from scanners.unbend import unbend
from scanners.zxing import OWN, formats, read, read_modules

TEXT = "HTTPS://R.EXAMPLE/0123456789A"


def _qr(text: str = TEXT, scale: int = 6, **options: object) -> Image.Image:
    matrix = segno.make_qr(text, error="m", **options)  # type: ignore[arg-type]
    rows = [bytes(0 if dark else 255 for dark in row) for row in matrix.matrix_iter(scale, 4)]
    return Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))


def _look(picture: Image.Image, **options: object) -> tuple[list[str], list[str]]:
    taken: list[str] = []
    settings = {"every": False, "budget_ms": 150, "clock": lambda: 0.0} | options
    look = Look(picture, **settings)  # type: ignore[arg-type]
    readings = look.until(None, taken.append)
    return taken, [reading.text for reading in readings]


def _creased(picture: Image.Image, by: float) -> Image.Image:
    """Return the picture on cloth: its middle pushed aside by a share of its side."""
    side, half, push = picture.width, picture.width / 2, by * picture.width
    middle = (half + push, half - push)
    corners = {(x, y): (x, y) for x in (0, half, side) for y in (0, half, side)}
    corners[half, half] = middle
    meshes = []
    for left in (0, half):
        for top in (0, half):
            right, bottom = left + half, top + half
            quad = tuple(
                value
                for at in ((left, top), (left, bottom), (right, bottom), (right, top))
                for value in corners[at]
            )
            meshes.append(((int(left), int(top), int(right), int(bottom)), quad))
    return picture.transform((side, side), Image.Transform.MESH, meshes, Image.Resampling.BILINEAR)


def test_an_easy_picture_takes_one_step() -> None:
    assert _look(_qr()) == (["quick none"], [TEXT])


def test_a_large_picture_is_looked_at_small_first() -> None:
    large = Image.new("L", (4000, 3000), 200)
    large.paste(_qr(scale=12), (1500, 900))
    assert _look(large) == (["quick 1400px none"], [TEXT])


def test_the_same_picture_has_the_same_answer_and_the_same_steps() -> None:
    hard = _qr(scale=3).filter(ImageFilter.GaussianBlur(2.2)).resize((300, 300))
    assert len({str(_look(hard)) for _ in range(5)}) == 1


@pytest.mark.parametrize("size", [(64, 48), (640, 480), (1280, 960), (4000, 3000), (32767, 512)])
@pytest.mark.parametrize("budget_ms", [40, 150, 1000])
def test_no_more_is_planned_than_there_is_time_for(size: tuple[int, int], budget_ms: int) -> None:
    applicable = {step.name: step for step in STEPS if step.size(*size) is not None}
    sizes = Sizes(Image.new("L", size, 128))
    taken, _ = _look(sizes.whole, budget_ms=budget_ms)
    planned = []
    for name in taken:
        if not name.startswith("unbend"):
            planned.append(applicable[name].cost_ms(sizes))
            applicable[name].sized(sizes)
    assert sum(planned[1:]) <= budget_ms
    assert taken


def test_the_clock_ends_a_look_that_takes_twice_as_long() -> None:
    def ticks() -> Iterator[float]:
        yield 0.0
        yield 0.29
        while True:
            yield 0.31

    clock = ticks()
    taken, _ = _look(Image.new("L", (640, 480), 128), clock=lambda: next(clock))
    assert len(taken) == 2


def test_engines_to_be_skipped_are_skipped() -> None:
    wall = Image.new("L", (640, 480), 128)
    taken, _ = _look(wall, skip=frozenset({"zbar", "everything"}))
    assert taken
    assert not [name for name in taken if name.startswith(("zbar", "everything"))]


def test_only_what_the_site_book_has_is_looked_for() -> None:
    wall = Image.new("L", (1000, 400), 200)
    wall.paste(_qr(), (40, 40))
    wall.paste(barcode_picture("4006381333931"), (500, 40))
    for only, found in (
        ((), {TEXT, "4006381333931"}),
        (("EAN13",), {"4006381333931"}),
        (("QRCode",), {TEXT}),
        (("DataMatrix", "QRCode"), {TEXT}),
    ):
        assert set(_look(wall, only=frozenset(only), every=True)[1]) == found
    taken, _ = _look(Image.new("L", (640, 480), 128), only=frozenset({"QRCode"}))
    assert not [name for name in taken if name.startswith(("everything", "again", "bars"))]


def test_every_symbology_of_the_site_book_is_one_of_the_engine() -> None:
    assert all(formats([name]) for name in SYMBOLOGIES)


@pytest.mark.parametrize("size", [(1, 1), (1, 9000), (640, 480), (5000, 4000)])
def test_a_step_looks_at_the_size_that_it_says(size: tuple[int, int]) -> None:
    wall = Image.new("L", size, 128)
    for step in STEPS:
        planned = step.size(*size)
        if planned is None:
            continue
        assert step.sized(Sizes(wall)).size == planned
        if step.times > 1:
            assert planned[0] * planned[1] <= LARGER_PIXELS_MAX
        if step.engine == "bars":
            assert sum(planned) ** 2 / 2 <= TURNED_PIXELS_MAX


def test_the_corners_are_those_of_the_picture_however_small_it_was_looked_at() -> None:
    large = Image.new("L", (4000, 3000), 200)
    large.paste(_qr(scale=12), (1500, 900))
    (reading,) = read_codes(large)
    quiet = 4 * 12
    assert min(x for x, _ in reading.corners) == pytest.approx(1500 + quiet, abs=12)
    assert min(y for _, y in reading.corners) == pytest.approx(900 + quiet, abs=12)


def test_a_creased_code_is_laid_flat() -> None:
    creased = _creased(_qr(scale=8), 0.045)
    readings, unread = read(creased, OWN)
    assert not readings
    assert [reading for seen in unread for reading in unbend(creased, seen) if reading]
    assert _look(creased)[1] == [TEXT]


@pytest.mark.parametrize("at", [-500.0, -30.0, 250.0, 900.0])
def test_corners_beside_the_picture_are_no_matter(at: float) -> None:
    corners = ((at, at), (at + 50, at), (at + 50, at + 50), (at, at + 50))
    assert not any(unbend(_qr(), Unread(corners, 3, "L", 0)))


def test_noise_in_the_shape_of_a_code_says_nothing() -> None:
    """Finders, timing and a format around modules that mean nothing: no text is made of them."""
    for seed in range(40):
        picture = _qr(scale=8)
        noise = _qr(f"{seed:040}", scale=8, version=5).resize(picture.size)
        box = (9 * 8 + 32, 9 * 8 + 32, picture.width - 32, picture.height - 32)
        picture.paste(noise.rotate(90).crop(box), box)
        assert _look(picture)[1] in ([], [TEXT])


def test_modules_are_read_with_how_sure_they_are() -> None:
    matrix = segno.make_qr(TEXT, error="q").matrix
    modules = bytes(0 if dark else 255 for row in matrix for dark in row)
    assert read_modules(modules, len(matrix)) == (TEXT.encode(), 1.0)
    assert read_modules(bytes(len(modules)), len(matrix)) is None


def _reading(text: str, at: int = 0, symbology: str = "QRCode") -> Reading:
    corners = ((at, 0.0), (at + 100.0, 0.0), (at + 100.0, 100.0), (at, 100.0))
    return Reading(text.encode(), symbology, "test", tuple((float(x), y) for x, y in corners))


def _texts(*steps: list[Reading]) -> list[str]:
    return [reading.text for reading in settled(steps)]


def test_two_texts_at_one_place_are_not_both_believed() -> None:
    assert _texts([_reading("A")], [_reading("B")]) == []
    assert _texts([_reading("A")], [_reading("B")], [_reading("B")]) == ["B"]
    assert _texts([_reading("A")], [_reading("B", at=400)]) == ["A", "B"]
    assert _texts([_reading("A"), _reading("B")], [_reading("A")]) == ["A", "B"]


def test_a_label_with_a_right_check_character_is_believed_against_others() -> None:
    label = "HTTPS://R.EXAMPLE/0000000000" + "0"
    other = [_reading("HTTPS://R.EXAMPLE/00000000001")]
    assert _texts([_reading(label)], other, other) == [label]


def test_a_code_without_a_check_of_its_own_counts_when_seen_twice() -> None:
    bars = [_reading("12345678", symbology="ITF")]
    assert _texts(bars) == []
    assert _texts(bars, bars) == ["12345678"]
