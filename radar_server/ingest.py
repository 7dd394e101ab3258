"""Taking a push in: one transaction, all of it or nothing, each action once (law 3)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from radar_server.binding import bind_tags, misfits
from radar_server.book import BADGE
from radar_server.bulk import insert
from radar_server.clocks import grade_new
from radar_server.devices import Device, note_sync
from radar_server.doors import Rights, beside_of
from radar_server.envelope import ALREADY_HELD, NOT_SIGNED_IN, OUT_OF_SCOPE, REASONS, Refusal
from radar_server.folding import fold_new
from radar_server.heads import Head, lock_heads, store_heads
from radar_server.keeping import seal_late
from radar_server.prepared import Pushed, Ready, prepare
from radar_server.records import read_records
from radar_server.reference import KEY_CHARS_MAX
from radar_server.repeats import renew_touched
from radar_server.signing_in import Watch, carried_over
from radar_server.streams import (
    Fork,
    Gap,
    Page,
    Stream,
    advance,
    fresh_stream,
    lock_stream,
    lock_streams,
    place,
)
from radar_server.tables import ActionRow, QuarantineRow, TouchRow
from radar_server.twins import Id, Lines, note_moved, twins_among


@dataclass(frozen=True, slots=True)
class Stored:
    """What a push added: so many actions accepted, and so many kept in quarantine."""

    accepted: int
    refused: int


Outcome = Stored | Gap | Fork


@dataclass(frozen=True, slots=True)
class _New:
    """A push that fits, how many of its first lines are held, and who is signed in after those."""

    pushed: Pushed
    known: int
    signed_in: str

    @property
    def lines(self) -> Lines:
        """The lines that are new."""
        push, since = self.pushed.page.push, self.pushed.page.push.first + self.known
        moved = {seq: origin for seq, origin in self.pushed.moved.items() if seq >= since}
        lines = dict(enumerate(push.lines[self.known :], since))
        return Lines(push.device, push.epoch, lines, moved)


def ingest(connection: Connection, page: Page, device: Device, now_ms: int) -> Outcome:
    """Store what of a page is new, in the transaction under way; nothing unless it fits."""
    return ingest_all(connection, [prepare(device, page)], now_ms)[0]


def ingest_all(connection: Connection, pushes: Sequence[Pushed], now_ms: int) -> list[Outcome]:
    """Store what is new of each push that fits, in the transaction under way.

    The pushes are of different epochs. What they cost is mostly shared: they lock their streams in
    the order of their names and their heads in the order of theirs, so that no two processes wait
    for each other, and all their rows go in at once.
    """
    placed = _place_all(connection, pushes, now_ms)
    fresh = [
        _New(pushed, known, signed_in)
        for pushed, (known, signed_in) in zip(pushes, placed, strict=True)
        if isinstance(known, int) and known < len(pushed.page.push.lines)
    ]
    lines = [new.lines for new in fresh]
    twins = twins_among(connection, lines) if lines else set[Id]()
    watches = _watch(connection, fresh)
    accepted, refused = _sort(connection, fresh, twins, watches)
    pages = {new.pushed.page.push.epoch: new.pushed.page for new in fresh}
    grades = grade_new(
        connection,
        [page.push for page in pages.values()],
        [(one.action, one.told_ms) for one in accepted],
        now_ms,
    )
    for one, grade in zip(accepted, grades, strict=True):
        one.grade = grade
    store_accepted(connection, accepted, now_ms)
    _store_refused(connection, pages, refused, now_ms)
    note_moved(connection, lines, twins)
    advance(connection, pages.values(), {epoch: one.who for epoch, one in watches.items()})
    done = [new.pushed.device for new in fresh if new.pushed.page.is_last]
    note_sync(connection, done, now_ms)
    kept = Counter(epoch for epoch, _ in refused)
    taken = Counter(one.action.epoch for one in accepted)
    return [
        Stored(taken[pushed.page.push.epoch], kept[pushed.page.push.epoch])
        if isinstance(known, int)
        else known
        for pushed, (known, _) in zip(pushes, placed, strict=True)
    ]


def _place_all(
    connection: Connection, pushes: Sequence[Pushed], now_ms: int
) -> list[tuple[int | Gap | Fork, str]]:
    """Lock the streams of pushes; return where each fits onto its own, and who is signed in."""
    epochs = {pushed.page.push.epoch for pushed in pushes}
    # Beside their own those that lines were moved out of: a twin may be coming in there.
    out_of = {origin.epoch for pushed in pushes for origin in pushed.moved.values()}
    held = lock_streams(connection, epochs | out_of)
    placed: dict[str, tuple[int | Gap | Fork, str]] = {}
    for pushed in sorted(pushes, key=lambda pushed: pushed.page.push.epoch):
        page, device = pushed.page, pushed.device
        epoch = page.push.epoch
        assert epoch not in placed, "two pushes of one epoch go in one after the other"
        fresh = fresh_stream(epoch, device.id, device.public_key)
        stream = held.get(epoch)
        if stream is None and isinstance(place(connection, page, fresh), int) and page.push.lines:
            stream = _begin(connection, pushed, now_ms)
        stream = stream or fresh
        placed[epoch] = (place(connection, page, stream), stream.signed_in)
    return [placed[pushed.page.push.epoch] for pushed in pushes]


def _begin(connection: Connection, pushed: Pushed, now_ms: int) -> Stream:
    """Return the locked stream of an epoch that is new, or was until just now."""
    push, device = pushed.page.push, pushed.device
    who = carried_over(connection, device.id, push.parent) if device.is_shared else ""
    return lock_stream(connection, push, device.public_key, now_ms, who)


def _watch(connection: Connection, fresh: Sequence[_New]) -> dict[str, Watch]:
    """Return, for each epoch of a shared phone, the watch over who is signed in."""
    shared = [new for new in fresh if new.pushed.device.is_shared]
    if not shared:
        return {}
    people = {one.action.staff for new in shared for one in new.pushed.ready}
    projects = {project for new in shared for project in new.pushed.device.projects}
    badges = read_records(connection, projects, BADGE, people)
    return {
        new.pushed.page.push.epoch: Watch(new.pushed.page, new.pushed.moved, badges, new.signed_in)
        for new in shared
    }


def _sort(
    connection: Connection,
    fresh: Sequence[_New],
    twins: Collection[Id],
    watches: Mapping[str, Watch],
) -> tuple[list[Ready], dict[tuple[str, int], Refusal]]:
    """Part the new lines into actions and, by epoch and number, those for the quarantine."""
    rights = Rights(connection, {staff for new in fresh for staff, _, _ in new.pushed.claims})
    refused: dict[tuple[str, int], Refusal] = {}
    accepted: list[Ready] = []
    for new in fresh:
        pushed, push = new.pushed, new.pushed.page.push
        watch = watches.get(push.epoch)
        plain = new.known == 0 and not twins and len(pushed.ready) == len(pushed.judged)
        if plain and watch is None and rights.takes(pushed.claims):
            accepted += pushed.ready
            continue
        for seq, judged in _judge_again(new, twins, rights, watch):
            if isinstance(judged, Refusal):
                refused[push.epoch, seq] = judged
            else:
                accepted.append(judged)
    codes = misfits(connection, (one.action for one in accepted))
    if not codes:
        return accepted, refused
    for one in accepted:
        action = one.action
        if action.id in codes:
            refused[action.epoch, action.seq] = Refusal(codes[action.id], action.project)
    return [one for one in accepted if one.action.id not in codes], refused


def _judge_again(
    new: _New, twins: Collection[Id], rights: Rights, watch: Watch | None
) -> Iterator[tuple[int, Ready | Refusal]]:
    """Yield the number of each new line with its action, or with why it is kept in quarantine."""
    pushed, push = new.pushed, new.pushed.page.push
    beside = beside_of(one.action for one in pushed.ready)
    for seq, judged in enumerate(pushed.judged[new.known :], push.first + new.known):
        twin = (push.epoch, seq) in twins
        if isinstance(judged, Refusal):
            yield seq, Refusal(ALREADY_HELD, judged.project) if twin else judged
            continue
        action = judged.action
        code = ALREADY_HELD if twin else rights.refusal_of(action, beside)
        if pushed.device.misses(action.project):
            code = code or OUT_OF_SCOPE
        if watch is not None and not watch.counts(seq, judged.line, action, fits=not code):
            code = code or NOT_SIGNED_IN
        yield seq, Refusal(code, action.project) if code else judged


def store_accepted(connection: Connection, accepted: Sequence[Ready], now_ms: int) -> None:
    """Give the actions their positions, the heads being locked last; then fold what they touch."""
    seal_late(connection, accepted, now_ms)
    by_project: dict[str, list[Ready]] = {}
    for one in accepted:
        by_project.setdefault(one.action.project, []).append(one)
    heads = lock_heads(connection, by_project)
    insert(connection, ActionRow, _action_rows(by_project, heads, now_ms))
    insert(connection, TouchRow, _touch_rows(by_project))
    bind_tags(connection, heads, [one.action for one in accepted])
    for project, theirs in sorted(by_project.items()):
        actions = [one.action for one in theirs]
        fold_new(connection, project, actions)
        renew_touched(connection, project, actions)
    store_heads(connection, heads)


def _action_rows(
    by_project: Mapping[str, Sequence[Ready]], heads: Mapping[str, Head], now_ms: int
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for project, theirs in by_project.items():
        before = heads[project].grow([one.digest for one in theirs])
        for pos, one in enumerate(theirs, before + 1):
            action = one.action
            rows.append(
                (
                    project,
                    pos,
                    action.epoch,
                    action.seq,
                    action.hlc,
                    action.staff,
                    action.kind,
                    one.hash,
                    one.line,
                    now_ms,
                    one.grade.grade,
                    one.grade.at_ms,
                    one.grade.error_ms,
                )
            )
    return rows


def _touch_rows(by_project: Mapping[str, Sequence[Ready]]) -> list[tuple[object, ...]]:
    """Return the rows in the order of their keys, in which a database takes them in quickest."""
    rows: list[tuple[object, ...]] = []
    for project, theirs in by_project.items():
        about: dict[str, list[tuple[object, ...]]] = {}
        for one in theirs:
            action = one.action
            hlc, epoch, seq = action.hlc, action.epoch, action.seq
            for key in one.keys:
                row = (project, key, hlc, epoch, seq)
                if key in about:
                    about[key].append(row)
                else:
                    about[key] = [row]
        for key in sorted(about):
            rows += about[key]
    return rows


def _store_refused(
    connection: Connection,
    pages: Mapping[str, Page],
    refused: Mapping[tuple[str, int], Refusal],
    now_ms: int,
) -> None:
    rows = [
        (
            epoch,
            seq,
            _shown(refusal.project),
            refusal.code,
            REASONS[refusal.code],
            pages[epoch].hash_at(seq),
            pages[epoch].push.lines[seq - pages[epoch].push.first].encode(),
            now_ms,
            *(("rejected", now_ms) if refusal.code == ALREADY_HELD else ("kept", None)),
            "",
            "",
        )
        for (epoch, seq), refusal in refused.items()
    ]
    insert(connection, QuarantineRow, rows)


def _shown(project: str) -> str:
    """Return a project's id as an action claims it, if it can be one at all."""
    return project if project.isprintable() and len(project) <= KEY_CHARS_MAX else ""
