"""`radar sync`: bring this phone and the centre in step."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from commands.leaving import wipe_handed_over
from commands.phone import Phone
from commands.projection import projection
from commands.status import told_of_photos
from radar_core.answers import Answer
from radar_core.failures import DECIDE, DONE, NOT_PERMITTED, OFFLINE, Failure, N_
from sync.asking import Asker, centre_clock
from sync.blobs import sweep
from sync.exchange import Report, exchange
from sync.journal import count_unsent
from sync.outbox import take_notice
from sync.protocol import AUTHORITY_PATH, receipt_object
from sync.retention import delete_due
from sync.sending import Sent, send_blobs
from sync.transport import Connection, open_client, open_unchecked
from sync.trust import (
    AUTHORITY,
    OTHER_CERTIFICATE,
    checking,
    keep_authority,
    read_authority,
)

Tell = Callable[[int, int], None]
"""Is told two numbers: of actions sent and received, or of photos that arrived and that wait."""


def hush(_one: int, _two: int) -> None:
    """Tell nobody."""


def sync(
    phone: Phone,
    tell: Tell = hush,
    tell_photos: Tell = hush,
    enough: Callable[[], bool] = lambda: False,
) -> Answer:
    """Send what is unsent and take in what is new; raise Failure with exit 4 when cut off.

    Then the photos go, until `enough`; actions recorded meanwhile go before them. After each page
    `tell` is called with how many actions were sent and how much was received, after each photo
    `tell_photos` with how many arrived and how many wait. Where the centre's certificate is not
    what it was, the centre is asked whether that is right.
    """
    syncing = _Sync(phone, tell, tell_photos, enough)
    try:
        syncing.run()
    except Failure as failure:
        if failure.code != OTHER_CERTIFICATE or not take_authority(phone):
            raise
        syncing.run()
    sweep(phone.journal, phone.workplace.clock().wall_ms // 1000)
    delete_due(phone.journal)
    return syncing.told()


class _Sync:
    """A sync under way."""

    def __init__(
        self, phone: Phone, tell: Tell, tell_photos: Tell, enough: Callable[[], bool]
    ) -> None:
        self._phone = phone
        self._tell = tell
        self._tell_photos = tell_photos
        self._enough = enough
        self._report = Report()
        self._photos = Sent()

    def run(self) -> None:
        """Bring phone and centre in step, photos last."""
        with connection(self._phone) as way:
            try:
                self._run(way)
            except Failure as failure:
                if failure.code == "revoked":  # and not robbed: what its actions name goes up too
                    self._send_photos(way)
                    wipe_handed_over(self._phone)
                raise

    def _run(self, way: Connection) -> None:
        """Exchange actions, then send photos until actions wait again."""
        while True:
            self._exchange(way)
            self._send_photos(way)
            if self._enough() or self._photos.stopped or not count_unsent(self._phone.journal):
                return

    def _exchange(self, way: Connection) -> None:
        phone = self._phone
        keys = phone.keys()
        now_s = phone.workplace.clock().wall_ms // 1000
        self._report = exchange(
            phone.journal,
            keys,
            way.post,
            phone.workplace.clock,
            projection(phone.journal, now_s),
            randomness=phone.workplace.randomness,
            tell=lambda so_far: self._tell(so_far.sent, so_far.received),
            report=self._report,
        )
        phone.meta = phone.journal.meta()
        phone.extend(now_s)

    def _send_photos(self, way: Connection) -> None:
        """Send photos and signatures, which hold no action up."""
        before = self._photos.arrived
        self._photos = send_blobs(
            self._phone.journal,
            way.put,
            self._phone.workplace.clock,
            enough=self._enough,
            tell=self._tell_photos,
        )
        self._photos.arrived += before

    def told(self) -> Answer:
        """Return what was done, and what is left to do."""
        data = _told(self._phone, self._report)
        left = told_of_photos(self._phone.journal)
        stopped = self._photos.stopped
        data["photos"] = {**left, "sent": self._photos.arrived, "stopped": stopped or None}
        notice = take_notice(self._phone.journal)
        data["centre_restored"] = _restored(*notice) if notice is not None else None
        exit_code = DECIDE if data["quarantined"] else OFFLINE if stopped else DONE
        return Answer("sync", data, exit_code)


def _restored(backup: str, again: int) -> dict[str, object]:
    return {"backup": backup or None, "sent_again": again}


@contextmanager
def connection(phone: Phone) -> Generator[Connection]:
    """Open the way to the centre that this phone was enrolled with."""
    workplace = phone.workplace
    check_real(phone)
    authority = read_authority(Path(workplace.path(AUTHORITY)))
    with open_client(phone.meta["url"], workplace.timeout_s, authority) as client:
        yield _signing(phone, client)


def check_real(phone: Phone) -> None:
    """Raise Failure `practice` on a practice phone: it has no centre, and nothing leaves it."""
    if not phone.meta["url"]:
        raise Failure(
            "practice",
            N_("This is practice: it has no centre, and nothing of it is sent."),
            N_("To work for real, end the practice."),
            exit_code=NOT_PERMITTED,
        )


def take_authority(phone: Phone) -> bool:
    """Ask the centre which authority vouches for it now; tell whether that is another one.

    Nobody vouches for this connection: the centre's own signature on the answer does.
    """
    workplace = phone.workplace
    path = Path(workplace.path(AUTHORITY))
    try:
        with open_unchecked(phone.meta["url"], workplace.timeout_s) as client:
            reply = _signing(phone, client).get(AUTHORITY_PATH)
        told = reply.body.decode("ascii", "replace")
        known = not reply.problem and told != read_authority(path)
        if known:
            checking(phone.meta["url"], told)
    except Failure:
        return False
    if known:
        keep_authority(path, told)
    return known


def _signing(phone: Phone, client: httpx.Client) -> Connection:
    return Connection(client, asker_of(phone), bytes.fromhex(phone.meta["centre_key"]))


def asker_of(phone: Phone) -> Asker:
    """Return what signs this phone's requests."""
    place = phone.workplace
    clock = centre_clock(phone.journal, place.clock, place.randomness)
    return Asker(phone.meta["device"], phone.keys(), clock)


def _told(phone: Phone, report: Report) -> dict[str, object]:
    (quarantined,) = phone.journal.connection.execute(
        "SELECT count(*) FROM quarantine WHERE state = 'kept'"
    ).fetchone()
    return {
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
