"""Runs the grammar: usage mistakes in the person's language, answers to the output."""

from collections.abc import Sequence
from typing import Any

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from radar_cli.fast import settle
from radar_cli.helping import help_text, name_of
from radar_cli.session import Session
from radar_core.answers import Answer
from radar_core.failures import DONE, USAGE, Failure, N_

HELP_WORDS = ("-h", "--help")
SHOWN_CHARS_MAX = 80


def run_parsed(session: Session, words: Sequence[str]) -> int:
    """Run any command line; raise Failure `usage` for one that cannot be understood."""
    from radar_cli.parser import app

    settle()
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


def session_of(context: typer.Context) -> Session:
    """Return the session in which a verb runs."""
    session = context.find_root().obj
    assert isinstance(session, Session), "the parser runs inside a session"
    return session


def _usage(error: TyperException, words: Sequence[str]) -> Failure:
    """Say what cannot be understood about the words typed."""
    verb = words[0] if words else ""
    hint = N_("See: radar {verb} --help") if verb else N_("See: radar --help")
    kind, told = type(error).__name__, error.format_message()
    if kind in ("NoSuchOption", "BadOptionUsage"):
        message, values = _wrong_option(error)
    elif kind in ("MissingParameter", "BadParameter"):
        message, values = _wrong_value(getattr(error, "param", None), missing=kind[0] == "M")
    elif "No such command" in told:
        message = N_("There is no verb {verb}; did you mean {near}?")
        hint = N_("All of them: radar --help")
        values = _near(getattr(error, "ctx", None), words)
    elif "Missing command" in told:
        message, values = N_("{verb} is half of it: a word is missing behind it."), {}
    elif "unexpected extra argument" in told:
        message = N_("This is too much here: {words}")
        values = {"words": told.partition(" (")[2].removesuffix(")")[:SHOWN_CHARS_MAX]}
    else:
        message, values = N_("That cannot be understood: {detail}"), {"detail": told}
    return Failure("usage", message, hint, exit_code=USAGE, **{"verb": verb, **values})


def _wrong_option(error: TyperException) -> tuple[str, dict[str, object]]:
    name, near = getattr(error, "option_name", ""), getattr(error, "possibilities", None)
    values: dict[str, object] = {"option": str(name)[:SHOWN_CHARS_MAX]}
    if near:
        return N_("There is no option {option}; did you mean {near}?"), values | {"near": near[0]}
    if "requires" in error.format_message():
        return N_("{flag} wants a value."), {"flag": values["option"]}
    if "does not take" in error.format_message():
        return N_("{option} takes no value."), values
    return N_("There is no option {option}."), values


def _wrong_value(parameter: Any, *, missing: bool) -> tuple[str, dict[str, object]]:  # noqa: ANN401
    """Say what an argument or option wants; all that is not a text here is a whole number."""
    option = parameter.param_type_name == "option"
    values: dict[str, object] = {"name": parameter.opts[0] if option else name_of(parameter)}
    if missing:
        return N_("{name} is missing."), values
    least, most = getattr(parameter.type, "min", None), getattr(parameter.type, "max", None)
    if least is None:
        return N_("{name} wants a whole number."), values
    if most is None:
        return N_("{name} wants a whole number of at least {least}."), values | {"least": least}
    values |= {"least": least, "most": most}
    return N_("{name} wants a whole number from {least} to {most}."), values


def _near(context: Any, words: Sequence[str]) -> dict[str, object]:  # noqa: ANN401 - Typer's own
    """Return the word that is no verb of its group, and the verb of it that is most like it."""
    from difflib import get_close_matches

    names = list(context.command.commands)
    group = [word for word in context.command_path.split()[1:] if word in words]
    word = next((word for word in words[len(group) :] if not word.startswith("-")), "")
    near = get_close_matches(word, names, 1, 0.0)[0]
    shown = " ".join([*group, word])[:SHOWN_CHARS_MAX]
    return {"verb": shown, "near": " ".join([*group, near])}


def wrong_words(verb: str, words: Sequence[str]) -> Failure:
    """Say which words of a verb do not go together."""
    return Failure(
        "usage",
        N_("These do not go together: {words}"),
        N_("See: radar {verb} --help"),
        exit_code=USAGE,
        verb=verb,
        words=" ".join(words),
    )


def lacking(verb: str, name: str) -> Failure:
    """Say which of a verb's words is missing."""
    return Failure(
        "usage",
        N_("{name} is missing."),
        N_("See: radar {verb} --help"),
        exit_code=USAGE,
        verb=verb,
        name=name,
    )
