"""A real centre, in this process, that takes in what the phones of the district send."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlmodel import col

from radar_core.actions import Action
from radar_core.book import Record
from radar_core.jsontext import decode_object
from radar_core.matching import Person
from radar_server.agenda import Item
from radar_server.database import migrate, noting, reading
from radar_server.day import Hand, day_of
from radar_server.devices import Device, devices_of, note_sync
from radar_server.envelope import read_held
from radar_server.ingest import Stored
from radar_server.prepared import prepare
from radar_server.storing import store_pushes
from radar_server.streams import page_of
from radar_server.tables import ActionRow, TaskRow
from radar_server.writer import GROUP_LINES_MAX
from sync.chain import digest, genesis
from sync.keys import KeyPair
from sync.protocol import Push
from sync.signing import head_message
from tests.contract.centre_parts import CENTRE_EPOCH, Clock, enrol_device, new_centre
from tests.district.days import START_S, Page

Key = tuple[str, str]
"""A project and a task's id."""


@dataclass
class Sender:
    """A device as the centre knows it, its key, and where the chain of each epoch stands."""

    device: Device
    keys: KeyPair
    heads: dict[str, bytes]


class DistrictCentre:
    """The centre of the district on an empty database, with a phone for everybody."""

    def __init__(self, engine: Engine, book: Sequence[Record]) -> None:
        migrate(engine)
        self.clock = Clock(START_S * 1000)
        self.book = book
        self.centre = new_centre(engine, self.clock, book)
        self.roles = {r.id: r.body["roles"] for r in book if r.kind == "staff"}
        self.senders = {staff: self._enrol(staff) for staff in sorted(self.roles)}

    def _enrol(self, staff: str) -> Sender:
        keys = KeyPair(digest(staff.encode()))
        id_ = enrol_device(self.centre, staff, keys)
        with reading(self.centre.engine) as connection:
            device = next(one for one in devices_of(connection, [staff]) if one.id == id_)
        return Sender(device, keys, {})

    def take(self, pages: Iterable[Page]) -> None:
        """Take pages in, of one epoch each, in groups as the writer makes them."""
        group: dict[str, Page] = {}
        lines = 0
        for page in pages:
            latest = next(iter(group.values()), page).at_s
            if page.epoch in group or page.at_s != latest or lines > GROUP_LINES_MAX:
                self._store([*group.values()])
                group, lines = {}, 0
            group[page.epoch] = page
            lines += len(page.lines)
        self._store([*group.values()])

    def _store(self, group: Sequence[Page]) -> None:
        if not group:
            return
        self.clock.now_ms = max(self.clock.now_ms, group[0].at_s * 1000)
        pushes = [
            prepare(self.senders[page.staff].device, page_of(self._push(page)))
            for page in group
            if page.lines
        ]
        with noting(self.centre.engine) as connection:
            quiet = [self.senders[page.staff].device for page in group if not page.lines]
            note_sync(connection, quiet, self.clock())
        for pushed, outcome in zip(pushes, store_pushes(self.centre, pushes), strict=True):
            assert outcome == Stored(len(pushed.page.push.lines), 0), outcome
            sender = self.senders[pushed.device.staff]
            sender.heads[pushed.page.push.epoch] = pushed.page.head

    def _push(self, page: Page) -> Push:
        sender = self.senders[page.staff]
        previous = sender.heads.get(page.epoch) or genesis(page.epoch, sender.keys.public)
        push = Push(
            sender.device.id, page.epoch, page.first, previous, page.lines, b"", CENTRE_EPOCH, {}
        )  # fmt: skip
        message = head_message(page.epoch, push.last, page_of(push).head)
        return Push(
            sender.device.id, page.epoch, page.first, previous, page.lines,
            sender.keys.sign(message), CENTRE_EPOCH, {},
        )  # fmt: skip

    def actions(self) -> Iterator[Action]:
        """Yield all actions that the centre holds."""
        wanted = select(col(ActionRow.epoch), col(ActionRow.line)).execution_options(
            yield_per=10_000
        )
        with reading(self.centre.engine) as connection:
            for epoch, line in connection.execute(wanted):
                yield read_held(epoch, line)

    def folded(self) -> dict[Key, dict[str, object]]:
        """Return the progress of each task that was touched, as the centre keeps it."""
        wanted = select(col(TaskRow.project), col(TaskRow.id), col(TaskRow.progress))
        with reading(self.centre.engine) as connection:
            return {
                (project, id_): decode_object(text)
                for project, id_, text in connection.execute(wanted)
            }

    def board(self, now_s: int) -> Iterator[Item]:
        """Yield the items of the day, as a board shows them."""
        with reading(self.centre.engine) as connection:
            phones = devices_of(connection, sorted(self.roles))
            hands: dict[str, list[Hand]] = {record.project: [] for record in self.book}
            for record in self.book:
                if record.kind == "staff":
                    roles = record.body["roles"]
                    assert isinstance(roles, list)
                    person = Person(record.id, {record.project: roles})
                    hands[record.project] += [
                        Hand(phone, person, phone.heard_ms() // 1000)
                        for phone in phones
                        if phone.staff == record.id
                    ]
            for items in day_of(connection, hands, now_s).values():
                yield from items
