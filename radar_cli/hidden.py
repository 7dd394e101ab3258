"""A secret that a person types, or a script hands over: never among the words of a command."""

import sys
from collections.abc import Callable
from getpass import getpass

from radar_core.failures import USAGE, Failure, N_


def read_hidden(prompt: str) -> str:
    """Return a line of standard input; at a terminal it is asked for, and does not show.

    Raise Failure `nothing_typed` where there is none.
    """
    try:
        if sys.stdin is not None and sys.stdin.isatty():
            line = getpass(prompt)
        else:
            line = sys.stdin.readline() if sys.stdin is not None else ""
    except (EOFError, UnicodeDecodeError):
        line = ""
    if not line.strip():
        raise Failure(
            "nothing_typed",
            N_("A line was wanted here, and none came; nothing was done."),
            N_("Type it, or give it on standard input: it is no word of the command."),
            exit_code=USAGE,
        )
    return line.strip()


def asking(say: Callable[[str], str]) -> Callable[..., str]:
    """Return what asks by a template that `say` translates, at a terminal twice for a `new` one."""

    def ask(template: str, *, new: bool = False) -> str:
        typed = read_hidden(say(template))
        if new and sys.stdin.isatty() and read_hidden(say(N_("The same again: "))) != typed:
            raise Failure(
                "not_the_same",
                N_("The two were not the same; nothing was changed."),
                N_("Try again."),
                exit_code=USAGE,
            )
        return typed

    return ask
