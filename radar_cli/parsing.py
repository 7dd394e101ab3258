"""Runs the grammar: help and usage mistakes in the person's language, answers to the output."""

from collections.abc import Sequence
from typing import Any

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from radar_cli.session import Session
from radar_cli.texts import Texts
from radar_core.answers import Answer
from radar_core.failures import DONE, USAGE, Failure, N_

HELP_WORDS = ("-h", "--help")
FIXED_WORDS = (
    N_("Usage:"),
    N_("Options:"),
    N_("Arguments:"),
    N_("Commands:"),
    N_("Show this message and exit."),
    N_("[required]"),
    N_("[default:"),
)
"""What Typer itself writes into a help text."""


def run_parsed(session: Session, words: Sequence[str]) -> int:
    """Run any command line; raise Failure `usage` for one that cannot be understood."""
    from radar_cli.parser import app

    group = get_command(app)
    plain = list(words[: list(words).index("--")] if "--" in words else words)
    if not words or any(word in HELP_WORDS for word in plain):
        session.output.help(help_text(group, plain, session.output.texts))
        return DONE
    try:
        result = group.main(list(words), "radar", standalone_mode=False, obj=session)
    except TyperException as error:
        raise _usage(error, plain) from error
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    return session.show(result) if isinstance(result, Answer) else int(result or 0)


def help_text(group: Any, words: Sequence[str], texts: Texts) -> str:  # noqa: ANN401 - Typer's own
    """Return the help of the verb that the words name, in the person's language."""
    command, context = group, typer.Context(group, info_name="radar", resilient_parsing=True)
    for word in words:
        inner = getattr(command, "commands", {}).get(word)
        if inner is not None:
            command = inner
            context = type(context)(command, info_name=word, parent=context, resilient_parsing=True)
    translate(command, texts)
    for inner in getattr(command, "commands", {}).values():
        translate(inner, texts)
    text = str(command.get_help(context))
    for fixed in FIXED_WORDS:
        text = text.replace(fixed, texts.say(fixed))
    return text


def translate(command: Any, texts: Texts) -> None:  # noqa: ANN401 - Typer's own
    """Put the help of a command and its parameters into the person's language."""
    command.help = texts.say(command.help) if command.help else None
    command.epilog = texts.say(command.epilog) if command.epilog else None
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = texts.say(parameter.help)


def _usage(error: TyperException, words: Sequence[str]) -> Failure:
    """Say what cannot be understood about the words typed."""
    verb = words[0] if words else ""
    option = getattr(error, "option_name", None)
    parameter = getattr(error, "param", None)
    hint = N_("See: radar {verb} --help")
    values: dict[str, object] = {"verb": verb}
    if type(error).__name__ == "NoSuchOption":
        message = N_("There is no option {option}.")
        values["option"] = option
    elif type(error).__name__ == "MissingParameter" and parameter is not None:
        message = N_("{name} is missing.")
        values["name"] = parameter.human_readable_name
    elif "No such command" in error.format_message():
        message = N_("There is no verb {verb}; did you mean {near}?")
        hint = N_("All of them: radar --help")
        values |= _near(getattr(error, "ctx", None), words)
    elif "Missing command" in error.format_message():
        message = N_("{verb} is half of it: a word is missing behind it.")
    else:
        message = N_("That cannot be understood: {detail}")
        values["detail"] = error.format_message()
    return Failure("usage", message, hint, exit_code=USAGE, **values)


def _near(context: Any, words: Sequence[str]) -> dict[str, object]:  # noqa: ANN401 - Typer's own
    """Return the word that is no verb of its group, and the verb of it that is most like it."""
    from difflib import get_close_matches

    names = list(context.command.commands)
    group = [word for word in context.command_path.split()[1:] if word in words]
    word = next((word for word in words[len(group) :] if not word.startswith("-")), "")
    near = get_close_matches(word, names, 1, 0.0)[0]
    return {"verb": " ".join([*group, word])[:80], "near": " ".join([*group, near])}
