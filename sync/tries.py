"""Wrong PINs are counted, durably and before each is looked at, and each one more costs time.

Whoever has the phone's files may put the count back; this is against hands, not against machines.
"""

import json
from pathlib import Path

from radar_core.actions import Moment
from radar_core.failures import NOT_PERMITTED, Failure, N_
from sync.durable import write_durably

TRIES = "phone.tries"
FREE = 5
"""So many tries cost no time."""
FIRST_S, MOST_S = 30, 3600


def count_try(home: Path, moment: Moment) -> int:
    """Count one more try and return how many were wrong before; raise Failure `too_many_pins`.

    The wait runs on the clock that nobody sets; after a start of the phone it begins anew.
    """
    wrong, boot, at_ms = _read(home)
    since_ms = moment.mono_ms - at_ms if boot == moment.boot else moment.mono_ms
    left_s = wait_s(wrong) - max(0, since_ms) // 1000
    if left_s > 0:
        raise Failure(
            "too_many_pins",
            N_("Too many wrong PINs: the next one is taken in {seconds} seconds."),
            N_("Without the PIN nobody can open what this phone holds."),
            exit_code=NOT_PERMITTED,
            seconds=left_s,
        )
    told = {"wrong": wrong + 1, "boot": moment.boot, "mono_ms": moment.mono_ms}
    write_durably(home / TRIES, json.dumps(told).encode())
    return wrong


def forgive(home: Path) -> None:
    """Begin to count anew: the PIN was right."""
    (home / TRIES).unlink(missing_ok=True)


def wait_s(wrong: int) -> int:
    """Return how long after so many wrong tries the next one is taken, in seconds."""
    return min(FIRST_S << min(wrong - FREE, 20), MOST_S) if wrong >= FREE else 0


def _read(home: Path) -> tuple[int, str, int]:
    try:
        told = json.loads((home / TRIES).read_bytes())
        return int(told["wrong"]), str(told["boot"]), int(told["mono_ms"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 0, "", 0
