"""Where there is no camera: each new picture in a folder is read, shown and told of."""

import contextlib
import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from radar_cli.one_screen.folder import TERMUX_PHOTOS, Folder, has_camera, photos_of
from radar_core.failures import Failure
from tests.phones import code
from tests.stand_ins import frame, only, program, wall
from tests.unit.test_one_screen_camera import HEARD_S, Heard, nothing


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def watching(heard: Heard) -> Iterator[Callable[[Path], Folder]]:
    opened: list[Folder] = []

    def watch(folder: Path) -> Folder:
        opened.append(Folder(heard.ear, str(folder), nothing))
        opened[-1].open()
        return opened[-1]

    yield watch
    assert all(folder.close(HEARD_S) for folder in opened)


def test_a_new_picture_is_read_and_shown_and_one_without_a_code_ends_nothing(
    tmp_path: Path, heard: Heard, watching: Callable[[Path], Folder]
) -> None:
    frame(code("ROOF")).save(tmp_path / "old.png")
    assert watching(tmp_path).via == "picture"
    failure: Failure | None = None
    end_s = time.monotonic() + HEARD_S
    while failure is None:  # what lies there at its first look stays, and that may be to come
        assert time.monotonic() < end_s
        wall().save(tmp_path / "dark.png")
        with contextlib.suppress(queue.Empty):
            failure = heard.failures.get(timeout=4.0)
    assert failure.code == "no_code"
    assert heard.glimpses.get(timeout=HEARD_S).advice == failure.hint
    frame(code("GATE")).save(tmp_path / "tag.jpg")
    text, seen = heard.codes.get(timeout=HEARD_S)
    assert text.endswith(code("GATE"))
    assert "hash" in seen
    glimpse = heard.glimpses.get(timeout=HEARD_S)
    assert (glimpse.readings[0].text, glimpse.advice) == (text, "")
    assert heard.codes.empty()


def test_a_folder_that_cannot_be_looked_at_is_told(
    tmp_path: Path, heard: Heard, watching: Callable[[Path], Folder]
) -> None:
    watching(tmp_path / "none")
    assert heard.failures.get(timeout=HEARD_S).code == "folder_unreadable"


def test_the_folder_is_what_is_set_or_that_of_the_phones_camera(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    termux = {**home, "TERMUX_VERSION": "0.118"}
    assert photos_of("", termux) == ""
    (tmp_path / TERMUX_PHOTOS).mkdir(parents=True)
    assert photos_of("", termux) == str(tmp_path / TERMUX_PHOTOS)
    assert photos_of("", home) == ""
    assert photos_of("~/in", termux) == str(tmp_path / "in")
    assert photos_of("in", home) == "in"


@pytest.mark.parametrize("name", ["ffmpeg", "termux-camera-photo"])
def test_a_camera_is_there_where_its_program_is(tmp_path: Path, name: str) -> None:
    assert not has_camera(only(tmp_path))
    program(tmp_path, name, "")
    assert has_camera(only(tmp_path))
