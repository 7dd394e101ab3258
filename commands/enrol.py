"""`radar enrol URL CODE`: make this phone known to its centre, once, or again after a refusal."""

import json
import os
from pathlib import Path

import httpx

from commands.phone import DATABASE, KEY, Phone, Workplace
from commands.projection import SCHEMA
from commands.sync import sync
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, OFFLINE, USAGE, Failure, N_
from sync.keys import KEY_BYTES, KeyPair, load_key, load_or_make_key, name_of
from sync.outbox import REFUSED
from sync.protocol import ENROL_PATH
from sync.replica import Identity, create_replica, renew_identity
from sync.transport import not_our_centre, open_client, reaching

REFUSALS = {
    "code_wrong": N_("The centre does not know this enrolment code."),
    "code_expired": N_("This enrolment code has expired."),
    "code_used": N_("This enrolment code was used for another phone."),
    "too_many_tries": N_("Too many wrong codes came from here."),
}


def enrol(workplace: Workplace, url: str, code: str) -> Answer:
    """Make a key pair here, exchange the code for an identity, and fetch the site book."""
    database = Path(workplace.path(DATABASE))
    if os.path.lexists(database):
        return _enrol_again(workplace, url, code)
    url = _checked_url(url)
    keys = _make_home(workplace)
    identity = _ask(workplace, url, code, keys)
    epoch = name_of(workplace.randomness(32), "E")
    create_replica(database, identity, epoch, keys.public, more_schema=SCHEMA)
    return _enrolled(workplace, identity)


def _enrol_again(workplace: Workplace, url: str, code: str) -> Answer:
    """Take a phone that its centre refused back into use, with its key and all that it holds.

    A phone that is in use stays its person's: a code for somebody else must not change that.
    """
    phone = Phone(workplace)
    if REFUSED not in phone.meta:
        raise Failure(
            "enrolled_already",
            N_("This phone is enrolled already, in {home}."),
            N_("Another person on this machine? Give them their own folder: RADAR_HOME=FOLDER"),
            home=workplace.home,
        )
    url = _checked_url(url)
    identity = _ask(workplace, url, code, load_key(Path(workplace.path(KEY))))
    if identity.centre_key != phone.meta["centre_key"]:
        raise Failure(
            "other_centre",
            N_("This is another centre than the one that this phone works for."),
            N_("Its unsent work belongs there. For another centre: RADAR_HOME=FOLDER"),
        )
    renew_identity(phone.journal, identity)
    return _enrolled(workplace, identity)


def _enrolled(workplace: Workplace, identity: Identity) -> Answer:
    data = {"device": identity.device, "staff": identity.staff, "centre": identity.url}
    return Answer("enrolled", data | {"sync": _first_sync(workplace)})


def _first_sync(workplace: Workplace) -> dict[str, object] | None:
    """Fetch the site book; a signal that fails just now leaves the phone enrolled all the same."""
    try:
        return sync(Phone(workplace)).data
    except Failure as failure:
        if failure.exit_code != OFFLINE:
            raise
        return None


def _checked_url(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise Failure(
            "bad_url",
            N_("{url} is not the address of a centre."),
            N_("It looks like https://centre.example:8080; ask your supervisor."),
            exit_code=USAGE,
            url=url[:200],
        )
    return str(parsed).rstrip("/")


def _make_home(workplace: Workplace) -> KeyPair:
    """Make the phone's folder and its key, or take up the key of an enrolment that was cut off."""
    try:
        Path(workplace.home).mkdir(mode=0o700, parents=True, exist_ok=True)
        return load_or_make_key(Path(workplace.path(KEY)), workplace.randomness(KEY_BYTES))
    except OSError as error:
        raise Failure(
            "home_not_writable",
            N_("The folder {home} cannot be made or written ({reason})."),
            N_("Choose another with RADAR_HOME, or see: radar doctor"),
            home=workplace.home,
            reason=error.strerror,
        ) from error


def _ask(workplace: Workplace, url: str, code: str, keys: KeyPair) -> Identity:
    public = keys.public.hex()
    proof = keys.sign(f"radar enrol 1\n{code}\n{public}".encode())
    question = {
        "format": 1,
        "code": code,
        "public_key": public,
        "name": "radar",
        "signature": proof.hex(),
    }
    with reaching(url), open_client(url, workplace.timeout_s) as client:
        response = client.post(ENROL_PATH, json=question)
    try:
        told = json.loads(response.content)
        if not response.is_success:
            raise _refused(str(told["code"]))
        centre = told["centre"]
        texts = (told["device"], told["staff"], url, centre["epoch"], centre["key"])
        identity = Identity(*(str(text) for text in texts))
        fits = len(bytes.fromhex(identity.centre_key)) == KEY_BYTES
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise not_our_centre(f"status {response.status_code}") from error
    if not fits:
        raise not_our_centre("its key is none")
    return identity


def _refused(code: str) -> Failure:
    return Failure(
        code,
        REFUSALS.get(code, N_("The centre refused the enrolment ({problem}).")),
        N_("Ask your supervisor for a new code."),
        exit_code=NOT_PERMITTED,
        problem=code,
    )
