"""A first hour, end to end: a new phone, a real centre, the code scanned, practice, and work."""

import json
import signal
import time
from pathlib import Path

import pytest

from commands.practice_tags import practice_label
from radar_core.failures import NOT_ENROLLED
from radar_core.tags import parse_code
from sync.enrolling import write_invitation
from tests.e2e.terminal import PATIENCE_S, Terminal
from tests.e2e.world import CODES, Prepared, held, journal, say

LABEL = "HTTPS://R.EXAMPLE/"
APART_S = 0.5
"""So long after a scan a key is a person's."""


def _leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("radar-practice-*")]


def _invitation(centre_url: str, code: str) -> str:
    parsed = parse_code(code)
    assert parsed is not None
    return write_invitation(centre_url, parsed)


def test_a_new_phone_is_enrolled_practises_is_killed_and_works(
    prepared: Prepared, tmp_path: Path
) -> None:
    centre, home, folder = prepared.fresh(tmp_path / "centre"), tmp_path / "phone", tmp_path / "t"
    folder.mkdir()
    invitation = _invitation(centre.url, centre.admin("enrol-code", "HV-G01")["code"])
    screen = Terminal(home, environ={"TMPDIR": str(folder)})
    try:
        screen.wait_for("Scan the code that your", "not enrolled")
        screen.type(f"{invitation}\r")  # the centre is down: what was scanned stays
        screen.wait_for("cannot be reached", "The code?")
        centre.start()
        time.sleep(APART_S)
        screen.type("\r")
        screen.wait_for("This phone is enrolled.")
        time.sleep(APART_S)
        screen.type("1")
        screen.wait_for("Li Wei · practice", "step 1 of 6")
        screen.type(f"{practice_label('GATE')}\r")
        screen.wait_for("step 2 of 6", "SAVED")
        assert len(_leftovers(folder)) == 1
        screen.signal(signal.SIGKILL)
    finally:
        screen.close()
    assert len(_leftovers(folder)) == 1
    assert journal(home) == []
    screen = Terminal(home, environ={"TMPDIR": str(folder)})
    try:
        screen.wait_for("Li Wei · Harbour View")
        screen.type(f"{LABEL}{CODES['DESK']}\r")
        screen.wait_for("SAVED")
        until = time.monotonic() + PATIENCE_S
        while len(held(centre)) < 1 and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(APART_S)
        screen.type("\x1bOP")  # F1
        screen.wait_for("How it works")
        screen.type("1")
        screen.wait_for("Nothing of it is sent.")
        screen.type("\r")
        screen.wait_for("step 1 of 6")
        assert len(_leftovers(folder)) == 1  # the killed round's is gone
        screen.type("\x11")  # Ctrl-Q
        assert screen.ended() == 0
    finally:
        screen.close()
        centre.stop()
    assert _leftovers(folder) == []
    (only,) = [json.loads(line) for _, _, line in journal(home)]
    assert (only["kind"], only["body"]["place"]) == ("scan", "DESK")
    assert len(held(centre)) == 1


def test_the_plain_mode_enrols_and_practises_line_by_line(
    prepared: Prepared, tmp_path: Path
) -> None:
    centre, home, folder = prepared.fresh(tmp_path / "centre"), tmp_path / "phone", tmp_path / "t"
    folder.mkdir()
    centre.start()
    invitation = _invitation(centre.url, centre.admin("enrol-code", "HV-G01")["code"])
    lines = [invitation, "1", practice_label("GATE"), "q"]
    told = say(home, "--plain", typed="".join(f"{line}\n" for line in lines).encode(),
               TMPDIR=str(folder))  # fmt: skip
    centre.stop()
    assert "This phone is enrolled." in told.stdout
    assert "or type BN72-F85W-YT3" in told.stdout
    assert "step 2 of 6" in told.stdout
    assert "█" not in told.stdout
    assert journal(home) == []
    assert _leftovers(folder) == []


@pytest.mark.parametrize("word", ["sync", "status"])
def test_no_verb_opens_a_phone_that_only_practised(tmp_path: Path, word: str) -> None:
    """Practice makes nothing in the phone's own folder."""
    home, folder = tmp_path / "phone", tmp_path / "t"
    folder.mkdir()
    told = say(home, "--plain", typed=b"q\n", TMPDIR=str(folder))
    assert "not enrolled" in told.stdout
    assert not home.exists()
    assert _leftovers(folder) == []
    assert say(home, word).code == NOT_ENROLLED
