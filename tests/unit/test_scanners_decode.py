"""Which codes a picture holds: every symbology, in a stable order, without noise or guesses."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import segno
from PIL import Image

from radar_core.failures import UNREADABLE, Failure
from scanners import zbar
from scanners.decode import read_codes, read_picture, zbar_missing
from scanners.labels import barcode_picture
from tests.conftest import Need

ROOT = Path(__file__).resolve().parents[2]

FOREIGN = [
    ("QRCode", "https://maker.example/p/417"),
    ("MicroQRCode", "12345"),
    ("RMQRCode", "PUMP-417"),
    ("DataMatrix", "PUMP-00417/B"),
    ("Aztec", "PUMP-00417/B"),
    ("PDF417", "PUMP-00417/B"),
    ("Code128", "PUMP-00417/B"),
    ("Code39", "PUMP-417"),
    ("Code93", "PUMP-417"),
    ("EAN13", "4006381333931"),
    ("EAN8", "96385074"),
    ("ITF", "12345678"),
]


def _on_wall(*codes: Image.Image) -> Image.Image:
    """Return the codes side by side on a grey wall."""
    width = sum(code.width for code in codes) + 40 * (len(codes) + 1)
    wall = Image.new("L", (width, max(code.height for code in codes) + 80), 170)
    left = 40
    for code in codes:
        wall.paste(code, (left, 40))
        left += code.width + 40
    return wall


def _qr(content: str | bytes, **options: object) -> Image.Image:
    matrix = segno.make_qr(content, **options)  # type: ignore[arg-type]
    rows = [bytes(0 if dark else 255 for dark in row) for row in matrix.matrix_iter(6, 4)]
    return Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))


def run_program(text: str, folder: Path, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=check,
        timeout=60,
    )


@pytest.mark.parametrize(("symbology", "text"), FOREIGN)
def test_a_foreign_code_of_each_symbology_is_read(symbology: str, text: str) -> None:
    (reading,) = read_codes(_on_wall(barcode_picture(text, symbology, module_px=4)))
    assert (reading.text, reading.raw, reading.symbology) == (text, text.encode(), symbology)


@pytest.mark.parametrize("degrees", [0, 45, 90, 180, 215, 270])
def test_a_bar_code_is_read_however_it_lies(degrees: int) -> None:
    wall = Image.new("L", (800, 800), 170)
    wall.paste(barcode_picture("4006381333931"), (174, 290))
    turned = wall.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=170)
    (reading,) = read_codes(turned)
    assert reading.text == "4006381333931"
    middle = [sum(axis) / 4 for axis in zip(*reading.corners, strict=True)]
    assert middle == pytest.approx([400, 400], abs=40)


def test_the_corners_say_where_the_code_is() -> None:
    wall = Image.new("L", (900, 600), 170)
    wall.paste(_qr("CORNER", error="q"), (500, 200))
    (reading,) = read_codes(wall)
    module, quiet = 6, 24
    left, top = min(reading.corners)[0], min(y for _, y in reading.corners)
    assert left == pytest.approx(500 + quiet, abs=module)
    assert top == pytest.approx(200 + quiet, abs=module)


def test_all_qr_codes_of_a_picture_come_from_left_to_right_each_once() -> None:
    wall = _on_wall(_qr("ONE"), _qr("TWO"), _qr("ONE"), _qr("THREE"))
    assert [reading.text for reading in read_codes(wall)] == ["ONE", "TWO", "THREE"]


def test_a_bar_code_beside_a_qr_code_is_read_when_every_code_is_asked_for() -> None:
    wall = _on_wall(_qr("HTTPS://R.EXAMPLE/0123456789A"), barcode_picture("4006381333931"))
    assert [reading.symbology for reading in read_codes(wall)] == ["QRCode"]
    assert {reading.symbology for reading in read_codes(wall, every=True)} == {"QRCode", "EAN13"}


def test_a_code_that_holds_only_blanks_is_no_reading() -> None:
    assert [reading.text for reading in read_codes(_on_wall(_qr(" \r\n"), _qr("TWO")))] == ["TWO"]


def test_a_light_code_on_dark_is_read() -> None:
    negative = _on_wall(_qr("NEGATIVE")).point([255 - value for value in range(256)])
    assert [reading.text for reading in read_codes(negative)] == ["NEGATIVE"]


def test_a_small_dim_or_noisy_code_is_rescued() -> None:
    noise = Image.effect_noise((300, 300), 60)
    noisy = Image.blend(_qr("NOISY").resize((300, 300)), noise, 0.6)
    dim = _on_wall(_qr("DIM")).point([20 + value // 32 for value in range(256)])
    for name, picture in (("NOISY", noisy), ("DIM", dim)):
        assert [reading.text for reading in read_codes(picture)] == [name]


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (640, 480)])
def test_a_picture_without_a_code_gives_no_reading(size: tuple[int, int]) -> None:
    assert read_codes(Image.new("L", size, 128)) == []
    assert read_codes(Image.new("RGB", size, "red")) == []


def test_a_file_without_a_code_is_a_failure_with_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "wall.png"
    Image.new("L", (300, 200), 128).save(path)
    with pytest.raises(Failure) as caught:
        read_picture(str(path))
    assert (caught.value.code, caught.value.exit_code) == ("no_code", UNREADABLE)
    assert "radar scan CODE" in caught.value.hint
    assert "wall.png" in str(caught.value)


@pytest.mark.parametrize("text", ["Associação", "Tür Schacht", "Лифт 7", "泵房 2 号", "مصعد"])
def test_both_engines_give_utf8_as_it_is_and_guess_nothing(need: Need, text: str) -> None:
    picture = _qr(text, encoding="utf-8", eci=False, mode="byte")
    assert [reading.text for reading in read_codes(picture)] == [text]
    need("libzbar0", not zbar.is_missing())
    assert [(reading.raw, reading.text) for reading in zbar.read(picture)] == [
        (text.encode(), text)
    ]


def test_bytes_that_are_not_utf8_are_kept_and_shown_alike_by_both_engines(need: Need) -> None:
    raw = bytes([0x41, 0xE9, 0x80, 0xFF, 0x42])
    picture = _qr(raw, mode="byte")
    expected = [(raw, "A\\xe9\\x80\\xffB")]
    assert [(reading.raw, reading.text) for reading in read_codes(picture)] == expected
    need("libzbar0", not zbar.is_missing())
    assert [(reading.raw, reading.text) for reading in zbar.read(picture)] == expected


@pytest.mark.parametrize(
    ("symbology", "text"),
    [
        ("QRCode", "PUMP-417"),
        ("EAN13", "4006381333931"),
        ("EAN8", "96385074"),
        ("UPCA", "036000291452"),
        ("UPCE", "01234565"),
        ("Code128", "PUMP-00417/B"),
        ("Code93", "PUMP-417"),
    ],
)
def test_zbar_spells_a_code_as_zxing_does(need: Need, symbology: str, text: str) -> None:
    need("libzbar0", not zbar.is_missing())
    picture = _on_wall(barcode_picture(text, symbology))
    ours = [(reading.raw, reading.engine) for reading in zbar.read(picture)]
    theirs = [reading.raw for reading in read_codes(picture)]
    assert ours == [(raw, "zbar") for raw in theirs]


def test_zbar_keeps_quiet_and_its_noisy_decoders_stay_off(need: Need, tmp_path: Path) -> None:
    need("libzbar0", not zbar.is_missing())
    program = """
        from PIL import Image
        from pyzbar import pyzbar
        from scanners import zbar
        from scanners.darkroom import photograph
        from scanners.labels import barcode_picture
        stacked = barcode_picture("01234567890128", "DataBarOmni")
        print(len(pyzbar.decode(stacked)), len(zbar.read(stacked)))
        for seed in range(8):
            tag = barcode_picture("PUMP-00417 " * 4, "PDF417", module_px=3)
            zbar.read(photograph(tag, seed, badness=0.5).convert("L"))
    """
    done = run_program(program, tmp_path)
    assert (done.stdout, done.stderr) == ("1 0\n", "")


def test_without_zbar_zxing_serves_alone_and_says_so_without_a_child(tmp_path: Path) -> None:
    # The interpreter of the child cannot load any library of ZBar's name, and may not start
    # a process: pyzbar's own search would run ldconfig and a compiler.
    (tmp_path / "sitecustomize.py").write_text(
        textwrap.dedent("""
            import ctypes, sys

            class CDLL(ctypes.CDLL):
                def __init__(self, name, *args, **kwargs):
                    if name and "zbar" in name:
                        raise OSError(name + ": cannot open shared object file")
                    super().__init__(name, *args, **kwargs)

            ctypes.CDLL = CDLL

            def refuse(event, args):
                if event in {"subprocess.Popen", "os.system", "os.posix_spawn", "os.fork"}:
                    raise RuntimeError("a child was started: " + str(args))

            sys.addaudithook(refuse)
        """)
    )
    program = """
        from PIL import Image
        from scanners.decode import read_codes, zbar_missing
        from scanners.labels import barcode_picture
        print(zbar_missing(), read_codes(Image.new("L", (99, 99))))
        print(read_codes(barcode_picture("4006381333931"))[0].text)
    """
    done = run_program(program, tmp_path)
    assert (done.stdout, done.stderr) == ("True []\n4006381333931\n", "")


def test_where_pyzbar_is_not_installed_zbar_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / "pyzbar.py").write_text("raise ImportError('not installed')\n")
    done = run_program("from scanners.decode import zbar_missing\nprint(zbar_missing())", tmp_path)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_zbar_is_here(need: Need) -> None:
    need("libzbar0", not zbar_missing())


def test_reading_an_easy_photo_imports_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    _on_wall(_qr("HTTPS://R.EXAMPLE/0123456789A")).save(path)
    program = f"""
        import sys
        from scanners.decode import read_picture
        print(read_picture({str(path)!r})[0].text)
        loaded = {{name.partition(".")[0] for name in sys.modules}}
        print(sorted(loaded & {{"numpy", "pyzbar", "ctypes", "dataclasses", "json", "segno"}}))
        print("PIL.ImageFilter" in sys.modules, "PIL.PngImagePlugin" in sys.modules)
    """
    done = run_program(program, tmp_path)
    assert done.stdout == "HTTPS://R.EXAMPLE/0123456789A\n[]\nFalse False\n"
