"""The evidence of a project's scans, graded when it is asked for: by all that the centre holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select
from sqlmodel import col

from radar_core.evidence import Evidence, grade_scans
from radar_core.scans import Dated, Scan, read_scans
from radar_core.walks import Walks, learn, site_of
from radar_server.agenda import Item
from radar_server.centre import Centre, rfc3339
from radar_server.database import reading
from radar_server.records import Body, read_records
from radar_server.tables import ActionRow, BlobRow
from sync.lines import read_action

HISTORY = 10_000
"""So many positions of a project before a time tell what is usual there: about a week."""
LATE_MS = 7 * 86_400_000
"""What comes so long after it was done is not looked for any more."""
WEAK = "D"
DAY_MS = 86_400_000
AGAIN_MS = 60_000
"""A board is asked often, and to grade a day takes a third of a second: so often it is done."""
OLD_MS = 15 * 60_000
"""What is older than this is graded before the board is answered, not after."""

_NEWEST = select(func.max(col(ActionRow.pos))).where(col(ActionRow.project) == bindparam("project"))
_RECEIVED = (
    select(col(ActionRow.received_ms))
    .where(col(ActionRow.project) == bindparam("project"), col(ActionRow.pos) >= bindparam("pos"))
    .order_by(col(ActionRow.pos))
    .limit(1)
)
_SCANS = select(
    col(ActionRow.epoch),
    col(ActionRow.line),
    col(ActionRow.at_ms),
    col(ActionRow.grade),
    col(ActionRow.error_ms),
).where(
    col(ActionRow.project) == bindparam("project"),
    col(ActionRow.pos).between(bindparam("first"), bindparam("last")),
    col(ActionRow.kind).in_(["scan", "photo"]),
)
_ARRIVED = select(col(BlobRow.sha256), col(BlobRow.gone_ms)).where(
    col(BlobRow.sha256).in_(bindparam("named", expanding=True))
)


@dataclass(frozen=True, slots=True)
class GradedScan:
    """A scan of a project, and how sure it is that its person was there."""

    scan: Scan
    evidence: Evidence


def graded_scans(
    connection: Connection, project: str, since_ms: int, until_ms: int
) -> list[GradedScan]:
    """Return a project's scans of a time with their evidence, the oldest first.

    The time is that of the scan as far as it is known, the end not included.
    """
    newest = connection.execute(_NEWEST, {"project": project}).scalar()
    if newest is None:
        return []
    first = _position(connection, project, since_ms, newest)
    last = _position(connection, project, until_ms + LATE_MS, newest)
    scans = list(_scans(connection, project, first - HISTORY, last))
    wanted = {scan.id: scan for scan in scans if since_ms <= scan.dated.at_ms < until_ms}
    if not wanted:
        return []
    places = {scan.place for scan in scans}
    bodies = read_records(connection, [project], "place", places)
    sites = {name: site_of(body) for (_, name), body in bodies.items()}
    graded = grade_scans(scans, Walks(sites, learn(scans)), wanted)
    by_time = sorted(wanted.values(), key=lambda scan: (scan.dated.at_ms, scan.epoch, scan.seq))
    return [GradedScan(scan, graded[scan.id]) for scan in by_time]


def weak_evidence(
    connection: Connection, project: str, since_ms: int, until_ms: int
) -> list[dict[str, object]]:
    """Return what of a time a supervisor should look at, with the parts that speak against it.

    One exception for what a phone recorded in a row: a round is looked at once.
    """
    weak = [
        one
        for one in graded_scans(connection, project, since_ms, until_ms)
        if one.evidence.grade == WEAK
    ]
    told: dict[tuple[str, str], dict[str, object]] = {}
    for one in weak:
        key = (one.scan.epoch, one.scan.task)
        found = told.setdefault(key, _exception(one))
        scans = found["scans"]
        assert isinstance(scans, list)
        against = [part.body() for part in one.evidence.parts if part.grade == WEAK]
        scans.append({"action": one.scan.id, "place": one.scan.place, "parts": against})
    return list(told.values())


def weak_exceptions(
    connection: Connection,
    centre: Centre,
    days: Mapping[str, Sequence[Item]],
    people: Mapping[tuple[str, str], Body],
) -> dict[str, list[dict[str, object]]]:
    """Return the last day's exceptions of each project that is a key of `days`, by names.

    What the centre keeps of a project is told, with its `as_of`, unless it is `OLD_MS` old; what is
    `AGAIN_MS` old is graded anew by `grade_stale`, once the board is answered.
    """
    now_ms = centre.now_ms()
    found: dict[str, list[dict[str, object]]] = {}
    for project, items in days.items():
        at_ms, told = centre.weak.get(project, (now_ms - OLD_MS, []))
        if not 0 <= now_ms - at_ms < OLD_MS:
            told = _grade_day(connection, centre, project, now_ms)
        elif now_ms - at_ms >= AGAIN_MS:
            centre.stale.add(project)
        tasks = {item.task.id: item.task for item in items}
        found[project] = []
        for exception in told:
            task = tasks.get(str(exception["task"]))
            person = people.get((project, str(exception["staff"])), {})
            name = str(person.get("name", exception["staff"]))
            named = {
                "title": task.title if task is not None else "",
                "title_zh": task.title_zh if task is not None else "",
                "name": name,
                "name_zh": str(person.get("name_zh", name)),
            }
            found[project].append(exception | named)
    return found


def grade_stale(centre: Centre) -> None:
    """Grade the last day of each project anew whose board was told from what is a minute old."""
    while centre.stale:
        project = centre.stale.pop()
        with reading(centre.engine) as connection:
            _grade_day(connection, centre, project, centre.now_ms())


def _grade_day(
    connection: Connection, centre: Centre, project: str, now_ms: int
) -> list[dict[str, object]]:
    told = [
        exception | {"as_of": rfc3339(now_ms)}
        for exception in weak_evidence(connection, project, now_ms - DAY_MS, now_ms + 1)
    ]
    centre.weak[project] = (now_ms, told)
    return told


def _exception(one: GradedScan) -> dict[str, object]:
    scan = one.scan
    return {
        "kind": "weak_evidence",
        "task": scan.task,
        "staff": scan.staff,
        "at": rfc3339(scan.dated.at_ms),
        "scans": [],
    }


def _position(connection: Connection, project: str, received_ms: int, newest: int) -> int:
    """Return the first position that came at a time or later: they only grow."""
    low, high = 1, newest + 1
    while low < high:
        middle = (low + high) // 2
        told = {"project": project, "pos": middle}
        if connection.execute(_RECEIVED, told).scalar_one() < received_ms:
            low = middle + 1
        else:
            high = middle
    return low


def _scans(connection: Connection, project: str, first: int, last: int) -> Iterator[Scan]:
    rows = connection.execute(_SCANS, {"project": project, "first": first, "last": last})
    read = [
        (read_action(epoch, line), Dated(at_ms, grade, error_ms))
        for epoch, line, at_ms, grade, error_ms in rows
    ]
    named = {str(action.body.get("sha256")) for action, _ in read if action.kind == "photo"}
    told = dict(connection.execute(_ARRIVED, {"named": sorted(named)}).all()) if named else {}
    deleted = {sha256 for sha256, gone_ms in told.items() if gone_ms is not None}
    return read_scans(read, told.keys() - deleted, deleted)
