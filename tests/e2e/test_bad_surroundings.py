"""Several processes at once, closed streams, folders that cannot be written, odd locales."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.world import (
    CODES,
    RUN_S,
    Centre,
    Prepared,
    end,
    held,
    journal,
    refusal,
    run,
    say,
    start,
)

DESK = CODES["DESK"]
AT_ONCE = 6
LINES = 200


def _scan_and_wait(process: subprocess.Popen[bytes], code: str) -> str:
    """Type a code and return the verdict: one line, as soon as the code's line has ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{code}\n".encode())
    process.stdin.flush()
    return process.stdout.readline().decode()


def _with_shell(redirection: str) -> tuple[str, ...]:
    """Return what changes a process's streams before it begins."""
    return ("sh", "-c", f'exec "$@" {redirection}', "sh")


def test_scans_at_the_same_moment_are_all_saved(phone: Path) -> None:
    codes = list(CODES.values())
    started = [start(phone, "scan", codes[n % len(codes)], "--json") for n in range(AT_ONCE)]
    told = [end(process) for process in started]
    assert [(code, stderr) for code, _, stderr in told] == [(0, "")] * AT_ONCE
    numbers = [json.loads(stdout)["data"]["seq"] for _, stdout, _ in told]
    assert sorted(numbers) == list(range(1, AT_ONCE + 1))
    assert run(phone, "log", "--verify").data["verified"] == AT_ONCE


def test_a_sync_beside_a_running_wedge_disturbs_neither(running: Centre, phone: Path) -> None:
    wedge = start(phone, "scan", "-")
    for _ in range(3):
        assert _scan_and_wait(wedge, DESK).startswith("SAVED")
        syncing = start(phone, "sync")
        for code in CODES.values():
            assert _scan_and_wait(wedge, code).startswith("SAVED")
        exit_code, _, stderr = end(syncing)
        assert (exit_code, stderr) == (0, "")
    assert end(wedge) == (0, "", "")
    assert run(phone, "sync").data["unsent"] == 0
    assert [(epoch, seq) for epoch, seq, _ in journal(phone)] == held(running)
    assert len(held(running)) == 3 * (1 + len(CODES))


def test_syncs_at_the_same_moment_double_nothing(running: Centre, phone: Path) -> None:
    typed = f"{DESK}\n".encode() * LINES
    assert say(phone, "scan", "-", typed=typed).code == 0
    started = [start(phone, "sync", "--json") for _ in range(3)]
    told = [end(process) for process in started]
    assert [code for code, _, _ in told] == [0, 0, 0], told
    receipts = [json.loads(stdout)["data"]["receipt"]["seq"] for _, stdout, _ in told]
    assert receipts == [LINES] * 3
    there = held(running)
    assert len(there) == len(set(there)) == LINES
    assert run(phone, "status").data["unsent"] == 0


def test_with_stdin_closed_a_scan_is_saved_and_a_wedge_ends(phone: Path) -> None:
    closed = _with_shell("<&-")
    assert run(phone, "scan", DESK, behind=closed).data["saved"]
    assert say(phone, "scan", "-", behind=closed).code == 0
    assert len(journal(phone)) == 1


@pytest.mark.parametrize("redirection", [">&-", ">/dev/full"])
def test_an_answer_that_cannot_be_written_is_said_and_the_scan_is_saved(
    phone: Path, redirection: str
) -> None:
    nowhere = _with_shell(redirection)
    for words in (("scan", DESK), ("scan", DESK, "--json"), ("scan", DESK, DESK)):
        before = len(journal(phone))
        told = say(phone, *words, behind=nowhere)
        assert told.code == 1
        assert "cannot be written" in told.stderr
        assert len(journal(phone)) == before + words.count(DESK)
    for line in ("tasks", "status", "log --json", "--help", "--version"):
        assert say(phone, *line.split(), behind=nowhere).code == 1


def test_with_stderr_closed_the_exit_code_stays_what_it_is(phone: Path) -> None:
    for redirection in ("2>&-", "2>/dev/full", ">&- 2>&-"):
        closed = _with_shell(redirection)
        assert say(phone, "scan", "nowhere.jpg", behind=closed).code == 3
        assert say(phone, "start", "FUEL", behind=closed).code == 6


def test_a_reader_that_goes_away_stops_no_scan(phone: Path) -> None:
    wedge = start(phone, "scan", "-")
    assert _scan_and_wait(wedge, DESK).startswith("SAVED")
    assert wedge.stdout is not None
    assert wedge.stdin is not None
    wedge.stdout.close()
    wedge.stdin.write(f"{DESK}\n".encode() * LINES)
    wedge.stdin.close()
    assert wedge.stderr is not None
    with wedge.stderr:
        assert wedge.stderr.read() == b""
    assert wedge.wait(RUN_S) == 0
    assert len(journal(phone)) == LINES + 1


def test_ctrl_c_ends_a_wedge_with_130_and_what_was_saved_stays(phone: Path) -> None:
    wedge = start(phone, "scan", "-")
    verdicts = [_scan_and_wait(wedge, code) for code in CODES.values()]
    wedge.send_signal(signal.SIGINT)
    assert end(wedge) == (130, "", "")
    assert [verdict.startswith("SAVED") for verdict in verdicts] == [True] * len(CODES)
    assert len(journal(phone)) == len(CODES)
    assert run(phone, "scan", DESK).data["seq"] == len(CODES) + 1


@pytest.mark.parametrize("language", ["C", "POSIX", "nonsense"])
def test_in_any_locale_every_text_is_kept(phone: Path, language: str) -> None:
    told = say(
        phone,
        "note",
        "DESK",
        "水泵 läuft",
        LC_ALL=language,
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
    )
    assert (told.code, told.stderr) == (0, "")
    assert '"text":"水泵 läuft"' in journal(phone)[-1][2]
    history = run(
        phone, "query", "DESK", LC_ALL=language, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    ).data["history"]
    assert history[0]["text"] == "水泵 läuft"


def test_a_home_may_have_spaces_and_chinese_characters(
    running: Centre, prepared: Prepared, tmp_path: Path
) -> None:
    home = prepared.phone(tmp_path / "夜班 phone ' 1?#%20")
    picture = home / "照 片.jpg"
    picture.write_bytes(b"no picture")
    assert run(home, "scan", DESK).data["saved"]
    assert str(picture) in refusal(home, "scan", str(picture), exit_code=3)["message"]
    assert run(home, "sync").data["unsent"] == 0
    assert run(home, "doctor").code == 0
    fresh = tmp_path / "新 手机"
    assert running.enrol(fresh, "HV-G02")["staff"] == "HV-G02"
    assert run(tmp_path, "scan", DESK, "--home", str(fresh), RADAR_HOME="").data["saved"]


def test_a_read_only_home_is_told_and_keeps_what_it_has(
    phone: Path, plainly: tuple[str, ...]
) -> None:
    run(phone, "scan", DESK)
    before = journal(phone)
    for file in phone.iterdir():
        file.chmod(0o400)
    phone.chmod(0o500)
    try:
        for words in (("scan", DESK), ("note", "DESK", "text")):
            error = refusal(phone, *words, behind=plainly, exit_code=1)
            assert error["code"] == "not_writable"
            assert error["message"].startswith("NOT saved")
            assert "radar doctor" in error["hint"]
        assert run(phone, "status", behind=plainly).data["unsent"] == 1
        assert run(phone, "tasks", behind=plainly).data["tasks"]
        assert journal(phone) == before
    finally:
        phone.chmod(0o700)


def test_a_home_that_cannot_be_made_or_entered_is_told(
    tmp_path: Path, plainly: tuple[str, ...]
) -> None:
    file, locked = tmp_path / "file", tmp_path / "locked"
    file.write_text("not a folder")
    locked.mkdir(0o500)
    closed = tmp_path / "closed"
    closed.mkdir(0o000)
    for home in (file, file / "below", locked, locked / "below", closed, tmp_path / ("x" * 300)):
        words = ("enrol", "http://127.0.0.1:1", "0000-0000-000")
        error = refusal(home, *words, behind=plainly, exit_code=1)
        assert error["code"] == "home_not_writable"
        assert str(home) in error["message"]
        # Where nothing can be looked at, nobody can say that the phone is not enrolled.
        seen = home in (locked, locked / "below")
        code, name = (7, "not_enrolled") if seen else (1, "home_closed")
        assert refusal(home, "scan", DESK, behind=plainly, exit_code=code)["code"] == name
    assert file.read_text() == "not a folder"
    closed.chmod(0o700)


@pytest.mark.parametrize(
    "content", [b"", b"not a database\n" * 500, None], ids=["empty", "text", "folder"]
)
def test_a_database_that_is_none_is_told_by_every_verb_and_left_alone(
    phone: Path, content: bytes | None
) -> None:
    for file in phone.glob("phone.db*"):
        file.unlink()
    database = phone / "phone.db"
    if content is None:
        database.mkdir()
    else:
        database.write_bytes(content)
    for words in (("scan", DESK), ("tasks",), ("status",), ("log",), ("sync",), ("query", "DESK")):
        error = refusal(phone, *words, exit_code=1)
        assert error["code"] in {"database_broken", "home_closed"}
        assert "radar doctor" in error["hint"]
    enrol = ("enrol", "http://127.0.0.1:1", "0000-0000-000")
    error = refusal(phone, *enrol, exit_code=1)
    assert error["code"] in {"database_broken", "home_closed"}
    assert "radar doctor" in error["hint"]
    if content is not None:
        assert database.read_bytes() == content
