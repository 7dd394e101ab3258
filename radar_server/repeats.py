"""Occurrences `SCHEDULE#N` at the centre: each a row, also one that nobody touched yet.

    row(#N) = fold(task(#N), actions on it)     the task following from the row of #N-1

So the board finds what is due next without counting from the first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, select
from sqlmodel import col

from radar_core.actions import Action
from radar_core.jsontext import decode_object
from radar_core.meters import KINDS, Reading, readings_of
from radar_core.repeating import FLOATING, MARK, METER, Repeating, number_of
from radar_core.tasks import Progress, read_progress
from radar_core.tracking import WHOLE, fold
from radar_server.bulk import Values, upsert
from radar_server.folding import TASK, actions_on, row_of
from radar_server.plans import read_plans
from radar_server.records import read_records
from radar_server.reference import key_of
from radar_server.tables import TaskRow, TouchRow

ASSET = "asset:"
Numbers = dict[str, set[int]]
"""Numbers of occurrences by schedule."""


def renew_touched(connection: Connection, project: str, actions: Iterable[Action]) -> None:
    """Make those occurrences anew that actions, stored in this transaction, may have changed."""
    wanted: Numbers = {}
    assets: set[str] = set()
    for action in actions:
        task, asset = action.body.get("task"), action.body.get("asset")
        found = number_of(task) if isinstance(task, str) else None
        if found is not None:
            wanted.setdefault(found[0], set()).add(found[1])
        if isinstance(asset, str) and (action.kind in KINDS or action.kind in WHOLE):
            assets.add(asset)
    for name in _by_meter(connection, project, assets) if assets else ():
        wanted.setdefault(name, set()).update({1, *_touched(connection, project, name)})
    if wanted:
        _renew(connection, project, wanted)


def renew_all(connection: Connection, project: str, schedules: Collection[str]) -> None:
    """Make the occurrences of some schedules anew, after the site book changed."""
    for name in schedules:
        low, high = _range(name)
        connection.execute(
            delete(TaskRow).where(
                col(TaskRow.project) == project, col(TaskRow.id) >= low, col(TaskRow.id) < high
            )
        )
    touched = {name: {1, *_touched(connection, project, name)} for name in schedules}
    _renew(connection, project, touched)


def _range(schedule: str) -> tuple[str, str]:
    """Return between which ids the occurrences of a schedule lie."""
    return f"{schedule}{MARK}", f"{schedule}{chr(ord(MARK) + 1)}"


def _touched(connection: Connection, project: str, schedule: str) -> set[int]:
    """Return the numbers of the occurrences that actions are about."""
    low, high = (TASK + end for end in _range(schedule))
    refs = select(col(TouchRow.ref)).where(
        col(TouchRow.project) == project, col(TouchRow.ref) >= low, col(TouchRow.ref) < high
    )
    names = connection.execute(refs.distinct()).scalars().all()
    found = [number_of(ref.removeprefix(TASK)) for ref in names]
    return {one[1] for one in found if one is not None and one[0] == schedule}


def _by_meter(connection: Connection, project: str, assets: Collection[str]) -> list[str]:
    """Return the schedules that go by a meter of one of some assets."""
    meters = read_records(connection, [project], "meter")
    wanted = {name for (_, name), body in meters.items() if body.get("asset") in assets}
    schedules = read_records(connection, [project], "schedule") if wanted else {}
    return [name for (_, name), body in schedules.items() if body.get("meter") in wanted]


def _renew(connection: Connection, project: str, wanted: Mapping[str, set[int]]) -> None:
    plan = read_plans(connection, [project], list(wanted))[project]
    repeat = {
        name: schedule
        for name, schedule in plan.schedules.items()
        if schedule.get("repeat") in (FLOATING, METER)
    }
    metered = {str(body["meter"]) for body in repeat.values() if "meter" in body}
    meters = read_records(connection, [project], "meter", metered)
    for name, schedule in repeat.items():
        meter = meters.get((project, str(schedule.get("meter"))))
        readings = _readings(connection, project, meter) if meter is not None else ()
        repeating = Repeating(name, schedule, project, plan.zone, plan.parts, readings)
        numbers = wanted[name]
        _store(connection, repeating, sorted(numbers | {number + 1 for number in numbers}))


def _readings(connection: Connection, project: str, meter: Mapping[str, object]) -> list[Reading]:
    key = key_of(f"{ASSET}{meter.get('asset')}")
    found = actions_on(connection, project, [key]).get(key, [])
    return readings_of(project, meter, found)


def _store(connection: Connection, repeating: Repeating, numbers: Sequence[int]) -> None:
    """Store some occurrences, the one before each being stored or among them."""
    project = repeating.project
    ids = {number: f"{repeating.id}{MARK}{number}" for number in numbers}
    before = {number - 1: f"{repeating.id}{MARK}{number - 1}" for number in numbers}
    stands = _standing(connection, project, [one for n, one in before.items() if n not in ids])
    keys = {number: key_of(TASK + id_) for number, id_ in ids.items()}
    touching = actions_on(connection, project, list(keys.values()))
    rows: list[Values] = []
    gone: list[str] = []
    for number, id_ in ids.items():
        actions = sorted(touching.get(keys[number], []), key=lambda action: action.order)
        first_s = actions[0].at_s if actions else None
        task = repeating.task(number, stands.get(before[number - 1]), first_s)
        if task is None:
            gone.append(id_)
            continue
        stands[id_] = fold(task, actions)
        rows.append(row_of(task, stands[id_], actions[-1] if actions else None))
    upsert(connection, TaskRow, rows)
    if gone:
        connection.execute(
            delete(TaskRow).where(col(TaskRow.project) == project, col(TaskRow.id).in_(gone))
        )


def _standing(connection: Connection, project: str, ids: Collection[str]) -> dict[str, Progress]:
    rows = connection.execute(
        select(col(TaskRow.id), col(TaskRow.progress)).where(
            col(TaskRow.project) == project, col(TaskRow.id).in_(ids)
        )
    )
    return {id_: read_progress(decode_object(text)) for id_, text in rows.all()}
