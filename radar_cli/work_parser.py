"""The grammar of reports, work orders and a supervisor's word, for Typer."""

from collections.abc import Sequence
from typing import Annotated

import typer

from radar_cli.parsing import lacking, session_of, wrong_words
from radar_core.answers import Answer
from radar_core.failures import N_
from radar_core.tracking import RATING_MAX, SCORE_MAX

MINUTES_MAX = 10_080
MINUS = {"ignore_unknown_options": True}
"""For verbs with a number among their words: -3 is one, and no option."""

TaskId = Annotated[str, typer.Argument(help=N_("A task's id, or the beginning of it."))]
Reason = Annotated[list[str], typer.Argument(help=N_("Why, in a few words."))]
Text = Annotated[list[str], typer.Argument(help=N_("What there is to say."))]
Score = Annotated[
    int | None,
    typer.Option("--score", metavar="N", min=0, max=SCORE_MAX, help=N_("How good it was, of 100.")),
]


def report(
    context: typer.Context,
    thing: Annotated[
        str, typer.Argument(help=N_("A code or its picture, a place, an asset, a task."))
    ],
    text: Text,
    category: Annotated[
        str,
        typer.Option("--category", metavar="C", help=N_("repair, cleaning, incident or supplies.")),
    ] = "",
    *,
    priority: Annotated[
        str, typer.Option("--priority", metavar="P", help=N_("low, normal, high or urgent."))
    ] = "",
    of: Annotated[
        str, typer.Option("--from", metavar="TASK", help=N_("The task during which it was seen."))
    ] = "",
) -> Answer:
    """Report something; reports on one thing come together."""
    from commands.report import report as run

    phone = session_of(context).phone()
    return run(phone, thing, " ".join(text), category=category, priority=priority, of=of)


def done(
    context: typer.Context,
    task: Annotated[
        str | None,
        typer.Argument(help=N_("A task; without one, what is due where you last scanned.")),
    ] = None,
    minutes: Annotated[
        int | None,
        typer.Option(
            "--minutes", metavar="N", min=0, max=MINUTES_MAX, help=N_("How long the work took.")
        ),
    ] = None,
) -> Answer:
    """Say that a task is complete."""
    from commands.done import done as run

    return run(session_of(context).phone(), task, minutes)


def part(
    context: typer.Context,
    task: TaskId,
    part: Annotated[str, typer.Argument(help=N_("What was built in or used up."))],
    quantity: Annotated[str, typer.Argument(help=N_("How much of it: 2, 1.5, 3 m."))],
    unit: Annotated[str, typer.Option("--unit", metavar="U", help=N_("In which unit."))] = "",
) -> Answer:
    """Note a part."""
    from commands.part import part as run

    return run(session_of(context).phone(), task, part, quantity, unit)


def assign(
    context: typer.Context,
    task: TaskId,
    staff: Annotated[str | None, typer.Argument(help=N_("Whose task it is from now on."))] = None,
    *,
    following: Annotated[
        bool, typer.Option("--next", help=N_("Whoever has least to do and waited longest."))
    ] = False,
) -> Answer:
    """Give a task to somebody."""
    from commands.assign import assign as run

    if following and staff is not None:
        raise wrong_words("assign", ["STAFF", "--next"])
    if not following and staff is None:
        raise lacking("assign", "STAFF")
    return run(session_of(context).phone(), task, staff)


def hold(context: typer.Context, task: TaskId, reason: Reason) -> Answer:
    """Put a task on hold."""
    return _move(context, "hold", task, reason)


def resume(context: typer.Context, task: TaskId) -> Answer:
    """Go on with a task."""
    return _move(context, "resume", task)


def verify(context: typer.Context, task: TaskId, score: Score = None) -> Answer:
    """Say that work is well done."""
    return _move(context, "verify", task, score=score)


def reject(context: typer.Context, task: TaskId, reason: Reason, score: Score = None) -> Answer:
    """Send work back."""
    return _move(context, "reject", task, reason, score=score)


def cancel(context: typer.Context, task: TaskId, reason: Reason) -> Answer:
    """End a work order that is not needed."""
    return _move(context, "cancel", task, reason)


def reopen(context: typer.Context, task: TaskId, reason: Reason) -> Answer:
    """Open a finished work order again."""
    return _move(context, "reopen", task, reason)


def excuse(context: typer.Context, task: TaskId, reason: Reason) -> Answer:
    """Say that a round or cleaning was not to be done."""
    return _move(context, "excuse", task, reason)


def rate(
    context: typer.Context,
    task: TaskId,
    stars: Annotated[int, typer.Argument(min=1, max=RATING_MAX, help=N_("From 1 to 5, the best."))],
) -> Answer:
    """Rate finished work."""
    return _move(context, "rate", task, stars=stars)


def _move(
    context: typer.Context,
    kind: str,
    task: str,
    reason: Sequence[str] = (),
    *,
    score: int | None = None,
    stars: int | None = None,
) -> Answer:
    from commands.moves import move

    phone = session_of(context).phone()
    return move(phone, kind, task, " ".join(reason), score=score, stars=stars)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (
        *(report, hold, resume, part, done, assign),
        *(verify, reject, cancel, reopen, excuse, rate),
    ):
        app.command(context_settings=MINUS if verb is part else None)(verb)
