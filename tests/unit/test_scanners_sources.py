"""What `radar scan` is handed: standard input, a picture or a code; and the lines of a wedge."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from radar_core.failures import FAILED, UNREADABLE, Failure
from radar_core.tags import LABEL_CHARS_MAX
from scanners.sources import clean_code, kind_of_source
from scanners.wedge import LINE_BYTES_MAX, wedge_lines

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as read_end, os.fdopen(writer, "wb", buffering=0) as write_end:
        yield read_end, write_end


def _lines(data: bytes) -> list[str | Failure]:
    reader, writer = os.pipe()

    def feed() -> None:
        with os.fdopen(writer, "wb") as write_end:
            write_end.write(data)

    feeder = threading.Thread(target=feed)
    feeder.start()
    with os.fdopen(reader, "rb") as read_end:
        lines = list(wedge_lines(read_end))
    feeder.join()
    return lines


@pytest.mark.parametrize(
    "text",
    [
        "P9D8-KS86-H1T",
        "p9d8ks86h1t",
        "HTTPS://R.EXAMPLE/0123456789A",
        "https://maker.example/photo.jpg",
        "weixin://dl/business/?t=417",
        "4006381333931",
        "WIFI:S:lobby;T:WPA;P:a/b;;",
        "PUMP 10/20",
        "",
        "--",
        "a\0b",
        "x" * 10_000,
        "/" + "x" * 10_000,
    ],
)
def test_what_names_no_file_is_a_code(text: str) -> None:
    assert kind_of_source(text) == "code"


@pytest.mark.parametrize(
    "text",
    ["missing.jpg", "MISSING.JPEG", "a/b.png", "/nowhere/photo", "./photo", "../photo", "~/photo"],
)
def test_what_looks_like_the_path_of_a_picture_is_one_that_may_be_missing(text: str) -> None:
    assert kind_of_source(text) == "picture"


def test_whatever_exists_is_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("P9D8-KS86-H1T").touch()
    Path("photos").mkdir()
    Path("link").symlink_to("nowhere")
    for text in ("P9D8-KS86-H1T", "photos", "link", "photos/forgotten", str(tmp_path)):
        assert kind_of_source(text) == "picture", text


def test_a_hyphen_is_standard_input() -> None:
    assert kind_of_source("-") == "stdin"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("P9D8-KS86-H1T\r\n", "P9D8-KS86-H1T"),
        ("\x02P9D8-KS86-H1T\x03", "P9D8-KS86-H1T"),
        ("\x1dPUMP\x1d417\x1d", "PUMP\x1d417"),
        ("\ufeff 4006381333931\t", "4006381333931"),
        ("P\0U\0M\0P\0", "PUMP"),
        ("泵房 2", "泵房 2"),
    ],
)
def test_what_a_scanner_puts_around_a_code_goes(typed: str, code: str) -> None:
    assert clean_code(typed) == code


@pytest.mark.parametrize("blank", ["", " ", "\r\n", "\x02\x03", "\0", "\ufeff"])
def test_an_empty_code_is_refused(blank: str) -> None:
    with pytest.raises(Failure) as caught:
        clean_code(blank)
    assert (caught.value.code, caught.value.exit_code) == ("code_empty", UNREADABLE)


def test_a_code_that_no_label_can_hold_is_refused_without_repeating_it() -> None:
    assert clean_code("9" * LABEL_CHARS_MAX)
    with pytest.raises(Failure) as caught:
        clean_code("9" * 5_000_000)
    assert (caught.value.code, caught.value.exit_code) == ("code_too_long", UNREADABLE)
    assert "5000000" in str(caught.value)
    assert str(LABEL_CHARS_MAX) in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_line_comes_as_soon_as_it_ends(pipe: tuple[IO[bytes], IO[bytes]]) -> None:
    read_end, write_end = pipe
    lines = wedge_lines(read_end)
    for sent, got in ((b"ONE\r\n", "ONE"), (b"TWO\r", "TWO"), (b"THREE\nFO", "THREE")):
        write_end.write(sent)
        assert next(lines) == got
    write_end.write(b"UR\n")
    assert next(lines) == "FOUR"
    write_end.close()
    assert list(lines) == []


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        (b"", []),
        (b"ONE", ["ONE"]),
        (b"ONE\nTWO", ["ONE", "TWO"]),
        (b"ONE\rTWO\r", ["ONE", "TWO"]),
        (b"ONE\r\n\r\n\n\nTWO\r\n", ["ONE", "TWO"]),
        (b"\x02ONE\x03\r\n", ["ONE"]),
        (b"\0\0\n\0O\0N\0E\n", ["ONE"]),
        (b"A\xe9\xff\nTWO\n", ["A\\xe9\\xff", "TWO"]),
        ("泵房\n".encode(), ["泵房"]),
    ],
)
def test_every_way_to_end_a_line_is_understood(sent: bytes, got: list[str]) -> None:
    assert _lines(sent) == got


def test_a_line_that_is_too_long_is_a_failure_and_the_next_line_is_read() -> None:
    first, second = _lines(b"9" * 3_000_000 + b"\nTWO\n")
    assert isinstance(first, Failure)
    assert (first.code, first.values["length"]) == ("code_too_long", 3_000_000)
    assert second == "TWO"
    assert _lines(b"9" * LINE_BYTES_MAX + b"\n") == ["9" * LINE_BYTES_MAX]
    (last,) = _lines(b"9" * (LINE_BYTES_MAX + 1))
    assert isinstance(last, Failure)


def test_a_line_without_end_takes_constant_memory() -> None:
    program = """
import resource, sys
from scanners.wedge import wedge_lines
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
(line,) = wedge_lines(sys.stdin.buffer)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(line.values["length"], (after - before) < 4096)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=bytes(100_000_000),
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == b"100000000 True\n"


def test_a_pipe_that_another_program_made_non_blocking_is_waited_for(
    pipe: tuple[IO[bytes], IO[bytes]],
) -> None:
    read_end, write_end = pipe
    os.set_blocking(read_end.fileno(), False)
    timer = threading.Timer(0.1, lambda: write_end.write(b"ONE\n"))
    timer.start()
    assert next(wedge_lines(read_end)) == "ONE"
    timer.join()


def test_a_folder_as_standard_input_is_a_failure(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(Failure) as caught:
            list(wedge_lines(_Descriptor(descriptor)))
    finally:
        os.close(descriptor)
    assert (caught.value.code, caught.value.exit_code) == ("input_unreadable", FAILED)


class _Descriptor:
    def __init__(self, number: int) -> None:
        self._number = number

    def fileno(self) -> int:
        return self._number


def test_a_typed_code_costs_the_import_of_nothing_but_two_modules_of_ours() -> None:
    program = """
import sys
before = set(sys.modules)
import scanners.sources
print(sorted(set(sys.modules) - before))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    ours = ["radar_core", "radar_core.failures", "radar_core.tags", "scanners", "scanners.sources"]
    assert done.stdout == f"{ours}\n"
