"""What comes down: records and other people's actions, taken in whole or not at all.

Applying an answer needs no flush: what is lost with the power comes down again. So it runs with
`synchronous = NORMAL`, on the journal's own connection, rows and cursor in one transaction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from radar_core.actions import Action, touches
from radar_core.jsontext import encode
from sync.anchoring import Trip, keep_anchor
from sync.blobs import doubt_blobs
from sync.chain import action_digests, short_digest, sum_up
from sync.clock import follow, is_stamp
from sync.framing import WireError
from sync.journal import Journal
from sync.lines import Line, read_action, read_fields
from sync.outbox import (
    REFUSED,
    RESTORED,
    STILL_WRITTEN,
    doubt_other_epochs,
    note_again,
    store_receipt,
)
from sync.protocol import Answer, Decision, News, Quarantined, Receipt
from sync.schema import ACTIONS_ON, MENTIONED

DIGEST_MASK = (1 << 64) - 1
Lines = Sequence[tuple[str, str]]
"""Actions as epoch and line."""
_Row = tuple[str, int, str, str, str]
"""An action that came down: epoch, number, stamp, project, line."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a sync changed: references that actions touched, and whether the site book did.

    `moved` are own actions that got another epoch and number: from where to where. `whole` has,
    for references that nothing touched before, the lines of all the actions on them.
    """

    refs: frozenset[str]
    records: bool = False
    dropped: tuple[str, ...] = ()
    moved: Mapping[tuple[str, int], tuple[str, int]] = field(
        default_factory=dict[tuple[str, int], tuple[str, int]]
    )
    whole: Mapping[str, Lines] = field(default_factory=dict[str, Lines])


Projection = Callable[[Changes], None]
"""Brings derived state in step with what was applied, inside the same transaction."""


class Holding:
    """How many items of a project this phone holds, and their additive 64-bit digest."""

    __slots__ = ("count", "total")

    def __init__(self, count: int = 0, total: int = 0) -> None:
        self.count = count
        self.total = total

    def add(self, kind: str, name: str, text: str) -> None:
        """Take one item in."""
        self.count += 1
        self.total = (self.total + short_digest(kind, name, text)) & DIGEST_MASK

    def add_actions(self, actions: Iterable[tuple[str, str]]) -> None:
        """Take many actions in, as epoch and line."""
        items = action_digests(actions)
        self.count += len(items)
        self.total = (self.total + sum(items)) & DIGEST_MASK

    def remove(self, kind: str, name: str, text: str) -> None:
        """Take one item out."""
        self.count -= 1
        self.total = (self.total - short_digest(kind, name, text)) & DIGEST_MASK


def cursors(journal: Journal) -> dict[str, int]:
    """Return how far this phone has read each project."""
    return dict(journal.connection.execute("SELECT project, pos FROM cursor"))


def summed_up(journal: Journal) -> str:
    """Return what this phone holds of all its projects together, as a request tells it."""
    rows = journal.connection.execute("SELECT project, pos, count, sum FROM cursor")
    return sum_up((project, pos, count, int(total)) for project, pos, count, total in rows)


def apply_answer(
    journal: Journal,
    answer: Answer,
    asked: dict[str, int],
    trip: Trip,
    projection: Projection,
) -> list[str]:
    """Take an answer in; return the projects whose digest does not fit what is held now.

    News that another sync on this phone took in meanwhile are passed over: a page counts only
    where the cursor still stands where it stood when the page was asked for. A project that does
    not fit is forgotten, so that the next page fetches it anew. Raise WireError for nonsense.
    """
    connection = journal.connection
    connection.execute("PRAGMA synchronous = NORMAL")
    try:
        with journal.transaction():
            if journal.meta()["centre_epoch"] != answer.centre_epoch:
                note_again(journal, doubt_other_epochs(journal, answer.receipt.epoch))
                journal.set_meta(RESTORED, answer.restored)
                doubt_blobs(journal)
                connection.execute("UPDATE quarantine SET state = 'kept'")
            for project in answer.dropped:
                drop_project(journal, project)
            # A project that is dropped and told anew, as after a restored centre, begins at 0.
            asked = {name: pos for name, pos in asked.items() if name not in answer.dropped}
            told = answer.receipt
            take_own(journal, told.epoch, told.seq, answer.quarantined, told)
            _take_decisions(journal, answer.decided)
            current = cursors(journal)
            taken = [n for n in answer.news if current.get(n.project, 0) == asked.get(n.project, 0)]
            touched, torn = _store_pages(journal, taken, trip.received.wall_ms)
            if torn:
                doubt_other_epochs(journal, told.epoch)
            for project in torn:
                drop_project(journal, project)
            records = bool(torn) or any(news.records for news in taken)
            whole = {} if torn else {ref: some for ref, some in touched.items() if some}
            dropped = (*answer.dropped, *torn)
            projection(Changes(frozenset(touched), records, dropped, whole=whole))
            journal.set_meta("centre_epoch", answer.centre_epoch)
            journal.set_meta("last_sync", answer.receipt.at)
            keep_anchor(journal, trip, answer.now_ms)
            connection.execute("DELETE FROM meta WHERE key = ?", (REFUSED,))
    finally:
        connection.execute("PRAGMA synchronous = FULL")
    return torn


def take_news(journal: Journal, news: News, wall_ms: int, projection: Projection) -> None:
    """Take in a page that no centre sent and no receipt came with: a phone's first and only one.

    Raise WireError for nonsense, and for one that does not fit its own digest.
    """
    with journal.transaction():
        touched, torn = _store_pages(journal, [news], wall_ms)
        if torn:
            raise WireError(f"the page of {news.project} does not fit its digest")
        projection(Changes(frozenset(touched), records=True, whole=touched))


def _store_pages(
    journal: Journal, pages: Sequence[News], wall_ms: int
) -> tuple[dict[str, Lines], list[str]]:
    """Store pages; return what their actions touch, and the projects that do not fit."""
    touched: dict[str, Lines] = {}
    torn: list[str] = []
    for news in pages:
        stored = _store_actions(journal, news, wall_ms)
        # What two projects' actions touch is whole in neither.
        touched |= {ref: () if ref in touched else stored[ref] for ref in stored}
        if not _fits(news, _store_news(journal, news)):
            torn.append(news.project)
    return touched, torn


def take_own(
    journal: Journal,
    epoch: str,
    seq: int,
    quarantined: Sequence[Quarantined],
    receipt: Receipt | None,
) -> None:
    """Note that the centre holds an epoch up to `seq`, by its receipt if it gave one.

    Keep what was quarantined; count the accepted actions as held.
    """
    connection = journal.connection
    connection.executemany(
        "INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, 'kept')",
        [(q.epoch, q.seq, q.code, q.reason) for q in quarantined],
    )
    refused = {q.seq for q in quarantined if q.epoch == epoch}
    held = store_receipt(journal, epoch, seq, receipt)
    _count_in(journal, [(project, epoch, line) for n, project, line in held if n not in refused])


def _take_decisions(journal: Journal, decided: Sequence[Decision]) -> None:
    """Note what a supervisor decided; what was released counts as held from now on."""
    connection = journal.connection
    released: list[tuple[str, str, str]] = []
    for decision in decided:
        changed = connection.execute(
            "UPDATE quarantine SET state = ?, reason = CASE ? WHEN '' THEN reason ELSE ? END"
            " WHERE epoch = ? AND seq = ? AND state = 'kept'",
            (decision.verdict, decision.note, decision.note, decision.epoch, decision.seq),
        )
        if changed.rowcount and decision.verdict == "released":
            released += connection.execute(
                "SELECT project, epoch, line FROM action WHERE epoch = ? AND seq = ?",
                (decision.epoch, decision.seq),
            ).fetchall()
    _count_in(journal, released)


def _count_in(journal: Journal, accepted: Iterable[tuple[str, str, str]]) -> None:
    """Count own actions, as project, epoch and line, as held by the projects that are read."""
    held: dict[str, Holding] = {}
    for project, epoch, line in accepted:
        if project not in held:
            held[project] = _holding(journal, project)
        held[project].add_actions([(epoch, line)])
    journal.connection.executemany(
        "UPDATE cursor SET count = ?, sum = ? WHERE project = ?",
        [(holding.count, str(holding.total), project) for project, holding in held.items()],
    )


def _holding(journal: Journal, project: str) -> Holding:
    """Return what is held of a project; of one without a cursor, the own accepted actions."""
    row = journal.connection.execute(
        "SELECT count, sum FROM cursor WHERE project = ?", (project,)
    ).fetchone()
    if row is not None:
        return Holding(row[0], int(row[1]))
    holding = Holding()
    for epoch, line in journal.connection.execute(
        "SELECT a.epoch, a.line FROM action a JOIN epoch e ON e.name = a.epoch"
        " LEFT JOIN quarantine q ON q.epoch = a.epoch AND q.seq = a.seq"
        " WHERE a.project = ? AND a.hash IS NOT NULL AND a.seq <= e.receipted"
        " AND coalesce(q.state, 'released') = 'released'",
        (project,),
    ):
        holding.add_actions([(epoch, line)])
    return holding


def drop_project(journal: Journal, project: str) -> None:
    """Forget a project: its records and other people's actions; one's own stay (law 9)."""
    connection = journal.connection
    connection.execute("DELETE FROM mention WHERE project = ?", (project,))
    connection.execute("DELETE FROM action WHERE project = ? AND hash IS NULL", (project,))
    connection.execute("DELETE FROM record WHERE project = ?", (project,))
    connection.execute("DELETE FROM cursor WHERE project = ?", (project,))


def leave_all(journal: Journal, projection: Projection) -> None:
    """Forget every project, as a phone does whose person may see none any more (laws 9 and 11)."""
    with journal.transaction():
        projects = tuple(cursors(journal))
        for project in projects:
            drop_project(journal, project)
        projection(Changes(frozenset(), dropped=projects))


def _store_actions(journal: Journal, news: News, wall_ms: int) -> dict[str, Lines]:
    """Store a page's actions; return what they touch.

    For a reference that nothing touched before, that is with all the actions on it.
    """
    own = dict(
        journal.connection.execute("SELECT name, coalesce(closed, ?) FROM epoch", (STILL_WRITTEN,))
    )
    heard = journal.meta()["heard"]
    rows: list[_Row] = []
    named: dict[str, list[_Row]] = {}
    for epoch, line in news.actions:
        fields = _read_theirs(epoch, line, own)
        heard = follow(heard, fields.hlc, wall_ms)
        row = (epoch, fields.seq, fields.hlc, news.project, line)
        rows.append(row)
        for ref in touches(fields):
            if ref in named:
                named[ref].append(row)
            else:
                named[ref] = [row]
    if not all(map(_is_text, named)):
        raise WireError("an action came down whose references are no text")
    added = journal.connection.executemany(
        "INSERT OR IGNORE INTO action VALUES (?, ?, ?, ?, NULL, ?)", rows
    ).rowcount
    # Where an action was here before, or came twice, only the journal knows what is whole.
    new = _new_among(journal, named) if added == len(rows) else frozenset[str]()
    found: dict[str, Lines] = {
        ref: [(row[0], row[4]) for row in some] if ref in new else () for ref, some in named.items()
    }
    _store_mentions(journal, news.project, named)
    journal.set_meta("heard", heard)
    return found


def _new_among(journal: Journal, refs: Iterable[str]) -> frozenset[str]:
    """Return those references that nothing that is noted touches."""
    rows = journal.connection.execute(
        "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM touch WHERE ref = value)"
        " AND NOT EXISTS (SELECT 1 FROM mention WHERE ref = value)",
        (encode(list(refs)),),
    )
    return frozenset(row[0] for row in rows)


def _store_mentions(journal: Journal, project: str, named: Mapping[str, Sequence[_Row]]) -> None:
    """Note which actions touch each reference, a row for each epoch."""
    mentions: list[tuple[object, ...]] = []
    for ref, rows in named.items():
        by_epoch: dict[str, list[_Row]] = {}
        for row in rows:
            by_epoch.setdefault(row[0], []).append(row)
        for epoch, some in by_epoch.items():
            seqs = [row[1] for row in some]
            latest = max(row[2] for row in some)
            mentions.append((ref, project, epoch, seqs[0], latest, encode(seqs)))
    # In the order of the key, so that the tree grows at few places.
    mentions.sort()
    journal.connection.executemany(MENTIONED, mentions)


def _read_theirs(epoch: str, line: str, own: Mapping[str, int]) -> Line | Action:
    """Read another phone's action; what the phone could not fold later does not get in.

    `own` gives the last number that this phone itself wrote in each of its epochs.
    """
    try:
        fields = read_fields(line)
    except ValueError as error:
        raise WireError(f"an action that is none came down: {error}") from error
    if not is_stamp(fields.hlc) or fields.seq <= own.get(epoch, 0):
        told = f"{epoch}.{fields.seq}"
        raise WireError(f"{told} came down without a stamp, or is this phone's own")
    return fields


def _is_text(ref: str) -> bool:
    """Tell whether a reference can be stored: half of a surrogate pair cannot."""
    try:
        ref.encode()
    except UnicodeEncodeError:
        return False
    return True


def _store_news(journal: Journal, news: News) -> Holding:
    """Store a page's records and the cursor; return what is held of the project now."""
    connection = journal.connection
    holding = _holding(journal, news.project)
    holding.add_actions(news.actions)
    for kind, name, body in news.records:
        key = (kind, name, news.project)
        where = "FROM record WHERE kind = ? AND id = ? AND project = ?"
        old = connection.execute(f"SELECT body {where}", key).fetchone()
        if old is not None:
            holding.remove(kind, name, old[0])
            connection.execute(f"DELETE {where}", key)
        if body is not None:
            holding.add(kind, name, body)
            connection.execute("INSERT INTO record VALUES (?, ?, ?, ?)", (*key, body))
    connection.execute(
        "INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?)",
        (news.project, news.pos, holding.count, str(holding.total)),
    )
    return holding


def _fits(news: News, holding: Holding) -> bool:
    return news.more or (news.count, news.total) == (holding.count, holding.total)


def actions_on(journal: Journal, refs: Iterable[str]) -> dict[str, list[Action]]:
    """Return the actions that touch each reference, in the order of the fold."""
    found: dict[str, list[Action]] = {}
    for ref in refs:
        rows = journal.connection.execute(f"{ACTIONS_ON} ORDER BY hlc, epoch, seq", (ref,))
        found[ref] = [read_action(epoch, line) for epoch, line in rows]
    return found
