"""Workbooks that are bombs: refused in a sentence, in little memory and time."""

import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook

from radar_server.book_files import read_book_file
from tests.house import ROOT

SHEET = "xl/worksheets/sheet1.xml"
MEMORY_MIB_MAX = 700
SECONDS_MAX = 60
_READ = """
import resource, sys
from pathlib import Path
from radar_core.failures import Failure
from radar_server.book_files import read_book_file
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]) << 20,) * 2)
try:
    read_book_file(Path(sys.argv[1]))
except Failure as failure:
    print(failure.code)
"""
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
PIECE = 2**20


def repeated(head: bytes, piece: bytes, times: int, tail: bytes) -> Iterator[bytes]:
    yield head
    whole, left = divmod(times, PIECE // len(piece))
    block = piece * (PIECE // len(piece))
    for _ in range(whole):
        yield block
    yield piece * left
    yield tail


SHARED = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
BOMBS = {
    "more than it may unpack to": (SHEET, (HEAD, b" ", 513 * 2**20, TAIL)),
    "a row of ten million cells": (
        SHEET,
        (HEAD + b'<row r="1">', b"<c/>", 10_000_000, b"</row>" + TAIL),
    ),
    "cells outside of any row": (SHEET, (HEAD, b"<c/>", 10_000_000, TAIL)),
    "a million rows with a far cell": (
        SHEET,
        (HEAD, b'<row><c r="XFD1"/></row>', 1_000_000, TAIL),
    ),
    "a million columns": (
        SHEET,
        (HEAD + b'<row r="1">', b'<c t="str"><v>x</v></c>', 1_000_000, b"</row>" + TAIL),
    ),
    "ten million shared texts": ("xl/sharedStrings.xml", (SHARED, b"<si/>", 10_000_000, b"</sst>")),
    "ten million styles": ("xl/styles.xml", (b"<styleSheet>", b"<x/>", 10_000_000, b"</x>")),
    "an element of a long name": (SHEET, (HEAD + b"<", b"x", 100 * 2**20, b"/>" + TAIL)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_a_sentence_little_memory_and_time(tmp_path: Path, name: str) -> None:
    part, content = BOMBS[name]
    whole, bomb = tmp_path / "whole.xlsx", tmp_path / "bomb.xlsx"
    book = Workbook()
    book.worksheets[0].append(["id"])
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != part:
                new.writestr(member, old.read(member))
        with new.open(part, "w", force_zip64=True) as file:
            for piece in repeated(*content):
                file.write(piece)
    began_s = time.monotonic()
    words = [sys.executable, "-c", _READ, str(bomb), str(MEMORY_MIB_MAX)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, timeout=SECONDS_MAX, check=True)
    assert done.stdout.split() == [b"book_too_large"], done.stderr
    assert time.monotonic() - began_s < SECONDS_MAX


def test_a_long_book_of_many_texts_is_none(tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    page = book.create_sheet("staff")
    for number in range(20_000):
        page.append([f"id{number}", "x" * 200, f"name {number}"])
    book.save(tmp_path / "book.xlsx")
    (read,) = read_book_file(tmp_path / "book.xlsx")
    assert len(read.rows) == 19_999
