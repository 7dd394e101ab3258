"""Everything that a centre keeps of one person, as files that they can read: theirs by right.

Of other people it has no more than what the person's own actions name, and who decided about them.
"""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from radar_core.actions import Action
from radar_core.book_sheet import Row, Sheet
from radar_core.failures import USAGE, Failure, N_
from radar_server.admin import opened
from radar_server.audit import entries, note
from radar_server.book_files import csv_text
from radar_server.centre import Centre, rfc3339
from radar_server.database import reading, writing
from radar_server.envelope import try_read
from radar_server.reference import key_of
from radar_server.tables import (
    ActionRow,
    BlobRow,
    DeviceRow,
    EnrolCodeRow,
    HeadRow,
    QuarantineRow,
    RecordRow,
    TouchRow,
)

README = """What this centre keeps of one person: {staff}. Made {at}.

person.json     their record in each project, and whether they have a badge
phones.json     the phones that were enrolled for them, and codes that were handed out
actions.jsonl   each action in their name, whole: one JSON object a line, as `action`.
                `clock` is what the centre thinks of its time. A position that was deleted on
                schedule is a hash. The grade of a scan's evidence is not stored: radar query
actions.csv     the same, short, for a spreadsheet
photos.json     the photos and signatures that these actions name, and where each stands;
photos/         those that the centre has
decisions.json  what supervisors decided on actions that lay in quarantine
audit.json      entries of the audit log that name them or their phones, or that they made

本中心保存的此人的全部数据：person.json 档案，phones.json 手机，actions.jsonl 和 actions.csv
以本人名义记录的操作（到期的位置已删除，只留校验值），photos.json 和 photos/ 照片和签名，
decisions.json 主管的处理，audit.json 审计日志中涉及此人的条目。
"""
COLUMNS = ("id", "project", "kind", "subject", "wall", "received", "state", "clock")
NAMED = ("task", "place", "tag", "asset", "step", "value", "text", "reason")
FIX = ("lat", "lon", "accuracy_m")
_ACTIONS = (
    select(
        col(ActionRow.epoch),
        col(ActionRow.line),
        col(ActionRow.received_ms),
        col(ActionRow.grade),
    )
    .join(
        TouchRow,
        (col(ActionRow.project) == col(TouchRow.project))
        & (col(ActionRow.epoch) == col(TouchRow.epoch))
        & (col(ActionRow.seq) == col(TouchRow.seq)),
    )
    .where(col(TouchRow.project) == bindparam("project"), col(TouchRow.ref) == bindparam("ref"))
    .order_by(col(TouchRow.hlc))
    .execution_options(yield_per=1_000)
)
Body = dict[str, object]


def export_person(home: str, db: str, staff: str, out: str, by: str) -> dict[str, object]:
    """Write all that is kept of a person into a new folder, or a file where `out` ends in .zip."""
    with opened(home, db) as centre:
        with reading(centre.engine) as connection, making(Path(out)) as folder:
            counts = write_out(centre, connection, staff, folder)
        with writing(centre.engine) as connection:
            note(connection, centre, "person", by, staff=staff, out=out, counts=counts)
    return {"staff": staff, "out": out, "counts": counts}


def write_out(centre: Centre, connection: Connection, staff: str, folder: Path) -> dict[str, int]:
    """Write the files of a person into a folder; return how much of each there is.

    Raise Failure for somebody of whom nothing is kept.
    """
    return _Person(centre, connection, staff).write(folder)


class _Person:
    """One person, in one snapshot of all that a centre holds."""

    def __init__(self, centre: Centre, connection: Connection, staff: str) -> None:
        self._centre = centre
        self._connection = connection
        self._staff = staff

    def write(self, folder: Path) -> dict[str, int]:
        """See `write_out`."""
        records, phones, codes = self._records(), self._phones(), self._codes()
        decided = list(self._quarantined())
        shas: dict[str, str] = {}
        rows: list[Row] = []
        with (folder / "actions.jsonl").open("w", encoding="utf-8") as file:
            for action, told in self._told(decided):
                file.write(json.dumps({**told, "action": _plain(action)}, ensure_ascii=False))
                file.write("\n")
                rows.append(Row(len(rows) + 2, tuple(_cells(action, told))))
                if isinstance(sha256 := action.body.get("sha256"), str):
                    shas.setdefault(sha256, str(told["id"]))
        if not (records or phones or codes or rows):
            raise Failure(
                "unknown_staff",
                N_("The centre keeps nothing of a person {staff}."),
                N_("Their id stands in the sheet `staff`: radar admin export BOOK"),
                staff=self._staff,
            )
        sheet = Sheet("actions", (*COLUMNS, *NAMED, *FIX), tuple(rows))
        (folder / "actions.csv").write_bytes(csv_text(sheet).encode("utf-8-sig"))
        photos = [self._photo(folder, name, id_) for name, id_ in sorted(shas.items())]
        audit = list(self._audit({str(phone["device"]) for phone in phones}))
        made = rfc3339(self._centre.now_ms())
        (folder / "README.txt").write_text(README.format(staff=self._staff, at=made), "utf-8")
        for name, value in (
            ("person", records),
            ("phones", {"phones": phones, "codes": codes}),
            ("photos", photos),
            ("decisions", [told for _, told in decided]),
            ("audit", audit),
        ):
            text = json.dumps(value, ensure_ascii=False, indent=1)
            (folder / f"{name}.json").write_text(text, encoding="utf-8")
        return {
            "records": len(records),
            "phones": len(phones),
            "actions": len(rows),
            "photos": len(photos),
            "decisions": len(decided),
            "audit": len(audit),
        }

    def _records(self) -> list[Body]:
        wanted = select(
            col(RecordRow.project), col(RecordRow.kind), col(RecordRow.body), col(RecordRow.gone)
        ).where(
            col(RecordRow.kind).in_(["staff", "badge"]),
            col(RecordRow.key) == key_of(self._staff),
        )
        found: dict[str, Body] = {}
        for project, kind, body, gone in self._connection.execute(wanted):
            told = found.setdefault(project, {"project": project, "record": None, "badge": False})
            if not gone:
                told |= {"badge": True} if kind == "badge" else {"record": json.loads(body)}
        return [told for _, told in sorted(found.items())]

    def _phones(self) -> list[Body]:
        wanted = select(
            col(DeviceRow.id),
            col(DeviceRow.name),
            col(DeviceRow.enrolled_ms),
            col(DeviceRow.revoked_ms),
            col(DeviceRow.last_sync_ms),
        ).where(col(DeviceRow.staff) == self._staff)
        found: list[Body] = []
        for id_, name, *times in self._connection.execute(wanted):
            told: Body = {"device": id_, "name": name}
            for what, at_ms in zip(("enrolled", "revoked", "last_sync"), times, strict=True):
                told[what] = rfc3339(at_ms) if at_ms is not None else None
            found.append(told)
        return found

    def _codes(self) -> list[Body]:
        wanted = select(col(EnrolCodeRow.expires_ms), col(EnrolCodeRow.used_by)).where(
            col(EnrolCodeRow.staff) == self._staff
        )
        return [
            {"expires": rfc3339(expires_ms), "used": used is not None}
            for expires_ms, used in self._connection.execute(wanted)
        ]

    def _told(self, decided: Iterable[tuple[Action, Body]]) -> Iterator[tuple[Action, Body]]:
        """Yield each action of theirs with what the centre says of it."""
        for project in self._connection.execute(select(col(HeadRow.project))).scalars().all():
            asked = {"project": project, "ref": key_of(f"staff:{self._staff}")}
            rows = self._connection.execute(_ACTIONS, asked)
            for epoch, line, received_ms, clock in rows:
                action = try_read(epoch, line)
                assert action is not None, "only what can be read is accepted"
                yield action, _said(action, received_ms, "accepted", clock)
        for action, told in decided:
            if told["state"] != "released":
                yield action, {**told, "clock": None}

    def _quarantined(self) -> Iterator[tuple[Action, Body]]:
        """Yield what of theirs lies in quarantine, with what was decided on it."""
        wanted = select(QuarantineRow.__table__).execution_options(yield_per=1_000)  # type: ignore[attr-defined]
        for row in self._connection.execute(wanted).mappings():
            action = try_read(row["epoch"], row["line"].decode(errors="replace"))
            if action is None or action.staff != self._staff:
                continue
            told = _said(action, row["received_ms"], row["state"], None)
            at_ms = row["decided_ms"]
            told |= {name: row[name] for name in ("code", "reason", "decided_by", "note")}
            yield action, told | {"decided": rfc3339(at_ms) if at_ms is not None else None}

    def _photo(self, folder: Path, sha256: str, id_: str) -> Body:
        """Write a photo out, and tell where it stands."""
        wanted = select(col(BlobRow.gone_ms)).where(col(BlobRow.sha256) == sha256)
        row = self._connection.execute(wanted).one_or_none()
        data = self._centre.shelf.read(sha256) if row is not None and row[0] is None else None
        if data is not None:
            (folder / "photos").mkdir(mode=0o700, exist_ok=True)
            (folder / "photos" / f"{sha256}.jpg").write_bytes(data)
        state = "promised" if row is None else "arrived" if row[0] is None else "deleted"
        return {"sha256": sha256, "action": id_, "state": state}

    def _audit(self, devices: Collection[str]) -> Iterator[Body]:
        names = {self._staff, *devices}
        for entry in entries(self._connection):
            if entry.get("by") == self._staff or _names(entry.get("details"), names):
                yield entry


def _said(action: Action, received_ms: int, state: str, clock: str | None) -> Body:
    return {"id": action.id, "received": rfc3339(received_ms), "state": state, "clock": clock}


def _plain(action: Action) -> Body:
    return {name: getattr(action, name) for name in Action.__slots__ if name != "epoch"}


def _cells(action: Action, told: Mapping[str, object]) -> Iterator[str]:
    for name in COLUMNS:
        yield str(told.get(name) or getattr(action, name, None) or "")
    position = action.body.get("position")
    fix = position if isinstance(position, dict) else {}
    for name in (*NAMED, *FIX):
        value = fix.get(name) if name in FIX else action.body.get(name)
        yield "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _names(value: object, names: Collection[str]) -> bool:
    """Tell whether one of some names stands anywhere in an entry's details."""
    if isinstance(value, dict):
        return any(_names(one, names) for one in (*value, *value.values()))
    if isinstance(value, list):
        return any(_names(one, names) for one in value)
    return value in names


@contextmanager
def making(out: Path) -> Generator[Path]:
    """Give a folder to fill, which becomes `out` whole or not at all; raise Failure if that is."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir()) and out.suffix != ".zip"):
        raise Failure(
            "exists",
            N_("{path} is there already; nothing was written over."),
            N_("Name a new folder, or a new file that ends in .zip."),
            exit_code=USAGE,
            path=out,
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".radar-") as made:
            folder = Path(made) / "person"
            folder.mkdir(mode=0o700)
            yield folder
            if out.suffix.lower() == ".zip":
                packed = Path(made) / "person.zip"
                packed.touch(mode=0o600)
                with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
                    for path in sorted(folder.rglob("*")):
                        file.write(path, path.relative_to(folder))
                packed.replace(out)
            else:
                shutil.rmtree(out, ignore_errors=True)
                folder.replace(out)
    except OSError as error:
        raise Failure(
            "unwritable",
            N_("{path} cannot be written: {reason}."),
            N_("Choose another place: radar admin person STAFF --out FOLDER"),
            path=out,
            reason=error.strerror or str(error),
        ) from error
