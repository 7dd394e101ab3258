"""The one place that writes: answers to stdout, talk to stderr, one JSON line under `--json`."""

import os

from radar_core.failures import Failure
from radar_core.jsontext import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from radar_cli.texts import Texts
    from radar_core.answers import Answer

STDOUT = 1
STDERR = 2
FORMAT = 1


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
            write(STDOUT, "".join(f"{_plain(line)}\n" for line in lines))

    def failure(self, failure: Failure) -> None:
        """Write a failure: one sentence and a hint, in the person's language."""
        message, hint = self.sentences(failure)
        if self.json:
            error: dict[str, object] = {"code": failure.code, "message": message, "hint": hint}
            self.envelope({"format": FORMAT, "ok": False, "error": error | failure.details})
        else:
            self.talk(message)
            if hint:
                self.talk(f"  → {hint}")

    def sentences(self, failure: Failure) -> tuple[str, str]:
        """Return a failure's sentence and hint; a value may itself be a template and its values."""
        values = {
            name: self.texts.say(value[0], **value[1]) if isinstance(value, tuple) else value
            for name, value in failure.values.items()
        }
        return self.texts.say(failure.message, **values), self.texts.say(failure.hint, **values)

    def envelope(self, envelope: "Mapping[str, object]") -> None:
        """Write one JSON line to stdout."""
        write(STDOUT, f"{encode(envelope)}\n")

    def help(self, text: str) -> None:
        """Write a help text, which is an answer too."""
        if self.json:
            self.envelope({"format": FORMAT, "ok": True, "data": {"help": text}})
        else:
            write(STDOUT, f"{text.rstrip()}\n")

    def talk(self, text: str) -> None:
        """Write one line to stderr: notes, hints, errors; nothing that a script needs."""
        write(STDERR, f"{_plain(text)}\n")


def _plain(line: str) -> str:
    """Return one line without control characters: a name must not steer the terminal."""
    if line.isprintable():
        return line
    return "".join(
        char if char.isprintable() or char == "\u3000" else " " if char.isspace() else "\ufffd"
        for char in line
    )


def write(descriptor: int, text: str) -> None:
    """Write all of it at once; a reader that has gone away is no failure of ours."""
    data = text.encode("utf-8", "replace")
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except BrokenPipeError:
        return
