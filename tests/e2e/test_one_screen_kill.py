"""kill -9 of the one screen in a half-written note: what was on the screen is there again (law 1).

CI kills twenty times; `RADAR_KILLS=100` kills a hundred times.
"""

import json
import os
import random
import re
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.e2e.world import CODES, Prepared, journal, reading, run

KILLS = int(os.environ.get("RADAR_KILLS", "20"))
SEED = 20261127
LETTERS = "abcdefghijklmnopqrstuvwxyz漏水 "
LETTERS_MOST = 16
"""So many letters and the number before them are seen whole."""
PROMPT = "Your note"
LABEL = "HTTPS://R.EXAMPLE/"
KILLED_S = 0.8
"""From the moment that the screen is there to the kill, at most."""
HANDED_IN_S = 0.06
"""From handing a note in to the kill, at most: before, while and after it is recorded."""


def box_of(seen: str) -> str:
    """Return what stands in the line that is typed into: no note here is longer than that."""
    (line,) = [row for row in seen.splitlines() if row.strip().startswith("┃")]
    return line.strip().strip("┃").strip()


class Writer:
    """Who writes notes on a screen that is killed again and again."""

    def __init__(self, phone: Path) -> None:
        self.phone = phone
        self._rng = random.Random(SEED)
        self._typed = ""
        """All that was typed of the note that is being written."""
        self._seen = ""
        """What of it stood on the screen when that was killed."""
        self._handed_in = False
        self.notes: list[str] = []
        """The notes that were recorded, in order."""

    def recorded(self) -> list[str]:
        """Return the notes in the journal."""
        read = [json.loads(line) for _, _, line in journal(self.phone)]
        return [one["body"]["text"] for one in read if one["kind"] == "note"]

    def one_life(self) -> None:
        """Open the screen, find what was half written, go on with it, and be killed."""
        self._settle()
        terminal = Terminal(self.phone)
        try:
            if self._rng.random() < 0.1:
                time.sleep(self._rng.uniform(0.0, 0.5))
            else:
                self._find(terminal)
                self._write(terminal)
            terminal.signal(signal.SIGKILL)
            terminal.process.wait()
        finally:
            terminal.close()

    def _settle(self) -> None:
        """See whether the note that was handed in last is recorded: once, whole, or not at all."""
        found = self.recorded()
        if found != self.notes:
            assert self._handed_in, (found, self._typed)
            self.notes.append(self._typed.strip())
            self._typed = self._seen = ""
        assert found == self.notes
        self._handed_in = False

    def _find(self, terminal: Terminal) -> None:
        """Find all that was seen of the note, or begin another one."""
        if not self._typed:
            at_home = terminal.wait_for("Leave a note")
            number = re.search(r"(\d+) +Leave a note", at_home)
            assert number is not None, at_home
            terminal.type(number[1])
            terminal.wait_for(PROMPT)
            return
        # Of a burst that the kill cut off, its first letter may have been kept.
        kept = box_of(terminal.wait_for(PROMPT)).removesuffix("H").rstrip()
        assert kept.startswith(self._seen), "what was seen is there"
        assert self._typed.startswith(kept), "and nothing else"
        self._typed = kept

    def _write(self, terminal: Terminal) -> None:
        """Type until a moment of chance, at times scan, at times hand the note in."""
        if not self._typed:
            self._type(terminal, f"n{len(self.notes):03} ")
        until = time.monotonic() + self._rng.uniform(0.0, KILLED_S)
        while time.monotonic() < until and len(self._typed) < LETTERS_MOST:
            self._type(terminal, self._rng.choice(LETTERS))
            time.sleep(self._rng.uniform(0.06, 0.2))
        chance = self._rng.random()
        if chance < 0.2:
            terminal.type(LABEL + self._rng.choice(list(CODES.values())) + "\r")
            time.sleep(self._rng.uniform(0.0, 0.2))
        self._seen = box_of(terminal.seen()).partition("H")[0].rstrip()
        if chance > 0.7 or len(self._typed) >= LETTERS_MOST:
            self._handed_in = True
            terminal.type("\r")
            time.sleep(self._rng.uniform(0.0, HANDED_IN_S))

    def _type(self, terminal: Terminal, keys: str) -> None:
        for key in keys:
            self._typed += key
            terminal.type(key)
            time.sleep(0.06)


@pytest.mark.timeout(900)
def test_law_01_a_half_written_note_survives_kill_9(prepared: Prepared, tmp_path: Path) -> None:
    phone = prepared.phone(tmp_path / "phone", "HV-E01")
    task = next(one["id"] for one in run(phone, "tasks").data["tasks"])
    assert run(phone, "start", task).code == 0
    writer = Writer(phone)
    for _ in range(KILLS):
        writer.one_life()
    writer.one_life()
    assert len(set(writer.notes)) == len(writer.notes) > KILLS // 10

    centre = prepared.centre(tmp_path / "centre")
    centre.start()
    try:
        assert run(phone, "sync").data["unsent"] == 0
    finally:
        centre.stop()
    lines = [line for _, _, line in journal(phone)]
    with reading(centre.home / "centre.db") as database:
        assert [line for (line,) in database.execute("SELECT line FROM action")] == lines
