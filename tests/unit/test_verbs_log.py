"""`radar log`: what became of each action, and `--verify`: whether anybody changed it (law 8)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.log import log, verify_log
from commands.note import note
from radar_core.failures import Failure
from sync.chain import genesis, links
from sync.exchange import Reply
from tests.paper_centre import PaperCentre
from tests.phones import Handset, data_of, new_phone

Tamper = Callable[[Handset], object]


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    """Return a phone with five notes, three of them receipted."""
    phone = new_phone(tmp_path, centre, "G1")
    for number in range(1, 6):
        phone.world.step(60)
        note(phone.phone, "GATE", f"note {number}")
        if number == 3:
            phone.sync(centre.post)
    return phone


def rows(phone: Handset, most: int = 50) -> list[dict[str, Any]]:
    found = data_of(log(phone.phone, most))["actions"]
    assert isinstance(found, list)
    return found


def change(phone: Handset, sql: str, *values: object) -> None:
    """Do what anybody with the phone's file and a copy of sqlite3 can do."""
    phone.phone.journal.connection.execute(sql, values)


def test_a_new_phone_has_an_empty_log_that_verifies(tmp_path: Path, centre: PaperCentre) -> None:
    phone = new_phone(tmp_path, centre, "G2")
    assert rows(phone) == []
    assert verify_log(phone.phone).data == {"verified": 0}


def test_the_log_lists_the_latest_actions_oldest_first(guard: Handset) -> None:
    assert [row["seq"] for row in rows(guard)] == [1, 2, 3, 4, 5]
    assert [row["seq"] for row in rows(guard, 2)] == [4, 5]
    assert (
        rows(guard)[0].items()
        >= {
            "id": "ED-G1.1",
            "seq": 1,
            "kind": "note",
            "subject": "GATE",
            "wall": rows(guard)[0]["wall"],
            "state": "receipted",
            "outcome": None,
            "reason": None,
        }.items()
    )


def test_each_action_is_recorded_then_sent_then_receipted_or_in_quarantine(
    guard: Handset, centre: PaperCentre
) -> None:
    def states() -> list[str]:
        return [row["state"] for row in rows(guard)]

    assert states() == ["receipted"] * 3 + ["recorded"] * 2

    def no_answer(_: bytes) -> Reply:
        raise Failure("unreachable", "")

    with pytest.raises(Failure):
        guard.sync(no_answer)
    assert states() == ["receipted"] * 3 + ["sent"] * 2
    note(guard.phone, "GATE", "note 6")
    assert states()[-1] == "recorded"
    guard.sync(centre.post)
    assert states() == ["receipted"] * 6
    centre.refuse["note"] = ("out_of_scope", "Not here.")
    note(guard.phone, "GATE", "note 7")
    guard.sync(centre.post)
    assert (states()[-1], rows(guard)[-1]["reason"]) == ("quarantined", "Not here.")


def test_other_people_s_actions_are_not_in_this_phone_s_log(
    guard: Handset, tmp_path: Path, centre: PaperCentre
) -> None:
    other = new_phone(tmp_path, centre, "G2")
    note(other.phone, "GATE", "theirs")
    other.sync(centre.post)
    guard.sync(centre.post)
    assert {row["id"].partition(".")[0] for row in rows(guard)} == {"ED-G1"}
    assert verify_log(guard.phone).data == {"verified": 5}


def rewrite(phone: Handset) -> None:
    """Edit the second action and make the whole chain anew, as a careful forger does."""
    connection = phone.phone.journal.connection
    lines = [row[0] for row in connection.execute("SELECT line FROM action ORDER BY seq")]
    lines[1] = lines[1].replace("note 2", "note two")
    hashes = links(genesis("ED-G1", phone.keys.public), lines)
    for seq, (line, digest) in enumerate(zip(lines, hashes, strict=True), 1):
        change(phone, "UPDATE action SET line = ?, hash = ? WHERE seq = ?", line, digest, seq)


def cut_and_forget(phone: Handset) -> None:
    """Remove what the centre has a receipt for, and the memory that it was ever sent."""
    change(phone, "DELETE FROM action WHERE seq >= 3")
    change(phone, "UPDATE epoch SET sent = 0, receipted = 0")


def with_receipt(**changes: object) -> Tamper:
    def tamper(phone: Handset) -> None:
        (text,) = phone.phone.journal.connection.execute("SELECT receipt FROM epoch").fetchone()
        change(phone, "UPDATE epoch SET receipt = ?", json.dumps(json.loads(text) | changes))

    return tamper


def sql(text: str) -> Tamper:
    return lambda phone: change(phone, text)


COPIED = "INSERT INTO action SELECT epoch, 6, hlc, project, hash, line FROM action WHERE seq = 5"


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (sql("UPDATE action SET line = replace(line, 'note 2', 'note 8') WHERE seq = 2"), 2),
        (sql("UPDATE action SET line = line || ' ' WHERE seq = 5"), 5),
        (sql("UPDATE action SET hash = zeroblob(32) WHERE seq = 1"), 1),
        (sql("DELETE FROM action WHERE seq = 1"), 2),
        (sql("DELETE FROM action WHERE seq = 3"), 4),
        (sql("DELETE FROM action WHERE seq >= 3"), 3),
        (sql("DELETE FROM action"), 1),
        (sql(COPIED), 6),
        (sql("UPDATE action SET seq = seq + 1 WHERE seq = 5"), 6),
        (sql("UPDATE epoch SET genesis = zeroblob(32)"), 1),
        (rewrite, 5),
        (cut_and_forget, 2),
        (with_receipt(hash="00" * 32), 5),
        (with_receipt(seq=2), 5),
        (with_receipt(seq=9), 5),
        (with_receipt(at="2030-01-01T00:00:00Z"), 5),
        (with_receipt(device="D-G2"), 5),
        (with_receipt(signature="00" * 64), 5),
        (with_receipt(signature="none"), 5),
        (sql("UPDATE epoch SET receipt = '{}'"), 5),
        (sql("UPDATE epoch SET receipt = 'gone'"), 5),
    ],
)
def test_law_08_tamper_evident_every_change_is_found_and_its_action_named(
    guard: Handset, tamper: Tamper, found: int
) -> None:
    assert verify_log(guard.phone).data == {"verified": 5}
    tamper(guard)
    with pytest.raises(Failure) as told:
        verify_log(guard.phone)
    assert told.value.code == "chain_broken"
    assert told.value.values["action"] == f"ED-G1.{found}"


def test_law_08_tamper_evident_two_swapped_actions_are_found(guard: Handset) -> None:
    for one, two in ((4, 99), (5, 4), (99, 5)):
        change(guard, "UPDATE action SET seq = ? WHERE seq = ?", two, one)
    with pytest.raises(Failure) as told:
        verify_log(guard.phone)
    assert told.value.values["action"] == "ED-G1.4"
