"""kill -9 of the phone at random moments: what had answered *saved* is in the journal (law 1)."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

from tests.e2e.world import CODES, RADAR, run, tiny_centre

STREAM_KILLS = 120
ONE_SHOT_KILLS = 80
LONGEST_S = 0.12
SEED = 20261122


def _kill_during(phone: Path, words: list[str], typed: bytes, after_s: float) -> list[str]:
    """Start `radar`, kill it after a while, and return the ids that it had answered as saved."""
    process = subprocess.Popen(
        [RADAR, *words, "--json"],
        env={**os.environ, "RADAR_HOME": str(phone)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(typed)
    process.stdin.flush()
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    told, _ = process.communicate()
    lines = told.decode().splitlines(keepends=True)
    return [json.loads(line)["data"]["action_id"] for line in lines if line.endswith("\n")]


def test_law_01_what_was_saved_survives_kill_9_at_200_random_moments(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    centre = tiny_centre(tmp_path / "centre")
    centre.start()
    phone = tmp_path / "phone"
    centre.enrol(phone, "HV-G01")
    centre.stop()
    saved: list[str] = []
    codes = list(CODES.values())
    typed = "".join(f"{rng.choice(codes)}\n" for _ in range(500)).encode()
    for _ in range(STREAM_KILLS):
        # An interpreter's start takes some time; kill within it, and within the scans behind it.
        saved += _kill_during(phone, ["scan", "-"], typed, 0.02 + rng.random() * 2 * LONGEST_S)
    for _ in range(ONE_SHOT_KILLS):
        saved += _kill_during(phone, ["scan", codes[0]], b"", 0.02 + rng.random() * LONGEST_S)

    with sqlite3.connect(phone / "phone.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = [
            f"{epoch}.{seq}" for epoch, seq in database.execute("SELECT epoch, seq FROM action")
        ]
    assert len(saved) > STREAM_KILLS, "most kills must come after something was saved"
    assert len(set(saved)) == len(saved)
    assert set(saved) <= set(kept)
    assert run(phone, "log", "--verify").data["verified"] == len(kept)

    centre.start()
    assert run(phone, "sync").data["receipt"]["seq"] == len(kept)
    centre.stop()
