"""Progress of something long: now and then a line, to who sits at a terminal."""

import time
from collections.abc import Callable

from radar_cli.session import Session

TELL_S = 3.0
"""So often something long says how far it is."""
Tell = Callable[[int, int], None]


def progress(session: Session, template: str, first: str, second: str) -> Tell:
    """Return what writes two numbers, by these names, into the template's line now and then."""
    return now_and_then(
        lambda one, two: session.progress(template, **{first: one, second: two}), time.monotonic
    )


def now_and_then(tell: Tell, clock_s: Callable[[], float]) -> Tell:
    """Return what passes on the first word after some seconds, and one each so many seconds."""
    told_s = clock_s()

    def heard(one: int, two: int) -> None:
        nonlocal told_s
        if clock_s() - told_s >= TELL_S:
            told_s = clock_s()
            tell(one, two)

    return heard
