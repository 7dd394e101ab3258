"""`radar log --verify --centre` on both databases: every change is found, and where (law 8)."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import text

from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.quarantine import Word, decide
from radar_server.verifying import Flaw, Verified, verify_all
from sync.chain import genesis, links
from tests.contract.centre_parts import Device, new_device

ACTIONS = 9
"""Of each of two devices: 4 is rejected, 5 released, 6 undecided; the last two are of PK."""


@dataclass
class Filled:
    """A centre with two devices' actions, and the device that the tests do harm to."""

    centre: Centre
    device: Device

    def verify(self, page: int = 4) -> Verified:
        with reading(self.centre.engine) as connection:
            return verify_all(connection, page)

    def change(self, sql: str, **values: object) -> None:
        """Do what anybody with the database's password can do."""
        with writing(self.centre.engine) as connection:
            connection.execute(text(sql), {"e": self.device.epoch, **values})

    def lines(self) -> list[str]:
        return self.device.lines


@pytest.fixture
def filled(centre: Centre, client: httpx.Client) -> Filled:
    devices = [new_device(centre, "G3"), new_device(centre, "G3")]
    for device in devices:
        for seq in range(1, ACTIONS + 1):
            staff = "G1" if seq in (4, 5, 6) else "G3"
            device.act(staff=staff, project="PK" if seq > 7 else "HV")
        device.sync(client, 1, 3)
        device.sync(client, 4)
        decide(centre, f"{device.epoch}.4", Word("rejected", "S1", "no"))
        decide(centre, f"{device.epoch}.5", Word("released", "S1", "yes"))
    return Filled(centre, devices[0])


@pytest.mark.parametrize("page", [1, 4, 5_000])
def test_an_untouched_centre_fits_whatever_the_page(filled: Filled, page: int) -> None:
    found = filled.verify(page)
    assert (found.actions, found.streams, found.projects) == (2 * ACTIONS, 2, 2)
    assert found.flaws == []


def test_an_empty_centre_fits(centre: Centre) -> None:
    with reading(centre.engine) as connection:
        assert verify_all(connection).flaws == []


Tamper = Callable[[Filled], None]
MINE = " WHERE epoch = :e AND seq = "


def sql(statement: str) -> Tamper:
    return lambda filled: filled.change(statement)


def swap(table: str, one: int, two: int) -> Tamper:
    def tamper(filled: Filled) -> None:
        for before, after in ((one, 99), (two, one), (99, two)):
            filled.change(f"UPDATE {table} SET seq = {after}{MINE}{before}")

    return tamper


def insert_copy(seq: int, at: int) -> Tamper:
    """Insert a copy of an action at another number, on a position of its own."""
    columns = "hlc, staff, kind, hash, line, received_ms, grade, at_ms, error_ms"
    return sql(
        f"INSERT INTO action (project, pos, epoch, seq, {columns})"
        f" SELECT 'PK', 3, epoch, {at}, {columns} FROM action{MINE}{seq}"
    )


def rewrite(filled: Filled) -> None:
    """Edit an action and make the chain behind it anew, as a careful forger without the key."""
    lines = list(filled.lines())
    lines[0] = lines[0].replace("note 1", "note X")
    hashes = links(genesis(filled.device.epoch, filled.device.keys.public), lines)
    for seq, (line, hash_) in enumerate(zip(lines, hashes, strict=True), 1):
        filled.change(f"UPDATE action SET line = :l, hash = :h{MINE}{seq}", l=line, h=hash_)
        filled.change(
            f"UPDATE quarantine SET line = :l, hash = :h{MINE}{seq}", l=line.encode(), h=hash_
        )
    filled.change("UPDATE stream SET head = :h WHERE epoch = :e", h=hashes[-1])


def truncate(filled: Filled) -> None:
    """Cut the tail off and set the stream back to what is left, without the phone's word on it."""
    filled.change("DELETE FROM action WHERE epoch = :e AND seq > 7")
    head = filled.device.hashes[7]
    filled.change("UPDATE stream SET seq = 7, head = :h WHERE epoch = :e", h=head)


CASES: dict[str, tuple[Tamper, int, str]] = {
    "an accepted line edited": (
        sql(f"UPDATE action SET line = replace(line, 'note 2', 'note 7'){MINE}2"), 2, "changed"),
    "a released line edited": (
        sql(f"UPDATE action SET line = replace(line, 'note 5', 'note 7'){MINE}5"), 5, "changed"),
    "a quarantined line edited": (
        sql(f"UPDATE quarantine SET line = (SELECT line FROM quarantine{MINE}4){MINE}6"),
        6, "changed"),
    "the record of a decision edited": (
        sql(f"UPDATE quarantine SET line = (SELECT line FROM quarantine{MINE}4){MINE}5"),
        5, "mislabelled"),
    "a quarantined line of no text": (
        lambda filled: filled.change(f"UPDATE quarantine SET line = :l{MINE}6", l=b"\xff"),
        6, "changed"),
    "a hash edited": (
        sql(f"UPDATE action SET hash = (SELECT hash FROM action{MINE}2){MINE}3"), 3, "changed"),
    "another person": (sql(f"UPDATE action SET staff = 'G2'{MINE}2"), 2, "mislabelled"),
    "another kind": (sql(f"UPDATE action SET kind = 'scan'{MINE}2"), 2, "mislabelled"),
    "another stamp": (sql(f"UPDATE action SET hlc = '0'{MINE}2"), 2, "mislabelled"),
    "hidden behind the feed": (sql(f"UPDATE action SET pos = 1000{MINE}2"), 2, "mislabelled"),
    "moved to another project": (
        sql(f"UPDATE action SET project = 'PK', pos = 1{MINE}2"), 2, "mislabelled"),
    "the first removed": (sql(f"DELETE FROM action{MINE}1"), 1, "missing"),
    "one in the middle removed": (sql(f"DELETE FROM action{MINE}7"), 7, "missing"),
    "a released one removed": (sql(f"DELETE FROM action{MINE}5"), 5, "missing"),
    "a rejected one removed": (sql(f"DELETE FROM quarantine{MINE}4"), 4, "missing"),
    "the tail removed": (sql("DELETE FROM action WHERE epoch = :e AND seq > 7"), 8, "missing"),
    "the tail removed, the stream set back": (truncate, 7, "signature"),
    "all of it removed": (sql("DELETE FROM action WHERE epoch = :e"), 1, "missing"),
    "the stream forgotten": (sql("DELETE FROM stream WHERE epoch = :e"), 9, "no_stream"),
    "one inserted behind": (insert_copy(9, 10), 10, "beyond"),
    "one inserted in another project": (insert_copy(2, 2), 2, "doubled"),
    "a release undone in secret": (
        sql(f"UPDATE quarantine SET state = 'kept'{MINE}5"), 5, "doubled"),
    "two swapped": (swap("action", 1, 2), 1, "changed"),
    "two in quarantine swapped": (swap("quarantine", 4, 6), 4, "changed"),
    "all rewritten": (rewrite, 9, "signature"),
    "the head edited": (
        sql("UPDATE stream SET head = genesis WHERE epoch = :e"), 9, "head"),
    "the head's signature edited": (
        sql("UPDATE stream SET head_signature = head WHERE epoch = :e"), 9, "signature"),
    "the start edited": (sql("UPDATE stream SET genesis = head WHERE epoch = :e"), 0, "device"),
    "another device": (sql("UPDATE stream SET device = 'D' WHERE epoch = :e"), 0, "device"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_law_08_tamper_evident_every_change_is_found_and_its_action_named(
    filled: Filled, case: str
) -> None:
    tamper, seq, problem = CASES[case]
    tamper(filled)
    flaws = [flaw for flaw in filled.verify().flaws if "." in flaw.about]
    assert flaws == [Flaw(f"{filled.device.epoch}.{seq}", problem)]


@pytest.mark.parametrize(
    ("statement", "project"),
    [
        ("UPDATE record SET body = '{}' WHERE project = 'PK' AND kind = 'place'", "PK"),
        ("DELETE FROM record WHERE project = 'HV' AND kind = 'tag'", "HV"),
        ("UPDATE head SET total = '1' WHERE project = 'HV'", "HV"),
        ("DELETE FROM head WHERE project = 'PK'", "PK"),
    ],
)
def test_law_08_a_project_that_does_not_hold_what_its_digest_says_is_found(
    filled: Filled, statement: str, project: str
) -> None:
    filled.change(statement)
    assert Flaw(project, "digest") in filled.verify().flaws


def test_a_stream_that_went_with_all_its_actions_is_missed_by_the_projects(filled: Filled) -> None:
    for table in ("action", "quarantine", "stream"):
        filled.change(f"DELETE FROM {table} WHERE epoch = :e")
    assert filled.verify().flaws == [Flaw("HV", "digest"), Flaw("PK", "digest")]
