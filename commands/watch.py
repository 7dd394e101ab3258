"""`radar sync --watch`: stay in step, until told to stop.

A sync is made when the centre tells of something new, when something was recorded here, by this
process or another, and now and then. What the network does to one ends only that one.
"""

import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from commands.phone import Phone
from commands.sync import check_real, sync
from radar_core.answers import Answer
from radar_core.failures import DONE, NOT_ENROLLED, NOT_PERMITTED, OFFLINE, Failure
from sync.asking import OFF, Asker, CentreClock
from sync.blobs import waiting
from sync.feed import cursors
from sync.journal import count_unsent, storage_failure
from sync.listening import Heard, Listening, Way, chance
from sync.pacing import Pace, asked, failed, recorded, returned, succeeded
from sync.sqlite import errors
from sync.trust import AUTHORITY

TICK_S = 1.0
"""So often the phone is looked at: was anything recorded?"""
PHOTOS_S = 10.0
"""So long photos go up before a sync looks at news again, however much there is of both."""
FINAL = frozenset({NOT_PERMITTED, NOT_ENROLLED})
"""A failure with such an exit code stays: the centre knows this phone no more."""
CHANGES = ("sent", "received", "healed", "forked", "centre_restored")

Tell = Callable[[Answer | Failure], object]


def watch(phone: Phone, tell: Tell) -> int:
    """Sync until SIGTERM, telling of the first one and of each that changed something or failed.

    And of the first after one that failed: there is signal again. Return the exit code; raise
    Failure where the centre knows this phone no more.
    """
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        _Watch(phone, tell).run()
    except SystemExit:
        return DONE
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(DONE)


class _Watch:
    """A watch under way."""

    def __init__(self, phone: Phone, tell: Tell) -> None:
        self._phone = phone
        self._tell = tell
        self._listening = Listening(way_of(phone), phone.workplace.randomness)
        self._looked_at = Heard()
        self._version = -1
        self._quarantined: object = None
        self._pace = Pace(self._now_s())

    def run(self) -> NoReturn:
        """Sync whenever it is due."""
        self._listening.start()
        while True:
            if self._pace.due_s <= self._now_s():
                self._pace = self._sync()
            self._listening.woken.wait(max(0.0, min(TICK_S, self._pace.due_s - self._now_s())))
            self._listening.woken.clear()
            self._look_at_events()
            self._look_at_journal()

    def _sync(self) -> Pace:
        """Sync once, and return when to do it again."""
        phone, pace = self._phone, self._pace
        # What is recorded from here on may miss this sync.
        self._version = self._data_version()
        try:
            phone.meta = phone.journal.meta()
            until_s = self._now_s() + PHOTOS_S
            answer = sync(phone, enough=lambda: self._is_wanted() and self._now_s() > until_s)
            phone.journal.tidy()
        except Failure as failure:
            if failure.exit_code in FINAL:
                raise
            self._tell(failure)
            return failed(pace, self._now_s(), self._chance())
        except errors() as error:
            self._tell(storage_failure(error))
            return failed(pace, self._now_s(), self._chance())
        if pace.failures:
            self._listening.hurry()
        self._tell_of(answer, again=bool(pace.failures))
        pace = succeeded(self._now_s(), self._chance())
        return recorded(pace, self._now_s()) if self._left_photos(answer) else pace

    def _left_photos(self, answer: Answer) -> bool:
        """Tell whether a sync left photos only because something else came first."""
        stopped = answer.exit_code == OFFLINE
        return not stopped and self._is_wanted() and bool(waiting(self._phone.journal))

    def _is_wanted(self) -> bool:
        """Tell whether there is something to look at."""
        return self._listening.woken.is_set()

    def _tell_of(self, answer: Answer, *, again: bool) -> None:
        """Tell of a sync that changed something, of the first one, and of one after an outage."""
        first, kept = self._quarantined is None, answer.data["quarantined"]
        photos = answer.data["photos"]
        arrived = isinstance(photos, dict) and photos["sent"]
        changed = arrived or any(answer.data[name] for name in CHANGES)
        if first or again or kept != self._quarantined or changed:
            answer.view = "sync" if first else "watched"
            self._tell(answer)
        self._quarantined = kept

    def _look_at_events(self) -> None:
        heard, before = self._listening.heard, self._looked_at
        if heard.count == before.count:
            return
        self._looked_at = heard
        if heard.cuts > before.cuts and not self._pace.failures:
            # The centre is not heard any more: a sync finds out, and tells whoever looks.
            self._pace = asked(self._pace, self._now_s(), self._chance())
        epoch = self._phone.meta["centre_epoch"]
        if not self._pace.failures and not heard.is_news(epoch, cursors(self._phone.journal)):
            return
        again = heard.hellos > max(1, before.hellos)
        follow = returned if again else asked
        self._pace = follow(self._pace, self._now_s(), self._chance())

    def _look_at_journal(self) -> None:
        version = self._data_version()
        if version != self._version:
            self._version = version
            if count_unsent(self._phone.journal):
                self._pace = recorded(self._pace, self._now_s())

    def _data_version(self) -> int:
        """Return a number that changes when another process writes to the phone's database."""
        row = self._phone.journal.connection.execute("PRAGMA data_version").fetchone()
        return int(row[0])

    def _now_s(self) -> float:
        return self._phone.workplace.clock().mono_ms / 1000

    def _chance(self) -> float:
        return chance(self._phone.workplace.randomness)


def way_of(phone: Phone) -> Way:
    """Return the way to the centre that this phone was enrolled with."""
    check_real(phone)
    meta, place = phone.meta, phone.workplace
    keys, authority = phone.keys(), Path(place.path(AUTHORITY))
    # Another thread's than the journal's: what it learns of the clock it keeps to itself.
    clock = CentreClock(lambda: place.clock().wall_ms, place.randomness, int(meta.get(OFF, "0")))
    asker = Asker(meta["device"], keys, clock)
    centre_key = bytes.fromhex(meta["centre_key"])
    return Way(meta["url"], asker, centre_key, place.timeout_s, authority)
