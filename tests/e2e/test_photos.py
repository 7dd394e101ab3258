"""Photos from a phone to its centre: real processes, cut and killed on the way."""

import random
import signal
import subprocess
import time
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.world import RADAR, Centre, Prepared, environment, journal, run, say

KILLS = 6
SEED = 20261126


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Give photographs of 0.3 to 3 MB, so that each goes up in many pieces."""
    paths = [tmp_path / f"{side}.jpg" for side in (700, 1400, 2048)]
    for path in paths:
        side = int(path.stem)
        Image.frombytes("RGB", (side, side), random.Random(side).randbytes(side * side * 3)).save(
            path, quality=90
        )
    return paths


@pytest.fixture
def taken(phone: Path, pictures: list[Path]) -> dict[str, int]:
    """Give the photos that a phone has recorded: their names and sizes."""
    told = [run(phone, "photo", "GEN1", str(path)).data for path in pictures]
    return {one["sha256"]: one["bytes"] for one in told}


def whole(centre: Centre) -> dict[str, int]:
    """Return the photos that a centre has: each has the name of its hash."""
    found = [path for path in (centre.home / "blobs").glob("??/*") if path.parent.name != "part"]
    for path in found:
        assert sha256(path.read_bytes()).hexdigest() == path.parent.name + path.name
    return {path.parent.name + path.name: path.stat().st_size for path in found}


def test_photos_follow_the_actions_and_everybody_is_told(
    phone: Path, taken: dict[str, int], running: Centre
) -> None:
    assert run(phone, "status").data["photos"]["waiting"] == 3
    told = run(phone, "sync")
    assert (told.code, told.data["sent"], told.data["unsent"]) == (0, 3, 0)
    assert (told.data["photos"]["sent"], told.data["photos"]["stopped"]) == (3, None)
    assert whole(running) == taken
    assert run(phone, "status").data["photos"]["arrived"] == 3
    assert "3 sent, 0 waiting" in say(phone, "status").stdout
    assert run(phone, "sync").data["round_trips"] == 1


def test_a_phone_killed_at_any_moment_loses_no_photo(
    phone: Path, taken: dict[str, int], running: Centre
) -> None:
    rng = random.Random(SEED)
    for _ in range(KILLS):
        process = subprocess.Popen([RADAR, "sync"], env=environment(phone))
        time.sleep(rng.uniform(0.2, 0.9))
        process.kill()
        process.wait()
    told = run(phone, "sync").data
    assert (told["unsent"], told["photos"]["waiting"]) == (0, 0)
    assert whole(running) == taken


def test_a_phone_killed_while_it_takes_photos_has_none_without_its_picture(
    prepared: Prepared, tmp_path: Path, pictures: list[Path], running: Centre
) -> None:
    phone, rng = prepared.phone(tmp_path / "other"), random.Random(SEED)
    for _ in range(KILLS):
        process = subprocess.Popen(
            [RADAR, "photo", "GEN1", str(pictures[0])], env=environment(phone)
        )
        time.sleep(rng.uniform(0.1, 0.6))
        process.kill()
        process.wait()
    told = run(phone, "sync").data
    assert (told["photos"]["waiting"], told["photos"]["lost"]) == (0, 0)
    assert len(whole(running)) == (1 if journal(phone) else 0)


def test_a_centre_killed_meanwhile_has_only_whole_photos(
    phone: Path, taken: dict[str, int], prepared: Prepared, tmp_path: Path
) -> None:
    centre, rng = prepared.centre(tmp_path / "killed"), random.Random(SEED)
    for _ in range(3):
        centre.start()
        process = subprocess.Popen(
            [RADAR, "sync", "--json"], env=environment(phone), stdout=subprocess.PIPE
        )
        time.sleep(rng.uniform(0.3, 0.9))
        centre.stop(how=signal.SIGKILL)
        process.communicate()
        assert process.returncode in (0, 4)
        whole(centre)
    centre.start()
    run(phone, "sync")
    assert whole(centre) == taken
    centre.stop()


def test_a_centre_without_room_keeps_no_action_out(
    phone: Path, taken: dict[str, int], running: Centre
) -> None:
    (running.home / "blobs").write_text("no folder")
    told = run(phone, "sync")
    assert (told.code, told.data["unsent"], told.data["photos"]["stopped"]) == (4, 0, "no_room")
    assert "The photos wait (no_room)" in say(phone, "sync").stdout
    (running.home / "blobs").unlink()
    assert run(phone, "sync").data["photos"]["sent"] == 3
    assert whole(running) == taken
