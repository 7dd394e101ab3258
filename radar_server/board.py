"""The board: where the day's work of each project stands, what to look at, and how fresh it is."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlmodel import col

from radar_core.matching import Person
from radar_server.centre import rfc3339
from radar_server.day import Hand, Item, day_of
from radar_server.devices import devices_of
from radar_server.forks import forks_of
from radar_server.problems import Problem
from radar_server.records import Body, read_records
from radar_server.scope import led_projects, roles_of
from radar_server.tables import QuarantineRow, RecordRow

EXCEPTIONS_MAX = 200
"""The most exceptions that a project's board lists, those due last."""
SECTIONS = {"patrol": "rounds", "cleaning": "cleaning", "maintenance": "maintenance"}
EXCEPTIONS = frozenset({"missed", "unknown", "done_late", "ended_early"})
"""The states that a supervisor should look at; `late` and `conflict` come besides."""

_KINDS = ("place", "asset")

Bodies = dict[tuple[str, str], Body]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the board is asked of: a district, a project, or either by `scope`; empty for all."""

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


def board_of(connection: Connection, staff: str, wanted: Wanted, now_ms: int) -> dict[str, object]:
    """Return the board for a person; raise Problem `not_permitted` for who may not see it.

    Whether what was asked for exists elsewhere is not told.
    """
    led = led_projects(connection, staff)
    about = read_records(connection, led, "project", led)
    about = {key: body for key, body in about.items() if wanted.takes(key[0], body)}
    projects = sorted(project for project, _ in about)
    if not projects:
        raise Problem("not_permitted", "The board is for those who lead such a project.")
    people = read_records(connection, projects, "staff")
    hands = _hands(connection, projects, people)
    days = day_of(connection, hands, now_ms // 1000)
    spots = _spots(connection, projects, days)
    counts = _counts(connection, projects)
    forks = forks_of(connection, hands, now_ms)
    return {
        "format": 1,
        "as_of": rfc3339(now_ms),
        "district": _district(connection, about),
        "projects": [
            _project(project, about[project, project])
            | _work(days[project])
            | {"exceptions": forks[project] + _exceptions(days[project], spots, now_ms // 1000)}
            | {"phones": [_phone(hand, people) for hand in hands[project]]}
            | counts[project]
            for project in projects
        ],
    }


def _project(project: str, body: Body) -> dict[str, object]:
    name = str(body.get("name", project))
    return {"id": project, "name": name, "name_zh": str(body.get("name_zh", name))}


def _district(connection: Connection, about: Bodies) -> dict[str, object] | None:
    """Return the district of the projects, None if they are of several."""
    ids = {str(body.get("district")) for body in about.values()}
    if len(ids) > 1:
        return None
    project, district = next(iter(about))[0], ids.pop()
    bodies = read_records(connection, [project], "district", [district])
    return _project(district, bodies.get((project, district), {}))


def _hands(
    connection: Connection, projects: Collection[str], people: Bodies
) -> dict[str, list[Hand]]:
    """Return the phones that work in each project."""
    devices = devices_of(connection, sorted({staff for _, staff in people}))
    hands: dict[str, list[Hand]] = {project: [] for project in projects}
    for device in devices:
        for project in projects:
            body = people.get((project, device.staff))
            if body is not None:
                person = Person(device.staff, sorted(roles_of(body)), [project])
                hands[project].append(Hand(device, person, device.heard_ms() // 1000))
    return hands


def _phone(hand: Hand, people: Bodies) -> dict[str, object]:
    (project,) = hand.person.projects
    person = people[project, hand.device.staff]
    last = hand.device.last_sync_ms
    return {
        "device": hand.device.id,
        "staff": hand.device.staff,
        "name": str(person.get("name", "")),
        "name_zh": str(person.get("name_zh", "")),
        "last_sync": rfc3339(last) if last is not None else None,
    }


def _work(items: Iterable[Item]) -> dict[str, object]:
    counts = {section: Counter[str]() for section in SECTIONS.values()}
    for item in items:
        counts[SECTIONS[item.task.kind]][item.state] += 1
    return {section: dict(sorted(states.items())) for section, states in counts.items()}


def _exceptions(
    items: Sequence[Item], spots: Mapping[str, dict[str, object]], now_s: int
) -> list[dict[str, object]]:
    found = [(kind, item) for item in items for kind in _kinds(item, now_s)]
    return [_exception(kind, item, spots) for kind, item in found[-EXCEPTIONS_MAX:]]


def _kinds(item: Item, now_s: int) -> list[str]:
    """Return why a supervisor should look at an item, if they should."""
    kinds = [item.state] if item.state in EXCEPTIONS else []
    unfinished = item.state in ("open", "in_progress", "on_hold")
    if unfinished and now_s > item.task.due_to + item.task.grace_s:
        kinds.append("late")
    if item.progress.marks:
        kinds.append("conflict")
    return kinds


def _exception(kind: str, item: Item, spots: Mapping[str, dict[str, object]]) -> dict[str, object]:
    task, progress = item.task, item.progress
    told: dict[str, object] = {
        "kind": kind,
        "task": task.id,
        "title": task.title,
        "title_zh": task.title_zh,
        "at": rfc3339((progress.at_s if progress.state else task.due_to) * 1000),
    }
    if progress.staff:
        told["staff"] = progress.staff
    spot = spots.get(task.targets[0]) if task.kind != "patrol" and task.targets else None
    return told | ({"place": spot} if spot is not None else {})


def _spots(
    connection: Connection, projects: Collection[str], days: Mapping[str, Sequence[Item]]
) -> dict[str, dict[str, object]]:
    """Return the place of each reference that work of the day is due on."""
    refs = {item.task.targets[0] for items in days.values() for item in items if item.task.targets}
    names = {kind: {r.partition(":")[2] for r in refs if r.startswith(kind)} for kind in _KINDS}
    assets = read_records(connection, projects, "asset", names["asset"])
    stands = {name: str(body.get("place")) for (_, name), body in assets.items()}
    places = read_records(connection, projects, "place", names["place"] | set(stands.values()))
    told = {name: _spot(name, body) for (_, name), body in places.items()}
    spots = {f"place:{name}": spot for name, spot in told.items()}
    return spots | {f"asset:{a}": told[place] for a, place in stands.items() if place in told}


def _spot(name: str, body: Body) -> dict[str, object]:
    path = str(body.get("path", ""))
    return {"id": name, "path": path, "path_zh": str(body.get("path_zh", path))}


def _counts(connection: Connection, projects: Collection[str]) -> dict[str, dict[str, object]]:
    """Return how many tags and assets each project has, and how much awaits a supervisor."""
    counts: dict[str, dict[str, object]] = {
        project: {"tags": 0, "assets": 0, "quarantined": 0} for project in projects
    }
    records = (
        select(col(RecordRow.project), col(RecordRow.kind), func.count())
        .where(
            col(RecordRow.project).in_(projects),
            col(RecordRow.kind).in_(["tag", "asset"]),
            ~col(RecordRow.gone),
        )
        .group_by(col(RecordRow.project), col(RecordRow.kind))
    )
    for project, kind, count in connection.execute(records):
        counts[project][f"{kind}s"] = count
    kept = (
        select(col(QuarantineRow.project), func.count())
        .where(col(QuarantineRow.project).in_(projects), col(QuarantineRow.state) == "kept")
        .group_by(col(QuarantineRow.project))
    )
    for project, count in connection.execute(kept):
        counts[project]["quarantined"] = count
    return counts
