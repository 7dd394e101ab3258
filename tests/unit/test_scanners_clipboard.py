"""What was copied, by the programs that there are for it: bounded, and named where they fail."""

import io
from pathlib import Path

import pytest
from PIL import Image

from radar_core.failures import UNREADABLE, Failure
from scanners import clipboard
from scanners.clipboard import read_clipboard
from tests.stand_ins import FOREVER, is_gone, only, process_of, program

OFFERS = """
offered = {offered!r}
asked = sys.argv[-1]
if asked in ("--list-types", "TARGETS"):
    print("\\n".join(offered))
else:
    sys.stdout.buffer.write(offered[asked])
"""
SCREENS = {"wl-paste": "WAYLAND_DISPLAY", "xclip": "DISPLAY"}


def picture(form: str) -> bytes:
    file = io.BytesIO()
    Image.new("L", (20, 20), 120).save(file, form)
    return file.getvalue()


def copied(folder: Path, name: str, offered: dict[str, bytes]) -> bytes | str:
    program(folder, name, OFFERS.format(offered=offered))
    return read_clipboard({**only(folder), SCREENS[name]: "there"})


def fails(environ: dict[str, str]) -> Failure:
    with pytest.raises(Failure) as caught:
        read_clipboard(environ)
    assert caught.value.exit_code == UNREADABLE
    return caught.value


@pytest.mark.parametrize("name", SCREENS)
def test_a_picture_is_taken_rather_than_a_text_and_png_rather_than_others(
    tmp_path: Path, name: str
) -> None:
    png, jpeg, bmp = picture("PNG"), picture("JPEG"), picture("BMP")
    offered = {"UTF8_STRING": b"x", "image/bmp": bmp, "image/jpeg": jpeg, "image/png": png}
    assert copied(tmp_path, name, offered) == png
    del offered["image/png"]
    assert copied(tmp_path, name, offered) == jpeg
    del offered["image/jpeg"]
    assert copied(tmp_path, name, offered) == bmp


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("kind", ["text/plain;charset=utf-8", "UTF8_STRING", "text/plain"])
def test_a_text_is_taken_without_the_blanks_around_it(tmp_path: Path, name: str, kind: str) -> None:
    offered = {"TIMESTAMP": b"17", kind: " 水泵 \n".encode()}
    assert copied(tmp_path, name, offered) == "水泵"


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("offered", [{}, {"TIMESTAMP": b"17"}, {"text/plain": b" \n"}])
def test_an_empty_clipboard_is_told(tmp_path: Path, name: str, offered: dict[str, bytes]) -> None:
    program(tmp_path, name, OFFERS.format(offered=offered))
    assert fails({**only(tmp_path), SCREENS[name]: "there"}).code == "clipboard_empty"


def test_a_program_that_finds_no_clipboard_says_nothing_on_our_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path, "wl-paste", "sys.exit('Nothing is copied')")
    assert fails(only(tmp_path)).code == "clipboard_empty"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("text", ["two\nlines", "x" * 30_000])
def test_what_is_longer_than_a_code_is_refused(tmp_path: Path, text: str) -> None:
    program(tmp_path, "termux-clipboard-get", f"print({text!r})")
    assert fails(only(tmp_path)).code == "clipboard_no_code"


def test_termux_gives_the_text_that_was_copied(tmp_path: Path) -> None:
    program(tmp_path, "termux-clipboard-get", "print('2Z95-QKPN-PVG')")
    assert read_clipboard(only(tmp_path)) == "2Z95-QKPN-PVG"


def test_pbpaste_gives_the_text_that_was_copied(tmp_path: Path) -> None:
    program(tmp_path, "pbpaste", "print('2Z95-QKPN-PVG')")
    assert read_clipboard(only(tmp_path)) == "2Z95-QKPN-PVG"


def test_a_picture_that_is_too_large_is_refused_and_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "FILE_BYTES_MAX", 1000)
    endless = "while sys.argv[-1] == 'image/png': os.write(1, bytes(9999))"
    path = program(tmp_path, "wl-paste", f"print('image/png', flush=True)\n{endless}")
    assert fails(only(tmp_path)).code == "clipboard_too_large"
    assert is_gone(process_of(path))


def test_a_program_that_hangs_is_given_up_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "CLIPBOARD_S_MAX", 0.5)
    path = program(tmp_path, "termux-clipboard-get", FOREVER)
    assert fails(only(tmp_path)).code == "clipboard_hangs"
    assert is_gone(process_of(path))


@pytest.mark.parametrize("screen", ["DISPLAY", ""])
def test_without_a_program_it_says_what_to_install(tmp_path: Path, screen: str) -> None:
    if screen:
        program(tmp_path, "wl-paste", FOREVER)
    failure = fails({**only(tmp_path), **({screen: "there"} if screen else {})})
    assert failure.code == "no_clipboard_program"
    assert "wl-clipboard" in failure.hint
