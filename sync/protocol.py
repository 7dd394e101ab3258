"""The wire: one request carries new actions up, its answer carries receipt and news down. Pure.

Both are NDJSON: one header line, then lines exactly as they were recorded; `docs/protocol.md`
has the shapes. Nothing is used before length, count, checksum and version are checked.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sync.framing import FORMAT, WireError, pack, text, unpack, whole

CONTENT_TYPE = "application/vnd.radar.sync+ndjson"
SYNC_PATH = "/v1/sync"
ENROL_PATH = "/v1/enrol"
BOARD_PATH = "/v1/board"
QUERY_PATH = "/v1/query"
FIGURES_PATH = "/v1/figures"
EVENTS_PATH = "/v1/events"
CENTRE_PATH = "/v1/health"
BLOBS_PATH = "/v1/blobs"
AUTHORITY_PATH = "/v1/authority"
BODY_BYTES_MAX = 16 * 1024 * 1024
"""The largest body, on the wire and decompressed, in bytes."""
BLOB_BYTES_MAX = 8 * 1024 * 1024
"""The largest photo or signature."""
PIECE_BYTES_MAX = 1024 * 1024
"""The largest piece of one that goes up in one request."""
PAGE_ACTIONS_MAX = 5000
PAGE_BYTES_MAX = 4 * 1024 * 1024
VERDICTS = ("released", "rejected")
RANGES_MAX = 2_000
"""The most ranges of actions that a phone asks a supervisor's decision on in one request."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A phone's monotonic clock as it writes a request: `mono_ms` since the boot called `boot`.

    `anchor` is what the last answer in this same boot told of the centre's time: between
    `mono_sent_ms` and `mono_received_ms` it was `centre_ms`, since 1970 UTC; None before any.
    """

    boot: str
    mono_ms: int
    anchor: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Push:
    """What goes up: `lines` are the actions `first`, `first + 1`, … of `epoch`.

    `previous` is the chain's hash before `first`, `head_signature` the device's word on the hash
    after the last line; `cursors` say how far the phone has read each project at `centre_epoch`.
    `closed` names the phone's other epochs with the last number that it wrote itself, `parent` the
    epoch and number where this one goes on, `proof` is a receipt for more than the centre seems to
    hold, `pending` the ranges `(epoch, low, high)` of own actions that lie in quarantine undecided,
    `holds` is what a phone with nothing to send holds of all its projects, by `sum_up`.
    """

    device: str
    epoch: str
    first: int
    previous: bytes
    lines: Sequence[str]
    head_signature: bytes
    centre_epoch: str
    cursors: Mapping[str, int]
    closed: Mapping[str, int] = field(default_factory=dict[str, int])
    parent: tuple[str, int] | None = None
    proof: "Receipt | None" = None
    pending: Sequence[tuple[str, int, int]] = ()
    clock: Clock | None = None
    holds: str = ""

    @property
    def last(self) -> int:
        """The number of the last line, or of the one before `first` if there is none."""
        return self.first + len(self.lines) - 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """The centre's signed word that it holds `device`'s actions of `epoch` up to `seq`."""

    device: str
    epoch: str
    seq: int
    hash: bytes
    at: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """What a push showed the centre, and a receipt for just that need not repeat."""

    device: str
    epoch: str
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An action that the centre keeps whole but could not accept, and why."""

    epoch: str
    seq: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a supervisor made of a quarantined action: `released` or `rejected`, and why."""

    epoch: str
    seq: int
    verdict: str
    note: str


@dataclass(frozen=True, slots=True)
class News:
    """What is new in one project after the phone's cursor.

    `records` are `(kind, id, body)` with body None for what went; `actions` are other phones'
    `(epoch, line)`. `count` and `total` are the digest of all that the project holds at `pos`,
    checked when `more` is false.
    """

    project: str
    pos: int
    more: bool
    count: int
    total: int
    records: Sequence[tuple[str, str, str | None]] = ()
    actions: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes down; `now_ms` is the centre's clock as it was written, since 1970 UTC.

    `restored` says, where the centre's epoch is new to the phone, from a backup of when it came.
    """

    centre_epoch: str
    receipt: Receipt
    quarantined: Sequence[Quarantined] = ()
    news: Sequence[News] = ()
    dropped: Sequence[str] = ()
    decided: Sequence[Decision] = ()
    now_ms: int = 0
    restored: str = ""


def write_push(push: Push) -> bytes:
    """Return the body of a request, not yet compressed."""
    header: dict[str, object] = {
        "format": FORMAT,
        "device": push.device,
        "epoch": push.epoch,
        "from": push.first,
        "prev": push.previous.hex(),
        "head_signature": push.head_signature.hex(),
        "centre": push.centre_epoch,
        "cursors": dict(push.cursors),
    }
    if push.closed:
        header["closed"] = dict(push.closed)
    if push.parent is not None:
        header["parent"] = list(push.parent)
    if push.proof is not None:
        header["proof"] = receipt_object(push.proof)
    if push.pending:
        header["pending"] = [list(some) for some in push.pending]
    if push.clock is not None:
        anchor = list(push.clock.anchor) if push.clock.anchor is not None else []
        header["clock"] = [push.clock.boot, push.clock.mono_ms, *anchor]
    if push.holds:
        header["holds"] = push.holds
    return pack(header, push.lines)


def read_push(body: bytes) -> Push:
    """Return the request that a decompressed body holds; raise WireError."""
    header, lines = unpack(body)
    try:
        parent, proof, clock = header.get("parent"), header.get("proof"), header.get("clock")
        push = Push(
            device=text(header["device"]),
            epoch=text(header["epoch"]),
            first=whole(header["from"]),
            previous=bytes.fromhex(text(header["prev"])),
            lines=lines,
            head_signature=bytes.fromhex(text(header["head_signature"])),
            centre_epoch=text(header["centre"]),
            cursors=_numbers(header["cursors"]),
            closed=_numbers(header.get("closed", {})),
            parent=None if parent is None else _action_name(parent),
            proof=None if proof is None else read_receipt(proof),
            pending=_ranges(header.get("pending", ())),
            clock=None if clock is None else _clock(clock),
            holds=text(header.get("holds", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireError(f"the header does not fit: {error}") from error
    if len(lines) > PAGE_ACTIONS_MAX or push.first < 1:
        raise WireError("too many actions in one page, or a number below 1")
    return push


def write_answer(answer: Answer, shown: Shown | None = None) -> bytes:
    """Return the body of an answer, not yet compressed; members that would be empty are left out.

    A receipt for what was `shown`, and for no more, is written short.
    """
    header: dict[str, object] = {
        "format": FORMAT,
        "centre": answer.centre_epoch,
        "now_ms": answer.now_ms,
        "receipt": _short_receipt(answer.receipt, shown),
        "quarantined": [[q.epoch, q.seq, q.code, q.reason] for q in answer.quarantined],
        "news": [
            [n.project, n.pos, n.more, len(n.records), len(n.actions), n.count, str(n.total)]
            for n in answer.news
        ],
        "dropped": list(answer.dropped),
        "decided": [[d.epoch, d.seq, d.verdict, d.note] for d in answer.decided],
    }
    filled = {name: value for name, value in header.items() if value != []}
    if answer.restored:
        filled["restored"] = answer.restored
    return pack(filled, [line for news in answer.news for line in news_lines(news)])


def _short_receipt(receipt: Receipt, shown: Shown | None) -> object:
    about = Shown(receipt.device, receipt.epoch, receipt.seq, receipt.hash)
    if about == shown:
        return [receipt.at, receipt.signature.hex()]
    return receipt_object(receipt)


def news_lines(news: News) -> list[str]:
    """Return the lines of one project's news: its records, then its actions."""
    lines: list[str] = []
    for kind, name, body in news.records:
        quoted = f"{json.dumps(kind)},{json.dumps(name, ensure_ascii=False)}"
        lines.append(f"[{quoted},{'null' if body is None else body}]")
    lines.extend(f"{epoch} {line}" for epoch, line in news.actions)
    return lines


def read_answer(body: bytes, shown: Shown | None = None) -> Answer:
    """Return the answer that a decompressed body holds to what was `shown`; raise WireError."""
    header, lines = unpack(body)
    try:
        return Answer(
            centre_epoch=text(header["centre"]),
            receipt=_receipt_of(header["receipt"], shown),
            quarantined=read_quarantined(header.get("quarantined", ())),
            news=_read_news(header.get("news", ()), lines),
            dropped=[text(project) for project in header.get("dropped", ())],
            decided=tuple(
                Decision(text(epoch), whole(seq), _verdict(verdict), text(note))
                for epoch, seq, verdict, note in header.get("decided", ())
            ),
            now_ms=whole(header["now_ms"]),
            restored=_instant(header["restored"]) if "restored" in header else "",
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireError(f"the header does not fit: {error}") from error


def _instant(value: object) -> str:
    from datetime import datetime

    datetime.fromisoformat(text(value))
    return text(value)


def _receipt_of(value: object, shown: Shown | None) -> Receipt:
    if isinstance(value, dict):
        return read_receipt(value)
    if shown is None or not isinstance(value, list):
        raise TypeError("a receipt is expected")
    at, signature = value
    word = bytes.fromhex(text(signature))
    return Receipt(shown.device, shown.epoch, shown.seq, shown.hash, text(at), word)


def read_quarantined(rows: Iterable[Sequence[object]]) -> list[Quarantined]:
    """Return quarantined actions from their JSON rows; raise ValueError or TypeError."""
    return [
        Quarantined(text(epoch), whole(seq), text(code), text(reason))
        for epoch, seq, code, reason in rows
    ]


def receipt_object(receipt: Receipt) -> dict[str, object]:
    """Return a receipt as its JSON object; `read_receipt` takes it back."""
    return {
        "device": receipt.device,
        "epoch": receipt.epoch,
        "seq": receipt.seq,
        "hash": receipt.hash.hex(),
        "at": receipt.at,
        "signature": receipt.signature.hex(),
    }


def read_receipt(value: Mapping[str, object]) -> Receipt:
    """Return a receipt from its JSON object; raise ValueError, KeyError or TypeError."""
    return Receipt(
        device=text(value["device"]),
        epoch=text(value["epoch"]),
        seq=whole(value["seq"]),
        hash=bytes.fromhex(text(value["hash"])),
        at=text(value["at"]),
        signature=bytes.fromhex(text(value["signature"])),
    )


def _read_news(rows: Sequence[Sequence[object]], lines: Sequence[str]) -> list[News]:
    news, at = [], 0
    for project, pos, more, records, actions, count, total in rows:
        middle = at + whole(records)
        end = middle + whole(actions)
        if end > len(lines):
            raise WireError("fewer lines than the header says")
        news.append(
            News(
                text(project),
                whole(pos),
                more is True,
                whole(count),
                int(text(total)),
                [_read_record(line) for line in lines[at:middle]],
                [_read_action(line) for line in lines[middle:end]],
            )
        )
        at = end
    if at != len(lines):
        raise WireError("more lines than the header says")
    return news


def _read_record(line: str) -> tuple[str, str, str | None]:
    """Split `["kind","id",body]` without touching the body's own text."""
    try:
        kind, name, body = json.loads(line)
    except RecursionError as error:
        raise WireError("a record is nested too deeply") from error
    start = f"[{json.dumps(kind)},{json.dumps(name, ensure_ascii=False)},"
    if not line.startswith(start) or not line.endswith("]"):
        raise WireError("a record's line has blanks or escapes where it may have none")
    if body is not None and not isinstance(body, dict):
        raise WireError("a record's body is an object or null")
    return text(kind), text(name), None if body is None else line[len(start) : -1]


def _read_action(line: str) -> tuple[str, str]:
    epoch, space, rest = line.partition(" ")
    if not space:
        raise WireError("an action without its epoch")
    return epoch, rest


def _numbers(value: Mapping[str, object]) -> dict[str, int]:
    return {text(name): whole(number) for name, number in value.items()}


def _action_name(value: Sequence[object]) -> tuple[str, int]:
    epoch, seq = value
    return text(epoch), whole(seq)


def _ranges(value: Sequence[Sequence[object]]) -> tuple[tuple[str, int, int], ...]:
    if len(value) > RANGES_MAX:
        raise ValueError("too many ranges")
    return tuple((text(epoch), whole(low), whole(high)) for epoch, low, high in value)


def _clock(value: Sequence[object]) -> Clock:
    boot, mono_ms, *anchor = value
    if not anchor:
        return Clock(text(boot), whole(mono_ms))
    sent_ms, received_ms, centre_ms = map(whole, anchor)
    return Clock(text(boot), whole(mono_ms), (sent_ms, received_ms, centre_ms))


def _verdict(value: object) -> str:
    if value not in VERDICTS:
        raise ValueError("a verdict is released or rejected")
    return str(value)
