"""What `radar scan` is handed, by the real command line: documents, a hand scanner, a slip."""

import os
import pty
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from radar_core.tags import label_text, typable
from scanners.labels import label_picture
from tests.e2e.world import CODES, RADAR, environment, journal, refusal, run, say

DESK, YARD = CODES["DESK"], CODES["YARD"]


def pages() -> list[Image.Image]:
    label = label_picture(label_text("R.EXAMPLE", DESK), DESK, "Desk")
    return [Image.new("L", label.size, "white"), label]


@pytest.mark.parametrize("name", ["a.pdf", "a.tiff"])
def test_the_second_page_of_a_document_is_scanned(phone: Path, tmp_path: Path, name: str) -> None:
    first, second = pages()
    first.save(tmp_path / name, save_all=True, append_images=[second])
    assert run(phone, "scan", str(tmp_path / name)).data["tag"] == DESK


def test_a_document_that_is_broken_is_refused(phone: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\nnothing")
    error = refusal(phone, "scan", str(tmp_path / "a.pdf"), exit_code=3)
    assert error["code"] == "picture_unreadable"
    assert journal(phone) == []


def test_a_hand_scanner_with_a_prefix_a_mark_and_a_tab_is_understood(phone: Path) -> None:
    typed = f"\x02S:]Q1{DESK}\t\x02S:]Q1{YARD}\t".encode()
    settings = {"RADAR_WEDGE_PREFIX": r"\x02S:", "RADAR_WEDGE_SUFFIX": r"\t"}
    told = say(phone, "scan", "-", typed=typed, **settings)
    assert (told.code, told.stderr, told.stdout.count("SAVED  ")) == (0, "", 2)
    assert [
        f'"text":"{text}"' in line
        for text, (_, _, line) in zip((DESK, YARD), journal(phone), strict=True)
    ] == [True, True]


def test_a_mistyped_code_is_refused_and_the_right_one_named(phone: Path) -> None:
    slip = DESK[1] + DESK[0] + DESK[2:]
    error = refusal(phone, "scan", slip, exit_code=3)
    assert error["code"] == "code_mistyped"
    assert [near["code"] for near in error["suggestions"]] == [typable(DESK)]
    assert journal(phone) == []


def test_at_a_terminal_many_pictures_say_how_far_they_are(phone: Path, tmp_path: Path) -> None:
    picture = tmp_path / "blank.png"
    Image.effect_noise((1600, 1200), 90).save(picture)
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [RADAR, "scan", *[str(picture)] * 40],
        env=environment(phone),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=terminal,
    )
    os.close(terminal)
    told = b""
    try:
        while b" of 40 looked at" not in told:
            told += os.read(screen, 4096)
    finally:
        process.kill()
        process.wait()
        os.close(screen)
