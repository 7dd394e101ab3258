"""What comes down: records and other people's actions, each page in whole or not at all.

Applying an answer needs no flush: what is lost with the power comes down again. So it runs with
`synchronous = NORMAL`, on the journal's own connection, a page's rows and cursor in one
transaction. Between two of them whoever records something comes in, and where the phone dies
there, it is as if the answer had been a shorter one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from radar_core.jsontext import encode
from sync.anchoring import Trip, keep_anchor
from sync.blobs import doubt_blobs
from sync.chain import action_digests, short_digest, sum_up
from sync.framing import WireError
from sync.incoming import Mention, Page, read_page
from sync.journal import Journal
from sync.outbox import STILL_WRITTEN, doubt_other_epochs, note_again, store_receipt
from sync.protocol import Answer, Decision, News, Quarantined, Receipt
from sync.schema import MENTIONED, REFUSED, RESTORED

DIGEST_MASK = (1 << 64) - 1
Lines = Sequence[tuple[str, str]]
"""Actions as epoch and line."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a sync changed: references that actions touched, and `records` of the site book.

    Of those it tells project and kind; `dropped` are projects. `moved` are own actions that got
    another epoch and number: from where to where. `whole` has, for references that nothing touched
    before, the lines of all the actions on them.
    """

    refs: frozenset[str]
    records: frozenset[tuple[str, str]] = frozenset()
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
        self.add_digests(action_digests(actions))

    def add_digests(self, items: Sequence[int]) -> None:
        """Take many items in by their digests."""
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
    own = _own_epochs(journal)
    pages = [read_page(news, own, trip.received.wall_ms) for news in answer.news]
    connection.execute("PRAGMA synchronous = NORMAL")
    try:
        with journal.transaction():
            _take_word(journal, answer, trip)
            projection(Changes(frozenset(), dropped=tuple(answer.dropped)))
        # A project that is dropped and told anew, as after a restored centre, begins at 0.
        at = {name: pos for name, pos in asked.items() if name not in answer.dropped}
        torn = _take_pages(journal, pages, at, answer.receipt, projection)
        if torn:
            with journal.transaction():
                doubt_other_epochs(journal, answer.receipt.epoch)
    finally:
        connection.execute("PRAGMA synchronous = FULL")
    return torn


def _take_word(journal: Journal, answer: Answer, trip: Trip) -> None:
    """Take in all but the news: the centre's word on this phone's own actions and projects."""
    connection = journal.connection
    if journal.meta()["centre_epoch"] != answer.centre_epoch:
        note_again(journal, doubt_other_epochs(journal, answer.receipt.epoch))
        journal.set_meta(RESTORED, answer.restored)
        doubt_blobs(journal)
        connection.execute("UPDATE quarantine SET state = 'kept'")
    for project in answer.dropped:
        drop_project(journal, project)
    told = answer.receipt
    take_own(journal, told.epoch, told.seq, answer.quarantined, told)
    _take_decisions(journal, answer.decided)
    journal.set_meta("centre_epoch", answer.centre_epoch)
    journal.set_meta("last_sync", told.at)
    keep_anchor(journal, trip, answer.now_ms)
    connection.execute("DELETE FROM meta WHERE key = ?", (REFUSED,))


def _take_pages(
    journal: Journal,
    pages: Sequence[Page],
    at: dict[str, int],
    told: Receipt,
    projection: Projection,
) -> list[str]:
    """Take pages in, each where the cursor stands `at`; return the projects that do not fit."""
    torn: list[str] = []
    for page in pages:
        project = page.news.project
        mentions, digests = page.mentions(), page.digests()
        with journal.transaction():
            stands = cursors(journal).get(project, 0) == at.get(project, 0)
            if not stands or not _is_latest(journal, told):
                continue
            touched = _store_actions(journal, page, mentions)
            fits = _fits(page.news, _store_news(journal, page.news, digests))
            if not fits:
                drop_project(journal, project)
                torn.append(project)
            whole = {ref: some for ref, some in touched.items() if some} if fits else {}
            dropped = () if fits else (project,)
            projection(Changes(frozenset(touched), page.kinds, dropped, whole=whole))
        at[project] = page.news.pos
    return torn


def _is_latest(journal: Journal, told: Receipt) -> bool:
    """Tell whether no other sync of this phone has heard of more of its actions meanwhile.

    The digests of an answer count those that its receipt is for.
    """
    row = journal.connection.execute(
        "SELECT receipted FROM epoch WHERE name = ?", (told.epoch,)
    ).fetchone()
    return row is None or row[0] <= told.seq


def take_news(journal: Journal, news: News, wall_ms: int, projection: Projection) -> None:
    """Take in a page that no centre sent and no receipt came with: a phone's first and only one.

    Raise WireError for nonsense, and for one that does not fit its own digest.
    """
    page = read_page(news, _own_epochs(journal), wall_ms)
    with journal.transaction():
        touched = _store_actions(journal, page, page.mentions())
        if not _fits(news, _store_news(journal, news, page.digests())):
            raise WireError(f"the page of {news.project} does not fit its digest")
        projection(Changes(frozenset(touched), page.kinds, whole=touched))


def _own_epochs(journal: Journal) -> dict[str, int]:
    """Return this phone's epochs, each with the last number that it itself wrote there."""
    return dict(
        journal.connection.execute("SELECT name, coalesce(closed, ?) FROM epoch", (STILL_WRITTEN,))
    )


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
    named: dict[str, list[tuple[str, str]]] = {}
    for project, epoch, line in accepted:
        named.setdefault(project, []).append((epoch, line))
    held = {project: _holding(journal, project) for project in named}
    for project, actions in named.items():
        held[project].add_actions(actions)
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


def _store_actions(journal: Journal, page: Page, mentions: Sequence[Mention]) -> dict[str, Lines]:
    """Store a page's actions; return what they touch.

    For a reference that nothing touched before, that is with all the actions on it.
    """
    added = journal.connection.executemany(
        "INSERT OR IGNORE INTO action VALUES (?, ?, ?, ?, NULL, ?)", page.rows
    ).rowcount
    # Where an action was here before, or came twice, only the journal knows what is whole.
    new = _new_among(journal, page.named) if added == len(page.rows) else frozenset[str]()
    journal.connection.executemany(MENTIONED, mentions)
    journal.set_meta("heard", max(journal.meta()["heard"], page.heard))
    return {
        ref: [(row[0], row[4]) for row in some] if ref in new else ()
        for ref, some in page.named.items()
    }


def _new_among(journal: Journal, refs: Iterable[str]) -> frozenset[str]:
    """Return those references that nothing that is noted touches."""
    rows = journal.connection.execute(
        "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM touch WHERE ref = value)"
        " AND NOT EXISTS (SELECT 1 FROM mention WHERE ref = value)",
        (encode(list(refs)),),
    )
    return frozenset(row[0] for row in rows)


def _store_news(journal: Journal, news: News, digests: Sequence[int]) -> Holding:
    """Store a page's records and the cursor; return what is held of the project now.

    `digests` are those of the page's actions.
    """
    connection = journal.connection
    holding = _holding(journal, news.project)
    holding.add_digests(digests)
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
