"""Law 1 when the power goes: whatever was *saved* is there, and the next sync converges.

The production code of journal, exchange and tidy runs over a disk that notes each write; a picture
of it is one moment in which the power may go. What is left is opened with the journal's own code.
"""

import random
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from commands.phone import DATABASE
from commands.projection import projection
from radar_core.actions import Draft
from sync import journal as journals
from sync.exchange import exchange
from sync.journal import Journal, open_journal
from sync.outbox import verify
from tests.paper_centre import PaperCentre
from tests.phones import Handset, new_phone, site_centre
from tests.simulation.disk import Disk, Picture, kept

STEPS = 44
CUTS_A_STEP = 2
SYNC_EVERY = 3
FULL, NORMAL = "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"


@dataclass(slots=True)
class Day:
    """A guard's day on a disk that may lose its power, beside a colleague's on a good one."""

    folder: Path
    seed: int
    disk: Disk
    saved: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    before: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    cuts: int = 0
    lost: int = 0
    folds: int = 0
    chance: random.Random = field(init=False)
    centre: PaperCentre = field(init=False)
    guard: Handset = field(init=False)
    other: Handset = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.centre = site_centre(page=9)
        self.other = new_phone(self.folder / "other", self.centre, "G2")
        self.guard = new_phone(self.folder / "guard", self.centre, "G1")
        self._put_on_the_disk()

    def _put_on_the_disk(self) -> None:
        """Let the guard's phone open its database on the disk, by the journal's own code.

        It is a copy: locks do not hold between two libraries of one process.
        """
        self.guard.phone.journal.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        world = self.guard.world
        world.home = shutil.copytree(world.home, self.folder / "disk" / world.home.name)
        (world.home / f"{DATABASE}-wal").unlink(missing_ok=True)
        (world.home / f"{DATABASE}-shm").unlink(missing_ok=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(journals, "plain", lambda: _Library(self.disk))
            self.guard.reopen()
        self.disk.develop()

    def step(self) -> None:
        """Do one thing, and look at what is left if the power went in the middle or just after."""
        self.before = dict(self.saved)
        what = self.chance.random()
        if what < 0.7:
            self._record()
        else:
            _note(self.other, "theirs " * self.chance.randint(1, 200))
            self.other.sync(self.centre.post)
            self.guard.sync(self.centre.post)
        self._tidy()

    def _record(self) -> None:
        id_, line = _note(self.guard, "水泵 ok " * self.chance.randint(1, 1500))
        # The verdict is shown here; what was photographed until now need not have it.
        self._look_back(self.disk.develop())
        self.saved[id_] = line
        self.before = dict(self.saved)

    def _tidy(self) -> None:
        log = Path(f"{self.guard.phone.journal.path}-wal")
        size = log.stat().st_size
        self.guard.phone.journal.tidy()
        self.folds += log.stat().st_size < size
        self._look_back(self.disk.develop())

    def _look_back(self, pictures: Sequence[Picture]) -> None:
        chosen = self.chance.sample(pictures[:-1], min(CUTS_A_STEP, len(pictures) - 1))
        for picture in [*chosen, pictures[-1]]:
            self._cut(picture, None)
            self._cut(picture, self.chance)

    def _cut(self, picture: Picture, chance: random.Random | None) -> None:
        self.cuts += 1
        folder = self.folder / "left"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        kept(picture, folder, chance)
        journal = open_journal(str(folder / DATABASE))
        try:
            self._check(journal)
        finally:
            journal.connection.close()

    def _check(self, journal: Journal) -> None:
        assert journal.connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        held = own_lines(journal)
        gone = [id_ for id_, line in self.before.items() if held.get(id_) != line]
        if gone:
            self.lost += len(gone)
            return
        count, wrong = verify(journal)
        assert (count, wrong) == (len(held), "")
        if self.cuts % SYNC_EVERY == 0:
            journal.connection.execute("PRAGMA synchronous = OFF")
            self._converges(journal, held)

    def _converges(self, journal: Journal, held: dict[tuple[str, int], str]) -> None:
        """The phone that is switched on again and its centre come to hold the same."""
        centre = self.centre.copy()
        now_s = self.guard.world.wall_ms // 1000
        report = exchange(
            journal,
            self.guard.keys,
            centre.post,
            self.guard.world.moment,
            projection(journal, now_s),
            randomness=self.guard.world.randomness,
        )
        assert (report.forks, report.healed, report.repairs) == ([], [], 0)
        assert own_lines(journal) == held
        for (epoch, seq), line in held.items():
            assert centre.streams[epoch].lines[seq - 1] == line
        for project, count, total in journal.connection.execute(
            "SELECT project, count, sum FROM cursor"
        ).fetchall():
            assert (count, int(total)) == centre.digest(project)


class _Library:
    """`sqlite3` as the journal knows it, but that it opens databases on a disk of ours."""

    Error = sqlite3.Error
    OperationalError = sqlite3.OperationalError

    def __init__(self, disk: Disk) -> None:
        self.connect = disk.connect


def own_lines(journal: Journal) -> dict[tuple[str, int], str]:
    """Return the phone's own actions by epoch and number."""
    rows = journal.connection.execute("SELECT epoch, seq, line FROM action WHERE hash IS NOT NULL")
    return {(epoch, seq): line for epoch, seq, line in rows.fetchall()}


def _note(handset: Handset, text: str) -> tuple[tuple[str, int], str]:
    """Record a note; return its identity and its line."""
    handset.world.step(30)
    draft = Draft(
        staff=handset.phone.staff, project="HV", kind="note", subject="", body={"text": text}
    )
    journal = handset.phone.journal
    with journal.transaction():
        made = journal.append(draft, handset.world.moment(), ("place:GATE",))
    return (made.epoch, made.seq), made.line


@pytest.mark.parametrize("seed", range(2))
def test_law_01_recorded_is_durable_when_the_power_goes_at_any_write(
    tmp_path: Path, seed: int
) -> None:
    day = Day(tmp_path, seed, Disk())
    for _ in range(STEPS):
        day.step()
    assert day.lost == 0
    # That the day was worth looking at: hundreds of cuts, in the middle of folding back too.
    assert day.cuts > 300
    assert day.folds > 0


def test_law_01_a_phone_that_does_not_flush_each_action_is_found_out(tmp_path: Path) -> None:
    """The mutant NORMAL for FULL loses what it said was saved, and this very test sees it."""
    day = Day(tmp_path, 0, Disk(instead={FULL: NORMAL}))
    for _ in range(STEPS // 3):
        day.step()
    assert day.lost > 0


def test_an_action_costs_one_flush(tmp_path: Path) -> None:
    day = Day(tmp_path, 0, Disk())
    _note(day.guard, "the first one makes the log, which is one flush more")
    before = day.disk.flushes
    _note(day.guard, "short")
    assert day.disk.flushes == before + 1
