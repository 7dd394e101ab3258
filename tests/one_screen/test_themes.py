"""The colours: legible in the dark and in the sun, none at all where none may be, and kept."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import ColorType
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot

from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.themes import CONTRAST, DARK, PLAIN, following
from tests.conversing import LABEL, burst, converse, screen_of, seen, settled, type_slowly
from tests.phones import Handset, code, new_phone, site_centre

LEGIBLE = 7.0
"""The ratio of WCAG 2.2 for text that is to be read with weak eyes (1.4.6)."""
WALK: tuple[tuple[str, str], ...] = (
    ("scan", "PU1"),
    ("scan", "ROOF"),
    ("scan", "OLD"),
    ("keys", "0"),
    ("keys", "down"),
    ("scan", "PU1"),
    ("keys", "1"),
    ("keys", "1"),
)
"""Every tone of a verdict, a list, the menu with the arrows on it, a task, a question."""


@pytest.fixture
def engineer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Handset:
    """Give an engineer's phone, where colours may be."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    return new_phone(tmp_path, site_centre(), "E1")


async def _walk(pilot: Pilot[None], theme: str) -> set[Style]:
    """Return the styles of all letters that are seen on a walk."""
    pilot.app.theme = theme
    await settled(pilot)
    styles = set(_styles(pilot))
    for kind, what in WALK:
        if kind == "scan":
            await burst(pilot, LABEL + code(what))
        else:
            await type_slowly(pilot, *what.split())
        styles |= set(_styles(pilot))
    return styles


def _styles(pilot: Pilot[None]) -> Iterator[Style]:
    strips = pilot.app.screen._compositor.render_strips()  # pyright: ignore[reportPrivateUsage]
    for strip in strips:
        for segment in strip:
            if segment.text.strip() and segment.style is not None:
                yield segment.style


def _color(color: object) -> Color:
    assert color is not None, "every letter has a colour and a ground"
    return Color.from_rich_color(color)


def _contrast(one: Color, other: Color) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [DARK, CONTRAST], ids=lambda theme: theme.name)
def test_every_letter_is_seven_times_as_light_as_its_ground(
    engineer: Handset, theme: object
) -> None:
    name: str = theme.name  # type: ignore[attr-defined]

    async def walk() -> set[Style]:
        async with screen_of(converse(engineer), (45, 40)) as pilot:
            return await _walk(pilot, name)

    for style in asyncio.run(walk()):
        ratio = _contrast(_color(style.color), _color(style.bgcolor))
        assert ratio >= LEGIBLE, f"{style} has {ratio:.1f}"
        assert not style.dim


def test_a_grey_on_grey_would_be_found() -> None:
    black, white = Color.parse("#000000"), Color.parse("#ffffff")
    assert _contrast(Color.parse("#6c6c6c"), black) < LEGIBLE
    assert round(_contrast(white, black), 6) == 21.0


def test_the_plain_theme_asks_the_terminal_for_no_colour_and_nothing_is_dim(
    engineer: Handset,
) -> None:
    async def walk() -> set[Style]:
        async with screen_of(converse(engineer), (45, 40)) as pilot:
            return await _walk(pilot, PLAIN.name)

    styles = asyncio.run(walk())
    assert len(styles) > 3
    for style in styles:
        for color in (style.color, style.bgcolor):
            assert color is None or color.type == ColorType.DEFAULT, style
        assert not style.dim


def test_no_color_begins_plain(engineer: Handset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def begin() -> str:
        async with screen_of(converse(engineer), (45, 40)) as pilot:
            return pilot.app.theme

    assert asyncio.run(begin()) == PLAIN.name


def test_the_themes_go_round() -> None:
    assert [following(name) for name in ("dark", "contrast", "plain")] == [
        "contrast",
        "plain",
        "dark",
    ]
    assert following("gone") == DARK.name


def test_what_was_chosen_is_there_at_the_next_start(engineer: Handset) -> None:
    async def choose(talk: Conversation, *keys: str) -> tuple[str, str, str]:
        async with screen_of(talk, (45, 40)) as pilot:
            await type_slowly(pilot, *keys)
            await settled(pilot)
            return pilot.app.theme, talk.desk.output.texts.language, seen(pilot)

    assert asyncio.run(choose(converse(engineer)))[:2] == (DARK.name, "en")
    assert asyncio.run(choose(converse(engineer), "f9", "f8"))[:2] == (CONTRAST.name, "zh")
    engineer.reopen()
    theme, language, told = asyncio.run(choose(converse(engineer)))
    assert (theme, language) == (CONTRAST.name, "zh")
    assert "连接中" in told
