"""The person's language: texts from the compiled gettext catalogue, read without `re`.

Importing `gettext` costs the scan path more than matching the tag, and so would reading every
message: each is looked up when it is said. The file format is the one of GNU gettext, "The Format
of GNU MO Files"; its tables are sorted for just this.
"""

import os

LANGUAGES = ("en", "zh")
MAGIC = b"\xde\x12\x04\x95"
"""How a little-endian .mo file begins."""


class Texts:
    """Translates templates. Names of the site book come in both languages: `pick` chooses."""

    __slots__ = ("_catalogue", "language")

    def __init__(self, language: str) -> None:
        """Read the catalogue of `zh`; English is the language of the templates themselves."""
        self.language = language
        self._catalogue = b"" if language == "en" else _read(catalogue_path(language))

    def say(self, template: str, **values: object) -> str:
        """Return the template in the person's language, filled in."""
        text = self._find(template) if self._catalogue and template else template
        return text.format(**values) if values else text

    def pick(self, data: object, name: str) -> str:
        """Return `data[name]` in the person's language, or an empty text."""
        if not isinstance(data, dict):
            return ""
        chosen = data.get(f"{name}_zh") if self.language == "zh" else None
        return str(chosen or data.get(name) or "")

    def _find(self, template: str) -> str:
        """Return what the catalogue has for a text: the text itself, if nothing."""
        wanted = template.encode("utf-8", "replace")
        keys, values = self._number(12), self._number(16)
        low, high = 0, self._number(8)
        while low < high:
            middle = (low + high) // 2
            key = self._text(keys, middle)
            if key == wanted:
                return self._text(values, middle).decode()
            if key < wanted:
                low = middle + 1
            else:
                high = middle
        return template

    def _text(self, table: int, row: int) -> bytes:
        length, start = self._number(table + 8 * row), self._number(table + 8 * row + 4)
        return self._catalogue[start : start + length]

    def _number(self, at: int) -> int:
        return int.from_bytes(self._catalogue[at : at + 4], "little")


def language_of(wish: str) -> str:
    """Return the language for a `--lang` value or a POSIX locale name; English if unknown."""
    return "zh" if wish.lower().startswith("zh") else "en"


def catalogue_path(language: str) -> str:
    """Return where a language's compiled catalogue lies."""
    folder = os.path.dirname(os.path.abspath(__file__))
    return f"{folder}/locale/{language}/LC_MESSAGES/radar.mo"


def _read(path: str) -> bytes:
    """Return the catalogue; an empty one if it is gone, for no language stops the work (law 2)."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return b""
    assert data[:4] == MAGIC, "the catalogue is a little-endian .mo file"
    return data
