"""`radar` as a process that ends with the one that began it, also where that is killed with -9.

It gives way to that one: where both have something to compute, the screen does first.

python -m radar_cli.one_screen.tied PARENT WORDS...
"""

import os
import signal
import sys
import threading
import time

from radar_cli.__main__ import main

LOOK_S = 1.0
"""So often it is looked whether the parent is there."""
ENDS_IN_S = 10.0
"""So long what is being written may take."""
NICE = 3
"""How much less urgent it is. Not by more: where it holds the database, the screen waits for it."""


def _watch(parent: int) -> None:
    """End this process when it is another's child, as an orphan is."""
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ENDS_IN_S)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(NICE)
    threading.Thread(target=_watch, args=(int(sys.argv.pop(1)),), daemon=True).start()
    main()
