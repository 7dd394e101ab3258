"""Too much of everything: bodies that unpack without end, that never end, that nest without end."""

import json
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import httpx
import pytest

from sync.framing import HEADER_BYTES_MAX, pack
from sync.keys import KeyPair
from sync.protocol import BODY_BYTES_MAX, CONTENT_TYPE, RANGES_MAX, SYNC_PATH, write_push
from tests.contract.centre_parts import Device
from tests.e2e.attackers import (
    PATIENCE_S,
    Attack,
    WatchedCentre,
    attacking,
    heard,
    stolen,
    watched,
)
from tests.e2e.bombs import BOMBS, MIB
from tests.e2e.world import Prepared, reading

CENTRE_KIB_MAX = 400 * 1024
"""What the centre may hold at most, ever, in all of these tests."""
DEEP = 100_000


@pytest.fixture(scope="module")
def centre(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedCentre]:
    """Give a running centre whose log can be read; it must never have held too much."""
    folder = tmp_path_factory.mktemp("bombed") / "centre"
    made = watched(prepared.folder / "centre", folder, prepared.port)
    made.start()
    yield made
    most_kib = made.memory_kib("VmHWM")
    made.stop()
    assert most_kib < CENTRE_KIB_MAX
    assert "Traceback" not in made.log


@pytest.fixture
def attack(centre: WatchedCentre) -> Iterator[Attack]:
    """Give an attack from an address of its own."""
    with attacking(centre) as made:
        yield made


@pytest.fixture
def device(prepared: Prepared) -> Device:
    """Give the key of a guard's phone."""
    return stolen(prepared.folder / "HV-G01")


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_has_gone_off(
    attack: Attack, device: Device, name: str
) -> None:
    encoding, body, status, code = BOMBS[name]
    response = device.post_body(attack.client, body, {"Content-Encoding": encoding})
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert attack.told(code, device.id)


def sealed_push(
    device: Device, header: Mapping[str, object], lines: list[str] | None = None
) -> bytes:
    """Return a well sealed push with any header."""
    first = json.loads(write_push(device.push()).partition(b"\n")[0])
    del first["checksum"], first["count"]
    return pack({**first, **header}, device.lines if lines is None else lines)


def nested(opening: str, closing: str) -> bytes:
    """Return a header that is nested deeply."""
    head = f'{{"format":1,"x":{opening * DEEP}1{closing * DEEP}}}'.encode()
    return head[:HEADER_BYTES_MAX] + b"\n"


def too_much(device: Device) -> dict[str, bytes]:
    """Return bodies of which something is too large, by name."""
    return {
        "a header line": sealed_push(device, {"x": "y" * HEADER_BYTES_MAX}),
        "cursors of 100,000 projects": sealed_push(
            device, {"cursors": {f"P{number}": number for number in range(100_000)}}
        ),
        "other epochs": sealed_push(
            device, {"closed": {f"E{number}": number for number in range(100_000)}}
        ),
        "ranges": sealed_push(device, {"pending": [["E1", 1, 2]] * (RANGES_MAX + 1)}),
        "6,000 lines": sealed_push(device, {}, ["{}"] * 6_000),
        "a million lines": sealed_push(device, {}, [""] * 1_000_000),
        "numbers": sealed_push(device, {"from": 10**4_000}),
        "a number of more digits than there are": sealed_push(device, {}).replace(
            b'"from":1', b'"from":1' + b"0" * 100_000
        ),
        "lists in lists": nested("[", "]"),
        "objects in objects": nested('{"a":', "}"),
        "an epoch's name": sealed_push(device, {"epoch": "E" * 10_000}),
        "a proof": sealed_push(device, {"proof": {"device": "x" * 100_000}}),
        "nothing": b"",
        "nulls": bytes(MIB),
    }


@pytest.mark.parametrize("name", too_much(Device("D", "G", KeyPair(bytes(32)), "E")))
def test_whatever_is_too_large_is_refused(attack: Attack, device: Device, name: str) -> None:
    response = device.post_body(attack.client, too_much(device)[name])
    assert (response.status_code, response.json()["code"]) == (400, "bad_body")
    assert len(response.content) < 2_000
    assert attack.told("bad_body", device.id)


def test_lines_that_nobody_can_read_are_kept_apart(attack: Attack, device: Device) -> None:
    body = {"text": "x" * MIB}
    device.act(body=body)
    device.lines += ["[" * DEEP, '{"a":' * DEEP, f'{{"seq":{"9" * 5_000}}}']
    deep: object = 1
    for _ in range(90):
        deep = [deep]
    device.act(body={"text": deep})
    told = device.sync(attack.client)
    codes = {4: "too_long", 5: "too_long", 6: "too_long", 7: "not_an_action", 8: "not_an_action"}
    assert {one.seq: one.code for one in told.quarantined} == codes
    with reading(attack.centre.home / "centre.db") as database:
        found = database.execute("SELECT seq FROM action WHERE epoch = ?", (device.epoch,))
        assert [seq for (seq,) in found] == [1, 2, 3]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (b"[" * 10_000, 400),
        (b'{"format":' + b'{"a":' * 3_000, 400),
        (b'{"format":1,"name":"' + b"x" * 10_000 + b'"}', 400),
        (b'{"format":1' + b"0" * 10_000 + b"}", 400),
        (b"x" * 20_000, 413),
        (b"x" * MIB, 413),
    ],
)
def test_a_form_of_enrolment_that_is_too_large_is_refused(
    attack: Attack, form: bytes, status: int
) -> None:
    response = attack.client.post(
        "/v1/enrol", content=form, headers={"Content-Type": "application/json"}
    )
    code = {400: "bad_body", 413: "too_large"}[status]
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert len(response.content) < 2_000
    assert attack.told(code)


def head_of(device: Device, size: int) -> bytes:
    """Return the head of a signed request of which so many bytes are to come."""
    _, signed = device.asker().sign("POST", SYNC_PATH, secrets.token_bytes(8))
    lines = [f"POST {SYNC_PATH} HTTP/1.1", "Host: c", f"Content-Length: {size}"]
    fields = [f"{key}: {value}" for key, value in signed.items()]
    return "\r\n".join([*lines, *fields, f"Content-Type: {CONTENT_TYPE}", "", ""]).encode()


@pytest.mark.parametrize("pause_s", [0.0, 6.5])
def test_a_body_that_is_too_large_is_told_so_however_slowly_it_comes(
    attack: Attack, device: Device, pause_s: float
) -> None:
    """The pause is longer than a connection is kept open between requests."""
    rest, size = MIB + 1, BODY_BYTES_MAX + 2 * MIB
    address = "127.0.0.1", attack.centre.port
    with socket.create_connection(address, PATIENCE_S, (attack.source, 0)) as way:
        way.sendall(head_of(device, size) + bytes(size - rest))
        assert attack.told("too_large", device.id)
        time.sleep(pause_s)
        way.sendall(bytes(rest))
        told = heard(way)
    assert told.startswith(b"HTTP/1.1 413 "), told
    assert b'"code": "too_large"' in told


def test_large_bodies_that_do_not_end_keep_only_their_own_address_out(
    attack: Attack, device: Device
) -> None:
    part, large = bytes(BODY_BYTES_MAX - 1), bytes(MIB)
    address = "127.0.0.1", attack.centre.port
    with ExitStack() as stack:
        ways: list[socket.socket] = []
        for _ in range(9):
            way = socket.create_connection(address, PATIENCE_S, (attack.source, 0))
            ways.append(stack.enter_context(way))
            way.sendall(head_of(device, BODY_BYTES_MAX) + part)
        assert attack.told("busy", device.id, "large bodies")
        assert any(heard(way, 0.3).startswith(b"HTTP/1.1 503 ") for way in ways)
        assert code_of(device.post_body(attack.client, large)) == "busy"
        assert device.sync(attack.client).receipt.seq == 3
        with attacking(attack.centre) as other:
            assert code_of(device.post_body(other.client, large)) == "bad_body"
        assert attack.centre.memory_kib() < CENTRE_KIB_MAX
    end_s = time.monotonic() + PATIENCE_S
    while code_of(device.post_body(attack.client, large)) == "busy":
        assert time.monotonic() < end_s
        time.sleep(0.1)


def code_of(response: httpx.Response) -> str:
    """Return the code of a problem."""
    return str(response.json()["code"])
