"""`radar scan FOLDER`: one verdict for each new picture, until Ctrl-C or SIGTERM."""

import signal
import time
from types import FrameType
from typing import NoReturn

from radar_cli.fast import scan_line
from radar_cli.session import Session
from radar_core.failures import DONE, N_
from scanners.folder import new_pictures


def watch_folder(session: Session, folder: str, wanted: str) -> int:
    """Scan each picture that comes into the folder; return the exit code when told to stop."""
    phone = session.phone()
    pictures = new_pictures(folder, time.monotonic, time.sleep)
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        session.tell(
            N_("Watching {folder} for new pictures; what lies there stays. Ctrl-C ends it."),
            folder=folder,
        )
        for path in pictures:
            scan_line(session, path, wanted, via="")
            phone.journal.tidy()
    except SystemExit:
        return DONE
    finally:
        signal.signal(signal.SIGTERM, before)
    return DONE


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(DONE)
