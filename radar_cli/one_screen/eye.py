"""What looks for codes beside the screen: a thread that tells what it sees, until it is closed."""

import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

from PIL import Image

from radar_core.failures import FAILED, Failure, N_
from scanners.frames import BLURRED, CLOSER, GLARE, TOO_DARK, TOO_SMALL
from scanners.readings import Reading
from sync.journal import storage_failure
from sync.sqlite import errors

CLOSE_S_MAX = 2.0
"""How long the end of a look is waited for; a hostile picture may take more, and ends alone."""


ADVICE = {
    TOO_DARK: N_("Too dark: turn the torch on."),
    TOO_SMALL: N_("The code is small: hold closer."),
    BLURRED: N_("Blurred: hold still, wipe lens."),
    GLARE: N_("Glare: tilt the phone."),
    CLOSER: N_("Hold closer and straight."),
}
"""What to do, in few words; the longer ones name a command of the shell."""


class Glimpse(NamedTuple):
    """What an eye has before it: a grey picture, where codes are in it, at its `full` size.

    `advice` is a template that says what to do differently; "" where a code was read.
    """

    picture: Image.Image
    full: tuple[int, int]
    readings: tuple[Reading, ...]
    advice: str


class Ear(NamedTuple):
    """Whom an eye tells, from its own thread: each must return at once, and touch no phone.

    `told` hears of each glimpse, `seen` the text of a code and its picture's fingerprint, `failed`
    why there is no code in a picture of somebody's, `ended` the last word of an eye that gave up.
    """

    told: Callable[[Glimpse], object]
    seen: Callable[[str, Mapping[str, object]], object]
    failed: Callable[[Failure], object]
    ended: Callable[[Failure], object]


class Eye:
    """A thread that looks; make it, `open` it, and `close` it, once each.

    Whoever makes one says in `look` what it does until `is_closed`.
    """

    via = ""
    """How a code that it sees came in, as an action has it."""

    def __init__(self, ear: Ear) -> None:
        self.ear = ear
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)

    def open(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Say that it is enough; returns at once, and nothing more is told."""
        self._closed.set()

    def close(self, wait_s: float = CLOSE_S_MAX) -> bool:
        """Stop, and wait until the thread and its processes are gone; say whether they are."""
        self.stop()
        if self._thread.ident is not None:
            self._thread.join(wait_s)
        return not self._thread.is_alive()

    def is_closed(self) -> bool:
        """Say whether it is told to stop."""
        return self._closed.is_set()

    def rest(self, seconds: float) -> bool:
        """Wait so long, or until it is told to stop; say whether it is."""
        return self._closed.wait(seconds)

    def look(self) -> None:
        """Look until it is closed; raise `Failure` where there is nothing to see."""
        raise NotImplementedError

    def _run(self) -> None:
        try:
            self.look()
        except Failure as failure:
            told = failure
        except errors() as error:
            told = storage_failure(error)
        except OSError as error:
            told = Failure(
                "eye_fails",
                N_("The camera cannot be looked through ({reason})."),
                N_("Type the code, or use the hand scanner."),
                exit_code=FAILED,
                reason=error.strerror or str(error),
            )
        else:
            return
        if not self.is_closed():
            self.ear.ended(told)
