"""The wire: one request carries new actions up, its answer carries receipt and news down. Pure.

Both are NDJSON: one header line, then lines exactly as they were recorded; `docs/protocol.md`
has the shapes. Nothing is used before length, count, checksum and version are checked.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.chain import HASH_BYTES, digest

FORMAT = 1
CONTENT_TYPE = "application/vnd.radar.sync+ndjson"
SYNC_PATH = "/v1/sync"
ENROL_PATH = "/v1/enrol"
BOARD_PATH = "/v1/board"
CENTRE_PATH = "/v1/health"
BODY_BYTES_MAX = 16 * 1024 * 1024
"""The largest body, on the wire and decompressed, in bytes."""
PAGE_ACTIONS_MAX = 5000
PAGE_BYTES_MAX = 4 * 1024 * 1024
HEADER_BYTES_MAX = 256 * 1024
SEAL_BYTES = len(b',"checksum":""}') + 2 * HASH_BYTES


class WireError(ValueError):
    """Bytes that are not a message of this protocol; the text says what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Push:
    """What goes up: `lines` are the actions `first`, `first + 1`, … of `epoch`.

    `previous` is the chain's hash before `first`, `head_signature` the device's word on the hash
    after the last line; `cursors` say how far the phone has read each project at `centre_epoch`.
    """

    device: str
    epoch: str
    first: int
    previous: bytes
    lines: Sequence[str]
    head_signature: bytes
    centre_epoch: str
    cursors: Mapping[str, int]


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
class Quarantined:
    """An action that the centre keeps whole but could not accept, and why."""

    epoch: str
    seq: int
    code: str
    reason: str


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
    """What comes down."""

    centre_epoch: str
    receipt: Receipt
    quarantined: Sequence[Quarantined] = ()
    news: Sequence[News] = ()
    dropped: Sequence[str] = ()


def write_push(push: Push) -> bytes:
    """Return the body of a request, not yet compressed."""
    return _pack(
        {
            "format": FORMAT,
            "device": push.device,
            "epoch": push.epoch,
            "from": push.first,
            "prev": push.previous.hex(),
            "head_signature": push.head_signature.hex(),
            "centre": push.centre_epoch,
            "cursors": dict(push.cursors),
        },
        push.lines,
    )


def read_push(body: bytes) -> Push:
    """Return the request that a decompressed body holds; raise WireError."""
    header, lines = _unpack(body)
    try:
        cursors = header["cursors"]
        push = Push(
            device=_text(header["device"]),
            epoch=_text(header["epoch"]),
            first=_whole(header["from"]),
            previous=bytes.fromhex(_text(header["prev"])),
            lines=lines,
            head_signature=bytes.fromhex(_text(header["head_signature"])),
            centre_epoch=_text(header["centre"]),
            cursors={_text(name): _whole(pos) for name, pos in cursors.items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireError(f"the header does not fit: {error}") from error
    if len(lines) > PAGE_ACTIONS_MAX or push.first < 1:
        raise WireError("too many actions in one page, or a number below 1")
    return push


def write_answer(answer: Answer) -> bytes:
    """Return the body of an answer, not yet compressed."""
    lines: list[str] = []
    for news in answer.news:
        for kind, name, body in news.records:
            quoted = f"{json.dumps(kind)},{json.dumps(name, ensure_ascii=False)}"
            lines.append(f"[{quoted},{'null' if body is None else body}]")
        lines.extend(f"{epoch} {line}" for epoch, line in news.actions)
    return _pack(
        {
            "format": FORMAT,
            "centre": answer.centre_epoch,
            "receipt": receipt_object(answer.receipt),
            "quarantined": [[q.epoch, q.seq, q.code, q.reason] for q in answer.quarantined],
            "news": [
                [n.project, n.pos, n.more, len(n.records), len(n.actions), n.count, str(n.total)]
                for n in answer.news
            ],
            "dropped": list(answer.dropped),
        },
        lines,
    )


def read_answer(body: bytes) -> Answer:
    """Return the answer that a decompressed body holds; raise WireError."""
    header, lines = _unpack(body)
    try:
        return Answer(
            centre_epoch=_text(header["centre"]),
            receipt=read_receipt(header["receipt"]),
            quarantined=[
                Quarantined(_text(epoch), _whole(seq), _text(code), _text(reason))
                for epoch, seq, code, reason in header["quarantined"]
            ],
            news=_read_news(header["news"], lines),
            dropped=[_text(project) for project in header["dropped"]],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireError(f"the header does not fit: {error}") from error


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
        device=_text(value["device"]),
        epoch=_text(value["epoch"]),
        seq=_whole(value["seq"]),
        hash=bytes.fromhex(_text(value["hash"])),
        at=_text(value["at"]),
        signature=bytes.fromhex(_text(value["signature"])),
    )


def _read_news(rows: Sequence[Sequence[object]], lines: Sequence[str]) -> list[News]:
    news, at = [], 0
    for project, pos, more, records, actions, count, total in rows:
        middle = at + _whole(records)
        end = middle + _whole(actions)
        if end > len(lines):
            raise WireError("fewer lines than the header says")
        news.append(
            News(
                _text(project),
                _whole(pos),
                more is True,
                _whole(count),
                int(_text(total)),
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
    return _text(kind), _text(name), None if body is None else line[len(start) : -1]


def _read_action(line: str) -> tuple[str, str]:
    epoch, space, text = line.partition(" ")
    if not space:
        raise WireError("an action without its epoch")
    return epoch, text


def _pack(header: dict[str, object], lines: Sequence[str]) -> bytes:
    rest = "\n".join(lines).encode()
    header["count"] = len(lines)
    head = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return _seal(head, rest) + b"\n" + rest


def _seal(head: bytes, rest: bytes) -> bytes:
    """Add the checksum of all the body as the header's last member."""
    return b'%b,"checksum":"%b"}' % (head[:-1], digest(head + b"\n" + rest).hex().encode())


def _unpack(body: bytes) -> tuple[dict[str, Any], list[str]]:
    head, newline, rest = body.partition(b"\n")
    if not newline or len(head) > HEADER_BYTES_MAX:
        raise WireError("there is no header line")
    try:
        header = json.loads(head)
        text = rest.decode()
    except (ValueError, RecursionError) as error:
        raise WireError("the body is not JSON text in UTF-8") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise WireError(f"this is not format {FORMAT} of the protocol")
    if head != _seal(head[:-SEAL_BYTES] + b"}", rest):
        raise WireError("the checksum does not fit: the body was cut or changed on its way")
    lines = text.split("\n") if header.get("count") else []
    if header.get("count") != len(lines) or (rest and not lines):
        raise WireError("the count of lines does not fit")
    return header, lines


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    return value


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise TypeError("a whole number is expected")
    return value
