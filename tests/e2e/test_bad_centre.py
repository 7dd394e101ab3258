"""A centre that is down, or is not the centre: exit code 4, and nothing on the phone changes."""

import signal
import threading
from pathlib import Path

import pytest

from sync.keys import KeyPair
from tests.e2e.strangers import (
    Bomb,
    Broken,
    Garbage,
    HangsUp,
    Impostor,
    LoginPage,
    NoHttp,
    Redirect,
    Silent,
    Stranger,
    Trickles,
    UnsignedRefusal,
    known_as,
    standing_at,
)
from tests.e2e.world import (
    CODES,
    RUN_S,
    Centre,
    Prepared,
    end,
    held,
    holdings,
    refusal,
    run,
    say,
    start,
)

WITHOUT_OUR_KEY: list[type[Stranger]] = [
    LoginPage,
    Redirect,
    Garbage,
    Broken,
    UnsignedRefusal,
    Impostor,
    Bomb,
    HangsUp,
    NoHttp,
    Silent,
    Trickles,
]
TIMEOUT_S = "0.5"


def test_a_centre_that_is_down_costs_nothing_but_a_sentence(phone: Path) -> None:
    run(phone, "scan", CODES["DESK"])
    before = holdings(phone)
    for verb in ("sync", "board"):
        error = refusal(phone, verb, exit_code=4)
        assert error["code"] == "unreachable"
        assert "your work is saved" in error["message"]
        assert error["hint"] == "Later, with signal: radar sync"
    assert holdings(phone) == before
    assert run(phone, "status").data["unsent"] == 1


@pytest.mark.parametrize("kind", WITHOUT_OUR_KEY)
def test_what_is_not_our_centre_is_not_believed(
    prepared: Prepared, phone: Path, kind: type[Stranger]
) -> None:
    run(phone, "scan", CODES["DESK"])
    before = holdings(phone)
    with standing_at(prepared.port, kind):
        error = refusal(phone, "sync", exit_code=4, RADAR_TIMEOUT_S=TIMEOUT_S)
        assert error["code"] in {"not_our_centre", "unreachable"}
        assert "your work is saved" in error["message"]
        board = say(phone, "board", RADAR_TIMEOUT_S=TIMEOUT_S)
        assert (board.code, board.stdout) == (4, "")
    assert holdings(phone) == before


@pytest.mark.parametrize("kind", [Garbage, Bomb])
def test_nonsense_under_the_centres_own_name_is_not_believed_either(
    prepared: Prepared, phone: Path, kind: type[Stranger]
) -> None:
    run(phone, "scan", CODES["DESK"])
    before = holdings(phone)
    ours = KeyPair((prepared.folder / "centre" / "key").read_bytes())
    with standing_at(prepared.port, known_as(kind, ours)):
        error = refusal(phone, "sync", exit_code=4)
        assert error["code"] in {"not_our_centre", "centre_nonsense"}
    assert holdings(phone) == before


def test_ctrl_c_ends_a_sync_that_waits_and_keeps_what_was_to_be_sent(
    prepared: Prepared, phone: Path
) -> None:
    run(phone, "scan", CODES["DESK"])
    before = holdings(phone)
    asked = threading.Event()

    class Waiting(Silent):
        def do_POST(self) -> None:  # noqa: N802 - its name there
            asked.set()
            super().do_POST()

    with standing_at(prepared.port, Waiting):
        syncing = start(phone, "sync")
        assert asked.wait(RUN_S)
        syncing.send_signal(signal.SIGINT)
        assert end(syncing) == (130, "", "")
    assert holdings(phone) == before


@pytest.mark.parametrize("kind", [LoginPage, Broken, Garbage, HangsUp, NoHttp, Silent])
def test_nobody_enrols_with_what_is_no_centre(
    prepared: Prepared, tmp_path: Path, kind: type[Stranger]
) -> None:
    fresh = tmp_path / "fresh"
    with standing_at(prepared.port, kind):
        words = ("enrol", prepared.url, "0000-0000-000")
        error = refusal(fresh, *words, exit_code=4, RADAR_TIMEOUT_S=TIMEOUT_S)
        assert error["code"] in {"not_our_centre", "unreachable"}
    assert not (fresh / "phone.db").exists()


def test_what_strangers_heard_reaches_the_centre_once_all_the_same(
    prepared: Prepared, phone: Path, tmp_path: Path
) -> None:
    for code in CODES.values():
        run(phone, "scan", code)
    with standing_at(prepared.port, HangsUp):
        assert say(phone, "sync").code == 4
    with standing_at(prepared.port, Impostor):
        assert say(phone, "sync").code == 4
    centre = prepared.centre(tmp_path / "centre")
    centre.start()
    try:
        told = run(phone, "sync").data
    finally:
        centre.stop()
    assert (told["sent"], told["unsent"]) == (len(CODES), 0)
    assert len(held(centre)) == len(CODES)


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://centre.example", "http://", "http:///path"])
def test_an_address_that_is_none_is_refused_before_anything_is_made(
    tmp_path: Path, url: str
) -> None:
    error = refusal(tmp_path / "fresh", "enrol", url, "0000-0000-000", exit_code=2)
    assert error["code"] == "bad_url"
    assert not (tmp_path / "fresh").exists()


def test_a_wrong_code_is_refused_and_leaves_the_phone_free_to_enrol(
    running: Centre, tmp_path: Path
) -> None:
    fresh = tmp_path / "fresh"
    error = refusal(fresh, "enrol", running.url, "0000-0000-000", exit_code=6)
    assert error["code"] == "code_wrong"
    for code in ("0000-0000-001", "", "电" * 50):
        error = refusal(fresh, "enrol", running.url, code, exit_code=2)
        assert error["code"] == "bad_code"
    assert running.enrol(fresh, "HV-G02")["staff"] == "HV-G02"
