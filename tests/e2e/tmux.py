"""A window of tmux for tests: a shell in it, keys sent to it, and what a person would see there."""

import os
import re
import subprocess
import time
from pathlib import Path

from tests.e2e.world import RADAR, environment

PATIENCE_S = 100.0
"""After an outage a sync waits half a minute at times, so that not all phones come at once."""
LOOK_S = 0.1
SHELL = ("bash", "--norc", "--noprofile", "-i")
SHELLS_SIGN = "ready>"
"""What the shell shows when it waits for a command."""
HOME = "Scan, or type a code"
"""What the line says where nothing is asked."""


class Tmux:
    """A server of its own with one window, in which a shell waits; close it when done."""

    def __init__(self, folder: Path, home: Path, size: tuple[int, int] = (45, 40)) -> None:
        self._socket = folder / f"tmux-{os.getpid()}"
        self._path = Path(RADAR).parent
        environ = {"PATH": f"{self._path}:{os.environ['PATH']}", "PS1": SHELLS_SIGN}
        columns, rows = size
        self._run(
            *("new-session", "-d", "-x", str(columns), "-y", str(rows), *SHELL),
            environ=environment(home, **environ),
        )
        self.wait_for(SHELLS_SIGN)

    def _run(self, *words: str, environ: dict[str, str] | None = None) -> str:
        command = ["tmux", "-f", "/dev/null", "-S", str(self._socket), *words]
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=PATIENCE_S, check=True
        )
        return done.stdout

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names, such as Enter, Escape or C-z."""
        self._run("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type a text and Enter, as fast as a hand scanner does."""
        self._run("send-keys", "-l", text, ";", "send-keys", "Enter")

    def seen(self) -> str:
        """Return what stands in the window."""
        return self._run("capture-pane", "-p")

    def told(self, name: str) -> str:
        """Return what tmux knows of the window, such as `alternate_on` or `cursor_flag`."""
        return self._run("display-message", "-p", f"#{{{name}}}").strip()

    def wait_for(self, *words: str) -> str:
        """Wait until all words are in the window; return what is there."""
        until = time.monotonic() + PATIENCE_S
        while True:
            seen = self.seen()
            if all(word in seen for word in words):
                return seen
            assert time.monotonic() < until, f"{words} in vain:\n{seen}"
            time.sleep(LOOK_S)

    def choose(self, label: str) -> None:
        """Press the number that stands before something."""
        found = re.search(rf"(\d)[ ↵]+{re.escape(label)}[ ┃]*$", self.wait_for(label), re.MULTILINE)
        assert found is not None, label
        self.press(found[1])

    def close(self) -> None:
        """End the server and all that runs in it."""
        self._run("kill-server")
