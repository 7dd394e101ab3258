"""In a world with a true time, an anchored action's interval holds it (law 10)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from radar_core.actions import END_MS, Action, wall_ms
from sync.clock import stamp
from sync.grading import (
    ANCHORED,
    DRIFT_PPM,
    MOVED,
    MOVED_MS,
    REQUEST_MS,
    UNANCHORED,
    UNKNOWN,
    Anchor,
    Grade,
    Sight,
    grade_all,
    look,
    told_by,
)
from sync.protocol import Clock

START_MS = 1_772_409_600_000
DAY_MS = 86_400_000
TENTHS = 10_000
"""Clocks of the simulated world go wrong by whole parts in so many, as the grading allows."""

gaps = st.integers(0, 3 * DAY_MS)
delays = st.integers(0, REQUEST_MS // 2)
numbers = st.integers(0, 2**63 - 1)


@dataclass(frozen=True)
class Boot:
    """A boot at `born_ms` whose monotonic clock goes wrong by `ppm`."""

    born_ms: int
    ppm: int

    def mono(self, true_ms: int) -> int:
        return (true_ms - self.born_ms) * (1_000_000 + self.ppm) // 1_000_000


boots = st.builds(Boot, st.integers(START_MS - 30 * DAY_MS, START_MS), st.integers(-99, 99))


def wall(at_ms: int) -> str:
    at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms)
    return at.isoformat(timespec="milliseconds")


def action(seq: int, told: str, mono_ms: int, boot: str = "b") -> Action:
    fields: dict[str, object] = {"seq": seq, "hlc": stamp(START_MS, 0), "wall": told}
    fields |= {"boot": boot, "mono_ms": mono_ms, "staff": "G1", "project": "HV", "kind": "note"}
    return Action("E1", fields | {"subject": "", "body": {}})


def graded(actions: Sequence[Action], sight: Sight | None) -> list[Grade]:
    return list(grade_all(zip(actions, told_by(actions), strict=True), sight))


def times(spans: list[int]) -> list[int]:
    """Return the true times of what happens one after the other."""
    found = [START_MS]
    for span in spans:
        found.append(found[-1] + span)
    return found[1:]


@given(boots, st.lists(gaps, min_size=1, max_size=12), st.data())
def test_law_10_honest_time_the_true_time_lies_within_the_error(
    boot: Boot, spans: list[int], data: st.DataObject
) -> None:
    """Actions, and in between syncs whose requests and answers take their time."""
    kept: Anchor | None = None
    anchor: tuple[int, int, int] | None = None
    pending: list[tuple[int, Action]] = []
    now_ms, seq = START_MS, 0
    for span in spans:
        now_ms += span
        seq += 1
        pending.append((now_ms, action(seq, wall(now_ms), boot.mono(now_ms))))
        if data.draw(st.booleans()):
            continue
        sent_ms = now_ms
        clock = Clock("b", boot.mono(sent_ms), anchor)
        received_ms = sent_ms + data.draw(delays)
        now_ms = received_ms + data.draw(delays)
        sight = look(clock, received_ms, kept)
        assert sight is not None
        for (true_ms, _), grade in zip(
            pending, graded([one for _, one in pending], sight), strict=True
        ):
            assert abs(grade.at_ms - true_ms) <= grade.error_ms
            assert grade.grade == ANCHORED
        kept = sight.to_keep() or kept
        pending = []
        if data.draw(st.booleans()):
            anchor = (boot.mono(sent_ms), boot.mono(now_ms), received_ms)


@given(boots, gaps, st.integers(0, 30 * DAY_MS), st.integers(0, REQUEST_MS // 2 - 5))
def test_law_10_honest_time_a_request_that_was_held_up_is_no_worse_for_an_earlier_answer(
    boot: Boot, gap_ms: int, held_ms: int, half_ms: int
) -> None:
    learnt_ms = START_MS
    anchor = (boot.mono(learnt_ms - half_ms), boot.mono(learnt_ms + half_ms), learnt_ms)
    if boot.mono(learnt_ms - half_ms) < 0:
        return
    recorded_ms = learnt_ms + half_ms + gap_ms
    mono_ms = boot.mono(recorded_ms)
    sight = look(Clock("b", mono_ms, anchor), recorded_ms + held_ms, None)
    (grade,) = graded([action(1, wall(recorded_ms), mono_ms)], sight)
    assert abs(grade.at_ms - recorded_ms) <= grade.error_ms


@given(boots, st.lists(st.tuples(gaps, st.integers(-DAY_MS, DAY_MS)), min_size=1, max_size=8))
def test_law_10_honest_time_a_wall_clock_that_was_set_is_told_when_and_only_when_it_was(
    boot: Boot, steps: list[tuple[int, int]]
) -> None:
    """With the threshold between: a wall right to a second below, the allowed error above."""
    true = times([span for span, _ in steps])
    offs = [off for _, off in steps]
    actions = [
        action(seq, wall(at_ms + off), boot.mono(at_ms))
        for seq, (at_ms, off) in enumerate(zip(true, offs, strict=True), 1)
    ]
    end_ms = true[-1]
    mono_ms = boot.mono(end_ms)
    clock = Clock("b", mono_ms, (mono_ms, mono_ms, end_ms))
    grades = graded(actions, look(clock, end_ms, None))
    leaps = [0, *(two - one for one, two in pairwise(offs))]
    spans = [0, *(two - one for one, two in pairwise(true))]
    for grade, off, leap, span in zip(grades, offs, leaps, spans, strict=True):
        unsure = grade.error_ms + span * 3 * DRIFT_PPM // 1_000_000 + 2
        if abs(off) > MOVED_MS + 2 * grade.error_ms or abs(leap) > MOVED_MS + unsure:
            assert grade.grade == MOVED
        if abs(off) <= MOVED_MS and abs(leap) <= MOVED_MS - unsure:
            assert grade.grade == ANCHORED


@given(st.lists(st.integers(0, DAY_MS), min_size=2, max_size=8), st.integers(-DAY_MS, DAY_MS))
def test_in_a_boot_that_nobody_knows_a_set_clock_is_told_by_its_leap(
    spans: list[int], off: int
) -> None:
    true = times(spans)
    middle = len(true) // 2
    actions = [
        action(seq, wall(at_ms + (off if seq > middle else 0)), at_ms - START_MS, "old")
        for seq, at_ms in enumerate(true, 1)
    ]
    span_ms = true[middle] - true[middle - 1]
    grades = graded(actions, look(Clock("b", 5), true[-1], None))
    leapt = abs(off) > MOVED_MS + span_ms * DRIFT_PPM // 1_000_000
    for at, grade in enumerate(grades):
        assert grade.grade == (MOVED if at == middle and leapt else UNANCHORED)
        assert grade.error_ms == UNKNOWN
    if leapt:
        assert grades[middle].at_ms == true[middle]


walls = st.integers(0, END_MS - 1).map(wall) | st.text(max_size=30)
clocks = st.builds(
    Clock,
    st.sampled_from(["b", "", "c"]),
    numbers,
    st.none() | st.tuples(numbers, numbers, numbers),
)
kept = st.none() | st.builds(Anchor, numbers, numbers, numbers)


@given(clocks, kept, st.lists(st.tuples(walls, numbers, st.sampled_from(["b", "", "c"]))))
def test_law_10_honest_time_no_clock_however_absurd_stops_anything(
    clock: Clock, kept: Anchor | None, told: list[tuple[str, int, str]]
) -> None:
    sight = look(clock, START_MS, kept)
    actions = [action(seq, *one) for seq, one in enumerate(told, 1)]
    for grade in graded(actions, sight):
        assert 0 <= grade.at_ms < max(END_MS, 1 << 48)
        assert UNKNOWN <= grade.error_ms < 1 << 63
    if sight is not None:
        keep = sight.to_keep()
        assert keep is None or 0 <= keep.mono_ms < 1 << 63 > keep.error_ms


def test_a_boot_without_a_name_is_never_anchored() -> None:
    assert look(Clock("", 5), START_MS, None) is None
    assert look(Clock("\0", 5), START_MS, None) is None
    assert look(Clock("b" * 65, 5), START_MS, None) is None
    nameless = [action(1, wall(START_MS), 0, ""), action(2, wall(START_MS + DAY_MS), 1, "")]
    assert [grade.grade for grade in graded(nameless, None)] == [UNANCHORED] * 2


def test_an_action_after_the_request_that_brings_it_has_no_time() -> None:
    sight = look(Clock("b", 5), START_MS, None)
    (grade,) = graded([action(1, wall(START_MS), 6)], sight)
    assert grade == Grade(UNANCHORED, START_MS, UNKNOWN)


def test_an_anchor_is_kept_until_a_much_better_one_comes() -> None:
    rough = look(Clock("b", 1000), START_MS, None)
    assert rough is not None
    kept = rough.to_keep()
    assert kept is not None
    fine = look(Clock("b", 2000, (1000, 1010, START_MS)), START_MS + 1000, kept)
    assert fine is not None
    better = fine.to_keep()
    assert better == Anchor(1005, START_MS, 7)
    again = look(Clock("b", 3000, (2000, 2008, START_MS + 1000)), START_MS + 2000, better)
    assert again is not None
    assert again.to_keep() is None
    assert better is not None
    wrong = replace(better, at_ms=START_MS + DAY_MS)
    told = look(Clock("b", 3000), START_MS + 2000, wrong)
    assert told is not None
    assert told.to_keep() == Anchor(3000, START_MS + 2000, REQUEST_MS + 2)


def altered(told: str, at: int, character: str) -> str:
    """Return a text with one character changed."""
    return told[:at] + character + told[at + 1 :]


zones = st.sampled_from(["+00:00", "+08:00", "-11:30", "+23:59", "Z", "+24:00"])
at_edges = st.sampled_from([0, DAY_MS - 1, DAY_MS, START_MS, END_MS - DAY_MS, END_MS - 1])
moments = at_edges | st.integers(0, END_MS - 1)
shown = st.builds(lambda at_ms, zone: wall(at_ms)[:23] + zone, moments, zones)
damaged = st.builds(altered, shown, st.integers(0, 28), st.sampled_from("0123456789:.-Tt+Z ٣"))


@given(st.lists(shown | damaged, max_size=20))
def test_law_10_honest_time_many_wall_clocks_are_read_as_each_alone(told: list[str]) -> None:
    actions = [action(seq, one, 0, "") for seq, one in enumerate(told, 1)]
    unread_ms = int(stamp(START_MS, 0)[:12], 16)
    alone = [unread_ms if (at_ms := wall_ms(one)) is None else at_ms for one in told]
    assert [grade.at_ms for grade in graded(actions, None)] == alone
