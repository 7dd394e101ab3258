"""What a centre tells of a month: of a busy project, and of one in which nothing happened."""

import json
from typing import Any

NONE: dict[str, Any] = {"count": 0, "mean_s": None, "median_s": None}
MONTHS = ["2025-12", *(f"2026-{number:02}" for number in range(1, 12))]


def share(count: int = 0, of: int = 0) -> dict[str, int]:
    return {"count": count, "of": of}


QUIET: dict[str, Any] = {
    "on_line": share(),
    "on_time": {"rounds": share(), "cleaning": share(), "maintenance": share()},
    "sla": {"response": share(), "resolution": share()},
    "handling": NONE,
    "response": NONE,
    "trend": [{"month": month, **NONE} for month in MONTHS],
    "shorter": None,
    "satisfaction": share() | {"stars": 0},
    "rework": share(),
}
TREND = [
    {"month": month, "count": 30 + at, "mean_s": 40_000 - at * 2000, "median_s": 9000}
    for at, month in enumerate(MONTHS)
]
BUSY: dict[str, Any] = {
    "on_line": share(430, 500),
    "on_time": {"rounds": share(7, 9), "cleaning": share(999, 1000), "maintenance": share(20, 20)},
    "sla": {"response": share(19, 38), "resolution": share(1, 400)},
    "handling": {"count": 41, "mean_s": 18_000, "median_s": 9000},
    "response": {"count": 44, "mean_s": 1500, "median_s": 200_000},
    "trend": TREND,
    "shorter": {"since": "2025-12", "percent": 55},
    "satisfaction": share(38, 41) | {"stars": 175},
    "rework": share(2, 41),
}
MISSED: dict[str, Any] = {
    "kind": "missed",
    "task": "HV-R1@20261122-2200",
    "title": "Night round",
    "title_zh": "夜间巡更",
    "at": "2026-11-22T23:30:00Z",
    "place": {"id": "A", "path": "Tower A", "path_zh": "A座"},
}
PHONE = {"device": "D1", "staff": "G1", "name": "Ann", "name_zh": "安", "last_sync": None}


def told(figures: dict[str, Any], **project: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return what the centre tells of one project, with anything of it changed."""
    hv: dict[str, Any] = {"id": "HV", "name": "Harbour View", "name_zh": "望海湾", "over": True}
    hv |= {"rounds": {}, "cleaning": {}, "maintenance": {}, "figures": figures, "as_of": {}}
    hv |= {"exceptions": [], "exceptions_count": 0, "phones": []} | project
    return {
        "format": 1,
        "as_of": "2026-12-01T01:00:00Z",
        "month": "2026-11",
        "district": {"id": "WC", "name": "West Coast", "name_zh": "西海岸"},
        "figures": figures,
        "projects": [hv],
    }


def busy(**project: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return what the centre tells of a month with everything in it."""
    rounds = {"done": 7, "missed": 1, "unknown": 3, "done_late": 1, "ended_early": 1, "excused": 2}
    some: dict[str, Any] = {"rounds": rounds, "cleaning": {"done": 999, "unknown": 1}}
    some |= {"maintenance": {"verified": 20}, "exceptions": [MISSED], "exceptions_count": 12}
    some |= {"phones": [PHONE]} | project
    copy: dict[str, Any] = json.loads(json.dumps(told(BUSY, **some)))
    return copy
