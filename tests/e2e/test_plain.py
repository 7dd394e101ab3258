"""`radar --plain` beside a real centre that comes and goes, and killed with a half-written note."""

import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commands.practice import PREFIX
from radar_core.failures import INTERRUPTED
from tests.e2e.world import CODES, RADAR, Centre, Prepared, environment, run

LABEL = "HTTPS://R.EXAMPLE/"
DESK, YARD = (LABEL + CODES[name] for name in ("DESK", "YARD"))
HELPED = "It goes to the centre by itself."
"""The last line of the help, which any line before it has been answered by then."""


class Talk:
    """Says lines to a process and reads what it answers."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.scans = 0

    def say(self, *lines: str, until: str) -> str:
        """Say some lines and read until a text comes; return all that was read."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self.process.stdin.flush()
        heard = ""
        while until not in heard:
            line = self.process.stdout.readline().decode()
            assert line, f"it ended: {heard}"
            heard += line
        return heard

    def scan_until(self, text: str) -> None:
        """Scan on, as a guard does, until that is told of the sync beside."""
        heard = ""
        while text not in heard:
            heard += self.say("-", DESK, "?", until=HELPED)
            self.scans += 1
            time.sleep(0.2)


@contextmanager
def talking(home: Path, **environ: str) -> Generator[Talk]:
    """Begin to talk with a phone; it is killed at the end, if it has not ended."""
    with subprocess.Popen(
        [RADAR, "--plain"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(home, **environ),
    ) as process:
        try:
            yield Talk(process)
        finally:
            process.kill()


def test_the_centre_comes_and_goes_and_no_line_waits_for_it(
    prepared: Prepared, running: Centre, tmp_path: Path
) -> None:
    home = prepared.phone(tmp_path / "talking")
    with talking(home) as talk:
        talk.scan_until("\nsignal, unsent")
        running.stop()
        talk.scan_until("\nno signal, unsent")
        running.start()
        talk.scan_until("\nsignal, unsent")
        assert talk.process.stdin is not None
        talk.process.stdin.close()
        assert talk.process.wait(timeout=60) == 0
    run(home, "sync")
    status = run(home, "status").data
    assert (status["unsent"], status["quarantined"]) == (0, 0)
    log = run(home, "log", "--most", "10000").data["actions"]
    assert [one["kind"] for one in log].count("scan") == talk.scans


def test_a_half_written_note_outlives_kill_9(phone: Path) -> None:
    with talking(phone) as talk:
        talk.say(DESK, "2", f"the lamp {YARD}", until="Half written: the lamp.")
    with talking(phone) as again:
        assert "Half written: the lamp." in again.say(until="Enter alone takes it")
        again.say("", until="SAVED, note")
    log = run(phone, "log").data["actions"]
    assert [one["kind"] for one in log] == ["scan", "scan", "note"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_practice_that_is_ended_from_outside_leaves_nothing(
    tmp_path: Path, how: signal.Signals
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    with talking(tmp_path / "phone", TMPDIR=str(folder)) as talk:
        talk.say("3", "1", until="Your round begins at the gate.")
        assert list(folder.glob(f"{PREFIX}*"))
        talk.process.send_signal(how)
        assert talk.process.wait(timeout=60) == INTERRUPTED
    assert list(folder.iterdir()) == []
