"""RADAR as a contender: a real centre process, the phone's own code in this one.

python -m bench.rig.radar FOLDER [RTT_MS] with DATABASE in RADAR_BENCH_DB
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.rig.centre import make_site
from bench.rig.phone import BenchPhone
from bench.rig.steps import main
from radar_cli.fast import settle
from radar_core.actions import Draft, Moment
from radar_core.jsontext import decode_object
from sync.keys import KEY_BYTES, KeyPair

POSTGRES = "RADAR_BENCH_PG"
"""The URL of a PostgreSQL server; without it the centre is on SQLite."""
A, B = 0, 8
"""Two people of one project."""


class Radar:
    """A centre, and the phones of two people of one project."""

    def __init__(self) -> None:
        self._ends = ExitStack()
        self._phones: list[BenchPhone] = []

    def start(self, folder: Path, lines: Sequence[str]) -> int:
        """Make and run the centre, enrol A and B; A records the actions."""
        postgres = os.environ.get(POSTGRES)
        made = make_site(folder, "postgresql" if postgres else "sqlite", postgres)
        for number in (A, B):
            secret = os.urandom(KEY_BYTES)
            enrolled = made.enrol(number, KeyPair(secret))
            known = (KeyPair(secret), enrolled, made.key.public)
            self._phones.append(BenchPhone(folder / f"phone{number}", number, known, secret))
        centre = self._ends.enter_context(made.running())
        a = self._phones[0]
        a.connect(centre.url)
        a.sync()
        a.record([draft_of(line) for line in lines])
        settle()
        return centre.port

    def connect(self, port: int) -> None:
        """Let both phones go there."""
        for phone in self._phones:
            phone.connect(f"http://127.0.0.1:{port}")

    def up(self) -> None:
        """Send what A recorded, until there is a receipt for it."""
        a = self._phones[0]
        told = a.sync()
        assert told.receipt is not None
        assert told.receipt.seq == a.held(), told

    def down(self) -> None:
        """Fetch everything to B."""
        a, b = self._phones
        b.sync()
        assert b.held() == a.held()

    def record(self, line: str) -> None:
        """Record one action on A, durable."""
        self._phones[0].record([draft_of(line)])

    def sync(self) -> None:
        """Sync A."""
        self._phones[0].sync()

    def stop(self) -> None:
        """Stop the centre, and close the ways to it."""
        for phone in self._phones:
            phone.close()
        self._ends.close()


def draft_of(line: str) -> tuple[Draft, Moment]:
    """Return what a line of the workload says, to be recorded anew."""
    said = decode_object(line)
    text = {name: str(said[name]) for name in ("wall", "boot", "staff", "project", "kind")}
    body, mono_ms = said["body"], said["mono_ms"]
    assert isinstance(body, dict)
    assert isinstance(mono_ms, int)
    moment = Moment(text["wall"], int(str(said["hlc"])[:12], 16), text["boot"], mono_ms)
    draft = Draft(
        staff=text["staff"],
        project=text["project"],
        kind=text["kind"],
        subject=str(said["subject"]),
        body=body,
    )
    return draft, moment


if __name__ == "__main__":
    main(Radar())
