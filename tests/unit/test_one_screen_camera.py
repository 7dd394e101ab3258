"""The one screen's camera tells what it sees and each code once, and leaves no process behind."""

import queue
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from commands.scan_live import Known
from radar_cli.one_screen.camera import Camera, Knows, by_phone
from radar_cli.one_screen.eye import Ear, Glimpse
from radar_core.failures import UNREADABLE, Failure
from scanners.agreement import AWAY_S
from scanners.cameras import FRAME_PX
from scanners.labels import label_picture
from tests.paper_centre import PaperCentre
from tests.phones import Handset, code, new_phone
from tests.stand_ins import (
    FOREVER,
    filming,
    frame,
    is_gone,
    only,
    process_of,
    program,
    wall,
    words_of,
)

HEARD_S = 20.0


class Heard:
    """What an eye told, as it came."""

    def __init__(self) -> None:
        self.glimpses: queue.SimpleQueue[Glimpse] = queue.SimpleQueue()
        self.codes: queue.SimpleQueue[tuple[str, Mapping[str, object]]] = queue.SimpleQueue()
        self.failures: queue.SimpleQueue[Failure] = queue.SimpleQueue()
        self.ear = Ear(
            self.glimpses.put,
            lambda text, seen: self.codes.put((text, seen)),
            self.failures.put,
            self.failures.put,
        )


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def looking(heard: Heard) -> Iterator[Callable[[Path, Knows], Camera]]:
    """Yield what opens a camera in a folder of programs; all are closed at the end."""
    opened: list[Camera] = []

    def look(folder: Path, knows: Knows) -> Camera:
        opened.append(Camera(heard.ear, only(folder), knows))
        opened[-1].open()
        return opened[-1]

    yield look
    assert all(camera.close(HEARD_S) for camera in opened)


@contextmanager
def nothing() -> Generator[Known]:
    """Know no code more than another."""
    yield lambda _: None


Looking = Callable[[Path, Knows], Camera]


def children() -> set[int]:
    listed = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
    return {int(child) for child in " ".join(listed).split()}


def test_a_code_is_told_with_its_fingerprint_and_marked_in_what_is_shown(
    tmp_path: Path, heard: Heard, looking: Looking
) -> None:
    shown = frame(code("GATE"))
    filming(tmp_path, [wall(), shown])
    camera = looking(tmp_path, nothing)
    text, seen = heard.codes.get(timeout=HEARD_S)
    assert text.endswith(code("GATE"))
    assert {"hash", "light", "sharp"} <= seen.keys()
    dark = heard.glimpses.get(timeout=HEARD_S)
    assert (dark.picture.size, dark.full, dark.readings) == (FRAME_PX, FRAME_PX, ())
    assert dark.advice.startswith("Too dark")
    while not (found := heard.glimpses.get(timeout=HEARD_S)).readings:
        pass
    assert (found.readings[0].text, found.advice) == (text, "")
    assert camera.via == "camera"


def test_a_code_that_stays_is_told_once_and_the_next_one_too(
    tmp_path: Path, heard: Heard, looking: Looking
) -> None:
    frames = [frame(code("GATE"), seed) for seed in (1, 2, 3)] + [frame(code("ROOF"))]
    filming(tmp_path, frames)
    looking(tmp_path, nothing)
    told = [heard.codes.get(timeout=HEARD_S)[0][-11:] for _ in range(2)]
    assert told == [code("GATE"), code("ROOF")]
    for _ in range(5):
        heard.glimpses.get(timeout=HEARD_S)
    assert heard.codes.empty()


def test_a_code_that_was_away_is_told_again(tmp_path: Path, heard: Heard, looking: Looking) -> None:
    frames = [frame(code("GATE")), *[wall()] * round(3 * AWAY_S / 0.03), frame(code("GATE"), 2)]
    filming(tmp_path, frames)
    looking(tmp_path, nothing)
    told = [heard.codes.get(timeout=HEARD_S)[0][-11:] for _ in range(2)]
    assert told == [code("GATE")] * 2


def test_of_two_labels_the_one_that_the_phone_knows_counts(
    tmp_path: Path, heard: Heard, looking: Looking, centre: PaperCentre
) -> None:
    guard: Handset = new_phone(tmp_path / "phone", centre, "G1")
    shown = Image.new("L", FRAME_PX, 200)
    for left, name in ((40, "NOWHERE"), (660, "GATE")):
        label = label_picture(f"HTTPS://R.EXAMPLE/{code(name)}", code(name), name)
        shown.paste(label.convert("L").resize((560, 560)), (left, 80))
    filming(tmp_path / "bin", [shown])
    looking(tmp_path / "bin", by_phone(guard.world.workplace()))
    assert heard.codes.get(timeout=HEARD_S)[0].endswith(code("GATE"))


def test_photographs_of_termux_are_shown_and_read(
    tmp_path: Path, heard: Heard, looking: Looking
) -> None:
    frame(code("GATE")).resize((2560, 1440)).save(tmp_path / "tag.jpg")
    copy = f"import shutil; shutil.copy({str(tmp_path / 'tag.jpg')!r}, sys.argv[3])"
    program(tmp_path / "bin", "termux-camera-photo", copy)
    looking(tmp_path / "bin", nothing)
    assert heard.codes.get(timeout=HEARD_S)[0].endswith(code("GATE"))
    glimpse = heard.glimpses.get(timeout=HEARD_S)
    assert (glimpse.picture.size, glimpse.full) == ((320, 180), (2560, 1440))
    corners = [at for reading in glimpse.readings for corner in reading.corners for at in corner]
    assert max(corners) > 320


def test_it_stops_at_once_and_leaves_no_process(
    tmp_path: Path, heard: Heard, looking: Looking
) -> None:
    before = children()
    path = filming(tmp_path, [frame(code("GATE"))])
    camera = looking(tmp_path, nothing)
    heard.codes.get(timeout=HEARD_S)
    assert any(word.startswith("fps=10,") for word in words_of(path))
    assert len(children() - before) == 2, "the camera's program and the reader"
    assert camera.close(HEARD_S)
    assert is_gone(process_of(path))
    assert children() == before
    while not heard.glimpses.empty():
        heard.glimpses.get()
    time.sleep(0.3)
    assert heard.glimpses.empty()
    assert heard.failures.empty()


@pytest.mark.parametrize("name", ["ffmpeg", "termux-camera-photo"])
def test_a_camera_that_is_silent_is_closed_without_waiting_for_it(
    tmp_path: Path, heard: Heard, looking: Looking, name: str
) -> None:
    path = program(tmp_path, name, FOREVER)
    camera = looking(tmp_path, nothing)
    assert process_of(path)
    since_s = time.monotonic()
    assert camera.close(HEARD_S)
    assert time.monotonic() - since_s < 4.0, "its own patience is 5 s and more"
    assert is_gone(process_of(path))
    assert heard.failures.empty()


def test_without_a_camera_or_with_one_that_dies_it_says_why(
    tmp_path: Path, heard: Heard, looking: Looking
) -> None:
    looking(tmp_path, nothing)
    failure = heard.failures.get(timeout=HEARD_S)
    assert (failure.code, failure.exit_code) == ("no_camera_program", UNREADABLE)
    program(tmp_path, "ffmpeg", "sys.exit('no such device')")
    looking(tmp_path, nothing)
    assert heard.failures.get(timeout=HEARD_S).code == "camera_fails"


def test_a_phone_that_is_none_is_told_and_not_raised_in_the_thread(
    tmp_path: Path, heard: Heard, looking: Looking, centre: PaperCentre
) -> None:
    guard: Handset = new_phone(tmp_path / "phone", centre, "G1")
    guard.world.home = tmp_path / "nowhere"
    filming(tmp_path / "bin", [wall()])
    looking(tmp_path / "bin", by_phone(guard.world.workplace()))
    assert heard.failures.get(timeout=HEARD_S).code == "not_enrolled"
