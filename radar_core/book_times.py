"""What a cell may say of time: a day, a moment, a rule, a season, working hours."""

import re
from datetime import datetime
from functools import lru_cache

from radar_core.book_sheet import Problem, problem
from radar_core.failures import N_
from radar_core.schedules import rule_mistake

YEAR_MIN, YEAR_MAX = 2000, 2099
INTERVAL_MAX = 1_000
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_MOMENT = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?:(?:T| +)([0-9]{1,2}):([0-9]{2})(?::00)?)?"
)
_RULE = re.compile(r"[A-Z]+=[A-Z0-9,+-]+(?:;[A-Z]+=[A-Z0-9,+-]+)*")
_FREQUENCIES = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_RULE_UNTIL = re.compile(r"[0-9]{8}(?:T[0-9]{6})?")
_SEASON = re.compile(r"([0-9]{1,2})-([0-9]{1,2})\s*(?:\.\.|…)\s*([0-9]{1,2})-([0-9]{1,2})")
_LEAP_YEAR = 2000
"""Each day of any year, 02-29 too, is one of this year."""
_HOURS = re.compile(
    rf"({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))?\s+([0-9]{{1,2}}):([0-5][0-9])-([0-9]{{1,2}}):([0-5][0-9])"
)
_DAY_MIN = 24 * 60


def moment(text: str) -> str | Problem:
    """Read a local date and time, a date alone meaning its midnight: `2026-01-01T22:00`."""
    normal = moment_or_day(text)
    return normal if isinstance(normal, Problem) or "T" in normal else f"{normal}T00:00"


def moment_or_day(text: str) -> str | Problem:
    """Read a local date and time, or a date alone; what a spreadsheet makes of them too."""
    found = _MOMENT.fullmatch(text)
    normal = _calendar_text(found) if found else None
    return normal or problem(
        N_("{value} is no date and time such as 2026-01-31 22:00, from {least} to {most}."),
        value=text,
        least=str(YEAR_MIN),
        most=str(YEAR_MAX),
    )


def day(text: str) -> str | Problem:
    """Read a date without a time."""
    normal = moment_or_day(text)
    if not isinstance(normal, Problem) and "T" not in normal:
        return normal
    return problem(
        N_("{value} is no date such as 2026-01-31, from {least} to {most}."),
        value=text,
        least=str(YEAR_MIN),
        most=str(YEAR_MAX),
    )


def _calendar_text(found: re.Match[str]) -> str | None:
    year, month, day, hour, minute = (int(part or 0) for part in found.groups())
    if not YEAR_MIN <= year <= YEAR_MAX:
        return None
    try:
        when = datetime(year, month, day, hour, minute)  # noqa: DTZ001 - local by design
    except ValueError:
        return None
    return f"{when:%Y-%m-%dT%H:%M}" if found[4] else f"{when:%Y-%m-%d}"


def season(text: str) -> str | Problem:
    """Read the first and the last day of a season; it may go over the end of the year."""
    found = _SEASON.fullmatch(text)
    try:
        first, last = (_day_of_year(found, at) for at in (1, 3)) if found else ("", "")
    except ValueError:
        first = last = ""
    if first:
        return f"{first}..{last}"
    return problem(N_("{value} is no season such as 05-01..09-30 (month-day)."), value=text)


def _day_of_year(found: re.Match[str], at: int) -> str:
    when = datetime(_LEAP_YEAR, int(found[at]), int(found[at + 1]))  # noqa: DTZ001 - no time at all
    return f"{when:%m-%d}"


def hours(text: str) -> str | Problem:
    """Read working hours of some days of the week: `MO-FR 08:00-18:00`."""
    found = _HOURS.fullmatch(text.upper())
    if not found:
        return problem(N_("{value} is no working time such as MO-FR 08:00-18:00."), value=text)
    first, last = found[1], found[2] or found[1]
    opens, closes = (int(found[at]) * 60 + int(found[at + 1]) for at in (3, 5))
    if DAYS.index(first) > DAYS.index(last) or not opens < closes <= _DAY_MIN:
        return problem(
            N_("{value} ends before it begins; write two, one for each side of the night."),
            value=text,
        )
    days = first if first == last else f"{first}-{last}"
    return f"{days} {_clock(opens)}-{_clock(closes)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@lru_cache(maxsize=1_000)
def rule(text: str) -> str | Problem:
    """Read an RFC 5545 recurrence rule without DTSTART that happens hourly at most."""
    normal = "".join(text.upper().split()).removeprefix("RRULE:")
    return _rule_problem(text, normal) or normal


def _rule_problem(text: str, normal: str) -> Problem | None:
    """Keep from the calendar library what it would search for hours, and what it takes amiss."""
    parts = [part.partition("=") for part in normal.split(";")]
    values = {name: value for name, _, value in parts}
    interval = values.get("INTERVAL", "1")
    if "DTSTART" in normal:
        return problem(N_("{value} holds DTSTART; that is the column start."), value=text)
    if not _RULE.fullmatch(normal) or len(values) < len(parts) or "FREQ" not in values:
        return problem(N_("{value} is no rule such as FREQ=WEEKLY;BYDAY=MO,TH."), value=text)
    if values["FREQ"] not in _FREQUENCIES or "BYSECOND" in values:
        return problem(
            N_("The rule {value} is none of these: {allowed}."),
            value=text,
            allowed=" ".join(_FREQUENCIES),
        )
    if not interval.isdigit() or not 1 <= int(interval) <= INTERVAL_MAX:
        return problem(
            N_("INTERVAL in {value} is not 1 to {most}."), value=text, most=str(INTERVAL_MAX)
        )
    if {"COUNT", "UNTIL"} <= values.keys():
        return problem(N_("{value} has both COUNT and UNTIL."), value=text)
    if not _RULE_UNTIL.fullmatch(values.get("UNTIL", "20261231")):
        return problem(
            N_("UNTIL in {value} is no local time such as 20261231T235900 (without Z)."), value=text
        )
    reason = rule_mistake(normal)
    if not reason:
        return None
    return problem(N_("The rule {value} cannot be used: {reason}."), value=text, reason=reason)
