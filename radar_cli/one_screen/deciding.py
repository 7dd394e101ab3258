"""What leaders decide on other people's work: which decisions fit a task, and how each is asked."""

from __future__ import annotations

from collections.abc import Callable

from commands.assign import assign, of_role, roles_in
from commands.moves import is_own_report, move
from commands.thing import names_of
from commands.why import Usual
from radar_cli.one_screen.asks import Ask, Choice, Option, Way, said
from radar_cli.one_screen.desk import Desk, Pair, about_task
from radar_cli.one_screen.finding import is_number
from radar_core.failures import Failure, N_
from radar_core.permissions import OWN_REPORT, may_record
from radar_core.tracking import RATING_MAX, SCORE_MAX, takes

RECORDED = {"score": "verify"}
"""What a decision is recorded as, where that is not its own name."""
NEXT = "*"
"""Stands for whoever's turn it is."""
LABELS: dict[str, str] = {
    "verify": N_("It is well done"),
    "reject": N_("Send it back"),
    "assign": N_("Give it to somebody"),
    "excuse": N_("It could not be done"),
    "cancel": N_("Nobody has to do it"),
    "reopen": N_("Open it again"),
    "rate": N_("Rate it"),
    "score": N_("It is good: give it a score"),
}
"""What can be decided, the likeliest first, and how it is called."""
REJECT = Usual((N_("not clean"), N_("not complete"), N_("photo is missing")), "")
CANCEL = Usual((N_("reported twice"), N_("nothing is wrong"), N_("somebody else does it")), "")
REOPEN = Usual((N_("it came back"), N_("it is not finished")), "")
EXCUSE = Usual((N_("no access"), N_("bad weather"), N_("nobody was there"), N_("not safe")), "")


def decisions_of(desk: Desk, pair: Pair) -> tuple[Choice, ...]:
    """Return what this person may decide on a task as it stands."""
    task, progress = pair
    roles = desk.phone.person().roles.get(task.project, ())
    return tuple(
        Choice(said(label), kind, (task.id,))
        for kind, label in LABELS.items()
        if progress.state in takes(task, RECORDED.get(kind, kind))
        and (
            may_record(roles, RECORDED.get(kind, kind))
            or (kind in OWN_REPORT and is_own_report(desk.phone, *pair))
        )
    )


def _with_reason(kind: str, title: str, usual: Usual) -> Callable[..., Way]:
    """Return the way of a decision that nobody takes without saying why."""
    options = tuple(Option(reason, said(reason)) for reason in usual.reasons)

    def way(desk: Desk, task_id: str) -> Way:
        why = yield Ask(said(title), about_task(desk, task_id), options=options)
        return move(desk.phone, kind, task_id, why)

    return way


def _assign(desk: Desk, task_id: str) -> Way:
    options = (Option(NEXT, said(N_("whose turn it is"))), *people_of(desk, task_id))
    to = yield Ask(said(N_("Whose is it now?")), about_task(desk, task_id), "choice", options)
    return assign(desk.phone, task_id, None if to == NEXT else to)


def people_of(desk: Desk, task_id: str) -> list[Option]:
    """Return the people of a task's trade in its project, else all who work there."""
    task, _ = desk.phone.task(task_id)
    people = roles_in(desk.phone, task.project)
    found = of_role(people, task.role) or people
    return [Option(id_, said("{who}", who=names_of(desk.phone, id_))) for id_ in found]


def _rate(desk: Desk, task_id: str) -> Way:
    stars = range(RATING_MAX, 0, -1)
    options = tuple(Option(str(count), said("{stars}", stars="★" * count)) for count in stars)
    told = yield Ask(said(N_("How good is it?")), about_task(desk, task_id), "choice", options)
    return move(desk.phone, "rate", task_id, stars=int(told))


def _score(desk: Desk, task_id: str) -> Way:
    """Ask for a score beside: what is well done without one stays one key."""
    hint = said(N_("A number from 0 to {most}"), most=SCORE_MAX)
    text = (yield Ask(said(N_("What score?")), hint, "number")).strip()
    if not (is_number(text) and int(text) <= SCORE_MAX):
        raise Failure(
            "score_misfit",
            N_("{text} is no score from 0 to {most}. Nothing was saved."),
            text=text[:80],
            most=SCORE_MAX,
        )
    return move(desk.phone, "verify", task_id, score=int(text))


DECIDING: dict[str, Callable[..., Way]] = {
    "assign": _assign,
    "rate": _rate,
    "score": _score,
    "reject": _with_reason("reject", N_("What is not good?"), REJECT),
    "cancel": _with_reason("cancel", N_("Why need nobody do it?"), CANCEL),
    "reopen": _with_reason("reopen", N_("Why is it open again?"), REOPEN),
    "excuse": _with_reason("excuse", N_("Why could it not be done?"), EXCUSE),
}
"""The ways of the decisions that ask something, by name."""
