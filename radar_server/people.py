"""Who did what today: the people of a project's board, as of when each was heard (law 12)."""

from collections import Counter
from collections.abc import Iterable, Sequence

from radar_core.tasks import FINISHED
from radar_server.agenda import Item
from radar_server.centre import rfc3339
from radar_server.day import Hand
from radar_server.led import Bodies

Told = dict[str, object]


def people_of(
    project: str, items: Iterable[Item], hands: Sequence[Hand], people: Bodies
) -> list[Told]:
    """Return a project's people who have a phone, work of today or work that waits for them, by id.

    `work` counts by state what each worked on last, `given` what each was given and is not
    finished, `at` is when work of theirs last moved, None where none did. `as_of` is as of when
    nothing of theirs is outstanding, None where no phone could tell.
    """
    work: dict[str, Counter[str]] = {}
    given: Counter[str] = Counter()
    at_s: dict[str, int] = {}
    for item in items:
        progress = item.progress
        if progress.staff:
            work.setdefault(progress.staff, Counter())[item.state] += 1
            at_s[progress.staff] = max(at_s.get(progress.staff, 0), progress.at_s)
        if item.state not in FINISHED:
            given[progress.assignee or item.task.staff] += 1
    told = {hand.device.staff for hand in hands} | work.keys() | given.keys()
    return [
        {
            "staff": staff,
            "name": str(body.get("name", staff)),
            "name_zh": str(body.get("name_zh") or body.get("name", staff)),
            "work": dict(sorted(work.get(staff, Counter[str]()).items())),
            "given": given[staff],
            "at": rfc3339(at_s[staff] * 1000) if staff in at_s else None,
            "as_of": _heard(staff, hands),
        }
        for staff in sorted(told - {""})
        if (body := people.get((project, staff))) is not None
    ]


def _heard(staff: str, hands: Iterable[Hand]) -> str | None:
    """Return as of when a person's phones, and the shared ones, were heard: the earliest."""
    heard = [h.heard_s for h in hands if h.device.staff == staff or h.device.is_shared]
    return rfc3339(min(heard) * 1000) if heard else None
