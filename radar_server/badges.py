"""Badges: who gets one can take a shared phone in hand; the site book keeps its public key alone.

A book knows nothing of badges: taking one in leaves them as they are, but for those of people who
are gone from a project.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from radar_core.failures import USAGE, Failure, N_
from radar_core.jsontext import encode
from radar_server.admin import opened, unknown_staff
from radar_server.audit import note
from radar_server.book import BADGE
from radar_server.centre import Centre
from radar_server.database import writing
from radar_server.doors import projects_for
from radar_server.enrolment import staff_body
from radar_server.heads import lock_heads, store_heads
from radar_server.records import Change, read_records, write_changes
from sync.badges import PIN_DIGITS, SECRET_BYTES, SLOW, Badge, is_guessable, plain_pin
from sync.clock import ZERO


def make_badge(home: str, db: str, staff: str, pin: str) -> dict[str, object]:
    """Make a person's badge, which replaces the one before at once.

    Its text and its PIN are told once and kept nowhere. Without `pin` one is drawn.
    """
    with opened(home, db) as centre:
        return issue(centre, staff, pin)


def issue(
    centre: Centre, staff: str, pin: str, slow: Mapping[str, int] = SLOW
) -> dict[str, object]:
    """Make a person's badge at an open centre; raise Failure for nobody, or for a poor PIN."""
    chosen = plain_pin(pin)
    if pin and (chosen is None or is_guessable(chosen)):
        raise Failure(
            "bad_pin",
            N_("A PIN has 6 to 12 digits, not all the same and not one after the other."),
            N_("Nothing was changed. Without --pin the centre draws one."),
            exit_code=USAGE,
        )
    badge = Badge(staff, centre.randomness(SECRET_BYTES))
    secret = chosen or _draw(centre)
    record = badge.record(secret, slow)
    with writing(centre.engine) as connection:
        body = staff_body(connection, staff)
        if body is None:
            raise unknown_staff(staff)
        replaced = _keep(connection, staff, record)
        note(connection, centre, "badge", staff=staff, mark=badge.mark, replaced=replaced)
    return {
        "staff": staff,
        "name": str(body.get("name", staff)),
        "name_zh": str(body.get("name_zh") or body.get("name", staff)),
        "badge": badge.text,
        "pin": None if chosen else secret,
        "replaced": replaced,
    }


def _draw(centre: Centre) -> str:
    """Draw a PIN, each as likely as any other that is not guessable."""
    while True:
        number = int.from_bytes(centre.randomness(8), "big") % 10**PIN_DIGITS
        pin = f"{number:0{PIN_DIGITS}d}"
        if not is_guessable(pin):
            return pin


def _keep(connection: Connection, staff: str, record: Mapping[str, object]) -> bool:
    """Make a badge the record in each of a person's projects; tell whether there was one before."""
    projects = projects_for(connection, staff, "sync")
    heads = lock_heads(connection, projects)
    held = read_records(connection, projects, BADGE, [staff])
    changes = [
        Change(
            project,
            BADGE,
            staff,
            old=encode(held[project, staff]) if (project, staff) in held else None,
            new=encode(record),
            hlc=ZERO,
        )
        for project in projects
    ]
    write_changes(connection, heads, changes)
    store_heads(connection, heads)
    return bool(held)
