"""`radar log --verify --centre`: whether anybody changed what the centre holds (law 8).

Each stream's chain is worked out anew over accepted and quarantined lines together, and compared
with the hashes kept, the stream's head, and the device's signature of it; each project's digest
over all it should hold. It takes one snapshot, a page at a time, however much there is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, func, select
from sqlmodel import col

from radar_core.failures import Failure, N_
from radar_server.admin import opened
from radar_server.audit import Examined, examine, head_of, newest, read_head
from radar_server.database import reading
from radar_server.heads import Head, read_all_heads
from radar_server.positions import sealed_bytes
from radar_server.tables import ActionRow, DeviceRow, QuarantineRow, RecordRow, StreamRow
from sync.chain import digest, genesis, sealed
from sync.feed import Holding
from sync.keys import is_signed
from sync.lines import read_action
from sync.signing import head_message

PAGE_ROWS = 1_000
"""So many actions of a stream are looked at in one go: five times as many are no quicker."""
FLAWS_SHOWN = 100
PROBLEMS = {
    "missing": N_("it is missing."),
    "changed": N_("it was edited, inserted or swapped."),
    "doubled": N_("it is there twice."),
    "mislabelled": N_("its row says other than its line."),
    "beyond": N_("it stands behind the last that the centre took in."),
    "head": N_("the chain does not end where the centre noted."),
    "signature": N_("the end of the chain is not signed by its phone."),
    "device": N_("the phone that it came from is not the one that began the chain."),
    "no_stream": N_("the centre does not know its chain."),
    "digest": N_("it does not hold what its digest says."),
    "unsigned": N_("it is not signed by the centre."),
}

_ACCEPTED = select(
    col(ActionRow.seq),
    col(ActionRow.hash),
    col(ActionRow.line),
    col(ActionRow.project),
    col(ActionRow.pos),
    col(ActionRow.hlc),
    col(ActionRow.staff),
    col(ActionRow.kind),
).where(
    # By project, so that it is an index probe for each.
    col(ActionRow.project).in_(bindparam("projects", expanding=True)),
    col(ActionRow.epoch) == bindparam("epoch"),
    col(ActionRow.seq).between(bindparam("low"), bindparam("high")),
)
_QUARANTINED = select(
    col(QuarantineRow.seq),
    col(QuarantineRow.hash),
    col(QuarantineRow.line),
    col(QuarantineRow.state),
).where(
    col(QuarantineRow.epoch) == bindparam("epoch"),
    col(QuarantineRow.seq).between(bindparam("low"), bindparam("high")),
)
_STREAMS = (
    select(
        col(StreamRow.epoch),
        col(StreamRow.genesis),
        col(StreamRow.seq),
        col(StreamRow.head),
        col(StreamRow.head_signature),
        col(DeviceRow.public_key),
    )
    .outerjoin(DeviceRow, col(DeviceRow.id) == col(StreamRow.device))
    .where(col(StreamRow.epoch) > bindparam("after"))
    .order_by(col(StreamRow.epoch))
    .limit(1_000)
)


_ALL = select(func.coalesce(func.sum(col(StreamRow.seq)), 0))

Tell = Callable[[int, int], None]
"""Is told how much is seen, and of how much."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What does not fit, a key of `PROBLEMS`, and where: an action's id, or a project."""

    about: str
    problem: str


@dataclass(slots=True)
class _Stream:
    """A stream as it is kept, with where its accepted actions lie and its highest number."""

    epoch: str
    genesis: bytes
    seq: int
    head: bytes
    signature: bytes
    public_key: bytes | None
    projects: list[str]
    highest: int


@dataclass(frozen=True, slots=True)
class _Held:
    """An action as it is kept, sealed; `fits` tells whether its row says what its line says."""

    hash: bytes
    line: bytes
    fits: bool


@dataclass(slots=True)
class Verified:
    """What was gone through, and all that does not fit."""

    actions: int = 0
    streams: int = 0
    projects: int = 0
    flaws: list[Flaw] = field(default_factory=list[Flaw])


def verify_centre(home: str, db: str, tell: Tell) -> dict[str, object]:
    """Go through all that a centre holds; raise Failure `chain_broken` where something is wrong."""
    with opened(home, db) as centre, reading(centre.engine) as connection:
        found = verify_all(connection, tell=tell)
        audit = examine(connection, centre.keys.public)
    flaws = found.flaws + flaws_of_audit(audit)
    if flaws:
        raise chain_failure(found, flaws)
    return {
        "verified": found.actions,
        "streams": found.streams,
        "projects": found.projects,
        "audit": audit.count,
    }


def show_audit(home: str, db: str, verify: bool, head: str, most: int) -> dict[str, object]:  # noqa: FBT001 - called by name, across a layer
    """Return the newest entries of the audit log; with `verify` or an older `head` go through it.

    Raise Failure `audit_broken` where it was changed, or does not hold that head.
    """
    known = read_head(head) if head else None
    count: int | None = None
    with opened(home, db) as centre, reading(centre.engine) as connection:
        key = centre.keys.public
        if verify or known is not None:
            audit = examine(connection, key, known)
            if audit.flaws:
                raise _audit_broken(audit)
            count = audit.count
        entries, more = newest(connection, most)
        end = head_of(connection, key).text
    return {"entries": entries, "more": more, "head": end, "verified": count}


def _audit_broken(audit: Examined) -> Failure:
    flaws = flaws_of_audit(audit)
    failure = Failure(
        "audit_broken",
        N_("The audit log was changed. {action}: {problem} ({more} more; {count} fit.)"),
        N_("Change nothing. Compare with the audit log of a backup; all flaws: --json"),
        action=flaws[0].about,
        problem=PROBLEMS[flaws[0].problem],
        more=len(flaws) - 1,
        count=audit.count,
    )
    shown = [{"about": flaw.about, "problem": flaw.problem} for flaw in flaws[:FLAWS_SHOWN]]
    failure.details = {"flaws": shown, "verified": audit.count}
    return failure


def flaws_of_audit(audit: Examined) -> list[Flaw]:
    """Return what does not fit in the audit log, by its entries."""
    return [Flaw(f"audit.{seq}", problem) for seq, problem in audit.flaws]


def chain_failure(found: Verified, flaws: Sequence[Flaw]) -> Failure:
    """Say that something does not fit: the first flaw, and for scripts all of them."""
    first = flaws[0]
    failure = Failure(
        "chain_broken",
        N_("The centre's log was changed. {action}: {problem} ({more} more; {count} fit.)"),
        N_("Change nothing. Compare with a backup and the phones' receipts; all flaws: --json"),
        action=first.about,
        problem=PROBLEMS[first.problem],
        more=len(flaws) - 1,
        count=found.actions,
    )
    shown = flaws[:FLAWS_SHOWN]
    failure.details = {
        "flaws": [{"about": flaw.about, "problem": flaw.problem} for flaw in shown],
        "verified": found.actions,
    }
    return failure


def verify_all(
    connection: Connection, page: int = PAGE_ROWS, tell: Tell = lambda _seen, _all: None
) -> Verified:
    """Go through every stream and every project of one snapshot, `page` actions at a time.

    After each page `tell` is called with how many actions it has seen, and of how many.
    """
    return _Verifying(connection, page, tell).run()


class _Verifying:
    """One verification under way: what it found, and what each project holds as far as seen."""

    def __init__(self, connection: Connection, page: int, tell: Tell) -> None:
        self.connection = connection
        self.page = page
        self.tell = tell
        self.seen = 0
        self.all = int(connection.execute(_ALL).scalar_one())
        self.found = Verified()
        self.heads = read_all_heads(connection)
        self.holdings: dict[str, Holding] = {}

    def run(self) -> Verified:
        where = _where(self.connection)
        for stream in _streams(self.connection, where):
            self._verify_stream(stream)
        for epoch, (_, highest) in sorted(where.items()):
            self._flaw(f"{epoch}.{highest}", "no_stream")
        self._add_records()
        for project in sorted(self.heads.keys() | self.holdings.keys()):
            holding = self.holdings.get(project, Holding())
            head = self.heads.get(project, Head(0, Holding())).holding
            if (holding.count, holding.total) != (head.count, head.total):
                self._flaw(project, "digest")
            self.found.projects += 1
        return self.found

    def _flaw(self, about: str, problem: str) -> None:
        self.found.flaws.append(Flaw(about, problem))

    def _verify_stream(self, stream: _Stream) -> None:
        """Compare a stream with what it should be; its first flaw is told, for others follow."""
        self.found.streams += 1
        problem, seq = "", 0
        if stream.public_key is None or stream.genesis != genesis(stream.epoch, stream.public_key):
            problem = "device"
        previous = stream.genesis
        for low in range(1, stream.seq + 1, self.page):
            high = min(low + self.page - 1, stream.seq)
            held, doubled = self._read(stream, low, high)
            for at in range(low, high + 1):
                action = held.get(at)
                wrong = _wrong(action, previous, doubled=at in doubled)
                if wrong and not problem:
                    problem, seq = wrong, at
                self.found.actions += not wrong
                # What is kept beside the line shows whether those behind it still fit.
                previous = action.hash if action is not None else b""
            self.seen += high - low + 1
            self.tell(self.seen, self.all)
        if not problem:
            problem, seq = _wrong_end(stream, previous)
        if problem:
            self._flaw(f"{stream.epoch}.{seq}", problem)

    def _read(self, stream: _Stream, low: int, high: int) -> tuple[dict[int, _Held], set[int]]:
        """Return a stream's actions from one number to another, and the numbers held twice.

        A released action lies in quarantine too, as the record of the decision.
        """
        held: dict[int, _Held] = {}
        doubled: set[int] = set()
        told: dict[str, object] = {"epoch": stream.epoch, "low": low, "high": high}
        rows = self.connection.execute(_ACCEPTED, told | {"projects": stream.projects})
        for seq, hash_, line, project, pos, *who in rows:
            if seq in held:
                doubled.add(seq)
            fits = self._is_labelled((seq, project, pos, *who), stream.epoch, line)
            held[seq] = _Held(hash_, sealed(line).encode(), fits)
            self._holding(project).add_actions([(stream.epoch, line)])
        for seq, hash_, kept, state in self.connection.execute(_QUARANTINED, told):
            accepted = held.get(seq)
            if state != "released":
                if accepted is not None:
                    doubled.add(seq)
                held[seq] = _Held(hash_, sealed_bytes(kept), fits=True)
            elif accepted is not None and (accepted.hash, accepted.line) != (
                hash_,
                sealed_bytes(kept),
            ):
                held[seq] = _Held(accepted.hash, accepted.line, fits=False)
        return held, doubled

    def _is_labelled(self, row: tuple[object, ...], epoch: str, line: str) -> bool:
        """Tell whether a row says of an action what its line says."""
        seq, project, pos, *who = row
        head = self.heads.get(str(project))
        if head is None or not isinstance(pos, int) or not 0 < pos <= head.pos:
            return False
        try:
            action = read_action(epoch, line)
        except ValueError:
            return False
        said = (action.seq, action.project, action.hlc, action.staff, action.kind)
        return said == (seq, project, *who)

    def _holding(self, project: str) -> Holding:
        return self.holdings.setdefault(project, Holding())

    def _add_records(self) -> None:
        wanted = (
            select(
                col(RecordRow.project), col(RecordRow.kind), col(RecordRow.id), col(RecordRow.body)
            )
            .where(~col(RecordRow.gone))
            .execution_options(yield_per=self.page)
        )
        for project, kind, id_, body in self.connection.execute(wanted):
            self._holding(project).add(kind, id_.decode(), body)


def _wrong(action: _Held | None, previous: bytes, *, doubled: bool) -> str:
    if action is None:
        return "missing"
    if doubled:
        return "doubled"
    # Of bytes, for what somebody changed may no longer be text.
    if digest(previous + action.line) != action.hash:
        return "changed"
    return "" if action.fits else "mislabelled"


def _wrong_end(stream: _Stream, last: bytes) -> tuple[str, int]:
    """Return what is wrong with the end of a chain that fits so far, and at which number."""
    if stream.highest > stream.seq:
        return "beyond", stream.highest
    if last != stream.head:
        return "head", stream.seq
    message = head_message(stream.epoch, stream.seq, stream.head)
    signed = stream.public_key is not None and is_signed(
        stream.public_key, stream.signature, message
    )
    return ("", 0) if signed or not stream.seq else ("signature", stream.seq)


def _where(connection: Connection) -> dict[str, tuple[list[str], int]]:
    """Return, for each epoch, in which projects its actions lie, and the highest number."""
    found: dict[str, tuple[list[str], int]] = {}
    accepted = select(
        col(ActionRow.epoch), col(ActionRow.project), func.max(col(ActionRow.seq))
    ).group_by(col(ActionRow.project), col(ActionRow.epoch))
    for epoch, project, highest in connection.execute(accepted):
        projects, before = found.get(epoch, ([], 0))
        found[epoch] = ([*projects, project], max(before, highest))
    refused = select(col(QuarantineRow.epoch), func.max(col(QuarantineRow.seq))).group_by(
        col(QuarantineRow.epoch)
    )
    for epoch, highest in connection.execute(refused):
        projects, before = found.get(epoch, ([], 0))
        found[epoch] = (projects, max(before, highest))
    return found


def _streams(connection: Connection, where: dict[str, tuple[list[str], int]]) -> Iterator[_Stream]:
    """Yield every stream, taking what is known of its actions out of `where`."""
    after = ""
    while rows := connection.execute(_STREAMS, {"after": after}).all():
        for epoch, start, seq, head, signature, key in rows:
            projects, highest = where.pop(epoch, ([], 0))
            yield _Stream(epoch, start, seq, head, signature, key, projects, highest)
        after = rows[-1][0]
