"""What the centre's tests are made of: a small site book, a clock, devices and real phones."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any

from httpx import Client, Response
from sqlalchemy import Engine, select
from sqlmodel import col

from radar_core.actions import Draft, Moment, write_line
from radar_core.book import Record
from radar_server.book import take_in
from radar_server.bulk import insert
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.enrolment import enrol, offer_code
from radar_server.heads import read_heads
from radar_server.records import live_records
from radar_server.replays import AHEAD_MS, begin_at
from radar_server.shelf import Shelf
from radar_server.tables import ActionRow, CentreRow, QuarantineRow
from sync.asking import Asker, CentreClock, centre_clock
from sync.badges import sign_in_message
from sync.chain import digest, genesis, links
from sync.clock import stamp
from sync.enrolling import CodeKey
from sync.exchange import Post, Report, exchange
from sync.feed import Changes, Holding
from sync.journal import Journal
from sync.keys import KeyPair, name_of
from sync.protocol import CONTENT_TYPE, SYNC_PATH, Answer, Push, Shown, read_answer, write_push
from sync.replica import Identity, create_replica
from sync.signing import head_message
from sync.transport import Connection
from tests.enrolling import applicant

START_MS = 1_772_409_600_000
"""2026-03-02T00:00:00Z, a Monday; eight o'clock in the morning in the projects."""
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
SHANGHAI = timezone(timedelta(hours=8))
CENTRE_EPOCH = "C00000000TEST"


class Clock:
    """A clock in milliseconds since 1970 UTC that stands until it is moved."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def pass_ms(self, ms: int) -> None:
        self.now_ms += ms


def person(staff: str, role: str, *projects: str) -> list[Record]:
    body: dict[str, object] = {"name": f"Person {staff}", "name_zh": f"员工{staff}"}
    body |= {"roles": [role], "projects": list(projects)}
    return [Record(project, "staff", staff, body) for project in projects]


def project(name: str) -> list[Record]:
    about: dict[str, object] = {"district": "WC", "name": name.title(), "timezone": "Asia/Shanghai"}
    district: dict[str, object] = {"name": "West Coast", "name_zh": "西海岸", "domain": "R.EXAMPLE"}
    steps = [{"id": "ok", "type": "check", "title": "All well", "required": True}]
    round_: dict[str, object] = {"name": "Round", "ordered": False}
    points = [f"place:{name}-P{number}" for number in (1, 2, 3)]
    daily: dict[str, object] = {"rrule": "FREQ=DAILY", "grace_min": 10}
    weekly: dict[str, object] = {"rrule": "FREQ=WEEKLY", "start": "2026-03-02T08:00"}
    return [
        Record(name, "district", "WC", district),
        Record(name, "project", name, about),
        *(
            Record(
                name, "place", f"{name}-P{number}", {"kind": "room", "path": f"{name} / {number}"}
            )
            for number in (1, 2, 3)
        ),
        Record(name, "asset", f"{name}-A1", {"place": f"{name}-P1", "class": "pump"}),
        Record(name, "tag", f"{name}TAG00001", {"place": f"{name}-P1", "state": "bound"}),
        Record(name, "checklist", "CL", {"name": "Checks", "steps": steps}),
        Record(name, "route", f"{name}-RT", round_ | {"checkpoints": points}),
        Record(
            name,
            "schedule",
            f"{name}-R1",
            daily
            | {"kind": "patrol", "title": "Morning round", "role": "guard", "route": f"{name}-RT"}
            | {"start": "2026-01-01T08:00", "duration_min": 120},
        ),
        Record(
            name,
            "schedule",
            f"{name}-C1",
            daily
            | {"kind": "cleaning", "title": "Lobby", "role": "cleaner", "place": f"{name}-P2"}
            | {"start": "2026-01-01T09:00", "duration_min": 60, "checklist": "CL"},
        ),
        Record(
            name,
            "schedule",
            f"{name}-M1",
            weekly
            | {"kind": "maintenance", "title": "Pump", "role": "engineer"}
            | {"asset": f"{name}-A1", "duration_min": 480},
        ),
    ]


def site_book() -> list[Record]:
    """Return two projects: guards in HV (one in both), a supervisor over both, a cleaner in PK."""
    return [
        *project("HV"),
        *project("PK"),
        *person("G1", "guard", "HV"),
        *person("G2", "guard", "HV"),
        *person("G3", "guard", "HV", "PK"),
        *person("C1", "cleaner", "PK"),
        *person("S1", "supervisor", "HV", "PK"),
    ]


NOWHERE = Path("/nonexistent/blobs")


def new_centre(
    engine: Engine, clock: Clock, records: Sequence[Record] | None = None, blobs: Path = NOWHERE
) -> Centre:
    """Return a centre on tables that are there, with a site book taken in; photos go to `blobs`."""
    bytes_of = (digest(b"%d" % number) for number in count())
    keys = KeyPair(digest(b"the centre's key"))
    centre = Centre(engine, keys, clock, lambda size: next(bytes_of)[:size], Shelf(blobs, 0))
    with writing(engine) as connection:
        insert(
            connection, CentreRow, [(1, CENTRE_EPOCH, "Test centre", keys.public.hex(), clock())]
        )
        begin_at(connection, 0)
        take_in(connection, site_book() if records is None else records)
    return centre


def import_records(centre: Centre, records: Sequence[Record]) -> dict[str, dict[str, int]]:
    """Make these records the whole site book."""
    with writing(centre.engine) as connection:
        return take_in(connection, records).counts()


def enrol_device(centre: Centre, staff: str, keys: KeyPair, *projects: str) -> str:
    """Hand out a code and use it; return the device's id. With no `staff` it is a shared phone."""
    key = CodeKey(centre.randomness(32), centre.randomness(32))
    with writing(centre.engine) as connection:
        offer_code(connection, key, staff, centre.now_ms() + HOUR_MS, projects)
    with writing(centre.engine) as connection:
        return enrol(connection, applicant(key, keys), centre.now_ms()).device


def moment(at_ms: int) -> Moment:
    wall = datetime.fromtimestamp(at_ms / 1000, SHANGHAI).isoformat(timespec="milliseconds")
    return Moment(wall, at_ms, "boot", max(0, at_ms - START_MS + DAY_MS))


@dataclass
class Device:
    """A device without a phone around it: it can send whatever a test wants to see refused."""

    id: str
    staff: str
    keys: KeyPair
    epoch: str
    lines: list[str] = field(default_factory=list[str])
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000 + AHEAD_MS - 50
    """As fast as a clock may be: a centre that has just started takes nothing slower."""

    @property
    def hashes(self) -> list[bytes]:
        """The chain: the hash before the first action, then after each."""
        start = genesis(self.epoch, self.keys.public)
        return [start, *links(start, self.lines)]

    def asker(self) -> Asker:
        """Return what signs this device's requests, with a right clock."""
        return Asker(self.id, self.keys, CentreClock(self.now_ms, os.urandom))

    def act(self, kind: str = "note", **fields: Any) -> str:  # noqa: ANN401 - any field, of any kind
        """Append an action, with any field of its line as the test wants it."""
        seq = len(self.lines) + 1
        at_ms = fields.pop("at_ms", START_MS + seq * 1000)
        body: Mapping[str, object] = fields.pop("body", {"text": f"note {seq}"})
        draft = Draft(
            staff=fields.pop("staff", self.staff),
            project=fields.pop("project", "HV"),
            kind="note",
            subject=fields.pop("subject", ""),
            body=body,
        )
        draft.kind = kind
        hlc = fields.pop("hlc", stamp(at_ms, 0))
        line = write_line(fields.pop("seq", seq), hlc, moment(at_ms), draft)
        assert not fields, fields
        self.lines.append(line)
        return line

    def sign_in(self, badge: KeyPair, staff: str, project: str = "HV") -> str:
        """Append a sign-in with a badge's key, as a shared phone does."""
        body: dict[str, object] = {"badge": badge.public.hex(), "after": self.hashes[-1].hex()}
        said: dict[str, Any] = {"staff": staff, "subject": staff, "project": project}
        unsigned = self.act("sign_in", body=body, **said)
        self.lines.pop()
        signature = badge.sign(sign_in_message(self.id, self.epoch, unsigned))
        return self.act("sign_in", body=body | {"signature": signature.hex()}, **said)

    def push(self, first: int = 1, last: int | None = None, **changes: Any) -> Push:  # noqa: ANN401
        """Return the push of the actions `first` to `last`, with any field changed."""
        last = len(self.lines) if last is None else last
        hashes = self.hashes
        fields: dict[str, Any] = {
            "device": self.id,
            "epoch": self.epoch,
            "first": first,
            "previous": hashes[first - 1],
            "lines": self.lines[first - 1 : last],
            "head_signature": self.keys.sign(head_message(self.epoch, last, hashes[last])),
            "centre_epoch": CENTRE_EPOCH,
            "cursors": {},
        }
        return Push(**fields | changes)

    def post(self, client: Client, push: Push) -> Response:
        """Send a push as it is."""
        return self.post_body(client, write_push(push))

    def post_body(
        self, client: Client, body: bytes, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send any body, signed."""
        _, signed = self.asker().sign("POST", SYNC_PATH, body)
        signed |= {"Content-Type": CONTENT_TYPE, "Accept-Encoding": "identity"}
        return client.post(SYNC_PATH, content=body, headers=signed | dict(headers or {}))

    def get(self, client: Client, path: str) -> Response:
        """Ask for something, signed."""
        return client.get(path, headers=self.asker().sign("GET", path)[1])

    def sync(
        self,
        client: Client,
        first: int = 1,
        last: int | None = None,
        **changes: Any,  # noqa: ANN401
    ) -> Answer:
        """Send actions and return the answer, which must be one."""
        push = self.push(first, last, **changes)
        response = self.post(client, push)
        assert response.status_code == 200, response.text
        return read_answer(response.content, shown(push))


def shown(push: Push) -> Shown:
    """Return what a push shows a centre."""
    hashes = [push.previous, *links(push.previous, push.lines)]
    return Shown(push.device, push.epoch, push.last, hashes[-1])


_numbers = count(1)


def new_device(centre: Centre, staff: str = "G1", name: str = "") -> Device:
    """Enrol a device of its own key."""
    keys = KeyPair(digest((name or f"device {next(_numbers)}").encode()))
    epoch = name_of(digest(keys.public), "E")
    return Device(enrol_device(centre, staff, keys), staff, keys, epoch, now_ms=centre.now_ms)


def shared_device(centre: Centre, *projects: str) -> Device:
    """Enrol a shared phone of some projects."""
    keys = KeyPair(digest(f"shared {next(_numbers)}".encode()))
    epoch = name_of(digest(keys.public), "E")
    return Device(enrol_device(centre, "", keys, *projects), "", keys, epoch, now_ms=centre.now_ms)


class Phone:
    """A real phone: the replica, the journal, the exchange and the transport of a `radar`."""

    def __init__(
        self,
        centre: Centre,
        client: Client,
        folder: Path,
        staff: str = "G1",
        *,
        keys: KeyPair | None = None,
    ) -> None:
        number = next(_numbers)
        self.staff = staff
        self.keys = keys or KeyPair(digest(f"phone {number}".encode()))
        self.device = enrol_device(centre, staff, self.keys)
        key = centre.keys.public.hex()
        identity = Identity(self.device, staff, "http://centre", CENTRE_EPOCH, key)
        self.epoch = f"E{number:012d}"
        path = folder / f"phone{number}.db"
        self.journal: Journal = create_replica(path, identity, self.epoch, self.keys.public)
        self.clock = centre.now_ms
        clock = centre_clock(self.journal, lambda: moment(self.clock()), os.urandom)
        asker = Asker(self.device, self.keys, clock)
        self.way = Connection(client, asker, centre.keys.public)
        self.changes: list[Changes] = []

    def record(
        self, kind: str = "note", subject: str = "", project: str = "HV", **body: object
    ) -> str:
        """Record an action in the journal; return its id."""
        draft = Draft(staff=self.staff, project=project, kind=kind, subject=subject, body=body)
        with self.journal.transaction():
            made = self.journal.append(draft, moment(self.clock()), ())
        return made.id

    def sync(self, post: Post | None = None) -> Report:
        """Bring the phone and its centre in step, over another way if one is given."""
        return exchange(
            self.journal,
            self.keys,
            post or self.way.post,
            lambda: moment(self.clock()),
            self.changes.append,
            randomness=lambda size: digest(f"{self.epoch} {next(_numbers)}".encode())[:size],
        )

    def enrol_again(self, centre: Centre) -> None:
        """Enrol with a new code and the same key, as after a revocation."""
        assert enrol_device(centre, self.staff, self.keys) == self.device

    def rows(self, table: str) -> list[tuple[object, ...]]:
        """Return the rows of a table of the replica, sorted."""
        return sorted(self.journal.connection.execute(f"SELECT * FROM {table}"))

    def records(self) -> dict[tuple[str, str, str], str]:
        """Return the bodies of the records by project, kind and id."""
        wanted = "SELECT project, kind, id, body FROM record"
        return {tuple(row[:3]): row[3] for row in self.journal.connection.execute(wanted)}

    def action_ids(self) -> Iterator[str]:
        """Yield the ids of all actions that the phone holds, its own and others'."""
        for epoch, seq in self.journal.connection.execute("SELECT epoch, seq FROM action"):
            yield f"{epoch}.{seq}"


def held(centre: Centre) -> list[tuple[str, int, str]]:
    """Return the accepted actions by epoch and number, with their lines."""
    wanted = select(col(ActionRow.epoch), col(ActionRow.seq), col(ActionRow.line))
    with reading(centre.engine) as connection:
        return sorted((epoch, seq, line) for epoch, seq, line in connection.execute(wanted))


def quarantined(centre: Centre) -> list[tuple[int, str, str]]:
    """Return the number, code and project of what lies in quarantine."""
    wanted = select(
        col(QuarantineRow.seq), col(QuarantineRow.code), col(QuarantineRow.project)
    ).order_by(col(QuarantineRow.epoch), col(QuarantineRow.seq))
    with reading(centre.engine) as connection:
        return [(seq, code, name) for seq, code, name in connection.execute(wanted)]


def digest_of(centre: Centre, name: str) -> tuple[int, int, int]:
    """Return a project's position, and its count and total worked out anew from all it holds."""
    holding = Holding()
    with reading(centre.engine) as connection:
        for (owner, kind, id_), (body, _) in live_records(connection).items():
            if owner == name:
                holding.add(kind, id_, body)
        wanted = select(col(ActionRow.epoch), col(ActionRow.line))
        for epoch, line in connection.execute(wanted.where(col(ActionRow.project) == name)):
            holding.add_actions([(epoch, line)])
        head = read_heads(connection, [name])[name]
    assert (holding.count, holding.total) == (head.holding.count, head.holding.total)
    return head.pos, holding.count, holding.total
