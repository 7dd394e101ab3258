"""Bad input over HTTP: each a clear problem, signed, and nothing taken in that was not whole."""

import gzip
import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
import zstandard

from radar_server.bodies import compress, decompress
from radar_server.centre import Centre
from radar_server.database import writing
from radar_server.problems import Problem
from sync.keys import is_signed
from sync.protocol import BODY_BYTES_MAX, SYNC_PATH, read_answer, write_push
from sync.signing import SIGNATURE_HEADER, answer_message
from tests.contract.centre_parts import Device, held, new_device, shown


@pytest.fixture
def device(centre: Centre) -> Device:
    """Give a device with two actions."""
    made = new_device(centre)
    made.act()
    made.act()
    return made


@pytest.fixture
def body(device: Device) -> bytes:
    """Give the body of a push that would be taken in."""
    return write_push(device.push())


def problem_of(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert told["type"] == f"urn:radar:problem:{told['code']}"
    assert told["title"]
    assert told["detail"]
    return response.status_code, told["code"]


def is_by_the_centre(centre: Centre, response: httpx.Response) -> bool:
    raw = b"".join(response.iter_raw()) if not response.is_closed else response.content
    asked = bytes.fromhex(response.request.headers[SIGNATURE_HEADER])
    signature = bytes.fromhex(response.headers.get(SIGNATURE_HEADER, ""))
    message = answer_message(asked, response.status_code, raw)
    return is_signed(centre.keys.public, signature, message)


Encode = Callable[[bytes], bytes]
ENCODINGS: dict[str, Encode] = {
    "identity": lambda body: body,
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_body_may_come_in_each_encoding(
    centre: Centre, client: httpx.Client, device: Device, body: bytes, encoding: str
) -> None:
    response = device.post_body(client, ENCODINGS[encoding](body), {"Content-Encoding": encoding})
    assert response.status_code == 200
    assert is_by_the_centre(centre, response)
    assert len(held(centre)) == 2


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("zstd, gzip", "zstd"),
        ("gzip", "gzip"),
        ("gzip;q=1.0, zstd;q=0", "gzip"),
        ("br", None),
        ("", None),
        ("identity", None),
    ],
)
def test_an_answer_goes_out_in_an_encoding_that_the_phone_takes(
    client: httpx.Client, device: Device, body: bytes, accepts: str, encoding: str | None
) -> None:
    response = device.post_body(client, body, {"Accept-Encoding": accepts})
    assert response.headers.get("content-encoding") == encoding
    assert read_answer(response.content, shown(device.push())).receipt.seq == 2


def test_a_truncated_body_is_refused_at_whatever_byte(
    centre: Centre, client: httpx.Client, device: Device, body: bytes
) -> None:
    for encoding, encode in ENCODINGS.items():
        whole = encode(body)
        for size in {0, 1, 2, 9, len(whole) // 2, len(whole) - 9, len(whole) - 1}:
            response = device.post_body(client, whole[:size], {"Content-Encoding": encoding})
            assert problem_of(response) == (400, "bad_body")
            assert is_by_the_centre(centre, response)
    assert held(centre) == []


def test_a_body_that_was_changed_on_the_way_is_not_the_device_s(
    centre: Centre, client: httpx.Client, device: Device, body: bytes
) -> None:
    signed = device.post_body(client, body).request.headers[SIGNATURE_HEADER]
    response = device.post_body(client, body[:-1] + b"X", {SIGNATURE_HEADER: signed})
    assert problem_of(response) == (401, "bad_signature")
    assert is_by_the_centre(centre, response)


@pytest.mark.parametrize("signature", ["", "zz", "00", "00" * 63, "00" * 64, "0" * 10_000])
def test_a_signature_that_is_none_is_refused(
    centre: Centre, client: httpx.Client, device: Device, body: bytes, signature: str
) -> None:
    response = device.post_body(client, body, {SIGNATURE_HEADER: signature})
    assert problem_of(response) == (401, "bad_signature")
    assert held(centre) == []


@pytest.mark.parametrize("name", ["", "D000000000000", "x" * 5000])
def test_an_unknown_device_is_told_so(
    client: httpx.Client, device: Device, body: bytes, name: str
) -> None:
    response = device.post_body(client, body, {"Radar-Device": name})
    assert problem_of(response) == (401, "unknown_device")


def test_a_device_cannot_push_for_another(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    other = new_device(centre, "G2")
    other.act()
    response = device.post(client, other.push())
    assert problem_of(response) == (400, "bad_body")


@pytest.mark.parametrize("content_type", ["", "application/json", "text/html; charset=utf-8"])
def test_only_our_own_content_type_counts(
    client: httpx.Client, device: Device, body: bytes, content_type: str
) -> None:
    response = device.post_body(client, body, {"Content-Type": content_type})
    assert problem_of(response) == (415, "bad_type")


def test_an_encoding_that_we_do_not_know_is_refused(
    client: httpx.Client, device: Device, body: bytes
) -> None:
    response = device.post_body(client, body, {"Content-Encoding": "br"})
    assert problem_of(response) == (415, "bad_type")


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_is_refused_before_it_is_unpacked(
    client: httpx.Client, device: Device, encoding: str
) -> None:
    bomb = ENCODINGS[encoding](bytes(1 << 27))
    assert len(bomb) < BODY_BYTES_MAX
    tracemalloc.start()
    try:
        response = device.post_body(client, bomb, {"Content-Encoding": encoding})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert problem_of(response) == (413, "too_large")
    assert peak < 5 * BODY_BYTES_MAX


def test_a_frame_that_asks_for_too_large_a_window_is_refused() -> None:
    settings = zstandard.ZstdCompressionParameters(window_log=27, compression_level=3)
    frame = zstandard.ZstdCompressor(compression_params=settings).compressobj()
    wide = frame.compress(b"x" * 1000) + frame.flush()
    with pytest.raises(Problem) as caught:
        decompress(wide, "zstd")
    assert caught.value.code == "bad_body"


def test_a_body_larger_than_any_is_not_read_to_its_end(
    client: httpx.Client, device: Device
) -> None:
    response = device.post_body(client, bytes(BODY_BYTES_MAX + 1))
    assert problem_of(response) == (413, "too_large")


@pytest.mark.parametrize("encoding", ["zstd", "gzip", ""])
def test_what_is_packed_is_unpacked_again(encoding: str) -> None:
    for size in (0, 1, 127, 128, 10_000):
        packed, name = compress(b"a" * size, encoding)
        assert decompress(packed, name) == b"a" * size


@pytest.mark.parametrize(
    "header",
    [
        {"format": "2"},
        {"format": None},
        {"from": 0},
        {"from": -1},
        {"from": 1.0},
        {"from": 1 << 70},
        {"prev": "zz"},
        {"epoch": None},
        {"cursors": []},
        {"cursors": {"HV": "5"}},
        {"cursors": {"HV": -5}},
        {"count": 1},
        {"checksum": "00"},
    ],
)
def test_a_header_that_does_not_fit_is_refused(
    centre: Centre, client: httpx.Client, device: Device, body: bytes, header: dict[str, object]
) -> None:
    head, _, rest = body.partition(b"\n")
    changed = json.dumps(json.loads(head) | header).encode() + b"\n" + rest
    assert problem_of(device.post_body(client, changed)) == (400, "bad_body")
    assert held(centre) == []


def test_odd_names_in_a_header_do_no_harm(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    push = device.push(cursors={"\u0000": 1, "x" * 5000: 2})
    response = device.post(client, push)
    assert response.status_code == 200
    assert list(read_answer(response.content, shown(push)).dropped) == ["\u0000", "x" * 5000]
    assert len(held(centre)) == 2


@pytest.mark.parametrize("epoch", ["", "\u0000", "two words", "E.1", "E" * 41, "水", "E\n"])
def test_an_epoch_has_a_name_that_can_be_written_anywhere(
    centre: Centre, client: httpx.Client, device: Device, epoch: str
) -> None:
    odd = replace(device, epoch=epoch, lines=[])
    odd.act()
    assert problem_of(odd.post(client, odd.push())) == (400, "bad_body")
    assert held(centre) == []


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", (404, "not_found")),
        ("GET", "/v1/nothing", (404, "not_found")),
        ("GET", SYNC_PATH, (405, "not_allowed")),
        ("DELETE", "/v1/health", (405, "not_allowed")),
    ],
)
def test_what_is_not_there_is_a_problem_too(
    client: httpx.Client, method: str, path: str, expected: tuple[int, str]
) -> None:
    assert problem_of(client.request(method, path)) == expected


def test_the_health_of_the_centre_can_be_asked_by_anybody(client: httpx.Client) -> None:
    told = client.get("/v1/health").json()
    assert (told["ok"], told["centre"]) == (True, "C00000000TEST")
    assert told["version"]


def test_a_database_that_is_gone_is_a_problem_and_not_a_fault(
    centre: Centre, client: httpx.Client, device: Device, body: bytes
) -> None:
    with writing(centre.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE device RENAME TO gone")
    response = device.post_body(client, body)
    with writing(centre.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO device")
    assert problem_of(response) == (503, "busy")
    assert is_by_the_centre(centre, response)


def test_the_centre_describes_itself(client: httpx.Client) -> None:
    told = client.get("/openapi.json").json()
    asked = ("sync", "board", "query", "figures", "events", "blobs/{sha256}")
    ours = (*asked, "enrol", "authority", "health")
    assert set(told["paths"]) == {f"/v1/{path}" for path in ours}
