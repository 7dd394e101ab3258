"""Everything on a label stays on it, at its size, and beside everything else."""

import random

import pytest

from radar_core.tags import make_code, typable
from scanners.label_formats import FORMATS, QUIET_MODULES, Format
from scanners.label_layout import ELLIPSIS, TEXT_MIN, Label, Layout, Line, lay_out, plain_name

CODE = make_code(bytes(range(7)))
MODULES = 25
NAMES: list[tuple[str, ...]] = [
    (),
    ("",),
    ("B2",),
    ("Pump room", "泵房"),
    ("Harbour View / Tower 1 / B2 / Pump room", "西海岸一号楼地下二层消防泵房与生活水泵房"),
    ("x" * 300,),
    ("long " * 200, "消防泵房" * 90),
]
EVERYWHERE = [(form, names) for form in FORMATS.values() for names in NAMES]


def measure(text: str, size: float) -> float:
    """A font of 0.55 for Latin and 1 for wide letters."""
    return size * sum(1.0 if char > "\u2fff" else 0.55 for char in text)


def _laid(form: Format, names: tuple[str, ...], distance_m: float = 0.0) -> Layout:
    label = Label("HTTPS://R.EXAMPLE/" + CODE, CODE, names)
    return lay_out(form, label, MODULES, measure, distance_m=distance_m)


def _box(line: Line) -> tuple[float, float, float, float]:
    return line.x, line.y - line.size, line.x + line.width, line.y + 0.3 * line.size


def _apart(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    near = 1e-6
    return a[2] <= b[0] + near or b[2] <= a[0] + near or a[3] <= b[1] + near or b[3] <= a[1] + near


@pytest.mark.parametrize(("form", "names"), EVERYWHERE)
def test_code_and_lines_stay_within_the_margin_and_apart(
    form: Format, names: tuple[str, ...]
) -> None:
    for distance_m in (0.0, 0.14):
        laid = _laid(form, names, distance_m)
        quiet, side = QUIET_MODULES * laid.module, MODULES * laid.module
        x, y = laid.code
        square = (x - quiet, y - quiet, x + side + quiet, y + side + quiet)
        boxes = [square, *map(_box, laid.lines)]
        for box in boxes:
            assert box[0] >= form.margin - 1e-6, box
            assert box[1] >= form.margin - 1e-6, box
            assert box[2] <= form.label[0] - form.margin + 1e-6, box
            assert box[3] <= form.label[1] - form.margin + 1e-6, box
        for number, box in enumerate(boxes):
            assert all(_apart(box, other) for other in boxes[:number]), (form.name, names)


@pytest.mark.parametrize(("form", "names"), EVERYWHERE)
def test_the_code_to_type_is_the_last_line_and_no_letter_is_too_small(
    form: Format, names: tuple[str, ...]
) -> None:
    lines = _laid(form, names).lines
    assert lines[-1].text == typable(CODE)
    assert all(line.size >= TEXT_MIN - 1e-6 for line in lines)


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_a_name_is_printed_whole_or_ends_with_an_ellipsis(form: Format) -> None:
    for names in NAMES:
        rows = [line.text for line in _laid(form, names).lines[:-1]]
        shown = "".join("".join(rows).split())
        whole = "".join("".join(map(plain_name, names)).split())
        assert shown == whole or ELLIPSIS in shown, (form.name, names)
    assert ELLIPSIS not in "".join(line.text for line in _laid(form, NAMES[3]).lines)


def test_a_name_and_its_chinese_are_both_there_however_long() -> None:
    for form in FORMATS.values():
        shown = "".join(line.text for line in _laid(form, NAMES[-1]).lines)
        assert "long" in shown, form.name
        assert "消防泵房" in shown, form.name


def test_a_line_breaks_at_a_blank_or_between_wide_letters_and_not_before_a_full_stop() -> None:
    for words in ("Engine room of the tower", "电梯厅、消防泵房，一号楼。二层"):
        rows = [line.text for line in _laid(FORMATS["L7160"], (words,)).lines[:-1]]
        assert len(rows) > 1
        assert "".join(rows).replace(" ", "") == words.replace(" ", "")
        assert not any(row[0] in "，。、 " for row in rows), rows
    rows = [line.text for line in _laid(FORMATS["L7160"], ("Engine room of it",)).lines[:-1]]
    assert " ".join(rows) == "Engine room of it"


def test_a_name_is_composed_and_loses_what_cannot_be_printed() -> None:
    assert plain_name("Cafe\u0301\t\u200f1\x00 \n") == "Café 1"


def test_a_smaller_code_leaves_more_room_for_a_name() -> None:
    near, wide = _laid(FORMATS["L7163"], NAMES[4], 0.14), _laid(FORMATS["L7163"], NAMES[4])
    assert near.module < wide.module
    assert near.lines[0].size >= wide.lines[0].size


def test_names_of_any_letters_are_laid_out() -> None:
    rng = random.Random(7)
    for _ in range(300):
        letters = "ab  cé一二。，\u0301ẩ" + chr(rng.randrange(0x20, 0x2FFFF) & ~0xD800)
        name = "".join(rng.choice(letters) for _ in range(rng.randrange(60)))
        for form in (FORMATS["5160"], FORMATS["roll-58"]):
            lines = _laid(form, (name,)).lines
            assert all(line.width <= form.label[0] - 2 * form.margin + 1e-6 for line in lines)
