"""Schedules: RFC 5545 rules in the project's time zone, unrolled into dated tasks.

A task's id is derived from its schedule and start, so a phone that is offline for days makes the
very task that the centre makes.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice

from dateutil.rrule import rrule, rruleset, rrulestr

from radar_core.tasks import Task

PER_DAY_MAX = 24
TASKS_MAX = 10_000
"""The most tasks that one schedule may make in one call."""
INTERVAL_MAX = 10_000
READ_MAX = 512
"""So many texts of each kind are kept as they were read: the same few come again and again."""
_CLOCK_CHANGE = timedelta(hours=2)
"""More than any clock is put forward or back."""
_DAY_PARTS = ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY", "BYEASTER")
_NO_COUNT = str.maketrans("", "", "+-0123456789")
_START = "%Y-%m-%dT%H:%M"
_PERIOD_DAYS = {"HOURLY": 1, "DAILY": 1, "WEEKLY": 7}
"""Frequencies whose rule goes on the same from any start that lies whole periods later."""


def rule_mistake(rrule: str) -> str | None:
    """Return what is wrong with a rule as the site book has it, in a few words, or None."""
    try:
        _check_rule(rrule)
        rule = _read_rule(rrule, datetime(2026, 1, 1))  # noqa: DTZ001 - local by design
        moments = list(islice(rule.replace(until=None), PER_DAY_MAX + 1))
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        return str(error) or "not a recurrence rule"
    if len(moments) > PER_DAY_MAX and moments[-1] - moments[0] < timedelta(days=1):
        return "more often than hourly"
    return None if moments else "it never happens"


@lru_cache(maxsize=READ_MAX)
def _check_rule(text: str) -> None:
    """Raise ValueError for what the library would search for hours, or take for something else."""
    parts = _rule_parts(text)
    frequency, interval = parts.get("FREQ", ""), parts.get("INTERVAL", "1")
    if ":" in text or "\n" in text or "DTSTART" in parts:
        raise ValueError("only the rule itself, without DTSTART")
    if frequency in ("SECONDLY", "MINUTELY"):
        raise ValueError("more often than hourly")
    if not interval.isdecimal() or not 1 <= int(interval) <= INTERVAL_MAX:
        raise ValueError(f"INTERVAL is not 1 to {INTERVAL_MAX}")
    if frequency in _PERIOD_DAYS and not _has_a_day(parts):
        raise ValueError("it never happens")


@lru_cache(maxsize=READ_MAX)
def _read_rule(text: str, first: datetime) -> rrule:
    rule = rrulestr(text, dtstart=first)
    assert isinstance(rule, rrule), "a text without a colon is one rule, not a set"
    return rule


def _rule_parts(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.upper().split(";"))
    return {name: value for name, _, value in parts}


def _has_a_day(parts: Mapping[str, str]) -> bool:
    """Tell whether any day fits a rule that goes day by day, asking for each year's at once."""
    days = {name: parts[name] for name in _DAY_PARTS if name in parts}
    if not days:
        return True
    days["BYMONTHDAY"] = days.get("BYMONTHDAY") or ",".join(map(str, range(1, 32)))
    if "BYDAY" in days:
        days["BYDAY"] = days["BYDAY"].translate(_NO_COUNT)
    text = ";".join(["FREQ=YEARLY", *(f"{name}={value}" for name, value in days.items())])
    return any(True for _ in rrulestr(text, dtstart=datetime(2026, 1, 1)))  # noqa: DTZ001 - local


def task_id(schedule_id: str, local: datetime) -> str:
    """Return the id of the task of a schedule that starts at a local time: `HV-R1@20261122-2200`.

    The second of two equal local times, when clocks go back, ends in `b`.
    """
    return f"{schedule_id}@{local:%Y%m%d-%H%M}{'b' if local.fold else ''}"


def starts(
    schedule: Mapping[str, object], zone: tzinfo, since: datetime, until: datetime
) -> Iterator[datetime]:
    """Yield the schedule's local starts, aware, whose windows overlap `since` to `until`.

    A start in the hour that clocks skip happens when the hour is over, as RFC 5545 has it.
    Raise ValueError for a rule or a time that is none.
    """
    first = _local(str(schedule["start"]))
    length = timedelta(minutes=_whole(schedule, "duration_min"))
    low = (since - length).astimezone(zone).replace(tzinfo=None) - _CLOCK_CHANGE
    high = until.astimezone(zone).replace(tzinfo=None) + _CLOCK_CHANGE
    text = str(schedule["rrule"])
    _check_rule(text)
    rules = rruleset()
    rules.rrule(_read_rule(text, _near(first, text, low)))
    for text in _texts(schedule, "exdates"):
        rules.exdate(_local(text))
    made: set[datetime] = set()
    for naive in rules.xafter(low, inc=True):
        start = naive.replace(tzinfo=zone).astimezone(UTC)
        if naive > high or len(made) >= TASKS_MAX:
            return
        # Two starts may become one, where clocks skip an hour.
        if start <= until and start + length >= since and start not in made:
            made.add(start)
            yield start.astimezone(zone)


@lru_cache(maxsize=READ_MAX)
def _local(text: str) -> datetime:
    return datetime.strptime(text, _START)  # noqa: DTZ007 - local by design


def _near(first: datetime, rrule: str, low: datetime) -> datetime:
    """Return a start from which the rule goes on the same, but not from years before `low`.

    The library walks through everything since the start; a year of hours takes it 50 ms.
    """
    parts = _rule_parts(rrule)
    days = _PERIOD_DAYS.get(parts.get("FREQ", ""), 0)
    if not days or "COUNT" in parts:
        return first
    period = timedelta(days=days * int(parts.get("INTERVAL", "1")))
    # One period of grace: BYSETPOS counts in the first, cut one otherwise.
    return first + period * max(0, (low - first) // period - 1)


def task_of_id(
    id_: str,
    schedule: Mapping[str, object],
    project: tuple[str, tzinfo],
    parts: tuple[Mapping[str, object] | None, Mapping[str, object] | None],
) -> Task | None:
    """Return the task that `id_` names, as `tasks_of` makes it, or None if it never does."""
    schedule_id, _, start = id_.rpartition("@")
    try:
        local = datetime.strptime(start.removesuffix("b"), "%Y%m%d-%H%M")  # noqa: DTZ007 - local
        when = local.replace(tzinfo=project[1], fold=int(start.endswith("b"))).astimezone(UTC)
        made = tasks_of(schedule_id, schedule, project, (when, when), parts)
        return next((task for task in made if task.id == id_), None)
    except (ValueError, OverflowError):
        return None


def tasks_of(
    schedule_id: str,
    schedule: Mapping[str, object],
    project: tuple[str, tzinfo],
    window: tuple[datetime, datetime],
    parts: tuple[Mapping[str, object] | None, Mapping[str, object] | None],
) -> Iterator[Task]:
    """Yield the tasks of one schedule of a project whose windows overlap `window`.

    `parts` are the bodies of its route and its checklist, where it has them.
    """
    route, checklist = parts
    common: dict[str, object] = {
        name: schedule[name]
        for name in ("kind", "title", "title_zh", "role", "staff")
        if name in schedule
    }
    common["project"], common["schedule"] = project[0], schedule_id
    common["grace_s"] = _whole(schedule, "grace_min") * 60
    common["targets"] = _targets(schedule, route)
    common["ordered"] = route is not None and route.get("ordered") is True
    common["steps"] = checklist.get("steps", []) if checklist is not None else []
    for local in starts(schedule, project[1], *window):
        due_from = int(local.timestamp())
        due_to = due_from + _whole(schedule, "duration_min") * 60
        yield Task(
            common | {"id": task_id(schedule_id, local), "due_from": due_from, "due_to": due_to},
        )


def _targets(schedule: Mapping[str, object], route: Mapping[str, object] | None) -> list[str]:
    if route is not None:
        return _texts(route, "checkpoints")
    named = [f"{kind}:{schedule[kind]}" for kind in ("asset", "place") if schedule.get(kind)]
    return named[:1]


def _texts(body: Mapping[str, object], name: str) -> list[str]:
    value = body.get(name)
    return [str(item) for item in value] if isinstance(value, list) else []


def _whole(body: Mapping[str, object], name: str) -> int:
    value = body.get(name, 0)
    return value if isinstance(value, int) else 0
