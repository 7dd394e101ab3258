"""Taking a push in: one transaction, all of it or nothing, each action once (law 3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from radar_core.actions import Action, touches
from radar_server.binding import bind_tags, misfits
from radar_server.bulk import insert
from radar_server.devices import Device, note_sync
from radar_server.envelope import REASONS, Refusal, Sender, judge
from radar_server.folding import fold_new
from radar_server.heads import Head, lock_heads, store_heads
from radar_server.reference import KEY_CHARS_MAX, key_of
from radar_server.scope import scope_of
from radar_server.streams import (
    Fork,
    Gap,
    Page,
    advance,
    fresh_stream,
    lock_stream,
    place,
    read_stream,
)
from radar_server.tables import ActionRow, QuarantineRow, TouchRow


@dataclass(frozen=True, slots=True)
class Stored:
    """What a push added: so many actions accepted, and so many kept in quarantine."""

    accepted: int
    refused: int


def ingest(connection: Connection, page: Page, device: Device, now_ms: int) -> Stored | Gap | Fork:
    """Store what of a page is new, in the transaction under way; nothing unless it fits."""
    push = page.push
    fresh = fresh_stream(push.epoch, device.id, device.public_key)
    stream = read_stream(connection, push.epoch, lock=True)
    if stream is None and isinstance(place(connection, page, fresh), int) and push.lines:
        stream = lock_stream(connection, push, device.public_key, now_ms)
    known = place(connection, page, stream or fresh)
    if not isinstance(known, int):
        return known
    if known == len(push.lines):
        return Stored(0, 0)
    sender = Sender(device.staff, scope_of(connection, device.staff), device.revoked)
    accepted, refused = _sort(connection, page, known, sender)
    _store_accepted(connection, page, accepted, now_ms)
    _store_refused(connection, page, refused, now_ms)
    advance(connection, page)
    if page.is_last:
        note_sync(connection, device.id, now_ms)
    return Stored(len(accepted), len(refused))


def _sort(
    connection: Connection, page: Page, known: int, sender: Sender
) -> tuple[list[Action], dict[int, Refusal]]:
    """Part the new lines into actions and, by number, those to be kept in quarantine."""
    push, refused = page.push, dict[int, Refusal]()
    accepted: list[Action] = []
    for seq, line in enumerate(push.lines[known:], push.first + known):
        judged = judge(push.epoch, seq, line, sender)
        if isinstance(judged, Refusal):
            refused[seq] = judged
        else:
            accepted.append(judged)
    codes = misfits(connection, accepted)
    for action in accepted:
        if action.seq in codes:
            refused[action.seq] = Refusal(codes[action.seq], action.project)
    return [action for action in accepted if action.seq not in codes], refused


def _store_accepted(
    connection: Connection, page: Page, actions: Sequence[Action], now_ms: int
) -> None:
    """Give the actions their positions, the heads being locked last; then fold what they touch."""
    by_project: dict[str, list[Action]] = {}
    for action in actions:
        by_project.setdefault(action.project, []).append(action)
    heads = lock_heads(connection, by_project)
    insert(connection, ActionRow, _action_rows(page, actions, heads, now_ms))
    insert(connection, TouchRow, _touch_rows(actions))
    bind_tags(connection, heads, actions)
    for project, theirs in sorted(by_project.items()):
        fold_new(connection, project, theirs)
    store_heads(connection, heads)


def _action_rows(
    page: Page, actions: Iterable[Action], heads: Mapping[str, Head], now_ms: int
) -> list[tuple[object, ...]]:
    push, rows = page.push, list[tuple[object, ...]]()
    for action in actions:
        line = push.lines[action.seq - push.first]
        head = heads[action.project]
        head.holding.add("action", action.epoch, line)
        rows.append(
            (
                action.project,
                head.next(),
                action.epoch,
                action.seq,
                action.hlc,
                action.staff,
                action.kind,
                page.hash_at(action.seq),
                line,
                now_ms,
                "unanchored",
                int(action.hlc[:12], 16),
                -1,
            )
        )
    return rows


def _touch_rows(actions: Iterable[Action]) -> list[tuple[object, ...]]:
    keys, rows = dict[str, str](), list[tuple[object, ...]]()
    for action in actions:
        project, hlc, epoch, seq = action.project, action.hlc, action.epoch, action.seq
        for ref in touches(action):
            # Most of a page is about the same few things.
            key = keys.get(ref) or keys.setdefault(ref, key_of(ref))
            rows.append((project, key, hlc, epoch, seq))
    return rows


def _store_refused(
    connection: Connection, page: Page, refused: Mapping[int, Refusal], now_ms: int
) -> None:
    push = page.push
    rows = [
        (
            push.epoch,
            seq,
            _shown(refusal.project),
            refusal.code,
            REASONS[refusal.code],
            page.hash_at(seq),
            push.lines[seq - push.first].encode(),
            now_ms,
            "kept",
            None,
            "",
            "",
        )
        for seq, refusal in refused.items()
    ]
    insert(connection, QuarantineRow, rows)


def _shown(project: str) -> str:
    """Return a project's id as an action claims it, if it can be one at all."""
    return project if project.isprintable() and len(project) <= KEY_CHARS_MAX else ""
