"""Deadlines of work orders, in the hours in which their project works (SLA).

    due = the instant at which so much working time has passed since the report

Time on hold does not count. Seconds are those that really pass, whatever the clocks on the wall do:
a minute is worked if the project's clock shows a time within its hours.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from radar_core.tasks import END_S, Progress, Task
from radar_core.work_orders import RESOLVE_S

DAYS_MAX = 3_653
"""A deadline that lies farther ahead, where hardly any hours are worked, never comes."""
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
STATES = ("ok", "at_risk", "breached")
SUPERVISOR, MANAGER, TWICE = 1, 2, 3
"""Who has to hear of it: at risk, breached, and breached for as long again."""

Span = tuple[int, int]
"""From a moment up to another one."""


class WorkingTime:
    """The hours of a project such as `MO-FR 08:00-18:00`, in its time zone; none means always."""

    __slots__ = ("_holidays", "_known", "_week", "_zone")

    def __init__(self, hours: Sequence[str], zone: tzinfo, holidays: Collection[str] = ()) -> None:
        """Nothing is worked on `holidays`, which are dates. Raise ValueError for bad hours."""
        self._week = _week(hours)
        self._zone = zone
        self._holidays = frozenset(holidays)
        self._known: dict[date, Sequence[Span]] = {}

    def spans(self, since_s: int) -> Iterator[Span]:
        """Yield when the project works from an instant on, for ten years or for ever."""
        if not any(self._week):
            yield since_s, END_S
            return
        if since_s + (DAYS_MAX + 1) * 86_400 >= END_S:
            return
        first = datetime.fromtimestamp(since_s, self._zone).date() - timedelta(days=1)
        for ahead in range(DAYS_MAX):
            for start, end in self._of_day(first + timedelta(days=ahead)):
                if end > since_s:
                    yield max(start, since_s), end

    def _of_day(self, day: date) -> Sequence[Span]:
        if day not in self._known:
            start, end = self._midnight(day), self._midnight(day + timedelta(days=1))
            if start.utcoffset() == end.utcoffset():
                at_s = int(start.timestamp())
                spans = [(at_s + opens * 60, at_s + closes * 60) for opens, closes in self._at(day)]
            else:
                spans = self._minute_by_minute(int(start.timestamp()), int(end.timestamp()))
            self._known[day] = spans
        return self._known[day]

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self._zone)

    def _at(self, day: date) -> Sequence[Span]:
        """Return the hours of a day in minutes of its clock."""
        return () if day.isoformat() in self._holidays else self._week[day.weekday()]

    def _minute_by_minute(self, start_s: int, end_s: int) -> list[Span]:
        """Return what is worked on a day when clocks change."""
        worked: list[Span] = []
        for at_s in range(start_s, end_s, 60):
            local = datetime.fromtimestamp(at_s, self._zone)
            minute = local.hour * 60 + local.minute
            if any(opens <= minute < closes for opens, closes in self._at(local.date())):
                worked.append((at_s, at_s + 60))
        return _joined(worked)

    def after(self, since_s: int, amounts_s: Sequence[int], held: Iterable[Span]) -> list[int]:
        """Return when each of some amounts of time, least first, was worked and not held."""
        found: list[int] = []
        worked_s = 0
        for start, end in _without(self.spans(since_s), _joined(held)):
            while worked_s + end - start >= amounts_s[len(found)]:
                found.append(start + amounts_s[len(found)] - worked_s)
                if len(found) == len(amounts_s):
                    return found
            worked_s += end - start
        return found + [END_S] * (len(amounts_s) - len(found))


def _week(hours: Sequence[str]) -> list[list[Span]]:
    """Return the minutes of each day of the week that are worked."""
    week: list[list[Span]] = [[] for _ in DAYS]
    for text in hours:
        days, _, clock = text.partition(" ")
        first, _, last = days.partition("-")
        opens, _, closes = clock.partition("-")
        span = (_minute(opens), _minute(closes))
        for day in range(DAYS.index(first), DAYS.index(last or first) + 1):
            week[day].append(span)
    return [_joined(spans) for spans in week]


def _minute(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans in their order, those that touch as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def _without(spans: Iterable[Span], gaps: Sequence[Span]) -> Iterator[Span]:
    """Yield what is left of spans between gaps, both in their order."""
    at = 0
    for first, end in spans:
        start = first
        while at < len(gaps) and gaps[at][1] <= start:
            at += 1
        for gap_start, gap_end in gaps[at:]:
            if gap_start >= end:
                break
            if start < gap_start:
                yield start, gap_start
            start = max(start, gap_end)
        if start < end:
            yield start, end


@dataclass(frozen=True, slots=True)
class Deadline:
    """When four fifths of the time, all of it and twice as much are over, and when it was done.

    `done_s` is 0 while it is not: then nobody knows yet whether it will be in time.
    """

    risk_s: int
    due_s: int
    twice_s: int
    done_s: int

    def state_at(self, now_s: int) -> str:
        """Return one of `STATES`; what was done in time is ok for good."""
        if self.done_s:
            return "breached" if self.done_s > self.due_s else "ok"
        if now_s <= self.risk_s:
            return "ok"
        return "at_risk" if now_s <= self.due_s else "breached"

    def level_at(self, now_s: int) -> int:
        """Return how far up it has to be told: 0 to nobody, then SUPERVISOR, MANAGER, TWICE."""
        state = "ok" if self.done_s else self.state_at(now_s)
        if state == "breached":
            return TWICE if now_s > self.twice_s else MANAGER
        return SUPERVISOR if state == "at_risk" else 0


@dataclass(frozen=True, slots=True)
class Service:
    """The deadlines of a work order; nobody has to answer where its project does not say so."""

    response: Deadline | None
    resolution: Deadline

    def state_at(self, now_s: int) -> str:
        """Return the worse of the two states."""
        state = self.resolution.state_at(now_s)
        if self.response is None or state == "breached":
            return state
        return max(state, self.response.state_at(now_s), key=STATES.index)

    def level_at(self, now_s: int) -> int:
        """Return the higher of the two levels."""
        level = self.resolution.level_at(now_s)
        return level if self.response is None else max(level, self.response.level_at(now_s))


class Agreed:
    """What a project agreed: its hours, and by priority the minutes to response and resolution."""

    __slots__ = ("_always", "_hours", "_minutes")

    def __init__(self, hours: WorkingTime, minutes: Mapping[str, Mapping[str, object]]) -> None:
        """`minutes` are the records of kind `sla` by priority."""
        self._hours = hours
        self._minutes = minutes
        self._always = WorkingTime((), UTC)

    def service(self, task: Task, progress: Progress, now_s: int) -> Service | None:
        """Return the deadlines of a reported work order; None for other work.

        They depend on `now_s` only while it is on hold: then they are those that hold if it were
        resumed now.
        Where the project is silent on a priority, work is due as `radar_core.work_orders` has it,
        by day and night, and nobody has to answer before.
        """
        opened_s = progress.opened_s
        if not opened_s or task.kind != "maintenance":
            return None
        priority = progress.priority or task.priority or "normal"
        agreed = self._minutes.get(priority, {})
        held = [(start, end) for start, end in progress.holds]
        if progress.state == "on_hold":
            held.append((progress.since_s, now_s))
        answer_s, resolve_s = _seconds(agreed, "response_min"), _seconds(agreed, "resolution_min")

        def deadline(limit_s: int, hours: WorkingTime, done_s: int) -> Deadline:
            marks = (limit_s * 4 // 5, limit_s, limit_s * 2)
            risk_s, due_s, twice_s = hours.after(opened_s, marks, held)
            return Deadline(risk_s, due_s, twice_s, done_s)

        return Service(
            deadline(answer_s, self._hours, progress.responded_s or progress.resolved_s)
            if answer_s
            else None,
            deadline(resolve_s, self._hours, progress.resolved_s)
            if resolve_s
            else deadline(RESOLVE_S[priority], self._always, progress.resolved_s),
        )


def _seconds(agreed: Mapping[str, object], name: str) -> int:
    minutes = agreed.get(name)
    return minutes * 60 if type(minutes) is int else 0
