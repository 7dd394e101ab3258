"""A centre of paper: the protocol's other side in memory, with everything checked and signed."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from radar_core.actions import read_line
from radar_server.ingest import Outcome, Stored
from radar_server.streams import Fork, Gap
from sync.chain import genesis, links, sealed, short_digest
from sync.exchange import Reply
from sync.keys import KeyPair, is_signed
from sync.protocol import (
    Answer,
    News,
    Push,
    Quarantined,
    Receipt,
    Shown,
    read_push,
    receipt_object,
    write_answer,
)
from sync.signing import head_message, receipt_message

MASK = (1 << 64) - 1
AT = "2026-11-23T02:00:00Z"
"""When this centre signs, whatever the clock says."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record (body None: gone) or an action (kind `action`, its epoch, its line) at its place."""

    pos: int
    kind: str
    name: str
    text: str | None


@dataclass(slots=True)
class Stream:
    """What came up of one epoch."""

    hashes: list[bytes]
    lines: list[str] = field(default_factory=list)


class PaperCentre:
    """Takes pushes in and answers them; a test may change what it holds and how it behaves."""

    def __init__(self, page: int = 10_000) -> None:
        """Send at most `page` items of a project in one answer."""
        self.page = page
        self.clock: Callable[[], int] = lambda: 0
        self.epoch = "C-PAPER"
        self.keys = KeyPair(bytes(range(32)))
        self.items: dict[str, list[Item]] = {}
        self.streams: dict[str, Stream] = {}
        self.refuse: dict[str, tuple[str, str]] = {}
        """Action kinds that go to quarantine, with code and reason."""
        self.pushes: list[Push] = []
        self._devices: dict[str, tuple[str, bytes]] = {}
        self._scopes: dict[str, Collection[str]] = {}

    def copy(self) -> "PaperCentre":
        """Return another centre that holds the same, and goes its own way from here on."""
        made = PaperCentre(self.page)
        made.epoch, made.keys, made.refuse = self.epoch, self.keys, dict(self.refuse)
        made.items = {project: list(items) for project, items in self.items.items()}
        made.streams = {
            epoch: Stream(list(held.hashes), list(held.lines))
            for epoch, held in self.streams.items()
        }
        made._devices, made._scopes = dict(self._devices), dict(self._scopes)
        return made

    def enrol(self, device: str, staff: str, public_key: bytes) -> None:
        """Make a device known; its scope is what the book says of its person."""
        self._devices[device] = (staff, public_key)

    def put(self, project: str, kind: str, name: str, body: Mapping[str, object] | None) -> None:
        """Write a record of a project, or take it out with None."""
        text = None if body is None else json.dumps(body, ensure_ascii=False)
        self._add(project, kind, name, text)
        if kind == "staff" and body is not None:
            projects = body["projects"]
            assert isinstance(projects, list)
            self._scopes[name] = projects

    def move(self, staff: str, *projects: str) -> None:
        """Change which projects a person may see."""
        self._scopes[staff] = projects

    def state(self) -> object:
        """Return all that the answer to a new phone depends on."""
        return (self.page, self.epoch, self.items, self._scopes)

    def _add(self, project: str, kind: str, name: str, text: str | None) -> None:
        items = self.items.setdefault(project, [])
        items.append(Item(len(items) + 1, kind, name, text))

    def held(self, project: str) -> dict[tuple[str, str, str], str]:
        """Return all that a project holds now: live records, and accepted actions by line."""
        held: dict[tuple[str, str, str], str] = {}
        for item in self.items.get(project, ()):
            key = (item.kind, item.name, (item.text or "") if item.kind == "action" else "")
            held.pop(key, None)
            if item.text is not None:
                held[key] = item.text
        return held

    def post(self, body: bytes) -> Reply:
        """Answer a request's body; the transport of a test."""
        push = read_push(body)
        self.pushes.append(push)
        match self.take(push):
            case Gap(expected):
                return Reply(409, b"", len(body), 0, "gap", {"expected": expected})
            case Fork(common):
                members = self._parting(push, common)
                return Reply(409, b"", len(body), 0, "fork", members)
            case _:
                answer = write_answer(self.answer(push), self.shown(push))
                return Reply(200, answer, len(body), len(answer))

    def shown(self, push: Push) -> Shown:
        """Return what a push shows."""
        hashes = [push.previous, *links(push.previous, push.lines)]
        return Shown(push.device, push.epoch, push.last, hashes[-1])

    def answer(self, push: Push) -> Answer:
        """Take a push in, which must fit, and return what a phone is told."""
        outcome = self.take(push)
        assert isinstance(outcome, Stored), outcome
        staff, _ = self._devices[push.device]
        quarantined = self._quarantined(push, self.streams[push.epoch])
        scope = self._scopes[staff]
        news = [page for name in sorted(scope) if (page := self._news(name, push)) is not None]
        dropped = sorted(set(push.cursors) - set(scope))
        receipt, now_ms = self.receipt(push), self.clock()
        return Answer(self.epoch, receipt, quarantined, news, dropped, now_ms=now_ms)

    def take(self, push: Push) -> Outcome:
        """Store what of a push is new; nothing unless it fits onto what is held of its epoch."""
        _, public = self._devices[push.device]
        begin = genesis(push.epoch, public)
        stream = self.streams.setdefault(push.epoch, Stream([begin]))
        misfit = _misfit(push, stream, begin)
        if misfit is not None:
            return misfit
        hashes = links(push.previous, push.lines)
        head = hashes[-1] if hashes else push.previous
        assert is_signed(public, push.head_signature, head_message(push.epoch, push.last, head))
        known = len(stream.lines) - push.first + 1
        taken: Counter[bool] = Counter()
        for line, link in list(zip(push.lines, hashes, strict=True))[known:]:
            stream.lines.append(line)
            stream.hashes.append(link)
            action = read_line(push.epoch, line)
            assert action.seq == len(stream.lines), "wrong number"
            accepted = action.kind not in self.refuse
            taken[accepted] += 1
            if accepted:
                self._add(action.project, "action", push.epoch, sealed(line))
        return Stored(taken[True], taken[False])

    def _parting(self, push: Push, common: int | None) -> dict[str, object]:
        if common is None:
            return {"common": None}
        held, known = self.streams[push.epoch], max(0, common - push.first + 1)
        kept = self._quarantined(replace(push, lines=push.lines[:known]), held)
        told = Receipt(push.device, push.epoch, common, held.hashes[common], AT, b"")
        rows = [[q.epoch, q.seq, q.code, q.reason] for q in kept if q.seq <= common]
        return {"common": common, "receipt": receipt_object(self.sign(told)), "quarantined": rows}

    def _quarantined(self, push: Push, stream: Stream) -> list[Quarantined]:
        actions = [read_line(push.epoch, line) for line in stream.lines[push.first - 1 :]]
        return [
            Quarantined(push.epoch, action.seq, *self.refuse[action.kind])
            for action in actions
            if action.kind in self.refuse
        ]

    def receipt(self, push: Push) -> Receipt:
        """Sign how far this centre holds the push's epoch."""
        stream = self.streams[push.epoch]
        seq, head = len(stream.lines), stream.hashes[-1]
        return self.sign(Receipt(push.device, push.epoch, seq, head, AT, b""))

    def sign(self, receipt: Receipt) -> Receipt:
        """Return a receipt with this centre's signature."""
        r = receipt
        message = receipt_message(r.device, r.epoch, r.seq, r.hash, r.at)
        return replace(receipt, signature=self.keys.sign(message))

    def _news(self, project: str, push: Push) -> News | None:
        items = self.items.get(project, [])
        since = push.cursors.get(project, -1)
        if since >= len(items):
            return None
        page = items[max(0, since) :][: self.page]
        more = bool(page) and page[-1].pos < len(items)
        count, total = self.digest(project)
        records = [(i.kind, i.name, i.text) for i in page if i.kind != "action"]
        theirs = [(i.name, i.text or "") for i in page if i.kind == "action"]
        actions = [(epoch, line) for epoch, line in theirs if not _is_own(push, epoch, line)]
        pos = page[-1].pos if page else 0
        return News(project, pos, more, count, total, _latest(records), actions)

    def digest(self, project: str) -> tuple[int, int]:
        """Return the count and additive hash of all that a project holds."""
        held = self.held(project)
        total = sum(short_digest(key[0], key[1], text) for key, text in held.items())
        return len(held), total & MASK


def _is_own(push: Push, epoch: str, line: str) -> bool:
    """Tell whether the phone that pushes wrote an action itself."""
    last = push.closed.get(epoch)
    return epoch == push.epoch or (last is not None and read_line(epoch, line).seq <= last)


def _misfit(push: Push, stream: Stream, begin: bytes) -> Gap | Fork | None:
    """Return why a push does not go on from what is held, if it does not."""
    if stream.hashes[0] != begin:
        return Fork(0)
    before, held = push.first - 1, len(stream.lines)
    if before > held:
        return Gap(held + 1)
    shown = [push.previous, *links(push.previous, push.lines)]
    both = range(before, min(push.last, held) + 1)
    agreed = [seq for seq in both if stream.hashes[seq] == shown[seq - before]]
    if agreed and agreed[-1] == both[-1]:
        return None
    return Fork(max(agreed, default=None))


def _latest(records: Sequence[tuple[str, str, str | None]]) -> list[tuple[str, str, str | None]]:
    """Return each record once, as it is last: a centre sends rows, not their history."""
    return list({(kind, name): (kind, name, text) for kind, name, text in records}.values())
