"""`radar status`: whose phone this is, what has not been sent, and how fresh it all is."""

from commands.phone import Phone
from commands.tasks import my_tasks
from radar_core.answers import Answer
from radar_core.failures import DECIDE, DONE
from radar_core.tasks import state_at
from sync.blobs import count_blobs
from sync.journal import Journal, count_unsent, latest_receipt


def status(phone: Phone) -> Answer:
    """Tell the phone's state; the exit code is 5 while something lies in quarantine."""
    now_s = phone.workplace.clock().wall_ms // 1000
    unsent, quarantined = _counts(phone)
    states: dict[str, int] = {}
    shared = not phone.meta["staff"]
    staff = _signed_in(phone) if shared else phone.meta["staff"]
    for task, progress in my_tasks(phone, now_s) if staff else ():
        state = state_at(task, progress, now_s)
        states[state] = states.get(state, 0) + 1
    person = phone.body("staff", staff) or {}
    data: dict[str, object] = {
        "staff": staff,
        "shared": shared,
        "name": person.get("name"),
        "name_zh": person.get("name_zh"),
        "device": phone.meta["device"],
        "unsent": unsent,
        "quarantined": quarantined,
        "last_sync": phone.meta.get("last_sync"),
        "data_as_of": phone.meta.get("last_sync"),
        "receipt": latest_receipt(phone.journal),
        "photos": told_of_photos(phone.journal),
        "tasks": states,
        "home": phone.workplace.home,
        "centre": phone.meta["url"],
    }
    return Answer("status", data, DECIDE if quarantined else DONE)


def _signed_in(phone: Phone) -> str:
    """Return who is signed in on a shared phone, nothing for nobody."""
    from commands.presence import named

    return str((named(phone) or {}).get("staff", ""))


def told_of_photos(journal: Journal) -> dict[str, object]:
    """Return how many photos and signatures wait on this phone, and how many the centre has."""
    states = count_blobs(journal)
    waiting = states["recorded"] + states["promised"]
    return {"waiting": waiting, "sent": states["arrived"], **states}


def _counts(phone: Phone) -> tuple[int, int]:
    (kept,) = phone.journal.connection.execute(
        "SELECT count(*) FROM quarantine WHERE state = 'kept'"
    ).fetchone()
    return count_unsent(phone.journal), int(kept)
