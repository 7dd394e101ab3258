"""The centre's database: its migrations, what is said where it cannot be used, law 6 under load."""

import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select
from sqlmodel import SQLModel, col

from radar_core.book import Record
from radar_core.failures import Failure
from radar_server import admin
from radar_server.centre import Centre
from radar_server.database import (
    check_schema,
    migrate,
    open_engine,
    reading,
    sqlite_url,
    writing,
)
from radar_server.devices import read_device
from radar_server.feed import WHOLE, NewsPage, Reader, read_news
from radar_server.ingest import Stored, ingest
from radar_server.streams import Fork, Gap, page_of
from radar_server.tables import SCHEMA, ActionRow
from sync.protocol import Push
from tests.contract.centre_parts import Device, digest_of, import_records, new_device, site_book


def test_the_migrations_make_the_tables_that_the_code_has(db: str) -> None:
    engine = open_engine(db)
    assert migrate(engine) is True
    with writing(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    assert migrate(engine) is False
    check_schema(engine)
    engine.dispose()


@pytest.mark.parametrize(("found", "code"), [("0000", "schema_old"), ("9999", "schema_new")])
def test_other_tables_than_ours_are_refused(db: str, found: str, code: str) -> None:
    engine = open_engine(db)
    migrate(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{found}'")
    with pytest.raises(Failure) as caught:
        check_schema(engine)
    assert caught.value.code == code
    assert SCHEMA > "0000"
    engine.dispose()


def test_tables_of_a_newer_radar_are_not_touched(db: str) -> None:
    engine = open_engine(db)
    migrate(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Failure) as caught:
        migrate(engine)
    assert caught.value.code == "schema_new"
    engine.dispose()


def test_a_centre_is_made_once(tmp_path: Path, db: str) -> None:
    home = tmp_path / "home" / "centre"
    first = admin.init(str(home), db, "West Coast")
    again = admin.init(str(home), db, "Another name")
    assert (first["already"], again["already"]) == (False, True)
    assert {**first, "already": True} == again
    assert stat.S_IMODE((home / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    with admin.opened(str(home), db) as centre:
        assert centre.keys.public.hex() == first["key"]


def test_the_database_is_a_file_in_the_centre_s_folder_unless_it_is_told(tmp_path: Path) -> None:
    admin.init(str(tmp_path), "", "Test")
    assert (tmp_path / "centre.db").exists()
    with admin.opened(str(tmp_path), "") as centre:
        assert centre.engine.dialect.name == "sqlite"


def test_a_centre_that_was_not_made_says_so(tmp_path: Path, db: str) -> None:
    with pytest.raises(Failure) as caught, admin.opened(str(tmp_path), db):
        pass
    assert caught.value.code == "not_initialised"
    (tmp_path / "key").write_bytes(bytes(32))
    with pytest.raises(Failure) as caught, admin.opened(str(tmp_path), db):
        pass
    assert caught.value.code == "not_initialised"


def test_another_key_than_the_centre_s_is_refused(tmp_path: Path, db: str) -> None:
    admin.init(str(tmp_path), db, "Test")
    (tmp_path / "key").write_bytes(bytes(32))
    with pytest.raises(Failure) as caught, admin.opened(str(tmp_path), db):
        pass
    assert caught.value.code == "other_key"
    with pytest.raises(Failure) as caught:
        admin.init(str(tmp_path), db, "Test")
    assert caught.value.code == "other_key"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("nonsense", "bad_db"),
        ("mysql://x/y", "bad_db"),
        ("postgresql://radar@127.0.0.1:1/none", "database_unreachable"),
        ("postgresql://radar@/none?host=/nowhere", "database_unreachable"),
        ("sqlite:////nowhere/centre.db", "database"),
    ],
)
def test_a_database_that_cannot_be_had_is_one_clear_sentence(
    tmp_path: Path, url: str, code: str
) -> None:
    with pytest.raises(Failure) as caught:
        admin.init(str(tmp_path), url, "Test")
    assert caught.value.code == code
    assert str(caught.value)
    assert "password" not in str(caught.value)


def test_a_file_that_is_no_database_is_one_clear_sentence(tmp_path: Path) -> None:
    admin.init(str(tmp_path), "", "Test")
    for name in ("centre.db-wal", "centre.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "centre.db").write_bytes(b"this is no database, but long enough to be read " * 99)
    with pytest.raises(Failure) as caught, admin.opened(str(tmp_path), ""):
        pass
    assert caught.value.code == "database"


def test_a_folder_that_cannot_be_made_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure) as caught:
        admin.init(str(tmp_path / "file" / "centre"), "", "Test")
    assert caught.value.code == "home_not_writable"


def test_sqlite_flushes_every_commit_to_a_write_ahead_log(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "centre.db"))
    for way in (reading, writing):
        with way(engine) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_a_writer_waits_for_another_process(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "centre.db"))
    migrate(engine)
    other = sqlite3.connect(tmp_path / "centre.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, lambda: other.execute("COMMIT")).start()
    with writing(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM device").scalar() == 0
    other.close()
    engine.dispose()


WRITERS = 4
PUSHES = 12


def _push(centre: Centre, device: Device, push: Push) -> Stored | Gap | Fork:
    """Take a push in, in a transaction of its own."""
    with writing(centre.engine) as connection:
        known = read_device(connection, device.id)
        assert known is not None
        return ingest(connection, page_of(push), known, centre.now_ms())


def _push_all(centre: Centre, device: Device, done: list[str]) -> None:
    for number in range(1, PUSHES + 1):
        device.act(project="HV" if number % 2 else "PK")
        device.act(project="PK" if number % 2 else "HV")
        assert _push(centre, device, device.push(2 * number - 1)) == Stored(2, 0)
    done.append(device.id)


def _read_all(centre: Centre, stop: threading.Event, seen: dict[str, list[str]]) -> None:
    """Follow the feed as a phone does, in pages of three, until the writers are done."""
    cursors: dict[str, int] = {}
    last = False
    while True:
        last = stop.is_set()
        with reading(centre.engine) as connection:
            reader = Reader(["HV", "PK"], cursors, {"EREADER": WHOLE})
            news = read_news(connection, reader, NewsPage(rows=3))
        for one in news:
            seen[one.project] += [line for _, line in one.actions]
            cursors[one.project] = one.pos
        if last and not news:
            return


def test_law_06_no_gap_in_the_feed_under_concurrent_writers(centre: Centre) -> None:
    devices = [new_device(centre, "G3") for _ in range(WRITERS)]
    done: list[str] = []
    stop = threading.Event()
    seen: dict[str, list[str]] = {"HV": [], "PK": []}
    writers = [threading.Thread(target=_push_all, args=(centre, d, done)) for d in devices]
    reader = threading.Thread(target=_read_all, args=(centre, stop, seen))
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    assert len(done) == WRITERS
    wanted = select(col(ActionRow.project), col(ActionRow.line)).order_by(col(ActionRow.pos))
    with reading(centre.engine) as connection:
        rows = list(connection.execute(wanted))
    assert len(rows) == WRITERS * PUSHES * 2
    for project, lines in seen.items():
        assert lines == [line for name, line in rows if name == project]


@pytest.mark.parametrize("there", [0, 2])
def test_law_03_exactly_once_when_the_same_push_comes_several_times_at_once(
    centre: Centre, there: int
) -> None:
    device = new_device(centre)
    for _ in range(5):
        device.act()
    if there:
        _push(centre, device, device.push(1, there))
    barrier = threading.Barrier(WRITERS)
    outcomes: list[object] = []

    def push() -> None:
        barrier.wait()
        outcomes.append(_push(centre, device, device.push(there + 1)))

    threads = [threading.Thread(target=push) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    none, all_ = str(Stored(0, 0)), str(Stored(5 - there, 0))
    assert sorted(map(str, outcomes)) == [none] * (WRITERS - 1) + [all_]


def test_an_import_and_pushes_at_once_keep_the_digest_whole(centre: Centre) -> None:
    devices = [new_device(centre, "G3") for _ in range(2)]
    done: list[str] = []
    threads = [threading.Thread(target=_push_all, args=(centre, d, done)) for d in devices]
    for thread in threads:
        thread.start()
    for number in range(6):
        import_records(centre, [*site_book(), Record("HV", "place", f"HV-X{number}", {})])
    for thread in threads:
        thread.join()
    assert len(done) == 2
    for name in ("HV", "PK"):
        digest_of(centre, name)


def test_a_folder_of_another_user_is_one_clear_sentence(tmp_path: Path) -> None:
    admin.init(str(tmp_path / "home"), "", "Test")
    (tmp_path / "home" / "key").unlink()
    (tmp_path / "home" / "key").mkdir()
    with pytest.raises(Failure) as caught, admin.opened(str(tmp_path / "home"), ""):
        pass
    assert caught.value.code == "key_missing"
