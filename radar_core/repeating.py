"""Occurrences `SCHEDULE#N` of schedules that go by completion or by a meter, not by the calendar.

    #1    starts by the rule, or with the first reading that asks for it
    #N+1  is counted from when #N was finished, and is not there before

So what there is follows from the actions alone (law 5). An occurrence that actions are about stays
when the one before is reopened, or when the reading that asked for it was taken back: it then
starts with the first of these actions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from radar_core.meters import Reading
from radar_core.schedules import Parts, maker, put_off, start_after
from radar_core.tasks import FINISHED, Progress, Task

FLOATING, METER = "floating", "meter"
MARK = "#"
NUMBER_DIGITS_MAX = 6
Body = Mapping[str, object]


def number_of(task_id: str) -> tuple[str, int] | None:
    """Return schedule and number of an occurrence's id; None for any other id."""
    schedule, _, number = task_id.rpartition(MARK)
    plain = number.isascii() and number.isdecimal() and len(number) <= NUMBER_DIGITS_MAX
    if not schedule or not plain or number.startswith("0"):
        return None
    return schedule, int(number)


def finished_s(progress: Progress | None) -> int | None:
    """Return when an occurrence was finished, in seconds since 1970 UTC; None if it is not.

    Whoever looks at completed work later does not put the next off.
    """
    if progress is None or progress.state not in FINISHED:
        return None
    return progress.resolved_s or progress.at_s


@dataclass(frozen=True, slots=True)
class Repeating:
    """A schedule that repeats so, with the readings of its meter if it goes by one."""

    id: str
    schedule: Body
    project: str
    zone: tzinfo
    parts: Parts
    readings: Sequence[Reading] = ()

    def task(self, number: int, before: Progress | None, touched_s: int | None) -> Task | None:
        """Return occurrence `number`, None if there is none.

        `before` is where the one before stands, `touched_s` when the first action on this one was.
        """
        if number >= 10**NUMBER_DIGITS_MAX:
            return None
        try:
            start_s = self._start_s(number, finished_s(before))
            make = maker(self.id, self.schedule, self.project, self.parts)
        except (ValueError, LookupError, OverflowError, OSError):
            # Nobody is kept from working by a schedule that this version cannot read (law 2).
            return None
        if start_s is None:
            start_s = touched_s
        return None if start_s is None else make(f"{self.id}{MARK}{number}", start_s)

    def _start_s(self, number: int, done_s: int | None) -> int | None:
        if number > 1 and done_s is None:
            return None
        holidays = self.parts.holidays(self.schedule)
        if self.schedule.get("repeat") == FLOATING:
            return start_after(self.schedule, self.zone, holidays, number, done_s)
        reading = self._asking(number, done_s)
        if reading is None:
            return None
        first = datetime.fromisoformat(str(self.schedule["start"])).replace(tzinfo=self.zone)
        start_s = max(reading.at_s, int(first.timestamp()))
        return put_off(self.schedule, self.zone, holidays, start_s)

    def _asking(self, number: int, done_s: int | None) -> Reading | None:
        """Return the reading that asks for an occurrence: the first one that does so.

        Those up to the end of the service before it do not count, nor those taken in it.
        """
        served = -1 if done_s is None else self._served(f"{self.id}{MARK}{number - 1}", done_s)
        is_due = self._is_due(max(served, 0))
        return next((reading for reading in self.readings[served + 1 :] if is_due(reading)), None)

    def _served(self, task_id: str, done_s: int) -> int:
        """Return which reading was the last one of a service, or before its end; -1 for none."""
        for at in range(len(self.readings) - 1, -1, -1):
            if self.readings[at].task == task_id or self.readings[at].at_s <= done_s:
                return at
        return -1

    def _is_due(self, since: int) -> Callable[[Reading], bool]:
        schedule = self.schedule
        every, above, below = (schedule.get(name) for name in ("every", "above", "below"))
        used = self.readings[since].used if self.readings else 0
        if isinstance(every, int | float):
            return lambda reading: reading.used - used >= every
        return lambda reading: (
            (isinstance(above, int | float) and reading.value > above)
            or (isinstance(below, int | float) and reading.value < below)
        )
