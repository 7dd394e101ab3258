"""Quarantine: what lies there, and a supervisor's word on it, given once (laws 4 and 11).

released  the action, its very line and hash, is accepted into its project as if just arrived
rejected  it stays where it is, whole, and its phone stops asking

The row stays with who decided and why. What a phone could not read or fold is not released.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlmodel import col

from radar_core.actions import Action
from radar_core.failures import FAILED, NOT_PERMITTED, Failure, N_
from radar_server.admin import opened
from radar_server.audit import note
from radar_server.binding import misfits
from radar_server.centre import Centre, rfc3339
from radar_server.database import reading, writing
from radar_server.doors import projects_for
from radar_server.envelope import REASONS, Refusal, Sender, judge, read_held
from radar_server.ingest import store_accepted
from radar_server.prepared import Ready, work_out
from radar_server.records import read_records
from radar_server.reference import KEY_CHARS_MAX
from radar_server.tables import QuarantineRow, StreamRow
from sync.chain import action_digests
from sync.grading import grade_all

OVERRULED = frozenset({"other_person", "out_of_scope", "not_permitted", "revoked"})
"""What speaks against the sender, not against the action: a supervisor's word stands for it.

So it does for who was not signed in, which is not asked again.
"""
NOTE_CHARS_MAX = 200
"""The longest note; a thousand of them must fit into an answer's header line."""

_COLUMNS = (
    col(QuarantineRow.epoch),
    col(QuarantineRow.seq),
    col(StreamRow.device),
    col(QuarantineRow.project),
    col(QuarantineRow.code),
    col(QuarantineRow.reason),
    col(QuarantineRow.line),
    col(QuarantineRow.received_ms),
    col(QuarantineRow.state),
    col(QuarantineRow.decided_ms),
    col(QuarantineRow.decided_by),
    col(QuarantineRow.note),
)


@dataclass(frozen=True, slots=True)
class Word:
    """What a supervisor says: `released` or `rejected`, who it is if told, and why if told."""

    verdict: str
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A row of the quarantine, as far as deciding on it goes."""

    epoch: str
    seq: int
    project: str
    hash: bytes
    line: bytes
    state: str

    @property
    def id(self) -> str:
        return f"{self.epoch}.{self.seq}"


def list_kept(home: str, db: str, project: str, whole: bool, most: int) -> dict[str, object]:  # noqa: FBT001 - called by name, across a layer
    """Return the oldest `most` actions that await a decision; with `whole`, decided ones too."""
    with opened(home, db) as centre, reading(centre.engine) as connection:
        return listed(connection, project, whole=whole, most=most)


def listed(connection: Connection, project: str, *, whole: bool, most: int) -> dict[str, object]:
    """Return what lies in quarantine, of one project or, for an empty name, of all."""
    conditions = [col(QuarantineRow.project) == project] if project else []
    if not whole:
        conditions.append(col(QuarantineRow.state) == "kept")
    wanted = (
        select(*_COLUMNS)
        .select_from(QuarantineRow)
        .join(StreamRow, col(StreamRow.epoch) == col(QuarantineRow.epoch))
        .where(*conditions)
        .order_by(col(QuarantineRow.received_ms), col(QuarantineRow.epoch), col(QuarantineRow.seq))
        .limit(most)
    )
    total = connection.execute(
        select(func.count()).select_from(QuarantineRow).where(*conditions)
    ).scalar_one()
    rows = [_shown(row) for row in connection.execute(wanted).mappings()]
    return {"actions": rows, "more": total - len(rows)}


def _shown(row: Mapping[Any, Any]) -> dict[str, object]:
    """Return a row as scripts see it; what cannot be read is None."""
    epoch, seq, line = row["epoch"], row["seq"], row["line"].decode()
    action = _judged(epoch, seq, line)
    about = {name: getattr(action, name, None) for name in ("staff", "kind", "subject", "wall")}
    decided_ms = row["decided_ms"]
    return {
        "id": f"{epoch}.{seq}",
        **{name: row[name] for name in ("device", "project", "code", "reason", "state", "note")},
        **about,
        "line": line,
        "received": rfc3339(row["received_ms"]),
        "decided": rfc3339(decided_ms) if decided_ms is not None else None,
        "by": row["decided_by"],
    }


def release(home: str, db: str, ids: Sequence[str], by: str, note: str) -> dict[str, object]:
    """Accept quarantined actions into their projects, each for itself."""
    with opened(home, db) as centre:
        return decide_all(centre, ids, Word("released", by, note))


def reject(home: str, db: str, ids: Sequence[str], by: str, note: str) -> dict[str, object]:
    """Leave quarantined actions where they are for good, each for itself."""
    with opened(home, db) as centre:
        return decide_all(centre, ids, Word("rejected", by, note))


def decide_all(centre: Centre, ids: Sequence[str], word: Word) -> dict[str, object]:
    """Decide on actions one by one; of several, what was refused is told with the others.

    Raise the Failure of a single one.
    """
    if len(word.note) > NOTE_CHARS_MAX or not word.note.isprintable():
        raise Failure(
            "bad_note",
            N_("A note is one line of at most {most} characters."),
            most=NOTE_CHARS_MAX,
        )
    decided: list[dict[str, object]] = []
    failed = False
    for id_ in dict.fromkeys(ids):
        try:
            decided.append(decide(centre, id_, word))
        except Failure as failure:
            if len(ids) == 1:
                raise
            failed = True
            reason = str(failure.values.get("problem", failure.message))
            error = {"code": failure.code, "message": reason}
            decided.append({"id": id_, "verdict": None, "already": False, "error": error})
    return {"decided": decided, "exit_code": FAILED if failed else 0}


def decide(centre: Centre, id_: str, word: Word) -> dict[str, object]:
    """Decide on one action, all of it or nothing; `already` where somebody has decided before."""
    epoch, _, seq = id_.rpartition(".")
    with writing(centre.engine) as connection:
        kept = _kept(connection, epoch, int(seq)) if _is_number(seq) else None
        if kept is None:
            raise Failure(
                "unknown_action",
                N_("There is no such action in quarantine."),
                N_("The list: radar admin quarantine list"),
            )
        _check_permitted(connection, kept, word.by)
        if kept.state == "kept":
            if word.verdict == "released":
                _accept(connection, kept, centre.now_ms())
            _note(connection, kept, word, centre.now_ms())
            act = "release" if word.verdict == "released" else "reject"
            note(connection, centre, act, word.by, action=kept.id, note=word.note)
    verdict = word.verdict if kept.state == "kept" else kept.state
    return {
        "id": kept.id,
        "project": kept.project,
        "verdict": verdict,
        "already": kept.state != "kept",
        "error": None,
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004 - below 2 ** 63


def _kept(connection: Connection, epoch: str, seq: int) -> _Kept | None:
    wanted = (
        select(
            col(QuarantineRow.epoch),
            col(QuarantineRow.seq),
            col(QuarantineRow.project),
            col(QuarantineRow.hash),
            col(QuarantineRow.line),
            col(QuarantineRow.state),
        )
        .where(col(QuarantineRow.epoch) == epoch, col(QuarantineRow.seq) == seq)
        .with_for_update()
    )
    row = connection.execute(wanted).one_or_none()
    return _Kept(*row) if row is not None else None


def _check_permitted(connection: Connection, kept: _Kept, by: str) -> None:
    """Let only those decide, where it is told who does, who lead the action's project.

    An action of no project that there is may be decided on by who leads any.
    """
    if not by:
        return
    theirs = projects_for(connection, by, "decide")
    there = _is_project(connection, kept.project)
    if not theirs or (there and kept.project not in theirs):
        raise Failure(
            "not_permitted",
            N_("Who decides must lead the project of the action."),
            N_("It takes a supervisor, a manager or an administrator of that project."),
            exit_code=NOT_PERMITTED,
        )


def _is_project(connection: Connection, name: str) -> bool:
    """Tell whether the site book has such a project; an action may claim any text as one."""
    if not name.isprintable() or len(name) > KEY_CHARS_MAX:
        return False
    return bool(read_records(connection, [name], "project", [name]))


def _judged(epoch: str, seq: int, line: str) -> Action | Refusal:
    """Return the action of a line that phones can read, whoever sent it."""
    judged = judge(epoch, seq, line, Sender("", revoked=False))
    if isinstance(judged, Refusal) and judged.code in OVERRULED:
        return read_held(epoch, line)
    return judged


def _accept(connection: Connection, kept: _Kept, now_ms: int) -> None:
    """Take an action into its project: as on arrival, but for what a supervisor overrules."""
    action = _judged(kept.epoch, kept.seq, kept.line.decode())
    if isinstance(action, Refusal):
        raise _not_releasable(kept, action.code)
    if not _is_project(connection, action.project):
        raise _not_releasable(kept, "out_of_scope", N_("The site book has no such project."))
    misfit = misfits(connection, [action]).get(action.id)
    if misfit is not None:
        raise _not_releasable(kept, misfit)
    line = kept.line.decode()
    accepted = Ready(action, line, kept.hash, *action_digests([(kept.epoch, line)]))
    work_out([accepted])
    # Its boot's clock is not asked: what came by way of a supervisor is never `anchored`.
    accepted.grade = next(grade_all([(action, accepted.told_ms)], None))
    store_accepted(connection, [accepted], now_ms)


def _not_releasable(kept: _Kept, code: str, reason: str = "") -> Failure:
    return Failure(
        "not_releasable",
        N_("{action} cannot be released: {problem}"),
        N_("It stays in quarantine, whole. Reject it, or mend the site book first."),
        action=kept.id,
        problem=reason or REASONS[code],
    )


def _note(connection: Connection, kept: _Kept, word: Word, now_ms: int) -> None:
    connection.execute(
        update(QuarantineRow)
        .where(col(QuarantineRow.epoch) == kept.epoch, col(QuarantineRow.seq) == kept.seq)
        .values(state=word.verdict, decided_ms=now_ms, decided_by=word.by, note=word.note)
    )
