"""The board: where the day's work of each project stands, what to look at, and how fresh it is."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlmodel import col

from radar_core.matching import Person
from radar_core.tasks import Task
from radar_server.agenda import Item
from radar_server.attention import exceptions_of
from radar_server.centre import Centre, rfc3339
from radar_server.day import UNFINISHED, Hand, day_of
from radar_server.devices import devices_of
from radar_server.evidence import weak_exceptions
from radar_server.forks import forks_of
from radar_server.problems import Problem
from radar_server.records import Body, read_records
from radar_server.scope import led_projects, roles_of
from radar_server.tables import QuarantineRow, RecordRow

SECTIONS = {"patrol": "rounds", "cleaning": "cleaning", "maintenance": "maintenance"}
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


def board_of(
    connection: Connection, staff: str, wanted: Wanted, centre: Centre
) -> dict[str, object]:
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
    hands = hands_of(connection, projects, people)
    now_ms = centre.now_ms()
    days = day_of(connection, hands, now_ms // 1000, centre.agendas)
    exceptions = exceptions_of(connection, days, now_ms // 1000)
    counts = _counts(connection, projects)
    forks = forks_of(connection, hands, now_ms)
    weak = weak_exceptions(connection, centre, days, people)
    return {
        "format": 1,
        "as_of": rfc3339(now_ms),
        "district": _district(connection, about),
        "projects": [
            _project(project, about[project, project])
            | _work(days[project], now_ms // 1000)
            | {"as_of": _as_of(days[project], hands[project])}
            | {"exceptions": forks[project] + exceptions[project][1] + weak[project]}
            | {"exceptions_count": len(forks[project] + weak[project]) + exceptions[project][0]}
            | {"phones": [_phone(hand, people) for hand in _stalest_first(hands[project])]}
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


def hands_of(
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


def _stalest_first(hands: Iterable[Hand]) -> list[Hand]:
    return sorted(hands, key=lambda hand: (hand.device.last_sync_ms or 0, hand.device.id))


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


def _work(items: Iterable[Item], now_s: int) -> dict[str, object]:
    """Return how many items of each section, and how many deadlines, are in each state."""
    counts = {section: Counter[str]() for section in [*SECTIONS.values(), "sla"]}
    for item in items:
        counts[SECTIONS[item.task.kind]][item.state] += 1
        if item.service is not None and item.state in UNFINISHED:
            counts["sla"][item.service.state_at(now_s)] += 1
    return {section: dict(sorted(states.items())) for section, states in counts.items()}


def _as_of(items: Iterable[Item], hands: Sequence[Hand]) -> dict[str, object]:
    """Return as of when each figure is: what every phone that could change it has sent (law 12).

    None where there is no such phone. Anybody may report work that is to be done.
    """
    needed: dict[str, set[tuple[str, str]]] = {section: set() for section in SECTIONS.values()}
    tasks: dict[tuple[str, str], Task] = {}
    for item in items:
        who = (item.task.role, item.task.staff)
        needed[SECTIONS[item.task.kind]].add(who)
        tasks[who] = item.task
    heard = {
        section: [
            hand.heard_s for hand in hands if any(hand.person.may_do(tasks[one]) for one in some)
        ]
        for section, some in needed.items()
    }
    everybody = [hand.heard_s for hand in hands]
    heard |= dict.fromkeys(("maintenance", "sla", "exceptions"), everybody)
    return {section: rfc3339(min(some) * 1000) if some else None for section, some in heard.items()}


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
