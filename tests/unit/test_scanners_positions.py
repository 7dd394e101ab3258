"""A position comes from a real program, or in time there is none; nothing it gives is fatal."""

import contextlib
import socket
import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from scanners.positions import PROGRAM, Fix, fix_of_gpsd, read_fix
from tests.stand_ins import FOREVER, is_gone, only, process_of, program, words_of

TOLD = (
    '{"latitude": 36.067, "longitude": 120.382, "altitude": 12.0, "accuracy": 8.5,'
    ' "bearing": 0.0, "speed": 0.0, "elapsedMs": 1500, "provider": "gps"}'
)


def test_termux_is_asked_once_and_its_fix_is_read(tmp_path: Path) -> None:
    path = program(tmp_path, PROGRAM, f"print('''{TOLD}''')")
    assert read_fix(only(tmp_path)) == Fix(36.067, 120.382, 8.5, 1.5)
    assert words_of(path) == ["-p", "gps", "-r", "once"]


def test_without_program_and_service_there_is_no_position(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        gpsd = taken.getsockname()
    assert read_fix(only(tmp_path), gpsd=gpsd) is None


@pytest.mark.parametrize(
    "gives",
    [
        "",
        "print('')",
        "print('no permission')",
        "print('[1, 2]')",
        "print('null')",
        "print('{}')",
        'print(\'{"latitude": [], "longitude": 1, "accuracy": 1}\')',
        "print('{\"latitude\": 1e999, \"longitude\": 1' + '0' * 400 + ', \"accuracy\": 1}')",
        "print('x' * 1000000)",
        "sys.stdout.buffer.write(bytes([255, 254]))",
        "sys.exit(3)",
    ],
)
def test_what_is_no_position_is_none(tmp_path: Path, gives: str) -> None:
    program(tmp_path, PROGRAM, gives)
    assert read_fix(only(tmp_path)) is None


def test_a_program_that_hangs_is_ended_and_the_scan_goes_on(tmp_path: Path) -> None:
    path = program(tmp_path, PROGRAM, FOREVER)
    since_s = time.monotonic()
    assert read_fix(only(tmp_path), look_s=0.5) is None
    assert time.monotonic() - since_s < 5
    assert is_gone(process_of(path))


TPV = '{"class":"TPV","mode":3,"lat":36.067,"lon":120.382,"eph":9.5}'


@contextlib.contextmanager
def receiver(lines: Sequence[str]) -> Generator[tuple[tuple[str, int], list[bytes]]]:
    """Be a gpsd that sends these lines once it is asked to; yield its address and what it heard."""
    heard: list[bytes] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            link, _ = server.accept()
            with link:
                heard.append(link.recv(4096))
                for line in lines:
                    link.sendall(line.encode())
                while link.recv(4096):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname(), heard
        finally:
            server.close()
            thread.join(10)
            assert not thread.is_alive()


def test_gpsd_is_asked_where_termux_is_not(tmp_path: Path) -> None:
    version = '{"class":"VERSION","release":"3.25"}\n'
    blind = '{"class":"TPV","mode":1,"lat":1.0,"lon":1.0,"eph":1.0}\n'
    with receiver([version + blind, TPV[:20], TPV[20:] + "\n"]) as (gpsd, heard):
        assert read_fix(only(tmp_path), gpsd=gpsd) == Fix(36.067, 120.382, 9.5, 0.0)
    assert heard == [b'?WATCH={"enable":true,"json":true};\n']


def test_a_gpsd_that_knows_nothing_or_floods_is_left_in_time(tmp_path: Path) -> None:
    for lines in ([], ["no position\n"], ["x" * 100_000], ["\n" * 100_000]):
        since_s = time.monotonic()
        with receiver(lines) as (gpsd, _):
            assert read_fix(only(tmp_path), look_s=0.5, gpsd=gpsd) is None
        assert time.monotonic() - since_s < 8


def test_who_is_stopped_waits_no_more(tmp_path: Path) -> None:
    since_s = time.monotonic()
    with receiver([]) as (gpsd, _):
        assert read_fix(only(tmp_path), look_s=60.0, stopped=lambda: True, gpsd=gpsd) is None
    assert time.monotonic() - since_s < 30


@pytest.mark.parametrize(
    ("changed", "fix"),
    [
        ("", Fix(36.067, 120.382, 9.5, 0.0)),
        (',"time":"2026-11-27T03:00:00.500Z"', Fix(36.067, 120.382, 9.5, 2.5)),
        (',"time":"2026-11-27T03:00:09.000Z"', Fix(36.067, 120.382, 9.5, 0.0)),
        (',"mode":2', Fix(36.067, 120.382, 9.5, 0.0)),
        (',"mode":1', None),
        (',"mode":"x"', None),
        (',"lat":null', None),
        (',"time":"yesterday"', None),
        (',"time":7', None),
        (',"eph":"far"', None),
        (',"class":"SKY"', None),
    ],
)
def test_a_report_of_gpsd_is_read(changed: str, fix: Fix | None) -> None:
    now_s = 1_795_748_403.0
    assert fix_of_gpsd((TPV[:-1] + changed + "}").encode(), now_s) == fix


def test_errors_along_both_axes_make_the_accuracy_and_none_is_no_fix() -> None:
    axes = TPV.replace('"eph":9.5', '"epx":3.0,"epy":4.0')
    assert fix_of_gpsd(axes.encode(), 0.0) == Fix(36.067, 120.382, 5.0, 0.0)
    assert fix_of_gpsd(TPV.replace(',"eph":9.5', "").encode(), 0.0) is None
    assert fix_of_gpsd(b"[" * 5_000, 0.0) is None
