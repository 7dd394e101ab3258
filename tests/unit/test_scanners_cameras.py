"""A camera's pictures come from real programs: good ones, and ones that hang, die and lie."""

import time
from pathlib import Path

import pytest
from PIL import Image

from radar_core.failures import UNREADABLE, Failure
from scanners import cameras
from scanners.cameras import FRAME_PX, open_camera
from tests.stand_ins import FOREVER, filming, is_gone, only, process_of, program, wall, words_of

PHOTOGRAPH = "Image.new('L', (640, 480), 99).save(sys.argv[3])"


def soon(seconds: float = 20.0) -> float:
    return time.monotonic() + seconds


def fails(folder: Path, device: str = "") -> Failure:
    with pytest.raises(Failure) as caught, open_camera(device, only(folder)) as shots:
        shots(soon())
    assert caught.value.exit_code == UNREADABLE
    return caught.value


def test_frames_come_from_ffmpeg_in_grey_and_of_one_size(tmp_path: Path) -> None:
    path = filming(tmp_path, [Image.new("L", FRAME_PX, 50), Image.new("L", FRAME_PX, 60)])
    with open_camera("", only(tmp_path)) as shots:
        for grey in (50, 60, 60):
            shot = shots(soon())
            assert isinstance(shot, Image.Image)
            assert (shot.mode, shot.size, shot.getextrema()) == ("L", FRAME_PX, (grey, grey))
    assert is_gone(process_of(path))
    words = words_of(path)
    assert words[words.index("-i") + 1] == "/dev/video0"
    assert words[words.index("-f") + 1] == "v4l2"
    assert words[words.index("-pix_fmt") + 1] == "gray"
    assert words[words.index("-video_size") + 1] == "1280x720"
    assert words[-1] == "pipe:1"


@pytest.mark.parametrize(
    ("device", "named"), [("/dev/video2", "/dev/video2"), ("1", "/dev/video1"), ("usb", "usb")]
)
def test_a_device_is_a_path_or_a_number(tmp_path: Path, device: str, named: str) -> None:
    path = filming(tmp_path, [wall()])
    with open_camera(device, only(tmp_path)) as shots:
        assert shots(soon())
    words = words_of(path)
    assert words[words.index("-i") + 1] == named


def test_frames_may_be_given_less_often(tmp_path: Path) -> None:
    path = filming(tmp_path, [wall()])
    for rate, begins in ((0, "scale=1280:720"), (10, "fps=10,scale=1280:720")):
        with open_camera("", only(tmp_path), rate=rate) as shots:
            assert shots(soon())
        words = words_of(path)
        assert words[words.index("-vf") + 1].startswith(begins)


def test_a_photograph_is_taken_by_termux_each_time_anew(tmp_path: Path) -> None:
    path = program(tmp_path, "termux-camera-photo", f"from PIL import Image; {PHOTOGRAPH}")
    filming(tmp_path, [wall()])
    taken: list[str] = []
    with open_camera("", only(tmp_path)) as shots:
        for _ in range(2):
            shot = shots(soon())
            assert isinstance(shot, str)
            with Image.open(shot) as picture:
                assert picture.size == (640, 480)
            taken.append(shot)
    assert words_of(path) == ["-c", "0", taken[0]]
    assert not Path(taken[0]).parent.exists()
    with open_camera("1", only(tmp_path)) as shots:
        assert shots(soon())
    assert words_of(path)[:2] == ["-c", "1"]


def test_a_path_is_filmed_even_where_termux_is(tmp_path: Path) -> None:
    program(tmp_path, "termux-camera-photo", FOREVER)
    filming(tmp_path, [wall()])
    with open_camera("/dev/video0", only(tmp_path)) as shots:
        assert isinstance(shots(soon()), Image.Image)


def test_without_a_program_it_says_what_to_install(tmp_path: Path) -> None:
    failure = fails(tmp_path)
    assert failure.code == "no_camera_program"
    assert "apt install ffmpeg" in failure.hint


def test_a_camera_that_dies_in_mid_frame_fails_with_its_last_words(tmp_path: Path) -> None:
    body = "os.write(1, bytes(5000)); os.write(2, b'/dev/video0: Input/output error\\n')"
    program(tmp_path, "ffmpeg", body)
    failure = fails(tmp_path)
    assert failure.code == "camera_fails"
    assert str(failure) == (
        "The camera /dev/video0 gives no pictures (/dev/video0: Input/output error)."
    )


def test_a_camera_that_dies_without_a_word_fails_too(tmp_path: Path) -> None:
    program(tmp_path, "ffmpeg", "sys.exit(3)")
    assert fails(tmp_path).values["reason"] == ("its program ended and said nothing", {})


def test_a_photograph_that_is_not_there_fails_with_what_the_program_said(tmp_path: Path) -> None:
    program(tmp_path, "termux-camera-photo", "sys.exit('Permission denied')")
    failure = fails(tmp_path)
    assert (failure.code, failure.values["reason"]) == ("camera_fails", "Permission denied")
    program(tmp_path, "termux-camera-photo", "open(sys.argv[3], 'w').close()")
    assert fails(tmp_path).code == "camera_fails"


@pytest.mark.parametrize("name", ["ffmpeg", "termux-camera-photo"])
def test_a_camera_that_hangs_is_given_up_and_ended(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cameras, "SILENT_S_MAX", 1.0)
    monkeypatch.setattr(cameras, "PHOTOGRAPH_S_MAX", 1.0)
    path = program(tmp_path, name, f"os.write(1, bytes(5000)); {FOREVER}")
    failure = fails(tmp_path)
    assert (failure.code, failure.values["seconds"]) == ("camera_hangs", 1)
    assert is_gone(process_of(path))


@pytest.mark.parametrize("name", ["ffmpeg", "termux-camera-photo"])
def test_nothing_comes_when_the_time_is_up_before(tmp_path: Path, name: str) -> None:
    path = program(tmp_path, name, FOREVER)
    with open_camera("", only(tmp_path)) as shots:
        assert shots(soon(0.5)) is None
    assert is_gone(process_of(path))
