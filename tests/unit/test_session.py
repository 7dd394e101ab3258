"""One run: flags that may stand anywhere, one line under `--json`, and failures as sentences."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from radar_cli.session import split_flags
from radar_core.failures import (
    DECIDE,
    DONE,
    FAILED,
    INTERRUPTED,
    NOT_ENROLLED,
    NOT_PERMITTED,
    OFFLINE,
    UNREADABLE,
    USAGE,
)
from sync.journal import WAL_BYTES_MAX
from tests.command_line import CommandLine
from tests.house import ROOT
from tests.phones import PUMP, code, new_phone, site_centre


@pytest.fixture
def radar(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """Give a guard's command line."""
    phone = new_phone(tmp_path, site_centre(), "G1")
    return CommandLine(capfd, phone.world.home)


@pytest.fixture
def bare(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """Give the command line of a phone that is not enrolled."""
    return CommandLine(capfd, tmp_path / "bare")


@pytest.mark.parametrize(
    ("typed", "flags", "words"),
    [
        ("tasks --json", {"json": "yes"}, "tasks"),
        ("--json tasks", {"json": "yes"}, "tasks"),
        ("scan --json CODE --lang zh", {"json": "yes", "lang": "zh"}, "scan CODE"),
        ("scan --lang=zh CODE --home=/x", {"lang": "zh", "home": "/x"}, "scan CODE"),
        ("scan -- --json --lang zh", {}, "scan -- --json --lang zh"),
        ("--home /a --home /b tasks", {"home": "/b"}, "tasks"),
        ("serve --home /x --json", {"json": "yes"}, "serve --home /x"),
        ("admin init --home=/x --lang zh", {"lang": "zh"}, "admin init --home=/x"),
        ("--home /x admin init", {"home": "/x"}, "admin init"),
        ("tasks --home", {"home": ""}, "tasks"),
        ("tasks --lang=", {"lang": ""}, "tasks"),
        ("tasks --home --json", {"home": "", "json": "yes"}, "tasks"),
        ("tasks --home=--odd", {"home": "--odd"}, "tasks"),
        ("note X --jsonx", {}, "note X --jsonx"),
        ("", {}, ""),
    ],
)
def test_flags_are_taken_out_of_the_words_wherever_they_stand(
    typed: str, flags: dict[str, str], words: str
) -> None:
    assert split_flags(typed.split()) == (flags, words.split())


@pytest.mark.parametrize(
    "typed",
    [
        "--json",
        "--json --version",
        "--version --json",
        "--json --help",
        "scan --help --json",
        "nonsense --json",
        "tasks extra words --json",
        "start --json",
        "start a b c --json",
        "answer --json x",
        "scan --task --json",
        "scan --nonsense --json",
        "log --most none --json",
        "log --most 0 --json",
        "admin --json",
        "admin nonsense --json",
        "admin enrol-code G1 --hours 9999 --json",
        "tasks --json --home",
        "tasks --json --lang",
        "tasks --json --lang fr",
        "tasks --json",
        "status --json",
        "scan CODE --json",
        "scan missing.jpg CODE --json",
        "scan - CODE --json",
        "sync --json",
        "query nothing --json",
        "enrol nowhere CODE --json",
        "enrol http://127.0.0.1:9 CODE --json",
        "board --json",
        "doctor --json",
    ],
)
def test_json_is_exactly_one_line_whatever_happens(
    radar: CommandLine, bare: CommandLine, typed: str
) -> None:
    for line in (radar, bare):
        said = line(*typed.split())
        assert said.told["format"] == 1
        assert said.err == ""
        assert said.told["ok"] is True or said.code != DONE


@pytest.mark.parametrize(
    "typed", ["scan CODE", "tasks", "status", "sync", "log", "note GATE x", "query GATE", "done x"]
)
def test_a_phone_that_is_not_enrolled_is_told_so_with_its_own_exit_code(
    bare: CommandLine, typed: str
) -> None:
    said = bare(*typed.split())
    assert (said.code, said.out) == (NOT_ENROLLED, "")
    assert said.err.startswith("This phone is not enrolled yet.\n  → ")
    assert not bare.home.exists()


def test_every_exit_code_of_the_promise_is_reached_by_what_it_is_for(
    radar: CommandLine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert radar("scan", code("GATE")).code == DONE
    assert radar("query", "nothing").code == FAILED
    assert radar("nonsense").code == USAGE
    assert radar("scan", "missing.jpg").code == UNREADABLE
    assert radar("sync").code == OFFLINE
    assert radar("done", PUMP).code == NOT_PERMITTED
    centre = site_centre()
    centre.refuse["note"] = ("out_of_scope", "Not here.")
    other = new_phone(tmp_path, centre, "G2")
    line = CommandLine(capfd, other.world.home)
    assert line("note", "GATE", "hello").code == DONE
    other.sync(centre.post)
    assert line("status").code == DECIDE


def test_the_exit_codes_are_those_that_scripts_know() -> None:
    assert (
        DONE, FAILED, USAGE, UNREADABLE, OFFLINE, DECIDE, NOT_PERMITTED, NOT_ENROLLED, INTERRUPTED,
    ) == (0, 1, 2, 3, 4, 5, 6, 7, 130)  # fmt: skip


def test_several_sources_are_scanned_although_one_of_them_fails(radar: CommandLine) -> None:
    said = radar("scan", "missing.jpg", code("GATE"), "--json")
    assert said.code == UNREADABLE
    failed, scanned = said.data["scans"]
    assert failed["error"]["code"]
    assert scanned["saved"] is True
    said = radar("scan", "missing.jpg", code("GATE"))
    assert said.code == UNREADABLE
    assert said.out.startswith("SAVED")
    assert "missing.jpg" in said.err


def test_standard_input_stands_alone_so_that_no_source_is_passed_over(radar: CommandLine) -> None:
    said = radar("scan", "-", code("GATE"), "--json")
    assert (said.code, said.error["code"]) == (USAGE, "usage")
    assert radar("log", "--json").data["actions"] == []


@pytest.mark.parametrize("word", ["--json", "-x", "--task"])
def test_after_two_hyphens_a_code_may_look_like_an_option(radar: CommandLine, word: str) -> None:
    said = radar("scan", "--json", "--", word)
    assert (said.data["outcome"], said.data["code"]) == ("unknown_tag", word)


def test_after_two_hyphens_a_note_may_look_like_an_option(radar: CommandLine) -> None:
    assert radar("note", "GATE", "--", "--json").out.startswith("SAVED")
    history = radar("query", "GATE", "--json").data["history"]
    assert [row["text"] for row in history] == ["--json"]


@pytest.mark.parametrize("words", [("--lang", "zh"), ("--lang=zh_CN.UTF-8",)])
def test_the_language_may_be_chosen_anywhere(radar: CommandLine, words: tuple[str, ...]) -> None:
    assert "已保存" in radar(*words, "scan", "nothing").out
    assert "已保存" in radar("scan", "nothing", *words).out


def test_the_language_may_be_chosen_by_the_environment_and_the_file(radar: CommandLine) -> None:
    assert "已保存" in radar("scan", "nothing", RADAR_LANG="zh").out
    (radar.home / "config.toml").write_text('lang = "zh"')
    assert "已保存" in radar("scan", "nothing").out
    assert "SAVED" in radar("scan", "nothing", RADAR_LANG="en").out
    assert "SAVED" in radar("scan", "nothing", "--lang", "en", RADAR_LANG="zh").out


@pytest.mark.parametrize("environ", [{"RADAR_LANG": "fr"}, {"RADAR_LANG": "-"}])
def test_a_language_that_there_is_not_is_told(radar: CommandLine, environ: dict[str, str]) -> None:
    said = radar("tasks", "--json", **environ)
    assert (said.code, said.error["code"]) == (USAGE, "unknown_language")
    assert radar("tasks", LANG="fr_FR.UTF-8").code == DONE


@pytest.mark.parametrize(
    ("file", "error"),
    [
        ('language = "zh"', "config_unknown_key"),
        ("lang = ", "config_broken"),
        ("timeout_s = 0", "config_timeout"),
    ],
)
def test_a_file_of_settings_that_is_none_is_told(radar: CommandLine, file: str, error: str) -> None:
    (radar.home / "config.toml").write_text(file)
    said = radar("tasks", "--json")
    assert (said.code, said.error["code"]) == (USAGE, error)


@pytest.mark.parametrize("file", ['language = "zh"', "lang = ", "timeout_s = 0", 'lang = "fr"'])
def test_law_02_recording_asks_nobody_wrong_settings_are_told_and_the_scan_is_saved(
    radar: CommandLine, file: str
) -> None:
    (radar.home / "config.toml").write_text(file)
    said = radar("scan", code("GATE"), "--json")
    assert (said.code, said.data["saved"]) == (DONE, True)
    assert len(said.err.splitlines()) == 2
    assert radar("note", "GATE", "hello").out.startswith("SAVED")


def test_every_command_keeps_the_log_short_after_its_answer(radar: CommandLine) -> None:
    log = radar.home / "phone.db-wal"
    sizes = []
    for _ in range(25):
        radar("note", "GATE", "x" * 4_000)
        sizes.append(log.stat().st_size)
    assert max(sizes) <= WAL_BYTES_MAX
    assert 0 in sizes


@pytest.mark.parametrize("typed", ["scan CODE", "tasks", "status", "log", "note GATE x"])
@pytest.mark.parametrize("content", [b"", b"not a database" * 99])
def test_a_broken_database_is_a_sentence_and_not_a_traceback(
    radar: CommandLine, typed: str, content: bytes
) -> None:
    for suffix in ("-wal", "-shm"):
        (radar.home / f"phone.db{suffix}").unlink(missing_ok=True)
    (radar.home / "phone.db").write_bytes(content)
    said = radar(*typed.split(), "--json")
    assert (said.code, said.error["code"]) == (FAILED, "database_broken")
    assert "Do not delete it" in said.error["hint"]


def test_a_table_that_is_gone_is_a_sentence_too(radar: CommandLine) -> None:
    with sqlite3.connect(radar.home / "phone.db") as database:
        database.execute("DROP TABLE task")
    for words in (("scan", code("GATE")), ("tasks",)):
        assert radar(*words, "--json").error["code"] == "database_broken"


def process(home: Path, *words: str, entered: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """Run `radar WORDS` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "radar_cli", *words],
        cwd=ROOT,
        env={"RADAR_HOME": str(home), "HOME": str(home.parent), "LANG": "C.UTF-8"},
        input=entered,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_a_wedge_scanner_gets_one_verdict_for_each_line_and_nothing_is_lost(
    radar: CommandLine,
) -> None:
    lines = [code("GATE"), "", "missing.jpg", code("GATE").lower(), "x" * 40_000, "strange"]
    entered = "\r\n".join(lines).encode() + b"\n\xff\xfe\n"
    done = process(radar.home, "scan", "-", "--json", entered=entered)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["ok"] for line in told] == [True, False, True, False, True, True]
    assert [line["data"]["code"] for line in told if line["ok"]] == [
        code("GATE"), code("GATE").lower(), "strange", r"\xff\xfe",
    ]  # fmt: skip
    assert (done.returncode, done.stderr) == (UNREADABLE, b"")
    assert len(radar("log", "--json").data["actions"]) == 4


def test_a_wedge_scanner_s_person_sees_one_line_for_each_scan(radar: CommandLine) -> None:
    done = process(radar.home, "scan", "-", entered=f"{code('ATTIC')}\nstrange\n".encode())
    shown = done.stdout.decode().splitlines()
    assert len(shown) == 2
    assert all(line.startswith("SAVED") for line in shown)


def test_an_argument_that_is_not_utf_8_is_kept_as_escapes(radar: CommandLine) -> None:
    home = os.fsencode(radar.home)
    done = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"radar_cli", b"scan", b"caf\xe9", b"--json"],
        cwd=ROOT,
        env={b"RADAR_HOME": home, b"HOME": home, b"LANG": b"C.UTF-8"},
        capture_output=True,
        check=False,
    )
    assert json.loads(done.stdout)["data"]["code"] == r"caf\xe9"
    for words in (("query", os.fsdecode(b"caf\xe9")), ("note", "GATE", os.fsdecode(b"\xe9"))):
        assert b"Traceback" not in process(radar.home, *words).stderr


def test_nothing_on_standard_input_is_no_scan_and_no_mistake(radar: CommandLine) -> None:
    done = process(radar.home, "scan", "-")
    assert (done.returncode, done.stdout, done.stderr) == (DONE, b"", b"")


@pytest.mark.parametrize("words", [["--version"], ["tasks"], ["scan", "CODE"], ["nonsense"]])
def test_streams_that_were_closed_before_we_began_are_no_traceback(
    radar: CommandLine, words: list[str]
) -> None:
    errors = radar.home / "errors"
    line = f"exec {sys.executable} -m radar_cli {' '.join(words)} >&- 2>{errors} <&-"
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=ROOT,
        env={
            "RADAR_HOME": str(radar.home),
            "HOME": "/",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
        },
        check=False,
    )
    assert "Traceback" not in errors.read_text()
    assert done.returncode in (DONE, FAILED, USAGE)


def test_the_phone_s_database_is_left_open_so_that_its_log_stays_for_the_next_scan(
    radar: CommandLine,
) -> None:
    """Closing the database would fold the log back: three more flushes at each scan."""
    process(radar.home, "scan", code("GATE"))
    assert (radar.home / "phone.db-wal").stat().st_size > 0
    assert len(radar("log", "--json").data["actions"]) == 1
