"""Enrolment over HTTP: a code becomes a phone once, and a lost answer is given again."""

from collections.abc import Mapping

import httpx
import pytest

from radar_core.tags import make_code, typable
from radar_server.admin import revoke_device
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.devices import read_device
from radar_server.enrolment import offer_code
from radar_server.tries import TRIES_MAX
from sync.chain import digest
from sync.keys import KeyPair, name_of
from tests.contract.centre_parts import (
    CENTRE_EPOCH,
    HOUR_MS,
    START_MS,
    Clock,
    import_records,
    site_book,
)

KEYS = KeyPair(digest(b"a new phone"))
OTHERS = KeyPair(digest(b"another phone"))


@pytest.fixture
def code(centre: Centre) -> str:
    """Give a code for G1 that is good for an hour."""
    made = make_code(b"\x01\x02\x03\x04\x05\x06\x07\x08")
    with writing(centre.engine) as connection:
        offer_code(connection, made, "G1", START_MS + HOUR_MS)
    return made


def ask(
    client: httpx.Client,
    code: str,
    keys: KeyPair = KEYS,
    changes: Mapping[str, object] | None = None,
) -> httpx.Response:
    public = keys.public.hex()
    form: dict[str, object] = {
        "format": 1,
        "code": code,
        "public_key": public,
        "name": "Ana's phone",
        "signature": keys.sign(f"radar enrol 1\n{code}\n{public}".encode()).hex(),
    }
    return client.post("/v1/enrol", json={**form, **(changes or {})})


def test_a_code_makes_a_phone_known(centre: Centre, client: httpx.Client, code: str) -> None:
    response = ask(client, code)
    assert response.status_code == 200
    device = name_of(KEYS.public, "D")
    assert response.json() == {
        "format": 1,
        "device": device,
        "staff": "G1",
        "name": "Person G1",
        "centre": {
            "epoch": CENTRE_EPOCH,
            "key": centre.keys.public.hex(),
            "name": "Test centre",
        },
    }
    with reading(centre.engine) as connection:
        found = read_device(connection, device)
    assert found is not None
    assert (found.staff, found.name, found.revoked) == ("G1", "Ana's phone", False)


def test_a_code_may_be_typed_as_people_type(client: httpx.Client, code: str) -> None:
    assert ask(client, f" {typable(code).lower().replace('1', 'l').replace('0', 'o')} ").is_success


def test_a_lost_answer_is_given_again_even_after_the_code_has_expired(
    client: httpx.Client, code: str, clock: Clock
) -> None:
    first = ask(client, code)
    clock.pass_ms(2 * HOUR_MS)
    again = ask(client, code)
    assert (again.status_code, again.json()) == (200, first.json())


def test_a_code_serves_one_phone(client: httpx.Client, code: str) -> None:
    ask(client, code)
    response = ask(client, code, OTHERS)
    assert (response.status_code, response.json()["code"]) == (403, "code_used")


def test_a_used_code_does_not_bring_a_revoked_phone_back_and_a_new_one_does(
    centre: Centre, client: httpx.Client, code: str
) -> None:
    device = ask(client, code).json()["device"]
    revoke_device(centre, device)
    assert ask(client, code).is_success
    with reading(centre.engine) as connection:
        found = read_device(connection, device)
    assert found is not None
    assert found.revoked
    fresh = make_code(b"another code")
    with writing(centre.engine) as connection:
        offer_code(connection, fresh, "G2", START_MS + HOUR_MS)
    assert ask(client, fresh).json()["staff"] == "G2"
    with reading(centre.engine) as connection:
        found = read_device(connection, device)
    assert found is not None
    assert (found.revoked, found.staff) == (False, "G2")


def test_a_code_expires(client: httpx.Client, code: str, clock: Clock) -> None:
    clock.pass_ms(HOUR_MS)
    assert ask(client, code).is_success
    clock.pass_ms(1)
    response = ask(client, code, OTHERS)
    assert response.json()["code"] == "code_used"


def test_an_expired_code_says_so(client: httpx.Client, code: str, clock: Clock) -> None:
    clock.pass_ms(HOUR_MS + 1)
    response = ask(client, code)
    assert (response.status_code, response.json()["code"]) == (403, "code_expired")


def test_a_code_of_a_person_who_left_is_no_good(
    centre: Centre, client: httpx.Client, code: str
) -> None:
    import_records(centre, [r for r in site_book() if r.id != "G1"])
    assert ask(client, code).json()["code"] == "code_expired"


@pytest.mark.parametrize("wrong", ["", "0000-0000-000", "hello", "0" * 64, "水" * 11])
def test_a_wrong_code_is_refused(client: httpx.Client, wrong: str) -> None:
    response = ask(client, wrong)
    assert (response.status_code, response.json()["code"]) == (403, "code_wrong")


def test_who_does_not_hold_the_key_is_refused(client: httpx.Client, code: str) -> None:
    response = ask(client, code, changes={"public_key": OTHERS.public.hex()})
    assert (response.status_code, response.json()["code"]) == (401, "bad_signature")
    assert ask(client, code).is_success


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"public_key": "00"},
        {"public_key": 5},
        {"name": "x" * 121},
        {"name": "\u0000"},
        {"code": "0" * 65},
        {"signature": None},
    ],
)
def test_a_form_that_is_none_is_refused_with_what_is_wrong(
    client: httpx.Client, code: str, changes: dict[str, object]
) -> None:
    response = ask(client, code, changes=changes)
    assert (response.status_code, response.json()["code"]) == (400, "bad_body")
    assert next(iter(changes)) in response.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null", b"[" * 10_000])
def test_a_body_that_is_no_form_is_refused(client: httpx.Client, body: bytes) -> None:
    response = client.post("/v1/enrol", content=body)
    assert (response.status_code, response.json()["code"]) == (400, "bad_body")


def test_a_form_that_is_too_large_is_not_read_to_its_end(client: httpx.Client) -> None:
    response = client.post("/v1/enrol", content=b" " * 20_000)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_guessing_is_slow(client: httpx.Client, code: str, clock: Clock) -> None:
    for _ in range(TRIES_MAX):
        assert ask(client, "wrong").status_code == 403
    response = ask(client, code)
    assert (response.status_code, response.json()["code"]) == (429, "too_many_tries")
    clock.pass_ms(60_000)
    assert ask(client, code).is_success
