"""A watched folder: each new picture in it, once it is wholly written, until somebody says stop.

It is looked at every `LOOK_S`: every system and every network drive can do that, where inotify
sees nothing of what another machine writes, and a dependency for it would save a glance a second.
"""

import os
import stat

from radar_core.failures import FAILED, Failure, N_
from scanners.arrivals import Arrivals, Mark
from scanners.sources import PICTURE_SUFFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOK_S = 0.5


def new_pictures(
    folder: str, clock_s: "Callable[[], float]", sleep: "Callable[[float], object]"
) -> "Iterator[str]":
    """Look at `folder`, and return what yields the path of each picture that comes, without end.

    Pictures are known by the ends of their names; what begins with a dot is passed over, and
    so are folders, pipes and devices. Raises `Failure` where the folder cannot be looked at.
    """
    return _coming(folder, Arrivals(_marks(folder)), clock_s, sleep)


def _coming(
    folder: str,
    arrivals: Arrivals,
    clock_s: "Callable[[], float]",
    sleep: "Callable[[float], object]",
) -> "Iterator[str]":
    while True:
        sleep(LOOK_S)
        for name in arrivals.look(_marks(folder), clock_s()):
            yield f"{folder}/{name}"


def _marks(folder: str) -> dict[str, Mark]:
    try:
        names = [
            name
            for name in os.listdir(folder)
            if name.lower().endswith(PICTURE_SUFFIXES) and not name.startswith(".")
        ]
    except OSError as error:
        raise Failure(
            "folder_unreadable",
            N_("The folder {folder} cannot be looked at ({reason})."),
            N_("Is it there, and may this user read it? Then again: radar scan FOLDER"),
            exit_code=FAILED,
            folder=folder.encode("utf-8", "backslashreplace").decode(),
            reason=error.strerror,
        ) from error
    found = {}
    for name in names:
        try:
            status = os.stat(f"{folder}/{name}")
        except OSError:  # it went between the two looks
            continue
        if stat.S_ISREG(status.st_mode):
            found[name] = Mark(status.st_ino, status.st_size, status.st_mtime_ns)
    return found
