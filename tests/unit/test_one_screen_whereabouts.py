"""A position is asked for beforehand: whoever scans takes the latest, and never waits."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from radar_cli.one_screen.whereabouts import AGE_S_MAX, Whereabouts, of_phone
from scanners.positions import PROGRAM, Fix
from tests.stand_ins import FOREVER, is_gone, only, process_of, program

HEARD_S = 10.0
HERE = Fix(36.067, 120.382, 8.5, 2.0)


class Asked:
    """A phone that is asked where it is, and answers when the test says what."""

    def __init__(self, every_s: float = 0.0) -> None:
        self.answers: queue.SimpleQueue[Fix | None] = queue.SimpleQueue()
        self.times = 0
        self.now_s = 1000.0
        self.whereabouts = Whereabouts(self.ask, lambda: self.now_s, every_s)

    def ask(self, stopped: Callable[[], bool]) -> Fix | None:
        self.times += 1
        while not stopped():
            try:
                return self.answers.get(timeout=0.02)
            except queue.Empty:
                continue
        return None


@pytest.fixture
def asked() -> Iterator[Asked]:
    one = Asked()
    one.whereabouts.open()
    yield one
    assert one.whereabouts.close(HEARD_S)


def until(holds: Callable[[], object]) -> None:
    end_s = time.monotonic() + HEARD_S
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_it_is_asked_at_the_start_and_the_latest_is_there_at_once(asked: Asked) -> None:
    assert asked.whereabouts.latest() is None
    asked.answers.put(HERE)
    until(asked.whereabouts.latest)
    told = asked.whereabouts.latest()
    assert told is not None
    assert (told["lat"], told["lon"], told["accuracy_m"]) == (36.067, 120.382, 8.5)
    assert "at" in told
    assert asked.times == 1


def test_an_old_position_says_nothing(asked: Asked) -> None:
    asked.answers.put(HERE)
    until(asked.whereabouts.latest)
    asked.now_s += AGE_S_MAX - HERE.age_s
    assert asked.whereabouts.latest() is not None
    asked.now_s += 0.5
    assert asked.whereabouts.latest() is None


def test_a_scan_asks_anew_and_where_there_is_no_fix_the_last_one_holds(asked: Asked) -> None:
    asked.answers.put(HERE)
    until(asked.whereabouts.latest)
    asked.whereabouts.likely()
    asked.answers.put(None)
    until(lambda: asked.times == 2 and asked.answers.empty())
    asked.whereabouts.likely()
    asked.answers.put(Fix(1.0, 2.0, 3.0, 0.0))
    until(lambda: (asked.whereabouts.latest() or {}).get("lat") == 1.0)
    assert asked.times == 3


def test_a_position_that_is_none_is_none(asked: Asked) -> None:
    asked.answers.put(HERE)
    until(asked.whereabouts.latest)
    asked.whereabouts.likely()
    asked.answers.put(Fix(float("nan"), 0.0, 1.0, 0.0))
    until(lambda: asked.whereabouts.latest() is None)


def test_who_scans_on_and_on_has_it_asked_no_more_often_than_it_may() -> None:
    one = Asked(every_s=600.0)
    one.whereabouts.open()
    one.answers.put(HERE)
    until(one.whereabouts.latest)
    for _ in range(100):
        one.whereabouts.likely()
    assert one.whereabouts.close(HEARD_S)
    assert one.times == 1


def test_without_a_scan_nothing_is_asked_again(asked: Asked) -> None:
    asked.answers.put(HERE)
    until(asked.whereabouts.latest)
    time.sleep(0.2)
    assert asked.times == 1


def test_a_program_that_hangs_holds_nothing_up_and_is_ended(tmp_path: Path) -> None:
    path = program(tmp_path, PROGRAM, FOREVER)
    whereabouts = of_phone(only(tmp_path))
    whereabouts.open()
    process = process_of(path)
    assert whereabouts.latest() is None
    assert whereabouts.close(HEARD_S)
    assert is_gone(process)
    assert "Whereabouts" not in {thread.name for thread in threading.enumerate()}
