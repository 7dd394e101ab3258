"""A code that was mistyped is refused with the known ones that may be meant; no other is."""

from pathlib import Path

import pytest

from radar_core.failures import UNREADABLE
from radar_core.suggestions import FAR, MOST, distance, nearest
from radar_core.tags import ALPHABET, label_text, make_code, mistyped_code, parse_code, typable
from scanners.labels import barcode_picture
from tests.command_line import CommandLine
from tests.phones import code, new_phone, site_centre

GATE = code("GATE")


@pytest.fixture
def radar(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capfd, new_phone(tmp_path, site_centre(), "G1").world.home)


def slips(good: str) -> list[str]:
    """Return every code with one wrong character or two neighbours swapped."""
    wrong = [
        good[:at] + char + good[at + 1 :]
        for at in range(len(good))
        for char in ALPHABET
        if char != good[at]
    ]
    swapped = [
        good[:at] + good[at + 1] + good[at] + good[at + 2 :]
        for at in range(len(good) - 1)
        if good[at] != good[at + 1]
    ]
    return wrong + swapped


@pytest.mark.parametrize("name", ["GATE", "LOBBY", "ROOF"])
def test_every_slip_is_noticed_and_leads_back(name: str) -> None:
    known = {code(one): True for one in ("GATE", "LOBBY", "PUMPS", "ROOF", "ATTIC", "PU1")}
    for slip in slips(code(name)):
        assert parse_code(slip) is None
        assert slip.isdigit() or mistyped_code(typable(slip).lower()) == slip
        assert nearest(slip, known) == [code(name)]


@pytest.mark.parametrize(
    "text", [GATE, typable(GATE), "12345678901", "SHORT", "", "U" * 11, GATE + "0", "水" * 11]
)
def test_what_is_a_code_or_looks_like_none_is_not_mistyped(text: str) -> None:
    assert mistyped_code(text) is None


def test_what_looks_alike_is_nearer_than_what_does_not() -> None:
    assert [distance("8" * 11, other) for other in ("8" * 11, "8" * 10 + "B", "8" * 10 + "C")] == [
        0, 1, 2,
    ]  # fmt: skip
    assert distance("8" * 11, "BBB" + "8" * 8) == 3 <= FAR
    assert distance("01" + "A" * 9, "10" + "A" * 9) == 2
    assert distance("0A1", "1A0") > FAR
    assert distance("A" * 11, "B" * 11) > FAR
    assert distance("A", "AA") > FAR


def test_few_are_suggested_those_with_a_place_first() -> None:
    known = {"8" * 10 + char: char in "CF" for char in "BCDEF"}
    assert nearest("8" * 11, known) == ["8" * 10 + char for char in "CFB"]
    assert len(nearest("8" * 11, dict.fromkeys(known, True))) == MOST
    assert nearest("7" * 11, known) == []


def test_a_mistyped_code_is_refused_with_where_the_right_one_is(radar: CommandLine) -> None:
    slip = f"{GATE[:3]}{'7' if GATE[3] != '7' else 'K'}{GATE[4:]}"
    said = radar("scan", slip, "--json")
    assert (said.code, said.error["code"]) == (UNREADABLE, "code_mistyped")
    (near,) = said.error["suggestions"]
    assert near["code"] == typable(GATE)
    assert near["place"]["path"] == "Harbour View / Gate"
    shown = radar("scan", typable(slip).lower())
    assert f"Did you mean {typable(GATE)} (Harbour View / Gate)?" in shown.err
    assert "海景 / 大门" in radar("scan", slip, "--lang", "zh").err
    assert radar("log", "--json").data["actions"] == []
    both = radar("scan", slip, GATE, "--json")
    assert both.code == UNREADABLE
    assert both.data["scans"][0]["error"]["suggestions"] == [near]
    assert both.data["scans"][1]["saved"] is True


def test_a_mistyped_code_that_is_near_to_none_is_refused_too(radar: CommandLine) -> None:
    far = make_code(bytes(range(7)))
    slip = far[:-1] + ("A" if far[-1] != "A" else "B")
    said = radar("scan", slip, "--json")
    assert (said.code, said.error["suggestions"]) == (UNREADABLE, [])
    assert "radar bind" in said.error["hint"]


def test_several_near_codes_are_listed(radar: CommandLine) -> None:
    slip = slips(GATE)[0]
    others = (one for one in slips(slip) if parse_code(one) is not None and one != GATE)
    assert radar("bind", next(others), "ROOF").code == 0
    said = radar("scan", slip)
    assert ") or " in said.err
    assert said.err.count("Harbour View") == 2


def test_a_code_that_is_bound_is_taken_whatever_its_check_says(radar: CommandLine) -> None:
    slip = slips(GATE)[0]
    assert radar("bind", slip, "ROOF").code == 0
    assert radar("scan", slip, "--json").data["place"]["id"] == "ROOF"


@pytest.mark.parametrize("text", [slips(GATE)[0], label_text("R.EXAMPLE", slips(GATE)[0])])
def test_law_02_recording_asks_nobody_what_a_machine_read_is_recorded(
    radar: CommandLine, tmp_path: Path, text: str
) -> None:
    photo = tmp_path / "tag.png"
    barcode_picture(text, "QRCode").save(photo)
    assert radar("scan", str(photo), "--json").data["outcome"] == "unknown_tag"
