"""A label photographed badly is still read; the same seed gives the same bad photo."""

import io
import random

import pytest
from PIL import Image, ImageStat

from radar_core.tags import label_text, make_code
from scanners.darkroom import PHOTO_PX, photograph
from scanners.decode import read_codes
from scanners.labels import barcode_picture, label_picture


def _label(seed: int) -> tuple[str, Image.Image]:
    code = make_code(random.Random(seed).randbytes(7))
    text = label_text("r.example", code)
    return text, label_picture(text, code, "Harbour View / Tower 1 / B2 / Pump room")


@pytest.mark.parametrize("badness", [0.0, 0.25, 0.5, 0.7])
def test_a_label_in_the_dark_askew_and_blurred_is_read(badness: float) -> None:
    for seed in range(8):
        text, label = _label(seed)
        photo = photograph(label, seed, badness=badness)
        assert (photo.mode, photo.size) == ("RGB", PHOTO_PX)
        assert [reading.text for reading in read_codes(photo)] == [text], seed


@pytest.mark.parametrize(
    ("symbology", "text"),
    [("EAN13", "4006381333931"), ("DataMatrix", "PUMP-00417/B"), ("QRCode", "PUMP-00417")],
)
def test_a_foreign_code_photographed_badly_is_read(symbology: str, text: str) -> None:
    code = barcode_picture(text, symbology, module_px=8)
    for seed in range(4):
        photo = photograph(code, seed, badness=0.3)
        assert [reading.text for reading in read_codes(photo)] == [text], seed


def test_a_photo_that_was_kept_as_a_file_is_still_read() -> None:
    text, label = _label(1)
    file = io.BytesIO()
    photograph(label, 1, badness=0.5).save(file, "JPEG", quality=80)
    assert [reading.text for reading in read_codes(Image.open(file))] == [text]


def test_the_worst_photo_is_hopeless_and_gives_no_wrong_text() -> None:
    for seed in range(3):
        text, label = _label(seed)
        found = [reading.text for reading in read_codes(photograph(label, seed, badness=1.0))]
        assert found in ([], [text])


def test_the_same_seed_gives_the_same_photo_and_another_seed_another() -> None:
    _, label = _label(1)
    state = random.getstate()
    first = photograph(label, 7, badness=0.5)
    random.seed(99)
    assert photograph(label, 7, badness=0.5) == first
    assert photograph(label, 8, badness=0.5) != first
    random.setstate(state)
    photograph(label, 7, badness=0.5)
    assert random.getstate() == state


def test_a_worse_photo_is_darker() -> None:
    _, label = _label(1)
    light = [
        ImageStat.Stat(photograph(label, 3, badness=badness).convert("L")).mean[0]
        for badness in (0.0, 0.5, 1.0)
    ]
    assert light[0] > light[1] > light[2]
