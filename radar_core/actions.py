"""An action is a line: what a person did, written once as JSON text and never serialised again."""

from radar_core.jsontext import decode_object, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

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
    ]
)
LINE_BYTES_MAX = 64 * 1024
"""The longest action line in UTF-8 bytes; photos and signatures travel apart from it."""
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
        """Seconds since 1970 UTC by the hybrid logical clock, which never runs backwards."""
        return int(self.hlc[:12], 16) // 1000


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


def touches(action: "Action | Draft") -> tuple[str, ...]:
    """Return what an action is about, as references: its person, task, tag, place and asset."""
    refs = [f"staff:{action.staff}"]
    for name in ("task", "tag", "place", "asset"):
        value = action.body.get(name)
        if isinstance(value, str) and value:
            refs.append(f"{name}:{value}")
    return tuple(refs)
