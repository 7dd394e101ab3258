"""A real phone in the hand of one of the district's people: it records what they do, and syncs."""

import os
from pathlib import Path

import httpx

from commands.phone import DATABASE, Phone, Workplace
from commands.projection import SCHEMA, projection
from radar_core.actions import Moment, read_line, wall_ms
from radar_core.jsontext import decode_object
from sync.asking import Asker, centre_clock
from sync.chain import digest
from sync.exchange import exchange
from sync.replica import Identity, create_replica
from sync.transport import Connection
from tests.contract.centre_parts import CENTRE_EPOCH, moment
from tests.district.centre import DistrictCentre
from tests.district.days import START_S, Page


class RealPhone:
    """The replica, the journal, the verbs' way to write, the projection and the exchange."""

    def __init__(
        self, district: DistrictCentre, client: httpx.Client, folder: Path, staff: str
    ) -> None:
        self.staff = staff
        self.now_s = START_S
        sender, keys = district.senders[staff], district.centre.keys.public
        identity = Identity(sender.device.id, staff, "http://centre", CENTRE_EPOCH, keys.hex())
        (folder / staff).mkdir()
        path = folder / staff / DATABASE
        create_replica(path, identity, f"E-{staff}-1", sender.keys.public, more_schema=SCHEMA)
        place = Workplace(
            str(path.parent),
            clock=self.moment,
            local=lambda at_s: f"@{at_s}",
            randomness=lambda size: digest(staff.encode())[:size],
            timeout_s=1.0,
        )
        self.keys = sender.keys
        self.phone = Phone(place)
        clock = centre_clock(self.phone.journal, self.moment, os.urandom)
        asker = Asker(sender.device.id, sender.keys, clock)
        self.way = Connection(client, asker, district.centre.keys.public)
        self.phone.journal.connection.execute("PRAGMA synchronous = OFF")

    def moment(self) -> Moment:
        return moment(self.now_s * 1000)

    def record(self, page: Page) -> None:
        """Write down what somebody did, as the verbs do."""
        with self.phone.transaction():
            for line in page.lines:
                action = read_line(page.epoch, line)
                when = Moment(action.wall, wall_ms(action.wall) or 0, action.boot, action.mono_ms)
                self.phone.write(action.kind, action.subject, action.project, action.body, when)

    def sync(self, at_s: int) -> None:
        """Bring the phone and the centre in step."""
        self.now_s = at_s
        exchange(
            self.phone.journal,
            self.keys,
            self.way.post,
            self.moment,
            projection(self.phone.journal, at_s),
            randomness=self.phone.workplace.randomness,
        )

    def folded(self) -> dict[str, dict[str, object]]:
        """Return the progress of each task that the phone shows."""
        rows = self.phone.journal.connection.execute("SELECT id, progress FROM task")
        return {id_: decode_object(progress) for id_, progress in rows}
