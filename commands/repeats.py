"""Occurrences `SCHEDULE#N` on the phone, made from the folds of those before them.

They are made with the other tasks when the schedules are unrolled, and whenever an action touches
one of them or the asset of their meter: so the next one is there at once, offline too.
"""

from collections.abc import Collection, Iterable, Mapping

from commands.plans import Plan, bodies_of, read_plan
from commands.stored import drop_task, progress_of, store_task
from radar_core.jsontext import decode_object
from radar_core.meters import Reading, readings_of
from radar_core.repeating import FLOATING, MARK, METER, Repeating, number_of
from radar_core.tracking import fold
from sync.feed import Lines
from sync.journal import Journal
from sync.lines import read_action
from sync.touching import actions_on

TASK, ASSET = "task:", "asset:"
Whole = Mapping[str, Lines]


def renew_all(journal: Journal, plan: Plan, whole: Whole) -> None:
    """Make the occurrences of a project's schedules anew; none is stored now."""
    for name, schedule in plan.schedules.items():
        if schedule.get("repeat") in (FLOATING, METER):
            _renew(journal, plan, name, {1, *_touched(journal, name)}, whole)


def renew_touched(journal: Journal, refs: Iterable[str], whole: Whole) -> None:
    """Make those occurrences anew that actions on some references may have changed."""
    wanted: dict[str, dict[str, set[int]]] = {}
    assets: set[str] = set()
    for ref in refs:
        kind, _, id_ = ref.partition(":")
        found = number_of(id_) if kind == "task" else None
        if found is not None:
            for project in _projects_with(journal, found[0]):
                wanted.setdefault(project, {}).setdefault(found[0], set()).add(found[1])
        elif kind == "asset":
            assets.add(id_)
    for project, name in _by_meter(journal, assets) if assets else ():
        numbers = {1, *_touched(journal, name)}
        wanted.setdefault(project, {}).setdefault(name, set()).update(numbers)
    for project, names in wanted.items():
        plan = read_plan(journal, project)
        for name, numbers in names.items():
            _renew(journal, plan, name, numbers, whole)


def _projects_with(journal: Journal, schedule: str) -> list[str]:
    rows = journal.connection.execute(
        "SELECT project FROM record WHERE kind = 'schedule' AND id = ?", (schedule,)
    )
    return [row[0] for row in rows.fetchall()]


def _by_meter(journal: Journal, assets: Collection[str]) -> list[tuple[str, str]]:
    """Return project and id of the schedules that go by a meter of one of some assets."""
    rows = journal.connection.execute("SELECT project, id, body FROM record WHERE kind = 'meter'")
    meters = [(row[0], row[1]) for row in rows if decode_object(row[2]).get("asset") in assets]
    return [
        (project, name)
        for project, meter in meters
        for name, schedule in bodies_of(journal, "schedule", project).items()
        if schedule.get("meter") == meter
    ]


def _touched(journal: Journal, schedule: str) -> set[int]:
    """Return the numbers of the occurrences that actions are about."""
    low, high = f"{TASK}{schedule}{MARK}", f"{TASK}{schedule}{chr(ord(MARK) + 1)}"
    rows = journal.connection.execute(
        "SELECT DISTINCT ref FROM touch WHERE ref >= ?1 AND ref < ?2"
        " UNION SELECT DISTINCT ref FROM mention WHERE ref >= ?1 AND ref < ?2",
        (low, high),
    )
    found = [number_of(row[0].removeprefix(TASK)) for row in rows.fetchall()]
    return {one[1] for one in found if one is not None and one[0] == schedule}


def _renew(journal: Journal, plan: Plan, name: str, numbers: set[int], whole: Whole) -> None:
    """Make some occurrences anew, and those that come after them."""
    schedule = plan.schedules[name]
    if schedule.get("repeat") not in (FLOATING, METER):
        return
    readings = _readings(journal, plan, schedule.get("meter"))
    repeating = Repeating(name, schedule, plan.project, plan.zone, plan.parts, readings)
    for number in sorted(numbers | {number + 1 for number in numbers}):
        id_ = f"{name}{MARK}{number}"
        ref = TASK + id_
        lines = whole.get(ref)
        actions = [read_action(*one) for one in lines] if lines else actions_on(journal, [ref])[ref]
        actions = [action for action in actions if action.project == plan.project]
        before = progress_of(journal, f"{name}{MARK}{number - 1}")
        first = min(actions, key=lambda action: action.order) if actions else None
        task = repeating.task(number, before, first.at_s if first is not None else None)
        if task is None:
            drop_task(journal, id_)
        else:
            store_task(journal, task, fold(task, actions))


def _readings(journal: Journal, plan: Plan, meter: object) -> list[Reading]:
    body = bodies_of(journal, "meter", plan.project).get(str(meter)) if meter else None
    if body is None:
        return []
    ref = f"{ASSET}{body.get('asset')}"
    return readings_of(plan.project, body, actions_on(journal, [ref])[ref])
