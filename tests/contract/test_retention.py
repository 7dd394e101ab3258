"""What has been kept long enough goes, at the centre and on the phones, and all still holds."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text
from sqlmodel import col

from radar_core.book import Record
from radar_core.retention import DAY_MS
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.evidence import graded_scans
from radar_server.quarantine import Word, decide
from radar_server.retention import Deleted, delete_due
from radar_server.tables import AuditRow, BlobRow, QuarantineRow
from radar_server.verifying import verify_all
from sync.chain import POSITION
from sync.keys import is_signed
from sync.outbox import verify
from sync.proving import Proof, ReceiptFile, flaw_of
from sync.retention import delete_due as phone_deletes
from tests.contract.centre_parts import (
    Clock,
    Phone,
    digest_of,
    held,
    import_records,
    new_device,
    site_book,
)
from tests.contract.test_centre_blobs import NAME, PICTURE, path_of, send, state, take
from tests.contract.test_centre_positions import FIX, scan

Make = Callable[[str], Phone]
SHORT = {"keep_positions_days": 10, "keep_photos_days": 20}


@pytest.fixture
def make(centre: Centre, client: httpx.Client, tmp_path: Path) -> Make:
    return lambda staff: Phone(centre, client, tmp_path, staff)


def keep_for(centre: Centre, project: str, **days: int) -> None:
    """Change what the site book says of a project."""
    records = [
        Record(r.project, r.kind, r.id, {**r.body, **days})
        if (r.kind, r.id) == ("project", project)
        else r
        for r in site_book()
    ]
    import_records(centre, records)


def open_lines(phone: Phone) -> list[bool]:
    rows = phone.journal.connection.execute("SELECT line FROM action ORDER BY epoch, seq")
    return [POSITION in line for (line,) in rows]


def verified(centre: Centre) -> int:
    with reading(centre.engine) as connection:
        found = verify_all(connection)
    assert found.flaws == []
    return found.actions


def test_positions_go_in_time_and_every_chain_receipt_and_digest_stays(
    centre: Centre, clock: Clock, make: Make
) -> None:
    phone, colleague = make("G1"), make("G2")
    for _ in range(3):
        phone.record("scan", position=FIX)
    receipt = phone.sync().receipt
    assert receipt is not None
    colleague.sync()
    clock.pass_ms(60 * DAY_MS)
    phone.record("scan", position=FIX)
    colleague.record("scan", position=FIX)
    phone.sync()
    colleague.sync()
    clock.pass_ms(31 * DAY_MS)
    before = digest_of(centre, "HV")
    assert delete_due(centre, dry_run=True).positions == {"HV": 3}
    assert all(POSITION in line for *_, line in held(centre))
    assert delete_due(centre).positions == {"HV": 3}
    assert sum(POSITION in line for *_, line in held(centre)) == 2
    assert not delete_due(centre), "once is enough"
    assert digest_of(centre, "HV") == before
    assert verified(centre) == 5
    late = phone.record("scan", position=FIX)
    phone_deletes(phone.journal)
    assert sum(open_lines(phone)) == 5, "it has not asked its centre for the time since"
    for each in (phone, colleague):
        each.sync()
        phone_deletes(each.journal)
        assert verify(each.journal)[1] == ""
    assert open_lines(phone)[:3] == [False] * 3
    assert sum(open_lines(phone)) == sum(open_lines(colleague)) == 2 + 1
    fresh = make("G3")
    fresh.sync()
    assert fresh.rows("cursor")[0] == phone.rows("cursor")[0] == colleague.rows("cursor")[0]
    assert late in set(fresh.action_ids())
    lines = [line for epoch, _, line in held(centre) if epoch == phone.epoch]
    (start,) = phone.journal.connection.execute("SELECT genesis FROM epoch").fetchone()
    proof = Proof(phone.epoch, 1, start, lines[:3])
    file = ReceiptFile("", [receipt], proof)
    assert flaw_of(file, centre.keys.public, is_signed) == ("", ""), "a receipt from before"


def test_each_project_keeps_as_long_as_its_record_says(
    centre: Centre, clock: Clock, client: httpx.Client
) -> None:
    device = new_device(centre, "G3")
    scan(device)
    device.act("scan", project="PK", body={"position": FIX})
    device.sync(client)
    keep_for(centre, "HV", **SHORT)
    clock.pass_ms(11 * DAY_MS)
    assert delete_due(centre).positions == {"HV": 1}
    clock.pass_ms(80 * DAY_MS)
    assert delete_due(centre).positions == {"PK": 1}
    with reading(centre.engine) as connection:
        lines = connection.execute(select(col(AuditRow.line))).scalars().all()
    assert ['"positions":{"HV":1}' in lines[0], '"positions":{"PK":1}' in lines[1]] == [True, True]


def test_what_was_old_when_it_came_is_not_kept_and_what_waits_on_a_phone_stays(
    centre: Centre, clock: Clock, make: Make
) -> None:
    phone, colleague = make("G1"), make("G2")
    phone.record("scan", position=FIX)
    phone.sync()
    phone.record("scan", position=FIX)
    clock.pass_ms(100 * DAY_MS)
    phone.journal.set_meta("last_sync", "2026-06-20T00:00:00Z")
    phone_deletes(phone.journal)
    assert open_lines(phone) == [False, True], "it is still to be sent"
    phone.record("scan", position=FIX)
    phone.sync()
    assert [POSITION in line for *_, line in held(centre)] == [True, False, True]
    digest_of(centre, "HV")
    colleague.sync()
    phone_deletes(colleague.journal)
    assert sum(open_lines(colleague)) == 1
    assert verified(centre) == 3


def test_what_lies_in_quarantine_goes_too_and_can_be_released_after(
    centre: Centre, clock: Clock, client: httpx.Client
) -> None:
    device = new_device(centre)
    for _ in range(3):
        device.act("scan", staff="G2", body={"position": FIX})
    device.lines[1] = device.lines[1].replace('"position":{', '"position": {')
    device.sync(client)
    decide(centre, f"{device.epoch}.3", Word("released", "S1"))
    clock.pass_ms(91 * DAY_MS)
    found = delete_due(centre)
    assert (found.positions, found.quarantined) == ({"HV": 1}, 2)
    assert verified(centre) == 3
    decide(centre, f"{device.epoch}.1", Word("released", "S1"))
    assert verified(centre) == 3
    digest_of(centre, "HV")
    with reading(centre.engine) as connection:
        lines = connection.execute(select(col(QuarantineRow.line))).scalars().all()
    assert [b'"position":{' in line for line in lines] == [False] * 3


def test_a_photo_goes_in_time_and_whoever_offers_it_again_is_told(
    centre: Centre, clock: Clock, make: Make, tmp_path: Path
) -> None:
    phone = make("G1")
    phone.record("scan", tag="T", place="HV-P1")
    take(phone, PICTURE)
    phone.sync()
    assert send(phone).arrived == 1
    clock.pass_ms(366 * DAY_MS)
    assert path_of(tmp_path, NAME).exists()
    found = delete_due(centre)
    assert (found.photos, found.photo_bytes) == (1, len(PICTURE))
    assert not path_of(tmp_path, NAME).exists()
    phone.journal.connection.execute("UPDATE blob SET arrived_s = NULL")
    assert state(phone) == "promised"
    assert send(phone).arrived == 0
    assert phone.rows("blob") == []
    assert not any((tmp_path / "blobs").glob(f"{NAME}*")), "the phone let it go"
    assert not delete_due(centre)
    with reading(centre.engine) as connection:
        (one,) = graded_scans(connection, "HV", 0, 2**45)
    assert {part.name: part.reason for part in one.evidence.parts}["photo"] == "photo_deleted"


def test_a_photo_of_two_projects_goes_when_the_last_wish_is_over(
    centre: Centre, clock: Clock, make: Make
) -> None:
    phone = make("G3")
    take(phone, PICTURE)
    phone.sync()
    send(phone)
    keep_for(centre, "HV", **SHORT)
    clock.pass_ms(15 * DAY_MS)
    take(phone, PICTURE, "PK")
    phone.sync()
    clock.pass_ms(300 * DAY_MS)
    assert not delete_due(centre), "PK keeps it for a year"
    phone_deletes(phone.journal)
    assert len(phone.rows("blob")) == 1, "and so does the phone"
    clock.pass_ms(66 * DAY_MS)
    assert delete_due(centre).photos == 1
    take(phone, PICTURE)
    phone.journal.connection.execute("UPDATE blob SET arrived_s = NULL")
    phone.sync()
    assert send(phone).arrived == 1, "a new action wishes it anew"
    with reading(centre.engine) as connection:
        assert connection.execute(select(col(BlobRow.gone_ms))).scalar_one() is None


def test_a_kill_between_file_and_row_is_made_good_the_next_time(
    centre: Centre, clock: Clock, make: Make, tmp_path: Path
) -> None:
    phone = make("G1")
    take(phone, PICTURE)
    phone.sync()
    send(phone)
    clock.pass_ms(366 * DAY_MS)
    path_of(tmp_path, NAME).unlink()
    assert delete_due(centre).photos == 1


def test_a_wish_in_quarantine_counts(
    centre: Centre, clock: Clock, client: httpx.Client, make: Make
) -> None:
    phone = make("G1")
    take(phone, PICTURE)
    phone.sync()
    send(phone)
    clock.pass_ms(300 * DAY_MS)
    device = new_device(centre)
    device.act("photo", staff="G2", body={"sha256": NAME})
    device.sync(client)
    clock.pass_ms(100 * DAY_MS)
    assert delete_due(centre) == Deleted()
    clock.pass_ms(300 * DAY_MS)
    assert delete_due(centre).photos == 1


def test_a_restored_backup_is_gone_through_from_its_beginning(
    centre: Centre, clock: Clock, client: httpx.Client
) -> None:
    device = new_device(centre)
    for _ in range(5):
        scan(device)
    device.sync(client)
    with reading(centre.engine) as connection:
        lines = connection.execute(text("SELECT pos, line FROM action")).all()
    clock.pass_ms(91 * DAY_MS)
    assert delete_due(centre).positions == {"HV": 5}
    with writing(centre.engine) as connection:
        for pos, line in lines:
            connection.execute(
                text("UPDATE action SET line = :l WHERE pos = :p"), {"l": line, "p": pos}
            )
    centre.retained.clear()
    assert delete_due(centre).positions == {"HV": 5}
