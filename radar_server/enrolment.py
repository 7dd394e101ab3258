"""Enrolment: a one-time code becomes a phone that the centre knows by its public key.

Of a code only what it is stretched to is kept, and it never crosses the wire: see `sync.enrolling`.
The same code with the same key gives the same answer again, because the first one may have been
lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlmodel import col

from radar_server.bulk import insert, insert_missing
from radar_server.devices import read_projects, write_projects
from radar_server.doors import live_projects, projects_for
from radar_server.problems import Problem
from radar_server.records import Body, read_records
from radar_server.tables import CentreRow, DeviceRow, EnrolCodeRow
from sync.enrolling import CodeKey, application_message, is_proven
from sync.keys import is_signed, name_of


@dataclass(frozen=True, slots=True)
class Applicant:
    """A phone that asks to be enrolled; `proof` shows that it knows the code of that id."""

    code_id: bytes
    public_key: bytes
    name: str
    proof: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A phone's identity, what it needs to know its centre by, and the secret of its code.

    `already` if it was told before.
    """

    device: str
    staff: str
    name: str
    projects: Sequence[str]
    centre_epoch: str
    centre_name: str
    already: bool
    secret: bytes


@dataclass(frozen=True, slots=True)
class _Offer:
    """A code as it is kept; `projects` is a JSON list for a shared phone, else empty."""

    staff: str
    projects: str
    expires_ms: int
    used_by: bytes | None
    secret: bytes


def offer_code(
    connection: Connection,
    key: CodeKey,
    staff: str,
    expires_ms: int,
    projects: Sequence[str] = (),
) -> None:
    """Keep a new code for a person, or for a phone that is shared in these projects."""
    shared = write_projects(projects) if projects else ""
    insert(connection, EnrolCodeRow, [(key.id, staff, expires_ms, None, shared, key.secret)])


def enrol(connection: Connection, applicant: Applicant, now_ms: int) -> Enrolled:
    """Make a phone known, in the transaction under way; raise Problem where that is refused."""
    public = applicant.public_key
    message = application_message(applicant.code_id, public, applicant.name)
    if not is_signed(public, applicant.signature, message):
        raise Problem("bad_signature", "The signature is not made with this public key.")
    offer = _read_offer(connection, applicant.code_id)
    if offer is None or not is_proven(offer.secret, applicant.proof, message):
        raise Problem("code_wrong")
    if offer.used_by is None:
        if offer.expires_ms < now_ms:
            raise Problem("code_expired")
        if offer.staff and not projects_for(connection, offer.staff, "sync"):
            raise Problem("code_expired", "The person of this code has left the site book.")
        if not offer.staff and not live_projects(connection, read_projects(offer.projects)):
            raise Problem("code_expired", "The projects of this code have left the site book.")
        _take(connection, offer, applicant, now_ms)
    elif offer.used_by != public:
        raise Problem("code_used")
    return _told(connection, name_of(public, "D"), offer)


def staff_body(connection: Connection, staff: str) -> Body | None:
    """Return the record of a person in the first of their projects, None for nobody."""
    projects = projects_for(connection, staff, "sync")
    if not projects:
        return None
    return read_records(connection, projects[:1], "staff", [staff])[projects[0], staff]


def _read_offer(connection: Connection, code_id: bytes) -> _Offer | None:
    wanted = select(
        col(EnrolCodeRow.staff),
        col(EnrolCodeRow.projects),
        col(EnrolCodeRow.expires_ms),
        col(EnrolCodeRow.used_by),
        col(EnrolCodeRow.secret),
    ).where(col(EnrolCodeRow.hash) == code_id)
    row = connection.execute(wanted.with_for_update()).one_or_none()
    if row is None or row.secret is None:
        return None
    return _Offer(row.staff, row.projects, row.expires_ms, row.used_by, row.secret)


def _take(connection: Connection, offer: _Offer, applicant: Applicant, now_ms: int) -> None:
    """Use the code up for this key; a key that is known already is enrolled anew."""
    public = applicant.public_key
    connection.execute(
        update(EnrolCodeRow)
        .where(col(EnrolCodeRow.hash) == applicant.code_id)
        .values(used_by=public)
    )
    device, name, projects = name_of(public, "D"), applicant.name, offer.projects
    # What a known phone has not sent yet is still out: its dates stay.
    fresh = (device, offer.staff, public, name, now_ms, None, None, projects)
    insert_missing(connection, DeviceRow, [fresh])
    connection.execute(
        update(DeviceRow)
        .where(col(DeviceRow.id) == device)
        .values(staff=offer.staff, name=name, projects=projects, revoked_ms=None)
    )


def _told(connection: Connection, device: str, offer: _Offer) -> Enrolled:
    epoch, centre = connection.execute(select(col(CentreRow.epoch), col(CentreRow.name))).one()
    body = staff_body(connection, offer.staff) or {}
    projects = read_projects(offer.projects)
    name = str(body.get("name", ""))
    already = offer.used_by is not None
    return Enrolled(device, offer.staff, name, projects, epoch, centre, already, offer.secret)
