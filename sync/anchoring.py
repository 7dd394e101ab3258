"""What a phone learns of the centre's time, so that the centre can grade its clock (law 10).

An anchor holds for one boot: between two readings of the monotonic clock, around one round trip,
the centre's clock stood at some time.
"""

import json
from dataclasses import dataclass

from radar_core.actions import Moment
from sync.journal import Journal
from sync.protocol import Clock

ANCHOR = "anchor"


@dataclass(frozen=True, slots=True)
class Trip:
    """A round trip by this phone's clocks: just before the request went, just after the answer."""

    sent: Moment
    received: Moment


def clock_of(journal: Journal, now: Moment) -> Clock:
    """Return this phone's clock as a request tells it, with the anchor if it is of this boot."""
    boot, *anchor = json.loads(journal.meta().get(ANCHOR, "[null]"))
    if boot != now.boot:
        return Clock(now.boot, now.mono_ms)
    sent_ms, received_ms, centre_ms = anchor
    return Clock(now.boot, now.mono_ms, (sent_ms, received_ms, centre_ms))


def keep_anchor(journal: Journal, trip: Trip, centre_ms: int) -> None:
    """Remember the newest round trip, in the transaction under way.

    One in whose middle the phone was started anew tells nothing.
    """
    if trip.sent.boot == trip.received.boot:
        anchor = [trip.sent.boot, trip.sent.mono_ms, trip.received.mono_ms, centre_ms]
        journal.set_meta(ANCHOR, json.dumps(anchor))
