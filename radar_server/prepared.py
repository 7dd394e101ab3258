"""What is worked out of a push before anything is locked, because it asks nothing of the database.

It is most of what a push costs in the interpreter; so one page can be prepared while the database
takes another one in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from radar_core.actions import Action, touches
from radar_server.devices import Device
from radar_server.envelope import Refusal, Sender, judge
from radar_server.reference import key_of
from radar_server.streams import Page
from sync.chain import short_digest
from sync.grading import UNANCHORED, UNKNOWN, Grade


class Ready:
    """An action with what its rows are made of, all but its position.

    `hash` is the chain's after it, `digest` its part of the project's digest, `keys` are the keys
    of what it touches; its clock is graded when it is taken in.
    """

    __slots__ = ("action", "digest", "grade", "hash", "keys", "line")

    def __init__(self, action: Action, line: str, hash_: bytes, keys: Sequence[str]) -> None:
        self.action = action
        self.line = line
        self.hash = hash_
        self.digest = short_digest("action", action.epoch, line)
        self.keys = keys
        self.grade = Grade(UNANCHORED, 0, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a device pushed, each line judged by itself: the person's scope is still to be asked."""

    page: Page
    device: Device
    judged: Sequence[Ready | Refusal]


def prepare(device: Device, page: Page) -> Pushed:
    """Judge the lines of a page, and work out what is to be stored of them."""
    push, sender = page.push, Sender(device.staff, None, device.revoked)
    keys: dict[str, str] = {}
    judged: list[Ready | Refusal] = []
    for seq, (line, hash_) in enumerate(zip(push.lines, page.hashes, strict=True), push.first):
        action = judge(push.epoch, seq, line, sender)
        if isinstance(action, Refusal):
            judged.append(action)
        else:
            judged.append(ready(action, line, hash_, keys))
    return Pushed(page, device, judged)


def ready(action: Action, line: str, hash_: bytes, keys: dict[str, str]) -> Ready:
    """Work out what is to be stored of an action; `keys` are those of references met before."""
    # Most of a page is about the same few things.
    about = [keys.get(ref) or keys.setdefault(ref, key_of(ref)) for ref in touches(action)]
    return Ready(action, line, hash_, tuple(about))
