"""`radar board`, `query` and `tasks` as tables, and the board that stays."""

import csv
import fcntl
import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from radar_core.failures import INTERRUPTED, NOT_PERMITTED, OFFLINE, USAGE
from sync.protocol import BOARD_PATH, QUERY_PATH
from tests.command_line import CommandLine
from tests.paper_site import GOOD, JSON, PROBLEM, PaperSite, serving
from tests.phones import code, site_centre

AS_OF = {
    "rounds": "2026-11-22T21:00:00Z", "cleaning": None, "maintenance": "2026-11-23T01:00:00Z",
    "sla": "2026-11-23T02:00:00Z", "exceptions": None,
}  # fmt: skip
BREACHED = {
    "kind": "sla_breached", "task": "repair:PU1:1", "title": "=HYPERLINK()", "title_zh": "泵漏水",
    "at": "2026-11-23T01:30:00Z", "level": 2, "place": {"id": "P", "path": "x", "path_zh": "x"},
}  # fmt: skip
PROJECT = {
    "id": "HV", "name": "Harbour View", "name_zh": "望海湾", "rounds": {"done": 2, "unknown": 1},
    "cleaning": {"missed": 1}, "maintenance": {"open": 1, "rejected": 1}, "sla": {"breached": 1},
    "as_of": AS_OF, "exceptions": [BREACHED], "exceptions_count": 12,
    "phones": [{"device": "D1", "staff": "G1", "name": "Ann", "last_sync": None}],
    "tags": 1, "assets": 1, "quarantined": 0,
}  # fmt: skip
BOARD = {
    "as_of": "2026-11-23T02:00:00Z",
    "district": {"id": "WC", "name": "West Coast", "name_zh": "西海岸"},
    "projects": [PROJECT],
}


@pytest.fixture
def site() -> Iterator[PaperSite]:
    with serving(PaperSite(site_centre())) as site:
        site.paths[BOARD_PATH] = lambda _: (200, json.dumps(BOARD).encode(), JSON)
        yield site


@pytest.fixture
def radar(tmp_path: Path, site: PaperSite, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """Give a command line whose phone is enrolled."""
    radar = CommandLine(capfd, tmp_path / "phone")
    assert radar("enrol", site.url, GOOD).code == 0
    return radar


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_law_12_each_figure_says_as_of_when_it_is(radar: CommandLine) -> None:
    lines = radar("board", TZ="UTC").out.splitlines()
    assert "  rounds  ✓ done 2  ? unknown 1  (as of 11-22 21:00)" in lines
    assert "  cleaning  ✗ missed 1  (no phone that could tell)" in lines
    assert "  maintenance  ! open 1  ! sent back 1  (as of 01:00)" in lines
    assert "  deadlines  ✗ too late 1" in lines
    assert "  ! deadline missed  11-23 01:30  =HYPERLINK()  → manager" in lines
    assert "  … and 11 more." in lines


def test_a_board_is_a_table_on_standard_output_and_in_a_file(
    radar: CommandLine, tmp_path: Path
) -> None:
    rows = table(radar("board", "--csv", "-").out)
    assert {row["part"] for row in rows} == {
        "rounds", "cleaning", "maintenance", "sla", "tags", "assets", "quarantined", "exception",
        "phone",
    }  # fmt: skip
    (row,) = (row for row in rows if row["part"] == "exception")
    assert (row["name"], row["title"], row["level"]) == ("sla_breached", "'=HYPERLINK()", "2")
    out = tmp_path / "board.csv"
    data = radar("board", "--csv", str(out), "--bom", "--json").data
    assert (data["out"], data["rows"]) == (str(out), len(rows))
    assert out.read_bytes().startswith(b"\xef\xbb\xbfproject,part,")
    assert table(out.read_bytes().decode("utf-8-sig")) == rows


def test_tasks_and_a_thing_s_history_are_tables(radar: CommandLine) -> None:
    radar("scan", code("ATTIC"))
    (event,) = table(radar("query", "ATTIC", "--csv", "-").out)
    assert (event["kind"], event["staff"], event["outcome"]) == ("scan", "G1", "nothing_due")
    told = radar("tasks", "--json").data["tasks"]
    rows = table(radar("tasks", "--csv", "-").out)
    assert [row["id"] for row in rows] == [row["id"] for row in told]
    assert [row["state"] for row in rows] == [row["state"] for row in told]


@pytest.mark.parametrize(
    "words",
    [
        ("board", "--watch", "--csv", "x"),
        ("board", "--watch", "--bom"),
        ("board", "--bom"),
        ("board", "--csv", "-", "--json"),
        ("query", "ATTIC", "--bom"),
        ("tasks", "--csv", "-", "--json"),
        ("tasks", "--ical", "x", "--csv", "y"),
        ("tasks", "--csv"),
    ],
)
def test_words_that_do_not_go_together_are_told_and_nothing_is_written(
    radar: CommandLine, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    said = radar(*words)
    assert (said.code, said.out if "--json" not in words else "") == (USAGE, "")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("out", ["no/such/folder.csv", ".", "a\0b"])
def test_a_table_that_cannot_be_written_is_told(radar: CommandLine, out: str) -> None:
    said = radar("board", "--csv", out, "--json")
    assert (said.code, said.error["code"]) == (1, "out_not_writable")


@contextmanager
def watching(radar: CommandLine, *words: str, out: int) -> Generator[subprocess.Popen[bytes]]:
    """Run `radar board --watch` for as long as the block lasts."""
    environ = {**os.environ, "RADAR_HOME": str(radar.home), "TERM": "xterm", "TZ": "UTC"}
    command = [sys.executable, "-m", "radar_cli", "board", "--watch", *words]
    process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, env=environ)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(descriptor: int, wanted: bytes) -> bytes:
    seen = b""
    while wanted not in seen:
        got = os.read(descriptor, 65536)
        assert got, seen
        seen += got
    return seen


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_off_a_terminal_the_board_that_stays_is_plain_and_ctrl_c_ends_it(
    radar: CommandLine, site: PaperSite, words: tuple[str, ...]
) -> None:
    asked: list[bytes] = []

    def answer(body: bytes) -> tuple[int, bytes, dict[str, str]]:
        asked.append(body)
        told = BOARD | {"as_of": f"2026-11-23T02:0{len(asked)}:00Z"}
        return 200, json.dumps(told).encode(), JSON

    site.paths[BOARD_PATH] = answer
    come, go = os.pipe()
    with watching(radar, *words, out=go) as process:
        seen = read_until(come, b"\n" if words else b"never\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == INTERRUPTED
    os.close(go)
    assert b"\x1b" not in seen
    assert seen.count(b"West Coast") == 1
    if words:
        assert json.loads(seen)["data"]["projects"][0]["id"] == "HV"


def test_on_a_terminal_it_is_drawn_over_the_last_one_within_its_width(radar: CommandLine) -> None:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 6, 30, 0, 0))
    with watching(radar, "--lang", "zh", out=slave) as process:
        seen = read_until(master, b"Ctrl-C")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == INTERRUPTED
    os.close(slave)
    os.close(master)
    assert seen.startswith(b"\x1b[H")
    lines = re.sub(rb"\x1b\[[HJK]", b"", seen).decode().split("\r\n")
    assert len(lines) == 6
    widths = [sum(2 if ord(char) > 0x2E80 else 1 for char in line) for line in lines]
    assert max(widths) <= 30, lines


def test_without_signal_it_goes_on_and_for_who_may_not_see_it_it_ends(
    radar: CommandLine, site: PaperSite
) -> None:
    site.paths[BOARD_PATH] = lambda _: (403, b'{"code":"not_permitted"}', PROBLEM)
    assert radar("board", "--watch", "--json").code == NOT_PERMITTED
    site.paths[BOARD_PATH] = lambda _: (503, b"", {})
    come, go = os.pipe()
    with watching(radar, "--json", out=go) as process:
        told = json.loads(read_until(come, b"\n"))
        assert told["ok"] is False
        assert process.poll() is None
    os.close(go)
    assert radar("board").code == OFFLINE


THING = {
    "format": 1, "as_of": "2026-11-23T02:00:00Z", "kind": "asset", "id": "PU1", "ref": "asset:PU1",
    "project": "HV", "what": {"name": "Pump", "name_zh": "水泵"}, "where": None,
    "due": [{
        "task_id": "repair:PU1:1", "kind": "maintenance", "title": "Leaks", "title_zh": "漏水",
        "state": "assigned", "due_from": "2026-11-23T01:30:00Z", "due_to": "2026-11-24T01:30:00Z",
    }],
    "history": [{
        "action_id": "E.1", "wall": "2026-11-23T09:30:00+08:00", "kind": "note", "staff": "G1",
        "name": "Ann", "name_zh": "安", "text": "hot", "clock": "moved", "error_s": 3.5,
    }],
    "data_as_of": "2026-11-22T20:00:00Z",
}  # fmt: skip


def test_what_the_centre_knows_looks_like_what_a_phone_knows(
    radar: CommandLine, site: PaperSite
) -> None:
    site.paths[QUERY_PATH] = lambda _: (200, json.dumps(THING).encode(), JSON)
    data = radar("query", "PU1", "--centre", "--json").data
    assert data["due"][0]["due_to"][:4] == "2026"
    assert not data["due"][0]["due_to"].endswith("Z")
    lines = radar("query", "PU1", "--centre").out.splitlines()
    assert lines[0] == "asset PU1  Pump"
    assert any("“hot”  (its clock was moved)  Ann" in line for line in lines)
    (row,) = table(radar("query", "PU1", "--centre", "--csv", "-").out)
    assert (row["clock"], row["error_s"], row["text"]) == ("moved", "3.5", "hot")


@pytest.mark.parametrize(
    ("problem", "code", "exit_code"),
    [
        ("not_permitted", "not_permitted", NOT_PERMITTED),
        ("revoked", "not_permitted", NOT_PERMITTED),
        ("not_found", "unknown_thing", 1),
        ("busy", "query_refused", 1),
    ],
)
def test_what_the_centre_does_not_tell_is_said_with_what_else_there_is(
    radar: CommandLine, site: PaperSite, problem: str, code: str, exit_code: int
) -> None:
    site.paths[QUERY_PATH] = lambda _: (403, json.dumps({"code": problem}).encode(), PROBLEM)
    said = radar("query", "PU1", "--centre", "--json")
    assert (said.code, said.error["code"]) == (exit_code, code)
    assert said.error["hint"] == "What this phone knows of it: radar query PU1"
