"""Storing pushes together: one commit for all, and whatever is wrong with one is its own alone."""

from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from radar_server.centre import Centre
from radar_server.database import is_clash, writing
from radar_server.ingest import Outcome, ingest_all
from radar_server.prepared import Pushed
from radar_server.restoring import note_loss, take_proof

CLASHES_MAX = 3
"""So often a group is tried again as one after it met another process's transaction."""


def store_pushes(centre: Centre, pushes: Sequence[Pushed]) -> list[Outcome | Exception]:
    """Take pushes of different epochs in; what is not an exception is durable on return.

    They go in together, with one commit. Where that fails, each goes in by itself, so that
    nobody's push fails for another's.
    """
    try:
        return [*_store(centre, pushes)]
    except Exception as error:  # noqa: BLE001 - whatever it is, it is one push's alone
        if len(pushes) == 1:
            return [error]
    return [outcome for pushed in pushes for outcome in store_pushes(centre, [pushed])]


def _store(centre: Centre, pushes: Sequence[Pushed]) -> list[Outcome]:
    """Store in one transaction, again where another process's came in between."""
    for _ in range(CLASHES_MAX):
        try:
            return _store_once(centre, pushes)
        except DBAPIError as error:
            if not is_clash(error):
                raise
    return _store_once(centre, pushes)


def _store_once(centre: Centre, pushes: Sequence[Pushed]) -> list[Outcome]:
    with writing(centre.engine) as connection:
        shown = [pushed.page.push for pushed in pushes]
        proved = [push for push in shown if take_proof(connection, centre, push)]
        outcomes = ingest_all(connection, pushes, centre.now_ms())
        for push in proved:
            note_loss(connection, centre, push)
        return outcomes
