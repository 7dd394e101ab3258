"""What comes off a sheet is read back: every format, every error level, in four scripts."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from unicodedata import bidirectional

import pytest
from PIL import Image

from radar_core.failures import Failure
from radar_core.tags import label_text, make_code, typable
from scanners.decode import read_codes
from scanners.label_fonts import FontFile, built_in_font, chain_for, system_fonts
from scanners.label_formats import FORMATS, Format
from scanners.label_layout import Label, plain_name
from scanners.label_sheet import Drawn, Printing, draw_sheets, letters_of
from tests.conftest import Need
from tests.print_shop import pages, photographed, shapes, texts

MADE = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DOMAIN = "r.example"
SAMPLE = "Łódź Phòng bơm مصعد 泵房"
NAMES_TRIED = 200


@cache
def _installed() -> tuple[FontFile, ...]:
    return tuple(system_fonts())


@pytest.fixture
def fonts(need: Need) -> Sequence[FontFile]:
    """Give the fonts of this machine, if they have the four scripts."""
    letters = {letter for font in _installed() for letter in font.letters}
    need("fonts-dejavu-core and fonts-droid-fallback", {ord(char) for char in SAMPLE} <= letters)
    return _installed()


def _code(number: int) -> str:
    return make_code(random.Random(number).randbytes(7))


def _label(number: int, *names: str) -> Label:
    return Label(label_text(DOMAIN, _code(number)), _code(number), names)


def _drawn(
    form: Format, labels: Sequence[Label], fonts: Sequence[FontFile], **how: object
) -> Drawn:
    chain = chain_for(letters_of(labels), fonts)
    return draw_sheets(labels, Printing(form, chain, MADE, **how))  # type: ignore[arg-type]


def _cut_out(page: Image.Image, form: Format, slot: int) -> Image.Image:
    """Return the label in a slot of a page, as scissors leave it."""
    scale = page.width / form.page[0]
    (x, y), (width, height) = form.corner(slot), form.label
    return page.crop(tuple(round(end * scale) for end in (x, y, x + width, y + height)))  # type: ignore[arg-type]


@pytest.mark.parametrize("level", ["Q", "H"])
@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_every_label_of_a_sheet_is_read_back_turned_bent_and_dim(form: Format, level: str) -> None:
    labels = [_label(number, "Pump room") for number in range(min(form.per_page, 10))]
    drawn = _drawn(form, labels, [built_in_font()], level=level)
    for dpi in (75, 100, 150):
        sheets = pages(drawn.pdf, dpi)
        assert len(sheets) == drawn.pages
        for number, label in enumerate(labels):
            slot = number % form.per_page
            paper = _cut_out(sheets[number // form.per_page], form, slot)
            photo = photographed(paper, number, degrees=number * 47 % 360, bend=40)
            assert [one.text for one in read_codes(photo)] == [label.text], (dpi, number)


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_a_whole_sheet_holds_its_labels_in_their_order(form: Format) -> None:
    labels = [_label(number) for number in range(form.per_page)]
    (page,) = pages(_drawn(form, labels, [built_in_font()]).pdf, 150)
    assert [one.text for one in read_codes(page)] == [label.text for label in labels]


@pytest.mark.parametrize("name", ["L7160", "roll-58", "roll-80"])
def test_a_label_is_printed_in_the_size_that_is_told(name: str) -> None:
    drawn = _drawn(FORMATS[name], [_label(1)], [built_in_font()])
    (page,) = pages(drawn.pdf, 254)
    ((left, top), (right, _), _, (_, bottom)) = read_codes(page)[0].corners
    for side in (right - left, bottom - top):
        assert side / 10 == pytest.approx(drawn.code_mm, abs=1.5 * drawn.module_mm)


def _names(fonts: Sequence[FontFile]) -> list[str]:
    """Return random names: common Chinese letters of the font, and words of three languages."""
    rng = random.Random(2026)
    letters = {letter for font in fonts for letter in font.letters}
    # The first level of GB 2312: 3,755 letters in daily use.
    rows = [bytes((row, cell)) for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA)]
    chinese = [char for pair in rows if ord(char := pair.decode("gb2312")) in letters]
    assert len(chinese) == len(rows)
    words = {
        "pl": "Łazienka Źródło Część wężownica świetlik Ćmielów północ gęś ŻÓŁĆ nr 7",
        "vi": "Phòng bơm tầng hầm Cửa hướng Đông thang máy kỹ thuật nước ngầm số 2",
        "ar": "غرفة المضخات مصعد الطابق السفلي مدخل الشرق خزان المياه رقم ٣ B2",
    }
    names = ["".join(rng.choices(chinese, k=rng.randrange(1, 40))) for _ in range(NAMES_TRIED // 4)]
    for vocabulary in words.values():
        names += [" ".join(rng.choices(vocabulary.split(), k=rng.randrange(1, 9)))
                  for _ in range(NAMES_TRIED // 4)]  # fmt: skip
    rng.shuffle(names)
    return names


def test_two_hundred_names_in_four_scripts_are_printed_and_their_codes_read(
    fonts: Sequence[FontFile],
) -> None:
    names = _names(fonts)
    assert len(names) == NAMES_TRIED
    forms = list(FORMATS.values())
    for at in range(0, NAMES_TRIED, 20):
        form = forms[at // 20 % len(forms)]
        labels = [_label(at + n, name) for n, name in enumerate(names[at : at + 20])]
        pdf = _drawn(form, labels, fonts).pdf
        said = "".join("".join(texts(pdf)).split())
        for number, (label, page) in enumerate(_by_label(form, labels, pages(pdf, 100))):
            paper = _cut_out(page, form, number % form.per_page)
            photo = photographed(paper, number, degrees=number * 31 % 360, bend=30)
            assert [one.text for one in read_codes(photo)] == [label.text], label.names
            # pdfium mixes what runs from the right with the line below it when it is copied.
            if not any(bidirectional(char) in {"R", "AL"} for char in label.names[0]):
                assert typable(label.code) in said
                assert plain_name(label.names[0]).replace(" ", "") in said


def _by_label(
    form: Format, labels: Sequence[Label], sheets: Sequence[Image.Image]
) -> list[tuple[Label, Image.Image]]:
    return [(label, sheets[number // form.per_page]) for number, label in enumerate(labels)]


@pytest.mark.parametrize(
    "name", ["消防泵房", "Łódź źrebię", "Phòng bơm tầng hầm", "Pump room B2 – 泵房"]
)
def test_what_is_printed_can_be_copied_as_it_was_written(
    name: str, fonts: Sequence[FontFile]
) -> None:
    (said,) = texts(_drawn(FORMATS["a4-1x2"], [_label(1, name)], fonts).pdf)
    assert name in said


def test_arabic_is_joined_and_runs_from_the_right(fonts: Sequence[FontFile]) -> None:
    def ink(name: str) -> Image.Image:
        form = FORMATS["a4-1x1"]
        (page,) = pages(_drawn(form, [_label(1, name)], fonts).pdf, 72)
        return page.crop((0, 0, page.width, 100))

    def columns(picture: Image.Image) -> list[bool]:
        line = picture.resize((picture.width, 1), Image.Resampling.BOX)
        return [value < 250 for value in line.tobytes()]

    # A word of letters that join is one stroke; joined letters are narrower than single ones.
    alone = "\u200c".join("مضخم")
    assert plain_name(alone) == "مضخم"
    assert sum(columns(ink("مضخم"))) < sum(columns(ink("م ض خ م")))
    # The word that is written first stands on the right.
    assert columns(ink("م" * 9 + " B"))[::-1].index(True) == columns(ink("B " + "م" * 9))[
        ::-1
    ].index(True)


def test_the_same_labels_give_the_same_bytes_and_another_moment_others() -> None:
    form, labels, chain = FORMATS["L7160"], [_label(1, "Pump room")], [built_in_font()]
    first, again = (draw_sheets(labels, Printing(form, chain, MADE)).pdf for _ in range(2))
    assert first == again
    later = draw_sheets(labels, Printing(form, chain, MADE.replace(minute=31))).pdf
    assert later != first


def test_a_code_is_drawn_and_not_a_picture() -> None:
    pdf = _drawn(FORMATS["L7160"], [_label(1)], [built_in_font()]).pdf
    assert shapes(pdf) == {1, 2}


def test_labels_that_are_used_up_stay_empty_and_the_next_page_begins_at_its_first() -> None:
    form = FORMATS["a4-2x3"]
    labels = [_label(number) for number in range(4)]
    first, second = pages(_drawn(form, labels, [built_in_font()], skip=4).pdf, 75)
    for page, slot, wanted in (
        (first, 3, []),
        (first, 4, [labels[0].text]),
        (first, 5, [labels[1].text]),
        (second, 0, [labels[2].text]),
        (second, 1, [labels[3].text]),
        (second, 2, []),
    ):
        assert [one.text for one in read_codes(_cut_out(page, form, slot))] == wanted


def test_a_distance_makes_the_code_as_large_as_it_needs_and_is_refused_where_it_does_not_fit() -> (
    None
):
    form, chain = FORMATS["a4-1x1"], [built_in_font()]
    near, far = (_drawn(form, [_label(1)], chain, distance_m=metres) for metres in (0.5, 1.0))
    assert far.code_mm == pytest.approx(2 * near.code_mm, rel=1e-6)
    assert far.read_from_m == pytest.approx(1.0)
    with pytest.raises(Failure) as caught:
        _drawn(FORMATS["5160"], [_label(1)], chain, distance_m=1.0)
    assert caught.value.code == "label_too_far"


def test_a_letter_without_a_glyph_is_a_bug_here() -> None:
    with pytest.raises(AssertionError, match="box"):
        draw_sheets([_label(1, "泵房")], Printing(FORMATS["L7160"], [built_in_font()], MADE))


def test_who_waits_hears_how_far_it_is() -> None:
    heard: list[tuple[int, int]] = []
    labels = [_label(number) for number in range(3)]
    printing = Printing(FORMATS["roll-58"], [built_in_font()], MADE)
    draw_sheets(labels, printing, lambda drawn, of: heard.append((drawn, of)))
    assert heard == [(1, 3), (2, 3), (3, 3)]
