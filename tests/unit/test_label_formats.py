"""Labels lie on their sheets, and a code is as large as its reading distance needs."""

import math
from itertools import pairwise

import pytest

from radar_core.failures import USAGE, Failure
from scanners.label_formats import (
    CAMERA_DEGREES,
    CAMERA_PX,
    FORMATS,
    MODULE_MIN,
    MODULE_PX,
    Format,
    distance_of,
    find_format,
    module_size,
)

ALL = pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)


@ALL
def test_every_label_is_on_the_page_and_none_on_another(form: Format) -> None:
    corners = [form.corner(slot) for slot in range(form.per_page)]
    for x, y in corners:
        assert x >= -1e-9
        assert y >= -1e-9
        assert x + form.label[0] <= form.page[0] + 1e-6
        assert y + form.label[1] <= form.page[1] + 1e-6
    for (x, y), (next_x, next_y) in pairwise(corners):
        beside = next_x >= x + form.label[0] - 1e-6 and next_y == y
        below = next_y >= y + form.label[1] - 1e-6 and next_x <= x
        assert beside or below


@ALL
def test_what_stays_white_on_the_left_stays_white_on_the_right(form: Format) -> None:
    left = form.corner(0)[0]
    right = form.page[0] - form.corner(form.columns - 1)[0] - form.label[0]
    assert left == pytest.approx(right, abs=1e-6)


def test_a_slot_behind_the_last_is_a_bug() -> None:
    with pytest.raises(AssertionError):
        FORMATS["a4-2x3"].corner(6)


def test_the_sheets_have_as_many_labels_as_is_printed_on_their_packets() -> None:
    counts = {"L7160": 21, "L7163": 14, "L7165": 8, "L7173": 10, "3422": 24, "5160": 30, "5163": 10}
    assert {name: FORMATS[name].per_page for name in counts} == counts


def test_a_format_is_found_in_any_letters_and_a_wrong_one_is_told_with_the_nearest() -> None:
    assert find_format(" l7160 ") is FORMATS["L7160"]
    with pytest.raises(Failure) as caught:
        find_format("L7161")
    assert caught.value.exit_code == USAGE
    assert caught.value.values["near"] in {"L7160", "L7163", "L7165"}
    with pytest.raises(Failure):
        find_format("")


def test_the_size_for_a_distance_is_that_of_a_pinhole_camera() -> None:
    form = FORMATS["a4-1x1"]
    for metres in (0.3, 1.0, 1.25):
        module = module_size(form, 190.0, 25, metres)
        # A module is seen under this angle, a pixel in the middle under that one.
        seen = math.atan(module / (1000 * metres))
        pixel = math.atan(math.tan(math.radians(CAMERA_DEGREES / 2)) / (CAMERA_PX / 2))
        assert seen / pixel == pytest.approx(MODULE_PX, rel=1e-3)
        assert distance_of(module) == pytest.approx(metres)


def test_without_a_distance_a_code_is_as_large_as_fits_with_its_quiet_zone() -> None:
    assert module_size(FORMATS["L7160"], 33.0, 25) == pytest.approx(1.0)


def test_a_distance_that_does_not_fit_is_refused_with_one_that_does() -> None:
    form = FORMATS["L7160"]
    with pytest.raises(Failure) as caught:
        module_size(form, 33.0, 25, 3.0)
    assert caught.value.code == "label_too_far"
    most = float(str(caught.value.values["most"]))
    assert 0 < module_size(form, 33.0, 25, most) <= 1.0
    with pytest.raises(Failure):
        module_size(form, 33.0, 25, most + 0.02)


def test_a_code_with_too_many_modules_for_a_label_is_refused() -> None:
    with pytest.raises(Failure) as caught:
        module_size(FORMATS["5160"], 21.0, 57)
    assert caught.value.code == "label_too_small"


def test_a_very_short_distance_makes_no_module_too_small_to_last() -> None:
    assert module_size(FORMATS["L7160"], 33.0, 25, 0.01) == MODULE_MIN


@pytest.mark.parametrize("distance", [0.0, 0.1, 0.15, 0.2, 0.25])
def test_a_roll_prints_modules_of_whole_dots(distance: float) -> None:
    form = FORMATS["roll-58"]
    dots = module_size(form, 40.0, 25, distance) / form.dot
    assert dots == pytest.approx(round(dots), abs=1e-9)
    assert module_size(form, 33.0, 25) == pytest.approx(8 * form.dot)
