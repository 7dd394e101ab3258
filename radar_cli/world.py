"""The real world, for the verbs: this machine's clocks and randomness."""

import os
import time

from commands.phone import LOCK_MIN, Workplace
from radar_core.actions import Moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def real_workplace(
    home: str,
    timeout_s: float,
    position: "Callable[[], Mapping[str, object] | None] | None" = None,
    lock_min: int = LOCK_MIN,
) -> Workplace:
    """Return the workplace of this machine."""
    return Workplace(
        home,
        clock=moment,
        local=local_text,
        randomness=os.urandom,
        timeout_s=timeout_s,
        position=position,
        lock_min=lock_min,
    )


def moment() -> Moment:
    """Return the present moment; the monotonic clock goes on while the phone sleeps."""
    wall_ms = time.time_ns() // 1_000_000
    steady = getattr(time, "CLOCK_BOOTTIME", None) or time.CLOCK_MONOTONIC
    mono_ms = time.clock_gettime_ns(steady) // 1_000_000
    return Moment(local_text(wall_ms // 1000, wall_ms % 1000), wall_ms, _boot(), mono_ms)


def local_text(at_s: int, ms: int | None = None) -> str:
    """Return seconds since 1970 UTC as RFC 3339 in the phone's own zone, with its offset."""
    t = time.localtime(at_s)
    minutes = t.tm_gmtoff // 60
    fraction = "" if ms is None else f".{ms:03d}"
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    date = f"{t.tm_year:04d}-{t.tm_mon:02d}-{t.tm_mday:02d}"
    clock = f"{t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d}"
    return f"{date}T{clock}{fraction}{sign}{hours:02d}:{rest:02d}"


def _boot() -> str:
    """Return a name of this boot: what monotonic times may be compared within."""
    try:
        descriptor = os.open("/proc/sys/kernel/random/boot_id", os.O_RDONLY)
    except OSError:
        return ""
    try:
        return os.read(descriptor, 64).decode("ascii", "replace").strip()[:8]
    finally:
        os.close(descriptor)
