"""The grammar of a patrol's own verbs: ending, taking back, handing over, and the shift."""

from typing import Annotated

import typer

from radar_cli.parsing import session_of
from radar_cli.work_parser import TaskId
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_

Reason = Annotated[
    list[str] | None, typer.Argument(metavar="REASON", help=N_("Why: a number or some words."))
]


def end(context: typer.Context, task: TaskId, reason: Reason = None) -> Answer:
    """End a round or a cleaning before it is done."""
    from commands.end import end as run

    return run(session_of(context).phone(), task, _said(reason))


def correct(
    context: typer.Context,
    action: Annotated[str, typer.Argument(help=N_("last, its number in radar log, or EPOCH.SEQ."))],
    reason: Reason = None,
) -> Answer:
    """Take back a mistake."""
    from commands.correct import correct as run

    return run(session_of(context).phone(), action, _said(reason))


def handover(
    context: typer.Context,
    task: TaskId,
    staff: Annotated[
        str, typer.Argument(help=N_("To whom; without it, to whoever scans the code."))
    ] = "",
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help=N_("Write the code as a PNG too."))
    ] = "",
) -> Answer:
    """Hand a round or a cleaning to a colleague."""
    from commands.handover import handover as run

    return run(session_of(context).phone(), task, staff, out)


def accept(context: typer.Context, task: TaskId) -> Answer:
    """Take on what was given."""
    from commands.offers import accept as run

    return run(session_of(context).phone(), task)


def decline(context: typer.Context, task: TaskId, reason: Reason = None) -> Answer:
    """Do not take it on."""
    from commands.offers import decline as run

    return run(session_of(context).phone(), task, _said(reason))


def shift(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="start|end", help=N_("Without it: how the shift stands."))
    ] = "",
) -> Answer:
    """Begin or end a shift."""
    from commands import shift as run

    verbs = {"": run.shift, "start": run.shift_start, "end": run.shift_end}
    if what not in verbs:
        raise Failure(
            "usage",
            N_("{option} is one of {words}, not {word}. Nothing was saved."),
            N_("See: radar {verb} --help"),
            exit_code=USAGE,
            option="radar shift",
            words="start, end",
            word=what[:80],
            verb="shift",
        )
    return verbs[what](session_of(context).phone())


def _said(reason: list[str] | None) -> str:
    return " ".join(reason or ())


def add_patrol_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (end, correct, handover, accept, decline, shift):
        app.command()(verb)
