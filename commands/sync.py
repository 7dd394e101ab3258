"""`radar sync`: bring this phone and the centre in step."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from commands.phone import KEY, Phone
from commands.projection import projection
from radar_core.answers import Answer
from radar_core.failures import DECIDE, DONE
from sync.exchange import Report, exchange
from sync.journal import count_unsent
from sync.keys import load_key
from sync.protocol import receipt_object
from sync.transport import Connection, open_client

Tell = Callable[[int, int], None]
"""Is told how many actions were sent, and how much was received."""


def sync(phone: Phone, tell: Tell = lambda _sent, _received: None) -> Answer:
    """Send what is unsent and take in what is new; raise Failure with exit 4 when cut off.

    After each page `tell` is called with how many actions were sent and how much was received.
    """
    keys = load_key(Path(phone.workplace.path(KEY)))
    now_s = phone.workplace.clock().wall_ms // 1000
    with connection(phone) as way:
        report = exchange(
            phone.journal,
            keys,
            way.post,
            phone.workplace.clock,
            projection(phone.journal, now_s),
            randomness=phone.workplace.randomness,
            tell=lambda so_far: tell(so_far.sent, so_far.received),
        )
    phone.meta = phone.journal.meta()
    phone.extend(now_s)
    return _told(phone, report)


@contextmanager
def connection(phone: Phone) -> Generator[Connection]:
    """Open the way to the centre that this phone was enrolled with."""
    keys = load_key(Path(phone.workplace.path(KEY)))
    meta = phone.meta
    with open_client(meta["url"], phone.workplace.timeout_s) as client:
        yield Connection(client, meta["device"], keys, bytes.fromhex(meta["centre_key"]))


def _told(phone: Phone, report: Report) -> Answer:
    (quarantined,) = phone.journal.connection.execute(
        "SELECT count(*) FROM quarantine WHERE state = 'kept'"
    ).fetchone()
    data: dict[str, object] = {
        "sent": report.sent,
        "received": report.received,
        "unsent": count_unsent(phone.journal),
        "quarantined": quarantined,
        "round_trips": report.round_trips,
        "bytes_up": report.bytes_up,
        "bytes_down": report.bytes_down,
        "healed": report.healed,
        "forked": report.forks,
        "receipt": receipt_object(report.receipt) if report.receipt is not None else None,
    }
    return Answer("sync", data, DECIDE if quarantined else DONE)
