"""A terminal for tests: a real process on a pseudo-terminal, and what a person would see there."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

from tests.e2e.world import RADAR, environment

PATIENCE_S = 40.0
LOOK_S = 0.02
FOREIGN_TO_PYTE = (b"\x1b[<u", b"\x1b[?2026$p", b"\x1b[?2048$p")
"""What Textual asks of a terminal and pyte would print."""


class Terminal:
    """`radar WORDS` in a window of some columns and rows; close it when done.

    It is a session of its own, as in a window: closing the window hangs it up.
    """

    def __init__(
        self,
        home: Path,
        *words: str,
        size: tuple[int, int] = (45, 40),
        behind: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._size = size
        self._ours, theirs = pty.openpty()
        self.resize(*size)
        # A session's leader gets the first terminal that it opens for its own.
        name = os.ttyname(theirs)
        script = 'exec "$@" <"$ON" >"$ON" 2>&1'
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", script, "sh", *behind, RADAR, *words],
            env=environment(home, **{"TERM": "xterm-256color", "ON": name, **(environ or {})}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._theirs = theirs
        self._came = bytearray()
        self._lock = threading.Lock()
        self.raw = bytearray()
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                some = os.read(self._ours, 2**16)
            except OSError:
                return
            if not some:
                return
            with self._lock:
                self._came += some

    def resize(self, columns: int, rows: int) -> None:
        """Make the window another size, as dragging its corner does."""
        self._size = columns, rows
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        """Type keys, all at once."""
        os.write(self._ours, text.encode())

    def seen(self) -> str:
        """Return what stands on the screen now, line by line."""
        with self._lock:
            came, self._came = bytes(self._came), bytearray()
        self.raw += came
        for one in FOREIGN_TO_PYTE:
            came = came.replace(one, b"")
        columns, rows = self._size
        if (self._screen.columns, self._screen.lines) != (columns, rows):
            self._screen.resize(rows, columns)
        self._stream.feed(came)
        return "\n".join(self._screen.display)

    def wait_for(self, *words: str, gone: bool = False) -> str:
        """Wait until all words are on the screen, or gone from it; return what is there."""
        until = time.monotonic() + PATIENCE_S
        while True:
            seen = self.seen()
            if all((word in seen) is not gone for word in words):
                return seen
            if time.monotonic() > until or self.process.poll() is not None:
                raise AssertionError(f"{words} in vain (exit {self.process.poll()}):\n{seen}")
            time.sleep(LOOK_S)

    def signal(self, how: signal.Signals) -> None:
        """Send the program a signal."""
        self.process.send_signal(how)

    def wait_until(self, what: Callable[[], object]) -> None:
        """Wait until something is so."""
        until = time.monotonic() + PATIENCE_S
        while not what():
            assert time.monotonic() < until, f"in vain:\n{self.seen()}"
            time.sleep(LOOK_S / 2)

    def is_stopped(self) -> bool:
        """Tell whether the program rests."""
        return "(stopped)" in Path(f"/proc/{self.process.pid}/status").read_text()

    def is_heard(self) -> bool:
        """Tell whether keys come to the program one by one."""
        return not termios.tcgetattr(self._theirs)[3] & termios.ICANON

    def ended(self) -> int:
        """Wait for the program's end and return its exit code."""
        code = self.process.wait(PATIENCE_S)
        self.seen()
        return code

    def mode(self) -> list[object]:
        """Return how the terminal is set, to be compared."""
        return termios.tcgetattr(self._theirs)

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._theirs)
        os.close(self._ours)
        self._theirs = self._ours = -1

    def close(self) -> None:
        """Leave nothing of it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE_S)
        if self._ours >= 0:
            os.close(self._theirs)
            self._reader.join(PATIENCE_S)
            os.close(self._ours)
