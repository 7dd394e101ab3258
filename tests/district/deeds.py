"""Deeds, which people do at a time, and the phones that write them down as action lines."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from radar_core.actions import Draft, Moment, write_line
from sync.clock import ZERO, follow, tick

SHANGHAI = timezone(timedelta(hours=8))
DAY_S = 86_400
BOOT_S = 7 * DAY_S
Body = dict[str, object]


class Deed:
    """Something that a person does at `at_s`, true time; `id` is empty until a phone wrote it.

    The body may hold other deeds, or a mapping of them, in the places of their ids.
    """

    __slots__ = ("at_s", "body", "id", "kind", "project", "staff", "subject")

    def __init__(
        self, at_s: float, who: tuple[str, str], kind: str, subject: str, body: Body
    ) -> None:
        """`who` is (project, staff)."""
        self.at_s = at_s
        self.project, self.staff = who
        self.kind = kind
        self.subject = subject
        self.body = body
        self.id = ""

    def deeds(self) -> "Iterator[Deed]":
        """Yield the deeds that the body names."""
        for value in self.body.values():
            if isinstance(value, Deed):
                yield value
            elif isinstance(value, dict):
                yield from (one for one in value.values() if isinstance(one, Deed))

    def told(self) -> Body:
        """Return the body with the ids of the deeds that it names."""
        return {
            name: value.id
            if isinstance(value, Deed)
            else {key: one.id if isinstance(one, Deed) else one for key, one in value.items()}
            if isinstance(value, dict)
            else value
            for name, value in self.body.items()
        }


class Handset:
    """A person's phone: its clocks, its numbers, and the lines that no centre has yet.

    `away` are the times in which it is off line, `dead` those in which it does not work at all.
    After a breakdown out of which nothing was saved it begins a new epoch.
    """

    def __init__(self, staff: str, chance: random.Random) -> None:
        self.staff = staff
        self.device = f"D-{staff}"
        self.lives = 1
        self.seq = 0
        self.hlc = ZERO
        self.always_off_ms = chance.randrange(200_000, 2_400_000) if chance.random() < 0.025 else 0
        self.off_ms = self.always_off_ms
        self.away: tuple[float, float] = (0, 0)
        self.dead: tuple[float, float] = (0, 0)
        self.lines: list[str] = []

    @property
    def epoch(self) -> str:
        """The name of the epoch that it writes now."""
        return f"E-{self.staff}-{self.lives}"

    def begin_anew(self) -> None:
        """Lose everything that was not sent, and begin a new epoch."""
        self.lives += 1
        self.seq, self.hlc = 0, ZERO
        self.lines = []

    def is_away(self, at_s: float) -> bool:
        """Tell whether it cannot sync."""
        return self.away[0] <= at_s < self.away[1] or self.is_dead(at_s)

    def is_dead(self, at_s: float) -> bool:
        """Tell whether it records nothing."""
        return self.dead[0] <= at_s < self.dead[1]

    def write(self, deed: Deed) -> str:
        """Return the line of a deed; empty if the phone is broken, or names what nobody wrote."""
        if self.is_dead(deed.at_s) or not all(one.id for one in deed.deeds()):
            return ""
        true_ms = int(deed.at_s * 1000)
        wall_ms = true_ms + self.off_ms
        self.hlc = tick(self.hlc, wall_ms)
        self.seq += 1
        deed.id = f"{self.epoch}.{self.seq}"
        wall = datetime.fromtimestamp(wall_ms / 1000, SHANGHAI).isoformat(timespec="milliseconds")
        boot = f"boot{int(deed.at_s) // BOOT_S}"
        moment = Moment(wall, wall_ms, boot, true_ms % (BOOT_S * 1000))
        draft = Draft(
            staff=self.staff, project=deed.project, kind=deed.kind, subject=deed.subject,
            body=deed.told(),
        )  # fmt: skip
        line = write_line(self.seq, self.hlc, moment, draft)
        self.lines.append(line)
        return line

    def hear(self, hlc: str, at_s: float) -> None:
        """Take in the latest stamp of the others, as a sync does."""
        self.hlc = follow(self.hlc, hlc, int(at_s * 1000) + self.off_ms)
