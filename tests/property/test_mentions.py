"""Other people's actions are found by what they touch, however pages cut and repeat them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from radar_core.actions import Action, Draft, Moment, touches, write_line
from sync.anchoring import Trip
from sync.clock import stamp
from sync.feed import Changes, apply_answer, cursors, drop_project
from sync.lines import read_action
from sync.protocol import Answer, News, Receipt
from sync.replica import Identity, create_replica
from sync.touching import actions_on

NOON_MS = 1_795_406_400_000
NOW = Moment("2026-11-23T10:00:00+08:00", NOON_MS, "b007", 1)
WHO = Identity("D1", "G1", "http://127.0.0.1:9", "C0", "00" * 32)
EPOCHS, SEQS, TASKS = ("E2", "E3"), 9, 4
Named = tuple[str, int]


def line(named: Named) -> str:
    """Return the line of an action; the same name has the same line, as in the centre's log."""
    epoch, seq = named
    number = seq * len(EPOCHS) + EPOCHS.index(epoch)
    body = {"task": f"T{number % TASKS}", "tag": f"Q{seq % 3}"}
    project = f"P{number % TASKS % 2}"
    draft = Draft(staff="G2", project=project, kind="note", subject="tag:Q", body=body)
    return write_line(seq, stamp(NOON_MS + number * 37 % 11, 0), NOW, draft)


def read(named: Named) -> Action:
    return read_action(named[0], line(named))


def orders(actions: Iterable[Action]) -> list[tuple[str, str, int]]:
    return [action.order for action in actions]


def touching(names: set[Named]) -> dict[str, list[tuple[str, str, int]]]:
    """Return, for each reference, where the actions that touch it stand in the fold."""
    actions = [read(named) for named in names]
    return {ref: sorted(orders(a for a in actions if ref in touches(a))) for ref in REFS}


names = st.tuples(st.sampled_from(EPOCHS), st.integers(1, SEQS))
pages = st.lists(st.lists(names, max_size=12), max_size=6)
REFS = ["staff:G2", *(f"task:T{n}" for n in range(TASKS)), *(f"tag:Q{n}" for n in range(3))]


@given(pages)
def test_what_pages_bring_is_found_by_what_it_touches(brought: Sequence[Sequence[Named]]) -> None:
    held: set[Named] = set()
    with TemporaryDirectory() as folder:
        journal = create_replica(Path(folder, "phone.db"), WHO, "E1", bytes(32))
        for page in brought:
            at = cursors(journal)
            news = [
                News(
                    project,
                    at.get(project, 0) + 1,
                    True,  # noqa: FBT003 - more is to come, so that the digest is not looked at
                    0,
                    0,
                    (),
                    [(n[0], line(n)) for n in page if read(n).project == project],
                )
                for project in ("P0", "P1")
            ]
            receipt = Receipt("D1", "E1", 0, b"", "", b"")
            answer = Answer("C0", receipt, news=news, now_ms=NOON_MS)
            told: list[Changes] = []

            def hear(changes: Changes, told: list[Changes] = told) -> None:
                told.append(changes)
                for ref, lines in changes.whole.items():
                    expected = orders(actions_on(journal, [ref])[ref])
                    assert sorted(orders(read_action(*one) for one in lines)) == expected

            apply_answer(journal, answer, at, Trip(NOW, NOW), hear)
            held |= set(page)
            refs = frozenset[str]().union(*(changes.refs for changes in told))
            assert refs == {ref for named in page for ref in touches(read(named))}
            expected = touching(held)
            found = actions_on(journal, REFS)
            assert {ref: orders(found[ref]) for ref in REFS} == expected
        drop_project(journal, "P0")
        found = actions_on(journal, REFS)
        kept = {named for named in held if read(named).project == "P1"}
        assert {ref: orders(found[ref]) for ref in REFS} == touching(kept)
        journal.connection.close()
