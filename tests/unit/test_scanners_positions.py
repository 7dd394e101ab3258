"""A position comes from a real program, or in time there is none; nothing it gives is fatal."""

import time
from pathlib import Path

import pytest

from scanners.positions import PROGRAM, Fix, read_fix
from tests.stand_ins import FOREVER, is_gone, only, process_of, program, words_of

TOLD = (
    '{"latitude": 36.067, "longitude": 120.382, "altitude": 12.0, "accuracy": 8.5,'
    ' "bearing": 0.0, "speed": 0.0, "elapsedMs": 1500, "provider": "gps"}'
)


def test_termux_is_asked_once_and_its_fix_is_read(tmp_path: Path) -> None:
    path = program(tmp_path, PROGRAM, f"print('''{TOLD}''')")
    assert read_fix(only(tmp_path)) == Fix(36.067, 120.382, 8.5, 1.5)
    assert words_of(path) == ["-p", "gps", "-r", "once"]


def test_without_the_program_there_is_no_position(tmp_path: Path) -> None:
    assert read_fix(only(tmp_path)) is None


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
