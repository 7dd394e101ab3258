"""The figures of a month against a slow oracle that goes by the words of docs/figures.md."""

import itertools
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from radar_core import figures
from radar_core.actions import Action
from radar_core.figures import Month, Share, Times, Work
from radar_core.tasks import Progress, Task
from radar_core.tracking import step
from tests.property.test_fold import action_sets, tasks

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Apia", "UTC")
MARCH = Month("2026-03", 100, 200)
NOW_S = 220
STATES = {
    "patrol": ("planned", "due", "in_progress", "done", "done_late", "ended_early", "excused",
               "missed", "unknown"),
    "maintenance": ("open", "assigned", "in_progress", "on_hold", "completed", "verified",
                    "rejected", "cancelled"),
}  # fmt: skip
STATES["cleaning"] = STATES["patrol"]
moments = st.integers(80, 240)
maybe = st.one_of(st.just(0), moments)


@st.composite
def works(draw: st.DrawFn) -> Work:
    kind = draw(st.sampled_from(sorted(STATES)))
    due = draw(moments)
    task = Task({"id": "T", "project": "P", "kind": kind, "due_from": due})
    stands = Progress()
    stands.opened_s = draw(maybe) if kind == "maintenance" else 0
    stands.responded_s, stands.resolved_s = draw(maybe), draw(maybe)
    stands.holds = draw(st.lists(st.tuples(moments, moments).map(list), max_size=3))
    stands.rating, stands.returns = draw(st.integers(-1, 5)), draw(st.integers(0, 2))
    stands.staff, stands.assignee = draw(st.sampled_from("AB")), draw(st.sampled_from(("", "A")))
    return Work(task, stands, draw(st.sampled_from(STATES[kind])), draw(moments), draw(maybe))


def settled(work: Work) -> bool:
    if work.state in ("excused", "cancelled"):
        return False
    ended = ("done", "done_late", "ended_early", "completed", "verified")
    return work.state in ended or work.due_s < NOW_S


def counted(all_of: list[Work], of: list[bool], good: list[bool]) -> Share:
    both = [one and other for one, other in zip(of, good, strict=True)]
    assert len(all_of) == len(of)
    return Share(both.count(True), of.count(True))


@given(st.lists(works(), max_size=12))
def test_shares_are_what_counting_one_by_one_gives(some: list[Work]) -> None:
    of = [settled(work) for work in some]
    on_time, on_line = [], []
    for work in some:
        stands, completed = work.progress, work.state in ("completed", "verified")
        on_time.append(work.state == "done" or (completed and stands.resolved_s <= work.due_s))
        own = not stands.assignee or stands.assignee == stands.staff
        before = stands.responded_s != 0 and stands.responded_s < stands.resolved_s
        recorded = work.state in ("done", "done_late", "ended_early")
        on_line.append(recorded or (completed and own and before))
    assert figures.on_time(some, NOW_S) == counted(some, of, on_time)
    assert figures.on_line(some, NOW_S) == counted(some, of, on_line)


@given(st.lists(works(), max_size=12), st.integers(0, 12))
def test_shares_of_two_parts_add_up_to_the_whole_s(some: list[Work], at: int) -> None:
    for figure in (figures.on_time, figures.on_line, figures.taken_up_on_time):
        assert figure(some[:at], NOW_S) + figure(some[at:], NOW_S) == figure(some, NOW_S)


@given(st.lists(works(), max_size=12))
def test_work_orders_are_taken_up_on_time_or_not_or_it_is_not_decided(some: list[Work]) -> None:
    good, bad = 0, 0
    for work in some:
        answered = work.progress.responded_s or work.progress.resolved_s
        if not work.answer_s or work.state in ("cancelled", "excused"):
            continue
        if answered and answered <= work.answer_s:
            good += 1
        elif answered or work.answer_s < NOW_S:
            bad += 1
    assert figures.taken_up_on_time(some, NOW_S) == Share(good, good + bad)


@given(st.lists(works(), max_size=12))
def test_handling_counts_each_second_that_is_not_on_hold(some: list[Work]) -> None:
    expected = []
    for work in some:
        stands = work.progress
        if (
            work.state in ("completed", "verified")
            and stands.opened_s
            and MARCH.has(stands.resolved_s)
        ):
            spent = range(stands.opened_s, stands.resolved_s)
            held = {at for since, until in stands.holds for at in range(since, until)}
            expected.append(len(set(spent) - held))
    assert figures.handling_s(some, MARCH) == expected


@given(st.lists(works(), max_size=12))
def test_what_was_completed_in_a_month_is_rated_and_done_again_there(some: list[Work]) -> None:
    completed = [
        work.progress
        for work in some
        if work.state in ("completed", "verified")
        and work.progress.opened_s
        and 100 <= work.progress.resolved_s < 200
    ]
    rated = [stands.rating for stands in completed if stands.rating in (1, 2, 3, 4, 5)]
    again = [stands for stands in completed if stands.returns]
    assert figures.stars(some, MARCH) == rated
    assert figures.rework(some, MARCH) == Share(len(again), len(completed))


@given(st.lists(st.integers(0, 10**7), max_size=30))
def test_mean_and_median_are_those_of_the_sorted_durations(durations: list[int]) -> None:
    told = figures.times(durations)
    assert told.count == len(durations)
    if not durations:
        assert told == Times(0, None, None)
        return
    ranks, half = sorted(durations), len(durations) // 2
    middle = ranks[half] if len(ranks) % 2 else (ranks[half - 1] + ranks[half]) / 2
    assert told.median_s is not None
    assert told.mean_s is not None
    assert abs(told.median_s - middle) <= 0.5
    assert abs(told.mean_s - sum(durations) / len(durations)) <= 0.5


@given(st.integers(1, 400), st.integers(1, 400))
def test_a_percentage_says_all_or_none_of_that_alone(one: int, other: int) -> None:
    count, of = min(one, other), max(one, other)
    told = figures.percent(count, of)
    assert (told == "100 %") == (count == of)
    assert figures.percent(0, of) == "0 %"
    assert told != "0 %"
    if told.endswith("%") and told[0].isdigit():
        assert abs(float(told.removesuffix(" %")) - 100 * count / of) <= 0.5


@given(st.sampled_from(ZONES), st.integers(1990, 2037), st.integers(1, 12), st.integers(0, 10**8))
def test_each_moment_lies_in_the_month_that_its_zone_s_calendar_has(
    zone: str, year: int, number: int, ahead: int
) -> None:
    months = figures.months_to(f"{year}-{number:02}", ZoneInfo(zone))
    assert len(months) == figures.MONTHS_SHOWN
    assert months[-1].name == f"{year}-{number:02}"
    for month, following in itertools.pairwise(months):
        assert month.end_s == following.start_s
    at = datetime(year, number, 1, tzinfo=ZoneInfo(zone)) - timedelta(days=333)
    at_s = int(at.timestamp()) + ahead % (360 * 86_400)
    local = datetime.fromtimestamp(at_s, ZoneInfo(zone))
    assert [month.name for month in months if month.has(at_s)] == [f"{local:%Y-%m}"]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10**6)), min_size=1, max_size=12))
def test_handling_became_shorter_since_the_first_month_with_enough_of_it(
    rows: list[tuple[int, int]],
) -> None:
    trend = [(str(at), Times(count, mean, mean)) for at, (count, mean) in enumerate(rows)]
    solid = [(name, took.mean_s) for name, took in trend if took.count >= figures.SMALL]
    told = figures.shorter(trend)
    if len(solid) > 1 and solid[-1][0] == trend[-1][0]:
        first, last = float(solid[0][1] or 0), float(solid[-1][1] or 0)
        assert told is not None
        assert told[0] == solid[0][0]
        assert abs(told[1] - 100 * (first - last) / first) <= 0.51
    else:
        assert told is None


@given(tasks, action_sets())
def test_what_was_completed_and_then_is_open_or_sent_back_returned_once_each(
    task: Task, actions: list[Action]
) -> None:
    progress, returns = Progress(), 0
    for action in sorted(actions, key=lambda one: one.order):
        if action.kind != "correct":
            before = progress.state
            step(task, progress, action)
            finished = before in ("completed", "verified")
            returns += finished and progress.state in ("open", "rejected")
            assert progress.returns == returns
