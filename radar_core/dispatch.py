"""Dispatch: who is next for a work order, so that nobody has to think of whose turn it is."""

from collections.abc import Iterable, Sequence

from radar_core.tasks import FINISHED, Progress


def next_person(people: Sequence[str], work: Iterable[Progress]) -> str | None:
    """Return who of some people has the fewest open tasks, then waited longest for one.

    `work` is where the tasks of the project stand; None where there is nobody.
    """
    opened = dict.fromkeys(people, 0)
    latest_s = dict.fromkeys(people, 0)
    for progress in work:
        who = progress.assignee
        if who in opened:
            opened[who] += progress.state not in FINISHED
            is_new = progress.state == "assigned"
            given_s = progress.at_s if is_new else progress.responded_s
            latest_s[who] = max(latest_s[who], given_s)
    return min(people, key=lambda who: (opened[who], latest_s[who], who), default=None)
