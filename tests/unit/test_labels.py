"""A printed label is read back, typed back, and never shows a box for a letter."""

import pytest
from PIL import Image, ImageChops

from radar_core.failures import Failure
from radar_core.tags import label_text, make_code
from scanners.decode import read_codes
from scanners.label_formats import QUIET_MODULES
from scanners.labels import (
    LABEL_PX,
    barcode_picture,
    label_matrix,
    label_picture,
)

CODES = [make_code(bytes([number] * 7)) for number in (1, 2)]


def _label(code: str, name: str = "Tower 1 / Pump room") -> Image.Image:
    return label_picture(label_text("r.example", code), code, name)


def test_the_code_of_a_label_is_a_full_qr_code_in_alphanumeric_mode() -> None:
    for domain in ("r.example", "a-b.c.example", "labels.west-coast.example"):
        matrix = label_matrix(label_text(domain, CODES[0]))
        assert not matrix.is_micro
        assert matrix.mode == "alphanumeric"
        assert matrix.error in {"Q", "H"}
    assert not label_matrix("A").is_micro


def test_a_text_that_needs_another_mode_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="capitals"):
        label_matrix("https://r.example/lower")


def test_a_label_is_read_back_and_has_its_quiet_zone() -> None:
    code = CODES[0]
    label = _label(code)
    assert label.size == LABEL_PX
    (reading,) = read_codes(label)
    assert reading.text == label_text("r.example", code)
    modules = label_matrix(reading.text).symbol_size(border=0)[0]
    (left, top), (right, bottom) = reading.corners[0], reading.corners[2]
    quiet = round(QUIET_MODULES * (right - left) / modules) - 4
    frame = (int(left) - quiet, int(top) - quiet, int(right) + quiet, int(bottom) + quiet)
    around = label.crop(frame)
    around.paste(255, (quiet - 2, quiet - 2, around.width - quiet + 2, around.height - quiet + 2))
    assert around.getextrema() == (255, 255)


def test_the_name_and_the_code_to_type_are_on_the_label() -> None:
    plain = _label(CODES[0], "Pump room")
    other_name = _label(CODES[0], "Lift lobby")
    other_code = label_picture(label_text("r.example", CODES[0]), CODES[1], "Pump room")
    named = ImageChops.difference(plain, other_name).getbbox()
    typed = ImageChops.difference(plain, other_code).getbbox()
    assert named is not None
    assert named[3] < LABEL_PX[1] // 6
    assert typed is not None
    assert typed[1] > LABEL_PX[1] * 5 // 6


def test_a_name_of_any_length_stays_on_the_label() -> None:
    for name in ("", "B2", "Harbour View / Tower 1 / B2 / Pump room", "long " * 200):
        edge = _label(CODES[0], name).crop((1, 1, 12, LABEL_PX[1] - 1))
        assert edge.getextrema() == (255, 255), name


def test_accents_and_dashes_are_made_plain_and_other_letters_are_refused() -> None:
    assert _label(CODES[0], "Caf\u00e9 \u2013 L\u2019ascenseur") == _label(
        CODES[0], "Cafe - L'ascenseur"
    )
    for name in ("泵房", "Łódź", "مصعد"):
        with pytest.raises(Failure) as caught:
            _label(CODES[0], name)
        assert caught.value.code == "label_letter_missing"
        assert name in str(caught.value)


def test_a_bar_code_that_cannot_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid character"):
        barcode_picture("PUMP", "EAN13")
