"""When to sync next, and when to listen again. Pure: time and chance come in as arguments.

Seconds are of any clock that only goes on; `chance` is drawn evenly from 0 to 1. What a thousand
phones learn at the same moment they do at different ones: whoever asks them all, an event or a
centre that is back after an outage, is not met by all of them at once.
"""

from dataclasses import dataclass, replace

POLL_S = 60.0
"""A phone that hears of nothing asks so often, give or take a quarter."""
EVENT_SPREAD_S = 2.0
"""An event's sync waits a random share of this."""
EVENT_GAP_S = 5.0
"""Events do not ask for a sync more often than this, give or take a quarter."""
RETURN_SPREAD_S = 30.0
"""After an outage the first sync waits a random share of this."""
BACK_OFF_FIRST_S = 1.0
BACK_OFF_MAX_S = 300.0
LISTEN_FIRST_S = 10.0
"""Within this an event stream that was cut is opened again: a centre that restarts cuts all."""
_LONG_AGO_S = -1e9
_DOUBLINGS_MAX = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """When the next sync is due, how many have failed in a row, and when the last one ended."""

    due_s: float
    failures: int = 0
    synced_s: float = _LONG_AGO_S


def succeeded(now_s: float, chance: float) -> Pace:
    """Go on after a sync: poll, unless something comes first."""
    return Pace(now_s + _about(POLL_S, chance), 0, now_s)


def failed(pace: Pace, now_s: float, chance: float) -> Pace:
    """Back off after a failure: a random share of a time that doubles, up to five minutes."""
    wait_s = chance * _doubled(BACK_OFF_FIRST_S, pace.failures)
    return Pace(now_s + wait_s, pace.failures + 1, now_s)


def recorded(pace: Pace, now_s: float) -> Pace:
    """Send what was recorded here at once; not into an outage, which has its own time."""
    return pace if pace.failures else _by(pace, now_s)


def asked(pace: Pace, now_s: float, chance: float) -> Pace:
    """Fetch what an event told of."""
    if pace.failures:
        return returned(pace, now_s, chance)
    gap_s = pace.synced_s + _about(EVENT_GAP_S, chance)
    return _by(pace, max(now_s + chance * EVENT_SPREAD_S, gap_s))


def returned(pace: Pace, now_s: float, chance: float) -> Pace:
    """Sync again now that the centre is heard again, which all its phones hear at once."""
    return _by(pace, now_s + chance * RETURN_SPREAD_S)


def listen_again_s(failures: int, chance: float) -> float:
    """Return how long to wait with opening the event stream again after so many failures."""
    return chance * _doubled(LISTEN_FIRST_S, failures)


def _by(pace: Pace, due_s: float) -> Pace:
    return replace(pace, due_s=min(pace.due_s, due_s))


def _about(span_s: float, chance: float) -> float:
    return span_s * (0.75 + chance / 2)


def _doubled(first_s: float, times: int) -> float:
    return min(BACK_OFF_MAX_S, first_s * 2.0 ** min(times, _DOUBLINGS_MAX))
