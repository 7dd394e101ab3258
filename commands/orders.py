"""Work orders as reports make them on a phone: which one a report belongs to, and who says so."""

from collections.abc import Mapping
from typing import NamedTuple

from commands.phone import Phone
from radar_core.actions import Action, Moment
from radar_core.tasks import FINISHED, Progress, Task
from radar_core.work_orders import next_id, parts_of
from sync.journal import Recorded
from sync.touching import actions_on


class Order(NamedTuple):
    """A work order that a report goes to: it was `opened`, `joined` or `reopened` by it.

    Or it is `open` still, though what was reported is well now.
    """

    id: str
    how: str


def order_for(phone: Phone, category: str, spot: Mapping[str, str], project: str) -> Order:
    """Return the work order of a category at a spot that is open, else the next one."""
    name = spot.get("asset") or spot.get("place") or project
    rows = phone.journal.connection.execute(
        "SELECT id, state FROM task WHERE id >= ? AND id < ?",
        (f"{category}:{name}:", f"{category}:{name};"),
    )
    states: dict[str, str] = dict(rows)
    id_ = next_id(category, name, states)
    return Order(id_, "joined" if id_ in states else "opened")


def spot_of(phone: Phone, task: Task, step_id: str = "") -> dict[str, str]:
    """Return where a task is, as `asset` and `place`; of a round, where a step is asked."""
    index = step_id.partition(".")[0] if task.kind == "patrol" else "0"
    if not index.isdecimal() or int(index) >= len(task.targets):
        return {}
    kind, _, id_ = task.targets[int(index)].partition(":")
    place = (phone.body("asset", id_) or {}).get("place") if kind == "asset" else None
    return {kind: id_} | ({"place": str(place)} if place else {})


def write_report(
    phone: Phone, order: Order, project: str, body: Mapping[str, object], moment: Moment
) -> Recorded:
    """Record a report on a work order, in the transaction under way; what is empty is left out."""
    told = {name: value for name, value in body.items() if value}
    return phone.write("report", order.id, project, {"task": order.id} | told, moment)


def reports_on(phone: Phone, order: str) -> list[Action]:
    """Return the reports on a work order, in the order of the fold."""
    ref = f"task:{order}"
    return [one for one in actions_on(phone.journal, [ref])[ref] if one.kind == "report"]


def order_of_step(phone: Phone, task: Task, progress: Progress, step_id: str) -> Order | None:
    """Return the work order that this step of a task opened or joined before and that is open."""
    for id_ in progress.links:
        if parts_of(id_) is None or _state(phone, id_) in FINISHED:
            continue
        for report in reports_on(phone, id_):
            if (report.body.get("from"), report.body.get("step")) == (task.id, step_id):
                return Order(id_, "open")
    return None


def _state(phone: Phone, id_: str) -> str:
    row = phone.journal.connection.execute("SELECT state FROM task WHERE id = ?", (id_,)).fetchone()
    return str(row[0]) if row is not None else "cancelled"


def told_order(phone: Phone, order: Order) -> dict[str, object]:
    """Return what a person hears of a work order: its id to follow, and how many reported it."""
    task, progress = phone.task(order.id)
    return {
        "task_id": task.id,
        "how": order.how,
        "title": task.title,
        "title_zh": task.title_zh,
        "state": progress.state,
        "priority": progress.priority,
        "people": len({report.staff for report in reports_on(phone, order.id)}),
    }
