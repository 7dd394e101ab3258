"""Signed requests: who asks, and whether what came is theirs."""

from dataclasses import dataclass, replace

from starlette.requests import Request

from radar_server.bodies import decompress
from radar_server.centre import Centre
from radar_server.database import reading
from radar_server.devices import Device, read_device
from radar_server.problems import Problem
from radar_server.streams import EPOCH, Page, page_of
from sync.framing import FORMAT, WireError, WrongFormat
from sync.keys import is_signed
from sync.protocol import CONTENT_TYPE, Push, read_push
from sync.signing import (
    DEVICE_HEADER,
    SIGNATURE_HEADER,
    TIME_HEADER,
    head_message,
    request_message,
)

SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says beside its body; `target` is its path with the query as sent.

    `question` is what is asked of the centre, by the name of the route's endpoint.
    """

    question: str
    method: str
    target: str
    device: str
    signature: bytes
    time: str
    content_type: str
    encoding: str
    accepts: str


def asked_of(request: Request) -> Asked:
    """Read a request's line and headers."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope.get("query_string", b"")
    headers = request.headers
    return Asked(
        request.scope["endpoint"].__name__,
        request.method,
        (raw + b"?" + query if query else raw).decode("latin-1"),
        headers.get(DEVICE_HEADER, ""),
        _signature(headers.get(SIGNATURE_HEADER, "")),
        headers.get(TIME_HEADER, ""),
        headers.get("content-type", "").partition(";")[0].strip().lower(),
        headers.get("content-encoding", "").strip().lower(),
        headers.get("accept-encoding", ""),
    )


def authenticate(centre: Centre, asked: Asked, body: bytes) -> Device:
    """Return the device that signed a request just now, for once; raise Problem where none did.

    A revoked device is returned too: what it sends is still taken into quarantine (law 11).
    """
    with reading(centre.engine) as connection:
        device = read_device(connection, asked.device)
    if device is None:
        raise Problem("unknown_device")
    message = request_message(asked.method, asked.target, asked.time, body)
    if not is_signed(device.public_key, asked.signature, message):
        raise Problem("bad_signature")
    wrote_ms = centre.replays.take(centre.engine, asked.signature, asked.time, centre.now_ms())
    return replace(device, wrote_ms=wrote_ms)


def read_page(asked: Asked, device: Device, body: bytes) -> Page:
    """Return the page that a signed body holds; raise Problem unless all of it holds together."""
    if asked.content_type != CONTENT_TYPE:
        raise Problem("bad_type", f"Content-Type is {CONTENT_TYPE}.")
    try:
        push = read_push(decompress(body, asked.encoding))
    except WrongFormat as error:
        raise Problem("bad_format", f"{error}.", {"formats": [FORMAT]}) from error
    except WireError as error:
        raise Problem("bad_body", f"{error}.") from error
    if push.device != device.id:
        raise Problem("bad_body", "The header is for another device than signed the request.")
    if not EPOCH.fullmatch(push.epoch):
        raise Problem("bad_body", "An epoch is 1 to 40 of the characters A-Z a-z 0-9 _ -.")
    page = page_of(push)
    _check_head(push, page, device)
    return page


def _check_head(push: Push, page: Page, device: Device) -> None:
    message = head_message(push.epoch, page.last, page.head)
    if not is_signed(device.public_key, push.head_signature, message):
        raise Problem("bad_head")


def _signature(text: str) -> bytes:
    """Return the bytes of a signature, none for what cannot be one."""
    try:
        signature = bytes.fromhex(text)
    except ValueError:
        return b""
    return signature if len(signature) == SIGNATURE_BYTES else b""
