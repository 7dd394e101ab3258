"""The person's language: texts from the compiled gettext catalogue, read without `re`.

Importing `gettext` costs the scan path more than matching the tag; the file format is the
one of GNU gettext, "The Format of GNU MO Files".
"""

import os

LANGUAGES = ("en", "zh")


class Texts:
    """Translates templates. Names of the site book come in both languages: `pick` chooses."""

    __slots__ = ("_catalogue", "language")

    def __init__(self, language: str) -> None:
        """Read the catalogue of `zh`; English is the language of the templates themselves."""
        self.language = language
        self._catalogue = (
            {} if language == "en" else _read(f"{_folder()}/{language}/LC_MESSAGES/radar.mo")
        )

    def say(self, template: str, **values: object) -> str:
        """Return the template in the person's language, filled in."""
        text = self._catalogue.get(template, template)
        return text.format(**values) if values else text

    def pick(self, data: object, name: str) -> str:
        """Return `data[name]` in the person's language, or an empty text."""
        if not isinstance(data, dict):
            return ""
        chosen = data.get(f"{name}_zh") if self.language == "zh" else None
        return str(chosen or data.get(name) or "")


def language_of(wish: str) -> str:
    """Return the language for a `--lang` value or a POSIX locale name; English if unknown."""
    return "zh" if wish.lower().startswith("zh") else "en"


def _folder() -> str:
    return os.path.dirname(os.path.abspath(__file__)) + "/locale"


def _read(path: str) -> dict[str, str]:
    with open(path, "rb") as file:
        data = file.read()
    assert data[:4] == b"\xde\x12\x04\x95", "the catalogue is a little-endian .mo file"

    def number(at: int) -> int:
        return int.from_bytes(data[at : at + 4], "little")

    def text(table: int, row: int) -> str:
        length, start = number(table + 8 * row), number(table + 8 * row + 4)
        return data[start : start + length].decode()

    count, keys, values = number(8), number(12), number(16)
    return {text(keys, row): text(values, row) for row in range(count)}
