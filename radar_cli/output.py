"""The one place that writes: answers to stdout, talk to stderr, one JSON line under `--json`."""

import os

from radar_core.failures import Failure, N_
from radar_core.jsontext import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from radar_cli.texts import Texts
    from radar_core.answers import Answer

STDOUT = 1
STDERR = 2
FORMAT = 1
SPOKEN_NAMES = frozenset(["reason", "detail", "problem", "kind", "role", "whose"])
"""The values of templates that are words themselves: `words.SPOKEN` has them for translation."""


class Output:
    """Where this run's answers go, and in what form."""

    __slots__ = ("json", "texts")

    def __init__(self, texts: "Texts", *, json: bool) -> None:
        self.texts = texts
        self.json = json

    def answer(self, answer: "Answer", lines: "Iterable[str]" = ()) -> None:
        """Write an answer: its data as one JSON line, or its lines for a person."""
        if self.json:
            self.envelope({"format": FORMAT, "ok": True, "data": answer.data})
        else:
            write(STDOUT, "".join(f"{plain(line)}\n" for line in lines))

    def failure(self, failure: Failure) -> None:
        """Write a failure: one sentence and a hint, in the person's language."""
        if not self.json:
            self.talk_failure(failure)
            return
        message, hint = self.sentences(failure)
        error: dict[str, object] = {"code": failure.code, "message": message, "hint": hint}
        try:
            self.envelope({"format": FORMAT, "ok": False, "error": error | failure.details})
        except Failure:
            self.talk(message)

    def talk_failure(self, failure: Failure) -> None:
        """Write a failure to stderr, for a person; a site book's mistakes are listed."""
        message, hint = self.sentences(failure)
        self.talk(message)
        if "mistakes" in failure.values:
            from radar_cli.centre_views import mistake_lines

            for line in mistake_lines(failure.values["mistakes"], self):
                self.talk(line)
        if hint:
            self.talk(f"  → {hint}")

    def sentences(self, failure: Failure) -> tuple[str, str]:
        """Return a failure's sentence and hint."""
        values = failure.values
        return self.say(failure.message, **values), self.say(failure.hint, **values)

    def say(self, template: str, **values: object) -> str:
        """Return a template filled in; so are values that are failures, or templates themselves."""
        filled = {name: self._value(name, value) for name, value in values.items()}
        return self.texts.say(template, **filled)

    def _value(self, name: str, value: object) -> object:
        if isinstance(value, Failure):
            return self.say(value.message, **value.values)
        if isinstance(value, tuple):
            return self.say(value[0], **value[1])
        if isinstance(value, dict):
            return self.texts.pick(value, "path") or self.texts.pick(value, "name")
        if name in ("state", "states"):
            from radar_cli.words import STATES, listed

            words = [STATES.get(one, one) for one in str(value).split()]
            return listed(map(self.texts.say, words), self.texts)
        return self._spoken(str(value)) if name in SPOKEN_NAMES else value

    def _spoken(self, text: str) -> str:
        """Return what a system said, such as `[Errno 13] Permission denied: 'x'`, in our words."""
        if text.startswith("[Errno "):
            text = text.partition("] ")[2]
        head, colon, rest = text.partition(": ")
        return self.texts.say(head) + colon + rest

    def envelope(self, envelope: "Mapping[str, object]") -> None:
        """Write one JSON line to stdout."""
        write(STDOUT, f"{_spelt_out(encode(envelope))}\n")

    def table(self, text: str) -> None:
        """Write a table to stdout, byte for byte."""
        write(STDOUT, text)

    def redraw(self, lines: "Iterable[str]") -> None:
        """Write lines over what the terminal shows."""
        text = "\n".join(f"{plain(line)}\x1b[K" for line in lines)
        write(STDOUT, f"\x1b[H{text}\x1b[J")

    def help(self, text: str) -> None:
        """Write a help text, which is an answer too."""
        if self.json:
            self.envelope({"format": FORMAT, "ok": True, "data": {"help": text}})
        else:
            write(STDOUT, f"{text.rstrip()}\n")

    def talk(self, text: str) -> None:
        """Write one line to stderr: notes, hints, errors; nothing that a script needs."""
        write(STDERR, f"{plain(text)}\n")


def plain(text: str, kept: str = "") -> str:
    """Return a text without control characters but those `kept`: none may steer the terminal.

    What joins the parts of one emoji stays.
    """
    if text.isprintable():
        return text
    kept += "\u3000"
    return "".join(
        char
        if char.isprintable()
        or char in kept
        or (char == "\u200d" and _is_symbol(text[at : at + 1]))
        else " "
        if char.isspace()
        else "\ufffd"
        for at, char in enumerate(text, 1)
    )


def _is_symbol(char: str) -> bool:
    return "\u2190" <= char <= "\u2bff" or "\U0001f000" <= char <= "\U0001faff"


def _spelt_out(line: str) -> str:
    """Return a JSON document that says the same without a control character."""
    if line.isprintable():
        return line
    return "".join(
        char if char.isprintable() or "\ud800" <= char <= "\udfff" else _escape(char)
        for char in line
    )


def _escape(char: str) -> str:
    return "".join(f"\\u{unit:04x}" for unit in memoryview(char.encode("utf-16")).cast("H")[1:])


def write(descriptor: int, text: str) -> None:
    """Write all of it at once; raise Failure `no_output` where stdout takes nothing.

    A reader that has gone away is no failure of ours, and of a stderr that takes nothing nobody
    could be told.
    """
    data = text.encode("utf-8", "replace")
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except BrokenPipeError:
        return
    except OSError as error:
        if descriptor == STDERR:
            return
        raise Failure(
            "no_output",
            N_("The answer cannot be written ({reason}); what was recorded is saved all the same."),
            N_("Where does the output go? What was recorded: radar log"),
            reason=error.strerror,
        ) from error
