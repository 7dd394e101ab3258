"""A phone's database that an older RADAR made comes to today's tables, with all that it holds."""

import sqlite3
from pathlib import Path

import pytest

from radar_core.actions import Draft, Moment, touches, write_line
from sync.clock import stamp
from sync.journal import Journal, open_journal
from sync.lines import read_action
from sync.replica import Identity, bring_up_to_date, create_replica
from sync.schema import SCHEMA_VERSION
from sync.touching import actions_on

FIRST = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE epoch(
  name TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, genesis BLOB NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0, receipted INTEGER NOT NULL DEFAULT 0, receipt TEXT
) WITHOUT ROWID;
CREATE TABLE action(
  epoch TEXT NOT NULL, seq INTEGER NOT NULL, hlc TEXT NOT NULL, project TEXT NOT NULL,
  hash BLOB, line TEXT NOT NULL, PRIMARY KEY(epoch, seq)
) WITHOUT ROWID;
CREATE TABLE touch(
  ref TEXT NOT NULL, hlc TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY(ref, hlc, epoch, seq)
) WITHOUT ROWID;
CREATE TABLE quarantine(
  epoch TEXT NOT NULL, seq INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY(epoch, seq)
) WITHOUT ROWID;
CREATE TABLE record(
  kind TEXT NOT NULL, id TEXT NOT NULL, project TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY(kind, id, project)
) WITHOUT ROWID;
CREATE INDEX record_project ON record(project);
CREATE INDEX action_project ON action(project);
CREATE TABLE cursor(
  project TEXT PRIMARY KEY, pos INTEGER NOT NULL, count INTEGER NOT NULL, sum TEXT NOT NULL
) WITHOUT ROWID;
"""
"""The tables as the first RADAR had them."""
SECOND = """
ALTER TABLE epoch ADD COLUMN closed INTEGER;
ALTER TABLE epoch ADD COLUMN parent TEXT;
ALTER TABLE quarantine ADD COLUMN state TEXT NOT NULL DEFAULT 'kept';
CREATE TABLE moved(
  epoch TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, line TEXT NOT NULL,
  to_epoch TEXT NOT NULL, to_seq INTEGER NOT NULL, PRIMARY KEY(to_epoch, to_seq)
) WITHOUT ROWID;
"""
"""What the second one had beyond."""
THIRD = """
CREATE TABLE mention(
  ref TEXT NOT NULL, project TEXT NOT NULL, epoch TEXT NOT NULL, first INTEGER NOT NULL,
  latest TEXT NOT NULL, seqs TEXT NOT NULL, PRIMARY KEY(ref, project, epoch, first)
) WITHOUT ROWID;
"""
"""What the third one had beyond."""
OLD = {"1": FIRST, "2": FIRST + SECOND, "3": FIRST + SECOND + THIRD}
NOON_MS = 1_795_406_400_000
EPOCHS = {"E1": b"own", "E2": None, "E3": None}


def old_phone(path: Path, version: str) -> None:
    """Make a phone's database of that version: three people's notes, on three tasks and places."""
    database = sqlite3.connect(path)
    database.executescript(OLD[version])
    database.execute("INSERT INTO meta VALUES ('schema', ?)", (version,))
    database.execute("INSERT INTO epoch(name, number, genesis) VALUES ('E1', 1, x'00')")
    database.execute("INSERT INTO quarantine(epoch, seq, code, reason) VALUES ('E1', 2, 'c', 'r')")
    for n in range(60):
        epoch, seq = f"E{n % 3 + 1}", n // 3 + 1
        draft = Draft(
            staff="G1",
            project="HV",
            kind="note",
            subject=f"place:P{n % 5}",
            body={"text": str(n), "task": f"T{n % 4}", "place": f"P{n % 5}"},
        )
        wall = Moment("2026-11-23T10:00:00+08:00", NOON_MS, "b007", n)
        hlc = stamp(NOON_MS + (n * 37) % 60, 0)
        line = write_line(seq, hlc, wall, draft)
        row = (epoch, seq, hlc, "HV", EPOCHS[epoch], line)
        database.execute("INSERT INTO action VALUES (?, ?, ?, ?, ?, ?)", row)
        database.executemany(
            "INSERT INTO touch VALUES (?, ?, ?, ?)",
            [(ref, hlc, epoch, seq) for ref in touches(read_action(epoch, line))],
        )
    database.commit()
    database.close()


def tables(journal: Journal) -> dict[str, list[tuple[object, ...]]]:
    """Return each table's columns, whatever their order."""
    names = journal.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        name: sorted(
            journal.connection.execute(
                'SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (name,)
            )
        )
        for (name,) in names.fetchall()
    }


@pytest.mark.parametrize("version", OLD)
def test_what_an_older_phone_holds_is_found_as_before(tmp_path: Path, version: str) -> None:
    old_phone(tmp_path / "phone.db", version)
    journal = open_journal(str(tmp_path / "phone.db"))
    before = journal.connection.execute(
        "SELECT ref, epoch, line FROM touch JOIN action USING (epoch, seq)"
        " ORDER BY ref, touch.hlc, epoch, seq"
    ).fetchall()
    assert bring_up_to_date(journal)["schema"] == str(SCHEMA_VERSION)
    refs = sorted({ref for ref, *_ in before})
    assert len(refs) == 10
    after = [
        (ref, *action.order)
        for ref, actions in actions_on(journal, refs).items()
        for action in actions
    ]
    assert after == [(ref, *read_action(epoch, line).order) for ref, epoch, line in before]
    quarantined = journal.connection.execute("SELECT epoch, seq, state FROM quarantine").fetchall()
    assert quarantined == [("E1", 2, "kept")]


@pytest.mark.parametrize("version", OLD)
def test_an_older_phone_gets_the_tables_of_a_fresh_one(tmp_path: Path, version: str) -> None:
    old_phone(tmp_path / "phone.db", version)
    journal = open_journal(str(tmp_path / "phone.db"))
    bring_up_to_date(journal)
    who = Identity("D1", "G1", "http://127.0.0.1:9", "C0", "00" * 32)
    fresh = create_replica(tmp_path / "fresh.db", who, "E1", bytes(32))
    assert tables(journal) == tables(fresh)


def test_a_newer_phone_is_left_as_it_is(tmp_path: Path) -> None:
    old_phone(tmp_path / "phone.db", "2")
    journal = open_journal(str(tmp_path / "phone.db"))
    with journal.transaction():
        journal.set_meta("schema", "999")
    held = tables(journal)
    assert bring_up_to_date(journal)["schema"] == "999"
    assert tables(journal) == held
