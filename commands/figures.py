"""`radar board --month`: how a month was, by the figures of `radar_core.figures`."""

import json
from datetime import UTC
from urllib.parse import urlencode

from commands.board import ask
from commands.phone import Phone
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_
from radar_core.figures import months_to
from sync.protocol import FIGURES_PATH


def figures(phone: Phone, scope: str, month: str) -> Answer:
    """Ask the centre for the figures of a month such as `2026-11`."""
    try:
        months_to(month, UTC)
    except ValueError as error:
        raise _bad_month(month) from error
    query = {"month": month} | ({"scope": scope} if scope else {})
    try:
        text = ask(phone, f"{FIGURES_PATH}?{urlencode(query)}")
    except Failure as failure:
        if failure.values.get("problem") != "bad_month":
            raise
        raise _bad_month(month) from failure
    return Answer("figures", json.loads(text))


def _bad_month(month: str) -> Failure:
    return Failure(
        "bad_month",
        N_("{month} is not a month that has begun."),
        N_("Write year and month: --month 2026-11"),
        exit_code=USAGE,
        month=month[:20],
    )
