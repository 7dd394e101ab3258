"""Wrong PINs are counted for each badge, and make its owner wait: a minute, then twice as long.

How long is told by the clock that nobody can set. After a restart it is the time since that: all of
it has passed after the last try, so neither a restart nor another date shortens the wait.
"""

from commands.phone import Phone
from radar_core.actions import Moment
from radar_core.failures import NOT_PERMITTED, Failure, N_
from radar_core.jsontext import decode_object, encode
from sync.badges import Badge

FREE = 5
"""So many wrong PINs cost no wait."""
WAIT_S, WAIT_S_MAX = 60, 3600


def check_tries(phone: Phone, badge: Badge) -> int:
    """Return how many wrong PINs there were since the last right one; raise `too_many_pins`."""
    row = phone.journal.connection.execute(
        "SELECT value FROM meta WHERE key = ?", (_key(badge),)
    ).fetchone()
    told = decode_object(row[0]) if row is not None else {}
    if told.get("mark") != badge.mark:
        return 0
    count, at_ms = int(str(told["count"])), int(str(told["mono_ms"]))
    now = phone.workplace.clock()
    passed_ms = now.mono_ms
    if told["boot"] == now.boot and now.mono_ms >= at_ms:
        passed_ms -= at_ms
    left_s = wait_s(count) - passed_ms // 1000
    if left_s > 0:
        raise too_many(left_s)
    return count


def count_try(phone: Phone, badge: Badge) -> int:
    """Count a PIN as wrong, before it is known to be: so that no kill -9 spares anybody a try.

    Return how many there are; raise Failure `too_many_pins` where one has to wait.
    """
    with phone.transaction():
        count = check_tries(phone, badge) + 1
        now: Moment = phone.workplace.clock()
        told = {"mark": badge.mark, "count": count, "boot": now.boot, "mono_ms": now.mono_ms}
        phone.journal.set_meta(_key(badge), encode(told))
    return count


def forget_tries(phone: Phone, badge: Badge) -> None:
    """Begin to count anew, in the transaction under way: the PIN was right."""
    phone.journal.connection.execute("DELETE FROM meta WHERE key = ?", (_key(badge),))


def wait_s(count: int) -> int:
    """Return how long to wait after so many wrong PINs, in seconds."""
    return 0 if count < FREE else min(WAIT_S << min(count - FREE, 10), WAIT_S_MAX)


def too_many(left_s: int) -> Failure:
    """Say how long to wait."""
    failure = Failure(
        "too_many_pins",
        N_("Too many wrong PINs for this badge; the next one in {seconds} s."),
        N_("A forgotten PIN cannot be looked up: ask your supervisor for a new badge."),
        exit_code=NOT_PERMITTED,
        seconds=left_s,
    )
    failure.details["wait_s"] = left_s
    return failure


def _key(badge: Badge) -> str:
    return f"tries {badge.staff}"
