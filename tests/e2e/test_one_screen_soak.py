"""2,000 scans by wedge on the one screen, resized, kicked and stopped: all kept, in order.

CI takes 300 at full tilt; `RADAR_SOAK=2000` is the whole of it, at ten a second.
"""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from radar_core.tags import make_code
from tests.e2e.terminal import Terminal
from tests.e2e.world import CODES, RADAR, RUN_S, Centre, Prepared, environment, held, journal, run

SCANS = int(os.environ.get("RADAR_SOAK", "300"))
EACH_S = 0.1 if SCANS > 300 else 0.033
SEED = 20261127
ENDS = ("\r", "\r\n", "\t", "\n")
SIZES = ((45, 40), (32, 12), (20, 5), (120, 40), (1, 1), (300, 100), (44, 3), (80, 24))
KEYS = ("\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~", "0", "1", "2", "3", "door", "\x7f", "\x1bOP")
ASIDE_S = 0.04
"""A person's key is not closer to a scan than that: Esc and a letter at once are one key."""


def labels(count: int) -> list[str]:
    """Return what is scanned: labels that are known, and between them one of each number."""
    rng = random.Random(SEED)
    domain = "HTTPS://R.EXAMPLE/"
    return [
        domain + (rng.choice(list(CODES.values())) if number % 3 else make_code(b"%07d" % number))
        for number in range(count)
    ]


def scanned(phone: Path, beginning: str = "") -> list[str]:
    """Return the texts with a beginning that were scanned, in the journal's order."""
    read = [json.loads(line) for _, _, line in journal(phone)]
    texts = [str(one["body"]["text"]) for one in read if one["kind"] == "scan"]
    return [text for text in texts if text.startswith(beginning)]


@contextmanager
def again_and_again(what: Callable[[], object], every_s: float) -> Generator[None]:
    """Do something in a thread, until the block is left."""
    over = threading.Event()

    def loop() -> None:
        while not over.wait(every_s):
            what()

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Kicks:
    """What is done to the screen between two scans, and in the midst of one."""

    def __init__(self, terminal: Terminal, phone: Path) -> None:
        self._terminal = terminal
        self._phone = phone
        self.scans = 0
        self._rng = random.Random(SEED)
        self.done: set[str] = set()

    def scan(self, text: str) -> None:
        """Scan, at times in two pieces with the screen stopped between them."""
        self.scans += 1
        whole = text + self._rng.choice(ENDS)
        if self._rng.random() < 0.03:
            at = self._rng.randrange(1, len(text))
            self._terminal.type(whole[:at])
            self._stopped(signal.SIGSTOP, lambda: self._terminal.type(whole[at:]))
        else:
            self._terminal.type(whole)

    def between(self) -> None:
        """Do one of the things that happen to a screen, or nothing."""
        what = self._rng.choice((self._resize, self._press, self._escape, self._rest, self._drag))
        if self._rng.random() < (0.1 if what == self._rest else 0.3):
            what()

    def _resize(self) -> None:
        self.done.add("resize")
        self._terminal.resize(*self._rng.choice(SIZES))

    def _drag(self) -> None:
        self.done.add("drag")
        for _ in range(5):
            self._terminal.resize(self._rng.randrange(1, 200), self._rng.randrange(1, 60))

    def _press(self) -> None:
        self.done.add("press")
        time.sleep(ASIDE_S)
        self._terminal.type(self._rng.choice(KEYS))
        time.sleep(ASIDE_S)

    def _escape(self) -> None:
        self.done.add("escape")
        time.sleep(ASIDE_S)
        self._terminal.type("\x1b")
        time.sleep(ASIDE_S)

    def _rest(self) -> None:
        """Stop as Ctrl-Z does: who scans then scans into the shell."""
        self.done.add("rest")
        self._terminal.wait_until(lambda: self.scans == len(scanned(self._phone, "HTTPS:")))
        self._terminal.signal(signal.SIGTSTP)
        self._terminal.wait_until(self._terminal.is_stopped)
        self._terminal.signal(signal.SIGCONT)
        self._terminal.wait_until(self._terminal.is_heard)

    def _stopped(self, how: signal.Signals, meanwhile: Callable[[], object]) -> None:
        self.done.add("stop")
        self._terminal.signal(how)
        self._terminal.wait_until(self._terminal.is_stopped)
        meanwhile()
        time.sleep(self._rng.uniform(0.0, 0.3))
        self._terminal.signal(signal.SIGCONT)


@pytest.mark.timeout(900)
def test_law_01_all_that_was_scanned_is_in_the_journal_in_order(
    prepared: Prepared, running: Centre, tmp_path: Path
) -> None:
    phone, texts = prepared.phone(tmp_path / "phone"), labels(SCANS)
    centre_is_up = [True]

    def come_and_go() -> None:
        centre_is_up[0] = not centre_is_up[0]
        if centre_is_up[0]:
            running.start()
        else:
            running.stop(signal.SIGKILL)

    beside = subprocess.Popen(
        [RADAR, "scan", "-", "--json"],
        env=environment(phone),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert beside.stdin is not None
    terminal = Terminal(phone)
    try:
        terminal.wait_for("Scan, or type a code")
        kicks = Kicks(terminal, phone)
        with again_and_again(come_and_go, 3.0):
            for number, text in enumerate(texts):
                began_s = time.monotonic()
                kicks.scan(text)
                if number % 20 == 0:
                    beside.stdin.write(f"{CODES['DESK']}\n".encode())
                    beside.stdin.flush()
                kicks.between()
                time.sleep(max(0.0, EACH_S - (time.monotonic() - began_s)))
        if not centre_is_up[0]:
            come_and_go()
        terminal.resize(45, 40)
        seen = terminal.wait_for("SAVED")
        assert "HTTPS" not in seen[seen.index("┏") :], "no letter of a code is left in the line"
        terminal.type("\x11")
        assert terminal.ended() == 0
        beside.stdin.close()
        assert beside.wait(RUN_S) in (0, 1)
    finally:
        terminal.close()
        beside.kill()
        beside.wait()
    assert scanned(phone, "HTTPS:") == texts
    others = [text for text in scanned(phone) if not text.startswith("HTTPS:")]
    assert others == [CODES["DESK"]] * len(range(0, SCANS, 20))
    assert kicks.done == {"resize", "drag", "press", "escape", "rest", "stop"}
    assert run(phone, "sync").data["unsent"] == 0
    assert held(running) == sorted((epoch, seq) for epoch, seq, _ in journal(phone))
    assert run(phone, "log", "--verify").data["verified"] == len(journal(phone))
