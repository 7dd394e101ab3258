"""Whatever bytes lie in a picture file, the answer is a bounded grey picture or a failure."""

import io
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from radar_core.failures import UNREADABLE, Failure
from scanners.decode import read_codes
from scanners.labels import barcode_picture
from scanners.pictures import PIXELS_KEPT_MAX, open_picture

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM")


def _file(form: str) -> bytes:
    picture = Image.new("RGB", (160, 120), "white")
    picture.paste(barcode_picture("PUMP-417", "QRCode"), (10, 10))
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    picture.save(file, form, **({"exif": exif} if form in {"JPEG", "PNG", "WEBP"} else {}))
    return file.getvalue()


FILES = {form: _file(form) for form in FORMATS}


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """Return a picture file with bytes changed, left out, put in, or cut off."""
    data = bytearray(FILES[draw(st.sampled_from(FORMATS))])
    for _ in range(draw(st.integers(1, 12))):
        # Most damage to the head, where sizes and tables stand.
        at = draw(st.one_of(st.integers(8, 120), st.integers(8, max(8, len(data)))))
        match draw(st.sampled_from(["change", "leave out", "put in", "cut off"])):
            case "change":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "leave out":
                del data[at : at + draw(st.integers(1, 30))]
            case "put in":
                data[at:at] = draw(st.binary(min_size=1, max_size=20))
            case _:
                del data[max(at, len(data) // 2) :]
    return bytes(data)


@settings(max_examples=150)
@given(data=st.one_of(damaged_files(), st.binary(max_size=300)))
def test_no_file_crashes_the_reader(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        Path(file.name).write_bytes(data)
        try:
            picture = open_picture(file.name)
        except Failure as failure:
            assert failure.exit_code == UNREADABLE  # noqa: PT017 - both outcomes are right
            return
    assert picture.mode == "L"
    assert 0 < picture.width * picture.height <= PIXELS_KEPT_MAX
    if picture.width * picture.height < 100_000:
        assert {reading.text for reading in read_codes(picture)} <= {"PUMP-417"}
