"""Schedules: RFC 5545 rules in the project's time zone, unrolled into dated tasks.

A task's id is derived from its schedule and start, so a phone that is offline for days makes the
very task that the centre makes.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from hashlib import blake2b
from itertools import islice

from dateutil.rrule import rrule, rrulestr

from radar_core.tasks import Task

Body = Mapping[str, object]
Bodies = Mapping[str, Mapping[str, object]]

PER_DAY_MAX = 24
TASKS_MAX = 10_000
"""The most tasks that one schedule may make in one call."""
INTERVAL_MAX = 10_000
READ_MAX = 512
"""So many texts of each kind are kept as they were read: the same few come again and again."""
STARTS_MAX = 40_000
"""So many starts of a rule are looked at for one that lies in a season."""
PUT_OFF_DAYS_MAX = 3_000
"""So many days are looked at for one that lies in a season: that of 29 February alone takes eight
years at the turn of a century."""
SHORTEST_MONTH = 28
_CLOCK_CHANGE = timedelta(hours=2)
"""More than any clock is put forward or back."""
_DAY_PARTS = ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY", "BYEASTER")
_NO_COUNT = str.maketrans("", "", "+-0123456789")
_START = "%Y-%m-%dT%H:%M"
_PERIOD_DAYS = {"HOURLY": 1, "DAILY": 1, "WEEKLY": 7}
"""Frequencies whose rule goes on the same from any start that lies whole periods later."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a project's tasks are made of besides its schedules, by id."""

    routes: Bodies = field(default_factory=dict[str, Body])
    checklists: Bodies = field(default_factory=dict[str, Body])
    calendars: Bodies = field(default_factory=dict[str, Body])

    def route(self, schedule: Body) -> Body | None:
        """Return the route of a schedule, if it has one."""
        return self.routes.get(str(schedule.get("route")))

    def steps(self, checklist: object) -> list[dict[str, object]]:
        """Return the steps of a checklist; none where there is no such checklist."""
        return _objects(self.checklists.get(str(checklist), {}), "steps")

    def holidays(self, schedule: Body) -> frozenset[str]:
        """Return the dates on which nothing of a schedule happens."""
        return frozenset(_texts(self.calendars.get(str(schedule.get("calendar")), {}), "dates"))


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


def happens(rrule: str, start: str, seasons: Collection[str]) -> bool:
    """Tell whether a rule that is no mistake ever has a start within a schedule's seasons."""
    try:
        rule = _read_rule(rrule, _local(start))
        return any(_in_season(moment, seasons) for moment in islice(rule, STARTS_MAX))
    except (ValueError, OverflowError):
        return False


def _in_season(moment: datetime, seasons: Collection[str]) -> bool:
    """Tell whether a local day lies within any of the seasons; without one every day does."""
    day = f"{moment:%m-%d}"
    for season in seasons:
        first, last = season.split("..")
        if first <= day <= last or (last < first and not last < day < first):
            return True
    return not seasons


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
    schedule: Body,
    zone: tzinfo,
    since: datetime,
    until: datetime,
    holidays: Collection[str] = (),
) -> Iterator[datetime]:
    """Yield the schedule's local starts, aware, whose windows overlap `since` to `until`.

    A start in the hour that clocks skip happens when the hour is over, as RFC 5545 has it.
    None happens on one of `holidays` (dates) or out of season, by its local date. A schedule that
    does not repeat by the calendar has none. Raise ValueError for a rule or a time that is none.
    """
    if schedule.get("repeat", "fixed") != "fixed":
        return
    first = _local(str(schedule["start"]))
    length = timedelta(minutes=_whole(schedule, "duration_min"))
    low = (since - length).astimezone(zone).replace(tzinfo=None) - _CLOCK_CHANGE
    high = until.astimezone(zone).replace(tzinfo=None) + _CLOCK_CHANGE
    text, seasons = str(schedule["rrule"]), _texts(schedule, "seasons")
    _check_rule(text)
    out = {_local(moment) for moment in _texts(schedule, "exdates")}
    made: set[datetime] = set()
    for naive in _read_rule(text, _near(first, text, low)).xafter(low, inc=True):
        if naive > high or len(made) >= TASKS_MAX:
            return
        start = naive.replace(tzinfo=zone).astimezone(UTC)
        # Two starts may become one, where clocks skip an hour.
        if start > until or start + length < since or naive in out or start in made:
            continue
        local = start.astimezone(zone)
        if (seasons and not _in_season(local, seasons)) or f"{local:%Y-%m-%d}" in holidays:
            continue
        made.add(start)
        yield local


def start_after(
    schedule: Body, zone: tzinfo, holidays: Collection[str], number: int, done_s: int | None
) -> int | None:
    """Return when occurrence `number` of a floating schedule starts, in seconds since 1970 UTC.

    The first is the rule's first start; a later one is the rule's next start as counted from the
    local day of `done_s`, when the one before was finished, at the schedule's time of day. None
    where the rule is over. Raise ValueError or OverflowError for what cannot be counted.
    """
    first, text = _local(str(schedule["start"])), str(schedule["rrule"])
    _check_rule(text)
    count = _rule_parts(text).get("COUNT", "")
    if count.isdecimal() and number > int(count):
        return None
    if done_s is None:
        start_s = _first_s(text, first, zone, int(first.replace(tzinfo=zone).timestamp()) - 1)
    else:
        day = datetime.combine(datetime.fromtimestamp(done_s, zone), first.time())
        begun_s = int(day.replace(tzinfo=zone).timestamp())
        start_s = _first_s(_counted_from(text, day), day, zone, max(begun_s, done_s))
    return None if start_s is None else put_off(schedule, zone, holidays, start_s)


@lru_cache(maxsize=READ_MAX)
def _first_s(text: str, begin: datetime, zone: tzinfo, after_s: int) -> int | None:
    """Return the first start of a rule after a moment.

    Counted from some days, every seventh day is never a Monday: then the interval does not count.
    """
    parts = _rule_parts(text)
    once = ";".join(f"{name}={value}" for name, value in parts.items() if name != "INTERVAL")
    for one in dict.fromkeys((text, once)):
        for naive in _read_rule(one, begin):
            start_s = int(naive.replace(tzinfo=zone).timestamp())
            if start_s > after_s:
                return start_s
    return None


def _counted_from(text: str, day: datetime) -> str:
    """Return a rule as it is counted from a day: a month after the 31st is the next one's last."""
    parts = _rule_parts(text)
    parts.pop("COUNT", None)
    fixed = {*_DAY_PARTS, "BYSETPOS", "BYHOUR", "BYMINUTE"} - {"BYMONTH"}
    long = parts.get("FREQ") in ("MONTHLY", "YEARLY") and day.day > SHORTEST_MONTH
    if long and not fixed & set(parts):
        if parts["FREQ"] == "YEARLY":
            parts.setdefault("BYMONTH", str(day.month))
        parts["BYMONTHDAY"] = ",".join(map(str, range(SHORTEST_MONTH, day.day + 1)))
        parts["BYSETPOS"] = "-1"
    return ";".join(f"{name}={value}" for name, value in parts.items())


def put_off(schedule: Body, zone: tzinfo, holidays: Collection[str], start_s: int) -> int | None:
    """Return a start, put off to the next day that is no holiday, no exdate and in season."""
    local = datetime.fromtimestamp(start_s, zone).replace(tzinfo=None, fold=0)
    out = {_local(moment) for moment in _texts(schedule, "exdates")}
    seasons = _texts(schedule, "seasons")
    for days in range(PUT_OFF_DAYS_MAX):
        moment = local + timedelta(days=days)
        off = moment in out or f"{moment:%Y-%m-%d}" in holidays
        if not off and _in_season(moment, seasons):
            return int(moment.replace(tzinfo=zone).timestamp()) if days else start_s
    return None


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


def checklists_of(route: Body) -> set[str]:
    """Return the checklists whose questions a route asks at its checkpoints."""
    return {str(rule["checklist"]) for rule in _objects(route, "rules") if "checklist" in rule}


def task_of_id(id_: str, schedule: Body, project: tuple[str, tzinfo], parts: Parts) -> Task | None:
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
    schedule: Body,
    project: tuple[str, tzinfo],
    window: tuple[datetime, datetime],
    parts: Parts,
) -> Iterator[Task]:
    """Yield the tasks of one schedule of a project whose windows overlap `window`."""
    make = maker(schedule_id, schedule, project[0], parts)
    for local in starts(schedule, project[1], *window, parts.holidays(schedule)):
        yield make(task_id(schedule_id, local), int(local.timestamp()))


def maker(
    schedule_id: str, schedule: Body, project: str, parts: Parts
) -> Callable[[str, int], Task]:
    """Return what makes the task of a schedule that has an id and begins at a second."""
    common: dict[str, object] = {
        name: schedule[name]
        for name in ("kind", "title", "title_zh", "role", "staff")
        if name in schedule
    }
    common["project"], common["schedule"] = project, schedule_id
    common["grace_s"] = _whole(schedule, "grace_min") * 60
    common["early_s"] = _whole(schedule, "early_min") * 60
    route = parts.route(schedule)
    drawn = route is not None and route.get("order") == "random"
    spots = _spots(schedule, route)
    common |= _work(spots, schedule, parts)
    common["ordered"] = drawn or (route is not None and route.get("ordered") is True)
    length_s = _whole(schedule, "duration_min") * 60

    def make(id_: str, due_from: int) -> Task:
        own: dict[str, object] = {"id": id_, "due_from": due_from, "due_to": due_from + length_s}
        if drawn:
            own |= _work(_shuffled(spots, id_), schedule, parts)
        return Task(common | own)

    return make


def _spots(schedule: Body, route: Body | None) -> list[tuple[str, Body]]:
    """Return the references of what a task is about, each with the rule that holds there."""
    if route is not None:
        targets, rules = _texts(route, "checkpoints"), _objects(route, "rules")
        return list(zip(targets, rules or [{}] * len(targets), strict=False))
    named = [f"{kind}:{schedule[kind]}" for kind in ("asset", "place") if schedule.get(kind)]
    return [(name, {}) for name in named[:1]]


def _shuffled(spots: list[tuple[str, Body]], id_: str) -> list[tuple[str, Body]]:
    """Return the checkpoints in the order that a task's id draws: the same wherever it is made."""
    return sorted(spots, key=lambda spot: blake2b(f"{id_}\n{spot[0]}".encode()).digest())


def _work(spots: list[tuple[str, Body]], schedule: Body, parts: Parts) -> dict[str, object]:
    """Return targets, rules and steps of a task that visits its checkpoints in this order."""
    steps = parts.steps(schedule.get("checklist"))
    for index, (_, rule) in enumerate(spots):
        for step in parts.steps(rule.get("checklist")) if "checklist" in rule else ():
            steps.append(step | {"id": f"{index}.{step['id']}", "checkpoint": index})
    rules = [{key: rule[key] for key in rule if key != "checklist"} for _, rule in spots]
    return {
        "targets": [target for target, _ in spots],
        "checkpoints": rules if any(rules) else [],
        "steps": steps,
    }


def _objects(body: Body, name: str) -> list[dict[str, object]]:
    value = body.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(body: Mapping[str, object], name: str) -> list[str]:
    value = body.get(name)
    return [str(item) for item in value] if isinstance(value, list) else []


def _whole(body: Mapping[str, object], name: str) -> int:
    value = body.get(name, 0)
    return value if isinstance(value, int) else 0
