"""The one screen in a real terminal with its camera open: however it ends, no process is left."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.phones import code, new_phone, site_centre
from tests.stand_ins import filming, frame, is_gone, only, process_of

F5 = b"\x1b[15~"
GOES_IN_S = 30.0


@contextmanager
def screen(home: Path, programs: Path) -> Generator[tuple[int, int]]:
    """Open the screen in a terminal of 45 x 40; yield the terminal's end and the process."""
    terminal, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 45, 0, 0))
    environ = only(programs) | {
        "RADAR_HOME": str(home),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
    }
    command = [sys.executable, "-m", "radar_cli"]
    process = subprocess.Popen(
        command, env=environ, stdin=inner, stdout=inner, stderr=inner, start_new_session=True
    )
    os.close(inner)
    try:
        yield terminal, process.pid
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def children(process: int) -> set[int]:
    """Return what a process has begun and not waited for, by whichever of its threads."""
    listed = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
    return {int(child) for child in " ".join(listed).split()}


def until(terminal: int, words: str) -> None:
    """Read what is drawn until some words were."""
    drawn = b""
    end_s = time.monotonic() + GOES_IN_S
    while words.encode() not in drawn:
        assert time.monotonic() < end_s, drawn[-2000:]
        if select.select([terminal], [], [], 0.1)[0]:
            drawn += os.read(terminal, 65536)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_no_camera_is_left_when_the_screen_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    guard = new_phone(tmp_path / "phone", site_centre(), "G1")
    camera = filming(tmp_path / "bin", [frame(code("GATE"))])
    with screen(guard.world.home, tmp_path / "bin") as (terminal, process):
        until(terminal, "Scan, or type a code")
        os.write(terminal, F5)
        until(terminal, "SAVED")
        filmed = process_of(camera)
        begun = children(process)
        assert filmed in begun
        try:
            os.kill(process, number)
            assert is_gone(filmed)
            assert is_gone(process)
        finally:
            for child in begun - {filmed}:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
    assert [kind for kind, _ in guard.actions()] == ["scan"]
