"""All that touches a thing, in the order of the fold: what the phone itself did, and others.

It needs nothing of the sync, so that the screens that ask it are there at once.
"""

from collections.abc import Iterable

from radar_core.actions import Action
from sync.journal import Journal
from sync.schema import ACTIONS_ON


def actions_on(journal: Journal, refs: Iterable[str]) -> dict[str, list[Action]]:
    """Return the actions that touch each reference, in the order of the fold."""
    from sync.lines import read_action  # what reads many lines quickly takes a while to load

    found: dict[str, list[Action]] = {}
    for ref in refs:
        rows = journal.connection.execute(f"{ACTIONS_ON} ORDER BY hlc, epoch, seq", (ref,))
        found[ref] = [read_action(epoch, line) for epoch, line in rows]
    return found
