"""Every store of actions behind one face: memory, a phone's SQLite, the centre's databases.

All begin with the same small site book; `held` and `digest` tell what came in since.
"""

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import select
from sqlmodel import col

from commands.phone import DATABASE
from radar_core.actions import Draft
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.devices import Device as Enrolled
from radar_server.feed import NewsPage, Reader, read_news
from radar_server.ingest import Outcome, ingest_all
from radar_server.prepared import prepare
from radar_server.storing import store_pushes
from radar_server.streams import page_of
from radar_server.tables import ActionRow
from sync.chain import digest
from sync.exchange import exchange
from sync.feed import Changes
from sync.keys import KeyPair, name_of
from sync.protocol import Push
from tests.contract.centre_parts import Device, digest_of, new_device, site_book
from tests.paper_centre import MASK, PaperCentre
from tests.phones import new_phone

POISON = "teleport"
"""A kind of action that every store keeps out of its projects."""
READER = "S1"
"""Whose phone the phone is: one who sees both projects."""
_numbers = count(1)

Held = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Fed:
    """A page of a project's feed: actions in their order, where it ends, and whether more is."""

    actions: Held
    pos: int
    more: bool


class Crash(Exception):
    """The power went out just before the commit."""


class Store(Protocol):
    """What holds actions."""

    def writer(self) -> Device:
        """Return a device of a person who works in both projects, known to the store."""
        ...

    def take(self, push: Push) -> Outcome:
        """Take a push in, or say why it does not fit."""
        ...

    def held(self, project: str) -> Held:
        """Return the accepted actions of a project, as epoch and line, sorted."""
        ...

    def digest(self, project: str) -> tuple[int, int]:
        """Return by how much count and sum of the project have grown, as the store keeps them."""
        ...


class Feeding(Store, Protocol):
    """A store that others read from; a phone is none."""

    def feed(self, project: str, after: int, rows: int) -> Fed:
        """Return at most `rows` actions after a position; positions begin with the store."""
        ...


class Durable(Store, Protocol):
    """A store that outlives its process."""

    def crash(self, push: Push) -> None:
        """Take a push in up to the commit, and lose the power there."""
        ...


class PaperStore:
    """Memory: what the others are measured by."""

    def __init__(self, page: int = 10_000) -> None:
        self.centre = PaperCentre(page)
        self.centre.refuse[POISON] = ("unknown_kind", "No.")
        for record in site_book():
            self.centre.put(record.project, record.kind, record.id, record.body)
        self._begun = {name: self.centre.digest(name) for name in ("HV", "PK")}
        self._pos = {name: len(items) for name, items in self.centre.items.items()}

    def admit(self, device: Device) -> None:
        """Make a device known that another store made."""
        self.centre.enrol(device.id, device.staff, device.keys.public)

    def writer(self) -> Device:
        number = next(_numbers)
        keys = KeyPair(digest(f"writer {number}".encode()))
        device = Device(f"DW{number}", "G3", keys, name_of(digest(keys.public), "E"))
        self.admit(device)
        return device

    def take(self, push: Push) -> Outcome:
        return self.centre.take(push)

    def held(self, project: str) -> Held:
        items = self.centre.items[project]
        return sorted((item.name, item.text or "") for item in items if item.kind == "action")

    def digest(self, project: str) -> tuple[int, int]:
        return _grown(self._begun[project], self.centre.digest(project))

    def feed(self, project: str, after: int, rows: int) -> Fed:
        items = self.centre.items[project][self._pos[project] + after :]
        page = items[:rows]
        actions = [(item.name, item.text or "") for item in page]
        return Fed(actions, after + len(page), len(items) > len(page))


class CentreStore:
    """A centre on SQLite or on PostgreSQL."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        marks = {name: digest_of(centre, name) for name in ("HV", "PK")}
        self._pos = {name: pos for name, (pos, *_) in marks.items()}
        self._begun = {name: (number, total) for name, (_, number, total) in marks.items()}
        self._devices: dict[str, Device] = {}

    def writer(self) -> Device:
        device = new_device(self.centre, "G3", f"writer {next(_numbers)}")
        self._devices[device.id] = device
        return device

    def take(self, push: Push) -> Outcome:
        (outcome,) = store_pushes(self.centre, [prepare(self._known(push), page_of(push))])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def crash(self, push: Push) -> None:
        pushed = prepare(self._known(push), page_of(push))
        with writing(self.centre.engine) as connection:
            ingest_all(connection, [pushed], self.centre.now_ms())
            raise Crash

    def _known(self, push: Push) -> Enrolled:
        device = self._devices[push.device]
        return Enrolled(
            device.id, device.staff, device.keys.public, "", 0, revoked=False, last_sync_ms=None
        )

    def held(self, project: str) -> Held:
        wanted = select(col(ActionRow.epoch), col(ActionRow.line))
        with reading(self.centre.engine) as connection:
            rows = connection.execute(wanted.where(col(ActionRow.project) == project))
            return sorted((epoch, line) for epoch, line in rows)

    def digest(self, project: str) -> tuple[int, int]:
        _, number, total = digest_of(self.centre, project)
        return _grown(self._begun[project], (number, total))

    def feed(self, project: str, after: int, rows: int) -> Fed:
        at = self._pos[project] + after
        with reading(self.centre.engine) as connection:
            news = read_news(connection, Reader([project], {project: at}, {}), NewsPage(rows))
        if not news:
            return Fed([], after, more=False)
        (page,) = news
        return Fed(list(page.actions), page.pos - self._pos[project], page.more)


class PhoneStore:
    """A phone, to which everything comes down from a centre of paper, a few actions at a time."""

    def __init__(self, folder: Path, page: int = 10_000) -> None:
        self.memory = PaperStore(page)
        self.phone = new_phone(folder, self.memory.centre, READER)
        self._begun = {name: self._digest(name) for name in ("HV", "PK")}

    def writer(self) -> Device:
        return self.memory.writer()

    def take(self, push: Push) -> Outcome:
        outcome = self.memory.take(push)
        assert self.phone.sync(self.memory.centre.post).healed == []
        return outcome

    def crash(self, push: Push) -> None:
        self.memory.take(push)
        world = self.phone.world

        def projection(_: Changes) -> None:
            raise Crash

        exchange(
            self.phone.phone.journal,
            self.phone.keys,
            self.memory.centre.post,
            world.moment,
            projection,
            randomness=world.randomness,
        )

    def record(self, project: str, text: str) -> str:
        """Record an own action; return its line."""
        journal = self.phone.phone.journal
        draft = Draft(staff=READER, project=project, kind="note", subject="", body={"text": text})
        with journal.transaction():
            return journal.append(draft, self.phone.world.moment(), ()).line

    def held(self, project: str) -> Held:
        wanted = "SELECT epoch, line FROM action WHERE project = ?"
        return sorted(self.phone.phone.journal.connection.execute(wanted, (project,)))

    def digest(self, project: str) -> tuple[int, int]:
        return _grown(self._begun[project], self._digest(project))

    def backup(self) -> bytes:
        """Return the phone's database as it is now."""
        self.phone.phone.journal.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return (self.phone.world.home / DATABASE).read_bytes()

    def restore(self, kept: bytes) -> None:
        """Put a database of before in the place of today's."""
        self.phone.phone.journal.connection.close()
        for left in self.phone.world.home.glob(f"{DATABASE}*"):
            left.unlink()
        (self.phone.world.home / DATABASE).write_bytes(kept)
        self.phone.reopen()

    def _digest(self, project: str) -> tuple[int, int]:
        wanted = "SELECT count, sum FROM cursor WHERE project = ?"
        number, total = self.phone.phone.journal.connection.execute(wanted, (project,)).fetchone()
        return number, int(total)


def _grown(begun: tuple[int, int], now: tuple[int, int]) -> tuple[int, int]:
    return now[0] - begun[0], (now[1] - begun[1]) & MASK
