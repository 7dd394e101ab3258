"""A town under a seeded scheduler: real phones, a real centre, a network that cuts everywhere.

Time, chance and the network are the seed's; journal, exchange, projection, ingest and feed are
the production code. One seed is one history, and the same one every time.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from sqlalchemy import Engine

from commands.answer import answer
from commands.done import done
from commands.note import note
from commands.phone import DATABASE, Phone, Workplace
from commands.projection import SCHEMA, projection
from commands.scan import scan
from commands.start import start
from radar_core.actions import Draft, Moment
from radar_core.book import Record
from radar_core.failures import OFFLINE, Failure
from radar_server.centre import Centre
from radar_server.feed import NewsPage
from radar_server.handling import answer_push, check_push, read_push, store_push
from radar_server.problems import Problem
from radar_server.requests import Asked
from sync.exchange import Reply, Report, exchange
from sync.feed import Changes
from sync.keys import KeyPair
from sync.protocol import CONTENT_TYPE, SYNC_PATH
from sync.replica import Identity, create_replica
from sync.signing import request_message
from tests.contract.centre_parts import (
    CENTRE_EPOCH,
    Clock,
    enrol_device,
    import_records,
    new_centre,
    person,
    site_book,
)

STAFF = ("G1", "G2", "G3", "C1", "S1", "G1")
"""Who has a phone; the first person has two."""
PAGE = NewsPage(rows=7)
"""Small pages, so that a sync has many points to be cut at."""
CODES = ("HVTAG00001", "PKTAG00001", "http://strange.example/1", "HVTAG00002")


REFUSALS = ("not_yours", "round_open", "steps_open", "unknown_step")
"""What a verb may refuse in a town whose people try anything."""


class Lost(Failure):
    """What the network swallowed."""

    def __init__(self) -> None:
        super().__init__("lost", "lost", exit_code=OFFLINE)


class Crash(Exception):
    """The phone died in the middle of a transaction."""


@dataclass
class SimPhone:
    """A phone of the town: its clock is off by `skew_ms`, and may jump."""

    town: "Town"
    name: str
    staff: str
    keys: KeyPair
    device: str
    epoch: str
    skew_ms: int = 0
    phone: Phone = field(init=False)

    def open(self) -> None:
        """Open the phone's database, as every process does."""
        self.phone = Phone(
            Workplace(
                str(self.town.folder / self.name),
                clock=self.moment,
                local=lambda at_s: f"@{at_s}",
                randomness=self.town.rng.randbytes,
                timeout_s=1.0,
            )
        )

    def moment(self) -> Moment:
        """Return the moment on this phone's own clock."""
        at_ms = self.town.clock() + self.skew_ms
        return Moment(f"@{at_ms}", at_ms, "boot", self.town.clock())

    def sync(self, *, faults: bool) -> Report:
        """Exchange with the centre, over a network that cuts if there are faults."""
        journal = self.phone.journal
        project = projection(journal, self.moment().wall_ms // 1000)

        def brittle(changes: Changes) -> None:
            project(changes)
            if faults and self.town.rng.random() < 0.1:
                raise Crash

        def post(body: bytes) -> Reply:
            return self.town.carry(self, body, faults=faults)

        told = exchange(
            journal, self.keys, post, self.moment, brittle, randomness=self.town.rng.randbytes
        )
        self.phone.meta = journal.meta()
        assert not told.healed, "what the phone holds did not fit what the centre sent"
        return told


class Town:
    """The centre and the phones, and what can happen to them."""

    def __init__(self, seed: int, folder: Path, engine: Engine) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.folder = folder
        self.clock = Clock()
        self.book: list[Record] = site_book()
        self.centre: Centre = new_centre(engine, self.clock, self.book)
        self.phones = [self._phone(number, staff) for number, staff in enumerate(STAFF)]
        self.poisoned = 0
        self.log: list[str] = []

    def _phone(self, number: int, staff: str) -> SimPhone:
        name = f"phone{number}"
        keys = KeyPair(blake2b(f"{self.seed} {name}".encode(), digest_size=32).digest())
        device = enrol_device(self.centre, staff, keys)
        key = self.centre.keys.public.hex()
        identity = Identity(device, staff, "http://centre", CENTRE_EPOCH, key)
        made = SimPhone(self, name, staff, keys, device, f"E{number:012d}")
        (self.folder / name).mkdir()
        path = self.folder / name / DATABASE
        journal = create_replica(path, identity, made.epoch, keys.public, more_schema=SCHEMA)
        journal.connection.close()
        made.open()
        return made

    def step(self) -> None:
        """Let one thing happen."""
        happenings: list[tuple[int, Callable[[SimPhone], None]]] = [
            (30, self._scan),
            (14, self._work),
            (6, self._note),
            (3, self._poison),
            (26, self._sync),
            (12, self._time),
            (4, self._clock_jumps),
            (3, self._restart),
            (3, self._book_changes),
        ]
        weights = [weight for weight, _ in happenings]
        ((_, happening),) = self.rng.choices(happenings, weights)
        phone = self.rng.choice(self.phones)
        self.log.append(f"{happening.__name__.strip('_')} {phone.name}")
        happening(phone)

    def _scan(self, phone: SimPhone) -> None:
        scan(phone.phone, self.rng.choice(CODES))

    def _work(self, phone: SimPhone) -> None:
        now_s = phone.moment().wall_ms // 1000
        tasks = phone.phone.tasks_between(now_s - 86400, now_s + 86400)
        if not tasks:
            return
        task, _ = self.rng.choice(tasks)
        verb = self.rng.choice(("start", "answer", "done"))
        try:
            if verb == "start":
                start(phone.phone, task.id)
            elif verb == "answer":
                answer(phone.phone, task.id, "ok", self.rng.choice(("yes", "no")))
            else:
                done(phone.phone, task.id)
        except Failure as failure:
            if failure.code not in REFUSALS:
                raise

    def _note(self, phone: SimPhone) -> None:
        if phone.phone.record("place", "HV-P1") is not None:
            note(phone.phone, "HV-P1", f"note {self.rng.random()}")

    def _poison(self, phone: SimPhone) -> None:
        """Write what no verb would: the centre must keep it aside and go on."""
        draft = Draft(staff=phone.staff, project="NOWHERE", kind="note", subject="", body={})
        if self.rng.random() < 0.5:
            draft.project, draft.staff = "HV", "SOMEBODY"
        journal = phone.phone.journal
        with journal.transaction():
            journal.append(draft, phone.moment(), ())
        self.poisoned += 1

    def _sync(self, phone: SimPhone) -> None:
        try:
            phone.sync(faults=True)
        except Crash:
            phone.phone.journal.connection.close()
            phone.open()
        except Failure as failure:
            if failure.exit_code != OFFLINE:
                raise

    def _time(self, _phone: SimPhone) -> None:
        self.clock.pass_ms(self.rng.choice((1, 1000, 60_000, 3_600_000, 20 * 3_600_000)))

    def _clock_jumps(self, phone: SimPhone) -> None:
        phone.skew_ms = self.rng.choice((0, 5000, -3_600_000, 3_600_000, -86_400_000, 259_200_000))

    def _restart(self, phone: SimPhone) -> None:
        phone.phone.journal.connection.close()
        phone.open()

    def _book_changes(self, _phone: SimPhone) -> None:
        """A supervisor edits the book: a tag comes or goes, or a person's projects change."""
        tag = Record("HV", "tag", "HVTAG00002", {"place": "HV-P2", "state": "bound"})
        if self.rng.random() < 0.5:
            self.book = [r for r in self.book if r != tag] + ([tag] if tag not in self.book else [])
        else:
            projects = self.rng.choice((("HV",), ("HV", "PK")))
            self.book = [r for r in self.book if (r.kind, r.id) != ("staff", "G3")]
            self.book += person("G3", "guard", *projects)
        import_records(self.centre, self.book)

    def carry(self, phone: SimPhone, body: bytes, *, faults: bool) -> Reply:
        """Carry a request to the centre and its answer back, or lose or maim either."""
        fate = self.rng.random() if faults else 1.0
        if fate < 0.12:
            raise Lost
        if fate < 0.2:
            body = body[: self.rng.randrange(len(body))]
        reply = self._serve(phone, body)
        if 0.2 <= fate < 0.32:
            raise Lost
        if 0.32 <= fate < 0.4:
            return self._serve(phone, body)
        if 0.4 <= fate < 0.48:
            cut = reply.body[: self.rng.randrange(len(reply.body) or 1)]
            return Reply(reply.status, cut, reply.bytes_up, len(cut), reply.problem)
        return reply

    def _serve(self, phone: SimPhone, body: bytes) -> Reply:
        signature = phone.keys.sign(request_message("POST", SYNC_PATH, body))
        asked = Asked("POST", SYNC_PATH, phone.device, signature, CONTENT_TYPE, "", "")
        try:
            device, page = read_push(self.centre, asked, body)
            if page.push.lines:
                store_push(self.centre, page, device)
            else:
                check_push(self.centre, page, device)
            told = answer_push(self.centre, page, device, PAGE)
        except Problem as problem:
            return Reply(problem.status, b"", len(body), 0, problem.code)
        return Reply(200, told, len(body), len(told))
