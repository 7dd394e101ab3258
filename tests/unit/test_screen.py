"""What fits onto a terminal: wide characters take two columns, accents none."""

import os
import pty

import pytest

from radar_cli.screen import cut_to, fit_to, size_of


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("", ""),
        ("ten chars!", "ten chars!"),
        ("eleven char", "eleven ch…"),
        ("巡更巡更巡", "巡更巡更巡"),
        ("巡更巡更巡更", "巡更巡更…"),
        ("a巡更巡更巡", "a巡更巡更…"),
        ("e\u0301" * 10, "e\u0301" * 10),
    ],
)
def test_a_line_is_cut_to_the_columns_that_it_takes(line: str, shown: str) -> None:
    assert cut_to([line], 10) == [shown]


def test_what_is_too_long_for_a_screen_keeps_its_last_line() -> None:
    lines = [str(number) for number in range(9)]
    assert fit_to(lines, 80, 9) == lines
    assert fit_to(lines, 80, 4) == ["0", "1", "…", "8"]


def test_a_terminal_has_a_size_and_a_pipe_or_a_dumb_one_has_none() -> None:
    master, slave = pty.openpty()
    try:
        os.set_blocking(master, False)
        assert size_of(slave, {"TERM": "dumb"}) is None
        assert size_of(slave, {}) is None
        assert size_of(os.open(os.devnull, os.O_WRONLY), {"TERM": "xterm"}) is None
    finally:
        os.close(master)
        os.close(slave)
