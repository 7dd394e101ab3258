"""The file of a backup: a tar in zstd, which a passphrase may seal; written and read as a stream.

    about.json                       what it is, of which centre, when, and each table's columns
    key, *.pem, *.key, url           the centre's key; authority, certificate, address, if any
    tables/NAME/NUMBER.ndjson        the rows, as JSON arrays; bytes are base64
    blobs/SHA256                     photos and signatures
    manifest.json                    how much of everything there is, with SHA-256

It is the same whatever database it was taken from, and never in memory as a whole.
"""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Protocol, Self, cast

import msgspec
import zstandard

from radar_core.failures import NOT_PERMITTED, Failure, N_
from radar_server.sealed_file import MAGIC, BrokenSeal, SealedReader, SealedWriter, WrongPassphrase
from sync.protocol import BLOB_BYTES_MAX

KIND: Final = "radar backup"
FORMAT: Final = 1
ABOUT, MANIFEST = "about.json", "manifest.json"
LEVEL: Final = 3
PART_BYTES: Final = 4 << 20
"""From so many bytes on a table goes on in a new part."""
STEP_BYTES: Final = 2_048
"""So much is unpacked at a time: 64 MB at the very most."""
MEMBER_BYTES_MAX: Final = 32 << 20
SMALL_BYTES_MAX: Final = 1 << 20
"""Of what is in no folder: neither rows nor photos."""
FILES_MAX: Final = 100
ROWS_AT_ONCE: Final = 1_000
ROW_BYTES_MAX: Final = 4 << 20
"""Half of a longer row is no JSON."""
_WHOLE = re.compile(r"tables/([a-z_]+)/\d{6,}\.ndjson")
_BLOB = re.compile(r"blobs/([0-9a-f]{64})")
_FILE = re.compile(r"key|url|[A-Za-z0-9_-]{1,64}\.(pem|key)")
_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(list[str | int | float | bool | None]).decode

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class About:
    """What a backup is of: a centre as it was at a time, in a schema; each table's columns."""

    at: str
    schema: str
    epoch: str
    name: str
    key: str
    tables: Mapping[str, list[str]]


@dataclass(slots=True)
class Manifest:
    """What a backup holds: rows and hash of each table, hashes of files, photos, the audit's end.

    `missing` counts photos that the centre should have had and had not.
    """

    about: str = ""
    tables: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    files: dict[str, str] = field(default_factory=dict[str, str])
    blobs: int = 0
    blob_bytes: int = 0
    missing: int = 0
    audit: str = ""


class BackupWriter:
    """Writes a backup's members one after another, and counts them for its manifest."""

    def __init__(self, archive: tarfile.TarFile, about: About, at_s: int) -> None:
        self._archive = archive
        self._at_s = at_s
        self.manifest = Manifest()
        head = {"format": FORMAT, "kind": KIND, **asdict(about)}
        data = json.dumps(head, ensure_ascii=False).encode()
        self.manifest.about = hashlib.sha256(data).hexdigest()
        self._add(ABOUT, data)

    def add_file(self, name: str, data: bytes) -> None:
        """Add one of the centre's files."""
        assert _FILE.fullmatch(name), "a file of another kind would not be read"
        self.manifest.files[name] = hashlib.sha256(data).hexdigest()
        self._add(name, data)

    def add_table(self, name: str, rows: Iterator[tuple[object, ...]]) -> None:
        """Add a table."""
        count, whole = 0, hashlib.sha256()
        for number, part in enumerate(_parts(rows), 1):
            count += part.count(b"\n")
            whole.update(part)
            self._add(f"tables/{name}/{number:06}.ndjson", part)
        self.manifest.tables[name] = (count, whole.hexdigest())

    def add_blob(self, sha256: str, data: bytes) -> None:
        """Add a photo or signature."""
        self.manifest.blobs += 1
        self.manifest.blob_bytes += len(data)
        self._add(f"blobs/{sha256}", data)

    def close(self) -> None:
        """Add the manifest; without it the rest is nothing."""
        self._add(MANIFEST, json.dumps(asdict(self.manifest)).encode())

    def _add(self, name: str, data: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(data), 0o600, self._at_s
        self._archive.addfile(member, io.BytesIO(data))


def _parts(rows: Iterator[tuple[object, ...]]) -> Iterator[bytes]:
    """Yield rows as lines, many at a time."""
    part = bytearray()
    for row in rows:
        part += _ENCODE(row)
        part += b"\n"
        if len(part) >= PART_BYTES:
            yield bytes(part)
            part = bytearray()
    if part:
        yield bytes(part)


@contextmanager
def writing_backup(
    file: IO[bytes], about: About, at_s: int, passphrase: str, salt: bytes
) -> Generator[BackupWriter]:
    """Write a backup into a file that is open; sealed, if there is a passphrase."""
    sealed = SealedWriter(file, passphrase, salt) if passphrase else None
    packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with (
        packer.stream_writer(cast("IO[bytes]", sealed or file), closefd=False) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.USTAR_FORMAT) as archive,
    ):
        writer = BackupWriter(archive, about, at_s)
        yield writer
        writer.close()
    if sealed is not None:
        sealed.close()


class Taker(Protocol):
    """Takes a backup in, as it is read; raises KeyError or ValueError for what cannot be."""

    def begin(self, about: About) -> None:
        """Hear first what it is."""
        ...

    def take_file(self, name: str, data: bytes) -> None:
        """Take one of the centre's files."""
        ...

    def take_rows(self, table: str, rows: Sequence[Row]) -> None:
        """Take some rows of a table."""
        ...

    def take_blob(self, sha256: str, data: bytes) -> None:
        """Take a photo or signature, whose hash is right."""
        ...


class Looker:
    """Takes nothing in: for who only wants to know whether a backup can be read."""

    def begin(self, about: About) -> None:
        """Take no notice."""

    def take_file(self, name: str, data: bytes) -> None:
        """Take no notice."""

    def take_rows(self, table: str, rows: Sequence[Row]) -> None:
        """Take no notice."""

    def take_blob(self, sha256: str, data: bytes) -> None:
        """Take no notice."""


def read_backup(path: Path, passphrase: str, taker: Taker) -> Manifest:
    """Read a backup through, compare it with its manifest, and return that.

    Raise Failure where it cannot be opened, is sealed or broken. Whatever `taker` was given is
    true only when this returns.
    """
    with _broken_in_words(path), path.open("rb") as file:
        plain = _Unpacked(_opened(file, passphrase))
        with tarfile.open(fileobj=cast("IO[bytes]", plain), mode="r|", tarinfo=_Member) as archive:
            found, told = _take_all(archive, taker)
        plain.end()
    missing, audit = told.missing, told.audit
    found.missing, found.audit = missing, audit
    if found != told:
        raise _broken(path, N_("its parts do not fit its manifest"))
    return told


class _Member(tarfile.TarInfo):
    """A plain file of a size that we write: whatever else a tar may have, tarfile reads whole."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header; raise ValueError for what no backup has."""
        member = super().frombuf(buf, encoding, errors)
        if member.type != tarfile.REGTYPE or not 0 <= member.size <= MEMBER_BYTES_MAX:
            raise ValueError(member.name)
        return member


class _Unpacked:
    """Reads what zstd packed; one that ends too early raises EOFError, as zstandard's own does not.

    It unpacks so little at a time that a file made to be huge does not fill the memory.
    """

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._unpacker = zstandard.ZstdDecompressor().decompressobj()
        self._rest = bytearray()

    def read(self, size: int) -> bytes:
        """Return so many bytes, or fewer at the end."""
        while not self._unpacker.eof and len(self._rest) < size:
            piece = self._packed.read(STEP_BYTES)
            if not piece:
                raise EOFError
            self._rest += self._unpacker.decompress(piece)
        data = bytes(self._rest[:size])
        del self._rest[:size]
        return data

    def end(self) -> None:
        """Go to the end, and see that there is nothing behind it."""
        while self.read(PART_BYTES):
            """What stands behind the archive belongs to its checksum."""
        if self._unpacker.unused_data or self._packed.read(1):
            raise EOFError


def _take_all(archive: tarfile.TarFile, taker: Taker) -> tuple[Manifest, Manifest]:
    """Hand every member on; return what was found, and what the manifest says there is."""
    found, counts = Manifest(), dict[str, int]()
    hashes = dict.fromkeys(counts, hashlib.sha256())
    while (member := archive.next()) is not None:
        vars(archive)["members"].clear()  # it would keep them all
        data = _read(archive, member)
        if member.name == MANIFEST:
            found.tables = {name: (counts[name], hashes[name].hexdigest()) for name in hashes}
            return found, _manifest(data)
        if not found.about:
            about = _about(member.name, data)
            found.about = hashlib.sha256(data).hexdigest()
            counts = dict.fromkeys(about.tables, 0)
            hashes = {name: hashlib.sha256() for name in about.tables}
            taker.begin(about)
        elif table := _WHOLE.fullmatch(member.name):
            hashes[table[1]].update(data)
            for rows in _rows_in(data):
                counts[table[1]] += len(rows)
                taker.take_rows(table[1], rows)
        elif blob := _BLOB.fullmatch(member.name):
            if hashlib.sha256(data).hexdigest() != blob[1] or len(data) > BLOB_BYTES_MAX:
                raise ValueError(member.name)
            found.blobs += 1
            found.blob_bytes += len(data)
            taker.take_blob(blob[1], data)
        elif _FILE.fullmatch(member.name) and len(found.files) < FILES_MAX:
            found.files[member.name] = hashlib.sha256(data).hexdigest()
            taker.take_file(member.name, data)
        else:
            raise ValueError(member.name)
    raise EOFError


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if "/" not in member.name and member.size > SMALL_BYTES_MAX:
        raise ValueError(member.name)
    stream = archive.extractfile(member)
    data = stream.read() if stream is not None else b""
    if len(data) != member.size:
        raise EOFError
    return data


def _rows_in(data: bytes) -> Iterator[Sequence[Row]]:
    """Yield a part's rows, some at a time."""
    lines = io.BytesIO(data)
    while some := [line for _ in range(ROWS_AT_ONCE) if (line := lines.readline(ROW_BYTES_MAX))]:
        yield [_DECODE(line) for line in some]


def _opened(file: IO[bytes], passphrase: str) -> IO[bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        file.seek(0)
        return file
    if not passphrase:
        raise Failure(
            "passphrase_needed",
            N_("The backup is sealed with a passphrase."),
            N_("Give it at the prompt, or as a line on standard input: --passphrase"),
            exit_code=NOT_PERMITTED,
        )
    return cast("IO[bytes]", SealedReader(file, passphrase))


@contextmanager
def _broken_in_words(path: Path) -> Generator[None]:
    try:
        yield
    except WrongPassphrase as error:
        raise Failure(
            "wrong_passphrase",
            N_("That is not the passphrase of this backup."),
            N_("Or the first bytes of the file are damaged. Nothing was restored."),
            exit_code=NOT_PERMITTED,
        ) from error
    except OSError as error:
        raise Failure(
            "backup_unreadable",
            N_("The backup {path} cannot be read ({reason})."),
            N_("Is the path right, and may you read the file?"),
            path=path,
            reason=error.strerror or error,
        ) from error
    except (EOFError, BrokenSeal, zstandard.ZstdError, tarfile.TarError) as error:
        raise _broken(path, N_("it ends too early or was changed")) from error
    except (ValueError, LookupError, TypeError, RecursionError, msgspec.MsgspecError) as error:
        raise _broken(path, N_("it holds what no backup holds")) from error


def _broken(path: Path, problem: str) -> Failure:
    return Failure(
        "backup_broken",
        N_("The backup {path} is broken: {problem}. Nothing was restored."),
        N_("Take an older backup."),
        path=path,
        problem=problem,
    )


def too_new() -> Failure:
    """Say that a newer RADAR wrote a backup."""
    return Failure(
        "backup_new",
        N_("The backup was written by a newer RADAR than this one."),
        N_("Install that version of RADAR, or a later one; nothing was restored."),
    )


def _about(name: str, data: bytes) -> About:
    told = json.loads(data)
    if name != ABOUT or told.pop("kind") != KIND:
        raise ValueError(name)
    if told.pop("format") != FORMAT:
        raise too_new()
    return msgspec.convert(told, About)


def _manifest(data: bytes) -> Manifest:
    return msgspec.json.decode(data, type=Manifest)
