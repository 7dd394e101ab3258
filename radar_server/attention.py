"""What a supervisor should look at: the exceptions of a project's day, each with its place."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection

from radar_server.agenda import Item
from radar_server.centre import rfc3339
from radar_server.day import UNFINISHED
from radar_server.records import Body, read_records

EXCEPTIONS_MAX = 200
"""The most exceptions that a project's board lists, those due last."""
STATES = frozenset({"missed", "unknown", "done_late", "ended_early", "rejected"})
"""The states that a supervisor should look at; what `_kinds` finds comes besides."""
_KINDS = ("place", "asset")

Told = dict[str, object]


def exceptions_of(
    connection: Connection, days: Mapping[str, Sequence[Item]], now_s: int
) -> dict[str, tuple[int, list[Told]]]:
    """Return for each project how many exceptions its day has, and those due last."""
    found = {
        project: [(kind, item) for item in items for kind in _kinds(item, now_s)]
        for project, items in days.items()
    }
    shown = {project: some[-EXCEPTIONS_MAX:] for project, some in found.items()}
    refs = {
        item.task.targets[0]
        for some in shown.values()
        for _, item in some
        if item.task.kind != "patrol" and item.task.targets
    }
    spots = _spots(connection, days, refs)
    return {
        project: (
            len(found[project]),
            [_exception(kind, item, spots, now_s) for kind, item in some],
        )
        for project, some in shown.items()
    }


def _kinds(item: Item, now_s: int) -> list[str]:
    """Return why a supervisor should look at an item, if they should."""
    kinds = [item.state] if item.state in STATES else []
    unfinished = item.state in UNFINISHED
    if item.service is not None:
        state = item.service.state_at(now_s)
        if unfinished and state != "ok":
            kinds.append(f"sla_{state}")
    elif (unfinished or item.state == "due") and now_s > item.task.ends_s():
        kinds.append("late")
    if item.progress.marks:
        kinds.append("conflict")
    if item.progress.doubts:
        kinds.append("reading_doubt")
    return kinds


def _exception(kind: str, item: Item, spots: Mapping[str, Told], now_s: int) -> Told:
    task, progress = item.task, item.progress
    told: Told = {
        "kind": kind,
        "task": task.id,
        "title": task.title,
        "title_zh": task.title_zh,
        "at": rfc3339((progress.at_s if progress.state else task.due_to) * 1000),
    }
    if progress.staff:
        told["staff"] = progress.staff
    if kind.startswith("sla_"):
        told |= _service(item, now_s)
    if kind == "rejected" and progress.reason:
        told["reason"] = progress.reason
    if kind == "reading_doubt":
        told["doubts"] = progress.doubts
    spot = spots.get(task.targets[0]) if task.kind != "patrol" and task.targets else None
    return told | ({"place": spot} if spot is not None else {})


def _service(item: Item, now_s: int) -> Told:
    """Return when a work order is due, whom it concerns, and how far up it has to be told."""
    service, progress = item.service, item.progress
    assert service is not None, "only work orders with deadlines are at risk of missing them"
    response = service.response
    return {
        "at": rfc3339(service.resolution.due_s * 1000),
        "level": service.level_at(now_s),
        "priority": progress.priority or item.task.priority,
        "assignee": progress.assignee or None,
        "response_due": rfc3339(response.due_s * 1000) if response is not None else None,
        "response": response.state_at(now_s) if response is not None else None,
        "resolution": service.resolution.state_at(now_s),
    }


def _spots(
    connection: Connection, projects: Collection[str], refs: Collection[str]
) -> dict[str, Told]:
    """Return the place of each reference."""
    names = {kind: {r.partition(":")[2] for r in refs if r.startswith(kind)} for kind in _KINDS}
    assets = read_records(connection, projects, "asset", names["asset"])
    stands = {name: str(body.get("place")) for (_, name), body in assets.items()}
    places = read_records(connection, projects, "place", names["place"] | set(stands.values()))
    told = {name: _spot(name, body) for (_, name), body in places.items()}
    spots = {f"place:{name}": spot for name, spot in told.items()}
    return spots | {f"asset:{a}": told[place] for a, place in stands.items() if place in told}


def _spot(name: str, body: Body) -> Told:
    path = str(body.get("path", ""))
    return {"id": name, "path": path, "path_zh": str(body.get("path_zh", path))}
