"""What a centre waits for after a restore: silent phones, receipts in doubt, lost photos."""

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import text, update

from radar_core.failures import DECIDE, DONE, Failure
from radar_server.admin import init, opened, revoke_device
from radar_server.audit import newest, note
from radar_server.board import board_of
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.http import make_app
from radar_server.led import Wanted
from radar_server.restored import ask_for_photos, backup_of, show_receipts
from radar_server.shelf import place_of
from radar_server.tables import CentreRow
from sync.keys import KeyPair
from sync.protocol import Receipt
from sync.proving import ReceiptFile, file_object
from sync.signing import receipt_message
from tests.contract.centre_asgi import asgi_client
from tests.contract.centre_parts import Clock, Device, import_records, new_device, site_book

AT = "2026-03-02T00:00:00Z"


def begin_anew(centre: Centre, since_ms: int) -> None:
    with writing(centre.engine) as connection:
        connection.execute(update(CentreRow).values(since_ms=since_ms))


def exceptions(centre: Centre, project: str) -> list[dict[str, object]]:
    with reading(centre.engine) as connection:
        told = board_of(connection, "S1", Wanted(), centre)["projects"]
    assert isinstance(told, list)
    (found,) = [one["exceptions"] for one in told if one["id"] == project]
    return [one for one in found if one["kind"] == "restored"]


def test_the_board_names_phones_that_were_silent_since_a_restore_until_they_sync(
    centre: Centre, clock: Clock
) -> None:
    import_records(centre, site_book())
    devices = [new_device(centre, "G1"), new_device(centre, "G3")]
    assert exceptions(centre, "HV") == []
    clock.pass_ms(60_000)
    begin_anew(centre, clock())
    (told,) = exceptions(centre, "HV")
    assert set(told["phones"]) == {device.id for device in devices}  # type: ignore[call-overload]
    assert (told["title"], told["at"], told["task"]) == ("G1, G3", "2026-03-02T00:01:00Z", "")
    with asgi_client(make_app(centre)) as client:
        devices[0].sync(client)
    clock.pass_ms(1)
    (told,) = exceptions(centre, "HV")
    assert told["phones"] == [devices[1].id]
    revoke_device(centre, devices[1].id)
    assert exceptions(centre, "HV") == []


def test_an_epoch_knows_the_backup_that_it_began_with_and_no_other(centre: Centre) -> None:
    with writing(centre.engine) as connection:
        assert backup_of(connection, "C1") == ""
        note(connection, centre, "restore", backup=AT, epoch="C1")
        note(connection, centre, "export", book='"act":"restore"')
        assert backup_of(connection, "C1") == AT
        assert backup_of(connection, "C2") == ""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    init(str(tmp_path / "centre"), "", "RADAR")
    return tmp_path / "centre"


def receipt_file(device: Device, keys: KeyPair, seq: int, hash_: bytes, path: Path) -> str:
    message = receipt_message(device.id, device.epoch, seq, hash_, AT)
    receipt = Receipt(device.id, device.epoch, seq, hash_, AT, keys.sign(message))
    file = ReceiptFile(keys.public.hex(), [receipt])
    path.write_text(json.dumps(file_object(file)))
    return str(path)


def test_a_receipt_is_held_awaited_lost_changed_or_another_centre_s(
    home: Path, tmp_path: Path
) -> None:
    with opened(str(home), "") as centre:
        import_records(centre, site_book())
        device = new_device(centre, "G1")
        for _ in range(3):
            device.act()
        with asgi_client(make_app(centre)) as client:
            device.sync(client)
        keys, other = centre.keys, KeyPair(bytes(range(9, 41)))
        now_ms = centre.now_ms()
    paths = [
        receipt_file(device, keys, 2, device.hashes[2], tmp_path / "held"),
        receipt_file(device, keys, 9, bytes(32), tmp_path / "lost"),
        receipt_file(device, keys, 3, bytes(32), tmp_path / "changed"),
        receipt_file(device, other, 2, device.hashes[2], tmp_path / "foreign"),
    ]
    told = show_receipts(str(home), "", paths)
    verdicts = [one["verdict"] for one in told["receipts"]]  # type: ignore[attr-defined]
    assert verdicts == ["held", "lost", "changed", "foreign"]
    assert (told["exit_code"], told["phones"], told["backup"]) == (DECIDE, [], None)
    with opened(str(home), "") as centre:
        begin_anew(centre, now_ms + 3_600_000)
    told = show_receipts(str(home), "", paths[:2])
    verdicts = [one["verdict"] for one in told["receipts"]]  # type: ignore[attr-defined]
    assert (verdicts, told["exit_code"]) == (["held", "awaited"], DONE)
    assert [one["device"] for one in told["phones"]] == [device.id]  # type: ignore[attr-defined]


def test_what_is_no_receipt_file_is_told(home: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("{}")
    for path, code in ((tmp_path / "other", "not_a_receipt"), (tmp_path / "none", "unreadable")):
        with pytest.raises(Failure) as refused:
            show_receipts(str(home), "", [str(path)])
        assert refused.value.code == code


def test_photos_whose_files_are_gone_are_asked_for_again_once(home: Path) -> None:
    names = [hashlib.sha256(bytes([n])).hexdigest() for n in range(2)]
    with opened(str(home), "") as centre, writing(centre.engine) as connection:
        for name in names:
            connection.execute(
                text("INSERT INTO blob (sha256, size, arrived_ms) VALUES (:s, 1, 1)"), {"s": name}
            )
        before = connection.execute(text("SELECT epoch FROM centre")).scalar_one()
    file = place_of(home / "blobs", names[0])
    file.parent.mkdir(parents=True)
    file.write_bytes(bytes([0]))
    assert ask_for_photos(str(home), "", again=False) == {"missing": 1, "asked": False}
    assert ask_for_photos(str(home), "", again=True) == {"missing": 1, "asked": True}
    assert ask_for_photos(str(home), "", again=True) == {"missing": 0, "asked": False}
    with opened(str(home), "") as centre, reading(centre.engine) as connection:
        assert connection.execute(text("SELECT sha256 FROM blob")).scalars().all() == names[:1]
        assert connection.execute(text("SELECT epoch FROM centre")).scalar_one() != before
        (entry,), _ = newest(connection, 1)
    assert (entry["act"], entry["details"]["lost"]) == ("photos", 1)  # type: ignore[index]
