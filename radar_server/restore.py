"""`radar admin restore`: a backup becomes a centre again, in an empty place, all of it or nothing.

Rows, migrations, verification and the centre's new epoch are one transaction. Files lie in a folder
aside until it is committed, and the key is moved last: without it there is no centre.
"""

import os
import shutil
from base64 import b64decode
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, LargeBinary, Table, func, inspect, select, update
from sqlalchemy.exc import DBAPIError

from radar_core.failures import Failure, N_
from radar_server.address import URL
from radar_server.admin import BLOBS, DATABASE, FOLDER_MODE, KEY, centre_at
from radar_server.audit import examine, note, read_head
from radar_server.backup_file import About, Manifest, Row, read_backup, too_new
from radar_server.blobs import forget_lost
from radar_server.bulk import insert_into
from radar_server.centre import Centre
from radar_server.database import (
    database_failure,
    migrate_to,
    open_engine,
    sqlite_url,
    tables_of,
    writing,
)
from radar_server.shelf import place_of
from radar_server.tables import SCHEMA, ActionRow, CentreRow, DeviceRow
from radar_server.verifying import chain_failure, flaws_of_audit, verify_all
from sync.keys import KEY_BYTES, load_key, name_of

ASIDE: Final = ".restoring"
Tell = Callable[[int, int], None]
"""Is told how many rows and how many photos are taken in."""
FLAWS_NOTED = 20


def _hush(_rows: int, _blobs: int) -> None:
    """Tell nobody."""


def restore(
    home: str,
    db: str,
    path: str,
    *,
    passphrase: str = "",
    anyway: bool = False,
    tell: Tell = _hush,
) -> dict[str, object]:
    """Make the centre of a backup in an empty folder and an empty database; begin a new epoch.

    Raise Failure where something is there already, and where the backup is broken. What was changed
    before the backup was made is told by its flaws, and taken `anyway` if that is said.
    """
    folder = Path(home)
    with _aside(folder) as aside:
        with _empty_database(db or sqlite_url(aside / DATABASE)) as engine, writing(engine) as made:
            taker = _Taker(made, aside, tell)
            manifest = read_backup(Path(path), passphrase, taker)
            if KEY not in manifest.files:
                raise _other_key()
            centre = centre_at(str(aside), engine, load_key(aside / KEY))
            told = _finish(centre, made, taker.told(), manifest, anyway=anyway)
            os.sync()
        _move(aside, folder)
    return {"file": path, "home": home, "at": taker.told().at, **told}


class _Taker:
    """Takes a backup into an empty database and a folder aside."""

    def __init__(self, connection: Connection, aside: Path, tell: Tell) -> None:
        self._connection = connection
        self._aside = aside
        self._tell = tell
        self._about: About | None = None
        self._tables: dict[str, tuple[Table, list[int], list[int]]] = {}
        self._rows = 0
        self._blobs = 0

    def told(self) -> About:
        """Return what the backup says that it is."""
        assert self._about is not None, "what a backup is comes first"
        return self._about

    def begin(self, about: About) -> None:
        """Make the tables as they were where the backup was made."""
        if about.schema > SCHEMA:
            raise too_new()
        self._about = about
        migrate_to(self._connection, about.schema)
        for table in tables_of(self._connection):
            columns = about.tables[table.name]
            if len(columns) != len(table.columns):
                raise ValueError(table.name)
            order = [columns.index(one.name) for one in table.columns]
            binary = [
                at for at, one in enumerate(table.columns) if isinstance(one.type, LargeBinary)
            ]
            self._tables[table.name] = table, order, binary

    def take_file(self, name: str, data: bytes) -> None:
        """Keep one of the centre's files, for its owner alone."""
        descriptor = os.open(self._aside / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(data)

    def take_rows(self, table: str, rows: Sequence[Row]) -> None:
        """Insert rows."""
        made, order, binary = self._tables[table]
        ready: list[tuple[object, ...]] = []
        for row in rows:
            values = [row[at] for at in order]
            for at in binary:
                values[at] = None if values[at] is None else b64decode(values[at], validate=True)
            if len(row) != len(order):
                raise ValueError(table)
            ready.append(tuple(values))
        insert_into(self._connection, made, ready)
        self._rows += len(rows)
        self._tell(self._rows, self._blobs)

    def take_blob(self, sha256: str, data: bytes) -> None:
        """Keep a photo or signature."""
        file = place_of(self._aside / BLOBS, sha256)
        file.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        file.write_bytes(data)
        self._blobs += 1
        self._tell(self._rows, self._blobs)


def _finish(
    centre: Centre, connection: Connection, about: About, manifest: Manifest, *, anyway: bool
) -> dict[str, object]:
    """Verify all that was taken in, bring it up to date, and begin anew; return what there is."""
    if centre.keys.public.hex() != about.key:
        raise _other_key()
    migrate_to(connection, SCHEMA)
    found = verify_all(connection)
    flaws = [*found.flaws]
    if manifest.audit:  # before 0006 there was no such log
        audit = examine(connection, centre.keys.public, read_head(manifest.audit))
        flaws += flaws_of_audit(audit)
    if flaws and not anyway:
        raise chain_failure(found, flaws)
    lost = forget_lost(connection, centre.shelf)
    epoch = name_of(centre.randomness(KEY_BYTES), "C")
    connection.execute(update(CentreRow).values(epoch=epoch, since_ms=centre.now_ms()))
    head = note(
        connection, centre, "restore", backup=about.at, schema=about.schema, epoch=epoch,
        flaws=[flaw.about for flaw in flaws[:FLAWS_NOTED]], photos_lost=lost,
    )  # fmt: skip
    return {
        "centre": epoch,
        "name": about.name,
        "actions": _count(connection, ActionRow),
        "phones": _count(connection, DeviceRow),
        "photos": manifest.blobs,
        "photos_missing": lost,
        "flaws": [{"about": flaw.about, "problem": flaw.problem} for flaw in flaws],
        "head": head.text,
    }


def _count(connection: Connection, model: type[ActionRow | DeviceRow]) -> int:
    return int(connection.execute(select(func.count()).select_from(model)).scalar_one())


@contextmanager
def _aside(folder: Path) -> Generator[Path]:
    """Give an empty folder inside the centre's; whatever is left in it goes in the end.

    Raise Failure where a centre, or a part of one, is there already.
    """
    aside = folder / ASIDE
    try:
        folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        there = [one for one in (KEY, DATABASE, BLOBS, URL) if os.path.lexists(folder / one)]
        there += [one.name for end in ("*.pem", "*.key") for one in folder.glob(end)]
        if there:
            raise _not_empty(f"{folder / there[0]}")
        # One that was killed left it; nothing in it was ever a centre.
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(FOLDER_MODE)
        yield aside
    except OSError as error:
        raise Failure(
            "home_not_writable",
            N_("The folder {home} cannot be made or written ({reason})."),
            N_("Choose another: --home DIR, or RADAR_CENTRE_HOME"),
            home=folder,
            reason=error.strerror or error,
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _empty_database(db: str) -> Generator[Engine]:
    engine = open_engine(db)
    try:
        with engine.connect() as connection:
            if inspect(connection).get_table_names():
                raise _not_empty(N_("the database"))
        yield engine
    except DBAPIError as error:
        raise database_failure(error) from error
    finally:
        engine.dispose()


def _move(aside: Path, folder: Path) -> None:
    """Put everything where it stays, the key last."""
    names = sorted((one.name for one in aside.iterdir()), key=lambda name: (name == KEY, name))
    for name in names:
        (aside / name).rename(folder / name)
    os.sync()


def _not_empty(what: str) -> Failure:
    return Failure(
        "not_empty",
        N_("A backup is only restored into an empty place, and {kind} is there already."),
        N_("Choose another folder (--home DIR) and an empty database (--db URL)."),
        kind=what,
    )


def _other_key() -> Failure:
    return Failure(
        "backup_broken",
        N_("The key in this backup is not that of its centre. Nothing was restored."),
        N_("Take an older backup."),
    )
