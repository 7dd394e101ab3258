"""The audit log on both databases: a chain that the centre signs, whoever writes beside whom."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import select, text
from sqlmodel import col

from radar_core.failures import Failure
from radar_server.audit import Examined, Head, examine, head_of, newest, note, read_head
from radar_server.bulk import insert
from radar_server.centre import Centre
from radar_server.database import open_engine, reading, writing
from radar_server.quarantine import Word, decide
from radar_server.tables import AuditRow
from sync.chain import HASH_BYTES, link
from sync.keys import KeyPair
from tests.contract.centre_parts import new_device

ACTS = 5


def append(centre: Centre, count: int = ACTS) -> Head:
    with writing(centre.engine) as connection:
        for number in range(count):
            note(connection, centre, "import", f"S{number}", book=f"{number}.xlsx", 中="文")
        return head_of(connection, centre.keys.public)


def look(centre: Centre, known: Head | None = None) -> Examined:
    with reading(centre.engine) as connection:
        return examine(connection, centre.keys.public, known)


def test_every_entry_says_who_did_what_and_when(centre: Centre) -> None:
    append(centre)
    with reading(centre.engine) as connection:
        rows, more = newest(connection, 2)
    assert [row["seq"] for row in rows] == [4, 5]
    assert more == 3
    assert rows[0].items() >= {
        "act": "import", "by": "S3", "at": "2026-03-02T00:00:00Z",
        "details": {"book": "3.xlsx", "中": "文"},
    }.items()  # fmt: skip
    assert rows[0]["user"]
    assert look(centre) == Examined(ACTS, [])


def test_who_is_not_named_is_the_account_that_ran_it(centre: Centre) -> None:
    with writing(centre.engine) as connection:
        note(connection, centre, "export")
        (row,), _ = newest(connection, 1)
    assert row["by"] == row["user"]


def test_an_act_that_was_undone_left_no_entry(centre: Centre) -> None:
    append(centre)

    def fail() -> None:
        with writing(centre.engine) as connection:
            note(connection, centre, "revoke")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert look(centre) == Examined(ACTS, [])


def rehash(centre: Centre) -> None:
    """Edit an entry and make all that follows anew, as a forger without the centre's key."""
    with writing(centre.engine) as connection:
        rows = connection.execute(
            select(col(AuditRow.seq), col(AuditRow.line)).order_by(col(AuditRow.seq))
        ).all()
        previous = connection.execute(text("SELECT hash FROM audit WHERE seq = 2")).scalar_one()[
            :HASH_BYTES
        ]
        for seq, line in rows[2:]:
            forged = line.replace("import", "export")
            previous = link(previous, forged)
            connection.execute(
                text("UPDATE audit SET line = :l, hash = :h WHERE seq = :s"),
                {"l": forged, "h": previous + bytes(64), "s": seq},
            )


def insert_copy(centre: Centre) -> None:
    with writing(centre.engine) as connection:
        connection.execute(text("UPDATE audit SET seq = seq + 100 WHERE seq > 2"))
        connection.execute(
            text(
                "INSERT INTO audit (seq, line, hash) SELECT 3, line, hash FROM audit WHERE seq = 2"
            )
        )
        connection.execute(text("UPDATE audit SET seq = seq - 99 WHERE seq > 100"))


def sql(statement: str) -> Callable[[Centre], None]:
    def tamper(centre: Centre) -> None:
        with writing(centre.engine) as connection:
            connection.execute(text(statement))

    return tamper


TAMPERED: dict[str, tuple[Callable[[Centre], None], tuple[int, str]]] = {
    "edited": (sql("UPDATE audit SET line = replace(line, 'S2', 'S9') WHERE seq = 3"),
               (3, "changed")),
    "no JSON any more": (sql("UPDATE audit SET line = 'x' WHERE seq = 3"), (3, "changed")),
    "removed": (sql("DELETE FROM audit WHERE seq = 3"), (3, "missing")),
    "the first removed": (sql("DELETE FROM audit WHERE seq = 1"), (1, "missing")),
    "all removed": (sql("DELETE FROM audit"), (1, "missing")),
    "inserted": (insert_copy, (3, "changed")),
    "edited, and the chain made anew": (rehash, (3, "unsigned")),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_edited_removed_or_inserted_is_found(centre: Centre, name: str) -> None:
    tamper, flaw = TAMPERED[name]
    append(centre)
    tamper(centre)
    assert look(centre).flaws[0] == flaw
    with reading(centre.engine) as connection:
        newest(connection, ACTS)


def test_what_was_cut_off_at_the_end_is_found_by_an_end_kept_elsewhere(centre: Centre) -> None:
    before, after = append(centre, 2), append(centre, 3)
    assert look(centre, before).flaws == look(centre, after).flaws == []
    sql("DELETE FROM audit WHERE seq > 3")(centre)
    assert look(centre).flaws == []
    assert look(centre, before).flaws == []
    assert look(centre, after).flaws == [(5, "missing")]
    append(centre, 2)
    assert look(centre, after).flaws == [(5, "changed")]


def test_another_centre_s_log_is_not_this_one_s(centre: Centre) -> None:
    append(centre)
    other = replace(centre, keys=KeyPair(bytes(range(7, 39))))
    assert (1, "changed") in look(other).flaws


@pytest.mark.parametrize(
    "text_", ["", "5", "5:", "5:zz", "x:" + "0" * 64, "5:" + "0" * 63, "\u0665:" + "0" * 64]
)
def test_what_is_no_end_is_refused(text_: str) -> None:
    with pytest.raises(Failure, match="64 hexadecimal"):
        read_head(text_)


def test_an_end_is_read_as_it_is_written(centre: Centre) -> None:
    head = append(centre)
    assert read_head(f" {head.text.upper()}\n") == head


def test_acts_of_several_processes_are_one_chain(centre: Centre) -> None:
    url = centre.engine.url
    others = [
        replace(centre, engine=open_engine(url.render_as_string(hide_password=False)))
        for _ in range(4)
    ]
    with ThreadPoolExecutor(len(others)) as threads:
        list(threads.map(lambda one: [append(one, 2) for _ in range(5)], others))
    for other in others:
        other.engine.dispose()
    assert look(centre) == Examined(40, [])


def test_a_supervisor_s_word_is_an_act_once(centre: Centre, client: httpx.Client) -> None:
    device = new_device(centre, "G3")
    device.act(staff="G1")
    device.sync(client)
    decide(centre, f"{device.epoch}.1", Word("rejected", "S1", "no"))
    decide(centre, f"{device.epoch}.1", Word("released", "S1", "again"))
    with reading(centre.engine) as connection:
        rows, _ = newest(connection, ACTS)
    assert [(row["act"], row["by"], row["details"]) for row in rows] == [
        ("reject", "S1", {"action": f"{device.epoch}.1", "note": "no"})
    ]


def test_an_insertion_by_hand_is_not_signed(centre: Centre) -> None:
    head = append(centre)
    with writing(centre.engine) as connection:
        insert(connection, AuditRow, [(head.seq + 1, "{}", link(head.hash, "{}") + bytes(64))])
    assert look(centre).flaws == [(head.seq + 1, "unsigned")]
