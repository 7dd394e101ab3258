"""Judging one action by its line: what every phone can read, and whose it is (law 4).

What is accepted here goes to every phone of the project. So no line may pass that the phones'
own reader would stumble over: a property test holds the two readers against each other.
"""

from dataclasses import dataclass

import msgspec

from radar_core.actions import KINDS, LINE_BYTES_MAX, Action
from radar_core.failures import N_
from radar_server.positions import is_deletable
from sync.clock import is_stamp
from sync.lines import DEPTH_MAX, plain_action

REASONS = {
    "not_an_action": N_("This is not an action that RADAR can read."),
    "too_long": N_("This action is longer than any may be."),
    "wrong_number": N_("This action carries another number than its place in the journal."),
    "bad_clock": N_("This action carries no stamp of a clock."),
    "unknown_kind": N_("This centre does not know this kind of action."),
    "bad_position": N_("This carries a position in a form that could not be deleted later."),
    "other_person": N_("This phone was enrolled for another person."),
    "out_of_scope": N_("This person does not work in this project."),
    "not_permitted": N_("This person has no role in this project that decides that."),
    "not_signed_in": N_("Nobody had signed in for this on the shared phone, with their badge."),
    "bad_tag": N_("This says no tag, or not what it stands for."),
    "unknown_place": N_("The site book has no such place in this project."),
    "unknown_asset": N_("The site book has no such asset in this project."),
    "revoked": N_("This phone was revoked before it sent this."),
    "already_held": N_("The centre has this action already, from a copy of this phone."),
}
"""Why an action is kept in quarantine, by code."""


OUT_OF_SCOPE, NOT_PERMITTED = "out_of_scope", "not_permitted"
NOT_SIGNED_IN = "not_signed_in"
ALREADY_HELD = "already_held"
_DECODER = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an action goes to quarantine; `project` is what it says itself, if it says one."""

    code: str
    project: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose actions a device may send: its person's; what they may record is asked for later.

    So is whose they are, on a shared phone: it has no `staff`.
    """

    staff: str | None
    revoked: bool


def judge(epoch: str, seq: int, line: str, sender: Sender) -> Action | Refusal:
    """Return the action that `line` holds at the place `seq`, or why it is not accepted."""
    # A character has at most four bytes: most lines need not be encoded to be measured.
    if 4 * len(line) > LINE_BYTES_MAX and len(line.encode()) > LINE_BYTES_MAX:
        return Refusal("too_long")
    action = try_read(epoch, line)
    if action is None:
        return Refusal("not_an_action")
    code = _mistake(action, seq, line, sender)
    return Refusal(code, action.project) if code else action


def try_read(epoch: str, line: str) -> Action | None:
    """Return the action that a line holds, None where it holds none.

    A line of exactly the members that a phone writes is read in one go. What that does not take
    (other members, wrong types, deep nesting) is read by the long way, which decides.
    """
    if line[:1] != "{" or line[-1:] != "}":
        return None
    return plain_action(epoch, line) or _read_any(epoch, line)


def _read_any(epoch: str, line: str) -> Action | None:
    try:
        fields = _DECODER.decode(line)
        if _depth(fields) > DEPTH_MAX:
            return None
        return Action(epoch, fields)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def read_held(epoch: str, line: str) -> Action:
    """Return the action of a line that was accepted, so that it is known to be one."""
    action = try_read(epoch, line)
    assert action is not None, "only what can be read is accepted"
    return action


def _mistake(action: Action, seq: int, line: str, sender: Sender) -> str:
    if sender.revoked:
        return "revoked"
    if action.seq != seq:
        return "wrong_number"
    if not is_stamp(action.hlc):
        return "bad_clock"
    if action.kind not in KINDS:
        return "unknown_kind"
    if not is_deletable(line, action.body):
        return "bad_position"
    return "" if sender.staff in (None, action.staff) else "other_person"


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0
