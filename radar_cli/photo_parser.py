"""The grammar of `radar photo` and `radar sign`."""

from typing import Annotated

import typer

from radar_cli.parsing import session_of, wrong_words
from radar_core.answers import Answer
from radar_core.failures import N_

Step = Annotated[
    str, typer.Option("--step", metavar="STEP", help=N_("The step of the checklist it answers."))
]


def photo(
    context: typer.Context,
    thing: Annotated[str, typer.Argument(help=N_("A task, code, place or asset."))],
    file: Annotated[str, typer.Argument(help=N_("The picture's file."))],
    step: Step = "",
    *,
    before: Annotated[
        bool, typer.Option("--before", help=N_("As it was before the work."))
    ] = False,
    after: Annotated[bool, typer.Option("--after", help=N_("As it is after the work."))] = False,
) -> Answer:
    from commands.photo import photo as run

    if before and after:
        raise wrong_words("photo", ["--before", "--after"])
    session = session_of(context)
    when = "before" if before else "after" if after else ""
    return run(session.phone(), session.reader, thing, file, step_id=step, when=when)


def sign(
    context: typer.Context,
    task: Annotated[str, typer.Argument(help=N_("A task's id, or the beginning of it."))],
    name: Annotated[str, typer.Argument(help=N_("Who signs, as they write their name."))],
    step: Step = "",
    picture: Annotated[
        str, typer.Option("--picture", metavar="FILE", help=N_("A picture of the signature."))
    ] = "",
) -> Answer:
    from commands.photo import sign as run

    session = session_of(context)
    return run(session.phone(), session.reader, task, name, step_id=step, picture=picture)
