"""What the conversation is made of: what is asked, what can be chosen, what is shown in a list."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

from radar_core.answers import Answer

Said = tuple[str, dict[str, object]]
"""A template and its values; a value that is such a pair, or a name twice, is said too."""


def said(template: str, **values: object) -> Said:
    """Return a template with its values."""
    return template, values


NOTHING: Said = ("", {})


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers that can be chosen: what is recorded, and how it is called."""

    value: str
    label: Said


@dataclass(frozen=True, slots=True)
class Ask:
    """What a way asks of the person.

    `kind` is `text`, `number`, `choice` (one of `options` alone), `file`, or `place`, which a scan
    answers; a text may have `options` too, the usual answers. Enter on an empty line takes the
    first option if it is the `default`. What is `secret` is neither drawn nor kept.
    """

    title: Said
    hint: Said = NOTHING
    kind: str = "text"
    options: tuple[Option, ...] = ()
    secret: bool = False
    default: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be done: a way or a page by name, with its arguments.

    Enter on an empty line takes the first one if it is the `default`. With a `mark` it says where
    something stands, and its `tone` how that is.
    """

    label: Said
    name: str
    args: tuple[str, ...] = ()
    default: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list: `tone` is `good`, `warn`, `bad` or `plain`, and never alone: see `mark`."""

    mark: str
    text: Said
    detail: Said = NOTHING
    tone: str = "plain"
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What a part of the screen shows: a heading, rows, and what can be done."""

    heading: Said
    rows: tuple[Row, ...] = ()
    choices: tuple[Choice, ...] = ()
    lines: tuple[str, ...] = field(default=())
    """Text that is shown as it is, such as a code to scan."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above all else: who is here, what of the sync, what is next and what of that."""

    who: Said
    status: Said
    goal: Said
    detail: Said = NOTHING
    short: Said = NOTHING
    """The status in fewer words, for a narrow screen."""


Way = Generator[Ask, str, Answer]
"""A way asks, is told, and ends with what a verb answered; it raises what the verb raises."""
