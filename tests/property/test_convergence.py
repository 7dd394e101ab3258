"""Real replicas that hold the same actions hold the same state, whatever came when (law 5)."""

import copy
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from commands.answer import answer
from commands.done import done
from commands.note import note
from commands.scan import scan
from commands.start import start
from radar_core.actions import Action, read_line
from radar_core.failures import Failure
from radar_core.jsontext import decode_object, encode
from radar_core.tasks import Task
from radar_core.tracking import fold
from sync.exchange import Reply
from sync.journal import count_unsent
from sync.outbox import verify
from tests.paper_centre import PaperCentre
from tests.phones import (
    DAY,
    DAY_S,
    FOREIGN,
    LIFT,
    PUMP,
    Handset,
    code,
    new_phone,
    site_centre,
)

MEMORY = Path("/dev/shm")
"""Where there is one: this is not about the disk, and thousands of flushes take their time."""
STAFF = ("G1", "G2", "E1")
TAGS = [code(name) for name in ("GATE", "LOBBY", "PU1", "ATTIC")] + [FOREIGN]
JUMPS_S = [60, 3 * 3600, -3600]
KINDS = ("start", "hold", "resume", "complete", "end_early", "note")

Deed = Callable[[Handset, PaperCentre], object]


def _sync(phone: Handset, centre: PaperCentre) -> None:
    phone.sync(centre.post)


def _lost(phone: Handset, centre: PaperCentre) -> None:
    """Sync so that the centre takes the page in and its answer never arrives."""

    def post(body: bytes) -> Reply:
        centre.post(body)
        raise Failure("unreachable", "")

    phone.sync(post)


def _scan(tag: str) -> Deed:
    return lambda phone, _: scan(phone.phone, tag)


def _work(verb: Callable[..., object], *words: str) -> Deed:
    return lambda phone, _: verb(phone.phone, *words)


def _jump(seconds: int) -> Deed:
    return lambda phone, _: phone.world.step(seconds)


def _write(kind: str) -> Deed:
    """Record what no verb does yet, or would not do in this state, as a later version may."""

    def deed(phone: Handset, _: PaperCentre) -> None:
        with phone.phone.transaction():
            phone.phone.write(kind, DAY, "HV", {"task": DAY}, phone.world.moment())

    return deed


deeds: st.SearchStrategy[Deed] = st.one_of(
    st.sampled_from([_sync, _sync, _lost]),
    st.sampled_from(KINDS).map(_write),
    st.sampled_from(TAGS).map(_scan),
    st.sampled_from(JUMPS_S).map(_jump),
    st.sampled_from(
        [
            _work(start, DAY),
            _work(start, LIFT),
            _work(done, LIFT),
            _work(answer, PUMP, "leak", "no"),
            _work(note, "GATE", "hello"),
        ]
    ),
)


@settings(max_examples=80)
@given(
    st.tuples(*(st.sampled_from([0, 0, 3 * DAY_S, -3 * DAY_S]) for _ in STAFF)),
    st.lists(st.tuples(st.integers(0, len(STAFF) - 1), deeds), min_size=12, max_size=40),
)
def test_law_05_convergence_every_phone_ends_with_the_fold_of_all_actions(
    wrong_s: tuple[int, ...], shift: list[tuple[int, Deed]]
) -> None:
    with TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        centre = copy.deepcopy(_BOOK)
        phones = [new_phone(Path(folder), centre, staff) for staff in STAFF]
        for phone, seconds in zip(phones, wrong_s, strict=True):
            phone.world.step(seconds)
        for number, deed in shift:
            try:
                deed(phones[number], centre)
            except Failure:
                continue  # not permitted, not complete, no answer: nothing happened
        for phone in [*phones, *phones]:
            assert phone.sync(centre.post).healed == []
        for phone in phones:
            _check(phone, centre)


_BOOK = site_centre()


def _check(phone: Handset, centre: PaperCentre) -> None:
    journal = phone.phone.journal
    actions = [
        read_line(epoch, line) for epoch, stream in centre.streams.items() for line in stream.lines
    ]
    rows = journal.connection.execute("SELECT state, body, progress FROM task").fetchall()
    assert rows
    for state, body, progress in rows:
        task = Task(decode_object(body))
        expected = fold(task, [action for action in actions if _is_on(action, task.id)])
        assert state == expected.state
        kept = decode_object(progress)
        assert kept == decode_object(encode(expected.body())) or (kept == {} and not state)
    held = journal.connection.execute("SELECT epoch, line FROM action").fetchall()
    assert sorted(held) == sorted(
        (epoch, line) for epoch, stream in centre.streams.items() for line in stream.lines
    )
    count, total = centre.digest("HV")
    cursor = journal.connection.execute("SELECT count, sum FROM cursor").fetchall()
    assert cursor == [(count, str(total))]
    assert count_unsent(journal) == 0
    assert verify(journal)[1] == ""


def _is_on(action: Action, task: str) -> bool:
    return action.body.get("task") == task
