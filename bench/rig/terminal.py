"""A terminal without a person: a program in a pty of its own, its keys and what it writes."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROWS, COLUMNS = 40, 45
"""A phone held upright."""
LOOK_S = 0.0002
"""So often what is waited for is looked at."""
PATIENCE_S = 30.0
_STEERING = re.compile(
    r"\x1b(?:\[[0-9;?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P.*?\x1b\\|.)"
)


class Terminal:
    """A program that draws on a terminal; `text` has what it wrote since the last key."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start it in 45 columns and 40 rows; `begun_s` is when, by time.perf_counter."""
        self._fd, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._written, self._text = "", ""
        self.begun_s = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            env={**environ, "TERM": "xterm-256color"},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)

    @property
    def text(self) -> str:
        """What was written since the last key, without what steers the terminal and line ends."""
        if not self._text:
            self._text = " ".join(_STEERING.sub(" ", self._written).split())
        return self._text

    def cpu_s(self) -> float:
        """Return how long the program itself has computed, in all its threads."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9

    def press(self, keys: str) -> float:
        """Write keys, all at once; return when."""
        self._written, self._text = "", ""
        at_s = time.perf_counter()
        os.write(self._fd, keys.encode())
        return at_s

    def read(self, for_s: float = 0.0) -> bool:
        """Take what the program wrote, waiting so long for it at most; tell whether it did."""
        found, _, _ = select.select([self._fd], [], [], for_s)
        if not found:
            return False
        try:
            self._written += self._decoder.decode(os.read(self._fd, 65536))
            self._text = ""
        except OSError as error:  # the program has ended
            raise EOFError(self.text) from error
        return True

    def wait(self, *wanted: Callable[[], bool]) -> list[float]:
        """Wait until each of these was so once; return when each was, by time.perf_counter."""
        times = [0.0] * len(wanted)
        until_s = time.perf_counter() + PATIENCE_S
        while not all(times):
            self.read(LOOK_S)
            for index, is_so in enumerate(wanted):
                if not times[index] and is_so():
                    times[index] = time.perf_counter()
            if time.perf_counter() > until_s:
                raise TimeoutError(f"waited for {times}: {self.text[-2000:]}")
        return times

    def rest(self, for_s: float) -> None:
        """Let so many seconds pass, taking what the program writes."""
        until_s = time.perf_counter() + for_s
        while (left_s := until_s - time.perf_counter()) > 0:
            self.read(left_s)

    def children(self) -> list[int]:
        """Return the processes that the program has started and that run."""
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def end(self) -> None:
        """End the program, and what it started beside it."""
        children = self.children() if self.process.poll() is None else []
        self.process.terminate()
        for child in children:
            os.kill(child, signal.SIGCONT)
            os.kill(child, signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._fd)
