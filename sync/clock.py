"""The hybrid logical clock: wall milliseconds and a counter, one text that sorts (law 10).

Sixteen hexadecimal digits: twelve of milliseconds since 1970 UTC, four of a counter for what
happens within one millisecond or while the wall clock stands or runs back.
Kulkarni et al., "Logical Physical Clocks", 2014.
"""

COUNTER_MAX = 0xFFFF
DRIFT_MS_MAX = 24 * 3600 * 1000
"""How far ahead of this phone's wall clock a stamp from elsewhere may lie and be followed."""
ZERO = "0" * 16


def tick(last: str, wall_ms: int) -> str:
    """Return the stamp of a new action: later than `last`, and not before `wall_ms`."""
    last_ms, counter = int(last[:12], 16), int(last[12:], 16)
    if wall_ms > last_ms:
        return stamp(wall_ms, 0)
    if counter < COUNTER_MAX:
        return stamp(last_ms, counter + 1)
    return stamp(last_ms + 1, 0)


def stamp(wall_ms: int, counter: int) -> str:
    """Return the text of a stamp."""
    assert 0 <= wall_ms < 1 << 48, wall_ms
    return f"{wall_ms:012x}{counter:04x}"


def is_stamp(text: str) -> bool:
    """Tell whether `text` is a stamp, as it must be before anything is compared with it."""
    return len(text) == len(ZERO) and not text.strip("0123456789abcdef")


def follow(last: str, heard: str, wall_ms: int) -> str:
    """Return the later of two stamps, unless `heard` lies further ahead than a clock may drift."""
    if heard > last and int(heard[:12], 16) <= wall_ms + DRIFT_MS_MAX:
        return heard
    return last
