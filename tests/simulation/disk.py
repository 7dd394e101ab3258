"""A disk that loses power: a VFS that notes each write, and shows what may be left after a cut.

What a flush confirmed is there for certain. Of what was written since, anything may be there: all
of it, nothing, some writes and not others, and the first sectors of one alone.
"""

import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import apsw

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes at an offset; without bytes, the file was cut to that length."""

    offset: int
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Content:
    """What a file held when it was last flushed, and what was written since."""

    flushed: bytes
    since: tuple[Write, ...] = ()


Picture = dict[str, Content]
"""All files of the disk at one moment, by name."""


@dataclass(slots=True)
class Disk:
    """The files that connections opened over it, and pictures of them, one for each operation.

    `instead` are statements that run in the place of others: for bugs that a test must notice.
    """

    instead: dict[str, str] = field(default_factory=dict[str, str])
    files: Picture = field(default_factory=dict[str, Content])
    pictures: list[Picture] = field(default_factory=list[Picture])
    flushes: int = 0
    _vfs: "_Vfs | None" = None

    def connect(self, path: str, timeout: float, **_: object) -> sqlite3.Connection:
        """Open a database on this disk, as `sqlite3.connect` does on the machine's."""
        return cast("sqlite3.Connection", self.open(path, timeout))

    def open(self, path: str, timeout: float) -> "Connection":
        """Open a database on this disk."""
        if self._vfs is None:
            self._vfs = _Vfs(self, f"power{id(self)}")
        made = apsw.Connection(path, vfs=self._vfs.vfs_name)
        made.set_busy_timeout(int(timeout * 1000))
        return Connection(made, self.instead)

    def found(self, name: str) -> None:
        """Note what a file holds that was there before the disk was watched."""
        path = Path(name)
        if name not in self.files:
            self.files[name] = Content(path.read_bytes() if path.exists() else b"")

    def wrote(self, name: str, write: Write) -> None:
        """Note a write that no flush has confirmed yet."""
        old = self.files[name]
        self.files[name] = Content(old.flushed, (*old.since, write))
        self.pictures.append(dict(self.files))

    def flushed(self, name: str) -> None:
        """Note that all of a file is on the disk for certain now."""
        self.pictures.append(dict(self.files))
        old = self.files[name]
        self.files[name] = Content(_with(old.flushed, old.since))
        self.flushes += 1
        self.pictures.append(dict(self.files))

    def develop(self) -> Sequence[Picture]:
        """Return the pictures that were taken since, the newest last, and keep none."""
        taken, self.pictures = self.pictures, []
        return [*taken, dict(self.files)]


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk, name: str) -> None:
        self.vfs_name = name
        self._disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> "_File":  # noqa: N802, ANN401 - SQLite's names
        return _File(self._disk, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:  # noqa: ANN401
        super().__init__("", name, flags)
        self._disk = disk
        self._name = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        disk.found(self._name)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._disk.wrote(self._name, Write(offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._disk.wrote(self._name, Write(newsize, None))

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._disk.flushed(self._name)


def kept(picture: Picture, folder: Path, chance: random.Random | None) -> None:
    """Write what is left of a picture into a folder: by chance, or with none what was flushed."""
    for name, content in picture.items():
        since = content.since if chance is None else list(_some(content.since, chance))
        left = _with(content.flushed, () if chance is None else since)
        (folder / Path(name).name).write_bytes(left)


def _some(writes: Sequence[Write], chance: random.Random) -> Iterator[Write]:
    """Yield some writes whole, and of some only the first sectors."""
    share = chance.choice([0.1, 0.5, 0.9, 1.0])
    for write in writes:
        if chance.random() >= share:
            continue
        if write.data is not None and chance.random() < 0.3:
            sectors = chance.randint(0, len(write.data) // SECTOR)
            yield Write(write.offset, write.data[: sectors * SECTOR])
        else:
            yield write


def _with(flushed: bytes, writes: Iterable[Write]) -> bytes:
    content = bytearray(flushed)
    for write in writes:
        if write.data is None:
            del content[write.offset :]
            continue
        if len(content) < write.offset:
            content.extend(bytes(write.offset - len(content)))
        content[write.offset : write.offset + len(write.data)] = write.data
    return bytes(content)


class Rows:
    """What a statement gave, in the manner of a cursor of `sqlite3`."""

    def __init__(self, rows: list[tuple[Any, ...]], rowcount: int) -> None:
        self.rowcount = rowcount
        self._rows = iter(rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self._rows)


class Connection:
    """A connection of `apsw` in the manner of one of `sqlite3`, as far as a journal goes."""

    def __init__(self, made: apsw.Connection, instead: dict[str, str]) -> None:
        self._made = made
        self._instead = instead

    @property
    def in_transaction(self) -> bool:
        return self._made.in_transaction

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Rows:
        statement = self._instead.get(statement, statement)
        try:
            rows = self._made.execute(statement, tuple(values)).fetchall()
        except apsw.Error as error:
            raise sqlite3.OperationalError(str(error)) from error
        return Rows(rows, self._made.changes())

    def executemany(self, statement: str, values: Iterable[Sequence[Any]]) -> Rows:
        try:
            self._made.executemany(statement, list(values)).fetchall()
        except apsw.Error as error:
            raise sqlite3.OperationalError(str(error)) from error
        return Rows([], self._made.changes())

    def close(self) -> None:
        self._made.close()
