"""The task that the latest scan means: one scan and one key for a clean."""

from commands.phone import Phone
from radar_core.actions import Action, read_line
from radar_core.failures import USAGE, Failure, N_
from radar_core.matching import EARLY_S, match
from radar_core.tasks import UNDER_WAY


def task_here(phone: Phone) -> str:
    """Return the one task that is due where this person last scanned; raise Failure if not one.

    A round is not meant: its last checkpoint ends it. What the person has in hand comes first; what
    is late counts where nothing is on time.
    """
    now_s = phone.workplace.clock().wall_ms // 1000
    scan = _latest_scan(phone, now_s)
    text = str(scan.body.get("text")) if scan is not None else ""
    spot = phone.spot(text) or phone.named(text)
    if spot is None:
        raise Failure(
            "no_scan",
            N_("Which task? Nothing that is known was scanned here lately."),
            N_("Scan the tag first, or name the task: radar done TASK"),
            exit_code=USAGE,
        )
    found = match(spot, phone.person(), phone.candidates(spot.refs, now_s), now_s)
    due = found.outcome in ("on_round", "out_of_order", "due_here", "late")
    pairs = [pair for pair in found.found if due and pair[0].kind != "patrol"]
    on_time = [pair for pair in pairs if now_s <= pair[0].ends_s()]
    in_hand = [
        (task, progress)
        for task, progress in on_time or pairs
        if progress.state in UNDER_WAY and progress.staff == phone.staff
    ]
    here = [task.id for task, _ in in_hand or on_time or pairs]
    if len(here) == 1:
        return here[0]
    place = phone.where(spot.refs[0]) if spot.refs else spot.tag
    if here:
        raise Failure(
            "ambiguous_task",
            N_("Several tasks are due at {place}: {tasks}."),
            N_("Name one: radar done TASK"),
            place=place,
            tasks=", ".join(here),
        )
    raise Failure(
        "nothing_due",
        N_("Nothing is due for you at {place}, where you last scanned."),
        N_("What is: radar tasks. What was done there: radar query {tag}"),
        place=place,
        tag=spot.tag or text,
    )


def _latest_scan(phone: Phone, now_s: int) -> Action | None:
    """Return what this person last scanned on this phone, unless it was taken back or is old."""
    rows = phone.journal.connection.execute(
        "SELECT epoch, line FROM touch JOIN action USING (epoch, seq)"
        " WHERE ref = ? AND hash IS NOT NULL ORDER BY touch.hlc DESC",
        (f"staff:{phone.staff}",),
    )
    taken_back: set[object] = set()
    for epoch, line in rows:
        action = read_line(epoch, line)
        if action.at_s < now_s - EARLY_S:
            return None
        if action.kind == "correct":
            taken_back.add(action.body.get("action"))
        elif action.kind == "scan" and action.id not in taken_back:
            return action
    return None
