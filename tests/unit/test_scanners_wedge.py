"""What a hand scanner puts around a code goes, and only that; its settings are read or refused."""

import os
import pty
import threading
from pathlib import Path

import pytest

from radar_core.failures import USAGE, Failure
from scanners.wedge import (
    AFFIX_BYTES_MAX,
    LINE_BYTES_MAX,
    PAUSE_MS_MAX,
    Lines,
    Wedge,
    bare_text,
    read_wedge,
    unescaped,
    wedge_lines,
    without_aim,
)
from tests.command_line import CommandLine
from tests.phones import code, new_phone, site_centre


def lines(wedge: Wedge, *pieces: bytes) -> list[str | Failure]:
    cutter = Lines(wedge)
    told = [line for piece in pieces for line in cutter.feed(piece)]
    return told + list(cutter.end())


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", b""),
        ("##", b"##"),
        (r"\t", b"\t"),
        (r"\x02\x1D", b"\x02\x1d"),
        (r"\r\n", b"\r\n"),
        (r"\e\0\\n", b"\x1b\x00\\n"),
        (r"\xff", b"\xff"),
        ("扫", "扫".encode()),
        ("\t", b"\t"),
    ],
)
def test_escapes_in_a_setting_are_filled_in(text: str, data: bytes) -> None:
    assert unescaped(text) == data


@pytest.mark.parametrize("text", ["\\", r"\q", r"\x", r"\x2", r"\xg0", r"\x 2", r"\x+1", "\ud800"])
def test_an_escape_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is the setting's own
        unescaped(text)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("wedge_prefix", (r"\q", "", "0")),
        ("wedge_prefix", (r"\r", "", "0")),
        ("wedge_prefix", ("x" * (AFFIX_BYTES_MAX + 1), "", "0")),
        ("wedge_suffix", ("", r"\n##", "0")),
        ("wedge_suffix", ("", r"\x", "0")),
        ("wedge_pause_ms", ("", "", str(PAUSE_MS_MAX + 1))),
        ("wedge_pause_ms", ("", "", "-1")),
        ("wedge_pause_ms", ("", "", "soon")),
        ("wedge_pause_ms", ("", "", "")),
        ("wedge_pause_ms", ("", "", "9" * 5000)),
    ],
)
def test_a_setting_that_is_none_is_told_by_its_name(
    name: str, settings: tuple[str, str, str]
) -> None:
    with pytest.raises(Failure) as caught:
        read_wedge(*settings)
    assert (caught.value.code, caught.value.exit_code) == ("config_wedge", USAGE)
    assert name in str(caught.value)
    assert len(str(caught.value)) < 200


def test_settings_are_read_as_bytes_and_seconds() -> None:
    wedge = read_wedge(r"\x02", r"##\r\n", "250")
    assert (wedge.prefix, wedge.suffix, wedge.pause_s) == (b"\x02", b"##\r\n", 0.25)


@pytest.mark.parametrize(
    ("wedge", "sent", "got"),
    [
        (Wedge(suffix=b"\t"), b"ONE\tTWO\t", ["ONE", "TWO"]),
        (Wedge(suffix=b"\t"), b"ONE\r\nTWO\tTHREE", ["ONE", "TWO", "THREE"]),
        (Wedge(suffix=b"\x03"), b"\x02ONE\x03\x02TWO\x03", ["ONE", "TWO"]),
        (Wedge(suffix=b"##"), b"ONE##TWO#2##\r\n#3##", ["ONE", "TWO#2", "#3"]),
        (Wedge(suffix=b"END\r\n"), b"ONEEND\r\nTENDERS\r\n", ["ONE", "TENDERS"]),
        (Wedge(prefix=b"SCN:"), b"SCN:ONE\nTWO\nSCN:\n SCN:X SCN:\n", ["ONE", "TWO", "X SCN:"]),
        (Wedge(prefix=b"\x02A "), b"\x02A ONE\nABLE\n", ["ONE", "ABLE"]),
        (Wedge(prefix=b"<", suffix=b">"), b"<]Q1ONE><]C0TWO>]E0THREE>", ["ONE", "TWO", "THREE"]),
        (
            Wedge(),
            b"]d2ONE\n]\n]Q1\n]q1X\n]Q?X\nA]Q1\n",
            ["ONE", "]", "]Q1", "]q1X", "]Q?X", "A]Q1"],
        ),
    ],
)
def test_what_the_scanner_puts_around_a_code_goes(
    wedge: Wedge, sent: bytes, got: list[str]
) -> None:
    assert lines(wedge, sent) == got
    assert lines(wedge, *(sent[at : at + 1] for at in range(len(sent)))) == got


def test_a_line_without_end_before_a_suffix_is_counted_to_its_end() -> None:
    long, after = lines(Wedge(suffix=b"##"), b"7" * LINE_BYTES_MAX, b"7#", b"7##TWO##")
    assert isinstance(long, Failure)
    assert (long.code, long.values["length"], after) == (
        "code_too_long", LINE_BYTES_MAX + 3, "TWO",
    )  # fmt: skip


def test_a_mark_is_no_mark_where_nothing_is_behind_it() -> None:
    assert [without_aim(text) for text in ("]C1", "]C12", "", "]", "]é1x")] == [
        "]C1", "2", "", "]", "]é1x",
    ]  # fmt: skip
    assert bare_text("]E04006381333931", Wedge()) == "4006381333931"


def test_a_pause_ends_a_code_that_has_no_suffix() -> None:
    reader, writer = os.pipe()

    with os.fdopen(reader, "rb") as read_end:
        with os.fdopen(writer, "wb", buffering=0) as write_end:
            write_end.write(b"ON")
            threading.Timer(0.02, write_end.write, (b"E",)).start()
            got = wedge_lines(read_end, Wedge(pause_s=1.0))
            assert next(got) == "ONE"
            write_end.write(b"TWO")
        assert list(got) == ["TWO"]


@pytest.mark.parametrize("ending", [b"\x04", b""])
def test_a_terminal_hands_out_a_code_that_ends_with_a_tab_and_is_left_as_it_was(
    ending: bytes,
) -> None:
    import termios

    keyboard, screen = pty.openpty()
    before = termios.tcgetattr(screen)
    with os.fdopen(screen, "rb", buffering=0) as read_end:
        told = wedge_lines(read_end, Wedge(suffix=b"\t"))
        threading.Timer(0.1, os.write, (keyboard, b"ONE\t")).start()
        assert next(told) == "ONE"
        if ending:
            os.write(keyboard, b"TWO" + ending)
            assert list(told) == ["TWO"]
        else:
            told.close()
        assert termios.tcgetattr(read_end.fileno()) == before
    os.close(keyboard)


def test_the_settings_reach_the_scan_and_wrong_ones_do_not_stop_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    radar = CommandLine(capfd, new_phone(tmp_path, site_centre(), "G1").world.home)
    (radar.home / "config.toml").write_text(r"wedge_suffix = '\x'")
    said = radar("tasks", "--json")
    assert (said.code, said.error["code"]) == (USAGE, "config_wedge")
    said = radar("scan", code("GATE"), "--json")
    assert said.data["saved"] is True
    assert "wedge_suffix" in said.err
    shown = radar("doctor", "--json", RADAR_WEDGE_SUFFIX=r"\x03").data["settings"]
    assert shown["wedge_suffix"] == {"value": r"\x03", "source": "RADAR_WEDGE_SUFFIX"}
