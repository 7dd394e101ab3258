"""`radar scan --camera` and `--clipboard` as processes: the verdict, the refusals, the end."""

import json
import os
import pty
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from radar_core.tags import typable
from tests.e2e.world import CODES, RADAR, RUN_S, environment, journal, refusal, run, say
from tests.stand_ins import FOREVER, filming, frame, is_gone, only, process_of, program, wall

DESK = CODES["DESK"]
ENV = shutil.which("env") or "/usr/bin/env"
"""`only` leaves no programs on the path."""


def started(phone: Path, environ: Mapping[str, str], *words: str) -> subprocess.Popen[bytes]:
    """Start a scan; behind nohup or in the background too, Ctrl-C and a closed terminal end it."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [ENV, "--default-signal=HUP,INT", RADAR, "scan", *words],
        env={**environment(phone), **environ},
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
    )


def test_a_tag_held_before_the_camera_is_scanned(phone: Path, tmp_path: Path) -> None:
    camera = filming(tmp_path / "bin", [wall(), frame(DESK)])
    told = run(phone, "scan", "--camera", PATH=str(tmp_path / "bin"))
    assert (told.data["tag"], told.data["saved"]) == (DESK, True)
    ((_, _, line),) = journal(phone)
    assert json.loads(line)["body"]["via"] == "camera"
    assert is_gone(process_of(camera))
    said = say(phone, "scan", "--camera", "--device", "/dev/video3", PATH=str(tmp_path / "bin"))
    assert (said.code, said.stderr) == (0, "")
    assert said.stdout.startswith("SAVED  ")


def test_a_task_may_be_named_beside_the_camera(phone: Path, tmp_path: Path) -> None:
    filming(tmp_path / "bin", [frame(DESK)])
    told = run(phone, "scan", "--task", "ROUND", "--camera", PATH=str(tmp_path / "bin"))
    assert told.data["outcome"] == "on_round"


def test_without_a_program_a_person_is_told_what_to_install(phone: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for flag in ("camera", "clipboard"):
        error = refusal(phone, "scan", f"--{flag}", exit_code=3, PATH=str(tmp_path / "bin"))
        assert error["code"] == f"no_{flag}_program"
    assert journal(phone) == []


def test_a_camera_that_hangs_is_given_up(phone: Path, tmp_path: Path) -> None:
    camera = program(tmp_path / "bin", "ffmpeg", FOREVER)
    error = refusal(phone, "scan", "--camera", exit_code=3, PATH=str(tmp_path / "bin"))
    assert error["code"] == "camera_hangs"
    assert is_gone(process_of(camera))


def test_a_camera_that_dies_in_mid_frame_is_told(phone: Path, tmp_path: Path) -> None:
    body = "os.write(1, bytes(5000)); os.write(2, b'No such device\\n')"
    program(tmp_path / "bin", "ffmpeg", body)
    error = refusal(phone, "scan", "--camera", exit_code=3, PATH=str(tmp_path / "bin"))
    assert (error["code"], "(No such device)" in error["message"]) == ("camera_fails", True)


def test_a_camera_that_shows_nothing_is_given_up_with_advice(phone: Path, tmp_path: Path) -> None:
    camera = filming(tmp_path / "bin", [wall()])
    told = run(phone, "scan", "--camera", PATH=str(tmp_path / "bin"))
    assert (told.code, told.error["code"]) == (3, "no_code_in_time")
    assert told.error["hint"].startswith("Too dark")
    assert is_gone(process_of(camera))
    assert journal(phone) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("body", ["films", FOREVER])
def test_the_camera_ends_with_us(
    phone: Path, tmp_path: Path, how: signal.Signals, body: str
) -> None:
    camera = (
        filming(tmp_path / "bin", [wall()])
        if body == "films"
        else program(tmp_path / "bin", "ffmpeg", body)
    )
    process = started(phone, only(tmp_path / "bin"), "--camera")
    try:
        child = process_of(camera)
        process.send_signal(how)
        out, errors = process.communicate(timeout=RUN_S)
        assert (process.returncode, out, errors) == (130, b"", b"")
        assert is_gone(child)
    finally:
        process.kill()
        process.wait()


def test_the_clipboards_program_ends_with_us(phone: Path, tmp_path: Path) -> None:
    clipboard = program(tmp_path / "bin", "termux-clipboard-get", FOREVER)
    process = started(phone, only(tmp_path / "bin"), "--clipboard")
    try:
        child = process_of(clipboard)
        process.terminate()
        assert process.wait(RUN_S) == 130
        assert is_gone(child)
    finally:
        process.kill()
        process.communicate()


def test_behind_nohup_a_closed_terminal_ends_nothing(phone: Path, tmp_path: Path) -> None:
    camera = filming(tmp_path / "bin", [wall()])
    ignoring = 'trap \'\' HUP; exec "$0" "$@"'
    process = subprocess.Popen(
        ["/bin/sh", "-c", ignoring, RADAR, "scan", "--camera"],
        env={**environment(phone), **only(tmp_path / "bin")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        child = process_of(camera)
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.0)
        process.terminate()
        assert process.wait(RUN_S) == 130
        assert is_gone(child)
    finally:
        process.kill()
        process.communicate()


def test_a_terminal_is_told_what_is_done(phone: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin", "ffmpeg", FOREVER)
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [RADAR, "scan", "--camera"],
        env={**environment(phone), **only(tmp_path / "bin")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=terminal,
    )
    os.close(terminal)
    told = b""
    try:
        while b"Hold the tag before the camera." not in told:
            told += os.read(screen, 4096)
    finally:
        process.terminate()
        process.wait(RUN_S)
        os.close(screen)


def test_what_was_copied_is_scanned(phone: Path, tmp_path: Path) -> None:
    frame(DESK).save(tmp_path / "tag.png")
    body = f"""
if sys.argv[-1] == "TARGETS":
    print("image/png")
else:
    sys.stdout.buffer.write(pathlib.Path({str(tmp_path / "tag.png")!r}).read_bytes())
"""
    program(tmp_path / "bin", "xclip", body)
    told = run(phone, "scan", "--clipboard", PATH=str(tmp_path / "bin"))
    assert (told.data["tag"], told.data["source"]) == (DESK, "clipboard")
    program(tmp_path / "bin", "termux-clipboard-get", f"print({typable(DESK)!r})")
    said = say(phone, "scan", "--clipboard", PATH=str(tmp_path / "bin"))
    assert (said.code, said.stdout.startswith("SAVED  "), said.stderr) == (0, True, "")
    program(tmp_path / "bin", "termux-clipboard-get", "")
    error = refusal(phone, "scan", "--clipboard", exit_code=3, PATH=str(tmp_path / "bin"))
    assert error["code"] == "clipboard_empty"


@pytest.mark.parametrize(
    "words",
    [
        ["--camera", "--clipboard"],
        ["--camera", DESK],
        ["--clipboard", DESK],
        ["--device", "0", DESK],
        ["--device", "0", "--clipboard"],
        ["--task", "ROUND"],
        [],
    ],
)
def test_words_that_do_not_go_together_are_told(phone: Path, words: list[str]) -> None:
    told = say(phone, "scan", *words)
    assert (told.code, told.stdout) == (2, "")
    assert "radar scan --help" in told.stderr
    assert journal(phone) == []


def test_a_camera_is_for_an_enrolled_phone_alone(tmp_path: Path) -> None:
    for flag in ("--camera", "--clipboard"):
        assert refusal(tmp_path / "none", "scan", flag, exit_code=7)["code"] == "not_enrolled"
