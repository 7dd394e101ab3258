"""`radar admin backup`: all that a centre holds in one file, while it runs, out of one snapshot."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Table, select
from sqlmodel import col

from radar_core.failures import Failure, N_
from radar_server.address import URL
from radar_server.admin import KEY, opened
from radar_server.audit import head_of, note
from radar_server.backup_file import About, BackupWriter, Looker, read_backup, writing_backup
from radar_server.centre import Centre, rfc3339
from radar_server.database import reading, schema_of, tables_of, writing
from radar_server.sealed_file import SALT_BYTES
from radar_server.tables import BlobRow, CentreRow
from sync.durable import flush_folder

PAGE_ROWS = 2_000
PRIVATE = 0o600
Tell = Callable[[int, int], None]
"""Is told how many rows and how many photos are written."""


def _hush(_rows: int, _blobs: int) -> None:
    """Tell nobody."""


def backup(home: str, db: str, path: str, passphrase: str, tell: Tell = _hush) -> dict[str, object]:
    """Write a centre into a file that is not there yet; sealed, if there is a passphrase.

    The act is in the audit log before a byte is written: the file holds the centre's key. The file
    is there under its name only once it was read back whole.
    """
    out = Path(path)
    with opened(home, db) as centre, _whole_or_not(out) as part:
        with writing(centre.engine) as connection:
            note(connection, centre, "backup", file=str(out.absolute()), sealed=bool(passphrase))
        with _private(part) as file:
            about = _write(centre, Path(home), file, passphrase, tell)
            size = file.tell()
            os.fsync(file.fileno())
        found = read_backup(part, passphrase, Looker())
    return {
        "file": str(out),
        "bytes": size,
        "at": about.at,
        "sealed": bool(passphrase),
        "rows": {name: count for name, (count, _) in found.tables.items()},
        "photos": found.blobs,
        "photos_missing": found.missing,
        "head": found.audit,
    }


def _write(centre: Centre, home: Path, file: IO[bytes], passphrase: str, tell: Tell) -> About:
    """Write everything; the photos, which never change, after the database's snapshot is over.

    So that a long copy of photos does not keep SQLite's log from being folded back.
    """
    at_ms = centre.now_ms()
    with reading(centre.engine) as connection:
        about = _about(connection, centre, rfc3339(at_ms))
    salt = centre.randomness(SALT_BYTES)
    with writing_backup(file, about, at_ms // 1000, passphrase, salt) as writer:
        for one in _files(home):
            writer.add_file(one.name, one.read_bytes())
        with reading(centre.engine) as connection:
            writer.manifest.audit = head_of(connection, centre.keys.public).text
            told = 0
            for table in tables_of(connection):
                writer.add_table(table.name, _rows(connection, table))
                told += writer.manifest.tables[table.name][0]
                tell(told, 0)
        for sha256 in _arrived(centre):
            _add_blob(centre, writer, sha256)
            tell(told, writer.manifest.blobs)
    return about


def _files(home: Path) -> Iterator[Path]:
    """Yield the centre's key, its authority and certificate, and where phones reach it."""
    yield home / KEY
    yield from sorted([*home.glob("*.pem"), *home.glob("*.key"), *home.glob(URL)])


def _about(connection: Connection, centre: Centre, at: str) -> About:
    epoch, name = connection.execute(select(col(CentreRow.epoch), col(CentreRow.name))).one()
    columns = {table.name: [one.name for one in table.columns] for table in tables_of(connection)}
    schema = schema_of(connection)
    assert schema is not None, "an opened centre has its tables"
    return About(at, schema, epoch, name, centre.keys.public.hex(), columns)


def _rows(connection: Connection, table: Table) -> Iterator[tuple[object, ...]]:
    """Yield a table's rows in the order of its key, a page in memory at a time."""
    wanted = select(table).order_by(*table.primary_key.columns)
    for row in connection.execute(wanted.execution_options(yield_per=PAGE_ROWS)):
        yield tuple(row)


def _arrived(centre: Centre) -> Iterator[str]:
    """Yield the names of the photos that have arrived by now and are kept."""
    after = ""
    while True:
        wanted = select(col(BlobRow.sha256)).where(
            col(BlobRow.sha256) > after, col(BlobRow.gone_ms).is_(None)
        )
        with reading(centre.engine) as connection:
            page = wanted.order_by(col(BlobRow.sha256)).limit(PAGE_ROWS)
            found = connection.execute(page).scalars().all()
        if not found:
            return
        yield from found
        after = found[-1]


def _add_blob(centre: Centre, writer: BackupWriter, sha256: str) -> None:
    data = centre.shelf.read(sha256)
    if data is None:
        writer.manifest.missing += 1
    else:
        writer.add_blob(sha256, data)


@contextmanager
def _whole_or_not(out: Path) -> Generator[Path]:
    """Give the name under which the file is made; it gets its own when all went well."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    _check_free(out)
    try:
        yield part
        _check_free(out)
        part.rename(out)
        flush_folder(out.parent)
    except OSError as error:
        raise Failure(
            "backup_not_written",
            N_("The backup {path} cannot be written ({reason})."),
            N_("Is there room, and may you write there? Nothing was left behind."),
            path=out,
            reason=error.strerror or error,
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _check_free(out: Path) -> None:
    if os.path.lexists(out):
        raise Failure(
            "out_exists",
            N_("{path} is there already."),
            N_("A backup is never written over: choose another name."),
            path=out,
        )


def _private(path: Path) -> IO[bytes]:
    """Make a file for its owner alone."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb")
