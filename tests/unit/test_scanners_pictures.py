"""Whatever lies at the path, `open_picture` gives an upright grey picture or a clear failure."""

import io
import os
import struct
import subprocess
import sys
import textwrap
import warnings
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from radar_core.failures import UNREADABLE, Failure
from scanners.decode import read_codes, read_picture
from scanners.labels import barcode_picture
from scanners.pictures import PIXELS_KEPT_MAX, PIXELS_MAX, SIDE_PX_MAX, open_picture

ROOT = Path(__file__).resolve().parents[2]
TEXT = "PUMP-00417"


def _code() -> Image.Image:
    """Return a picture that is wider than high, with a QR code at its left."""
    picture = Image.new("L", (600, 300), "white")
    picture.paste(barcode_picture(TEXT, "QRCode", module_px=8), (20, 20))
    return picture


def _texts(path: Path) -> list[str]:
    return [reading.text for reading in read_codes(open_picture(str(path)))]


def _failure(path: Path | str) -> Failure:
    with pytest.raises(Failure) as caught:
        open_picture(str(path))
    assert caught.value.exit_code == UNREADABLE
    assert caught.value.hint
    assert len(str(caught.value).splitlines()) == 1
    return caught.value


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, rows: bytes) -> bytes:
    """Return a one-bit PNG that says it is `width` x `height` pixels, whatever `rows` holds."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def test_a_picture_of_each_format_is_read(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.png", "a.webp", "a.gif", "a.bmp", "a.tif", "a.ppm", "a.jpeg"):
        _code().save(tmp_path / name)
        assert _texts(tmp_path / name) == [TEXT], name


def test_a_picture_is_read_whatever_its_name_says(tmp_path: Path) -> None:
    for name in ("photo", "photo.png", "photo.txt", "-rf.jpg", "名.jpg"):
        _code().save(tmp_path / name, "JPEG")
        assert _texts(tmp_path / name) == [TEXT], name


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_upright(tmp_path: Path, orientation: int) -> None:
    upright = Image.new("L", (200, 80), 255)
    upright.paste(0, (0, 0, 60, 30))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name in ("a.jpg", "a.png", "a.webp"):
        stored.save(tmp_path / name, exif=exif)
        opened = open_picture(str(tmp_path / name))
        assert opened.size == (200, 80), name
        dark = [opened.getpixel(at) for at in ((20, 15), (180, 15), (20, 65), (180, 65))]
        assert [int(str(value)) < 128 for value in dark] == [True, False, False, False], name


def test_broken_exif_does_not_spoil_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    _code().save(path, exif=b"Exif\x00\x00MM\x00*\x00\x00\xff\xff\x00\x09")
    assert _texts(path) == [TEXT]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr"])
def test_every_mode_that_a_file_can_have_becomes_grey(tmp_path: Path, mode: str) -> None:
    name = "a.jpg" if mode in {"CMYK", "YCbCr"} else "a.png"
    _code().convert("RGB").convert(mode).save(tmp_path / name)
    assert open_picture(str(tmp_path / name)).mode == "L"
    assert _texts(tmp_path / name) == [TEXT]


def test_sixteen_bits_are_not_cut_to_white(tmp_path: Path) -> None:
    deep = Image.new("I;16", (600, 300))
    deep.putdata([1000 + 12 * value for value in _code().tobytes()])
    for name in ("a.png", "a.tif"):
        deep.save(tmp_path / name)
        assert _texts(tmp_path / name) == [TEXT], name


def test_a_flat_sixteen_bit_picture_has_no_code_and_no_crash(tmp_path: Path) -> None:
    Image.new("I;16", (50, 50), 40_000).save(tmp_path / "a.png")
    assert _texts(tmp_path / "a.png") == []


def test_transparency_lies_on_white_paper(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (600, 300), (0, 0, 0, 0))
    ink = _code().point(lambda value: 255 - value)
    clear.putalpha(ink)
    clear.save(tmp_path / "a.png")
    clear.quantize().save(tmp_path / "palette.png")
    clear.convert("LA").save(tmp_path / "grey.png")
    for name in ("a.png", "palette.png", "grey.png"):
        assert _texts(tmp_path / name) == [TEXT], name


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.tif", "a.png"])
def test_of_an_animation_the_first_frame_counts(tmp_path: Path, name: str) -> None:
    blank = Image.new("L", (600, 300), "white")
    _code().save(tmp_path / name, save_all=True, append_images=[blank, blank])
    assert _texts(tmp_path / name) == [TEXT]


def test_a_very_large_photo_is_halved_while_it_is_decoded(tmp_path: Path) -> None:
    Image.new("L", (7000, 5000), "white").save(tmp_path / "a.jpg")
    Image.new("1", (7000, 5000), 1).save(tmp_path / "a.png")
    for name in ("a.jpg", "a.png"):
        opened = open_picture(str(tmp_path / name))
        assert opened.size == (3500, 2500), name
        assert opened.width * opened.height <= PIXELS_KEPT_MAX


def test_a_strip_is_made_short_enough_for_the_decoder(tmp_path: Path) -> None:
    Image.new("1", (2**20, 2), 1).save(tmp_path / "strip.png")
    opened = open_picture(str(tmp_path / "strip.png"))
    assert max(opened.size) <= SIDE_PX_MAX
    assert read_codes(opened) == []


def test_a_pipe_and_a_device_are_refused_at_once_and_never_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "photo.jpg"
    os.mkfifo(pipe)
    assert _failure(pipe).code == "picture_not_a_file"
    assert _failure("/dev/zero").code == "picture_not_a_file"
    assert _failure(tmp_path).code == "picture_not_a_file"


def test_what_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    dangling = tmp_path / "link.jpg"
    dangling.symlink_to("nowhere.jpg")
    for path in (tmp_path / "a.jpg", dangling, tmp_path / ("x" * 300), "a\0b.jpg", ""):
        assert _failure(path).code == "picture_missing"


def test_a_name_that_is_not_utf8_can_be_shown(tmp_path: Path) -> None:
    failure = _failure(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg"))
    str(failure).encode()
    assert "caf" in str(failure)


def test_an_unreadable_file_is_told_from_a_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    _code().save(path)
    path.chmod(0)
    program = """
        import os, sys
        from PIL import JpegImagePlugin
        from radar_core.failures import Failure
        from scanners.pictures import open_picture
        if os.geteuid() == 0:
            os.seteuid(65534)
        try:
            open_picture(sys.argv[1])
        except Failure as failure:
            print(failure.code)
    """
    assert _run(program, str(path)).stdout == "picture_not_permitted\n"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "picture_empty"),
        (b"hello, I am a text\n" * 50, "picture_unreadable"),
        (b"\xff\xd8\xff", "picture_unreadable"),
        (b"\x89PNG\r\n\x1a\n", "picture_unreadable"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "picture_unreadable"),
        (b"GIF89a" + bytes(20), "picture_unreadable"),
        (b"BM" + bytes(60), "picture_unreadable"),
        (b"P5 0 0 255\n", "picture_unreadable"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "picture_unreadable"),
        (_png(0, 0, b""), "picture_unreadable"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert _failure(path).code == code


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    with path.open("wb") as file:
        file.truncate(65 * 2**20)
    failure = _failure(path)
    assert failure.code == "picture_too_large"
    assert "65 MB" in str(failure)


def test_a_bomb_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(_png(60_000, 60_000, bytes(7501 * 100)))
    assert path.stat().st_size < 5_000
    program = """
        import resource, sys
        resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))
        from radar_core.failures import Failure
        from scanners.pictures import open_picture
        try:
            open_picture(sys.argv[1])
        except Failure as failure:
            print(failure.code)
    """
    done = _run(program, str(path))
    assert (done.stdout, done.stderr) == ("picture_too_many_pixels\n", "")


@pytest.mark.parametrize("side", [9_000, 12_000, 14_000])
def test_no_size_makes_pillow_warn(tmp_path: Path, side: int) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(_png(side, side, b""))
    assert side**2 > PIXELS_MAX
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert _failure(path).code == "picture_too_many_pixels"
    assert caught == []


def _cut(picture: Image.Image, share: float, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, **options)  # type: ignore[arg-type]
    return file.getvalue()[: int(len(file.getvalue()) * share)]


@pytest.mark.parametrize("options", [{"format": "JPEG"}, {"format": "PNG"}, {"format": "PPM"}])
def test_a_code_in_what_is_left_of_a_cut_off_picture_is_read(
    tmp_path: Path, options: dict[str, object]
) -> None:
    tall = Image.new("L", (300, 900), "white")
    tall.paste(barcode_picture(TEXT, "QRCode", module_px=8), (20, 20))
    grain = Image.effect_noise((300, 500), 90)
    tall.paste(grain, (0, 400))
    path = tmp_path / "cut"
    path.write_bytes(_cut(tall, 0.7, **options))
    assert [reading.text for reading in read_picture(str(path))] == [TEXT]
    assert open_picture(str(path)).info["cut_off"]
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_a_cut_off_progressive_photo_is_read_coarsely(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    path.write_bytes(_cut(_code(), 0.6, format="JPEG", progressive=True, quality=95))
    assert _texts(path) == [TEXT]


def test_without_a_code_the_failure_says_that_the_picture_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    path.write_bytes(_cut(_code(), 0.3, format="JPEG"))
    with pytest.raises(Failure) as caught:
        read_picture(str(path))
    assert (caught.value.code, caught.value.exit_code) == ("picture_cut_off", UNREADABLE)
    assert "cut off" in str(caught.value)


def test_what_libtiff_says_of_a_damaged_file_stays_off_the_terminal(tmp_path: Path) -> None:
    file = io.BytesIO()
    _code().save(file, "TIFF", compression="tiff_lzw")
    data = bytearray(file.getvalue())
    data[60:400] = bytes(340)
    path = tmp_path / "a.tif"
    path.write_bytes(data)
    loud = (
        "import sys\nfrom PIL import Image\ntry: Image.open(sys.argv[1]).load()\nexcept OSError: 0"
    )
    assert _run(loud, str(path)).stderr, "this file no longer shows what the test is about"
    quiet = "import sys\nfrom scanners.pictures import open_picture\nopen_picture(sys.argv[1])"
    assert _run(quiet, str(path)).stderr == ""
