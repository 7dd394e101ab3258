"""Backup and restore: on each database, and from one to the other; all of it or nothing."""

import io
import json
import os
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import zstandard
from sqlalchemy import text

from radar_core.failures import Failure
from radar_server.admin import DATABASE, KEY, init, opened
from radar_server.audit import newest
from radar_server.backup import backup
from radar_server.backup_file import (
    MEMBER_BYTES_MAX,
    SMALL_BYTES_MAX,
    Looker,
    read_backup,
)
from radar_server.centre import Centre
from radar_server.database import open_engine, reading, sqlite_url, tables_of, writing
from radar_server.http import make_app
from radar_server.quarantine import Word, decide
from radar_server.replays import AHEAD_MS, Replays
from radar_server.restore import ASIDE, restore
from radar_server.shelf import place_of
from sync.protocol import BOARD_PATH
from tests.contract.centre_asgi import asgi_client
from tests.contract.centre_parts import Device, import_records, new_device, site_book
from tests.contract.conftest import DATABASES, Schema

PHOTO = b"a photo" * 1000
BESIDE = ("authority.pem", "authority.key", "certificate.pem", "certificate.key", "url")


class Ground:
    """Where centres are made, lost and restored: a folder, and databases of either kind."""

    def __init__(self, folder: Path, schema: Callable[[], str]) -> None:
        self.folder = folder
        self.file = folder / "centre.backup"
        self._schema = schema

    def db(self, kind: str, home: Path) -> str:
        return self._schema() if kind == "postgresql" else sqlite_url(home / DATABASE)


@pytest.fixture
def ground(tmp_path: Path, schema: Schema) -> Ground:
    return Ground(tmp_path, schema)


def fill(centre: Centre, client: httpx.Client) -> list[Device]:
    """Give a centre two phones' actions, some in quarantine, one of them released."""
    import_records(centre, site_book())
    devices = [new_device(centre, "G3"), new_device(centre, "G3")]
    for device in devices:
        for seq in range(1, 8):
            device.act(staff="G1" if seq in (4, 5) else "G3", project="PK" if seq > 5 else "HV")
        device.sync(client)
        decide(centre, f"{device.epoch}.4", Word("rejected", "S1", "no"))
        decide(centre, f"{device.epoch}.5", Word("released", "S1", "yes"))
    return devices


def made(ground: Ground, kind: str) -> tuple[Path, str]:
    home = ground.folder / "centre"
    home.mkdir()
    db = ground.db(kind, home)
    init(str(home), db, "RADAR")
    with opened(str(home), db) as centre, asgi_client(make_app(centre)) as client:
        fill(centre, client)
    return home, db


def contents(db: str) -> dict[str, list[tuple[object, ...]]]:
    engine = open_engine(db)
    with reading(engine) as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for table in tables_of(connection)
            if table.name not in ("centre", "audit")
        }
    engine.dispose()
    return found


def newest_of(home: Path, db: str) -> tuple[str, dict[str, object]]:
    """Return a centre's epoch, and the newest entry of its audit log."""
    with opened(str(home), db) as centre, reading(centre.engine) as connection:
        (entry,), _ = newest(connection, 1)
        return connection.execute(text("SELECT epoch FROM centre")).scalar_one(), entry


@pytest.mark.parametrize("source", DATABASES)
@pytest.mark.parametrize("target", DATABASES)
def test_what_was_backed_up_is_restored_row_by_row_on_either_database(
    ground: Ground, source: str, target: str
) -> None:
    home, db = made(ground, source)
    for name in BESIDE:
        (home / name).write_text(name)
    told = backup(str(home), db, str(ground.file), "")
    assert ground.file.stat().st_mode & 0o777 == 0o600
    assert told["rows"]["action"] == 12  # type: ignore[index]
    there = ground.folder / "there"
    to = ground.db(target, there)
    back = restore(str(there), to, str(ground.file))
    assert contents(to) == contents(db)
    assert (back["actions"], back["phones"], back["flaws"]) == (12, 2, [])
    assert (there / KEY).read_bytes() == (home / KEY).read_bytes()
    assert (there / KEY).stat().st_mode & 0o777 == 0o600
    assert not (there / ASIDE).exists()
    for name in BESIDE:
        assert (there / name).read_text() == name
        assert (there / name).stat().st_mode & 0o777 == 0o600
    (was, before), (epoch, entry) = [newest_of(*one) for one in ((home, db), (there, to))]
    assert epoch == back["centre"] != was
    assert (entry["act"], before["act"]) == ("restore", "backup")
    assert entry["details"]["backup"] == told["at"]  # type: ignore[index]


def test_a_restored_centre_takes_actions_in_and_is_backed_up_again(ground: Ground) -> None:
    home, db = made(ground, "sqlite")
    backup(str(home), db, str(ground.file), "")
    there = ground.folder / "there"
    restore(str(there), "", str(ground.file))
    with opened(str(there), "") as centre, asgi_client(make_app(centre)) as client:
        device = new_device(centre, "G3")
        device.act(staff="G3")
        device.sync(client)
    told = backup(str(there), "", str(ground.folder / "second"), "")
    assert told["rows"]["action"] == 13  # type: ignore[index]


def test_photos_come_along_and_those_that_are_lost_count_as_not_arrived(ground: Ground) -> None:
    home, db = made(ground, "sqlite")
    import hashlib

    names = [hashlib.sha256(PHOTO + bytes([n])).hexdigest() for n in range(3)]
    with opened(str(home), db) as centre, writing(centre.engine) as connection:
        for name in names:
            connection.execute(
                text("INSERT INTO blob (sha256, size, arrived_ms) VALUES (:s, 7001, 1)"),
                {"s": name},
            )
    for number, name in enumerate(names[:2]):
        file = place_of(home / "blobs", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(PHOTO + bytes([number]))
    told = backup(str(home), db, str(ground.file), "")
    assert (told["photos"], told["photos_missing"]) == (2, 1)
    there = ground.folder / "there"
    back = restore(str(there), "", str(ground.file))
    assert (back["photos"], back["photos_missing"]) == (2, 1)
    assert place_of(there / "blobs", names[1]).read_bytes() == PHOTO + bytes([1])
    with opened(str(there), "") as centre, reading(centre.engine) as connection:
        arrived = connection.execute(text("SELECT sha256 FROM blob")).scalars().all()
    assert sorted(arrived) == sorted(names[:2])


def test_a_sealed_backup_opens_with_its_passphrase_alone(ground: Ground) -> None:
    home, db = made(ground, "sqlite")
    backup(str(home), db, str(ground.file), "corréct 马")
    secret = (home / KEY).read_bytes()
    assert secret not in ground.file.read_bytes()
    there = ground.folder / "there"
    for passphrase, code in (("", "passphrase_needed"), ("wrong", "wrong_passphrase")):
        with pytest.raises(Failure) as refused:
            restore(str(there), "", str(ground.file), passphrase=passphrase)
        assert refused.value.code == code
        assert list(there.iterdir()) == []
    assert restore(str(there), "", str(ground.file), passphrase="corréct 马")["actions"] == 12


@pytest.mark.parametrize("sealed", ["", "secret"])
def test_a_backup_that_was_cut_off_or_changed_anywhere_restores_nothing(
    ground: Ground, sealed: str
) -> None:
    home, db = made(ground, "sqlite")
    backup(str(home), db, str(ground.file), sealed)
    whole = ground.file.read_bytes()
    there = ground.folder / "there"
    steps = range(0, len(whole), max(1, len(whole) // 9))
    damaged = [whole[:at] for at in steps]
    damaged += [whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :] for at in steps]
    for data in damaged:
        ground.file.write_bytes(data)
        with pytest.raises(Failure) as refused:
            restore(str(there), "", str(ground.file), passphrase=sealed)
        assert refused.value.code in ("backup_broken", "wrong_passphrase")
        assert list(there.iterdir()) == []
    ground.file.write_bytes(whole)
    restore(str(there), "", str(ground.file), passphrase=sealed)


def repacked(file: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Write a backup anew with changed members, as somebody who can write a tar."""
    plain = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(file.read_bytes())).read()
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(plain)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream is not None
            data = change(member.name, stream.read())
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    file.write_bytes(zstandard.ZstdCompressor().compress(out.getvalue()))


def told_in(name: str, **members: object) -> Callable[[str, bytes], bytes]:
    def change(member: str, data: bytes) -> bytes:
        if member != name:
            return data
        return json.dumps(json.loads(data) | members).encode()

    return change


REPACKED: dict[str, tuple[Callable[[str, bytes], bytes | None], str]] = {
    "a newer format": (told_in("about.json", format=2), "backup_new"),
    "a newer schema": (told_in("about.json", schema="9999"), "backup_new"),
    "another kind": (told_in("about.json", kind="x"), "backup_broken"),
    "no columns": (told_in("about.json", tables={}), "backup_broken"),
    "another key": (lambda name, data: bytes(32) if name == "key" else data, "backup_broken"),
    "no key": (lambda name, data: None if name == "key" else data, "backup_broken"),
    "no manifest": (lambda name, data: None if name == "manifest.json" else data, "backup_broken"),
    "a manifest of nothing": (lambda name, data: b"{}" if name == "manifest.json" else data,
                              "backup_broken"),
    "an action lacks": (lambda name, data: data.split(b"\n", 1)[1] if "/action/" in name else data,
                        "backup_broken"),
    "rows that are none": (lambda name, data: b"[1]\n" if "/action/" in name else data,
                           "backup_broken"),
    "no JSON": (lambda name, data: b"[" * 9999 if "/action/" in name else data, "backup_broken"),
    "no object": (lambda name, data: b"[]" if name == "about.json" else data, "backup_broken"),
}  # fmt: skip


@pytest.mark.parametrize("name", REPACKED)
def test_what_is_no_backup_of_ours_restores_nothing(ground: Ground, name: str) -> None:
    change, code = REPACKED[name]
    home, db = made(ground, "sqlite")
    backup(str(home), db, str(ground.file), "")
    repacked(ground.file, change)
    there = ground.folder / "there"
    with pytest.raises(Failure) as refused:
        restore(str(there), "", str(ground.file))
    assert refused.value.code == code
    assert list(there.iterdir()) == []


@pytest.mark.parametrize("member", ["../../evil", "/etc/evil", "blobs/../evil", "evil.pem/x", "x"])
def test_a_member_with_a_path_of_its_own_goes_nowhere(ground: Ground, member: str) -> None:
    home, db = made(ground, "sqlite")
    backup(str(home), db, str(ground.file), "")
    plain = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(ground.file.read_bytes())).read()
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(plain)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for number, one in enumerate(old):
            if number == 1:
                new.addfile(tarfile.TarInfo(member), io.BytesIO())
            new.addfile(one, old.extractfile(one))
    ground.file.write_bytes(zstandard.ZstdCompressor().compress(out.getvalue()))
    with pytest.raises(Failure, match="is broken"):
        restore(str(ground.folder / "there"), "", str(ground.file))
    assert not list(ground.folder.rglob("evil*"))


def header(kind: bytes = tarfile.REGTYPE, size: int = 0, name: str = "about.json") -> bytes:
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


BOMBS = {
    "a pax header": header(tarfile.XHDTYPE, 8 << 30),
    "a global header": header(tarfile.XGLTYPE, 8 << 30),
    "a long name": header(tarfile.GNUTYPE_LONGNAME, 8 << 30),
    "a long link": header(tarfile.GNUTYPE_LONGLINK, 8 << 30),
    "a sparse file": header(tarfile.GNUTYPE_SPARSE, 8 << 30),
    "a folder": header(tarfile.DIRTYPE),
    "a link": header(tarfile.SYMTYPE),
    "a huge file": header(size=MEMBER_BYTES_MAX + 1),
    "less than nothing": header(size=-512),
    "a huge page of what it is": header(size=SMALL_BYTES_MAX + 1) + bytes(SMALL_BYTES_MAX + 512),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_a_tar_may_have_besides_is_refused_at_its_header(ground: Ground, name: str) -> None:
    """Nothing stands behind the header: who reads on finds the end, which is another sentence."""
    ground.file.write_bytes(zstandard.ZstdCompressor().compress(BOMBS[name]))
    with pytest.raises(Failure, match="holds what no backup holds"):
        read_backup(ground.file, "", Looker())


def test_rows_of_rows_are_refused_where_they_are_read(ground: Ground) -> None:
    home, db = made(ground, "sqlite")
    backup(str(home), db, str(ground.file), "")
    repacked(ground.file, lambda name, data: b"[[]]\n" if "/action/" in name else data)
    with pytest.raises(Failure, match="holds what no backup holds"):
        read_backup(ground.file, "", Looker())


@pytest.mark.parametrize("kind", DATABASES)
def test_a_request_that_was_taken_before_a_restore_does_not_serve_again(
    ground: Ground, kind: str
) -> None:
    home, db = made(ground, kind)
    with opened(str(home), db) as centre, asgi_client(make_app(centre)) as client:
        _, asked = new_device(centre, "S1").asker().sign("GET", BOARD_PATH)
        assert client.get(BOARD_PATH, headers=asked).status_code == 200
        assert client.get(BOARD_PATH, headers=asked).json()["code"] == "replayed"
        backup(str(home), db, str(ground.file), "")
    there = ground.folder / "there"
    to = ground.db(kind, there)
    restore(str(there), to, str(ground.file))
    with opened(str(there), to) as made_again:
        seen = Replays(made_again.now_ms() + AHEAD_MS)  # as `serve` begins
        with asgi_client(make_app(replace(made_again, replays=seen))) as client:
            again = client.get(BOARD_PATH, headers=asked)
    assert (again.status_code, again.json()["code"]) == (401, "stale_request")


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x28\xb5\x2f\xfd", os.urandom(999)])
def test_any_other_file_is_no_backup(ground: Ground, content: bytes) -> None:
    ground.file.write_bytes(content)
    with pytest.raises(Failure, match="is broken"):
        read_backup(ground.file, "", Looker())


def test_only_an_empty_place_is_restored_into(ground: Ground) -> None:
    home, db = made(ground, "sqlite")
    backup(str(home), db, str(ground.file), "")
    for folder, to in ((home, ""), (ground.folder / "there", db)):
        with pytest.raises(Failure) as refused:
            restore(str(folder), to, str(ground.file))
        assert refused.value.code == "not_empty"
    before = ground.file.read_bytes()
    with pytest.raises(Failure) as refused:
        backup(str(home), db, str(ground.file), "")
    assert refused.value.code == "out_exists"
    assert ground.file.read_bytes() == before
    with pytest.raises(Failure) as refused:
        backup(str(home), db, str(ground.folder / "no" / "where"), "")
    assert refused.value.code == "backup_not_written"
    with pytest.raises(Failure) as refused:
        restore(str(ground.folder / "there"), "", str(ground.folder / "missing"))
    assert refused.value.code == "backup_unreadable"
    assert [one.name for one in ground.folder.iterdir() if ".part" in one.name] == []


def test_a_centre_that_was_tampered_with_before_is_told_and_taken_if_that_is_said(
    ground: Ground,
) -> None:
    home, db = made(ground, "sqlite")
    with opened(str(home), db) as centre, writing(centre.engine) as connection:
        connection.execute(text("UPDATE action SET line = replace(line, 'note 2', 'note 9')"))
        connection.execute(text("UPDATE audit SET line = 'x' WHERE seq = 1"))
    backup(str(home), db, str(ground.file), "")
    there = ground.folder / "there"
    with pytest.raises(Failure) as refused:
        restore(str(there), "", str(ground.file))
    assert refused.value.code == "chain_broken"
    assert list(there.iterdir()) == []
    back = restore(str(there), "", str(ground.file), anyway=True)
    assert {"about": "audit.1", "problem": "changed"} in back["flaws"]  # type: ignore[operator]


def test_a_backup_of_an_older_schema_is_brought_up_to_date(ground: Ground) -> None:
    home, db = made(ground, "sqlite")
    backup(str(home), db, str(ground.file), "")

    older = {"device": "projects", "enrol_code": "secret projects", "stream": "signed_in",
             "blob": "gone_ms"}  # fmt: skip
    columns: dict[str, list[str]] = {}
    hashes: dict[str, list[object]] = {}

    def change(name: str, data: bytes) -> bytes | None:
        import hashlib

        table = name.split("/")[1] if name.startswith("tables/") else ""
        if name == "about.json":
            told = json.loads(data)
            columns.update(told["tables"])
            del told["tables"]["audit"]
            for one, gone in older.items():
                told["tables"][one] = [c for c in columns[one] if c not in gone.split()]
            data = json.dumps(told | {"schema": "0005"}).encode()
            hashes["about"] = [hashlib.sha256(data).hexdigest()]
        elif table == "audit":
            return None
        elif table:
            if table in older:
                keep = [n for n, c in enumerate(columns[table]) if c not in older[table].split()]
                rows = [json.loads(line) for line in data.splitlines()]
                data = b"".join(json.dumps([row[n] for n in keep]).encode() + b"\n" for row in rows)
            hashes[table] = [len(data.splitlines()), hashlib.sha256(data).hexdigest()]
        elif name == "manifest.json":
            told = json.loads(data)
            told["about"] = hashes.pop("about")[0]
            del told["tables"]["audit"]
            told["tables"] |= hashes
            told["audit"] = ""
            data = json.dumps(told).encode()
        return data

    repacked(ground.file, change)
    there = ground.folder / "there"
    back = restore(str(there), "", str(ground.file))
    assert back["actions"] == 12
    with opened(str(there), "") as centre, reading(centre.engine) as connection:
        entries, _ = newest(connection, 9)
    assert [entry["act"] for entry in entries] == ["restore"]
