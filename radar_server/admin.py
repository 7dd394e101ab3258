"""The administrator's verbs, as `radar admin` reaches them by name: no printing, no exit."""

import os
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from radar_core.failures import USAGE, Failure, N_
from radar_core.tags import CODE_RANDOM_BYTES, make_code, typable
from radar_server.address import keep_url, url_of
from radar_server.audit import head_of, note
from radar_server.book import book_hash, difference, give_out, read_book_at, take_in
from radar_server.bulk import insert
from radar_server.centre import Centre, rfc3339
from radar_server.database import (
    check_schema,
    database_failure,
    migrate,
    not_initialised,
    open_engine,
    reading,
    sqlite_url,
    writing,
)
from radar_server.devices import read_device
from radar_server.doors import live_projects
from radar_server.enrolment import offer_code, staff_body
from radar_server.replays import begin_at
from radar_server.shelf import Shelf
from radar_server.tables import SCHEMA, CentreRow, DeviceRow
from sync.enrolling import stretch, write_invitation
from sync.keys import KEY_BYTES, KeyPair, load_key, load_or_make_key, name_of

KEY = "key"
DATABASE = "centre.db"
BLOBS = "blobs"
HOUR_MS = 3_600_000
FOLDER_MODE = 0o700


def init(home: str, db: str, name: str) -> dict[str, object]:
    """Make a centre, or bring the tables of one up to date; twice is as good as once."""
    folder = Path(home)
    with making(folder):
        folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        keys = load_or_make_key(folder / KEY, os.urandom(KEY_BYTES))
    with _database(home, db) as engine:
        changed = migrate(engine)
        with writing(engine) as connection:
            centre = centre_at(home, engine, keys)
            row = _centre_row(connection)
            if row is None:
                row = (name_of(centre.randomness(KEY_BYTES), "C"), name, keys.public.hex())
                insert(connection, CentreRow, [(1, *row, centre.now_ms())])
                begin_at(connection, 0)
                changed = True
                note(connection, centre, "init", name=name, schema=SCHEMA)
            elif _is_ours(keys, row[2]) and (changed or not head_of(connection, keys.public).seq):
                # An empty log is one whose centre was killed right after its tables were made.
                note(connection, centre, "migrate", schema=SCHEMA)
    _check_key(keys, row[2])
    return {"home": home, "centre": row[0], "name": row[1], "key": row[2], "already": not changed}


def public_key(home: str, db: str) -> dict[str, object]:
    """Return the key that the centre's receipts are signed with, for whoever checks one."""
    with opened(home, db) as centre, reading(centre.engine) as connection:
        row = _centre_row(connection)
    assert row is not None, "an opened centre has its row"
    return {"centre": row[0], "name": row[1], "key": row[2]}


def book_records(path: str) -> dict[str, object]:
    """Return the records of a book's file, without a centre: to print its tags."""
    return {"records": list(read_book_at(Path(path)).records())}


def import_book(home: str, db: str, path: str, dry_run: bool) -> dict[str, object]:  # noqa: FBT001 - called by name, across a layer
    """Make a book the site book, all or nothing; with `dry_run` only tell what would change."""
    book = read_book_at(Path(path))
    with opened(home, db) as centre:
        if dry_run:
            with reading(centre.engine) as connection:
                found = difference(connection, book.records())
        else:
            with writing(centre.engine) as connection:
                found = take_in(connection, book.records())
                told = {"things": book.counts(), "changes": found.counts()}
                hash_ = book_hash(Path(path))
                note(connection, centre, "import", book=path, sha256=hash_, counts=told)
    return {"book": path, "dry_run": dry_run, "things": book.counts(), **found.counts()}


def export_book(home: str, db: str, path: str) -> dict[str, object]:
    """Write the site book to a workbook or a folder."""
    with opened(home, db) as centre:
        with reading(centre.engine) as connection:
            rows = give_out(connection, Path(path))
        with writing(centre.engine) as connection:
            note(connection, centre, "export", book=path, rows=rows)
    return {"book": path, "rows": rows}


def enrol_code(
    home: str, db: str, staff: str, valid_hours: int, *, url: str = "", shown: bool = False
) -> dict[str, object]:
    """Make a one-time code for a person's phone; only what it is stretched to is kept.

    Where the centre's address is known, an invitation has both; one that is to be `shown` must.
    """
    where, code = _where(home, url, shown=shown), make_code(os.urandom(CODE_RANDOM_BYTES))
    key = stretch(code)
    with opened(home, db) as centre, writing(centre.engine) as connection:
        body = staff_body(connection, staff)
        if body is None:
            raise Failure(
                "unknown_staff",
                N_("The site book has no person {staff}."),
                N_("Their id stands in the sheet `staff`: radar admin export BOOK"),
                staff=staff,
            )
        expires = rfc3339(expires_ms := centre.now_ms() + valid_hours * HOUR_MS)
        offer_code(connection, key, staff, expires_ms)
        note(connection, centre, "enrol-code", staff=staff, expires=expires)
    name = str(body.get("name", staff))
    return _handed_out(home, code, where, {"staff": staff, "name": name, "expires": expires})


def shared_code(
    home: str,
    db: str,
    projects: Sequence[str],
    valid_hours: int,
    *,
    url: str = "",
    shown: bool = False,
) -> dict[str, object]:
    """Make a one-time code for a shared phone, as `enrol_code` does for a person's."""
    where, code = _where(home, url, shown=shown), make_code(os.urandom(CODE_RANDOM_BYTES))
    key = stretch(code)
    with opened(home, db) as centre, writing(centre.engine) as connection:
        there = live_projects(connection, projects)
        missing = [project for project in projects if project not in there]
        if missing:
            raise Failure(
                "unknown_project",
                N_("The site book has no project {project}."),
                N_("Their ids stand in the sheet `projects`: radar admin export BOOK"),
                project=missing[0],
            )
        expires = rfc3339(expires_ms := centre.now_ms() + valid_hours * HOUR_MS)
        offer_code(connection, key, "", expires_ms, projects)
        note(connection, centre, "enrol-code", projects=sorted(there), expires=expires)
    told = {"staff": "", "name": "", "expires": expires, "projects": sorted(there)}
    return _handed_out(home, code, where, told)


def _where(home: str, url: str, *, shown: bool) -> str:
    """Return how phones reach the centre, empty where nobody said and nothing is to be shown."""
    where = url_of(home, url)
    if shown and not where:
        raise Failure(
            "no_url",
            N_("Nobody said yet how phones reach this centre."),
            N_("Say it once: radar admin enrol-code STAFF --url https://centre.example:8080"),
            exit_code=USAGE,
        )
    return where


def _handed_out(home: str, code: str, where: str, told: Mapping[str, object]) -> dict[str, object]:
    if where != url_of(home, ""):
        with making(Path(home)):
            keep_url(home, where)
    invitation = write_invitation(where, code) if where else None
    whose = {"projects": [], **told}
    return {"code": typable(code), **whose, "url": where or None, "invitation": invitation}


def revoke(home: str, db: str, device: str) -> dict[str, object]:
    """Lock a phone out: it gets nothing any more, what it still sends goes to quarantine."""
    with opened(home, db) as centre:
        return revoke_device(centre, device)


def revoke_device(centre: Centre, device: str) -> dict[str, object]:
    """Lock a phone of an open centre out; twice is as good as once."""
    with writing(centre.engine) as connection:
        found = read_device(connection, device)
        if found is None:
            raise Failure(
                "unknown_device",
                N_("There is no phone {device}."),
                N_("The board lists the phones: radar board --json"),
                device=device,
            )
        if not found.revoked:
            connection.execute(
                update(DeviceRow)
                .where(col(DeviceRow.id) == device)
                .values(revoked_ms=centre.now_ms())
            )
            note(connection, centre, "revoke", device=device, staff=found.staff)
    return {"device": device, "staff": found.staff, "name": found.name, "already": found.revoked}


def unknown_staff(staff: str) -> Failure:
    """Say that the site book has no such person."""
    return Failure(
        "unknown_staff",
        N_("The site book has no person {staff}."),
        N_("Their id stands in the sheet `staff`: radar admin export BOOK"),
        staff=staff,
    )


@contextmanager
def opened(home: str, db: str) -> Generator[Centre]:
    """Open a centre that was made; raise Failure where there is none or its tables do not fit."""
    key = Path(home) / KEY
    if not key.exists():
        raise not_initialised()
    keys = load_key(key)
    with _database(home, db) as engine:
        check_schema(engine)
        with reading(engine) as connection:
            row = _centre_row(connection)
        if row is None:
            raise not_initialised()
        _check_key(keys, row[2])
        yield centre_at(home, engine, keys)


def centre_at(home: str, engine: Engine, keys: KeyPair) -> Centre:
    """Return the centre of a folder and a database that fit together."""
    shelf = Shelf(Path(home) / BLOBS)
    return Centre(engine, keys, lambda: time.time_ns() // 1_000_000, os.urandom, shelf)


@contextmanager
def _database(home: str, db: str) -> Generator[Engine]:
    """Open the database, by default a file in the centre's folder; say what it refuses."""
    engine = open_engine(db or sqlite_url(Path(home) / DATABASE))
    try:
        yield engine
    except DBAPIError as error:
        raise database_failure(error) from error
    finally:
        engine.dispose()


def _centre_row(connection: Connection) -> tuple[str, str, str] | None:
    wanted = select(col(CentreRow.epoch), col(CentreRow.name), col(CentreRow.public_key))
    row = connection.execute(wanted).one_or_none()
    return row if row is not None else None


def _is_ours(keys: KeyPair, public: str) -> bool:
    return keys.public.hex() == public


def _check_key(keys: KeyPair, public: str) -> None:
    if not _is_ours(keys, public):
        raise Failure(
            "other_key",
            N_("The key in this folder is not the key of the centre in this database."),
            N_("Copy the file `key` from the folder where the centre was made."),
        )


@contextmanager
def making(folder: Path) -> Generator[None]:
    """Say in a sentence what keeps files from being made in the centre's folder."""
    try:
        yield
    except OSError as error:
        raise Failure(
            "home_not_writable",
            N_("The folder {home} cannot be made or written ({reason})."),
            N_("Choose another: --home DIR, or RADAR_CENTRE_HOME"),
            home=folder,
            reason=error.strerror,
        ) from error
