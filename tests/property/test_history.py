"""The newest actions on a reference, read page by page, are those that reading all gives."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from commands.history import latest_on
from radar_core.actions import Draft, Moment, write_line
from sync.clock import stamp
from sync.journal import Journal
from sync.replica import Identity, create_replica
from sync.schema import ACTIONS_ON

REF = "place:P"
actions = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.integers(0, 60), st.integers(0, 3)), max_size=40
)
"""Epoch, second and page of each; the number of an action is its place in its epoch."""


def fill(journal: Journal, made: list[tuple[str, int, int]]) -> None:
    """Put actions into a replica: those of epoch A as its own, the others by page."""
    execute = journal.connection.execute
    pages: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for seq, (epoch, second, page) in enumerate(made, 1):
        hlc = stamp(second * 1000, 0)
        draft = Draft(staff="G1", project="HV", kind="note", subject="", body={"place": "P"})
        line = write_line(seq, hlc, Moment("", 0, "", 0), draft)
        execute("INSERT INTO action VALUES (?, ?, ?, 'HV', NULL, ?)", (epoch, seq, hlc, line))
        if epoch == "A":
            execute("INSERT INTO touch VALUES (?, ?, ?, ?)", (REF, hlc, epoch, seq))
        else:
            pages.setdefault((epoch, page), []).append((hlc, seq))
    for (epoch, _), held in pages.items():
        seqs = [seq for _, seq in held]
        row = (REF, "HV", epoch, min(seqs), max(hlc for hlc, _ in held), json.dumps(seqs))
        execute("INSERT INTO mention VALUES (?, ?, ?, ?, ?, ?)", row)


@given(actions, st.integers(1, 12))
def test_the_newest_are_found_without_opening_older_pages(
    made: list[tuple[str, int, int]], most: int
) -> None:
    with TemporaryDirectory() as folder:
        identity = Identity("D", "G1", "http://centre", "C", "00" * 32)
        journal = create_replica(Path(folder) / "phone.db", identity, "A", bytes(32))
        with journal.transaction():
            fill(journal, made)
        wanted = journal.connection.execute(
            f"SELECT epoch, seq FROM ({ACTIONS_ON} ORDER BY hlc DESC, epoch DESC, seq DESC"
            " LIMIT ?2)".replace("SELECT epoch, line", "SELECT epoch, seq, line", 1),
            (REF, most),
        ).fetchall()
        found = [(action.epoch, action.seq) for action in latest_on(journal, REF, most)]
        journal.connection.close()
    assert found == wanted
