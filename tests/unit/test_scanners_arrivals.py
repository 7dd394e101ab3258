"""A watched folder tells of each new picture once, when it is wholly written."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from radar_core.failures import FAILED, Failure
from scanners.arrivals import STILL_S, Arrivals, Mark
from scanners.folder import LOOK_S, new_pictures

OLD, NEW, GROWN = Mark(1, 10, 100), Mark(2, 20, 200), Mark(2, 30, 300)


def test_what_lay_there_is_never_told() -> None:
    arrivals = Arrivals({"old": OLD})
    assert [arrivals.look({"old": OLD}, now) for now in (0.0, 10.0)] == [[], []]
    assert arrivals.look({"renamed": OLD}, 20.0) == []


def test_a_picture_is_told_once_when_it_has_been_still() -> None:
    arrivals = Arrivals({})
    looks = [(NEW, 0.0), (NEW, 0.9), (GROWN, 1.5), (GROWN, 2.4), (GROWN, 2.5), (GROWN, 9.0)]
    told = [arrivals.look({"a.jpg": mark}, now) for mark, now in looks]
    assert told == [[], [], [], [], ["a.jpg"], []]
    assert arrivals.look({"b.jpg": GROWN}, 20.0) == [], "renamed, it is the same picture"
    assert arrivals.look({"b.jpg": NEW}, 21.0) == []
    assert arrivals.look({"b.jpg": NEW}, 22.0) == ["b.jpg"], "written anew, it is another"


def test_an_empty_file_is_waited_for_and_one_that_goes_is_forgotten() -> None:
    arrivals = Arrivals({})
    empty = Mark(3, 0, 1)
    assert [arrivals.look({"a": empty, "b": NEW}, 0.0), arrivals.look({"a": empty}, 5.0)] == [
        [],
        [],
    ]
    assert arrivals.look({"b": NEW}, 6.0) == []
    assert arrivals.look({"b": NEW}, 6.0 + STILL_S) == ["b"]


def test_one_file_under_two_names_is_one_picture() -> None:
    arrivals = Arrivals({})
    arrivals.look({"a": NEW, "b": NEW}, 0.0)
    assert arrivals.look({"a": NEW, "b": NEW}, 1.0) == ["a"]


def pictures(folder: Path, *steps: object) -> Iterator[str]:
    """Watch a folder in which each sleep is a step, on a clock of its own."""
    left = list(steps)
    now_s = 0.0

    def sleep(for_s: float) -> None:
        nonlocal now_s
        now_s += for_s
        if not left:
            raise InterruptedError
        step = left.pop(0)
        if callable(step):
            step()

    try:
        yield from new_pictures(str(folder), lambda: now_s, sleep)
    except InterruptedError:
        return


def test_pictures_are_told_by_their_paths_and_nothing_else_is(tmp_path: Path) -> None:
    def write() -> None:
        for name in ("a.jpg", "B.PNG", ".hidden.jpg", "a.txt", "c.jpg.part"):
            (tmp_path / name).write_bytes(b"x")
        (tmp_path / "folder.jpg").mkdir()
        (tmp_path / "dangling.jpg").symlink_to("nowhere")
        os.mkfifo(tmp_path / "pipe.jpg")

    def rename() -> None:
        (tmp_path / "c.jpg.part").rename(tmp_path / "c.jpg")

    (tmp_path / "old.jpg").write_bytes(b"x")
    told = list(pictures(tmp_path, write, None, None, rename, *[None] * 5))
    assert told == [f"{tmp_path}/{name}" for name in ("B.PNG", "a.jpg", "c.jpg")]
    assert LOOK_S < STILL_S


def test_a_folder_that_goes_is_a_failure(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(Failure) as caught:
        list(pictures(folder, None, folder.rmdir))
    assert (caught.value.code, caught.value.exit_code) == ("folder_unreadable", FAILED)
