"""kill -9 of the phone at random moments: what had answered *saved* is in the journal (law 1)."""

import json
import random
import signal
import subprocess
import time
from pathlib import Path

from tests.e2e.world import CODES, RADAR, Prepared, environment, held, journal, run

STREAM_KILLS = 120
ONE_SHOT_KILLS = 80
STREAM_S = 0.04
"""How long after its first verdict a stream of scans is killed, at most."""
ONE_SHOT_S = (0.02, 0.14)
"""When a single scan is killed: from its interpreter's start to beyond its end."""
SEED = 20261122


def _kill_during(phone: Path, words: list[str], typed: bytes, after_s: float) -> list[str]:
    """Start `radar`, kill it after a while, and return the ids that it had answered as saved.

    With something typed, the while begins at the first verdict, which comes from within the scans.
    """
    process = subprocess.Popen(
        [RADAR, *words, "--json"],
        env=environment(phone),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        process.stdin.write(typed)
        process.stdin.flush()
        told = process.stdout.readline() if typed else b""
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read()
    process.wait()
    lines = told.decode().splitlines(keepends=True)
    return [json.loads(line)["data"]["action_id"] for line in lines if line.endswith("\n")]


def test_law_01_what_was_saved_survives_kill_9_at_200_random_moments(
    prepared: Prepared, tmp_path: Path
) -> None:
    rng = random.Random(SEED)
    phone = prepared.phone(tmp_path / "phone")
    saved: list[str] = []
    codes = list(CODES.values())
    typed = "".join(f"{rng.choice(codes)}\n" for _ in range(500)).encode()
    for _ in range(STREAM_KILLS):
        some = _kill_during(phone, ["scan", "-"], typed, rng.random() * STREAM_S)
        assert 0 < len(some) < 500, "a stream is killed between its first verdict and its last"
        saved += some
    for _ in range(ONE_SHOT_KILLS):
        saved += _kill_during(phone, ["scan", codes[0]], b"", rng.uniform(*ONE_SHOT_S))

    kept = [f"{epoch}.{seq}" for epoch, seq, _ in journal(phone)]
    assert len(set(saved)) == len(saved)
    assert set(saved) <= set(kept)
    # One action for each kill may have been saved without an answer, and no more.
    assert len(kept) <= len(saved) + STREAM_KILLS + ONE_SHOT_KILLS
    assert run(phone, "log", "--verify").data["verified"] == len(kept)

    centre = prepared.centre(tmp_path / "centre")
    centre.start()
    try:
        assert run(phone, "sync").data["receipt"]["seq"] == len(kept)
    finally:
        centre.stop()
    assert len(held(centre)) == len(kept)
