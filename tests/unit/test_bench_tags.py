"""The bench of tags: its camera is a pinhole, what is large is read, what is hopeless is not."""

import math

import pytest
import segno

from bench.tags import HANDS, PAYLOADS, Hand, focal_px, least_px, picture
from scanners.decode import read_codes
from scanners.label_formats import QUIET_MODULES

TEXT = PAYLOADS["HTTPS://R.EXAMPLE/CODE"]


def test_the_focal_length_is_that_of_a_camera_of_65_degrees() -> None:
    edge = math.degrees(math.atan(640 / focal_px(1280)))
    assert 2 * edge == pytest.approx(65)
    assert focal_px(4000) / focal_px(1280) == pytest.approx(4000 / 1280)


@pytest.mark.parametrize("hand", HANDS.values(), ids=HANDS)
@pytest.mark.parametrize("module_px", [6.0, 9.0])
def test_a_code_in_the_picture_has_the_size_that_was_asked_for(
    hand: Hand, module_px: float
) -> None:
    code = segno.make_qr(TEXT, error="q", boost_error=False)
    modules = code.symbol_size(border=0)[0]
    assert modules + 2 * QUIET_MODULES == code.symbol_size(border=QUIET_MODULES)[0]
    longest = 0.0
    for seed in range(6):
        (found,) = read_codes(picture(code, module_px, hand, seed))
        assert found.text == TEXT
        sides = [
            math.dist(a, b)
            for a, b in zip(found.corners, found.corners[1:] + found.corners[:1], strict=True)
        ]
        # Askew it is narrower, and its nearer edge a little longer.
        assert max(sides) < 1.12 * modules * module_px
        longest = max(longest, *sides)
    assert longest > 0.93 * modules * module_px


def test_the_same_seed_gives_the_same_picture_and_another_one_another() -> None:
    code = segno.make_qr(TEXT, error="q", boost_error=False)
    first, again, other = (picture(code, 3.0, HANDS["still"], seed) for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_a_hurried_hand_needs_more_pixels_than_a_still_one() -> None:
    modules, still = least_px(TEXT, "Q", HANDS["still"], 4)
    _, hurried = least_px(TEXT, "Q", HANDS["hurried"], 4)
    assert modules == 25
    assert 1 < still < hurried < 5
