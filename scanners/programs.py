"""Programs of the system that see or hold something for us: bounded, and never left behind."""

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from shutil import which

from radar_core.failures import UNREADABLE, Failure, N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Self

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends us from outside; whoever sets their handlers makes each raise, so that we clear up."""
WORDS_BYTES_MAX = 4096
"""So much of what a program says last is kept."""
WORDS_CHARS_MAX = 120
"""So much of its last line is shown."""
LAST_WORDS_S = 0.5
"""How long its last words are waited for."""
_CHUNK_BYTES = 2**16
_TICK_S = 0.1
"""So often whoever waits asks whether it should go on."""


def never() -> bool:
    """Say that nobody stops us."""
    return False


class Silent(Exception):
    """A program gave nothing for as long as it was waited for."""


class Program:
    """A program in a session of its own; use it in a `with`, whose end ends it and all it started.

    It starts with the first `read`. Its standard input is empty, and what it says on stderr is kept
    off the screen. Only a kill -9 of ourselves leaves it, until it writes into the closed pipe.
    `stopped` is asked ten times a second while it is waited for, and ends a `read` with True.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        stopped: Callable[[], bool] = never,
    ) -> None:
        self._command = list(command)
        self._environ = dict(environ)
        self.stopped = stopped
        self._process: subprocess.Popen[bytes] | None = None
        self._selector = selectors.DefaultSelector()
        self._given = bytearray()
        self._said = b""

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *_: object) -> None:
        with _signals_held():
            self._end()

    def read(self, count: int, until_s: float) -> bytes:
        """Return the next `count` bytes that it gives, fewer where it ends before.

        `until_s` is a time of `time.monotonic`. Raises `Silent` where so many have not come until
        then, or somebody stops us; what has come stays for the next call. Raises `Failure` where it
        cannot be started.
        """
        if self._process is None:
            self._start()
        while len(self._given) < count and "given" in self._open():
            self._hear(until_s, count - len(self._given))
        taken = bytes(self._given[:count])
        del self._given[:count]
        return taken

    def last_words(self) -> str:
        """Return the last line that it said on stderr, without control characters."""
        until_s = time.monotonic() + LAST_WORDS_S
        with suppress(Silent):
            while "said" in self._open():
                self._hear(until_s, 0)
        lines = self._said.decode("utf-8", "replace").split("\n")
        shown = ["".join(filter(str.isprintable, line)).strip() for line in lines]
        return next((line for line in reversed(shown) if line), "")[:WORDS_CHARS_MAX]

    def _open(self) -> set[str]:
        return {str(key.data) for key in self._selector.get_map().values()}

    def _hear(self, until_s: float, most: int) -> None:
        """Take in what comes next, up to `most` bytes of what it gives."""
        ready = self._selector.select(max(0.0, min(_TICK_S, until_s - time.monotonic())))
        if time.monotonic() > until_s or self.stopped():
            raise Silent
        for key, _ in ready:
            asked = _CHUNK_BYTES if key.data == "said" else min(most, _CHUNK_BYTES)
            chunk = os.read(key.fd, asked or _CHUNK_BYTES)
            if not chunk:
                self._selector.unregister(key.fd)
            elif key.data == "said":
                self._said = (self._said + chunk)[-WORDS_BYTES_MAX:]
            elif asked:
                self._given += chunk

    def _start(self) -> None:
        try:
            with _signals_held():
                self._process = subprocess.Popen(
                    self._command,
                    env=self._environ,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                )
        except OSError as error:
            raise Failure(
                "program_fails",
                N_("{program} cannot be started ({reason})."),
                N_("Install it anew, or type the code printed below the tag: radar scan CODE"),
                exit_code=UNREADABLE,
                program=self._command[0],
                reason=error.strerror,
            ) from error
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._selector.register(self._process.stdout, selectors.EVENT_READ, "given")
        self._selector.register(self._process.stderr, selectors.EVENT_READ, "said")

    def _end(self) -> None:
        self._selector.close()
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
        self._process = None


def there_is(program: str, environ: Mapping[str, str]) -> bool:
    """Say whether there is a program of this name."""
    return which(program, path=environ.get("PATH", os.defpath)) is not None


@contextmanager
def _signals_held() -> Generator[None]:
    """Let what would end us wait until a program that starts has a name to be ended by.

    A signal is taken by the main thread alone: in any other one there is nothing to hold.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, _: "FrameType | None") -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
    for one in came:
        signal.raise_signal(one)
