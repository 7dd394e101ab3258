"""A board as a centre tells it, for tests of the leaders' page."""

from typing import Any

from tests.paper_centre import PaperCentre
from tests.phones import DAY, LIU, SWEEP, site_centre

ORDER = "repair:PU1:1"
AS_OF = {
    "rounds": "2026-11-23T01:40:00Z", "cleaning": None, "maintenance": "2026-11-22T21:00:00Z",
    "sla": "2026-11-22T21:00:00Z", "exceptions": None,
}  # fmt: skip
EXCEPTIONS: list[dict[str, Any]] = [
    {"kind": "done_late", "task": LIU, "title": "Liu", "title_zh": "刘的活",
     "at": "2026-11-23T01:50:00Z", "staff": "C2"},
    {"kind": "unknown", "task": SWEEP, "title": "Sweep", "title_zh": "扫大堂",
     "at": "2026-11-23T01:30:00Z"},
    {"kind": "missed", "task": DAY, "title": "Day", "title_zh": "日间巡更",
     "at": "2026-11-22T23:00:00Z"},
    {"kind": "sla_breached", "task": ORDER, "title": "Pump drips",
     "title_zh": "水泵滴水", "at": "2026-11-23T01:30:00Z", "level": 2, "assignee": None},
]  # fmt: skip
PEOPLE = [
    {"staff": "C1", "name": "Zhang Min", "name_zh": "张敏", "work": {"done": 3, "in_progress": 1},
     "given": 2, "at": "2026-11-23T01:45:00Z", "as_of": "2026-11-23T01:58:00Z"},
    {"staff": "G1", "name": "Li Wei", "name_zh": "李伟", "work": {}, "given": 0, "at": None,
     "as_of": None},
]  # fmt: skip
PHONES = [
    {"device": "D-G1", "staff": "G1", "shared": False, "name": "Li Wei", "name_zh": "李伟",
     "last_sync": None},
    {"device": "D-C1", "staff": "C1", "shared": False, "name": "Zhang Min", "name_zh": "张敏",
     "last_sync": "2026-11-23T01:58:00Z"},
    {"device": "D-E1", "staff": "E1", "shared": False, "name": "Zhao Lei", "name_zh": "赵磊",
     "last_sync": "2026-11-22T02:00:00Z"},
]  # fmt: skip
HARBOUR: dict[str, Any] = {
    "id": "HV", "name": "Harbour View", "name_zh": "望海湾",
    "rounds": {"missed": 1, "planned": 1}, "cleaning": {"done": 3, "done_late": 1, "unknown": 1},
    "maintenance": {"open": 2, "completed": 1}, "sla": {"breached": 1}, "as_of": AS_OF,
    "exceptions": EXCEPTIONS, "exceptions_count": 4, "people": PEOPLE, "phones": PHONES,
    "tags": 9, "assets": 2, "quarantined": 0,
}  # fmt: skip
PALMS = {
    "id": "PG", "name": "Palm Gardens", "name_zh": "棕榈园", "rounds": {"done": 2}, "cleaning": {},
    "maintenance": {}, "sla": {}, "as_of": AS_OF, "exceptions": [], "exceptions_count": 0,
    "people": [], "phones": [], "tags": 1, "assets": 0, "quarantined": 0,
}  # fmt: skip
BOARD = {
    "as_of": "2026-11-23T01:59:00Z",
    "district": {"id": "WC", "name": "West Coast", "name_zh": "西海岸"},
    "projects": [HARBOUR, PALMS],
}


def led_centre() -> PaperCentre:
    """Return a centre with a supervisor of both projects, B1."""
    centre = site_centre()
    lead = {"name": "Chen Jing", "name_zh": "陈静", "roles": ["supervisor"]}
    for project in ("HV", "PG"):
        centre.put(project, "staff", "B1", {**lead, "projects": ["HV", "PG"]})
    return centre
