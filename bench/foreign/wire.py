"""The wire: what a phone may send to a centre, and what may answer a phone."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import zstandard
from pydantic import ValidationError

from bench.foreign.decoder import Decoder
from radar_core.actions import Action, read_line, touches, wall_ms
from radar_core.failures import Failure
from radar_server.bodies import decompress
from radar_server.devices import Device
from radar_server.envelope import Sender, judge
from radar_server.forms import EnrolRequest
from radar_server.prepared import prepare
from radar_server.problems import Problem
from radar_server.streams import page_of
from sync import listening, transport
from sync.chain import CHECKSUM_BYTES, checksum
from sync.framing import WireError
from sync.keys import KeyPair
from sync.lines import read_action
from sync.protocol import Shown, read_answer, read_push
from sync.signing import answer_message

VECTORS = Path(__file__).parents[2] / "tests" / "vectors"
ENCODINGS = ("", "zstd", "gzip", "br")
SIZE_MAX = 1024 * 1024
KEYS = KeyPair(bytes(range(32)))
DEVICE = Device("DK9J1T5NWH453", "G1", KEYS.public, "a phone", 0, revoked=False, last_sync_ms=None)
SHOWN = Shown(DEVICE.id, "EVECTOR000002", 6, bytes(32))
ASKED = bytes(64)


def sealed(data: bytes) -> bytes:
    """Return a message with the checksum that it ought to have, so that the rest is looked at."""
    head, _, rest = data.partition(b"\n")
    told = checksum(head + b"\n" + rest).hex().encode()
    return b'%b,"checksum":"%b"}\n%b' % (head[:-1], told, rest)


def bare(message: str) -> bytes:
    """Return a message without its checksum: `sealed` takes it back."""
    head, _, rest = message.encode().partition(b"\n")
    return head[: -len(b',"checksum":""}') - 2 * CHECKSUM_BYTES] + b"}\n" + rest


def _bodies(name: str) -> list[str]:
    found = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return [one["body"] for one in found]


def _unpacked(data: bytes) -> bool:
    """Unpack and read a request's body, the first byte naming its encoding."""
    try:
        plain = decompress(data[1:], ENCODINGS[data[0] % len(ENCODINGS)] if data else "", SIZE_MAX)
        read_push(plain)
    except (Problem, WireError):
        return False
    return True


def _push(data: bytes) -> bool:
    """Read, chain, judge and prepare a request; what is taken, every phone must be able to read."""
    try:
        pushed = prepare(DEVICE, page_of(read_push(sealed(data))))
    except WireError:
        return False
    for one in pushed.ready:
        _read_by_phones(one.action, one.line)
    return True


def _line(data: bytes) -> bool:
    line = data.decode(errors="replace")
    action = judge("E", 1, line, Sender(DEVICE.staff, revoked=False))
    if isinstance(action, Action):
        _read_by_phones(action, line)
        return True
    return False


def _read_by_phones(action: Action, line: str) -> None:
    again, other = read_line(action.epoch, line), read_action(action.epoch, line)
    told = [(one.id, one.order, one.at_s, touches(one)) for one in (action, again, other)]
    assert told[0] == told[1] == told[2], "what the centre takes, a phone reads alike"
    wall_ms(action.wall)


def _answer(data: bytes) -> bool:
    try:
        read_answer(sealed(data), SHOWN)
    except WireError:
        return False
    return True


def _reply(data: bytes) -> bool:
    try:
        transport.decompress(data[1:], ENCODINGS[data[0] % len(ENCODINGS)] if data else "")
    except Failure:
        return False
    return True


def _events(data: bytes) -> bool:
    """Hear a stream of events: its beginning is signed, what follows is not."""
    text, _, rest = data.partition(b"\n")
    word = KEYS.sign(answer_message(ASKED, listening.OK, text)).hex().encode()
    hello = b"event: hello\ndata: %b %b\n\n" % (word, text)
    try:
        events = listening.read_events([hello, rest[:9], rest[9:]])
        heard = listening.begin(events, ASKED, KEYS.public)
        for _, told in events:
            heard = listening.moved(heard, told)
        heard.is_news("C", {"HV": 1})
    except Failure:
        return False
    return True


def _enrol(data: bytes) -> bool:
    try:
        EnrolRequest.model_validate_json(data)
    except ValidationError:
        return False
    return True


def _packed(bodies: Sequence[str]) -> list[bytes]:
    plain = [body.encode() for body in bodies]
    squeezed = [b"\1" + zstandard.ZstdCompressor().compress(body) for body in plain]
    return [
        *(b"\0" + body for body in plain),
        *squeezed,
        *(b"\2" + gzip.compress(b, mtime=0) for b in plain),
    ]


_PUSHES, _ANSWERS = _bodies("pushes.json"), _bodies("answers.json")
_LINES = [line.encode() for body in _PUSHES for line in body.split("\n")[1:] if line]
_EVENT = b'{"centre":"C","projects":{"HV":1}}\nevent: moved\ndata: {"project":"HV","pos":2}\n\n'
_ENROL = {
    "format": 1,
    "code_id": bytes(32).hex(),
    "public_key": KEYS.public.hex(),
    "name": "radar",
    "proof": bytes(32).hex(),
    "signature": bytes(64).hex(),
}
DECODERS = (
    Decoder("request, packed", _unpacked, _packed(_PUSHES)),
    Decoder("request", _push, [bare(body) for body in _PUSHES]),
    Decoder("line", _line, _LINES[:1]),
    Decoder("answer", _answer, [bare(body) for body in _ANSWERS]),
    Decoder("answer, packed", _reply, _packed(_ANSWERS)),
    Decoder("events", _events, [_EVENT]),
    Decoder("enrolment", _enrol, [json.dumps(_ENROL).encode()]),
)
