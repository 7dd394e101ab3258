"""Work orders that somebody reported: `CATEGORY:SPOT:N`, made from the reports themselves.

    work_order(id, actions) = the task, or None while nobody reported it

A report goes to the open work order of its category and spot, and opens the next one where none is
open. So the reports of several people, offline too, come together in one task, and its id is the
same everywhere.
"""

from collections.abc import Iterable, Mapping

from radar_core.actions import Action
from radar_core.tasks import FINISHED, Task

ROLES = {
    "repair": "engineer",
    "cleaning": "cleaner",
    "incident": "supervisor",
    "supplies": "supervisor",
}
"""Who takes care of a category."""
RESOLVE_S = {"urgent": 4 * 3600, "high": 24 * 3600, "normal": 3 * 86400, "low": 7 * 86400}
"""Within how many seconds a work order is due, by priority, where its project says nothing."""
TITLE_CHARS = 80
NUMBER_DIGITS_MAX = 6


def parts_of(task_id: str) -> tuple[str, str, int] | None:
    """Return category, spot and number of a work order's id; None for any other id."""
    category, _, rest = task_id.partition(":")
    spot, _, number = rest.rpartition(":")
    plain = number.isascii() and number.isdecimal() and len(number) <= NUMBER_DIGITS_MAX
    if category not in ROLES or not spot or not plain or number.startswith("0"):
        return None
    return category, spot, int(number)


def next_id(category: str, spot: str, states: Mapping[str, str]) -> str:
    """Return the work order that a report belongs to, by the state of those that are known.

    That is the highest that is open, else the next number.
    """
    assert category in ROLES, category
    highest, opened = 0, 0
    for id_, state in states.items():
        found = parts_of(id_)
        if found is not None and found[:2] == (category, spot):
            highest = max(highest, found[2])
            if state not in FINISHED:
                opened = max(opened, found[2])
    return f"{category}:{spot}:{opened or highest + 1}"


def work_order(task_id: str, actions: Iterable[Action]) -> Task | None:
    """Return the work order that the reports among some actions make; None without a report.

    The first report by the order of the fold says what it is about.
    """
    found = parts_of(task_id)
    reports = [action for action in actions if action.kind == "report"]
    if found is None or not reports:
        return None
    first = min(reports, key=lambda action: action.order)
    body = first.body
    named = [f"{kind}:{body[kind]}" for kind in ("asset", "place") if body.get(kind)]
    priority = str(body.get("priority", "normal"))
    return Task(
        {
            "id": task_id,
            "project": first.project,
            "kind": "maintenance",
            "title": _title(body.get("text")),
            "title_zh": _title(body.get("text_zh")),
            "role": ROLES[found[0]],
            "targets": named[:1],
            "category": found[0],
            "priority": priority if priority in RESOLVE_S else "normal",
            "due_from": first.at_s,
            "due_to": first.at_s + RESOLVE_S.get(priority, RESOLVE_S["normal"]),
        }
    )


def _title(text: object) -> str:
    """Return the first line of what was reported, as long as a list can show it."""
    return str(text or "").strip().partition("\n")[0][:TITLE_CHARS]
