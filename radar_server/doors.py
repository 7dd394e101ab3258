"""The doors: the one place of the centre where it is decided who may ask what, and record what.

`radar_core.permissions` says what each role may do; where somebody has which role, their staff
records in the site book say (law 9). What neither allows is denied.
"""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet

import msgspec
from sqlalchemy import Connection, bindparam, select, text
from sqlmodel import col

from radar_core.actions import Action
from radar_core.matching import Person
from radar_core.permissions import ASKED, EVERYBODY, OWN_REPORT, REVOKED, may_ask, may_record
from radar_core.work_orders import parts_of
from radar_server.centre import Centre
from radar_server.devices import Device
from radar_server.envelope import NOT_PERMITTED, OUT_OF_SCOPE
from radar_server.problems import Problem
from radar_server.records import Body, read_records
from radar_server.reference import key_of
from radar_server.requests import Asked, authenticate
from radar_server.tables import ActionRow, RecordRow, TouchRow

Claim = tuple[str, str, str]
"""That somebody recorded something somewhere: staff, project, kind."""
Beside = Mapping[tuple[str, str], AbstractSet[tuple[str, str]]]
"""By project and task, who does what to it: staff, kind."""
Roles = Mapping[str, frozenset[str]]
"""Somebody's roles in each of their projects, in the order of the projects' ids."""

_DECODER = msgspec.json.Decoder(Body)
_ROLES = (
    select(col(RecordRow.key), col(RecordRow.project), col(RecordRow.body))
    .where(
        # Not as a parameter: the index is of these alone.
        text("record.kind = 'staff'"),
        col(RecordRow.key).in_(bindparam("keys", expanding=True)),
        ~col(RecordRow.gone),
    )
    .order_by(col(RecordRow.project))
)
_DONE = (
    select(col(ActionRow.staff), col(ActionRow.kind))
    .join(
        TouchRow,
        (col(TouchRow.project) == col(ActionRow.project))
        & (col(TouchRow.epoch) == col(ActionRow.epoch))
        & (col(TouchRow.seq) == col(ActionRow.seq)),
    )
    .where(col(TouchRow.project) == bindparam("project"), col(TouchRow.ref) == bindparam("ref"))
)
_DONE_BY_OTHERS = _DONE.where(col(ActionRow.staff) != bindparam("staff")).limit(1)
_REPORTED = _DONE.where(col(ActionRow.kind) == "report").limit(1)


def enter(centre: Centre, asked: Asked, body: bytes) -> Device:
    """Return the phone that asks; raise Problem for one that may not ask this of any project.

    A revoked one may still hand over what it holds (law 11).
    """
    device = authenticate(centre, asked, body)
    if device.revoked and asked.question not in REVOKED:
        raise Problem("revoked")
    if asked.question not in ASKED:
        raise Problem("not_permitted")
    return device


def projects_for(connection: Connection, staff: str, question: str) -> list[str]:
    """Return the projects of which a person may ask this, in the order of their ids."""
    return projects_of_each(connection, [staff], question)[staff]


def projects_of_each(
    connection: Connection, staff: Collection[str], question: str
) -> dict[str, list[str]]:
    """Return for each of some people what `projects_for` does."""
    return {
        name: [project for project, held in roles.items() if may_ask(held, question)]
        for name, roles in _roles_of(connection, staff).items()
    }


def projects_of(connection: Connection, device: Device, question: str) -> list[str]:
    """Return the projects of which a phone may ask this, in the order of their ids."""
    return projects_of_devices(connection, [device], question)[device.id]


def projects_of_devices(
    connection: Connection, devices: Collection[Device], question: str
) -> dict[str, list[str]]:
    """Return for each of some phones, by id, what `projects_of` does.

    A shared phone may ask what everybody may, of its projects as far as the site book has them.
    """
    people = projects_of_each(connection, {device.staff for device in devices}, question)
    served = {project for device in devices for project in device.projects}
    live = live_projects(connection, served) if ASKED.get(question) == EVERYBODY else set()
    return {
        device.id: [project for project in device.projects if project in live]
        if device.is_shared
        else people[device.staff]
        for device in devices
    }


def live_projects(connection: Connection, names: Collection[str]) -> set[str]:
    """Return those of some names that are projects of the site book."""
    found = read_records(connection, names, "project", names)
    return {project for project, name in found if project == name}


class Rights:
    """What some people may record, as the site book has it now."""

    def __init__(self, connection: Connection, staff: Collection[str]) -> None:
        self._connection = connection
        self._roles = _roles_of(connection, staff)

    def refusal(self, claim: Claim) -> str:
        """Return why somebody may not record such a thing there, by code; nothing if they may."""
        staff, project, kind = claim
        roles = self._roles[staff].get(project)
        if roles is None:
            return OUT_OF_SCOPE
        return "" if may_record(roles, kind) else NOT_PERMITTED

    def takes(self, claims: Iterable[Claim]) -> bool:
        """Tell whether all of this may be recorded."""
        return not any(map(self.refusal, claims))

    def refusal_of(self, action: Action, beside: Beside) -> str:
        """Return the same of an action; `beside` is what comes with it from its phone."""
        code = self.refusal((action.staff, action.project, action.kind))
        if code == NOT_PERMITTED and self._is_of_own_report(action, beside):
            return ""
        return code

    def _is_of_own_report(self, action: Action, beside: Beside) -> bool:
        """Tell whether a decision is on what its person alone reported and nobody else touched."""
        task = action.body.get("task")
        if action.kind not in OWN_REPORT or not isinstance(task, str) or parts_of(task) is None:
            return False
        here = beside.get((action.project, task), set())
        about = {"project": action.project, "ref": key_of(f"task:{task}"), "staff": action.staff}
        find = self._connection.execute
        if any(staff != action.staff for staff, _ in here) or find(_DONE_BY_OTHERS, about).first():
            return False
        return (action.staff, "report") in here or find(_REPORTED, about).first() is not None


def beside_of(actions: Iterable[Action]) -> Beside:
    """Return who does what to each task among some actions."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for one in actions:
        key = (one.project, str(one.body.get("task")))
        found.setdefault(key, set()).add((one.staff, one.kind))
    return found


def person_in(staff: str, project: str, body: Body) -> Person:
    """Return somebody as the staff record that they have in a project makes them."""
    return Person(staff, {project: sorted(_held(body))})


def _roles_of(connection: Connection, staff: Collection[str]) -> dict[str, Roles]:
    keys = {key_of(name): name for name in staff}
    found: dict[str, dict[str, frozenset[str]]] = {name: {} for name in staff}
    rows = connection.execute(_ROLES, {"keys": list(keys)}) if keys else ()
    for key, project, body in rows:
        found[keys[key]][project] = _held(_DECODER.decode(body))
    return {**found}


def _held(body: Body) -> frozenset[str]:
    """Return the roles that a staff record gives."""
    roles = body.get("roles")
    return frozenset(str(role) for role in roles) if isinstance(roles, list) else frozenset()
