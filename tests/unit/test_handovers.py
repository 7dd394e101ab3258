"""A handover's code: small enough for a phone's camera, and damaged ones are seen as such."""

from base64 import b32encode
from pathlib import Path
from zlib import compress

import pytest
import zxingcpp
from PIL import Image

from radar_core.handovers import PREFIX, Handover, read_handover, write_handover
from radar_core.jsontext import encode
from scanners.label_formats import QUIET_MODULES
from scanners.screen_code import code_picture, terminal_lines

EPOCHS = ("E1A2B3C4D5E6F", "EZ9Y8X7W6V5T4")
FOURTEEN = Handover(
    task="HV-NIGHT-ROUND@20261122-2200",
    project="HV",
    giver="HV-G01",
    to="HV-G02",
    action=f"{EPOCHS[0]}.1048",
    visited={str(n): f"{EPOCHS[n % 2]}.{1000 + 3 * n}" for n in range(14)},
)


def test_a_handover_comes_back_as_it_was() -> None:
    assert read_handover(write_handover(FOURTEEN)) == FOURTEEN
    assert read_handover(f" {write_handover(FOURTEEN).lower().replace('radar', 'RADAR')}\n")


def test_fourteen_checkpoints_take_less_than_a_kilobyte_and_a_screen() -> None:
    text = write_handover(FOURTEEN)
    assert len(text) < 600
    assert all(len(line) <= 80 for line in terminal_lines(text))


@pytest.mark.parametrize("count", [0, 14, 200])
def test_a_camera_reads_the_code_off_the_terminal_and_off_the_picture(
    count: int, tmp_path: Path
) -> None:
    visited = {str(n): f"{EPOCHS[0]}.{n}" for n in range(count)}
    text = write_handover(Handover("T", "HV", "G1", "", "E.1", visited))
    (tmp_path / "code.png").write_bytes(code_picture(text))
    with Image.open(tmp_path / "code.png") as picture:
        assert zxingcpp.read_barcodes(picture.convert("L"))[0].text == text
    assert zxingcpp.read_barcodes(_screen(terminal_lines(text)))[0].text == text


def _screen(lines: list[str]) -> Image.Image:
    """Return what a dark terminal shows, each half of a letter four pixels square."""
    halves = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
    rows: list[bytes] = []
    for line in lines:
        rows += [bytes(halves[char][half] for char in line) for half in (0, 1)]
    small = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    assert set(rows[0][:QUIET_MODULES]) == {255}
    return small.resize((small.width * 4, small.height * 4), Image.Resampling.NEAREST)


def test_any_letter_that_is_wrong_or_missing_is_noticed() -> None:
    text = write_handover(FOURTEEN)
    for at in range(len(PREFIX), len(text)):
        other = "A" if text[at] != "A" else "B"
        found = read_handover(text[:at] + other + text[at + 1 :])
        assert found in (None, FOURTEEN)  # the last letter has bits that say nothing
        assert at >= len(text) - 1 or found is None
        assert read_handover(text[:at]) in (None, FOURTEEN)


def packed(value: object) -> str:
    return PREFIX + b32encode(compress(encode(value).encode())).decode().rstrip("=")


WHOLE = {"task": "T", "project": "HV", "giver": "G1", "to": "", "action": "E.1", "visited": {}}


def test_the_whole_is_read() -> None:
    assert read_handover(packed(WHOLE)) == Handover("T", "HV", "G1", "", "E.1", {})


@pytest.mark.parametrize(
    "changes",
    [
        {"task": ""},
        {"task": 1},
        {"project": ""},
        {"giver": None},
        {"action": ""},
        {"to": None},
        {"visited": []},
        {"visited": {"0": 1}},
        {"visited": None},
        {"more": "x"},
        {"task": "x" * 20_000},
    ],
)
def test_what_is_no_handover_is_none(changes: dict[str, object]) -> None:
    assert read_handover(packed(WHOLE | changes)) is None


@pytest.mark.parametrize("value", [[], "text", None, 7, {}])
def test_other_json_is_none(value: object) -> None:
    assert read_handover(packed(value)) is None


@pytest.mark.parametrize("text", [PREFIX, PREFIX + "A", PREFIX + "!" * 50, PREFIX + "泵", "", "x"])
def test_no_text_makes_it_raise(text: str) -> None:
    assert read_handover(text) is None
