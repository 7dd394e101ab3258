"""All that is kept of a person, in files of their own, and nothing of others."""

import csv
import json
import re
import stat
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from radar_core.failures import Failure
from radar_core.retention import DAY_MS
from radar_server.admin import revoke_device
from radar_server.audit import note
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.person import making, write_out
from radar_server.quarantine import Word, decide
from radar_server.retention import delete_due
from tests.contract.centre_parts import Clock, Phone, new_device
from tests.contract.test_centre_blobs import NAME, PICTURE, send, take
from tests.contract.test_centre_positions import scan


def export(centre: Centre, out: Path, staff: str = "G3") -> dict[str, int]:
    with reading(centre.engine) as connection, making(out) as folder:
        return write_out(centre, connection, staff, folder)


def read(out: Path, name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((out / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def busy(centre: Centre, client: httpx.Client, tmp_path: Path, clock: Clock) -> Phone:
    """A person with a phone, a photo, positions old and new, a quarantined act; and a colleague."""
    device = new_device(centre, "G3")
    scan(device)
    device.act(staff="G1")
    device.act(project="PK", body={"text": "=HYPERLINK(1)"})
    device.sync(client)
    decide(centre, f"{device.epoch}.2", Word("rejected", "S1", "not yours"))
    other = new_device(centre, "G2")
    other.act(body={"text": "the colleague's secret"})
    other.act(staff="G3", body={"text": "in my name"})
    other.sync(client)
    clock.pass_ms(91 * DAY_MS)
    delete_due(centre)
    phone = Phone(centre, client, tmp_path, "G3")
    take(phone, PICTURE)
    phone.record("scan", position={"lat": -36.5, "lon": 120.0, "accuracy_m": 5, "salt": "5a" * 16})
    phone.sync()
    send(phone)
    revoke_device(centre, phone.device)
    with writing(centre.engine) as connection:
        note(connection, centre, "badge", "S1", staff="G2")
    return phone


def test_all_of_them_and_nothing_of_others(centre: Centre, busy: Phone, tmp_path: Path) -> None:
    out = tmp_path / "out"
    counts = export(centre, out)
    assert counts == {
        "records": 2, "phones": 2, "actions": 5, "photos": 1, "decisions": 1, "audit": 1,
    }  # fmt: skip
    rows = [json.loads(line) for line in (out / "actions.jsonl").read_text().splitlines()]
    assert {row["action"]["staff"] for row in rows} == {"G3"}
    positions = [row["action"]["body"].get("position") for row in rows]
    assert [type(p).__name__ for p in positions if p] == ["str", "dict"]
    assert [row["state"] for row in rows].count("kept") == 1
    assert read(out, "photos") == [
        {"sha256": NAME, "action": f"{busy.epoch}.1", "state": "arrived"}
    ]
    assert (out / "photos" / f"{NAME}.jpg").read_bytes() == PICTURE
    assert read(out, "decisions")[0]["code"] == "other_person"
    assert [entry["act"] for entry in read(out, "audit")] == ["revoke"]
    table = list(csv.DictReader((out / "actions.csv").read_text("utf-8-sig").splitlines()))
    assert [row["text"] for row in table if "HYPER" in row["text"]] == ["'=HYPERLINK(1)"]
    assert [row["lat"] for row in table if row["lat"]] == ["-36.5"]
    everything = "".join(p.read_text() for p in out.iterdir() if p.is_file())
    for other in ("the colleague's secret", "G2", "Person G1"):
        assert not re.search(rf"\b{other}\b", everything), "by word: ids are made by chance"
    for path in out.glob("*"):
        assert path.stem in (out / "README.txt").read_text() or path.stem == "README", path
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_a_zip_holds_the_same_and_nothing_is_written_over(
    centre: Centre, busy: Phone, tmp_path: Path
) -> None:
    packed, folder = tmp_path / "G3.zip", tmp_path / "G3"
    export(centre, packed)
    export(centre, folder)
    with zipfile.ZipFile(packed) as file:
        names = {name for name in file.namelist() if not name.endswith("/")}
        assert file.testzip() is None
    assert names == {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert stat.S_IMODE(packed.stat().st_mode) == 0o600
    for taken in (packed, folder):
        with pytest.raises(Failure) as failure:
            export(centre, taken)
        assert failure.value.code == "exists"
    assert list(tmp_path.glob(".radar-*")) == []
    assert busy.epoch


def test_of_nobody_there_is_nothing_and_no_folder(centre: Centre, tmp_path: Path) -> None:
    with pytest.raises(Failure) as failure:
        export(centre, tmp_path / "out", "NOBODY")
    assert failure.value.code == "unknown_staff"
    assert list(tmp_path.glob("*out*")) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure) as failure:
        export(centre, tmp_path / "file" / "out")
    assert failure.value.code == "unwritable"
