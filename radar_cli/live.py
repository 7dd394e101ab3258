"""`radar scan --camera` and `--clipboard`: programs of the system see for us, and end with us."""

import signal
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import NoReturn

from radar_cli.progress import progress
from radar_cli.session import Session
from radar_core.failures import N_


def look_through_camera(session: Session, device: str, wanted: str) -> int:
    """Scan through a camera, by name or the first there is; return the exit code."""
    from commands.scan_live import scan_camera
    from scanners.cameras import open_camera

    phone = session.phone()
    tell = progress(session, N_("{seen} pictures looked at, {left} s left ..."), "seen", "left")
    with ended_in_order(), open_camera(device, session.environ) as shots:
        session.progress(N_("Hold the tag before the camera. Ctrl-C ends it."))
        answer = scan_camera(
            phone,
            shots,
            wanted,
            session.reader(),
            clock_s=time.monotonic,
            budget_ms=session.budget_ms,
            tell=tell,
        )
    return session.show(answer)


def look_for_code(session: Session) -> tuple[str, Mapping[str, object] | None]:
    """Return the code of a tag that is held before the first camera, and its picture's frame."""
    from commands.scan import known_code
    from commands.scan_live import look
    from scanners.cameras import open_camera

    known = partial(known_code, session.phone())
    tell = progress(session, N_("{seen} pictures looked at, {left} s left ..."), "seen", "left")
    with ended_in_order(), open_camera("", session.environ) as shots:
        session.progress(N_("Hold the tag before the camera. Ctrl-C ends it."))
        return look(shots, session.reader(), known, clock_s=time.monotonic, tell=tell)


def look_for_badge(session: Session, device: str) -> str:
    """Return the text of the badge that is held before a camera."""
    from commands.scan_live import look
    from scanners.cameras import open_camera
    from sync.badges import PREFIX

    def known(texts: list[str]) -> str | None:
        return next((text for text in texts if text.startswith(PREFIX)), None)

    tell = progress(session, N_("{seen} pictures looked at, {left} s left ..."), "seen", "left")
    with ended_in_order(), open_camera(device, session.environ) as shots:
        session.progress(N_("Hold the badge before the camera. Ctrl-C ends it."))
        text, _ = look(shots, session.reader(), known, clock_s=time.monotonic, tell=tell)
    return text


def look_into_clipboard(session: Session, wanted: str) -> int:
    """Scan the picture or the code that was copied; return the exit code."""
    from commands.scan_live import scan_copied
    from scanners.clipboard import read_clipboard

    phone = session.phone()
    with ended_in_order():
        answer = scan_copied(phone, read_clipboard(session.environ), wanted, session.reader)
    return session.show(answer)


@contextmanager
def ended_in_order() -> Generator[None]:
    """Make of SIGTERM and a closed terminal what Ctrl-C is: all that was begun is cleared up."""
    ending = (signal.SIGTERM, signal.SIGHUP)
    # What is ignored, as `nohup` has it, stays so.
    heeded = [number for number in ending if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, _interrupt) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
