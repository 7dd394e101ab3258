"""Tasks as an iCalendar file (RFC 5545), for the calendar that a person has already."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from unicodedata import category

LINE_BYTES_MAX = 75
"""The most octets of one line of the file, without its end."""
PRODUCT = "-//RADAR//radar//EN"
CANCELLED = frozenset({"cancelled", "excused"})
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what is not seen: controls, what turns or ends a line, surrogates."""
JOINING = "\t\u200c\u200d"
"""Hidden, but a part of what is seen: of words, and of emoji."""
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Event:
    """One task as a calendar shows it; times are seconds since 1970 UTC, `id` is the task's."""

    id: str
    due_from: int
    due_to: int
    summary: str
    category: str
    location: str = ""
    state: str = ""


def icalendar(name: str, events: Iterable[Event], now_s: int) -> str:
    """Return the file of a calendar; `now_s` is when it was made.

    An event says when a task is due, and takes nobody's time: two may lie side by side.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        f"X-WR-CALNAME:{_text(name)}",
        *(line for event in events for line in _event(event, now_s)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _event(event: Event, now_s: int) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.id)}"
    yield f"DTSTAMP:{_utc(now_s)}"
    yield f"DTSTART:{_utc(event.due_from)}"
    yield f"DTEND:{_utc(event.due_to)}"
    yield f"SUMMARY:{_text(event.summary)}"
    yield f"CATEGORIES:{_text(event.category)}"
    if event.location:
        yield f"LOCATION:{_text(event.location)}"
    yield f"STATUS:{'CANCELLED' if event.state in CANCELLED else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _text(text: str) -> str:
    """Return a text without what no line of the format may hold, and with its marks escaped."""
    return "".join(char for char in text.translate(_ESCAPES) if not _is_hidden(char))


def _is_hidden(char: str) -> bool:
    return category(char) in HIDDEN and char not in JOINING


def _utc(at_s: int) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y%m%dT%H%M%SZ}"


def _fold(line: str) -> Iterator[str]:
    """Yield the lines that one becomes: the later ones begin with a space, no character is cut."""
    begin, size = 0, 0
    for at, char in enumerate(line):
        width = len(char.encode())
        if size + width > LINE_BYTES_MAX:
            yield (" " if begin else "") + line[begin:at]
            begin, size = at, 1
        size += width
    yield (" " if begin else "") + line[begin:]
