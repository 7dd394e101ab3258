"""Enrolment: a one-time code becomes a phone that the centre knows by its public key.

Only a code's hash is kept; the same code with the same key gives the same answer again, because
the first answer may have been lost.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlmodel import col

from radar_core.tags import parse_code
from radar_server.bulk import insert, insert_missing
from radar_server.problems import Problem
from radar_server.records import Body, read_records
from radar_server.scope import scope_of
from radar_server.tables import CentreRow, DeviceRow, EnrolCodeRow
from sync.chain import digest
from sync.keys import is_signed, name_of


@dataclass(frozen=True, slots=True)
class Applicant:
    """A phone that asks to be enrolled: the code as it was typed, its key, its name."""

    code: str
    public_key: bytes
    name: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A phone's identity, and what it needs to know its centre by; `already` if it was told."""

    device: str
    staff: str
    name: str
    centre_epoch: str
    centre_name: str
    already: bool


def code_hash(code: str) -> bytes:
    """Return what is kept of a code in its normal form."""
    return digest(f"radar code 1\n{code}".encode())


def offer_code(connection: Connection, code: str, staff: str, expires_ms: int) -> None:
    """Keep a new code for a person."""
    insert(connection, EnrolCodeRow, [(code_hash(code), staff, expires_ms, None, "", None)])


def enrol(connection: Connection, applicant: Applicant, now_ms: int) -> Enrolled:
    """Make a phone known, in the transaction under way; raise Problem where that is refused."""
    public = applicant.public_key
    proof = f"radar enrol 1\n{applicant.code}\n{public.hex()}".encode()
    if not is_signed(public, applicant.signature, proof):
        raise Problem("bad_signature", "The signature is not made with this public key.")
    code = parse_code(applicant.code)
    row = _read_code(connection, code_hash(code)) if code is not None else None
    if row is None:
        raise Problem("code_wrong")
    staff, expires_ms, used_by = row
    if used_by is None:
        if expires_ms < now_ms:
            raise Problem("code_expired")
        if not scope_of(connection, staff):
            raise Problem("code_expired", "The person of this code has left the site book.")
        _take(connection, code_hash(str(code)), staff, applicant, now_ms)
    elif used_by != public:
        raise Problem("code_used")
    return _told(connection, name_of(public, "D"), staff, already=used_by is not None)


def staff_body(connection: Connection, staff: str) -> Body | None:
    """Return the record of a person in the first of their projects, None for nobody."""
    projects = list(scope_of(connection, staff))
    if not projects:
        return None
    return read_records(connection, projects[:1], "staff", [staff])[projects[0], staff]


def _read_code(connection: Connection, hash_: bytes) -> tuple[str, int, bytes | None] | None:
    wanted = select(
        col(EnrolCodeRow.staff), col(EnrolCodeRow.expires_ms), col(EnrolCodeRow.used_by)
    ).where(col(EnrolCodeRow.hash) == hash_)
    row = connection.execute(wanted.with_for_update()).one_or_none()
    return row if row is not None else None


def _take(
    connection: Connection, hash_: bytes, staff: str, applicant: Applicant, now_ms: int
) -> None:
    """Use the code up for this key; a key that is known already is enrolled anew."""
    public = applicant.public_key
    connection.execute(
        update(EnrolCodeRow).where(col(EnrolCodeRow.hash) == hash_).values(used_by=public)
    )
    device = name_of(public, "D")
    # What a known phone has not sent yet is still out: its dates stay.
    insert_missing(
        connection, DeviceRow, [(device, staff, public, applicant.name, now_ms, None, None, "")]
    )
    connection.execute(
        update(DeviceRow)
        .where(col(DeviceRow.id) == device)
        .values(staff=staff, name=applicant.name, revoked_ms=None)
    )


def _told(connection: Connection, device: str, staff: str, *, already: bool) -> Enrolled:
    centre = connection.execute(select(col(CentreRow.epoch), col(CentreRow.name))).one()
    body = staff_body(connection, staff) or {}
    return Enrolled(device, staff, str(body.get("name", "")), centre[0], centre[1], already)
