"""A letter that no font has is refused, never printed as a box; the fonts' order is fixed."""

from pathlib import Path

import pytest

from radar_core.failures import FAILED, USAGE, Failure
from scanners.label_fonts import (
    FONTS_MAX,
    FontFile,
    built_in_bytes,
    built_in_font,
    chain_for,
    named_fonts,
    system_fonts,
)

LATIN = FontFile("latin.ttf", 0, frozenset(map(ord, "abc 012-")))
CHINESE = FontFile("chinese.ttf", 0, frozenset(map(ord, "a泵房")))
ARABIC = FontFile("arabic.ttf", 0, frozenset(map(ord, "مصعد")))


def test_only_fonts_that_are_needed_are_taken_and_in_their_order() -> None:
    fonts = [LATIN, CHINESE, ARABIC]
    assert chain_for(["abc"], fonts) == [LATIN]
    assert chain_for(["abc", "مصعد"], fonts) == [LATIN, ARABIC]
    assert chain_for(["a泵"], reversed(fonts)) == [CHINESE]


@pytest.mark.parametrize(
    ("name", "letter", "package"),
    [
        ("ab 泵", "泵", "fonts-noto-cjk"),
        ("Łc", "Ł", "fonts-dejavu-core"),
        ("مصعد", "د", "fonts-dejavu-core"),
        ("ab ท", "ท", "fonts-noto-core"),
    ],
)
def test_a_missing_letter_is_named_with_its_place_and_the_package_that_has_it(
    name: str, letter: str, package: str
) -> None:
    with pytest.raises(Failure) as caught:
        chain_for(["abc", name], [LATIN])
    assert caught.value.code == "label_letter_missing"
    assert caught.value.exit_code == FAILED
    assert caught.value.values["name"] == name
    assert str(caught.value.values["letter"]) in name
    assert caught.value.values["letter"] == letter
    assert caught.value.values["package"] == package


def test_a_machine_without_fonts_can_print_codes_and_ascii() -> None:
    (font,) = system_fonts([("/nowhere/font.ttf", 0)])
    assert font == built_in_font()
    assert chain_for(["2Z95-QKPN-PVG Pump room (B2)/…"], [font]) == [font]
    assert 0x6CF5 not in font.letters


def test_a_damaged_font_of_the_system_is_passed_over(tmp_path: Path) -> None:
    for name, data in {"a.ttf": b"", "b.ttf": b"\0\1\0\0" + b"x" * 99, "c.ttc": b"ttcf"}.items():
        (tmp_path / name).write_bytes(data)
    files = [(str(path), 2) for path in sorted(tmp_path.iterdir())]
    assert list(system_fonts(files)) == [built_in_font()]


def test_a_font_that_a_person_names_is_used(tmp_path: Path) -> None:
    path = tmp_path / "mine.ttf"
    path.write_bytes(built_in_bytes())
    (font,) = named_fonts([str(path)])
    assert font == FontFile(str(path), 0, built_in_font().letters)


def _forbidden() -> bytes:
    """Return a font whose maker forbids embedding: OS/2.fsType is 2."""
    from io import BytesIO

    from fontTools.ttLib import TTFont

    with TTFont(BytesIO(built_in_bytes())) as font:
        font["OS/2"].fsType = 2  # pyright: ignore[reportAttributeAccessIssue]
        made = BytesIO()
        font.save(made)
    return made.getvalue()


def test_a_named_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    whole = built_in_bytes()
    files = {
        "empty.ttf": b"",
        "cut.ttf": whole[: len(whole) // 2],
        "text.ttf": b"hello" * 100,
        "picture.png": whole,
        "shut.ttf": _forbidden(),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder.ttf").mkdir()
    for name in (*files, "folder.ttf", "missing.ttf"):
        with pytest.raises(Failure) as caught:
            named_fonts([str(tmp_path / name)])
        assert (caught.value.code, caught.value.exit_code) == ("label_font", USAGE), name
        assert name in str(caught.value)


def test_there_is_a_limit_to_the_fonts_that_can_be_named() -> None:
    with pytest.raises(Failure) as caught:
        named_fonts(["x.ttf"] * (FONTS_MAX + 1))
    assert caught.value.code == "usage"
