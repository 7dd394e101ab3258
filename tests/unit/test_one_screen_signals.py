"""Each tone has a pattern of its own, heard and felt, and nobody waits for it."""

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from radar_cli.one_screen.signals import PATTERNS, PROGRAM, Signals
from tests.stand_ins import FOREVER, is_gone, only, process_of, program

HEARD_S = 20.0
NOTES = "open(__file__ + '.all', 'a').write(' '.join(sys.argv[1:]) + '\\n')"


@pytest.fixture
def rung() -> queue.SimpleQueue[None]:
    return queue.SimpleQueue()


@pytest.fixture
def signals(tmp_path: Path, rung: queue.SimpleQueue[None]) -> Iterator[Signals]:
    one = Signals(only(tmp_path), lambda: rung.put(None))
    one.open()
    yield one
    assert one.close(HEARD_S)


@pytest.mark.parametrize("tone", PATTERNS)
def test_a_tone_is_told_by_how_often_it_rings_and_how_long_it_vibrates(
    tmp_path: Path, tone: str
) -> None:
    path = program(tmp_path, PROGRAM, NOTES)
    rung: queue.SimpleQueue[None] = queue.SimpleQueue()
    signals = Signals(only(tmp_path), lambda: rung.put(None))
    signals.open()
    signals.tell(tone)
    for _ in PATTERNS[tone]:
        rung.get(timeout=HEARD_S)
    with pytest.raises(queue.Empty):
        rung.get(timeout=1.0)
    assert signals.close(HEARD_S)
    strokes = Path(f"{path}.all").read_text().splitlines()
    assert strokes == [f"-f -d {stroke_ms}" for stroke_ms in PATTERNS[tone]]


def test_the_patterns_are_not_alike() -> None:
    assert len(set(PATTERNS.values())) == len(PATTERNS) == 3


def test_what_has_no_pattern_is_not_heard(signals: Signals, rung: queue.SimpleQueue[None]) -> None:
    signals.tell("plain")
    signals.tell("")
    with pytest.raises(queue.Empty):
        rung.get(timeout=0.5)


def test_a_new_tone_cuts_off_the_one_before(
    signals: Signals, rung: queue.SimpleQueue[None]
) -> None:
    signals.tell("bad")
    rung.get(timeout=HEARD_S)
    signals.tell("good")
    rung.get(timeout=HEARD_S)
    with pytest.raises(queue.Empty):
        rung.get(timeout=1.5)


def test_a_program_that_hangs_is_ended_with_the_rest(
    tmp_path: Path, rung: queue.SimpleQueue[None]
) -> None:
    path = program(tmp_path, PROGRAM, FOREVER)
    signals = Signals(only(tmp_path), lambda: rung.put(None))
    signals.open()
    signals.tell("bad")
    process = process_of(path)
    assert signals.close(HEARD_S)
    assert is_gone(process)
