"""Where the phone is, asked of Termux:API, else of gpsd: once, and not for long."""

import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import hypot

from radar_core.failures import Failure
from scanners.programs import Program, Silent, never, there_is

PROGRAM = "termux-location"
GPSD = ("127.0.0.1", 2947)
"""Where gpsd listens, the service that Linux has for receivers of satellites."""
LOOK_S_MAX = 5.0
"""How long a fix is waited for; below ground there is none."""
_CONNECT_S_MAX = 1.0
_TICK_S = 0.1
_BYTES_MAX = 2**14
_WATCH = b'?WATCH={"enable":true,"json":true};\n'
_FIX_2D = 2
"""From this mode on gpsd knows where it is; below it tells what it knew last."""
_NONE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What foreign bytes that are no fix end in."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Degrees, the accuracy in metres, and how many seconds ago that was."""

    lat: float
    lon: float
    accuracy_m: float
    age_s: float


def read_fix(
    environ: Mapping[str, str],
    look_s: float = LOOK_S_MAX,
    *,
    stopped: Callable[[], bool] = never,
    gpsd: tuple[str, int] = GPSD,
) -> Fix | None:
    """Return where the phone is, None where that cannot be had: no scan waits or fails for it.

    `stopped` ends the wait with True.
    """
    until_s = time.monotonic() + look_s
    if not there_is(PROGRAM, environ):
        return _of_gpsd(gpsd, until_s, stopped)
    try:
        with Program([PROGRAM, "-p", "gps", "-r", "once"], environ, stopped) as program:
            return fix_of_termux(program.read(_BYTES_MAX, until_s))
    except (Silent, Failure):
        return None


def fix_of_termux(told: bytes) -> Fix | None:
    """Return what `termux-location` says, None for what is no fix."""
    try:
        said = json.loads(told)
        return Fix(
            float(said["latitude"]),
            float(said["longitude"]),
            float(said["accuracy"]),
            max(0.0, float(said.get("elapsedMs", 0)) / 1000),
        )
    except _NONE:
        return None


def fix_of_gpsd(line: bytes, now_s: float) -> Fix | None:
    """Return what a line of gpsd says; None where it is no fix, or does not tell how good it is.

    `now_s` is the present time in seconds since 1970: a report says when it was, not how long ago.
    """
    try:
        said = json.loads(line)
        if said["class"] != "TPV" or int(said["mode"]) < _FIX_2D:
            return None
        if "eph" in said:
            accuracy_m = float(said["eph"])
        else:
            accuracy_m = hypot(float(said["epx"]), float(said["epy"]))
        at_s = datetime.fromisoformat(said["time"]).timestamp() if "time" in said else now_s
        return Fix(float(said["lat"]), float(said["lon"]), accuracy_m, max(0.0, now_s - at_s))
    except _NONE:
        return None


def _of_gpsd(address: tuple[str, int], until_s: float, stopped: Callable[[], bool]) -> Fix | None:
    heard = b""
    try:
        with socket.create_connection(address, _CONNECT_S_MAX) as link:
            link.sendall(_WATCH)
            link.settimeout(_TICK_S)
            while time.monotonic() < until_s and not stopped() and len(heard) <= _BYTES_MAX:
                line, newline, rest = heard.partition(b"\n")
                if newline:
                    heard = rest
                    fix = fix_of_gpsd(line, time.time())
                    if fix is not None:
                        return fix
                    continue
                try:
                    chunk = link.recv(_BYTES_MAX)
                except TimeoutError:
                    continue
                if not chunk:
                    return None
                heard += chunk
    except OSError:
        pass
    return None
