"""What the running centre's own OpenAPI promises holds, whatever it is sent (schemathesis)."""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from commands.phone import KEY
from sync.chain import links
from sync.keys import KeyPair
from sync.protocol import CONTENT_TYPE, Push, write_push
from sync.signing import head_message
from tests.contract.centre_parts import Device
from tests.e2e.world import Centre

EXAMPLES = 60
ENDLESS = "/v1/events"
"""A stream of events does not end by itself; that it is described is looked at apart."""
Case = schemathesis.Case[Any]
Operation = APIOperation[Any, Any, Any, Any]
BLOBS = ["PUT /v1/blobs/{sha256}", "GET /v1/blobs/{sha256}"]
LED = ["GET /v1/board", "GET /v1/query", "GET /v1/figures"]
OPEN = ["GET /v1/authority", "GET /v1/health"]
"""Questions without anything to get wrong."""
OPERATIONS = ["POST /v1/sync", "POST /v1/enrol", *LED, *BLOBS, *OPEN]
load_all_checks()
schemathesis.serializer.alias(CONTENT_TYPE, "application/octet-stream")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class Signed(AuthBase):
    """Signs each request as it is sent, so that it gets past the signature."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        assert request.method is not None
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        assert isinstance(body, bytes)
        _, signed = self._device.asker().sign(request.method, request.path_url, body)
        request.headers.update(signed)
        return request


def enrolled(centre: Centre, home: Path, staff: str) -> Device:
    told = centre.enrol(home, staff)
    device = Device(told["device"], staff, KeyPair((home / KEY).read_bytes()), secrets.token_hex(8))
    for _ in range(3):
        device.act()
    return device


@pytest.fixture
def schema(running: Centre) -> BaseSchema:
    """Give what the centre says of itself."""
    return schemathesis.openapi.from_url(f"{running.url}/openapi.json")


def operations(schema: BaseSchema) -> dict[str, Operation]:
    """Return the operations by method and path; each must be readable."""
    found = list(schema.get_all_operations())
    assert all(isinstance(result, Ok) for result in found), found
    made = [result.ok() for result in found if isinstance(result, Ok)]
    return {operation.label: operation for operation in made}


def test_the_centre_describes_all_that_it_answers(schema: BaseSchema) -> None:
    described = operations(schema)
    assert sorted(described) == sorted([*OPERATIONS, f"GET {ENDLESS}"])
    for operation in described.values():
        assert "200" in operation.definition.raw["responses"]
        assert "500" in operation.definition.raw["responses"]
        assert "422" not in operation.definition.raw["responses"]


def test_whatever_a_stranger_sends(schema: BaseSchema) -> None:
    for label, operation in operations(schema).items():
        for mode in GenerationMode:
            wrong = label in OPEN and mode is GenerationMode.NEGATIVE
            if label != f"GET {ENDLESS}" and not wrong:
                fuzz(operation.as_strategy(generation_mode=mode))


def fuzz(cases: st.SearchStrategy[Case], device: Device | None = None) -> set[int]:
    """Send what is drawn, signed if there is a device; return the statuses of the answers."""
    statuses = set[int]()

    @fuzzed
    @given(case=cases)
    def send(case: Case) -> None:
        auth = None if device is None else Signed(device)
        statuses.add(case.call_and_validate(checks=CHECKS, auth=auth).status_code)

    send()
    return statuses


def test_whatever_comes_validly_signed(schema: BaseSchema, running: Centre, tmp_path: Path) -> None:
    described = operations(schema)
    for staff in ("HV-G01", "HV-M01"):
        device = enrolled(running, tmp_path / staff, staff)
        for label in ("POST /v1/sync", "GET /v1/board", *BLOBS):
            # It got past the signature.
            assert 401 not in fuzz(described[label].as_strategy(), device)


def test_the_board_that_a_manager_gets(schema: BaseSchema, running: Centre, tmp_path: Path) -> None:
    board = operations(schema)["GET /v1/board"]
    device = enrolled(running, tmp_path / "manager", "HV-M01")
    answer = board.Case().call_and_validate(checks=CHECKS, auth=Signed(device))
    assert answer.status_code == 200


NUMBERS = st.one_of(st.integers(0, 5), st.integers(0, 2**63 - 1))
NAMES = st.one_of(st.just(""), st.text("abcEX_-", min_size=1, max_size=45), st.text(max_size=8))
LINES = st.one_of(
    st.text(max_size=40).filter(lambda text: "\n" not in text and "\r" not in text),
    st.builds('{{"seq":{},"hlc":"{}","kind":"{}","body":{}}}'.format, NUMBERS, NAMES, NAMES,
              st.sampled_from(["{}", "[]", "null", "1e999", "[" * 70 + "]" * 70])),
)  # fmt: skip


@st.composite
def pushes(draw: st.DrawFn, device: Device) -> bytes:
    """Draw a push of this protocol, more or less true."""
    first = draw(st.integers(1, len(device.lines) + 2))
    push: Push = device.push(min(first, len(device.lines)), epoch=draw(st.sampled_from(
        [device.epoch, *[f"{device.epoch}-{n}" for n in range(3)]]
    )))  # fmt: skip
    changes: dict[str, st.SearchStrategy[Any]] = {
        "first": NUMBERS.filter(bool),
        "previous": st.binary(min_size=32, max_size=32),
        "lines": st.lists(LINES, max_size=4),
        "cursors": st.dictionaries(NAMES, NUMBERS, max_size=4),
        "closed": st.dictionaries(NAMES, NUMBERS, max_size=4),
        "centre_epoch": NAMES,
        "pending": st.lists(st.tuples(NAMES, NUMBERS, NUMBERS), max_size=3),
        "parent": st.tuples(NAMES, NUMBERS),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(changes)), max_size=4))
    push = replace(push, **{name: draw(changes[name]) for name in sorted(chosen)})
    if draw(st.integers(0, 4)):
        push = replace(push, head_signature=device.keys.sign(head_of(push)))
    return write_push(push)


def head_of(push: Push) -> bytes:
    """Return the text of the head that a push shows, be it true or not."""
    hashes = [push.previous, *links(push.previous, push.lines)]
    return head_message(push.epoch, push.first + len(push.lines) - 1, hashes[-1])


def test_whatever_push_comes_validly_signed(
    schema: BaseSchema, running: Centre, tmp_path: Path
) -> None:
    device = enrolled(running, tmp_path / "signer", "HV-G01")
    operation = operations(schema)["POST /v1/sync"]
    cases = pushes(device).map(lambda body: operation.Case(body=body, media_type=CONTENT_TYPE))
    assert {200, 400, 409} <= fuzz(cases, device)
