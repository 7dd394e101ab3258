"""Who may see what: a person's projects are those in which they have a live staff record (law 9).

The one place where permissions are decided; what is not allowed here is denied.
"""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, bindparam, select, text
from sqlmodel import col

from radar_core.matching import LEADS
from radar_server.records import Body
from radar_server.reference import key_of
from radar_server.tables import RecordRow

_DECODER = msgspec.json.Decoder(Body)
_SCOPES = (
    select(col(RecordRow.key), col(RecordRow.project), col(RecordRow.body))
    .where(
        # Not as a parameter: the index is of these alone.
        text("record.kind = 'staff'"),
        col(RecordRow.key).in_(bindparam("keys", expanding=True)),
        ~col(RecordRow.gone),
    )
    .order_by(col(RecordRow.project))
)


def scope_of(connection: Connection, staff: str) -> dict[str, frozenset[str]]:
    """Return a person's roles in each of their projects, in the order of the projects' ids."""
    return scopes_of(connection, [staff])[staff]


def scopes_of(
    connection: Connection, staff: Collection[str]
) -> dict[str, dict[str, frozenset[str]]]:
    """Return for each of some people what `scope_of` does."""
    keys = {key_of(name): name for name in staff}
    scopes: dict[str, dict[str, frozenset[str]]] = {name: {} for name in staff}
    for key, project, body in connection.execute(_SCOPES, {"keys": list(keys)}):
        scopes[keys[key]][project] = roles_of(_DECODER.decode(body))
    return scopes


def roles_of(body: Body) -> frozenset[str]:
    """Return the roles that a staff record gives."""
    roles = body.get("roles")
    return frozenset(str(role) for role in roles) if isinstance(roles, list) else frozenset()


def led_projects(connection: Connection, staff: str) -> list[str]:
    """Return the projects whose board a person may see."""
    return [name for name, roles in scope_of(connection, staff).items() if roles & LEADS]
