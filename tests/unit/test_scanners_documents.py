"""Files with pages, and HEIC: every page is looked at, within bounds, whatever the file holds."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from radar_core.failures import UNREADABLE, Failure
from scanners.decode import read_picture
from scanners.labels import barcode_picture
from scanners.pictures import PAGES_MAX, PIXELS_KEPT_MAX, SIDE_PX_MAX, open_picture
from tests.house import ROOT

TEXT = "PUMP-00417"
HEIC = Path(__file__).with_name("tag.heic")
"""Made with pillow-heif 1.8.1: a QR code of `TEXT`, turned by the camera's mark."""


def sheets(blank: int, after: int = 0) -> list[Image.Image]:
    code = Image.new("L", (600, 400), "white")
    code.paste(barcode_picture(TEXT, "QRCode", module_px=8), (20, 20))
    return (
        [Image.new("L", (600, 400), "white")] * blank
        + [code]
        + [Image.new("L", (600, 400), "white")] * after
    )


def save(path: Path, pages: list[Image.Image], **options: Any) -> str:  # noqa: ANN401 - Pillow's own
    pages[0].save(path, save_all=True, append_images=pages[1:], **options)
    return str(path)


def texts(path: str) -> list[str]:
    return [reading.text for reading in read_picture(path)]


def refused(path: Path | str) -> str:
    with pytest.raises(Failure) as caught:
        read_picture(str(path))
    assert caught.value.exit_code == UNREADABLE
    assert str(path) in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize("name", ["a.pdf", "a.tif"])
@pytest.mark.parametrize(("blank", "after"), [(0, 0), (0, 3), (2, 1), (PAGES_MAX - 1, 0)])
def test_every_page_is_looked_at(tmp_path: Path, name: str, blank: int, after: int) -> None:
    path = save(tmp_path / name, sheets(blank, after))
    assert texts(path) == [TEXT]
    assert open_picture(path).info["pages"] == blank + 1 + after


@pytest.mark.parametrize("name", ["a.pdf", "a.tif"])
def test_no_more_pages_are_looked_at_than_there_may_be(tmp_path: Path, name: str) -> None:
    assert refused(save(tmp_path / name, sheets(PAGES_MAX))) == "no_code"


def test_a_compressed_tiff_has_pages_too(tmp_path: Path) -> None:
    assert texts(save(tmp_path / "a.tif", sheets(2), compression="tiff_lzw")) == [TEXT]


def test_a_damaged_second_page_does_not_spoil_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    save(path, sheets(0, after=2))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.6)])
    assert texts(str(path)) == [TEXT]


def test_a_poster_is_drawn_smaller(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", sheets(0), resolution=3)
    picture = open_picture(path)
    assert picture.width * picture.height <= PIXELS_KEPT_MAX * 1.01
    assert max(picture.size) <= SIDE_PX_MAX
    assert texts(path) == [TEXT]


@pytest.mark.parametrize(
    "data",
    [b"%PDF-", b"%PDF-1.7\n" + b"x" * 999, b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"],
)
def test_a_pdf_that_is_none_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(data)
    assert refused(tmp_path / "a.pdf") == "picture_unreadable"


def test_a_pdf_that_is_cut_off_is_refused_or_read_but_never_a_crash(tmp_path: Path) -> None:
    whole = Path(save(tmp_path / "whole.pdf", sheets(1))).read_bytes()
    for percent in (5, 30, 60, 90, 99):
        path = tmp_path / f"{percent}.pdf"
        path.write_bytes(whole[: len(whole) * percent // 100])
        try:
            assert texts(str(path)) == [TEXT]
        except Failure as failure:
            assert failure.exit_code == UNREADABLE  # noqa: PT017 - both outcomes are right


def test_an_iphone_s_picture_is_read_upright() -> None:
    assert texts(str(HEIC)) == [TEXT]
    assert open_picture(str(HEIC)).size == (300, 200)


def test_an_iphone_s_picture_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    for size in (12, 100, 1500):
        (tmp_path / "a.heic").write_bytes(HEIC.read_bytes()[:size])
        assert refused(tmp_path / "a.heic") == "picture_unreadable"


def test_without_the_extra_a_heic_picture_is_refused_by_name() -> None:
    program = f"""
import sys
sys.modules["pi_heif"] = None
from radar_core.failures import Failure
from scanners.decode import read_picture
try:
    read_picture({str(HEIC)!r})
except Failure as failure:
    print(failure.code, failure.exit_code, "pi-heif" in failure.hint)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "picture_needs_heif 3 True\n"
