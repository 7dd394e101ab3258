"""Meters: what the readings of one add up to, and what is odd about a new one.

    readings = readings_of(meter, actions)      by the order of the fold
    judge(meter, counts, readings, value, at_s) = ok | rollover | backwards | jump

A counter that shows less than before has begun again at 0: having shown all its digits
(`rollover`), or because it was replaced or misread (`backwards`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from radar_core.actions import Action
from radar_core.tracking import taken_back

DAY_S = 86400
KINDS = ("reading", "answer")
"""The kinds of actions that may tell a meter's value: a number may be an answer too."""
VALUE_END = 1e15
"""No meter counts so far; beyond, floating-point numbers leave units out."""

Number = int | float


class Reading(NamedTuple):
    """A value that somebody read at a second; `used` is what the meter ran since its first one."""

    at_s: int
    value: Number
    used: Number
    task: str


class Judgement(NamedTuple):
    """What is odd about a reading, "" for nothing, and what the meter ran since the last one."""

    doubt: str
    used: Number
    last: Reading | None


def readings_of(
    project: str, meter: Mapping[str, object], actions: Iterable[Action]
) -> list[Reading]:
    """Return a meter's readings among the actions on its asset, by the order of the fold.

    What its person took back again is none.
    """
    ordered = sorted(actions, key=lambda action: action.order)
    taken = taken_back(ordered)
    found: list[Reading] = []
    for action in ordered:
        value = action.body.get("value")
        if (
            action.id in taken
            or action.project != project
            or not is_of(meter, action.kind, action.body)
        ):
            continue
        assert isinstance(value, int | float), "what is of a meter has a number"
        before = found[-1] if found else None
        used = 0 if before is None else before.used + _ran(meter, before, value, action.at_s)[1]
        found.append(Reading(action.at_s, value, used, str(action.body.get("task", ""))))
    return found


def is_of(meter: Mapping[str, object], kind: str, body: Mapping[str, object]) -> bool:
    """Tell whether an action is a reading of the meter: on its asset, of its step, a number.

    At a checkpoint a step is called `INDEX.STEP`. A meter without a step has all the readings.
    """
    value, step = body.get("value"), str(body.get("step", ""))
    index, _, name = step.partition(".")
    step = name if index.isdecimal() and name else step
    wanted = step == meter["step"] if meter.get("step") else kind == "reading"
    number = (
        type(value) in (int, float) and isinstance(value, int | float) and abs(value) < VALUE_END
    )
    return kind in KINDS and wanted and number and body.get("asset") == meter.get("asset")


def judge(
    meter: Mapping[str, object],
    *,
    counts: bool,
    before: Sequence[Reading],
    value: Number,
    at_s: int,
) -> Judgement:
    """Return what is odd about a new reading; only of a meter that `counts` is less than before."""
    last = before[-1] if before else None
    if last is None:
        return Judgement("", 0, None)
    if counts or "rollover" in meter:
        doubt, used = _ran(meter, last, value, at_s)
    else:
        doubt, used = "", abs(value - last.value)
    jump = _limit(meter, last, at_s)
    if not doubt and jump is not None and used > jump:
        doubt = "jump"
    return Judgement(doubt, used, last)


def _ran(
    meter: Mapping[str, object], last: Reading, value: Number, at_s: int
) -> tuple[str, Number]:
    """Return what a counter ran since a reading, and `rollover` or `backwards` if it shows less.

    It may have begun again where that is no more than it can have run: `jump` units a day, else
    half of all that it can show.
    """
    if value >= last.value:
        return "", value - last.value
    size = meter.get("rollover")
    if isinstance(size, int | float) and last.value < size and value >= 0:
        used, jump = size - last.value + value, _limit(meter, last, at_s)
        if used <= (size / 2 if jump is None else jump):
            return "rollover", used
    return "backwards", 0


def _limit(meter: Mapping[str, object], last: Reading, at_s: int) -> Number | None:
    """Return how far a meter can have gone since a reading; None where nobody says."""
    jump = meter.get("jump")
    return jump * max(1, (at_s - last.at_s) / DAY_S) if isinstance(jump, int | float) else None
