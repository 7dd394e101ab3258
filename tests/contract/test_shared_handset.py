"""A real shared phone and a real centre: who signs in offline is who the centre knows it was."""

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import httpx
import pytest

from commands.badge import badge
from commands.lock import lock
from commands.note import note
from commands.phone import DATABASE, KEY
from commands.projection import SCHEMA
from radar_core.actions import read_line
from radar_core.failures import Failure
from radar_server.badges import issue
from radar_server.centre import Centre
from sync.asking import Asker, CentreClock
from sync.badges import SLOW
from sync.chain import digest
from sync.keys import KeyPair
from sync.outbox import verify
from sync.replica import Identity, create_replica
from sync.transport import Connection
from tests.contract.centre_parts import (
    CENTRE_EPOCH,
    digest_of,
    enrol_device,
    held,
    quarantined,
)
from tests.phones import Handset, World

QUICK = {**SLOW, "n": 2, "p": 1}
PLACE = "HV-P1"


class Post:
    """A shared phone at a post: its handset, its way to the centre, its people's badges."""

    def __init__(self, centre: Centre, client: httpx.Client, home: Path) -> None:
        home.mkdir()
        self.centre = centre
        self.home = home
        keys = KeyPair(digest(str(home).encode()))
        (home / KEY).write_bytes(digest(str(home).encode()))
        device = enrol_device(centre, "", keys, "HV")
        identity = Identity(device, "", "http://centre", CENTRE_EPOCH, centre.keys.public.hex())
        create_replica(home / DATABASE, identity, "E0000000POST", keys.public, more_schema=SCHEMA)
        asker = Asker(device, keys, CentreClock(centre.now_ms, os.urandom))
        self.way = Connection(client, asker, centre.keys.public)
        self.badges = {staff: issue(centre, staff, "", QUICK) for staff in ("G1", "G2", "G3")}
        self.handset = Handset(World(home), keys)
        self.handset.world.wall_ms = centre.now_ms()
        self.handset.phone.journal.connection.execute("PRAGMA synchronous = OFF")
        self.sync()

    def sync(self) -> None:
        self.handset.sync(self.way.post)

    def come(self, staff: str) -> None:
        made = self.badges[staff]
        badge(self.handset.phone, str(made["badge"]), lambda: str(made["pin"]))

    def say(self, text: str) -> None:
        note(self.handset.phone, PLACE, text)


@pytest.fixture
def post(centre: Centre, client: httpx.Client, tmp_path: Path) -> Post:
    return Post(centre, client, tmp_path / "post")


def notes(centre: Centre) -> dict[str, str]:
    """Return who said what, as the centre has it; each text is there once."""
    actions = [read_line(epoch, line) for epoch, _, line in held(centre)]
    said = [(str(one.body["text"]), one.staff) for one in actions if one.kind == "note"]
    assert max(Counter(text for text, _ in said).values(), default=1) == 1
    return dict(said)


def test_people_who_take_turns_offline_are_never_taken_for_each_other(post: Post) -> None:
    chance = random.Random(7)
    expected: dict[str, str] = {}
    for turn in range(100):
        staff = chance.choice(["G1", "G2", "G3"])
        post.come(staff)
        for number in range(chance.randrange(3)):
            expected[text := f"turn {turn}, note {number}"] = staff
            post.say(text)
        if chance.random() < 0.3:
            lock(post.handset.phone)
            with pytest.raises(Failure, match="nobody is signed in"):
                post.say("nobody's")
    assert notes(post.centre) == {}
    post.sync()
    assert notes(post.centre) == expected
    assert quarantined(post.centre) == []
    digest_of(post.centre, "HV")
    assert verify(post.handset.phone.journal)[1] == ""


def test_who_edits_the_database_writes_nothing_in_anothers_name(post: Post) -> None:
    post.come("G1")
    post.say("mine")
    journal = post.handset.phone.journal
    presence = journal.meta()["presence"]
    with journal.transaction():
        journal.set_meta("presence", presence.replace('"G1"', '"G2"'))
        body = journal.connection.execute(
            "SELECT body FROM record WHERE kind = 'badge' AND id = 'G1'"
        ).fetchone()[0]
        # With the badge of the other one made to look like the thief's own.
        journal.connection.execute(
            "UPDATE record SET body = ? WHERE kind = 'badge' AND id = 'G2'", (body,)
        )
    post.say("said to be another's")
    with journal.transaction():
        journal.set_meta("presence", presence)
    post.say("mine again")
    post.sync()
    assert notes(post.centre) == {"mine": "G1", "mine again": "G1"}
    assert [code for _, code, _ in quarantined(post.centre)] == ["not_signed_in"]


def test_a_copy_of_a_phone_goes_on_and_everybodys_work_stays_theirs(
    post: Post, tmp_path: Path
) -> None:
    post.come("G1")
    post.say("before")
    post.sync()
    connection = post.handset.phone.journal.connection
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    backup = shutil.copyfile(post.home / DATABASE, tmp_path / "backup.db")
    post.say("after the backup")
    post.sync()
    connection.close()
    for leftover in post.home.glob(f"{DATABASE}*"):
        leftover.unlink()
    shutil.copyfile(backup, post.home / DATABASE)
    post.handset.reopen()
    post.say("restored")
    post.come("G2")
    post.say("restored too")
    lock(post.handset.phone)
    post.sync()
    post.come("G3")
    post.say("later")
    post.sync()
    assert notes(post.centre) == {
        "before": "G1",
        "after the backup": "G1",
        "restored": "G1",
        "restored too": "G2",
        "later": "G3",
    }
    assert quarantined(post.centre) == []
    digest_of(post.centre, "HV")


def test_weeks_offline_are_no_matter(post: Post) -> None:
    for day in range(21):
        post.handset.world.step(86_400)
        post.come(("G1", "G2")[day % 2])
        post.say(f"day {day}")
    post.sync()
    assert notes(post.centre) == {f"day {day}": ("G1", "G2")[day % 2] for day in range(21)}
