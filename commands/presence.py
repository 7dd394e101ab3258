"""Who is signed in on a shared phone, and until when: a personal phone loads nothing of this.

Presence ends by `radar lock`, when nothing was done for `lock_min` minutes, by a restart, and with
the badge. How long nothing was done is told by the clock that nobody can set; where the system does
not tell its boots apart, by whichever clock says longer.
"""

from radar_core.actions import Draft, touches
from radar_core.failures import NOT_PERMITTED, Failure, N_
from radar_core.jsontext import decode_object, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.phone import Phone
    from radar_core.actions import Moment
    from sync.journal import Recorded

KEY = "presence"
NOTED_MS = 60_000
"""That somebody is busy is noted once in so many milliseconds: it may cost a flush."""
_READ = "SELECT value FROM meta WHERE key = ?"


class Presence:
    """Who signed in with which badge, in which project, and when something was last done."""

    __slots__ = ("badge", "boot", "mono_ms", "project", "staff", "wall_ms")

    def __init__(self, staff: str, badge: str, project: str, moment: "Moment") -> None:
        self.staff = staff
        self.badge = badge
        self.project = project
        self.boot = moment.boot
        self.mono_ms = moment.mono_ms
        self.wall_ms = moment.wall_ms

    def keep(self, phone: "Phone") -> None:
        """Store it, in the transaction under way."""
        phone.journal.set_meta(KEY, encode({name: getattr(self, name) for name in self.__slots__}))


def presence_of(phone: "Phone") -> "Presence | None":
    """Return what is stored, which another process of this phone may have changed just now."""
    row = phone.journal.connection.execute(_READ, (KEY,)).fetchone()
    if row is None:
        return None
    found = Presence.__new__(Presence)
    for name, value in decode_object(row[0]).items():
        setattr(found, name, value)
    return found


def signed_in(phone: "Phone", *, busy: bool = True) -> str:
    """Return who is signed in on a shared phone; raise Failure `nobody_signed_in`.

    Who was away for too long is signed out. With `busy` it is noted that something is done.
    """
    found = presence_of(phone)
    if found is None:
        raise _nobody(N_("This is a shared phone, and nobody is signed in."))
    now = phone.workplace.clock()
    ended = _ended(phone, found, now)
    if ended is not None:
        if not phone.journal.connection.in_transaction:
            with phone.transaction():
                sign_out(phone, found, now)
        raise ended
    if busy and now.mono_ms - found.mono_ms >= min(
        phone.workplace.lock_min * 6_000 or NOTED_MS, NOTED_MS
    ):
        busy_now = Presence(found.staff, found.badge, found.project, now)
        if phone.journal.connection.in_transaction:
            busy_now.keep(phone)
        else:
            with phone.transaction():
                busy_now.keep(phone)
    return found.staff


def sign_out(phone: "Phone", found: Presence, now: "Moment") -> "Recorded":
    """Record that somebody is signed out, in the transaction under way."""
    draft = Draft(
        staff=found.staff, project=found.project, kind="sign_out", subject=found.staff, body={}
    )
    phone.journal.connection.execute("DELETE FROM meta WHERE key = ?", (KEY,))
    return phone.journal.append(draft, now, touches(draft))


def named(phone: "Phone") -> dict[str, object] | None:
    """Return who is signed in on a shared phone, as answers name people; None for nobody."""
    found = presence_of(phone)
    if found is None or _ended(phone, found, phone.workplace.clock()) is not None:
        return None
    person = phone.body("staff", found.staff) or {}
    name = person.get("name") or found.staff
    return {"staff": found.staff, "name": name, "name_zh": person.get("name_zh") or name}


def projects_here(phone: "Phone", staff: str) -> list[str]:
    """Return those of somebody's projects that this phone serves."""
    rows = phone.journal.connection.execute(
        "SELECT project FROM record WHERE kind = 'staff' AND id = ? ORDER BY project", (staff,)
    )
    return [project for (project,) in rows]


def _ended(phone: "Phone", found: Presence, now: "Moment") -> Failure | None:
    """Return why somebody is signed in no more; None where they are."""
    if (phone.body("badge", found.staff) or {}).get("key") != found.badge:
        return _nobody(N_("{staff} is signed out: this badge counts no more."), staff=found.staff)
    if now.boot != found.boot or now.mono_ms < found.mono_ms:
        return _nobody(N_("{staff} is signed out: the phone was restarted."), staff=found.staff)
    idle_ms = now.mono_ms - found.mono_ms
    if not now.boot:
        idle_ms = max(idle_ms, now.wall_ms - found.wall_ms)
    lock_min = phone.workplace.lock_min
    if lock_min and idle_ms >= lock_min * 60_000:
        return _nobody(
            N_("{staff} is signed out: nothing was done here for {minutes} min."),
            staff=found.staff,
            minutes=idle_ms // 60_000,
        )
    return None


def _nobody(message: str, **values: object) -> Failure:
    return Failure(
        "nobody_signed_in",
        message,
        N_("Nothing was saved. Sign in with your badge: radar badge PICTURE"),
        exit_code=NOT_PERMITTED,
        **values,
    )
