"""An action is a line: what a person did, written once as JSON text and never serialised again."""

from radar_core.jsontext import decode_object, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class Named(Protocol):
        """What names a person and, in its body, other things."""

        @property
        def staff(self) -> str:
            """The person's id."""
            ...

        @property
        def body(self) -> Mapping[str, object]:
            """What else it says."""
            ...


KINDS = frozenset(
    [
        "scan",
        "start",
        "hold",
        "resume",
        "answer",
        "reading",
        "note",
        "photo",
        "part",
        "sign",
        "complete",
        "end_early",
        "report",
        "correct",
        "bind_tag",
        "assign",
        "accept",
        "decline",
        "verify",
        "reject",
        "reopen",
        "cancel",
        "excuse",
        "rate",
        "handover",
        "shift_start",
        "shift_end",
        "replace_tag",
        "retire_tag",
        "sign_in",
        "sign_out",
    ]
)
LINE_BYTES_MAX = 64 * 1024
"""The longest action line in UTF-8 bytes; photos and signatures travel apart from it."""
END_MS = 253_402_300_800_000
"""When the year 9999 ends, in milliseconds since 1970 UTC: no later time can be written."""
TEXT_CHARS_MAX = 4000
"""The longest text that a person can put into one action."""


class Moment:
    """When something happened, as one phone's clocks told it.

    `wall` is RFC 3339 with the phone's offset, `wall_ms` the same instant in milliseconds since
    1970 UTC, `boot` names the phone's current boot, `mono_ms` counts milliseconds since then.
    """

    __slots__ = ("boot", "mono_ms", "wall", "wall_ms")

    def __init__(self, wall: str, wall_ms: int, boot: str, mono_ms: int) -> None:
        self.wall = wall
        self.wall_ms = wall_ms
        self.boot = boot
        self.mono_ms = mono_ms


class Draft:
    """An action before the journal gives it a number: who, where, what, about what."""

    __slots__ = ("body", "kind", "project", "staff", "subject")

    def __init__(
        self, *, staff: str, project: str, kind: str, subject: str, body: "Mapping[str, object]"
    ) -> None:
        assert kind in KINDS, kind
        self.staff = staff
        self.project = project
        self.kind = kind
        self.subject = subject
        self.body = body


class Action:
    """An action as read back from its line; `epoch` and `seq` are its identity."""

    __slots__ = (
        "body",
        "boot",
        "epoch",
        "hlc",
        "kind",
        "mono_ms",
        "project",
        "seq",
        "staff",
        "subject",
        "wall",
    )

    def __init__(self, epoch: str, fields: "Mapping[str, object]") -> None:
        """Take the fields of a line; raise ValueError for a missing one or a wrong type."""
        self.epoch = epoch
        self.seq = _whole(fields, "seq")
        self.hlc = _text(fields, "hlc")
        self.wall = _text(fields, "wall")
        self.boot = _text(fields, "boot")
        self.mono_ms = _whole(fields, "mono_ms")
        self.staff = _text(fields, "staff")
        self.project = _text(fields, "project")
        self.kind = _text(fields, "kind")
        self.subject = _text(fields, "subject")
        body = fields.get("body")
        if not isinstance(body, dict):
            raise ValueError("body is not an object")  # noqa: TRY004 - one error for bad lines
        self.body: dict[str, object] = body

    @property
    def id(self) -> str:
        """The action's name everywhere: `EPOCH.SEQ`."""
        return f"{self.epoch}.{self.seq}"

    @property
    def order(self) -> tuple[str, str, int]:
        """The place in the one order that every replica folds in (law 5)."""
        return (self.hlc, self.epoch, self.seq)

    @property
    def at_s(self) -> int:
        """When it was recorded by the phone's own wall clock, in seconds since 1970 UTC.

        Not by the hybrid logical clock: that of a phone which heard one that is hours ahead is
        ahead too. It stands in only for a wall clock's text that cannot be read. Nothing is
        ordered by this.
        """
        at_ms = wall_ms(self.wall)
        if at_ms is None:
            at_ms = min(int(self.hlc[:12], 16), END_MS - 1)
        return at_ms // 1000


def wall_ms(wall: str) -> int | None:
    """Return the instant that a text of RFC 3339 names, in milliseconds since 1970 UTC.

    None for what is no such text, and for what lies before 1970 or after the year 9999.
    """
    zone = 19
    fraction = ""
    if wall[zone : zone + 1] == ".":
        zone += 1
        while wall[zone : zone + 1].isdecimal():
            zone += 1
        fraction = wall[20:zone]
        if not fraction:
            return None
    offset_min = _offset_min(wall[zone:])
    digits = wall[:4] + wall[5:7] + wall[8:10] + wall[11:13] + wall[14:16] + wall[17:19]
    marks = wall[4:5] + wall[7:8] + wall[10:11] + wall[13:14] + wall[16:17]
    if offset_min is None or marks not in ("--T::", "--t::") or not wall.isascii():
        return None
    if len(digits) != 14 or not digits.isdecimal():  # noqa: PLR2004 - YYYYMMDDhhmmss
        return None
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    hour, minute, second = int(digits[8:10]), int(digits[10:12]), int(digits[12:])
    # A leap second is the 60th; the clocks here do not know it, and count it as the next.
    if not (1 <= month <= 12 and 1 <= day <= _days(year, month)):  # noqa: PLR2004 - months
        return None
    if hour > 23 or minute > 59 or second > 60:  # noqa: PLR2004 - of a day
        return None
    # Days since 1970 in the Gregorian calendar, the year beginning with March.
    y, m = (year, month - 3) if month > 2 else (year - 1, month + 9)  # noqa: PLR2004 - February
    days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * m + 2) // 5 + day - 719_469
    at_s = ((days * 24 + hour) * 60 + minute - offset_min) * 60 + second
    at_ms = at_s * 1000 + int((fraction + "000")[:3])
    return at_ms if 0 <= at_ms < END_MS else None


def _offset_min(zone: str) -> int | None:
    """Return how many minutes a zone of RFC 3339 is ahead of UTC: `Z`, `+08:00`."""
    if zone in ("Z", "z"):
        return 0
    digits = zone[1:3] + zone[4:]
    if len(zone) != 6 or zone[0] not in "+-" or zone[3] != ":" or not digits.isdecimal():  # noqa: PLR2004 - +08:00
        return None
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:  # noqa: PLR2004 - of a day
        return None
    ahead = hours * 60 + minutes
    return -ahead if zone[0] == "-" else ahead


def _days(year: int, month: int) -> int:
    """Return how many days a month has."""
    if month == 2:  # noqa: PLR2004 - February
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _whole(fields: "Mapping[str, object]", name: str) -> int:
    value = fields.get(name)
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise ValueError(f"{name} is not a whole number")
    return value


def _text(fields: "Mapping[str, object]", name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a text")  # noqa: TRY004 - one error for bad lines
    return value


def write_line(seq: int, hlc: str, moment: Moment, draft: Draft) -> str:
    """Return the line that is hashed, stored, sent and kept: this very text, byte for byte."""
    return encode(
        {
            "seq": seq,
            "hlc": hlc,
            "wall": moment.wall,
            "boot": moment.boot,
            "mono_ms": moment.mono_ms,
            "staff": draft.staff,
            "project": draft.project,
            "kind": draft.kind,
            "subject": draft.subject,
            "body": draft.body,
        }
    )


def read_line(epoch: str, line: str) -> Action:
    """Return the action that a line holds; raise ValueError if it is not one."""
    return Action(epoch, decode_object(line))


def touches(action: "Named") -> tuple[str, ...]:
    """Return what an action is about, as references: its person, task, tag, place, asset, blob."""
    refs = [f"staff:{action.staff}"]
    body = action.body
    for name in ("task", "tag", "place", "asset"):
        value = body.get(name)
        if value and isinstance(value, str):
            refs.append(f"{name}:{value}")
    blob = body.get("sha256")
    if blob and isinstance(blob, str):
        refs.append(f"blob:{blob}")
    return tuple(refs)
