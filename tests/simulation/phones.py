"""A phone of the town: a phone's production code, with clocks, a disk and deaths of its own."""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from commands.phone import DATABASE, Phone, Workplace
from commands.projection import projection
from radar_core.actions import Moment
from sync.asking import Asker, centre_clock
from sync.exchange import Reply, Report, exchange
from sync.keys import KeyPair
from tests.simulation.brittle import Brittle

if TYPE_CHECKING:
    from tests.simulation.town import Town


@dataclass
class SimPhone:
    """One copy of a phone; clones are phones of their own that share keys, device and epoch.

    Its wall clock is off by `skew_ms`; its monotonic clock shows `mono_ms` when the town's shows
    `since_ms`, and runs a little fast or slow from there. `saved` holds what it has told its person
    is saved, `least_ms` and `most_ms` between what its wall clock has stood.
    """

    town: "Town"
    name: str
    staff: str
    keys: KeyPair
    device: str
    skew_ms: int = 0
    drift_ppm: int = 0
    boot: str = ""
    since_ms: int = 0
    mono_ms: int = 0
    is_copy: bool = False
    saved: set[str] = field(default_factory=set[str])
    phone: Phone = field(init=False)
    brittle: Brittle = field(init=False)
    most_ms: int = 0
    least_ms: int = 1 << 47

    @property
    def asker(self) -> Asker:
        """What signs this phone's requests."""
        clock = centre_clock(self.phone.journal, self.moment, self.town.random_bytes)
        return Asker(self.device, self.keys, clock)

    @property
    def path(self) -> Path:
        """The phone's database."""
        return self.town.folder / self.name / DATABASE

    def open(self) -> None:
        """Open the phone's database, as every process does."""
        self.phone = self.process()
        self.brittle = Brittle(cast("Any", self.phone.journal.connection))
        self.phone.journal.connection = cast("Any", self.brittle)

    def process(self) -> Phone:
        """Return the phone as another process of it sees it."""
        return Phone(
            Workplace(
                str(self.path.parent),
                clock=self.moment,
                local=lambda at_s: f"@{at_s}",
                randomness=self.town.random_bytes,
                timeout_s=1.0,
            )
        )

    def close(self) -> None:
        """End the phone's process; what was not committed never was."""
        self.brittle.close()

    def reopen(self) -> None:
        self.close()
        self.open()

    def moment(self) -> Moment:
        """Return the moment on this phone's own clocks."""
        true_ms = self.town.clock()
        wall_ms = max(0, true_ms + self.skew_ms)
        ran_ms = true_ms - self.since_ms
        mono_ms = self.mono_ms + ran_ms + ran_ms * self.drift_ppm // 1_000_000
        return Moment(_wall(wall_ms), wall_ms, self.boot, mono_ms)

    def boot_anew(self) -> None:
        """Start the monotonic clock anew, as nobody's ever ran before."""
        self.boot = f"b{self.town.rng.randbytes(6).hex()}"
        self.since_ms, self.mono_ms = self.town.clock(), 0

    def drift(self, ppm: int) -> None:
        """Let the monotonic clock run so much too fast from now on."""
        self.mono_ms, self.since_ms = self.moment().mono_ms, self.town.clock()
        self.drift_ppm = ppm

    def own(self) -> list[tuple[str, int, str]]:
        """Return the phone's own actions: epoch, number, line."""
        return self.brittle.real.execute(
            "SELECT epoch, seq, line FROM action WHERE hash IS NOT NULL ORDER BY epoch, seq"
        ).fetchall()

    def meta(self) -> dict[str, str]:
        """Return what is committed of the phone's meta now."""
        return dict(self.brittle.real.execute("SELECT key, value FROM meta"))

    def unsent(self) -> list[str]:
        """Return the lines that have no receipt."""
        rows = self.brittle.real.execute(
            "SELECT line FROM action JOIN epoch ON name = epoch"
            " WHERE seq > receipted AND hash IS NOT NULL"
        )
        return [line for (line,) in rows]

    def sync(self, *, faults: bool, phone: Phone | None = None) -> Report:
        """Exchange with the centre from a process, over a network that cuts if there are faults."""
        process = phone or self.phone
        project = projection(process.journal, self.moment().wall_ms // 1000)

        def post(body: bytes) -> Reply:
            return self.town.network.carry(self, body, faults=faults)

        told = exchange(
            process.journal,
            self.keys,
            post,
            self.moment,
            project,
            randomness=self.town.random_bytes,
        )
        process.meta = process.journal.meta()
        return told

    def back_up(self, to: Path) -> None:
        """Copy the database as a backup does, with all that is committed."""
        self.brittle.real.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        shutil.copyfile(self.path, to)

    def put_back(self, backup: Path) -> None:
        """Put a copy of the database in the place of the phone's own."""
        self.close()
        lay_down(backup, self.path)
        self.open()
        self.phone.meta = self.phone.journal.meta()


def _wall(wall_ms: int) -> str:
    return datetime.fromtimestamp(wall_ms / 1000, UTC).isoformat(timespec="milliseconds")


def lay_down(copy: Path, database: Path) -> None:
    """Put a copy where a database is or will be, without what an older one left beside it."""
    database.parent.mkdir(exist_ok=True)
    for rest in ("-wal", "-shm"):
        database.with_name(database.name + rest).unlink(missing_ok=True)
    shutil.copyfile(copy, database)
