"""The pictures in the documents are of the screen as it is now, and are drawn in whole cells."""

import re
from html import unescape

import pytest
from rich.cells import cell_len

from tools.pictures import CELL, FOLDER, SCENES, clean, pictures

AGAIN = "the screen looks different now: run `make pictures`, look at them, and commit them"


@pytest.mark.parametrize("scene", SCENES)
def test_the_pictures_are_of_this_screen(scene: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, svg in pictures((scene,)):
        assert (FOLDER / name).read_text(encoding="utf-8") == svg, f"{name}: {AGAIN}"


def test_there_are_no_other_pictures() -> None:
    wanted = {f"{scene}.{language}.svg" for scene in SCENES for language in ("en", "zh")}
    assert {path.name for path in FOLDER.iterdir()} == wanted


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_a_picture_asks_nobody_for_anything_and_each_text_is_as_wide_as_its_cells(
    path: object,
) -> None:
    svg = (FOLDER / str(path)).read_text(encoding="utf-8")
    assert not re.findall(r"url\((?!#)|href|@import|<script", svg)
    for width, text in re.findall(r'<text [^>]*textLength="([\d.]+)"[^>]*>([^<]*)<', svg):
        assert abs(cell_len(unescape(text)) * CELL - float(width)) < 0.1, text


def test_wide_letters_are_placed_one_by_one() -> None:
    svg = '<text class="a" x="12.2" y="5" textLength="36.6">a水&amp;</text>'
    assert clean(svg) == (
        '<text class="a" x="12.2" y="5" textLength="12.2">a</text>'
        '<text class="a" x="24.4" y="5" textLength="24.4">水</text>'
        '<text class="a" x="48.8" y="5" textLength="12.2">&amp;</text>\n'
    )
