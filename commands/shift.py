"""`radar shift start` and `end`: who is on duty, by which post orders, and what was done."""

from commands.phone import Phone
from radar_core.actions import Action, read_line
from radar_core.answers import Answer
from radar_core.failures import Failure, N_
from radar_core.jsontext import decode_object
from radar_core.tasks import FINISHED
from sync.journal import Recorded, count_unsent

_OWN = (
    "SELECT epoch, line FROM touch JOIN action USING (epoch, seq)"
    " WHERE ref = ? AND hash IS NOT NULL AND touch.hlc > ? {} ORDER BY touch.hlc"
)
_SHIFTS = """AND (line LIKE '%"kind":"shift_start"%' OR line LIKE '%"kind":"shift_end"%')"""
_ORDERS = "SELECT id, body FROM record WHERE kind = 'order' AND project = ? ORDER BY id"


def shift(phone: Phone) -> Answer:
    """Tell whether a shift is on, or how the last one went."""
    return _told(phone, "shift", None)


def is_on(phone: Phone) -> bool:
    """Tell whether a shift of this person's is on, without summing it up."""
    query = _OWN.format(_SHIFTS) + " DESC LIMIT 1"
    row = phone.journal.connection.execute(query, (f"staff:{phone.staff}", "")).fetchone()
    return row is not None and read_line(*row).kind == "shift_start"


def shift_start(phone: Phone) -> Answer:
    """Record the beginning, with the post orders that are shown; one that is on goes on."""
    with phone.transaction():
        begun, ended = _latest(phone)
        recorded = None
        if begun is None or ended is not None:
            orders = [order["id"] for order in post_orders(phone)]
            recorded = _write(phone, "shift_start", {"orders": orders})
    return _told(phone, "shift_started", recorded)


def shift_end(phone: Phone) -> Answer:
    """Record the end and sum the shift up; raise Failure `no_shift` where none is on."""
    with phone.transaction():
        begun, ended = _latest(phone)
        if begun is None or ended is not None:
            raise Failure(
                "no_shift",
                N_("No shift of yours is on, so there is none to end. Nothing was saved."),
                N_("To begin one: radar shift start"),
            )
        recorded = _write(phone, "shift_end", {"orders": begun.body.get("orders", [])})
    return _told(phone, "shift_ended", recorded)


def _write(phone: Phone, kind: str, body: dict[str, object]) -> Recorded:
    project = phone.home_project()
    return phone.write(kind, phone.staff, project, body, phone.workplace.clock())


def _latest(phone: Phone) -> tuple[Action | None, Action | None]:
    """Return the beginning of this person's last shift on this phone, and its end if it has one."""
    begun = ended = None
    for action in _own(phone, "", _SHIFTS):
        if action.kind == "shift_start":
            begun, ended = action, None
        elif action.kind == "shift_end":
            ended = action
    return begun, ended


def _own(phone: Phone, after: str, only: str = "") -> list[Action]:
    """Return what this person recorded on this phone after a stamp, in the order of the fold."""
    values = (f"staff:{phone.staff}", after)
    rows = phone.journal.connection.execute(_OWN.format(only), values)
    return [read_line(*row) for row in rows]


def post_orders(phone: Phone) -> list[dict[str, object]]:
    """Return the post orders of the person's roles in each of their projects."""
    person = phone.person()
    found: list[dict[str, object]] = []
    for project, roles in person.roles.items():
        for id_, text in phone.journal.connection.execute(_ORDERS, (project,)):
            body = decode_object(text)
            if body.get("role") in ("", None, *roles):
                names = ("title", "title_zh", "text", "text_zh")
                order = {name: body.get(name) for name in names}
                found.append({"id": id_, "project": project, **order})
    return found


def _told(phone: Phone, view: str, recorded: Recorded | None) -> Answer:
    begun, ended = _latest(phone)
    data: dict[str, object] = {
        "action_id": recorded.id if recorded is not None else None,
        "seq": recorded.seq if recorded is not None else None,
        "saved": recorded is not None,
        "on": begun is not None and ended is None,
        "since": begun.wall if begun is not None else None,
        "until": ended.wall if ended is not None else None,
        "orders": post_orders(phone),
    }
    done = _own(phone, begun.hlc) if begun is not None else []
    if ended is not None:
        done = [action for action in done if action.order < ended.order]
    return Answer(view, data | _summary(phone, done))


def _summary(phone: Phone, done: list[Action]) -> dict[str, object]:
    """Return how much was done: scans, rounds and tasks finished, reports; and what is unsent.

    What was taken back was not done.
    """
    taken_back = {action.body.get("action") for action in done if action.kind == "correct"}
    kinds = [action.kind for action in done if action.id not in taken_back]
    touched = {str(action.body["task"]) for action in done if action.body.get("task")}
    finished = {"patrol": 0, "cleaning": 0, "maintenance": 0}
    for task_id in touched:
        try:
            task, progress = phone.task(task_id)
        except Failure:
            continue
        finished[task.kind] = finished.get(task.kind, 0) + (progress.state in FINISHED)
    return {
        "scans": kinds.count("scan"),
        "rounds": finished["patrol"],
        "tasks": finished["cleaning"] + finished["maintenance"],
        "reports": kinds.count("report"),
        "unsent": count_unsent(phone.journal),
    }
