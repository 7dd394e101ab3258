"""What follows from a restored backup: what phones are told, and what the centre waits for."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection, select, update
from sqlmodel import col

from radar_core.failures import DECIDE, DONE, FAILED, Failure, N_
from radar_server.admin import opened
from radar_server.audit import note
from radar_server.blobs import count_lost, forget_lost
from radar_server.centre import Centre, rfc3339
from radar_server.database import reading, writing
from radar_server.day import Hand
from radar_server.devices import Device, silent_since
from radar_server.streams import hash_at, read_stream
from radar_server.tables import AuditRow, CentreRow
from sync.keys import KEY_BYTES, is_signed, name_of
from sync.protocol import Receipt
from sync.proving import FILE_BYTES_MAX, read_file
from sync.signing import receipt_message

NAMES_SHOWN = 3
_RESTORES = (
    select(col(AuditRow.line))
    .where(col(AuditRow.line).contains('"act":"restore"', autoescape=True))
    .order_by(col(AuditRow.seq).desc())
    .limit(1)
)


def backup_of(connection: Connection, epoch: str) -> str:
    """Return as of when the backup was that a centre's epoch began with, empty for none."""
    line = connection.execute(_RESTORES).scalar_one_or_none()
    if line is None:
        return ""
    details: Mapping[str, object] = json.loads(line)["details"]
    return str(details["backup"]) if details["epoch"] == epoch else ""


def silent_exceptions(
    connection: Connection, hands: Mapping[str, Sequence[Hand]]
) -> dict[str, list[dict[str, object]]]:
    """Return, for each project, an exception where phones have not synced since a restore.

    What they did between backup and loss is with them alone. `title` has whose they are, `phones`
    which, `task` is empty.
    """
    since_ms = _since_ms(connection)
    found: dict[str, list[dict[str, object]]] = {}
    for project, some in hands.items():
        silent = [hand.device for hand in some if hand.device.heard_ms() < since_ms]
        whose = sorted({device.staff for device in silent})
        title = ", ".join(whose[:NAMES_SHOWN]) + (" …" if len(whose) > NAMES_SHOWN else "")
        told: dict[str, object] = {"kind": "restored", "task": "", "title": title}
        told |= {"title_zh": title, "at": rfc3339(since_ms)}
        phones = [device.id for device in silent]
        found[project] = [told | {"phones": phones}] if silent else []
    return found


def show_receipts(home: str, db: str, paths: Sequence[str]) -> dict[str, object]:
    """Tell which phones are still to come after a restore, and whether receipts can be honoured."""
    with opened(home, db) as centre, reading(centre.engine) as connection:
        epoch = connection.execute(select(col(CentreRow.epoch))).scalar_one()
        silent = silent_since(connection, _since_ms(connection))
        waited = {device.id for device in silent}
        receipts = [
            {"file": path} | _checked(connection, centre, receipt, waited)
            for path in paths
            for receipt in _receipts_in(path)
        ]
        backup = backup_of(connection, epoch)
    broken = any(receipt["verdict"] not in ("held", "awaited") for receipt in receipts)
    return {
        "backup": backup or None,
        "phones": [_phone(device) for device in silent],
        "receipts": receipts,
        "exit_code": DECIDE if broken else DONE,
    }


def ask_for_photos(home: str, db: str, *, again: bool) -> dict[str, object]:
    """Count photos whose files are gone; `again` asks all phones for those that they still have."""
    with opened(home, db) as centre:
        with reading(centre.engine) as connection:
            missing = count_lost(connection, centre.shelf)
        if again and missing:
            with writing(centre.engine) as connection:
                lost = forget_lost(connection, centre.shelf)
                epoch = name_of(centre.randomness(KEY_BYTES), "C")
                connection.execute(update(CentreRow).values(epoch=epoch))
                note(connection, centre, "photos", lost=lost, epoch=epoch)
    return {"missing": missing, "asked": bool(again and missing)}


def _since_ms(connection: Connection) -> int:
    return int(connection.execute(select(col(CentreRow.since_ms))).scalar_one())


def _receipts_in(path: str) -> Sequence[Receipt]:
    try:
        with Path(path).open("rb") as file:
            return read_file(file.read(FILE_BYTES_MAX + 1)).receipts
    except OSError as error:
        raise Failure(
            "unreadable",
            N_("{path} cannot be read ({reason})."),
            path=path,
            reason=error.strerror,
            exit_code=FAILED,
        ) from error
    except ValueError as error:
        raise Failure(
            "not_a_receipt",
            N_("{path} is no receipt file."),
            N_("A phone writes one: radar receipt --out FILE"),
            path=path,
        ) from error


def _checked(
    connection: Connection, centre: Centre, receipt: Receipt, waited: set[str]
) -> dict[str, object]:
    """Compare a receipt with what is held.

    `held` as it says; `foreign` not this centre's word; `awaited` lost, but its phone is still to
    come; `lost` lost, and its phone has come or is unknown; `changed` something else is held.
    """
    message = receipt_message(receipt.device, receipt.epoch, receipt.seq, receipt.hash, receipt.at)
    stream = read_stream(connection, receipt.epoch)
    held = stream.seq if stream is not None else 0
    if not is_signed(centre.keys.public, receipt.signature, message):
        verdict = "foreign"
    elif stream is None or held < receipt.seq:
        verdict = "awaited" if receipt.device in waited else "lost"
    else:
        verdict = "held" if hash_at(connection, stream, receipt.seq) == receipt.hash else "changed"
    names = ("device", "epoch", "seq", "at")
    return {**{name: getattr(receipt, name) for name in names}, "held": held, "verdict": verdict}


def _phone(device: Device) -> dict[str, object]:
    last = device.last_sync_ms
    return {
        "device": device.id,
        "staff": device.staff,
        "name": device.name,
        "last_sync": rfc3339(last) if last is not None else None,
    }
