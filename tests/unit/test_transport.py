"""HTTP to the centre: what counts as its answer, and what a network may bring instead."""

import gzip
import json
from collections.abc import Callable

import httpx
import pytest
import zstandard

from radar_core.failures import OFFLINE, Failure
from sync.asking import Asker, CentreClock
from sync.exchange import Reply
from sync.keys import KeyPair, is_signed
from sync.protocol import BODY_BYTES_MAX, CONTENT_TYPE, SYNC_PATH
from sync.signing import DEVICE_HEADER, SIGNATURE_HEADER, answer_message, request_message
from sync.transport import Connection, decompress

DEVICE, CENTRE, STRANGER = (KeyPair(bytes([n]) * 32) for n in (1, 2, 3))
Handler = Callable[[httpx.Request], httpx.Response]
CLOCK = CentreClock(lambda: 1_772_409_600_000, bytes)
TIME = "1772409600000.0000000000000000"
LONG = b"hello " * 100


def unsigned(status: int, body: bytes = b"", **headers: str) -> httpx.Response:
    """Answer as anybody may."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, stream=httpx.ByteStream(body), headers=named)


def signed(
    request: httpx.Request,
    body: bytes,
    *,
    status: int = 200,
    keys: KeyPair = CENTRE,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Answer as a centre does: signed for this very request."""
    asked = bytes.fromhex(request.headers[SIGNATURE_HEADER])
    word = keys.sign(answer_message(asked, status, body)).hex()
    return unsigned(status, body, **(headers or {}), Radar_Signature=word)


def exchange(handler: Handler, body: bytes = LONG) -> Reply:
    """Send a sync page over a transport that a test answers."""
    with httpx.Client(base_url="http://centre", transport=httpx.MockTransport(handler)) as client:
        return Connection(client, Asker("D1", DEVICE, CLOCK), CENTRE.public).post(body)


def failing(handler: Handler) -> Failure:
    with pytest.raises(Failure) as told:
        exchange(handler)
    assert told.value.exit_code == OFFLINE
    assert "your work is saved here" in str(told.value)
    return told.value


@pytest.mark.parametrize("encoding", ["", "zstd", "gzip"])
def test_a_signed_answer_is_what_the_centre_wrote_whatever_its_encoding(encoding: str) -> None:
    raw = {
        "": LONG,
        "zstd": zstandard.compress(LONG),
        "gzip": gzip.compress(LONG),
    }[encoding]
    headers = {"Content_Encoding": encoding} if encoding else {}
    reply = exchange(lambda request: signed(request, raw, headers=headers))
    assert (reply.status, reply.body, reply.problem) == (200, LONG, "")
    assert reply.bytes_down == len(raw)


@pytest.mark.parametrize(("body", "encoding"), [(LONG, "zstd"), (b"short", None)])
def test_a_request_is_signed_as_it_is_sent_and_compressed_where_that_pays(
    body: bytes, encoding: str | None
) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return signed(request, b"")

    reply = exchange(handler, body)
    (request,) = seen
    assert (request.method, request.url.path) == ("POST", SYNC_PATH)
    assert request.headers["Content-Type"] == CONTENT_TYPE
    assert request.headers[DEVICE_HEADER] == "D1"
    assert request.headers.get("Content-Encoding") == encoding
    sent = request.content
    word = bytes.fromhex(request.headers[SIGNATURE_HEADER])
    assert is_signed(DEVICE.public, word, request_message("POST", SYNC_PATH, TIME, sent))
    assert (zstandard.decompress(sent) if encoding else sent) == body
    assert reply.bytes_up == len(sent)


@pytest.mark.parametrize(
    "handler",
    [
        lambda _: unsigned(200, b"<html>Sign in to Hotel WiFi</html>", Content_Type="text/html"),
        lambda _: unsigned(200, b"", Radar_Signature="00" * 64),
        lambda _: unsigned(200, b"", Radar_Signature="no hex"),
        lambda _: unsigned(302, b"", Location="http://login"),
        lambda _: unsigned(502, b"Bad Gateway"),
        lambda _: unsigned(204),
        lambda request: signed(request, LONG, status=500),
        lambda request: signed(request, LONG, keys=STRANGER),
        lambda request: signed(request, LONG, keys=DEVICE),
    ],
)
def test_what_our_centre_did_not_sign_is_not_our_centre(handler: Handler) -> None:
    assert failing(handler).code == "not_our_centre"


def test_an_answer_to_another_request_does_not_count() -> None:
    kept: list[httpx.Response] = []

    def replaying(request: httpx.Request) -> httpx.Response:
        if not kept:
            kept.append(signed(request, LONG))
        return unsigned(200, LONG, Radar_Signature=kept[0].headers[SIGNATURE_HEADER])

    exchange(replaying)
    with pytest.raises(Failure) as told:
        exchange(replaying, b"another question, long after the first one")
    assert told.value.code == "not_our_centre"


def test_an_answer_with_another_status_or_body_does_not_count() -> None:
    def other_status(request: httpx.Request) -> httpx.Response:
        return unsigned(201, LONG, Radar_Signature=signed(request, LONG).headers[SIGNATURE_HEADER])

    def other_body(request: httpx.Request) -> httpx.Response:
        word = signed(request, LONG).headers[SIGNATURE_HEADER]
        return unsigned(200, LONG + b"!", Radar_Signature=word)

    assert failing(other_status).code == failing(other_body).code == "not_our_centre"


def problem(code: object) -> bytes:
    return json.dumps({"title": "No.", "code": code}).encode()


@pytest.mark.parametrize("code", ["revoked", "fork", "gap"])
def test_a_refusal_counts_if_our_centre_signed_it(code: str) -> None:
    kind = {"Content_Type": "application/problem+json; charset=utf-8"}
    reply = exchange(lambda request: signed(request, problem(code), status=409, headers=kind))
    assert (reply.status, reply.problem) == (409, code)
    assert failing(lambda _: unsigned(409, problem(code), **kind)).code == "not_our_centre"


def test_that_a_centre_does_not_know_a_device_is_the_one_thing_it_need_not_sign() -> None:
    kind = {"Content_Type": "application/problem+json"}
    reply = exchange(lambda _: unsigned(401, problem("unknown_device"), **kind))
    assert reply.problem == "unknown_device"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b"null"])
def test_a_refusal_that_cannot_be_read_is_still_a_refusal(body: bytes) -> None:
    kind = {"Content_Type": "application/problem+json"}
    reply = exchange(lambda request: signed(request, body, status=500, headers=kind))
    assert reply.problem == "unreadable problem"


def raising(error: Exception) -> Handler:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    return handler


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("Connection refused"),
        httpx.ConnectTimeout(""),
        httpx.ReadTimeout("timed out"),
        httpx.RemoteProtocolError("half an answer"),
        httpx.DecodingError("?"),
        OSError("no route"),
    ],
)
def test_whatever_the_network_does_is_one_failure_with_its_reason(error: Exception) -> None:
    failure = failing(raising(error))
    assert failure.code == "unreachable"
    assert str(error) in str(failure)
    assert failure.values["reason"]


class Broken(httpx.SyncByteStream):
    """A body that breaks off."""

    def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
        yield b"half"
        raise httpx.ReadError("connection reset")


def test_a_body_that_breaks_off_is_a_failure_of_the_network() -> None:
    failure = failing(lambda _: httpx.Response(200, stream=Broken()))
    assert failure.code == "unreachable"


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
@pytest.mark.parametrize("raw", [b"", b"garbage", b"\x28\xb5\x2f\xfdgarbage", b"\x1f\x8bgarbage"])
def test_a_broken_encoding_is_a_failure_or_too_short_to_be_a_message(
    encoding: str, raw: bytes
) -> None:
    try:
        plain = decompress(raw, encoding)
    except Failure as failure:
        told = failure.code
    else:
        told = "too short" if not plain else "taken"
    assert told in ("not_our_centre", "too short")


def test_an_encoding_that_nobody_asked_for_is_not_our_centre_s() -> None:
    with pytest.raises(Failure) as told:
        decompress(b"plain", "br")
    assert told.value.code == "not_our_centre"
    assert decompress(b"plain", "identity") == b"plain"


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_a_bomb_is_refused_before_it_goes_off(encoding: str) -> None:
    bomb = bytes(BODY_BYTES_MAX * 4)
    raw = zstandard.compress(bomb) if encoding == "zstd" else gzip.compress(bomb, 1)
    with pytest.raises(Failure) as told:
        decompress(raw, encoding)
    assert told.value.code == "not_our_centre"


def test_a_body_without_end_is_cut_where_no_centre_s_goes_on() -> None:
    chunk = bytes(1024 * 1024)
    read = 0

    class Endless(httpx.SyncByteStream):
        def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
            nonlocal read
            while True:
                read += len(chunk)
                yield chunk

    assert failing(lambda _: httpx.Response(200, stream=Endless())).code == "not_our_centre"
    assert read <= BODY_BYTES_MAX + 2 * len(chunk)
