"""Programs of the system are bounded in time and size, and never outlive who asked them."""

import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType

import pytest

from radar_core.failures import UNREADABLE, Failure
from scanners.programs import Program, Silent, there_is
from tests.stand_ins import FOREVER, is_gone, only, process_of, program


def soon(seconds: float = 10.0) -> float:
    return time.monotonic() + seconds


def test_it_gives_as_much_as_is_asked_for_and_the_rest_at_its_end(tmp_path: Path) -> None:
    path = program(tmp_path, "p", "sys.stdout.buffer.write(bytes(range(256)) * 1000)")
    with Program([str(path)], os.environ) as one:
        assert one.read(200_000, soon()) == (bytes(range(256)) * 1000)[:200_000]
        assert one.read(200_000, soon()) == (bytes(range(256)) * 1000)[200_000:]
        assert one.read(1, soon()) == b""


def test_who_waits_in_vain_is_told_and_loses_nothing_that_came(tmp_path: Path) -> None:
    path = program(tmp_path, "p", f"print('abc', end='', flush=True); {FOREVER}")
    with Program([str(path)], os.environ) as one:
        assert one.read(1, soon()) == b"a"
        with pytest.raises(Silent):
            one.read(3, soon(0.2))
        assert one.read(2, soon()) == b"bc"
    assert is_gone(process_of(path))


def test_a_time_that_is_over_is_over_even_where_more_has_come(tmp_path: Path) -> None:
    path = program(tmp_path, "p", f"os.write(1, b'abc'); os.write(2, b'!'); {FOREVER}")
    with Program([str(path)], os.environ) as one:
        assert one.read(1, soon()) == b"a"
        with pytest.raises(Silent):
            one.read(2, soon(-1.0))
        assert one.read(2, soon()) == b"bc"


def test_a_flood_of_words_ends_no_wait_and_only_the_last_are_kept(tmp_path: Path) -> None:
    flood = "while True: sys.stderr.write('no camera ' * 100 + chr(10))"
    path = program(tmp_path, "p", flood)
    with Program([str(path)], os.environ) as one:
        with pytest.raises(Silent):
            one.read(1, soon(0.5))
        assert len(one.last_words()) <= 120


def test_its_last_words_are_a_line_that_steers_no_terminal(tmp_path: Path) -> None:
    path = program(
        tmp_path, "p", "sys.stderr.write('first\\n\\x1b[31mthe device is busy\\r\\n\\n')"
    )
    with Program([str(path)], os.environ) as one:
        assert one.read(1, soon()) == b""
        assert one.last_words() == "[31mthe device is busy"


def test_what_it_started_ends_with_it(tmp_path: Path) -> None:
    inner = program(tmp_path, "inner", FOREVER)
    outer = program(tmp_path, "outer", f"import subprocess; subprocess.run([{str(inner)!r}])")
    with Program([str(outer)], os.environ) as one:
        assert one.read(0, soon()) == b""
        assert process_of(inner)
    assert is_gone(process_of(inner))
    assert is_gone(process_of(outer))


def test_it_ends_when_we_fail(tmp_path: Path) -> None:
    path = program(tmp_path, "p", f"print('a', flush=True); {FOREVER}")

    def fail() -> None:
        with Program([str(path)], os.environ) as one:
            one.read(1, soon())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert is_gone(process_of(path))


def test_a_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    with Program([str(path)], os.environ) as one, pytest.raises(Failure) as caught:
        one.read(1, soon())
    assert (caught.value.code, caught.value.exit_code) == ("program_fails", UNREADABLE)
    assert str(path) in str(caught.value)


def test_a_program_is_there_when_the_path_has_it(tmp_path: Path) -> None:
    program(tmp_path, "ffmpeg", "")
    assert there_is("ffmpeg", only(tmp_path))
    assert not there_is("xclip", only(tmp_path))


class Ended(Exception):
    """What a test's handler of SIGTERM raises."""


def end(_number: int, _frame: FrameType | None) -> None:
    raise Ended


@pytest.mark.parametrize("after_ms", [0.1, 1, 2, 3, 5, 8, 13, 21])
def test_whenever_we_are_told_to_end_the_program_ends_too(tmp_path: Path, after_ms: float) -> None:
    path = program(tmp_path, "p", FOREVER)
    there = _children_of_ours()
    before = signal.signal(signal.SIGTERM, end)
    on_alarm = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGTERM))
    try:
        with pytest.raises(Ended):
            _waits(path, after_ms)
    finally:
        signal.signal(signal.SIGALRM, on_alarm)
        signal.signal(signal.SIGTERM, before)
    assert _children_of_ours() == there


def _waits(path: Path, after_ms: float) -> None:
    with Program([str(path)], os.environ) as one:
        signal.setitimer(signal.ITIMER_REAL, after_ms / 1000)
        one.read(1, soon())


def _children_of_ours() -> list[str]:
    found = Path(f"/proc/self/task/{os.getpid()}/children")
    return found.read_text().split()


def test_who_is_stopped_waits_no_more_and_loses_nothing_that_came(tmp_path: Path) -> None:
    path = program(tmp_path, "p", f"print('abc', end='', flush=True); {FOREVER}")
    stopped = threading.Event()
    with Program([str(path)], os.environ, stopped.is_set) as one:
        assert one.read(1, soon()) == b"a"
        stopped.set()
        with pytest.raises(Silent):
            one.read(3, soon(60))
        stopped.clear()
        assert one.read(2, soon()) == b"bc"


def test_another_thread_than_the_main_one_has_programs_too(tmp_path: Path) -> None:
    path = program(tmp_path, "p", f"print('abc', end='', flush=True); {FOREVER}")
    given: list[bytes] = []

    def run() -> None:
        with Program([str(path)], os.environ) as one:
            given.append(one.read(3, soon()))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert given == [b"abc"]
    assert is_gone(process_of(path))
