"""A phone is stolen: what the thief can read and do, and what the centre gets all the same."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.test_watch import Watch
from tests.e2e.world import CODES, Centre, Run, refusal, run, say

PIN = b"493817\n"
NOTE, THIEF = "The back door does not lock", "Nobody will see this"
PLANTED = (NOTE.encode(), b"Harbour View", b"Li Wei", b"Pump room", CODES["DESK"].encode())


@pytest.fixture
def lost(running: Centre, phone: Path, tmp_path: Path, memory: Path) -> Iterator[Path]:
    """Give a phone with a note and a photo that the centre does not have yet."""
    assert (running.url, memory.is_dir()) == (run(phone, "status").data["centre"], True)
    Image.new("RGB", (80, 60), "red").save(tmp_path / "photo.png")
    run(phone, "note", "DESK", NOTE)
    assert run(phone, "photo", "DESK", str(tmp_path / "photo.png")).data["saved"]
    yield phone
    say(phone, "lock")


def _raw(home: Path) -> bytes:
    """Return all that a thief reads in the files, without the key of the address."""
    return b"\n".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def _revoke(centre: Centre, phone: Path) -> Run:
    device = run(phone, "status").data["device"]
    return run(phone, "admin", "revoke", device, RADAR_CENTRE_HOME=str(centre.home))


def _kept_aside(centre: Centre) -> set[str]:
    rows = centre.admin("quarantine", "list")["actions"]
    assert {row["code"] for row in rows} <= {"revoked"}
    return {row["kind"] for row in rows}


def test_law_11_a_plain_phone_hands_over_and_is_wiped_as_soon_as_it_is_reached(
    running: Centre, lost: Path
) -> None:
    assert all(planted in _raw(lost) for planted in PLANTED), "a plain phone hides nothing"
    assert _revoke(running, lost).code == 0
    assert run(lost, "note", "DESK", THIEF).data["saved"], "law 2: it cannot know yet"

    assert refusal(lost, "sync", exit_code=6)["code"] == "revoked"
    assert _kept_aside(running) == {"note", "photo"}
    after = _raw(lost)
    assert not [planted for planted in (*PLANTED, THIEF.encode()) if planted in after]
    assert not list((lost / "blobs").iterdir())

    assert run(lost, "status").data["unsent"] == 0
    assert refusal(lost, "start", "ROUND", exit_code=1)["code"] == "unknown_task"
    run(lost, "scan", CODES["YARD"])
    assert refusal(lost, "sync", exit_code=6)["code"] == "revoked"
    assert _kept_aside(running) == {"note", "photo", "scan"}


def test_an_encrypted_phone_that_is_found_again_works_as_before(
    running: Centre, lost: Path
) -> None:
    key = (lost / "phone.key").read_bytes()
    assert run(lost, "pin", typed=PIN).data["encrypted"]
    run(lost, "lock")
    locked = _raw(lost)
    assert not [planted for planted in (*PLANTED, key) if planted in locked]
    for words in (["status"], ["scan", CODES["YARD"]], ["sync"], ["log"], ["tasks"]):
        assert refusal(lost, *words, exit_code=6)["code"] == "locked", words
    assert refusal(lost, "unlock", exit_code=6, typed=b"000123\n")["code"] == "wrong_pin"
    assert not (lost / "phone.key").exists()

    assert run(lost, "unlock", typed=PIN).code == 0
    assert run(lost, "sync").data["unsent"] == 0
    assert run(lost, "log", "--verify").data["verified"] == 2
    assert _kept_aside(running) == set()


def test_law_11_a_locked_phone_that_still_listens_hands_over_and_is_wiped_at_once(
    running: Centre, lost: Path
) -> None:
    run(lost, "pin", typed=PIN)
    with closing(Watch(lost)) as watch:
        watch.until(lambda told: told["ok"])
        run(lost, "note", "DESK", THIEF)
        assert _revoke(running, lost).code == 0
        say(lost, "lock")
        watch.until(lambda told: not told["ok"] and told["error"]["code"] == "revoked")
        assert watch.ended()[0] == 6
    assert _kept_aside(running) <= {"note"}

    run(lost, "unlock", typed=PIN)
    assert run(lost, "log").data["actions"] == []
    assert not list((lost / "blobs").iterdir())


def test_a_wiped_phone_that_is_found_can_be_enrolled_anew(running: Centre, lost: Path) -> None:
    _revoke(running, lost)
    assert run(lost, "sync").error["code"] == "revoked"
    code = running.admin("enrol-code", "HV-G01")["code"]
    assert run(lost, "enrol", running.url, code).data["staff"] == "HV-G01"
    assert run(lost, "scan", CODES["DESK"]).data["place"]["id"] == "DESK"
    assert run(lost, "sync").data["unsent"] == 0
    assert run(lost, "log", "--verify").data["verified"] == 1
