"""What the shell and the system tell the screen: stop, go on, end."""

import asyncio
import os
import signal
import sys
from functools import partial

from textual.app import App


def heed(app: App[None]) -> None:
    """Heed signals as a program on a terminal should: each leaves the terminal as it was.

    A window that is closed (SIGHUP) ends the screen at once, as it does any program: all is kept
    at each key, and there is nothing left to draw on.
    """
    if app.is_headless or sys.platform == "win32":
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, app.exit)
    loop.add_signal_handler(signal.SIGTSTP, partial(_rest, app))
    # Textual would begin to read the keyboard a second time after each SIGCONT.
    loop.add_signal_handler(signal.SIGCONT, partial(app.refresh, layout=True))


def stop(app: App[None]) -> None:
    """Stop the screen and what it was begun by, as Ctrl-Z does; `fg` goes on.

    Where no shell could say so it goes on: it would be frozen for ever.
    """
    if app.is_headless or sys.platform == "win32":
        return
    if os.getpgid(os.getsid(0)) != os.getpgrp():
        os.killpg(os.getpgrp(), signal.SIGTSTP)


def _rest(app: App[None]) -> None:
    """Give the terminal back, and rest until the shell gives it to us again."""
    with app.suspend():
        os.kill(os.getpid(), signal.SIGSTOP)
        while _is_behind():
            os.kill(os.getpid(), signal.SIGSTOP)


def _is_behind() -> bool:
    """Tell whether somebody else has the terminal, as after `bg`."""
    return os.isatty(0) and os.tcgetpgrp(0) != os.getpgrp()
