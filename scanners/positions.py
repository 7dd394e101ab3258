"""Where the phone is, at a scan alone: asked of Termux:API, once, and not for long."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from radar_core.failures import Failure
from scanners.programs import Program, Silent, there_is

PROGRAM = "termux-location"
LOOK_S_MAX = 5.0
"""How long a fix is waited for; below ground there is none."""
_BYTES_MAX = 2**14


@dataclass(frozen=True, slots=True)
class Fix:
    """Degrees, the accuracy in metres, and how many seconds ago that was."""

    lat: float
    lon: float
    accuracy_m: float
    age_s: float


def read_fix(environ: Mapping[str, str], look_s: float = LOOK_S_MAX) -> Fix | None:
    """Return where the phone is, None where that cannot be had: no scan waits or fails for it."""
    if not there_is(PROGRAM, environ):
        return None
    try:
        with Program([PROGRAM, "-p", "gps", "-r", "once"], environ) as program:
            told = json.loads(program.read(_BYTES_MAX, time.monotonic() + look_s))
        return Fix(
            float(told["latitude"]),
            float(told["longitude"]),
            float(told["accuracy"]),
            max(0.0, float(told.get("elapsedMs", 0)) / 1000),
        )
    except (Silent, Failure, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
