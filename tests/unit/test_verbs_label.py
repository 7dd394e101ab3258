"""`radar label` prints what the site book has, or new codes, and every mistake has its sentence."""

import os
from pathlib import Path

import pytest

from commands.stage import Book
from radar_core.tags import code_of_label, parse_code
from scanners.decode import read_codes
from scanners.label_fonts import built_in_bytes, system_fonts
from scanners.label_formats import FORMATS
from tests.command_line import CommandLine
from tests.conftest import Need
from tests.paper_centre import PaperCentre
from tests.phones import FOREIGN, STRANGE, code, new_phone
from tests.print_shop import pages, texts

NEW = ("label", "new", "--domain", "r.example")


@pytest.fixture
def font(tmp_path: Path) -> str:
    """Give a font of ours, so that no test rests on those of the machine: ASCII and no more."""
    path = tmp_path / "ascii.ttf"
    path.write_bytes(built_in_bytes())
    return str(path)


@pytest.fixture
def radar(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """Give an office's command line, with no phone."""
    return CommandLine(capfd, tmp_path / "home")


@pytest.fixture
def phone(tmp_path: Path, centre: PaperCentre, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """Give a guard's phone whose site book has Latin names only."""
    centre.put("HV", "district", "WC", {"name": "West Coast", "domain": "R.EXAMPLE"})
    for place in ("GATE", "LOBBY", "PUMPS", "ROOF", "ATTIC"):
        centre.put("HV", "place", place, {"name": place.title(), "path": f"HV / {place}"})
    pump = {"place": "PUMPS", "class": "pump", "name": "Pump 1"}
    centre.put("HV", "asset", "PU1", pump)
    return CommandLine(capfd, new_phone(tmp_path, centre, "G1").world.home)


def _read(path: Path, dpi: float = 150) -> list[str]:
    """Return the texts of all codes in a PDF."""
    return [one.text for page in pages(path.read_bytes(), dpi) for one in read_codes(page)]


def test_new_codes_are_printed_and_told_and_each_is_another(
    radar: CommandLine, tmp_path: Path, font: str
) -> None:
    out = tmp_path / "new.pdf"
    said = radar(*NEW, "--count", "16", "--out", str(out), "--font", font, "--json")
    rows = said.data["labels"]
    assert _read(out) == [row["text"] for row in rows]
    assert [row["page"] for row in rows] == [1] * 14 + [2] * 2
    assert len({row["code"] for row in rows}) == 16
    assert all(parse_code(row["code"]) == code_of_label(row["text"]) for row in rows)
    assert said.data["fonts"] == [font]
    assert (said.data["count"], said.data["pages"], said.data["format"]) == (16, 2, "L7163")
    told = radar(*NEW, "--out", str(tmp_path / "b.pdf"), "--font", font)
    assert told.out.splitlines()[0].endswith("b.pdf: format L7163, labels: 1, pages: 1.")
    assert "radar bind CODE THING" in told.out


def test_a_phone_prints_what_its_site_book_has_and_what_was_bound_on_it(
    phone: CommandLine, tmp_path: Path, font: str
) -> None:
    out = tmp_path / "sheet.pdf"
    spare = code("SPARE")
    assert phone("bind", spare, "ROOF").code == 0
    assert phone("bind", STRANGE, "ROOF").code == 0
    words = ("label", "sheet", "--format", "a4-3x4", "--font", font, "--out", str(out))
    said = phone(*words, "--json")
    printed = ["ATTIC", "GATE", "LOBBY", "PUMPS", "PU1"]
    assert {row["code"] for row in said.data["labels"]} == {
        *(code(name) for name in [*printed, "ROOF"]),
        spare,
    }
    assert _read(out) == [row["text"] for row in said.data["labels"]]
    assert said.data["left_out"] == {"foreign": 2, "blank": 1, "ended": 2}
    assert "Pump 1" in " ".join(texts(out.read_bytes()))
    told = phone(*words, "--overwrite", "PUMPS", "--lang", "zh").out
    assert "2 张" in told
    assert len(_read(out)) == 2


def test_a_site_book_is_printed_where_no_phone_is_enrolled(
    radar: CommandLine, tmp_path: Path, need: Need
) -> None:
    letters = {letter for font in system_fonts() for letter in font.letters}
    need("fonts-droid-fallback", ord("泵") in letters)
    book = Book()
    book.write(tmp_path / "book")
    out = tmp_path / "pump.pdf"
    words = ("label", "sheet", "HV-PUMP1", "--book", str(tmp_path / "book"), "--out", str(out))
    said = radar(*words, "--format", "roll-80", "--level", "h", "--json")
    (row,) = said.data["labels"]
    assert row["code"] == book.code_on("HV-PUMP1")
    assert _read(out) == [row["text"]]
    assert said.data["level"] == "H"


def test_a_book_that_is_none_is_told(radar: CommandLine, tmp_path: Path) -> None:
    said = radar("label", "sheet", "--book", str(tmp_path / "none"), "--json")
    assert (said.code, said.error["code"]) == (1, "book_missing")


def test_without_a_phone_and_without_a_book_there_is_nothing_to_print(radar: CommandLine) -> None:
    said = radar("label", "sheet", "--json")
    assert (said.code, said.error["code"]) == (7, "not_enrolled")


def test_the_distance_makes_the_size_and_the_next_sheet_begins_where_the_last_ended(
    radar: CommandLine, tmp_path: Path, font: str
) -> None:
    out = tmp_path / "far.pdf"
    words = (*NEW, "--format", "a4-2x3", "--font", font, "--out", str(out))
    far = radar(*words, "--distance", "0.4", "--skip", "5", "--count", "2", "--json").data
    assert far["read_from_m"] == 0.4
    assert [row["page"] for row in far["labels"]] == [1, 2]
    near = radar(*words, "--distance", "0.2", "--overwrite", "--json").data
    assert near["code_mm"] == pytest.approx(far["code_mm"] / 2, abs=0.01)


MISTAKES = [
    (("--format", "L7161"), 2, "unknown_format"),
    (("--level", "M"), 2, "unknown_level"),
    (("--distance", "far"), 2, "bad_distance"),
    (("--distance", "-1"), 2, "bad_distance"),
    (("--distance", "nan"), 2, "bad_distance"),
    (("--distance", "inf"), 2, "bad_distance"),
    (("--distance", "9"), 2, "label_too_far"),
    (("--skip", "14"), 2, "label_skip"),
    (("--skip", "-1"), 2, "usage"),
    (("--count", "0"), 2, "usage"),
    (("--count", "1001"), 2, "usage"),
    (("--domain", "https://r.example/"), 2, "bad_domain"),
    (("--domain", f"{'x' * 63}.{'y' * 40}.example", "--format", "5160"), 2, "label_too_small"),
    (("--font", "missing.ttf"), 2, "label_font"),
    (("--out", "missing/x.pdf"), 1, "out_not_writable"),
    (("--out", "x\0y.pdf"), 1, "out_not_writable"),
    (("--out", "."), 1, "out_exists"),
    (("--out", ".", "--overwrite"), 1, "out_not_writable"),
]


@pytest.mark.parametrize(("words", "exit_code", "error"), MISTAKES)
def test_what_cannot_be_printed_is_refused_and_nothing_is_written(
    words: tuple[str, ...],
    exit_code: int,
    error: str,
    *,
    radar: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    said = radar(*NEW, *words, "--json")
    assert (said.error["code"], said.code) == (error, exit_code)
    assert said.error["message"]
    assert list(folder.iterdir()) == []


def test_a_file_that_is_there_is_kept_unless_told_otherwise(
    radar: CommandLine, tmp_path: Path, font: str
) -> None:
    out = tmp_path / "labels.pdf"
    out.write_text("precious")
    said = radar(*NEW, "--out", str(out), "--font", font, "--json")
    assert (said.code, said.error["code"]) == (1, "out_exists")
    assert out.read_text() == "precious"
    assert radar(*NEW, "--out", str(out), "--font", font, "--overwrite").code == 0
    assert len(_read(out)) == 1
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".ttf"] == ["labels.pdf"]


def test_a_letter_that_no_font_has_is_named_with_its_place(
    centre: PaperCentre, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    centre.put("HV", "district", "WC", {"name": "West Coast", "domain": "R.EXAMPLE"})
    centre.put("HV", "place", "ROOF", {"name": "Roof \U00013000", "path": "HV / Roof"})
    phone = CommandLine(capfd, new_phone(tmp_path, centre, "G1").world.home)
    out = tmp_path / "x.pdf"
    said = phone("label", "sheet", "ROOF", "--out", str(out), "--json")
    assert (said.code, said.error["code"]) == (1, "label_letter_missing")
    assert "\U00013000" in said.error["message"]
    assert "Roof" in said.error["message"]
    assert "fonts-noto-core" in said.error["hint"]
    assert not out.exists()


def test_fonts_come_from_the_environment_too(radar: CommandLine, tmp_path: Path, font: str) -> None:
    out = str(tmp_path / "x.pdf")
    listed = os.pathsep.join(("", font))
    words = (*NEW, "--out", out, "--overwrite", "--json")
    assert radar(*words, RADAR_LABEL_FONT=listed).data["fonts"] == [font]
    said = radar(*words, RADAR_LABEL_FONT="missing.ttf")
    assert said.error["code"] == "label_font"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_be_named(name: str, radar: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "x.pdf"
    said = radar(*NEW, "--format", name.lower(), "--out", str(out), "--json")
    assert said.data["format"] == name
    assert _read(out, 100) == [said.data["labels"][0]["text"]]


def test_a_foreign_code_is_not_printed(phone: CommandLine, tmp_path: Path) -> None:
    said = phone("label", "sheet", FOREIGN, "--out", str(tmp_path / "x.pdf"), "--json")
    assert (said.code, said.error["code"]) == (1, "no_tags")
