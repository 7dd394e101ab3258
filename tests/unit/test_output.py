"""What is written where: answers to stdout, talk to stderr, nothing that steers a terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.note import note
from radar_cli.output import STDERR, STDOUT, Output, write
from radar_cli.texts import Texts
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure
from tests.command_line import CommandLine
from tests.house import ROOT
from tests.phones import code, new_phone, site_centre

ENGLISH = Output(Texts("en"), json=False)
JSON = Output(Texts("en"), json=True)
FAILURE = Failure("oops", "It broke: {what}.", "Try {what} again.", exit_code=USAGE, what="that")


def test_an_answer_goes_to_stdout_line_by_line(capfd: pytest.CaptureFixture[str]) -> None:
    ENGLISH.answer(Answer("x", {}), ["one", "二", ""])
    assert capfd.readouterr() == ("one\n二\n\n", "")


def test_a_failure_goes_to_stderr_with_its_hint(capfd: pytest.CaptureFixture[str]) -> None:
    ENGLISH.failure(FAILURE)
    assert capfd.readouterr() == ("", "It broke: that.\n  → Try that again.\n")
    ENGLISH.failure(Failure("oops", "It broke."))
    assert capfd.readouterr() == ("", "It broke.\n")


def test_under_json_both_are_one_line_on_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    JSON.answer(Answer("x", {"a": "one\ntwo\r\u2028三"}), ["not shown"])
    out, err = capfd.readouterr()
    assert json.loads(out) == {"format": 1, "ok": True, "data": {"a": "one\ntwo\r\u2028三"}}
    assert (out.count("\n"), err) == (1, "")
    failure = Failure("oops", "It broke: {what}.", "", what="that\nthere")
    failure.details["mistakes"] = [1, 2]
    JSON.failure(failure)
    out, err = capfd.readouterr()
    assert json.loads(out) == {
        "format": 1,
        "ok": False,
        "error": {
            "code": "oops",
            "message": "It broke: that\nthere.",
            "hint": "",
            "mistakes": [1, 2],
        },
    }
    assert (out.count("\n"), err) == (1, "")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_says_what_was_meant_without_a_control_character(
    capfd: pytest.CaptureFixture[str], name: str
) -> None:
    JSON.answer(Answer("x", {name: name}))
    out = capfd.readouterr().out
    assert json.loads(out)["data"] == {name: name}
    assert out[:-1].isprintable()


def test_talk_goes_to_stderr_even_under_json(capfd: pytest.CaptureFixture[str]) -> None:
    JSON.talk("note")
    assert capfd.readouterr() == ("", "note\n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_no_name_steers_the_terminal_or_fakes_a_line(
    capfd: pytest.CaptureFixture[str], name: str
) -> None:
    ENGLISH.answer(Answer("x", {}), [f"> {name}"])
    ENGLISH.talk(f"> {name}")
    for stream in capfd.readouterr():
        assert stream.count("\n") == 1
        shown = stream[:-1]
        assert all(char.isprintable() or char in "\u3000\u200d" for char in shown)
        assert len(shown) == len(name) + 2
        assert all(
            now == was or not was.isprintable() for now, was in zip(shown[2:], name, strict=True)
        )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x1b[2J\x1b[31mred", "\ufffd[2J\ufffd[31mred"),
        ("a\rSAVED", "a SAVED"),
        ("a\nSAVED  on your round", "a SAVED  on your round"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("\x9b31m", "\ufffd31m"),
        ("王\u3000伟", "王\u3000伟"),
        ("a\xa0b", "a b"),
        ("\u200b", "\ufffd"),
        ("a\u200db", "a\ufffdb"),
        ("👩🏽\u200d🔧 ❤\ufe0f e\u0301 王", "👩🏽\u200d🔧 ❤\ufe0f e\u0301 王"),
        ("\U000e0041\U000e007f", "\ufffd\ufffd"),
        ("\x1b]52;c;cm0gLXJm\x07", "\ufffd]52;c;cm0gLXJm\ufffd"),
    ],
)
def test_what_would_move_the_cursor_or_turn_the_text_is_made_harmless(
    capfd: pytest.CaptureFixture[str], name: str, shown: str
) -> None:
    ENGLISH.answer(Answer("x", {}), [name])
    assert capfd.readouterr().out == f"{shown}\n"


def test_a_task_with_a_hostile_title_is_harmless_in_the_list_and_whole_in_json(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    centre = site_centre()
    title = "\x1b]0;owned\x07\nSAVED  round finished"
    centre.put("HV", "route", "FREE", {"name": "R", "checkpoints": ["place:GATE"]})
    hostile = {"kind": "patrol", "title": title, "role": "guard", "route": "FREE",
               "rrule": "FREQ=DAILY", "start": "2026-01-01T00:00",
               "duration_min": 1440}  # fmt: skip
    for schedule in ("day", "night"):
        centre.put("HV", "schedule", schedule, hostile)
    phone = new_phone(tmp_path, centre, "G1")
    radar = CommandLine(capfd, phone.world.home)
    listed = radar("tasks").out
    assert "\x1b" not in listed
    assert "\x07" not in listed
    assert not any(line.startswith("SAVED") for line in listed.splitlines())
    assert radar("tasks", "--json").data["tasks"][0]["title"] == title


def test_a_reader_that_went_away_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setattr("radar_cli.output.STDOUT", writing)
    write(writing, "hello\n")
    os.close(writing)


def test_all_of_a_long_text_is_written_whatever_the_pipe_takes_at_once() -> None:
    text = "泵" * 200_000
    script = "import sys; from radar_cli.output import write; write(1, '泵' * 200_000)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.decode() == text


def test_a_name_that_is_no_text_is_written_as_near_as_can_be(
    capfd: pytest.CaptureFixture[str],
) -> None:
    JSON.answer(Answer("x", {"source": "photo\udcff.jpg"}))
    assert json.loads(capfd.readouterr().out)["data"]["source"] == "photo?.jpg"


def test_an_answer_that_cannot_be_written_is_told_and_what_was_recorded_is_safe(
    tmp_path: Path,
) -> None:
    phone = new_phone(tmp_path, site_centre(), "G1")
    home = phone.world.home
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "radar_cli", "note", "GATE", "hello", "--json"],
            cwd=ROOT,
            env={"RADAR_HOME": str(home), "HOME": str(tmp_path), "LANG": "C.UTF-8"},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert "No space left on device" in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert [body["text"] for _, body in phone.actions()] == ["hello"]


def test_help_is_an_answer_too(capfd: pytest.CaptureFixture[str]) -> None:
    ENGLISH.help("Usage: radar\n\n")
    assert capfd.readouterr() == ("Usage: radar\n", "")
    JSON.help("Usage: radar\n")
    assert json.loads(capfd.readouterr().out)["data"] == {"help": "Usage: radar\n"}


def test_the_streams_are_the_process_s_own() -> None:
    assert (STDOUT, STDERR) == (1, 2)


def test_a_person_sees_a_note_s_text_in_the_history_on_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    phone = new_phone(tmp_path, site_centre(), "G1")
    note(phone.phone, code("GATE"), "first\nSAVED  second")
    shown = CommandLine(capfd, phone.world.home)("query", "GATE").out
    assert "“first SAVED  second”" in shown
