"""What a leader's questions are about: the projects that they lead, and the phones there."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from radar_core.matching import Person
from radar_core.tasks import Task
from radar_server.centre import rfc3339
from radar_server.day import Hand
from radar_server.devices import devices_of, shared_devices
from radar_server.doors import person_in, projects_for
from radar_server.problems import Problem
from radar_server.records import Body, read_records

Bodies = dict[tuple[str, str], Body]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a leader's projects: a district, a project, or either by `scope`, or all."""

    district: str = ""
    project: str = ""
    scope: str = ""

    def takes(self, project: str, body: Body) -> bool:
        """Tell whether a project is asked for."""
        district = body.get("district")
        return (
            self.district in ("", district)
            and self.project in ("", project)
            and self.scope in ("", project, district)
        )


def led_by(connection: Connection, staff: str, question: str, wanted: Wanted) -> dict[str, Body]:
    """Return the projects that a person asks a question about, by id in its order.

    Raise Problem `not_permitted` for who may ask it of none; whether they exist is not told.
    """
    led = projects_for(connection, staff, question)
    about = read_records(connection, led, "project", led)
    found = {key[0]: body for key, body in about.items() if wanted.takes(key[0], body)}
    if not found:
        raise Problem("not_permitted", "The board is for those who lead such a project.")
    return dict(sorted(found.items()))


def names_of(name: str, body: Body) -> dict[str, object]:
    """Return id and names of a project or a district."""
    called = str(body.get("name", name))
    return {"id": name, "name": called, "name_zh": str(body.get("name_zh", called))}


def district_of(connection: Connection, about: Mapping[str, Body]) -> dict[str, object] | None:
    """Return the district of projects, None if they are of several."""
    ids = {str(body.get("district")) for body in about.values()}
    if len(ids) > 1:
        return None
    project, district = next(iter(about)), ids.pop()
    bodies = read_records(connection, [project], "district", [district])
    return names_of(district, bodies.get((project, district), {}))


class Anybody(Person):
    """Whoever takes a shared phone in hand: it could be the one who does any work there."""

    __slots__ = ()

    def may_do(self, task: Task) -> bool:
        """Tell whether the task is one of the phone's projects."""
        return task.project in self.projects


def hands_of(
    connection: Connection, projects: Collection[str], people: Bodies
) -> dict[str, list[Hand]]:
    """Return the phones that work in each project, of these people and shared ones."""
    devices = devices_of(connection, sorted({staff for _, staff in people}))
    hands: dict[str, list[Hand]] = {project: [] for project in projects}
    for device in devices:
        for project in projects:
            body = people.get((project, device.staff))
            if body is not None:
                person = person_in(device.staff, project, body)
                hands[project].append(Hand(device, person, device.heard_ms() // 1000))
    for device in shared_devices(connection):
        for project in hands.keys() & set(device.projects):
            anybody = Anybody("", {project: ()})
            hands[project].append(Hand(device, anybody, device.heard_ms() // 1000))
    return hands


def phones_of(hands: Iterable[Hand], people: Bodies) -> list[dict[str, object]]:
    """Return the phones of a project, that first which is silent for longest."""
    ordered = sorted(hands, key=lambda hand: (hand.device.last_sync_ms or 0, hand.device.id))
    return [_phone(hand, people) for hand in ordered]


def _phone(hand: Hand, people: Bodies) -> dict[str, object]:
    (project,) = hand.person.projects
    device = hand.device
    person = people.get((project, device.staff), {})
    last = device.last_sync_ms
    return {
        "device": device.id,
        "staff": device.staff,
        "shared": device.is_shared,
        "name": str(person.get("name", "")),
        "name_zh": str(person.get("name_zh", "")),
        "last_sync": rfc3339(last) if last is not None else None,
    }
