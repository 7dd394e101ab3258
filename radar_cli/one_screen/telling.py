"""What a verb answered or refused, as lines for the screen: what to type is no hint here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.finding import name_of
from radar_cli.output import plain
from radar_cli.scan_view import scan_lines
from radar_cli.views import view_lines
from radar_core.answers import Answer
from radar_core.failures import DONE, Failure

COMMAND = "radar "
"""A sentence with this in it says what to type in a shell; here the choices stand for it."""
SENTENCE = re.compile(r"(?<=[.?!] )|(?<=[。？！])")
"""Where one sentence ends and the next begins."""
TONES = {
    "on_round": "good",
    "due_here": "good",
    "early": "warn",
    "late": "warn",
    "out_of_order": "warn",
    "nothing_due": "warn",
    "wrong_place": "bad",
    "unknown_tag": "bad",
    "retired_tag": "bad",
    "not_my_project": "bad",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is told of the last thing that was done: `good`, `warn`, `bad` or `plain`.

    `say` gives its lines, in the language of the moment. `exit_code` is what the verb alone would
    have ended with.
    """

    tone: str
    say: Callable[[], Sequence[str]]
    exit_code: int = DONE

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what is told, in lines that steer no terminal."""
        return tuple(plain(line) for line in self.say())

    def also(self, desk: Desk, template: str) -> Verdict:
        """Return it with one sentence more."""
        return replace(self, say=lambda: (*self.say(), desk.say((template, {}))))


def told_lines(desk: Desk, answer: Answer) -> list[str]:
    """Return an answer's lines without those that say what to type in a shell."""
    texts = desk.output.texts
    lines = scan_lines(answer.data, texts) if answer.view == "scan" else view_lines(answer, texts)
    if answer.view == "scan":
        lines = [line for line in lines if not line.startswith("  ?")]
    if answer.view == "handed":  # the code itself has a page of its own
        from scanners.screen_code import terminal_lines

        lines = lines[len(terminal_lines(str(answer.data["code"]))) :][:1]
    if answer.view == "shift_started" and answer.data["orders"]:
        lines = lines[:1]  # they have a page of their own
    kept = [(line, without_commands(line)) for line in lines]
    return [plain(told) for line, told in kept if told or not line]


def _named(desk: Desk, answer: Answer) -> Answer:
    """Return an answer with what it is about as people call it, where it tells that at all."""
    about = answer.data.get("about") or answer.data.get("subject")
    if not isinstance(about, str):
        return answer
    name = name_of(desk, about)
    if name["name"] == about:
        return answer
    told = {"about_name": name["name"], "about_name_zh": name["name_zh"]}
    return Answer(answer.view, answer.data | told, answer.exit_code)


def without_commands(text: str) -> str:
    """Return a text without the sentences that say what to type in a shell."""
    if COMMAND not in text:
        return text
    found = [sentence for sentence in SENTENCE.split(text) if COMMAND not in sentence]
    told = "".join(found).rstrip()
    return told if told.strip(" →") else ""


def verdict_of(desk: Desk, answer: Answer) -> Verdict:
    """Return what is told of an answer."""
    answer = _named(desk, answer)
    data = answer.data
    if answer.view == "scan":
        tone = TONES[str(data["outcome"])]
    elif data.get("saved") is False or data.get("failed") or data.get("outside"):
        tone = "warn"
    else:
        tone = "good"
    return Verdict(tone, lambda: _verdict_lines(desk, answer), answer.exit_code)


def _verdict_lines(desk: Desk, answer: Answer) -> list[str]:
    lines = told_lines(desk, answer)
    more = answer.data.get("done")
    if isinstance(more, Mapping):
        lines += told_lines(desk, Answer("finished", dict(more)))[:1]
    return lines


def refusal_of(desk: Desk, failure: Failure) -> Verdict:
    """Return what is told of a failure: the sentence, and a hint that is none for a shell."""
    return Verdict("bad", lambda: _refusal_lines(desk, failure), failure.exit_code)


def _refusal_lines(desk: Desk, failure: Failure) -> list[str]:
    message, hint = desk.output.sentences(failure)
    hint = without_commands(hint)
    return [message, f"→ {hint}"] if hint else [message]
