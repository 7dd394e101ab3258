"""A town under a seeded scheduler: real phones, a real centre, and everything that can go wrong.

Time, chance and the network are the seed's; the journal, the verbs, exchange, projection, ingest
and feed are the production code. A history is a list of steps, each with a seed of its own: so
steps can be left out of one, and the others stay what they are.
"""

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from commands.phone import DATABASE
from commands.projection import SCHEMA
from radar_core.failures import OFFLINE, Failure
from radar_server.admin import revoke_device
from radar_server.centre import Centre
from radar_server.database import migrate, open_engine, reading, sqlite_url
from sync.chain import digest
from sync.keys import KeyPair
from sync.replica import Identity, create_replica, renew_identity
from tests.contract.centre_parts import (
    CENTRE_EPOCH,
    Clock,
    enrol_device,
    import_records,
    new_centre,
)
from tests.simulation.book import STAFF, first_scopes, town_book
from tests.simulation.brittle import BrittleEngine
from tests.simulation.ledger import Ledger, essence
from tests.simulation.network import FATES, Network
from tests.simulation.phones import SimPhone, lay_down

SOME = 0.6
"""How likely each kind of fault is to be in a town at all."""
PASSES_MS = 1_100
"""So long every step takes at least: a receipt tells its time to the second."""


@dataclass(frozen=True)
class Step:
    """One thing that happens, to the phone of a number, by chances of its own."""

    name: str
    phone: int
    seed: int


class Ground:
    """A folder with a centre and phones as every town begins with them; made once in a process.

    A `begun` town's phones have synced once, on the centre that is kept beside; others never have.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "centre.db"
        self.engine = open_engine(sqlite_url(self.database))
        migrate(self.engine)
        self.brittle = BrittleEngine(self.engine)
        clock = Clock()
        book = town_book([*first_scopes().items()], ())
        self.made = new_centre(self.engine, clock, book)
        self.phones: list[tuple[str, str, KeyPair, str]] = []
        for number, staff in enumerate(STAFF):
            name = f"phone{number}"
            keys = KeyPair(digest(name.encode()))
            device = enrol_device(self.made, staff, keys)
            self._phone(name, Identity(device, staff, "http://centre", *self._centre()), keys)
            self.phones.append((name, staff, keys, device))
        self.keep("centre.new")
        self.engine.dispose()
        self._begin()

    def _begin(self) -> None:
        """Let every phone sync once."""
        town = Town(self, 0)
        town.start(self.phones, "new")
        for phone in town.phones:
            phone.sync(faults=False)
            phone.back_up(self.folder / f"{phone.name}.begun")
        self.keep("centre.begun")
        town.close()

    def _centre(self) -> tuple[str, str]:
        return CENTRE_EPOCH, self.made.keys.public.hex()

    def _phone(self, name: str, identity: Identity, keys: KeyPair) -> None:
        (self.folder / name).mkdir()
        path = self.folder / name / DATABASE
        journal = create_replica(path, identity, f"E{name}", keys.public, more_schema=SCHEMA)
        journal.connection.close()
        shutil.copyfile(path, self.folder / f"{name}.new")

    def keep(self, name: str) -> Path:
        """Keep a copy of the centre's database, with all that is committed."""
        with self.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).all()
        return Path(shutil.copyfile(self.database, self.folder / name))

    def lay_centre(self, copy: Path) -> None:
        """Put a copy of the centre's database in the place of its own."""
        self.engine.dispose()
        lay_down(copy, self.database)


class Town:
    """The centre and the phones, and what is true of them whatever they believe."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self.ground = ground
        self.folder = ground.folder
        self.brittle = ground.brittle
        self.rng = random.Random(seed)
        self.clock = Clock()
        self.watch = sqlite3.connect(":memory:")
        self._version = -1
        self.centre = Centre(
            ground.engine, ground.made.keys, self.clock, self.random_bytes, ground.made.shelf
        )
        self.phones: list[SimPhone] = []
        self.network = Network(self, {fate for fate in FATES if self.rng.random() < SOME})
        self.ledger = Ledger()
        self.scopes = first_scopes()
        self.extras: list[str] = []
        self.held: set[str] = set()
        self.revoked: dict[str, int] = {}
        self.ever_revoked: set[str] = set()
        self.heard_ms: dict[str, int] = {}
        self.old_epochs: set[str] = set()
        self.restorations = 0
        self.copies = 0
        self.broken = ""
        self.poisoned = 0
        self.faults: Counter[str] = Counter()
        self.log: list[str] = []
        self.touched: list[SimPhone] = []
        self.backups: dict[str, Path] = {}
        self._depth = 0

    def start(self, phones: Sequence[tuple[str, str, KeyPair, str]], state: str) -> None:
        """Begin with these phones of the ground, all `new` or all `begun`."""
        self.backups[""] = self.folder / f"centre.{state}"
        self.lay_centre(self.backups[""])
        self.phones = [self._phone(state, *told) for told in phones]

    def start_somehow(self) -> None:
        """Begin with some of the ground's phones, early on a Monday."""
        few = sorted(self.rng.sample(self.ground.phones, self.rng.choice((2, 3, 4, 6))))
        self.start(few, self.rng.choice(("new", "begun", "begun")))
        self.clock.pass_ms(self.rng.randrange(6 * 3_600_000))

    def _phone(self, state: str, name: str, staff: str, keys: KeyPair, device: str) -> SimPhone:
        made = SimPhone(self, name, staff, keys, device)
        lay_down(self.folder / f"{name}.{state}", made.path)
        made.boot_anew()
        made.open()
        return made

    def close(self) -> None:
        """End the town."""
        for phone in self.phones:
            phone.close()
        self.watch.close()

    def random_bytes(self, size: int) -> bytes:
        """Return bytes of the chance of the step under way."""
        return self.rng.randbytes(size)

    def count(self, fault: str) -> None:
        """Count what went wrong, for the figures."""
        if fault:
            self.faults[fault] += 1
            self.log.append(f"    {fault}")

    def take(self, step: Step) -> None:
        """Let a step happen."""
        from tests.simulation.happenings import HAPPENINGS

        self.rng = random.Random(step.seed)
        self.clock.pass_ms(PASSES_MS)
        phone = self.phones[step.phone % len(self.phones)]
        self.touched = [phone]
        self.log.append(f"{step.name} {phone.name}")
        HAPPENINGS[step.name][1](self, phone)

    def meanwhile(self, phone: SimPhone) -> None:
        """Let something happen between a request and its answer, on this phone or elsewhere."""
        from tests.simulation.happenings import MEANWHILE

        if self._depth:
            return
        self._depth += 1
        try:
            happening = self.rng.choice(MEANWHILE)
            other = phone if self.rng.random() < 0.6 else self.rng.choice(self.phones)
            self.count(f"meanwhile: {happening.__name__}")
            self.touched.append(other)
            happening(self, other)
        finally:
            self._depth -= 1

    def try_sync(self, phone: SimPhone, *, faults: bool, twin: bool = False) -> bool:
        """Sync a phone, from another process of it if `twin`; tell whether anything came of it."""
        process = phone.process() if twin else None
        revoked = phone.device in self.revoked
        try:
            report = phone.sync(faults=faults, phone=process)
        except Failure as failure:
            # A byte changed in the right place makes a request one of another version.
            told = {"revoked", "disk_full"}
            if self.faults["request changed"]:
                told.add("other_version")
            if failure.exit_code != OFFLINE and failure.code not in told:
                raise
            return not revoked
        finally:
            if process is not None:
                process.journal.connection.close()
        from tests.simulation.laws import law_06_digests_fit, law_11_revoked_gets_nothing

        law_11_revoked_gets_nothing(self, phone, revoked=revoked)
        law_06_digests_fit(self, report)
        return (report.round_trips, report.sent, report.received) != (1, 0, 0)

    def write_book(self) -> None:
        """Make the site book what the supervisors have made of it."""
        import_records(self.centre, town_book([*self.scopes.items()], self.extras))

    def revoke(self, phone: SimPhone) -> None:
        revoke_device(self.centre, phone.device)
        self.revoked.setdefault(phone.device, self.clock())
        self.ever_revoked.add(phone.device)

    def enrol_again(self, phone: SimPhone) -> None:
        """Enrol a phone with a new code, as after a revocation; its person must have work."""
        if not self.scopes[phone.staff]:
            return
        device = enrol_device(self.centre, phone.staff, phone.keys)
        self.revoked.pop(device, None)
        key = self.centre.keys.public.hex()
        identity = Identity(device, phone.staff, "http://centre", self.epoch(), key)
        renew_identity(phone.phone.journal, identity)

    def epoch(self) -> str:
        """Return the centre's epoch."""
        with reading(self.centre.engine) as connection:
            return str(connection.execute(text("SELECT epoch FROM centre")).scalar_one())

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return rows of the centre's database."""
        return self.watch.execute(statement).fetchall()

    def is_changed(self) -> bool:
        """Tell whether anything was committed at the centre since this was asked last."""
        (version,) = self.watch.execute("PRAGMA data_version").fetchone()
        changed: bool = version != self._version
        self._version = version
        return changed

    def lay_centre(self, copy: Path) -> None:
        """Put a copy of the centre's database in the place of its own."""
        self.watch.close()
        self.ground.lay_centre(copy)
        self.watch = sqlite3.connect(self.ground.database)
        self._version = -1

    def lines(self) -> list[tuple[str, int, str]]:
        """Return epoch, number and line of each action at the centre, in quarantine or not."""
        return self.rows(
            "SELECT epoch, seq, line FROM action UNION ALL"
            " SELECT epoch, seq, cast(line AS text) FROM quarantine WHERE state <> 'released'"
        )

    def counting(self, lines: list[tuple[str, int, str]]) -> list[str]:
        """Return the essences of lines but for those kept aside because a twin counts."""
        aside = set(self.rows("SELECT epoch, seq FROM quarantine WHERE code = 'already_held'"))
        return [essence(line) for epoch, seq, line in lines if (epoch, seq) not in aside]

    def after_restoration(self) -> None:
        """Take stock of what a restoration destroyed: what nobody has any more."""
        self.held = set(self.counting(self.lines()))
        left = set(self.held)
        for phone in self.phones:
            phone.saved = {essence(line) for _, _, line in phone.own()}
            left |= phone.saved
        self.ledger.forgive(left)
