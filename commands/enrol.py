"""`radar enrol URL CODE`: make this phone known to its centre, once, or again after a refusal.

The code stays here: phone and centre prove to each other that they know it. Whoever stands between
them, with whatever certificate, neither learns it nor can be taken for the centre.
"""

import ipaddress
import json
import os
from dataclasses import dataclass
from pathlib import Path

import httpx

from commands.phone import DATABASE, KEY, Phone, Workplace
from commands.projection import SCHEMA
from commands.sync import Tell, hush, sync
from commands.thing import read_source
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, OFFLINE, USAGE, Failure, N_
from radar_core.tags import parse_code
from scanners.sources import kind_of_source
from sync.enrolling import (
    PROOF_HEADER,
    application_message,
    enrolled_message,
    is_proven,
    prove,
    read_invitation,
    stretch,
)
from sync.keys import KEY_BYTES, KeyPair, load_or_make_key, name_of
from sync.protocol import CENTRE_PATH, ENROL_PATH
from sync.replica import Identity, create_replica, renew_identity
from sync.schema import REFUSED
from sync.transport import not_our_centre, open_client, open_unchecked, reaching, read_raw
from sync.trust import AUTHORITY, keep_authority

REFUSALS = {
    "code_wrong": N_("The centre does not know this enrolment code."),
    "code_expired": N_("This enrolment code has expired."),
    "code_used": N_("This enrolment code was used for another phone."),
    "too_many_tries": N_("Too many wrong codes came from here."),
}


NAME = "radar"
"""What this program calls itself at a centre."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a centre is, and the code that makes a phone known there."""

    url: str
    code: str


def enrol(
    workplace: Workplace,
    where: str,
    code: str | None = None,
    *,
    plain_http: bool = False,
    tell: Tell = hush,
) -> Answer:
    """Make a key pair here, exchange a code for an identity, and fetch the site book.

    Without a code `where` is an invitation that has both: the text of a QR code, or a picture.
    `tell` hears of the first sync what it hears of any: how much was sent and received.
    """
    database = Path(workplace.path(DATABASE))
    if os.path.lexists(database):
        return _enrol_again(workplace, where, code, plain_http=plain_http, tell=tell)
    way = check_way(where, code, plain_http=plain_http)
    keys = _make_home(workplace)
    identity, authority = _ask(workplace, way, keys)
    keep_authority(Path(workplace.path(AUTHORITY)), authority)
    epoch = name_of(workplace.randomness(32), "E")
    create_replica(database, identity, epoch, keys.public, more_schema=SCHEMA)
    return _enrolled(workplace, identity, tell)


def _enrol_again(
    workplace: Workplace, where: str, code: str | None, *, plain_http: bool, tell: Tell
) -> Answer:
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
    way = check_way(where, code, plain_http=plain_http)
    identity, authority = _ask(workplace, way, phone.keys())
    if identity.centre_key != phone.meta["centre_key"]:
        raise Failure(
            "other_centre",
            N_("This is another centre than the one that this phone works for."),
            N_("Its unsent work belongs there. For another centre: RADAR_HOME=FOLDER"),
        )
    keep_authority(Path(workplace.path(AUTHORITY)), authority)
    renew_identity(phone.journal, identity)
    return _enrolled(workplace, identity, tell)


def _enrolled(workplace: Workplace, identity: Identity, tell: Tell) -> Answer:
    data = {"device": identity.device, "staff": identity.staff, "centre": identity.url}
    return Answer("enrolled", data | {"sync": _first_sync(workplace, tell)})


def _first_sync(workplace: Workplace, tell: Tell) -> dict[str, object] | None:
    """Fetch the site book; a signal that fails just now leaves the phone enrolled all the same."""
    try:
        return sync(Phone(workplace), tell).data
    except Failure as failure:
        if failure.exit_code != OFFLINE:
            raise
        return None


def check_way(where: str, code: str | None, *, plain_http: bool = False) -> Way:
    """Return what was typed or shown; raise Failure for what leads nowhere."""
    url, shown = _invited(where) if code is None else (where, code)
    url, parsed = check_url(url, plain_http=plain_http), parse_code(shown)
    if parsed is None:
        raise Failure(
            "bad_code",
            N_("That is no enrolment code: a character is wrong, or missing."),
            N_("It looks like XXXX-XXXX-XXX. Type it again, or let its QR code be read."),
            exit_code=USAGE,
        )
    return Way(url, parsed)


def _invited(word: str) -> tuple[str, str]:
    picture = kind_of_source(word) == "picture"
    invitation = read_invitation(read_source(word) if picture else word)
    if invitation is None:
        raise Failure(
            "no_invitation",
            N_("This does not say where the centre is, and with which code."),
            N_("Give the picture of your supervisor's QR code, or type: radar enrol URL CODE"),
            exit_code=USAGE,
        )
    return invitation


def check_url(url: str, *, plain_http: bool = False) -> str:
    """Return a centre's address; raise Failure `bad_url`, or `plain_http` unless it is allowed."""
    try:
        parsed = httpx.URL(url)
        host = parsed.host
        host.encode("idna")  # as whoever looks the name up will do
    except (httpx.InvalidURL, UnicodeError):
        parsed, host = httpx.URL(""), ""
    if parsed.scheme not in ("http", "https") or not host:
        raise Failure(
            "bad_url",
            N_("{url} is not the address of a centre."),
            N_("It looks like https://centre.example:8080; ask your supervisor."),
            exit_code=USAGE,
            url=url[:200],
        )
    if parsed.scheme == "http" and not (plain_http or _is_here(host)):
        raise Failure(
            "plain_http",
            N_("Over {url} others on the network can read all that is sent; nothing was sent."),
            N_("Ask for an address with https. If that must be: radar enrol --plain-http"),
            exit_code=USAGE,
            url=url[:200],
        )
    return str(parsed).rstrip("/")


def _is_here(host: str) -> bool:
    """Tell whether a host is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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


def _ask(workplace: Workplace, way: Way, keys: KeyPair) -> tuple[Identity, str]:
    """Return who this phone is, and the authority by which its centre is known from now on.

    Nobody vouches for the connection that asks: the answer proves itself by the code. The next one
    must be vouched for, or nothing is kept; the same code and key then get the same answer again.
    """
    url, key, public = way.url, stretch(way.code), keys.public
    message = application_message(key.id, public, NAME)
    question = {
        "format": 1,
        "code_id": key.id.hex(),
        "public_key": public.hex(),
        "name": NAME,
        "proof": prove(key.secret, message).hex(),
        "signature": keys.sign(message).hex(),
    }
    plain = {"Accept-Encoding": "identity"}
    with (
        reaching(url),
        open_unchecked(url, workplace.timeout_s) as client,
        client.stream("POST", ENROL_PATH, json=question, headers=plain) as response,
    ):
        body = read_raw(response, workplace.timeout_s)
    try:
        told = json.loads(body)
        if not response.is_success:
            raise _refused(str(told["code"]))
        proof = bytes.fromhex(response.headers.get(PROOF_HEADER, ""))
        if not is_proven(key.secret, proof, enrolled_message(key.id, public, body)):
            raise not_our_centre(N_("it does not know the code"))
        centre, authority = told["centre"], str(told["authority"])
        texts = (told["device"], told["staff"], url, centre["epoch"], centre["key"])
        identity = Identity(*(str(text) for text in texts))
        fits = len(bytes.fromhex(identity.centre_key)) == KEY_BYTES
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise not_our_centre(f"status {response.status_code}") from error
    if not fits:
        raise not_our_centre("its key is none")
    if url.startswith("https:"):
        with reaching(url), open_client(url, workplace.timeout_s, authority) as client:
            client.head(CENTRE_PATH)
    return identity, authority


def _refused(code: str) -> Failure:
    return Failure(
        code,
        REFUSALS.get(code, N_("The centre refused the enrolment ({problem}).")),
        N_("Ask your supervisor for a new code."),
        exit_code=NOT_PERMITTED,
        problem=code,
    )
