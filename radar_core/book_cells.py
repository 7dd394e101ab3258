"""What one cell of a site book may say: each reader takes its text and gives the normal text."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import TypeAlias

from radar_core.book_sheet import Problem, problem
from radar_core.failures import N_
from radar_core.tags import ALPHABET, CODE_CHARS, LABEL_CHARS_MAX, code_of_label

Reader: TypeAlias = Callable[[str], str | Problem]
"""Takes the text of a cell that is not empty; gives it in its normal form, or the problem."""

CELL_CHARS_MAX = 32_000
"""A workbook holds 32,767 characters in a cell."""
ID_CHARS_MAX = 40
LIST_SEPARATOR = ";"
LIMIT = "@"
"""Between a role and the project or district in which alone somebody has it."""
LIST_ITEMS_MAX = 4_000
DOMAIN_CHARS_MAX = 120

_ID = re.compile(rf"[A-Za-z0-9._-]{{1,{ID_CHARS_MAX}}}")
_HIDDEN_CHARS = (
    r"\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff"
)
_HIDDEN = re.compile(f"[{_HIDDEN_CHARS}]")
_ERROR_VALUES = frozenset(("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"))
_YES = frozenset(("yes", "true", "1", "y", "是"))
_NO = frozenset(("no", "false", "0", "n", "否"))
_RANDOM = frozenset(("random", "随机"))
_WHOLE = re.compile(r"(-?[0-9]{1,9})(?:\.0+)?")
_DECIMAL = re.compile(r"(-?)0*([0-9]{1,9})(?:\.([0-9]{1,6})0*)?")
_DOMAIN = re.compile(r"[A-Z0-9](?:[A-Z0-9-]*[A-Z0-9])?(?:\.[A-Z0-9](?:[A-Z0-9-]*[A-Z0-9])?)*")
_ESCAPE = re.compile(r"\\(?:\\|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))|\\")
_ESCAPED = re.compile(rf"[\\{_HIDDEN_CHARS}]|^\s|\s$")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SPOILED = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def cell_problem(text: str) -> Problem | None:
    """Return what no cell may hold: a formula's error, hidden characters, too much text."""
    if len(text) > CELL_CHARS_MAX:
        return problem(N_("A cell holds at most {most} characters."), most=str(CELL_CHARS_MAX))
    hidden = _HIDDEN.search(text)
    if hidden:
        return problem(
            N_("There is a line break or another hidden character ({code}) in {value}."),
            code=f"U+{ord(hidden[0]):04X}",
            value=text,
        )
    if text in _ERROR_VALUES:
        return problem(N_("The formula in this cell failed: {value}."), value=text)
    return None


def split_list(text: str) -> list[str]:
    """Return the items of a list in normal form."""
    return text.split(LIST_SEPARATOR) if text else []


def closest(word: str, known: list[str]) -> str:
    """Return the known word that `word` was probably meant to be, or ""."""
    return next(iter(get_close_matches(word, known, 1)), "")


def identifier(text: str) -> str | Problem:
    """Read an id."""
    if _ID.fullmatch(text):
        return text
    return problem(
        N_("{value} is no id: an id is 1 to {most} characters of A-Z a-z 0-9 . _ - and no others."),
        value=text,
        most=str(ID_CHARS_MAX),
    )


def text_of(chars_max: int) -> Reader:
    """Return a reader of free text of at most `chars_max` characters."""

    def read(text: str) -> str | Problem:
        if len(text) <= chars_max:
            return text
        return problem(
            N_("{value} has {count} characters; at most {most} fit here."),
            value=text,
            count=str(len(text)),
            most=str(chars_max),
        )

    return read


def word_of(*allowed: str) -> Reader:
    """Return a reader of one of the words, in capitals or not; it comes as it is spelled here."""
    spelled = {word.casefold(): word for word in allowed}

    def read(text: str) -> str | Problem:
        word = spelled.get(text.casefold())
        if word is not None:
            return word
        return problem(
            N_("{value} is none of these: {allowed}."), value=text, allowed=" ".join(allowed)
        )

    return read


def limited(word: Reader) -> Reader:
    """Return a reader of a word that holds everywhere, or of WORD@ID, which holds in that alone."""

    def read(text: str) -> str | Problem:
        name, at, where = text.replace("\N{FULLWIDTH COMMERCIAL AT}", LIMIT).partition(LIMIT)
        value = word(name.strip())
        if isinstance(value, Problem) or not at:
            return value
        place = identifier(where.strip())
        return place if isinstance(place, Problem) else f"{value}{LIMIT}{place}"

    return read


def small_word(text: str) -> str | Problem:
    """Read an id in small letters, such as an asset's class."""
    return identifier(text.lower())


def list_of(item: Reader, *, items_max: int = LIST_ITEMS_MAX) -> Reader:
    """Return a reader of a list: items separated by ; (or ；), none twice."""

    def read(text: str) -> str | Problem:
        items: list[str] = []
        for part in text.replace("；", LIST_SEPARATOR).split(LIST_SEPARATOR):
            if not part.strip():
                continue
            value = item(part.strip())
            if isinstance(value, Problem):
                return value
            if value in items:
                return problem(N_("{value} stands twice in this list."), value=value)
            items.append(value)
        if not 0 < len(items) <= items_max:
            return problem(N_("A list here has 1 to {most} items."), most=str(items_max))
        return LIST_SEPARATOR.join(items)

    return read


def yes_no(text: str) -> str | Problem:
    """Read yes or no, also as a workbook's TRUE and FALSE, 1 and 0, 是 and 否."""
    word = text.casefold()
    if word in _YES:
        return "yes"
    if word in _NO:
        return "no"
    return problem(N_("{value} is neither yes nor no."), value=text)


def ordering(text: str) -> str | Problem:
    """Read whether a route's checkpoints have an order: yes, no, or one drawn for each round."""
    if text.casefold() in _RANDOM:
        return "random"
    if isinstance(word := yes_no(text), Problem):
        return problem(N_("{value} is neither yes nor no nor random."), value=text)
    return word


def whole_of(least: int, most: int) -> Reader:
    """Return a reader of a whole number from `least` to `most`."""

    def read(text: str) -> str | Problem:
        found = _WHOLE.fullmatch(text)
        if found and least <= int(found[1]) <= most:
            return str(int(found[1]))
        return problem(
            N_("{value} is no whole number from {least} to {most}."),
            value=text,
            least=str(least),
            most=str(most),
        )

    return read


def decimal(text: str) -> str | Problem:
    """Read a number of at most 9 digits before and 6 after the point."""
    found = _DECIMAL.fullmatch(text)
    if not found:
        return problem(
            N_("{value} is no number such as 6, -0.5 or 12.25 (9 digits, a point, 6 digits)."),
            value=text,
        )
    fraction = (found[3] or "").rstrip("0")
    number = found[2] + (f".{fraction}" if fraction else "")
    return number if float(number) == 0 else found[1] + number


def decimal_of(least: float, most: float) -> Reader:
    """Return a reader of a number from `least` to `most`."""

    def read(text: str) -> str | Problem:
        number = decimal(text)
        if isinstance(number, Problem) or least <= float(number) <= most:
            return number
        return problem(
            N_("{value} is not from {least} to {most}."),
            value=text,
            least=str(least),
            most=str(most),
        )

    return read


def more_than_zero(text: str) -> str | Problem:
    """Read a number over zero."""
    number = decimal(text)
    if isinstance(number, Problem) or float(number) > 0:
        return number
    return problem(N_("{value} is not more than 0."), value=text)


def domain(text: str) -> str | Problem:
    """Read the domain that labels print, in capitals, which a QR code holds in less room."""
    name = text.upper()
    if len(name) <= DOMAIN_CHARS_MAX and _DOMAIN.fullmatch(name):
        return name
    return problem(N_("{value} is no domain such as r.example: no https://, no path."), value=text)


def escape(text: str) -> str:
    r"""Return a code's exact text as a cell shows it, hidden characters as \xHH or \uHHHH.

    What a spreadsheet might itself have made of a cell is told apart from it in the same way.
    """
    if text in _ERROR_VALUES or _SPOILED.fullmatch(text):
        return f"\\x{ord(text[0]):02x}{text[1:]}"
    return _ESCAPED.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    if char == "\\":
        return "\\\\"
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"  # noqa: PLR2004


def unescape(text: str) -> str | None:
    r"""Return the exact text that `escape` gave `text` for; None if a \ stands alone."""
    if any(found[0] == "\\" for found in _ESCAPE.finditer(text)):
        return None
    return _ESCAPE.sub(lambda found: chr(int(found[1] or found[2] or "5c", 16)), text)


def code(text: str) -> str | Problem:
    """Read a tag's code: ours in its normal form, a foreign one as `escape` gives it."""
    exact = unescape(text)
    if exact is None:
        return problem(
            N_("In {value}, write \\\\ for each \\, or \\x1d and the like for a hidden character."),
            value=text,
        )
    if len(exact) > LABEL_CHARS_MAX or _SURROGATE.search(exact):
        return problem(
            N_("{value} is no code that a scanner can have read: at most {most} characters."),
            value=text,
            most=str(LABEL_CHARS_MAX),
        )
    if _SPOILED.fullmatch(text):
        return problem(
            N_("{value} is a number that the spreadsheet has shortened: make the column text."),
            value=text,
        )
    return code_of_label(exact) or escape(exact)


def is_ours(normal: str) -> bool:
    """Tell whether a code in normal form is a RADAR code."""
    return code_of_label(normal) == normal


def looks_like_ours(normal: str) -> bool:
    """Tell whether a foreign code has the form of ours, so that a typing mistake is likely."""
    plain = normal.upper().translate(_FORGIVEN)
    return len(plain) == CODE_CHARS and set(plain) <= set(ALPHABET)
