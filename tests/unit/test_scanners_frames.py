"""A frame's fingerprint: the same picture has the same one, and a failed one gives advice."""

import pytest
from PIL import Image, ImageFilter

from radar_core.scans import hash_distance
from radar_core.tags import label_text, make_code
from scanners.darkroom import photograph
from scanners.frames import advice, frame_of
from scanners.labels import label_picture

CODE = make_code(b"\x11" * 7)
LABEL = label_picture(label_text("r.example", CODE), CODE, "Pump room")


def _photo(seed: int, badness: float = 0.2) -> Image.Image:
    return photograph(LABEL, seed, badness=badness).convert("L")


def _frame(photo: Image.Image) -> dict[str, object]:
    return frame_of(photo, [])


def _apart(one: dict[str, object], other: dict[str, object]) -> int:
    return hash_distance(*(int(str(frame["hash"]), 16) for frame in (one, other)))


def test_the_same_picture_has_the_same_hash_at_any_size_and_quality() -> None:
    photo = _photo(1)
    first = _frame(photo)
    for other in (photo, photo.resize((640, 480)), photo.filter(ImageFilter.GaussianBlur(1))):
        assert _apart(first, _frame(other)) <= 4


def test_two_photographs_of_one_tag_have_hashes_apart() -> None:
    frames = [_frame(_photo(seed)) for seed in range(12)]
    apart = [_apart(one, other) for one in frames for other in frames if one is not other]
    assert min(apart) > 0
    assert sorted(apart)[len(apart) // 2] >= 10


def test_a_frame_tells_light_glare_sharpness_and_the_size_of_the_code() -> None:
    corners = ((10.0, 10.0), (90.0, 10.0), (90.0, 70.0), (10.0, 70.0))
    told = frame_of(Image.new("L", (320, 240), 100), [corners])
    assert told == {"hash": "0" * 16, "light": 100, "glare": 0, "sharp": 0, "code_px": 80}
    assert frame_of(Image.new("L", (320, 240), 255), [])["glare"] == 100


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (2, 2), (32767, 1)])
def test_any_size_has_a_frame(size: tuple[int, int]) -> None:
    assert frame_of(Image.new("L", size, 7), [])["light"] == 7


@pytest.mark.parametrize(
    ("photo", "code", "word"),
    [
        (_photo(1).point([level // 12 for level in range(256)]), 0, "dark"),
        (_photo(1), 40, "closer"),
        (_photo(1).filter(ImageFilter.GaussianBlur(9)), 0, "Blurred"),
        (_photo(1), 0, "closer and straight"),
    ],
    ids=["dark", "small", "blurred", "else"],
)
def test_advice_says_what_to_do_differently(photo: Image.Image, code: int, word: str) -> None:
    square = ((0.0, 0.0), (float(code), 0.0), (float(code), float(code)), (0.0, float(code)))
    assert word in advice(frame_of(photo, [square] if code else []))


def test_glare_is_told_where_the_picture_is_sharp_and_blank_in_parts() -> None:
    photo = _photo(1)
    photo.paste(255, (0, 0, 400, 400))
    assert "Glare" in advice(frame_of(photo, []))
