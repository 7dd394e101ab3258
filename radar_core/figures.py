"""The figures of a month, in which a property's story is told: each defined here, and once.

`docs/figures.md` has the same formulas for people. A share is a count of a count, never a
percentage alone. What is `unknown` counts against a share until a phone tells otherwise.
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from statistics import median

from radar_core.tasks import FINISHED, Progress, Task

MONTHS_SHOWN = 12
"""A trend has so many months, the last of them the one that is asked for."""
SMALL = 20
"""Of fewer than so many nobody is told a percentage."""
STARS_MAX = 5
_MONTH = re.compile("[12][0-9]{3}-(0[1-9]|1[0-2])")
_RECORDED = frozenset({"done", "done_late", "ended_early"})
_COMPLETED = frozenset({"completed", "verified"})
_LEFT_OUT = frozenset({"excused", "cancelled"})


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in a project's time zone, from `start_s` up to `end_s`."""

    name: str
    start_s: int
    end_s: int

    def has(self, at_s: int) -> bool:
        """Tell whether a moment lies in the month."""
        return self.start_s <= at_s < self.end_s


def months_to(name: str, zone: tzinfo) -> list[Month]:
    """Return the `MONTHS_SHOWN` months up to the one called `2026-11`, in their order.

    Raise ValueError for what is no month.
    """
    if not _MONTH.fullmatch(name):
        raise ValueError(name)
    last = int(name[:4]) * 12 + int(name[5:]) - 1
    first = last - MONTHS_SHOWN + 1
    starts = [datetime(at // 12, at % 12 + 1, 1, tzinfo=zone) for at in range(first, last + 2)]
    return [
        Month(f"{start:%Y-%m}", int(start.timestamp()), int(end.timestamp()))
        for start, end in itertools.pairwise(starts)
    ]


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work as it stands; `state` is the centre's, which knows `missed` from `unknown`.

    `due_s` is the last moment at which it is done on time, `answer_s` the last at which it is taken
    up on time, 0 where nothing was agreed.
    """

    task: Task
    progress: Progress
    state: str
    due_s: int
    answer_s: int = 0

    def is_settled(self, now_s: int) -> bool:
        """Tell whether it counts for a share: finished, or its time is over; not called off."""
        over = self.state in FINISHED or self.due_s < now_s
        return over and self.state not in _LEFT_OUT

    def is_completed_in(self, month: Month) -> bool:
        """Tell whether it is a reported work order whose last completion lies in a month."""
        here = self.state in _COMPLETED and month.has(self.progress.resolved_s)
        return here and self.progress.opened_s > 0


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    def __add__(self, other: "Share") -> "Share":
        return Share(self.count + other.count, self.of + other.of)


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took: of how many, on average and at the median, in whole seconds."""

    count: int
    mean_s: int | None
    median_s: int | None


def begun_in(works: Iterable[Work], month: Month) -> list[Work]:
    """Return the work of a month: its window opens in it, or it was first reported in it."""
    return [work for work in works if month.has(work.task.due_from)]


def on_line(works: Iterable[Work], now_s: int) -> Share:
    """Return how much of the settled work its own people recorded as they did it.

    on line = rounds and cleaning `done`, `done_late`, `ended_early`
            + work orders `completed`, `verified`: by whom they were assigned to, if to anybody,
              and taken in hand before they were completed
    of      = all settled work

    What nobody recorded, what was written down in one go afterwards, and what somebody else than
    the assignee completed is not.
    """
    settled = [work for work in works if work.is_settled(now_s)]
    return Share(sum(map(_is_on_line, settled)), len(settled))


def _is_on_line(work: Work) -> bool:
    if work.state not in _COMPLETED:
        return work.state in _RECORDED
    stands = work.progress
    taken_up = 0 < stands.responded_s < stands.resolved_s
    return taken_up and stands.assignee in ("", stands.staff)


def on_time(works: Iterable[Work], now_s: int) -> Share:
    """Return how much of the settled work was done in its time.

    on time = `done`, and `completed` or `verified` by the deadline
    of      = all settled work
    """
    settled = [work for work in works if work.is_settled(now_s)]
    return Share(sum(map(_is_on_time, settled)), len(settled))


def _is_on_time(work: Work) -> bool:
    if work.state in _COMPLETED:
        return work.progress.resolved_s <= work.due_s
    return work.state == "done"


def taken_up_on_time(works: Iterable[Work], now_s: int) -> Share:
    """Return how many work orders somebody took up, or completed, in the time that was agreed.

    of = those for which a time was agreed, and that were taken up or whose time is over
    """
    agreed = [work for work in works if work.answer_s and work.state not in _LEFT_OUT]
    answers = [
        (work.progress.responded_s or work.progress.resolved_s, work.answer_s) for work in agreed
    ]
    decided = [(at_s, by_s) for at_s, by_s in answers if at_s or by_s < now_s]
    return Share(sum(0 < at_s <= by_s for at_s, by_s in decided), len(decided))


def handling_s(works: Iterable[Work], month: Month) -> list[int]:
    """Return how long each reported work order took that was completed in a month.

    handling = last completion - report - time on hold between the two

    What was sent back and done again counts up to its last completion; a report on finished work
    begins anew.
    """
    return [_handled_s(work.progress) for work in works if work.is_completed_in(month)]


def _handled_s(stands: Progress) -> int:
    """Take off the time on hold; where two times overlap, once."""
    spent_s, at_s = 0, stands.opened_s
    for since_s, until_s in sorted(stands.holds):
        spent_s += max(0, min(since_s, stands.resolved_s) - at_s)
        at_s = max(at_s, until_s)
    return spent_s + max(0, stands.resolved_s - at_s)


def response_s(works: Iterable[Work], month: Month) -> list[int]:
    """Return how long each reported work order waited that was taken up in a month.

    response = assigned, accepted, taken in hand or completed, whatever came first - report
    """
    return [
        max(0, work.progress.responded_s - work.progress.opened_s)
        for work in works
        if work.progress.opened_s and month.has(work.progress.responded_s)
    ]


def times(durations_s: Sequence[int]) -> Times:
    """Return mean and median of durations; neither of none."""
    if not durations_s:
        return Times(0, None, None)
    mean_s = sum(durations_s) / len(durations_s)
    return Times(len(durations_s), round(mean_s), round(median(durations_s)))


def shorter(trend: Sequence[tuple[str, Times]]) -> tuple[str, int] | None:
    """Return since which month handling became shorter, and by how many percent.

    shorter = 1 - mean of the last month / mean of the first month with `SMALL` at least

    Negative where it became longer; None where there are no two such months.
    """
    solid = [(name, took.mean_s) for name, took in trend if took.count >= SMALL and took.mean_s]
    if len(solid) < 2 or solid[-1][0] != trend[-1][0]:  # noqa: PLR2004 - two ends of a trend
        return None
    (since, before_s), (_, now_s) = solid[0], solid[-1]
    return since, round(100 * (1 - now_s / before_s))


def stars(works: Iterable[Work], month: Month) -> list[int]:
    """Return the ratings of the reported work orders that were completed in a month.

    satisfaction = mean of the stars / 5
    """
    completed = (work.progress.rating for work in works if work.is_completed_in(month))
    return [rating for rating in completed if rating > 0]


def rework(works: Iterable[Work], month: Month) -> Share:
    """Return how many reported work orders had to be done again, of those completed in a month.

    done again = sent back, reopened or reported anew after a completion
    """
    completed = [work for work in works if work.is_completed_in(month)]
    return Share(sum(work.progress.returns > 0 for work in completed), len(completed))


def percent(count: float, of: float) -> str:
    """Return a whole percentage, which says 100 of the whole and 0 of nothing alone."""
    whole = round(100 * count / of)
    if whole == 100 and count < of:  # noqa: PLR2004 - percent
        return "> 99 %"
    return "< 1 %" if whole == 0 and count else f"{whole} %"
