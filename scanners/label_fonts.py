"""Which fonts a label is printed in: each letter has a glyph in one of them, or is refused.

Fonts named by the person come first, then those that systems bring along, in a fixed order; in the
end the one that Pillow carries, which has little more than ASCII, so that a code can be printed
anywhere.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fontTools.ttLib import TTFont, TTLibError

from radar_core.failures import FAILED, USAGE, Failure, N_

# Of the collections of Noto Sans CJK the third font (2) has the forms of simplified Chinese.
SYSTEM_FONTS: tuple[tuple[str, int], ...] = (
    # Debian and its kin
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 0),
    ("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", 0),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf", 0),
    # Fedora and Arch
    ("/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf", 0),
    ("/usr/share/fonts/TTF/DejaVuSans.ttf", 0),
    ("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    # macOS
    ("/System/Library/Fonts/Supplemental/Arial Unicode.ttf", 0),
    ("/Library/Fonts/Arial Unicode.ttf", 0),
    # Windows
    ("C:/Windows/Fonts/segoeui.ttf", 0),
    ("C:/Windows/Fonts/msyh.ttc", 0),
    # Android, also under Termux
    ("/system/fonts/Roboto-Regular.ttf", 0),
    ("/system/fonts/NotoSansCJK-Regular.ttc", 2),
    ("/system/fonts/NotoNaskhArabic-Regular.ttf", 0),
)
SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
FONTS_MAX = 8
"""The most fonts that a person may name."""

_NOT_TO_BE_EMBEDDED = 0x0002
_BROKEN = (
    TTLibError, OSError, ValueError, LookupError, AttributeError, AssertionError, TypeError,
)  # fmt: skip
"""What fontTools raises on files that are no fonts, from trying."""


@dataclass(frozen=True, slots=True)
class FontFile:
    """A font: its file, its number in a collection, the characters it has; no path: Pillow's."""

    path: str
    number: int
    letters: frozenset[int]


def named_fonts(paths: Sequence[str]) -> list[FontFile]:
    """Return the fonts that a person named; raise Failure for one that cannot be used."""
    if len(paths) > FONTS_MAX:
        raise Failure(
            "usage",
            N_("At most {most} fonts can be named."),
            exit_code=USAGE,
            most=FONTS_MAX,
        )
    return [_named(path) for path in paths]


def _named(path: str) -> FontFile:
    reason: object = N_("not a TrueType or OpenType font")
    if path.lower().endswith(SUFFIXES):
        try:
            font = _opened(path, 0)
        except FileNotFoundError:
            font, reason = None, N_("there is no such file")
        except _BROKEN:
            font = None
        else:
            reason = N_("its licence forbids embedding")
        if font is not None:
            return font
    raise Failure(
        "label_font",
        N_("{path} cannot be used as a font: {reason}."),
        N_("Name a .ttf, .otf or .ttc file: --font FILE"),
        exit_code=USAGE,
        path=path,
        reason=reason,
    )


def system_fonts(files: Iterable[tuple[str, int]] = SYSTEM_FONTS) -> Iterator[FontFile]:
    """Yield the fonts that are installed here, in their order; what cannot be read is none."""
    for path, number in files:
        if os.path.isfile(path):
            try:
                font = _opened(path, number)
            except _BROKEN:
                continue
            if font is not None:
                yield font
    yield built_in_font()


def built_in_font() -> FontFile:
    """Return the font that Pillow carries: Aileron, in the public domain."""
    from io import BytesIO

    with TTFont(BytesIO(built_in_bytes()), lazy=True) as font:
        return FontFile("", 0, frozenset(font.getBestCmap() or ()))


def built_in_bytes() -> bytes:
    """Return the file of Pillow's font."""
    from PIL import ImageFont

    font = ImageFont.load_default(10)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow's wheels bring FreeType along"
    return font.font_bytes


def _opened(path: str, number: int) -> FontFile | None:
    """Return a font, or None where its maker forbids what is done here: to embed a subset."""
    # A file of ours: fontTools leaves one open where it finds no font in it.
    with open(path, "rb") as file, TTFont(file, fontNumber=number, lazy=True) as font:
        letters = frozenset(font.getBestCmap() or ())
        rights = int(getattr(font["OS/2"], "fsType", 0)) if "OS/2" in font else 0
    return None if rights & 0xF == _NOT_TO_BE_EMBEDDED else FontFile(path, number, letters)


def chain_for(texts: Iterable[str], fonts: Iterable[FontFile]) -> list[FontFile]:
    """Return the fonts that are needed for the letters of `texts`, in their order, one at least.

    Raises Failure `label_letter_missing` where none has a letter: a box is never printed.
    """
    wanted = list(texts)
    lacking = {ord(char) for text in wanted for char in text}
    chain: list[FontFile] = []
    for font in fonts:
        if lacking & font.letters:
            chain.append(font)
            lacking -= font.letters
        if not lacking:
            return chain
    letter = chr(min(lacking))
    raise Failure(
        "label_letter_missing",
        N_("No font here has the letter {letter} of {name}."),
        N_("Install one that has it (Debian: {package}), or name it: --font FILE"),
        exit_code=FAILED,
        letter=letter,
        name=next(text for text in wanted if letter in text),
        package=_package(letter),
    )


def _package(letter: str) -> str:
    """Return the Debian package whose font has most likely a letter."""
    script = unicodedata.name(letter, "").partition(" ")[0]
    if script in {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC", "FULLWIDTH", "BOPOMOFO"}:
        return "fonts-noto-cjk"
    if script in {"LATIN", "CYRILLIC", "GREEK", "ARABIC", "COMBINING"}:
        return "fonts-dejavu-core"
    return "fonts-noto-core"
