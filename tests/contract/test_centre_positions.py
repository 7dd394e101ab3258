"""Positions at the centre: only what can be deleted comes in, and without it all still holds."""

import json
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.quarantine import Word, decide
from radar_server.verifying import verify_all
from sync.chain import sealed
from sync.outbox import verify
from tests.contract.centre_parts import (
    Device,
    Phone,
    digest_of,
    held,
    new_device,
    quarantined,
)
from tests.contract.test_centre_twins import moved

FIX: dict[str, object] = {"lat": 36.0672, "lon": 120.3826, "accuracy_m": 12.5, "salt": "5a" * 16}
TEXT = json.dumps(FIX, separators=(",", ":"))


def scan(device: Device, **position: object) -> None:
    body = {"tag": "HVTAG00001", "position": {**FIX, **position}, "via": "typed"}
    device.act("scan", subject="HVTAG00001", body=body)


def seal_stored(centre: Centre, table: str, seq: int) -> None:
    """Delete a position as retention does."""
    with writing(centre.engine) as connection:
        wanted = text(f"SELECT line FROM {table} WHERE seq = {seq}")
        line = connection.execute(wanted).scalar_one()
        plain = line if isinstance(line, str) else line.decode()
        assert sealed(plain) != plain
        again = sealed(plain) if isinstance(line, str) else sealed(plain).encode()
        connection.execute(text(f"UPDATE {table} SET line = :l WHERE seq = {seq}"), {"l": again})


def test_a_centre_holds_with_any_mixture_of_positions_and_deleted_ones(
    centre: Centre, client: httpx.Client, tmp_path: Path
) -> None:
    device = new_device(centre, "G3")
    for _ in range(3):
        scan(device)
    device.act(staff="G1", kind="scan", body={"position": FIX})
    device.act(staff="G1", kind="scan", body={"position": FIX})
    device.sync(client)
    decide(centre, f"{device.epoch}.5", Word("released", "S1"))
    early = Phone(centre, client, tmp_path, "G1")
    early.sync()
    before = digest_of(centre, "HV")
    seal_stored(centre, "action", 2)
    seal_stored(centre, "quarantine", 4)
    seal_stored(centre, "quarantine", 5)
    with reading(centre.engine) as connection:
        found = verify_all(connection, 2)
    assert (found.actions, found.flaws) == (5, [])
    assert digest_of(centre, "HV") == before
    late = Phone(centre, client, tmp_path, "G2")
    late.sync()
    assert late.rows("cursor") == early.rows("cursor")
    assert sorted(str(row[5]) for row in late.rows("action")) == sorted(
        line for *_, line in held(centre)
    )
    with writing(centre.engine) as connection:
        connection.execute(text("UPDATE action SET line = replace(line, '36.06', '36.07')"))
    with reading(centre.engine) as connection:
        (flaw, digest) = verify_all(connection).flaws
    assert (flaw.about, flaw.problem) == (f"{device.epoch}.1", "changed")
    assert digest.problem == "digest"


def test_a_phone_that_deleted_positions_is_as_good_as_one_that_has_them(
    centre: Centre, client: httpx.Client, tmp_path: Path
) -> None:
    phone = Phone(centre, client, tmp_path, "G1")
    for _ in range(3):
        phone.record("scan", position=FIX)
    rows = phone.journal.connection.execute("SELECT seq, line FROM action").fetchall()
    for seq, line in rows[1:]:
        phone.journal.connection.execute(
            "UPDATE action SET line = ? WHERE seq = ?", (sealed(line), seq)
        )
    assert verify(phone.journal) == (3, "")
    assert phone.sync().sent == 3
    assert [TEXT in line for *_, line in held(centre)] == [True, False, False]
    assert quarantined(centre) == []
    digest_of(centre, "HV")
    assert verify(phone.journal) == (3, "")


@pytest.mark.parametrize("first", [True, False])
def test_a_twin_is_known_with_and_without_its_position(
    centre: Centre, client: httpx.Client, *, first: bool
) -> None:
    device = new_device(centre)
    device.epoch = "E000000000000"
    scan(device)
    copy = moved(device, "E2", "E000000000000.1")
    one = copy if first else device
    one.lines = [sealed(line) for line in one.lines]
    device.sync(client)
    assert [q.code for q in copy.sync(client).quarantined] == ["already_held"]


BAD: dict[str, str] = {
    "blanks": TEXT.replace("{", " {"),
    "an object within": TEXT.replace("12.5", '12.5,"at":{}'),
    "an escape": TEXT.replace("12.5", '12.5,"at":"\\u0041"'),
    "no salt": json.dumps({**FIX, "salt": ""}, separators=(",", ":")),
    "a salt that is none": json.dumps({**FIX, "salt": "zz" * 16}, separators=(",", ":")),
    "no latitude": TEXT.replace('"lat"', '"lot"'),
    "beyond the pole": TEXT.replace("36.", "136."),
    "a number": "36.06",
    "a list": "[36.06,120.38]",
    "words": '"36.06,120.38"',
    "nothing": "null",
    "too long": TEXT.replace("12.5", f'12.5,"at":"{"x" * 600}"'),
    "twice": f'{TEXT},"frame":{{"position":{TEXT}}}',
    "twice the same member": f'{TEXT},"position":{TEXT}',
    "another by its side": f'"{"0" * 64}","frame":{{"position":{TEXT}}}',
}


@pytest.mark.parametrize("case", BAD)
def test_law_04_a_position_that_could_not_be_deleted_is_kept_aside(
    centre: Centre, client: httpx.Client, case: str
) -> None:
    device = new_device(centre)
    scan(device)
    scan(device)
    device.lines[1] = device.lines[1].replace(TEXT, BAD[case])
    scan(device, at="2026-03-02T08:00:02+08:00", mock=False)
    answer = device.sync(client)
    assert [(q.seq, q.code) for q in answer.quarantined] == [(2, "bad_position")]
    assert [seq for _, seq, _ in held(centre)] == [1, 3]


def test_what_hides_the_member_s_name_is_found(centre: Centre, client: httpx.Client) -> None:
    device = new_device(centre)
    scan(device)
    device.lines[0] = device.lines[0].replace('"position"', '"\\u0070osition"')
    assert [q.code for q in device.sync(client).quarantined] == ["bad_position"]
