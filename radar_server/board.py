"""The board: where the day's work of each project stands, what to look at, and how fresh it is."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, func, select
from sqlmodel import col

from radar_core.tasks import Task
from radar_server.agenda import Item
from radar_server.attention import exceptions_of
from radar_server.centre import Centre, rfc3339
from radar_server.day import UNFINISHED, Hand, day_of
from radar_server.evidence import weak_exceptions
from radar_server.forks import forks_of
from radar_server.led import Wanted, district_of, hands_of, led_by, names_of, phones_of
from radar_server.locked_out import revoked_exceptions
from radar_server.people import people_of
from radar_server.records import read_records
from radar_server.restored import silent_exceptions
from radar_server.tables import QuarantineRow, RecordRow

SECTIONS = {"patrol": "rounds", "cleaning": "cleaning", "maintenance": "maintenance"}


def board_of(
    connection: Connection, staff: str, wanted: Wanted, centre: Centre
) -> dict[str, object]:
    """Return the board for a person; raise Problem `not_permitted` for who may not see it.

    Whether what was asked for exists elsewhere is not told.
    """
    about = led_by(connection, staff, "board", wanted)
    projects = list(about)
    people = read_records(connection, projects, "staff")
    hands = hands_of(connection, projects, people)
    now_ms = centre.now_ms()
    days = day_of(connection, hands, now_ms // 1000, centre.agendas)
    exceptions = exceptions_of(connection, days, now_ms // 1000)
    counts = _counts(connection, projects)
    forks, silent = forks_of(connection, hands, now_ms), silent_exceptions(connection, hands)
    revoked = revoked_exceptions(connection, projects)
    first = {one: silent[one] + forks[one] + revoked[one] for one in projects}
    weak = weak_exceptions(connection, centre, days, people)
    return {
        "format": 1,
        "as_of": rfc3339(now_ms),
        "district": district_of(connection, about),
        "projects": [
            names_of(project, about[project])
            | _work(days[project], now_ms // 1000)
            | {"as_of": as_of_each(days[project], hands[project])}
            | {"exceptions": first[project] + exceptions[project][1] + weak[project]}
            | {"exceptions_count": len(first[project] + weak[project]) + exceptions[project][0]}
            | {"people": people_of(project, days[project], hands[project], people)}
            | {"phones": phones_of(hands[project], people)}
            | counts[project]
            for project in projects
        ],
    }


def _work(items: Iterable[Item], now_s: int) -> dict[str, object]:
    """Return how many items of each section, and how many deadlines, are in each state."""
    counts = {section: Counter[str]() for section in [*SECTIONS.values(), "sla"]}
    for item in items:
        counts[SECTIONS[item.task.kind]][item.state] += 1
        if item.service is not None and item.state in UNFINISHED:
            counts["sla"][item.service.state_at(now_s)] += 1
    return {section: dict(sorted(states.items())) for section, states in counts.items()}


def as_of_each(items: Iterable[Item], hands: Sequence[Hand]) -> dict[str, object]:
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
