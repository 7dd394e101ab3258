"""The town's site book: three projects, and people whose projects change."""

from collections.abc import Iterator, Sequence

from radar_core.book import Record
from tests.contract.centre_parts import person

PROJECTS = ("HV", "PK", "MV")
STAFF = ("G1", "G2", "G3", "C1", "S1", "G1", "C1")
"""Who has a phone; some have two."""
ROLES = {"G1": "guard", "G2": "guard", "G3": "cleaner", "C1": "supervisor", "S1": "supervisor"}
SCOPES: dict[str, tuple[tuple[str, ...], ...]] = {
    "G1": (("HV",),),
    "G2": (("HV", "PK"), ("PK", "MV"), ("HV",)),
    "G3": (("HV", "PK"), ("HV",), ("MV",), ()),
    "C1": (("PK", "HV"), ("PK",)),
    "S1": (PROJECTS,),
}
"""Which projects each person may come to have; the first ones to begin with."""
EXTRA = ("TAGEXTRA1", "TAGEXTRA2")


def town_book(scopes: Sequence[tuple[str, tuple[str, ...]]], extras: Sequence[str]) -> list[Record]:
    """Return the site book with these people in these projects, and these tags besides."""
    records = [record for name in PROJECTS for record in _project(name)]
    for staff, projects in scopes:
        records += person(staff, ROLES[staff], *projects)
    body: dict[str, object] = {"place": "HV-P2", "state": "bound"}
    return records + [Record("HV", "tag", name, body) for name in extras]


def first_scopes() -> dict[str, tuple[str, ...]]:
    """Return each person's projects to begin with."""
    return {staff: scopes[0] for staff, scopes in SCOPES.items()}


def _project(name: str) -> Iterator[Record]:
    about: dict[str, object] = {"district": "WC", "name": name.title(), "timezone": "Asia/Shanghai"}
    district: dict[str, object] = {"name": "West Coast", "name_zh": "西海岸", "domain": "R.EXAMPLE"}
    steps = [{"id": "ok", "type": "check", "title": "All well", "required": True}]
    points = [f"place:{name}-P{number}" for number in (1, 2)]
    yield Record(name, "district", "WC", district)
    yield Record(name, "project", name, about)
    for number in (1, 2):
        path: dict[str, object] = {"kind": "room", "path": f"{name} / {number}"}
        yield Record(name, "place", f"{name}-P{number}", path)
        tag: dict[str, object] = {"place": f"{name}-P{number}", "state": "bound"}
        yield Record(name, "tag", f"{name}TAG0000{number}", tag)
    yield Record(name, "checklist", "CL", {"name": "Checks", "steps": steps})
    yield Record(name, "route", "RT", {"name": "Round", "ordered": False, "checkpoints": points})
    when: dict[str, object] = {"rrule": "FREQ=WEEKLY;BYDAY=MO,TU", "grace_min": 10}
    yield Record(
        name,
        "schedule",
        f"{name}-R1",
        when
        | {"kind": "patrol", "title": "Round", "role": "guard", "route": "RT"}
        | {"start": "2026-01-01T08:00", "duration_min": 120},
    )
    yield Record(
        name,
        "schedule",
        f"{name}-C1",
        when
        | {"kind": "cleaning", "title": "Lobby", "role": "cleaner", "place": f"{name}-P2"}
        | {"start": "2026-01-01T09:00", "duration_min": 300, "checklist": "CL"},
    )
    after: dict[str, object] = {"repeat": "floating", "rrule": "FREQ=HOURLY"}
    yield Record(
        name,
        "schedule",
        f"{name}-F1",
        after
        | {"kind": "maintenance", "title": "Filter", "role": "cleaner", "place": f"{name}-P1"}
        | {"start": "2026-03-02T07:00", "duration_min": 60},
    )
