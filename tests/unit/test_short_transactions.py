"""Who records something never waits for more of a sync than one entry of its news."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from commands.note import note
from commands.projection import projection
from commands.scan import scan
from sync.exchange import Post, Reply, exchange
from sync.feed import Changes
from sync.journal import count_unsent
from sync.protocol import News, read_push, write_answer
from tests.paper_centre import PaperCentre
from tests.phones import DAY, SWEEP, Handset, code, new_phone

NOTES = 3


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G1")


@pytest.fixture
def colleague(tmp_path: Path, centre: PaperCentre, guard: Handset) -> Handset:
    """Somebody whose notes the guard, who was here before, has not read yet."""
    assert guard.phone.staff == "G1"
    other = new_phone(tmp_path, centre, "G2")
    for number in range(NOTES):
        note(other.phone, "GATE", f"Note {number}")
    other.sync(centre.post)
    return other


def in_entries(centre: PaperCentre) -> Post:
    """Answer as a centre does whose entries have one action each."""

    def post(body: bytes) -> Reply:
        push = read_push(body)
        answer = centre.answer(push)
        news: list[News] = []
        for one in answer.news:
            at = {(item.name, item.text): item.pos for item in centre.items[one.project]}
            news += [
                replace(one, pos=at[action], more=True, records=(), actions=[action])
                for action in one.actions[:-1]
            ]
            news.append(replace(one, actions=one.actions[-1:]))
        written = write_answer(replace(answer, news=news), centre.shown(push))
        return Reply(200, written, len(body), len(written))

    return post


def sync(guard: Handset, post: Post, meanwhile: Callable[[Changes], object]) -> None:
    """Sync a phone, and do something as each part is stored, before that is committed."""
    journal = guard.phone.journal
    real = projection(journal, guard.world.wall_ms // 1000)

    def project(changes: Changes) -> None:
        real(changes)
        meanwhile(changes)

    exchange(
        journal,
        guard.keys,
        post,
        guard.world.moment,
        project,
        randomness=guard.world.randomness,
    )


def theirs(database: str) -> int:
    """Return how many actions of others are committed."""
    connection = sqlite3.connect(database)
    try:
        (count,) = connection.execute("SELECT count(*) FROM action WHERE hash IS NULL").fetchone()
    finally:
        connection.close()
    return int(count)


@pytest.mark.usefixtures("colleague")
def test_an_entry_is_committed_before_the_next_is_begun(
    guard: Handset, centre: PaperCentre
) -> None:
    seen: list[int] = []
    sync(guard, in_entries(centre), lambda _: seen.append(theirs(guard.phone.journal.path)))
    assert seen == [0, *range(NOTES)], "the receipt first, then an action each time"
    assert theirs(guard.phone.journal.path) == NOTES
    assert guard.sync(centre.post).round_trips == 1


@pytest.mark.usefixtures("colleague")
@pytest.mark.parametrize("cut", range(NOTES + 1))
def test_law_05_a_phone_that_dies_between_two_entries_goes_on_where_it_was(
    guard: Handset, centre: PaperCentre, cut: int
) -> None:
    scan(guard.phone, code("GATE"))
    left = [cut]

    def die(_: Changes) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(guard, in_entries(centre), die)
    assert theirs(guard.phone.journal.path) == max(0, cut - 1)
    report = guard.sync(centre.post)
    assert (report.healed, count_unsent(guard.phone.journal)) == ([], 0)
    assert theirs(guard.phone.journal.path) == NOTES


@pytest.mark.usefixtures("colleague")
def test_news_that_count_less_than_another_sync_heard_of_are_passed_over(
    guard: Handset, centre: PaperCentre
) -> None:
    scan(guard.phone, code("GATE"))

    def die(changes: Changes) -> None:
        if changes.refs:
            raise KeyboardInterrupt

    def late(body: bytes) -> Reply:
        """Answer, and let another process of this phone get a receipt for more, and no further."""
        reply = centre.post(body)
        other = Handset(guard.world, guard.keys)
        note(other.phone, "GATE", "Meanwhile")
        with pytest.raises(KeyboardInterrupt):
            sync(other, centre.post, die)
        return reply

    report = guard.sync(late)
    assert (report.healed, theirs(guard.phone.journal.path)) == ([], 0)
    report = guard.sync(centre.post)
    assert (report.healed, theirs(guard.phone.journal.path)) == ([], NOTES)


@pytest.mark.parametrize(("kind", "anew"), [("tag", False), ("place", False), ("schedule", True)])
def test_tasks_are_unrolled_anew_only_for_what_they_are_made_of(
    guard: Handset, centre: PaperCentre, *, kind: str, anew: bool
) -> None:
    execute = guard.phone.journal.connection.execute
    execute("DELETE FROM task WHERE id = ?", (SWEEP,))
    name, body = next((one.name, one.text) for one in centre.items["HV"] if one.kind == kind)
    assert body is not None
    centre.put("HV", kind, name, json.loads(body) | {"more": 1})
    guard.sync(centre.post)
    kept = {row[0] for row in execute("SELECT id FROM task")}
    assert DAY in kept
    assert (SWEEP in kept) is anew
