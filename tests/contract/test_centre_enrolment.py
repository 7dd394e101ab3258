"""Enrolment over HTTP: a code becomes a phone once, and a lost answer is given again."""

from collections.abc import Mapping

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from radar_core.tags import make_code
from radar_server.admin import revoke_device
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.devices import read_device
from radar_server.enrolment import offer_code
from radar_server.tables import DeviceRow
from radar_server.tries import TRIES_MAX
from sync.chain import digest
from sync.enrolling import PROOF_HEADER, CodeKey, enrolled_message, is_proven, stretch
from sync.keys import KeyPair, is_signed, name_of
from sync.protocol import AUTHORITY_PATH
from sync.signing import SIGNATURE_HEADER, answer_message
from tests.contract.centre_parts import (
    CENTRE_EPOCH,
    HOUR_MS,
    START_MS,
    Clock,
    import_records,
    site_book,
)
from tests.enrolling import applicant, application

KEYS = KeyPair(digest(b"a new phone"))
OTHERS = KeyPair(digest(b"another phone"))
WRONG = make_code(b"nobody ever made this")


@pytest.fixture
def code(centre: Centre) -> str:
    """Give a code for G1 that is good for an hour."""
    made = make_code(b"\x01\x02\x03\x04\x05\x06\x07\x08")
    with writing(centre.engine) as connection:
        offer_code(connection, stretch(made), "G1", START_MS + HOUR_MS)
    return made


def ask(
    client: httpx.Client,
    code: str,
    keys: KeyPair = KEYS,
    changes: Mapping[str, object] | None = None,
) -> httpx.Response:
    form = application(code, keys, "Ana's phone")
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
        "projects": [],
        "centre": {
            "epoch": CENTRE_EPOCH,
            "key": centre.keys.public.hex(),
            "name": "Test centre",
        },
        "authority": "",
    }
    with reading(centre.engine) as connection:
        found = read_device(connection, device)
    assert found is not None
    assert (found.staff, found.name, found.revoked) == ("G1", "Ana's phone", False)


def test_the_answer_proves_that_its_centre_knows_the_code(client: httpx.Client, code: str) -> None:
    response, key = ask(client, code), stretch(code)
    proof = bytes.fromhex(response.headers[PROOF_HEADER])
    message = enrolled_message(key.id, KEYS.public, response.content)
    assert is_proven(key.secret, proof, message)
    assert not is_proven(stretch(make_code(b"another")).secret, proof, message)
    for other in (
        enrolled_message(key.id, OTHERS.public, response.content),
        enrolled_message(key.id, KEYS.public, response.content.replace(b"G1", b"G2")),
    ):
        assert not is_proven(key.secret, proof, other)


@pytest.mark.parametrize("taken", ["code_id", "proof"])
def test_who_saw_an_application_cannot_enrol_a_key_of_their_own_with_it(
    client: httpx.Client, code: str, taken: str
) -> None:
    """Of what crosses the wire nothing serves another key."""
    seen = application(code, KEYS)
    key = CodeKey(stretch(code).id, bytes(32))
    theirs = applicant(key, OTHERS)
    form = {
        "format": 1,
        "code_id": seen["code_id"],
        "public_key": OTHERS.public.hex(),
        "name": "a phone",
        "proof": seen["proof"] if taken == "proof" else theirs.proof.hex(),
        "signature": theirs.signature.hex(),
    }
    response = client.post("/v1/enrol", json=form)
    assert (response.status_code, response.json()["code"]) == (403, "code_wrong")
    assert ask(client, code).is_success


def test_a_code_for_a_shared_phone_names_its_projects_and_nobody(
    centre: Centre, client: httpx.Client
) -> None:
    shared = make_code(b"a shared code")
    with writing(centre.engine) as connection:
        offer_code(connection, stretch(shared), "", START_MS + HOUR_MS, ["HV", "PK"])
    told = ask(client, shared).json()
    assert (told["staff"], told["name"], told["projects"]) == ("", "", ["HV", "PK"])
    wanted = select(col(DeviceRow.staff), col(DeviceRow.projects))
    with reading(centre.engine) as connection:
        assert connection.execute(wanted).one() == ("", '["HV", "PK"]')


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
        offer_code(connection, stretch(fresh), "G2", START_MS + HOUR_MS)
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


def test_a_wrong_code_is_refused(client: httpx.Client) -> None:
    response = ask(client, WRONG)
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
        {"code_id": "0" * 63},
        {"code_id": None},
        {"proof": "0" * 65},
        {"proof": "zz" * 32},
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
        assert ask(client, WRONG).status_code == 403
    response = ask(client, code)
    assert (response.status_code, response.json()["code"]) == (429, "too_many_tries")
    clock.pass_ms(60_000)
    assert ask(client, code).is_success


def test_which_authority_vouches_for_the_centre_is_told_to_anybody(
    centre: Centre, client: httpx.Client
) -> None:
    response = client.get(AUTHORITY_PATH)
    assert (response.status_code, response.content) == (204, b"")
    asked = KEYS.sign(b"any question")
    response = client.get(AUTHORITY_PATH, headers={SIGNATURE_HEADER: asked.hex()})
    word = bytes.fromhex(response.headers[SIGNATURE_HEADER])
    assert is_signed(centre.keys.public, word, answer_message(asked, 204, b""))
