"""Help in the person's language: examples first, in columns that count wide characters as two."""

import os
from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width

from radar_cli.examples import EXAMPLES
from radar_cli.texts import Texts
from radar_cli.verbs import GROUPS
from radar_core.failures import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ROOT = N_("Scan, do, record, sync: field work for a property, whole shifts without signal.")
WIDTH_MIN, WIDTH_MAX = 30, 80
BEFORE_NONE = "，。：；、！？）”…"
"""No line begins with these."""
AFTER_NONE = "（“"
"""No line ends with these."""
UNBROKEN = "\u00a0"
"""Stands for a blank where a line must not end."""
HELP_ROW = ("-h, --help", N_("Show this help."))
ANYWHERE = (
    ("--json", N_("One line of JSON, for scripts.")),
    ("--lang zh|en", N_("The language.")),
    ("--home DIR", N_("The phone's folder.")),
    HELP_ROW,
    ("--version", N_("Which RADAR this is.")),
)
ALONE = (
    ("radar", N_("At a terminal: the whole shift on one screen.")),
    ("radar --plain", N_("The same line by line, for screen readers and pipes.")),
)
"""What can be typed without a verb."""
"""The options that may stand behind every verb: `session` takes them out before the grammar."""

Rows = Sequence[tuple[str, str]]


def help_text(group: "Any", words: Sequence[str], texts: Texts) -> str:  # noqa: ANN401 - Typer's own
    """Return the help of the verb that the words name, to fit the terminal."""
    command, path = group, ""
    for word in words:
        inner = getattr(command, "commands", {}).get(word)
        if inner is not None:
            command, path = inner, f"{path} {word}".strip()
    if not path:
        return root_help(texts)
    width = _width()
    blocks = [
        wrapped(texts.say(command.help or ""), width),
        _block(texts.say(N_("Examples:")), _said(EXAMPLES.get(path, ()), texts), width),
        _usage(path, command, texts, width),
        *(_block(title, rows, width) for title, rows in _tables(command, texts)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def root_help(texts: Texts) -> str:
    """Return the help of the program itself, without the grammar, which takes its time to load."""
    width = _width()
    blocks = [
        wrapped(texts.say(ROOT), width),
        _block(texts.say(N_("Examples:")), _said(EXAMPLES[""], texts), width),
        [texts.say(N_("Usage: ")) + "radar VERB ..."],
        _block(texts.say(N_("Without a verb:")), _said(ALONE, texts), width),
        *(_block(texts.say(title), _said(rows, texts), width) for title, rows in GROUPS),
        _block(texts.say(N_("Options:")), _said(ANYWHERE, texts), width),
    ]
    return "\n\n".join("\n".join(block) for block in blocks)


def _width() -> int:
    """Return how wide the help may be: as the terminal is, or as COLUMNS says."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        wide = int(told)
    else:
        try:
            wide = os.get_terminal_size(1).columns or WIDTH_MAX
        except OSError:
            wide = WIDTH_MAX
    return max(WIDTH_MIN, min(wide, WIDTH_MAX))


def name_of(parameter: "Any") -> str:  # noqa: ANN401 - Typer's own
    """Return how help and messages name an argument or an option's value."""
    return str(parameter.metavar or parameter.name.upper())


def _usage(path: str, command: "Any", texts: Texts, width: int) -> list[str]:  # noqa: ANN401
    words = [f"radar {path}".strip()]
    options_first = sorted(command.params, key=lambda one: str(one.param_type_name), reverse=True)
    for parameter in options_first:
        shown = _shown(parameter)
        words.append((shown if parameter.required else f"[{shown}]").replace(" ", UNBROKEN))
    if hasattr(command, "commands"):
        words.append("[VERB ...]" if command.invoke_without_command else "VERB ...")
    title = texts.say(N_("Usage: "))
    lines = [
        line.replace(UNBROKEN, " ") for line in wrapped(" ".join(words), width - columns(title))
    ]
    return [title + lines[0], *(" " * columns(title) + line for line in lines[1:])]


def _tables(command: "Any", texts: Texts) -> Iterator[tuple[str, Rows]]:  # noqa: ANN401
    """Yield a command's verbs, arguments and options, each table with its title."""
    inner = getattr(command, "commands", {})
    yield texts.say(N_("Verbs:")), [(name, texts.say(one.help)) for name, one in inner.items()]
    arguments: list[tuple[str, str]] = []
    options: list[tuple[str, str]] = []
    for one in command.params:
        rows = arguments if one.param_type_name == "argument" else options
        rows.append((_shown(one), _about(one, texts)))
    yield texts.say(N_("Arguments:")), arguments
    yield texts.say(N_("Options:")), [*options, *_said((HELP_ROW,), texts)]


def _shown(parameter: "Any") -> str:  # noqa: ANN401 - Typer's own
    if parameter.param_type_name == "argument":
        return name_of(parameter)
    option = str(parameter.opts[0])
    return option if parameter.is_flag else f"{option} {name_of(parameter)}"


def _about(parameter: "Any", texts: Texts) -> str:  # noqa: ANN401 - Typer's own
    """Return what a parameter is for, and its default where there is one to tell."""
    text, default = texts.say(parameter.help), parameter.default
    if not default:
        return text
    return texts.say(N_("{text} Without it: {default}."), text=text, default=default)


def _said(rows: Rows, texts: Texts) -> Rows:
    return [(name, texts.say(about)) for name, about in rows]


def _block(title: str, rows: Rows, width: int) -> list[str]:
    """Return a titled table of two columns; on a narrow screen the right one goes below."""
    if not rows:
        return []
    left = max(columns(name) for name, _ in rows)
    lines = [title]
    for name, about in rows:
        if left > width // 2:
            lines += [f"  {name}", *(f"      {line}" for line in wrapped(about, width - 6))]
        else:
            texts = wrapped(about, width - left - 4)
            names = [name + " " * (left - columns(name)), *[" " * left] * (len(texts) - 1)]
            lines += [f"  {one}  {line}" for one, line in zip(names, texts, strict=True)]
    return lines


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(1 + _is_wide(char) for char in text)


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text, broken at blanks and between wide characters."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and columns(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> Iterator[str]:
    """Yield the parts of a text that a line may end behind, each with the blanks behind it."""
    begin = 0
    for at in range(1, len(text)):
        before, after = text[at - 1], text[at]
        if after == " " or after in BEFORE_NONE or before in AFTER_NONE:
            continue
        if before == " " or _is_wide(before) or _is_wide(after):
            yield text[begin:at]
            begin = at
    yield text[begin:]


def _is_wide(char: str) -> bool:
    return east_asian_width(char) in "WF"
