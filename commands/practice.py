"""A practice phone: a real one in a folder of its own that is gone afterwards, without a centre.

    with open_practice(workplace, ["guard"]) as practice:
        scan(practice.phone, practice_label("GATE"))

What is done on it is recorded as on any phone. It knows no address, so nothing can leave it.
"""

import os
import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from commands.phone import DATABASE, KEY, Phone, Workplace
from commands.practice_book import LEARNER, PROJECT, practice_news
from commands.projection import SCHEMA, projection
from radar_core.actions import Action
from radar_core.answers import Answer
from radar_core.failures import Failure, N_
from radar_core.permissions import ROLES
from sync.feed import take_news
from sync.keys import KEY_BYTES, load_or_make_key, name_of
from sync.lines import read_action
from sync.replica import Identity, create_replica

PREFIX = "radar-practice-"
STRANGER = ("You", "您")
"""How the person is called whose name the phone does not know."""


class Practice:
    """A practice phone that is open; `close` removes it, and all that was done on it."""

    __slots__ = ("_lock", "phone")

    def __init__(self, phone: Phone, lock: int) -> None:
        """`lock` is the descriptor by which others see that the folder is in use."""
        self.phone = phone
        self._lock = lock

    def actions(self) -> list[Action]:
        """Return what the person did here, in the order in which they did it."""
        rows = self.phone.journal.connection.execute(
            "SELECT epoch, line FROM action WHERE hash IS NOT NULL ORDER BY seq"
        )
        return [read_action(epoch, line) for epoch, line in rows]

    def print_tags(self, out: str, tell: Callable[[int, int], None]) -> Answer:
        """Write the practice tags as a sheet of labels, as `radar label sheet` does."""
        from commands.label import Wish, records_of, sheet

        wish = Wish("L7163", out)
        records = records_of(self.phone)
        return sheet(self.phone.workplace, records, [], wish, tell, project=PROJECT)

    def close(self) -> None:
        """Remove the phone; twice is as good as once."""
        if self._lock >= 0:
            self.phone.journal.connection.close()
            shutil.rmtree(self.phone.workplace.home, ignore_errors=True)
            os.close(self._lock)
            self._lock = -1


@contextmanager
def open_practice(
    workplace: Workplace, roles: Sequence[str], name: tuple[str, str] = STRANGER
) -> Generator[Practice]:
    """Make a practice phone for the time of a `with`; see `begin_practice`."""
    practice = begin_practice(workplace, roles, name)
    try:
        yield practice
    finally:
        practice.close()


def begin_practice(
    workplace: Workplace, roles: Sequence[str], name: tuple[str, str] = STRANGER
) -> Practice:
    """Make a practice phone for somebody with these roles, called `name` in English and Chinese.

    It has the clocks and the chance of `workplace`, and nothing else of it. What an earlier round
    left that was killed is removed. Raise Failure `no_practice` where there is no room for it.
    """
    assert set(roles) <= set(ROLES), roles
    try:
        remove_leftovers()
        folder, lock = _new_folder()
    except OSError as error:
        raise Failure(
            "no_practice",
            N_("There is no room here to practise ({reason})."),
            N_("Free some space (photos, downloads), then try again."),
            reason=error.strerror,
        ) from error
    here = Workplace(
        str(folder),
        clock=workplace.clock,
        local=workplace.local,
        randomness=workplace.randomness,
        timeout_s=workplace.timeout_s,
        lock_min=0,
    )
    practice = Practice(_make_phone(here), lock)
    moment = workplace.clock()
    journal = practice.phone.journal
    project = projection(journal, moment.wall_ms // 1000)
    take_news(journal, practice_news(roles, name, moment), moment.wall_ms, project)
    practice.phone.meta = journal.meta()
    return practice


def _make_phone(here: Workplace) -> Phone:
    keys = load_or_make_key(Path(here.path(KEY)), here.randomness(KEY_BYTES))
    identity = Identity("PRACTICE", LEARNER, url="", centre_epoch="", centre_key="")
    epoch = name_of(here.randomness(32), "E")
    made = create_replica(
        Path(here.path(DATABASE)), identity, epoch, keys.public, more_schema=SCHEMA
    )
    made.connection.close()
    return Phone(here)


def _new_folder() -> tuple[Path, int]:
    """Return a new folder of ours alone, and the descriptor that holds its lock.

    The lock ends with the process however it ends: a folder that nobody holds is a leftover. One
    that was taken for such before it was held is gone, and another is made.
    """
    while True:
        folder = Path(mkdtemp(prefix=PREFIX))
        lock = os.open(folder, os.O_RDONLY)
        flock(lock, LOCK_EX)
        if folder.exists():
            return folder, lock
        os.close(lock)


def remove_leftovers() -> None:
    """Remove the practice phones of rounds that were killed: ours alone, and none in use."""
    for folder in Path(gettempdir()).glob(f"{PREFIX}*"):
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # another person's, or gone meanwhile
            continue
        try:
            if os.fstat(lock).st_uid == os.getuid():
                flock(lock, LOCK_EX | LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)
