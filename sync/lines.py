"""Many lines read at once: a line of exactly the members that a phone writes is decoded in one go.

The scan path reads single lines without this file (`radar_core.actions.read_line`), which costs
less to import; whatever this one does not take is read that way, so that both always agree.
"""

import msgspec

from radar_core.actions import Action, read_line

NUMBER_END = 1 << 63
DEPTH_MAX = 64
"""How deep a line's JSON may be nested; what may be deeper is read the long way."""


class Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The members of a line."""

    seq: int
    hlc: str
    wall: str
    boot: str
    mono_ms: int
    staff: str
    project: str
    kind: str
    subject: str
    body: dict[str, object]


_DECODE = msgspec.json.Decoder(Line).decode


def read_action(epoch: str, line: str) -> Action:
    """Return the action that a line holds; raise ValueError if it is not one."""
    return plain_action(epoch, line) or read_line(epoch, line)


def read_fields(line: str) -> "Line | Action":
    """Return a line's members, read as quickly as can be; raise ValueError if it is no action."""
    return _plain(line) or read_line("", line)


def plain_action(epoch: str, line: str) -> Action | None:
    """Return the action of a line of just the usual members, None where the long way decides."""
    fields = _plain(line)
    if fields is None:
        return None
    action = Action.__new__(Action)
    action.epoch = epoch
    action.seq = fields.seq
    action.hlc = fields.hlc
    action.wall = fields.wall
    action.boot = fields.boot
    action.mono_ms = fields.mono_ms
    action.staff = fields.staff
    action.project = fields.project
    action.kind = fields.kind
    action.subject = fields.subject
    action.body = fields.body
    return action


def _plain(line: str) -> Line | None:
    if line.count("[") + line.count("{") > DEPTH_MAX:
        return None
    try:
        fields = _DECODE(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    fits = 0 <= fields.seq < NUMBER_END and 0 <= fields.mono_ms < NUMBER_END
    return fields if fits else None
