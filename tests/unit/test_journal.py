"""The journal: what it said to have saved is there, and what it could not save is not (law 1)."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from radar_core.actions import Draft, Moment, read_line
from radar_core.failures import NOT_ENROLLED, Failure
from sync.chain import genesis, links
from sync.clock import stamp
from sync.journal import BUSY_TIMEOUT_S, WAL_BYTES_MAX, Journal, Recorded, open_journal
from sync.outbox import verify
from sync.replica import Identity, create_replica
from sync.schema import ACTIONS_ON, SCHEMA
from tests.house import ROOT

KEY = bytes(range(32))
IDENTITY = Identity("D1", "G1", "http://127.0.0.1:9", "C0", "00" * 32)
NOON_MS = 1_795_406_400_000


def note(text: str = "hello") -> Draft:
    return Draft(staff="G1", project="HV", kind="note", subject="T", body={"text": text})


def moment(wall_ms: int = NOON_MS) -> Moment:
    return Moment("2026-11-23T10:00:00+08:00", wall_ms, "b007", 1)


def append(
    journal: Journal, text: str = "hello", *, wall_ms: int = NOON_MS, heard: str = ""
) -> Recorded:
    with journal.transaction():
        if heard:
            journal.set_meta("heard", heard)
        return journal.append(note(text), moment(wall_ms), ["task:T"])


def lines(journal: Journal) -> list[str]:
    return [row[0] for row in journal.connection.execute("SELECT line FROM action ORDER BY seq")]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return create_replica(tmp_path / "phone.db", IDENTITY, "E1", KEY)


def test_actions_are_numbered_from_one_without_a_gap_and_chained(journal: Journal) -> None:
    recorded = [append(journal, f"note {n}") for n in range(5)]
    assert [r.id for r in recorded] == ["E1.1", "E1.2", "E1.3", "E1.4", "E1.5"]
    rows = journal.connection.execute("SELECT hash, line FROM action ORDER BY seq").fetchall()
    assert [row[0] for row in rows] == links(genesis("E1", KEY), [row[1] for row in rows])
    assert [row[1] for row in rows] == [r.line for r in recorded]
    assert verify(journal) == (5, "")


def test_an_action_is_found_by_what_it_touches(journal: Journal) -> None:
    recorded = append(journal)
    found = journal.connection.execute("SELECT ref, hlc, epoch, seq FROM touch").fetchall()
    assert found == [("task:T", recorded.hlc, "E1", 1)]


def test_law_10_honest_time_stamps_rise_over_a_clock_that_goes_back_and_over_what_was_heard(
    journal: Journal,
) -> None:
    first = append(journal)
    second = append(journal, wall_ms=NOON_MS - 86_400_000)
    heard = stamp(NOON_MS + 5_000, 9)
    third = append(journal, heard=heard)
    assert first.hlc < second.hlc < heard < third.hlc
    assert read_line("E1", second.line).wall == "2026-11-23T10:00:00+08:00"


def test_what_fails_halfway_leaves_nothing_behind(journal: Journal) -> None:
    def fail() -> None:
        with journal.transaction():
            journal.append(note(), moment(), ["task:T"])
            raise KeyboardInterrupt

    append(journal)
    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not journal.connection.in_transaction
    assert len(lines(journal)) == 1
    assert append(journal).seq == 2


def test_an_action_outside_a_transaction_is_a_bug(journal: Journal) -> None:
    with pytest.raises(AssertionError):
        journal.append(note(), moment(), [])


def test_a_line_that_is_too_long_is_refused_whole(journal: Journal) -> None:
    with pytest.raises(Failure) as told:
        append(journal, "泵" * 22_000)
    assert told.value.code == "too_long"
    assert lines(journal) == []
    assert append(journal, "x" * 60_000).seq == 1


KILLED = """
import os, signal, sys
from sync.journal import open_journal
from radar_core.actions import Draft, Moment
journal = open_journal(sys.argv[1])
for number in range(3):
    with journal.transaction():
        draft = Draft(staff="G1", project="HV", kind="note", subject="T", body={"n": number})
        recorded = journal.append(draft, Moment("w", 1, "b", 1), ["task:T"])
    os.write(1, f"{recorded.id}\\n".encode())
with journal.transaction():
    journal.append(draft, Moment("w", 1, "b", 1), [])
    HOW
"""


@pytest.mark.parametrize("how", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)"])
def test_law_01_recorded_is_durable_across_a_process_that_is_killed_after_its_commit(
    journal: Journal, how: str
) -> None:
    script = KILLED.replace("HOW", how)
    done = subprocess.run(
        [sys.executable, "-c", script, journal.path], cwd=ROOT, capture_output=True, check=False
    )
    assert done.stderr == b""
    assert done.returncode in (0, -signal.SIGKILL)
    assert done.stdout.split() == [b"E1.1", b"E1.2", b"E1.3"]
    again = open_journal(journal.path)
    assert [json.loads(line)["body"]["n"] for line in lines(again)] == [0, 1, 2]
    assert verify(again) == (3, "")
    assert append(again).seq == 4


APPENDING = """
import sys
from sync.journal import open_journal
from radar_core.actions import Draft, Moment
journal = open_journal(sys.argv[1])
sys.stdout.write("ready")
sys.stdout.flush()
sys.stdin.read()
for number in range(20):
    with journal.transaction():
        body = {"n": number}
        draft = Draft(staff="G1", project="HV", kind="note", subject=sys.argv[2], body=body)
        journal.append(draft, Moment("w", 1, "b", 1), ["task:T"])
"""


def test_two_processes_at_once_make_one_chain_without_a_gap(journal: Journal) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-c", APPENDING, journal.path, name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for name in ("one", "two")
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.read(5) == b"ready"
    for process in both:
        assert process.stdin is not None
        process.stdin.close()
    for process in both:
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()
    assert [process.returncode for process in both] == [0, 0]
    assert verify(journal) == (40, "")
    told = [json.loads(line) for line in lines(journal)]
    for name in ("one", "two"):
        assert [t["body"]["n"] for t in told if t["subject"] == name] == list(range(20))
    assert [t["seq"] for t in told] == list(range(1, 41))
    assert [t["hlc"] for t in told] == sorted({t["hlc"] for t in told})


def fill(journal: Journal) -> None:
    for _ in range(9):
        append(journal, "x" * 10_000)


def test_law_02_only_a_full_disk_stops_a_recording_and_it_says_so_and_keeps_what_there_is(
    journal: Journal,
) -> None:
    append(journal)
    (pages,) = journal.connection.execute("PRAGMA page_count").fetchone()
    journal.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Failure) as told:
        fill(journal)
    assert told.value.code == "disk_full"
    assert str(told.value).startswith("NOT saved")
    assert not journal.connection.in_transaction
    count, broken = verify(journal)
    assert (broken, count) == ("", len(lines(journal)))
    touched = journal.connection.execute("SELECT count(*) FROM touch").fetchone()
    assert touched == (count,)
    journal.connection.execute(f"PRAGMA max_page_count = {pages + 100}")
    assert append(journal, "x" * 10_000).seq == count + 1


def test_a_full_disk_found_at_the_commit_is_told_too(journal: Journal) -> None:
    """A constraint that SQLite checks at the commit stands for what only a commit can find."""
    journal.connection.executescript(
        "PRAGMA foreign_keys = ON; CREATE TABLE a(x PRIMARY KEY);"
        " CREATE TABLE b(x REFERENCES a(x) DEFERRABLE INITIALLY DEFERRED);"
    )

    def commit_fails() -> None:
        with journal.transaction():
            journal.append(note(), moment(), [])
            journal.connection.execute("INSERT INTO b VALUES (1)")

    with pytest.raises(Failure) as told:
        commit_fails()
    assert told.value.code == "database_broken"
    assert not journal.connection.in_transaction
    assert lines(journal) == []


def test_a_read_only_database_says_not_saved(journal: Journal) -> None:
    append(journal)
    reading = sqlite3.connect(f"file:{journal.path}?mode=ro", uri=True, isolation_level=None)
    with pytest.raises(Failure) as told:
        append(Journal(journal.path, reading))
    assert told.value.code == "not_writable"
    assert str(told.value).startswith("NOT saved")
    reading.close()


def test_a_phone_that_is_not_enrolled_is_told_how_to_become_so(tmp_path: Path) -> None:
    with pytest.raises(Failure) as told:
        open_journal(str(tmp_path / "phone.db"))
    assert (told.value.code, told.value.exit_code) == ("not_enrolled", NOT_ENROLLED)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" * 99])
def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "phone.db"
    path.write_bytes(content)
    with pytest.raises(Failure) as told:
        append(open_journal(str(path)))
    assert told.value.code == "database_broken"
    assert "Do not delete it" in told.value.hint
    assert path.read_bytes() == content


def test_a_folder_in_the_database_s_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "phone.db").mkdir()
    with pytest.raises(Failure) as told:
        open_journal(str(tmp_path / "phone.db"))
    assert told.value.code == "home_closed"


def test_a_database_held_by_another_for_too_long_is_told(journal: Journal) -> None:
    other = open_journal(journal.path)
    other.connection.execute("PRAGMA busy_timeout = 0")
    with journal.transaction(), pytest.raises(Failure) as told:
        append(other)
    assert told.value.code == "busy"
    assert other.connection.execute("PRAGMA busy_timeout").fetchone() == (0,)
    assert append(other).seq == 1


def wal_bytes(journal: Journal) -> int:
    return Path(f"{journal.path}-wal").stat().st_size


def test_the_log_never_grows_far_beyond_its_limit(journal: Journal) -> None:
    largest = 0
    for _ in range(150):
        append(journal, "x" * 2_000)
        largest = max(largest, wal_bytes(journal))
        journal.tidy()
        assert wal_bytes(journal) <= WAL_BYTES_MAX
    assert WAL_BYTES_MAX < largest < 2 * WAL_BYTES_MAX
    assert verify(journal) == (150, "")


def test_tidying_waits_for_nobody_and_leaves_the_next_action_patient(journal: Journal) -> None:
    while wal_bytes(journal) <= WAL_BYTES_MAX:
        append(journal, "x" * 9_000)
    other = open_journal(journal.path)
    with other.transaction():
        journal.tidy()
        assert wal_bytes(journal) > WAL_BYTES_MAX
    journal.tidy()
    assert wal_bytes(journal) == 0
    waits = journal.connection.execute("PRAGMA busy_timeout").fetchone()
    assert waits == (int(BUSY_TIMEOUT_S * 1000),)


def test_tidying_a_phone_without_a_log_is_nothing(journal: Journal, tmp_path: Path) -> None:
    append(journal)
    Path(f"{journal.path}-wal").rename(tmp_path / "gone")
    journal.tidy()


def test_what_is_recorded_is_flushed_and_the_phone_s_database_is_its_owner_s_alone(
    journal: Journal,
) -> None:
    def pragma(name: str) -> object:
        return journal.connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert (pragma("journal_mode"), pragma("synchronous"), pragma("wal_autocheckpoint")) == (
        "wal",
        2,
        0,
    )
    assert Path(journal.path).stat().st_mode & 0o777 == 0o600


def test_a_new_database_next_to_the_log_of_a_removed_one_starts_clean(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    old = create_replica(path, IDENTITY, "E1", KEY)
    append(old, "the old phone's")
    left = Path(f"{path}-wal").read_bytes()
    old.connection.close()
    path.unlink()
    Path(f"{path}-wal").write_bytes(left)
    new = create_replica(path, IDENTITY, "E2", KEY)
    assert new.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert lines(new) == []
    assert new.meta()["epoch"] == "E2"
    assert Path(f"{path}-wal.old").read_bytes() == left


def test_making_a_replica_leaves_no_half_made_one_behind(tmp_path: Path) -> None:
    leftover = tmp_path / "phone.db.new-wal"
    leftover.write_bytes(b"from a crash")
    create_replica(tmp_path / "phone.db", IDENTITY, "E1", KEY)
    assert {path.name for path in tmp_path.iterdir()} <= {
        "phone.db",
        "phone.db-wal",
        "phone.db-shm",
    }
    assert os.access(tmp_path / "phone.db", os.W_OK)


def test_law_07_what_touches_a_thing_is_found_without_going_through_the_log() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {ACTIONS_ON}", ("task:x",)).fetchall()
    connection.close()
    steps = [str(step) for *_, step in plan]
    assert "SCAN action" not in steps
    assert any(step.startswith("SEARCH action USING PRIMARY KEY") for step in steps)
