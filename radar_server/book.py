"""The site book: taking one in as a difference to what is there, and giving it out again.

All or nothing: one transaction; only what changed gets a new position and travels to the phones.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zoneinfo import available_timezones

from sqlalchemy import Connection

from radar_core.book import Book, Mistakes, Record, book_sheets, read_book
from radar_core.failures import Failure, N_
from radar_core.jsontext import decode_object, encode
from radar_core.schedules import checklists_of
from radar_server.binding import TARGETS
from radar_server.book_files import read_book_file, write_book_file
from radar_server.folding import refold
from radar_server.heads import lock_heads, store_heads
from radar_server.records import Change, Key, live_records, write_changes
from radar_server.repeats import renew_all
from sync.clock import ZERO

TASK_PARTS = frozenset({"project", "schedule", "route", "checklist", "holidays", "meter"})
"""The kinds of records that tasks are made of."""
NAMED_BY = {"route": "route", "checklist": "checklist", "calendar": "holidays", "meter": "meter"}
"""The columns by which a schedule names what its tasks are made of, and the kinds of these."""

BADGE = "badge"
"""The kind of records that no book has: see `radar_server.badges`."""

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What taking a book in changes, in the order in which phones hear of it.

    `kept` counts the tags that were bound in the field and that the book does not know yet.
    """

    changes: list[Change]
    kept: int = 0

    def counts(self) -> Counts:
        """Return how many records of each kind are added, changed, removed and kept."""
        counts: Counts = {"added": {}, "changed": {}, "removed": {}}
        counts["kept"] = {"tag": self.kept} if self.kept else {}
        for change in self.changes:
            of = counts[_verb(change)]
            of[change.kind] = of.get(change.kind, 0) + 1
        return counts


def read_book_at(path: Path) -> Book:
    """Read a book's file; raise Failure `book_mistakes` with each by sheet, row and column."""
    book = read_book(read_book_file(path), zones=available_timezones())
    if isinstance(book, Mistakes):
        raise _mistaken(path, book)
    return book


def book_hash(path: Path) -> str:
    """Return the SHA-256 of a book's file; of a folder, of the `sha256sum` of its .csv files."""
    if not path.is_dir():
        return sha256(path.read_bytes()).hexdigest()
    files = sorted(path.glob("*.csv"))
    told = "".join(f"{sha256(one.read_bytes()).hexdigest()}  {one.name}\n" for one in files)
    return sha256(told.encode("utf-8", "surrogateescape")).hexdigest()


def difference(connection: Connection, records: Iterable[Record]) -> Difference:
    """Return what changes when `records` become the whole site book.

    A tag that somebody bound in the field stays bound while the book is silent about it or has
    it blank: whoever wrote the book did not know. To take it out of use, list it as retired.
    """
    live = live_records(connection)
    wanted: dict[Key, Record] = {(r.project, r.kind, r.id): r for r in records}
    kept = {key for key, (old, hlc) in live.items() if _stays(key, old, hlc, wanted)}
    changes: list[Change] = []
    for key, record in wanted.items():
        old, hlc = live.get(key, (None, ZERO))
        if key not in kept and (old is None or decode_object(old) != record.body):
            changes.append(Change(*key, old=old, new=encode(record.body), hlc=hlc))
    changes += [
        Change(*key, old=old, new=None, hlc=hlc)
        for key, (old, hlc) in live.items()
        if key not in wanted and key not in kept and key[1] != BADGE
    ]
    return Difference([*changes, *_badges(live, wanted)], len(kept))


def _badges(live: Mapping[Key, tuple[str, str]], wanted: Mapping[Key, Record]) -> Iterator[Change]:
    """Yield how badges follow their people: out of a project with them, and into one."""
    people = {(project, name) for project, kind, name in wanted if kind == "staff"}
    badges = {key: text for key, (text, _) in live.items() if key[1] == BADGE}
    for (project, _, name), text in badges.items():
        if (project, name) not in people:
            yield Change(project, BADGE, name, old=text, new=None, hlc=ZERO)
    texts = {name: text for (_, _, name), text in badges.items()}
    for project, name in sorted(people):
        if name in texts and (project, BADGE, name) not in badges:
            yield Change(project, BADGE, name, old=None, new=texts[name], hlc=ZERO)


def _stays(key: Key, old: str, hlc: str, wanted: Mapping[Key, Record]) -> bool:
    """Tell whether a record is a tag bound in the field to what the book still has."""
    project, kind, _ = key
    if kind != "tag" or hlc == ZERO:
        return False
    said = wanted.get(key)
    if said is not None and said.body.get("state") != "blank":
        return False
    body = decode_object(old)
    return any((project, name, str(body[name])) in wanted for name in TARGETS if name in body)


def take_in(connection: Connection, records: Iterable[Record]) -> Difference:
    """Make `records` the whole site book, in the transaction under way."""
    there = {project for project, _, _ in live_records(connection)}
    wanted = list(records)
    heads = lock_heads(connection, there | {record.project for record in wanted})
    # Under the locks nobody else changes a record any more.
    found = difference(connection, wanted)
    write_changes(connection, heads, found.changes)
    store_heads(connection, heads)
    for project, schedules in _touched_schedules(connection, found).items():
        refold(connection, project, schedules)
        renew_all(connection, project, schedules)
    return found


def give_out(connection: Connection, path: Path) -> dict[str, int]:
    """Write the site book to a file; return how many rows each sheet has."""
    records = [
        Record(project, kind, name, decode_object(body))
        for (project, kind, name), (body, _) in live_records(connection).items()
        if kind != BADGE
    ]
    sheets = book_sheets(records)
    write_book_file(path, sheets)
    return {sheet.name: len(sheet.rows) for sheet in sheets}


def _verb(change: Change) -> str:
    if change.old is None:
        return "added"
    return "removed" if change.new is None else "changed"


def _touched_schedules(connection: Connection, found: Difference) -> dict[str, set[str]]:
    """Return the schedules of each project whose tasks the change may have made other ones."""
    changed: dict[str, set[tuple[str, str]]] = {}
    for change in found.changes:
        if change.kind in TASK_PARTS:
            changed.setdefault(change.project, set()).add((change.kind, change.id))
    touched: dict[str, set[str]] = {}
    live = live_records(connection)
    for (project, kind, name), (body, _) in live.items():
        if kind == "route" and project in changed:
            asked = {("checklist", one) for one in checklists_of(decode_object(body))}
            changed[project] |= {(kind, name)} if asked & changed[project] else set()
    for (project, kind, name), (body, _) in live.items():
        here = changed.get(project) if kind == "schedule" else None
        if here and _concerns(here, project, name, decode_object(body)):
            touched.setdefault(project, set()).add(name)
    for change in found.changes:
        if change.kind == "schedule":
            touched.setdefault(change.project, set()).add(change.id)
    return touched


def _concerns(
    changed: set[tuple[str, str]], project: str, name: str, schedule: Mapping[str, object]
) -> bool:
    parts = {(kind, str(schedule.get(column))) for column, kind in NAMED_BY.items()}
    return bool(changed & (parts | {("project", project), ("schedule", name)}))


def _mistaken(path: Path, mistakes: Mistakes) -> Failure:
    count = len(mistakes.found) + mistakes.more
    failure = Failure(
        "book_mistakes",
        N_("{path} has {count} mistakes; nothing was changed."),
        N_("Correct them and import it again; --dry-run only looks."),
        path=path,
        count=count,
        mistakes=mistakes,
    )
    failure.details["mistakes"] = [
        {
            "sheet": one.sheet,
            "row": one.row,
            "column": one.column,
            "message": one.message.format(**one.values),
        }
        for one in mistakes.found
    ]
    return failure
