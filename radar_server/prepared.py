"""What is worked out of a push before anything is locked, because it asks nothing of the database.

It is most of what a push costs in the interpreter; so one page can be prepared while the database
takes another one in.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from radar_core.actions import Action, touches
from radar_server.devices import Device
from radar_server.doors import Claim
from radar_server.envelope import Refusal, Sender, judge
from radar_server.reference import key_of
from radar_server.streams import Page
from radar_server.twins import Origin, origins_of
from sync.chain import action_digests
from sync.grading import UNANCHORED, UNKNOWN, Grade, told_by

UNGRADED = Grade(UNANCHORED, 0, UNKNOWN)


class Ready:
    """An action with what its rows are made of, all but its position.

    `hash` is the chain's after it, `digest` its part of the project's digest, `keys` are the keys
    of what it touches, `told_ms` is what its wall clock told; the clock is graded when the action
    is taken in.
    """

    __slots__ = ("action", "digest", "grade", "hash", "keys", "line", "told_ms")

    def __init__(self, action: Action, line: str, hash_: bytes, digest: int) -> None:
        self.action = action
        self.line = line
        self.hash = hash_
        self.digest = digest
        self.keys: Sequence[str] = ()
        self.told_ms: int | None = None
        self.grade = UNGRADED


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a device pushed, each line judged by itself: what its person may is still to be asked.

    `ready` are the actions among what was judged, `claims` what they say that was recorded where.
    `moved` has the origins of moved lines.
    """

    page: Page
    device: Device
    judged: Sequence[Ready | Refusal]
    ready: Sequence[Ready]
    claims: Collection[Claim]
    moved: Mapping[int, Origin]


def prepare(device: Device, page: Page) -> Pushed:
    """Judge the lines of a page, and work out what is to be stored of them."""
    push, sender = page.push, Sender(device.staff or None, device.revoked)
    digests = action_digests((push.epoch, line) for line in push.lines)
    lines = zip(push.lines, page.hashes, digests, strict=True)
    judged: list[Ready | Refusal] = []
    for seq, (line, hash_, digest) in enumerate(lines, push.first):
        action = judge(push.epoch, seq, line, sender)
        if isinstance(action, Refusal):
            judged.append(action)
        else:
            judged.append(Ready(action, line, hash_, digest))
    found = [one for one in judged if isinstance(one, Ready)]
    work_out(found)
    claims = {(one.action.staff, one.action.project, one.action.kind) for one in found}
    return Pushed(page, device, judged, found, claims, origins_of(push.first, push.lines))


def work_out(accepted: Sequence[Ready]) -> None:
    """Work out what is to be stored of actions of one device."""
    keys: dict[str, str] = {}
    told = told_by(one.action for one in accepted)
    for one, told_ms in zip(accepted, told, strict=True):
        one.told_ms = told_ms
        # Most of a page is about the same few things.
        refs = touches(one.action)
        one.keys = [keys.get(ref) or keys.setdefault(ref, key_of(ref)) for ref in refs]
