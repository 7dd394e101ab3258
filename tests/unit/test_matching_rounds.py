"""Match: the rules of a round's single checkpoints, to the second."""

import pytest

from radar_core.matching import EARLY_S, Person, match
from radar_core.places import Spot
from radar_core.tasks import Progress, Task, state_at

START_S = 1_000_000
HOUR_S = 3600
GUARD = Person("G1", {"HV": ["guard"]})


def spot(place: str) -> Spot:
    return Spot("CODE", "HV", state="bound", place=place, asset="")


def round_(*rules: dict[str, object], **changes: object) -> Task:
    """A round over A, B and C with a rule for each; it is on for ten hours."""
    body: dict[str, object] = {
        "id": "R",
        "project": "HV",
        "kind": "patrol",
        "role": "guard",
        "due_from": START_S,
        "due_to": START_S + 10 * HOUR_S,
        "targets": ["place:A", "place:B", "place:C"],
        "checkpoints": list(rules),
    }
    return Task(body | changes)


def walked(*visited: int, scanned_s: int = 0) -> Progress:
    progress = Progress()
    progress.state, progress.staff, progress.scanned_s = "in_progress", "G1", scanned_s
    progress.visited = {str(index): f"E.{index}" for index in visited}
    return progress


@pytest.mark.parametrize(
    ("after_s", "outcome", "opens_s"),
    [(0, "early", START_S + 600), (599, "early", START_S + 600), (600, "on_round", 0)],
)
def test_a_checkpoint_may_open_later_than_its_round(
    after_s: int, outcome: str, opens_s: int
) -> None:
    pairs = [(round_({"open_s": 600}), walked(1))]
    found = match(spot("A"), GUARD, pairs, START_S + after_s)
    assert (found.outcome, found.opens_s) == (outcome, opens_s)
    assert (found.task, found.checkpoint) == (("", -1) if opens_s else ("R", 0))


def test_a_checkpoint_that_opens_much_later_is_not_told_of_yet() -> None:
    far = round_({"open_s": EARLY_S + 1}, due_to=START_S + 2 * EARLY_S)
    assert match(spot("A"), GUARD, [(far, Progress())], START_S).outcome == "nothing_due"
    assert match(spot("A"), GUARD, [(far, Progress())], START_S + 1).outcome == "early"


def test_of_two_rounds_the_one_whose_checkpoint_is_open_counts() -> None:
    later = round_({"open_s": 600}, due_to=START_S + HOUR_S)
    pairs = [(later, walked(1)), (round_(id="R2"), Progress())]
    found = match(spot("A"), GUARD, pairs, START_S)
    assert (found.outcome, found.task) == ("on_round", "R2")


@pytest.mark.parametrize(
    ("after_s", "outcome", "closes_s"), [(600, "on_round", 0), (601, "late", START_S + 600)]
)
def test_a_checkpoint_that_closed_is_late_and_still_counts(
    after_s: int, outcome: str, closes_s: int
) -> None:
    found = match(spot("A"), GUARD, [(round_({"close_s": 600}), Progress())], START_S + after_s)
    assert (found.outcome, found.closes_s, found.task) == (outcome, closes_s, "R")


def test_a_checkpoint_visited_in_time_is_not_late_when_it_is_scanned_again() -> None:
    pairs = [(round_({"close_s": 600}), walked(0))]
    found = match(spot("A"), GUARD, pairs, START_S + HOUR_S)
    assert (found.outcome, found.closes_s, found.gap) == ("on_round", 0, {})


def test_what_is_out_of_order_and_late_is_told_to_be_out_of_order() -> None:
    pairs = [(round_({}, {"close_s": 1}, {}, ordered=True), Progress())]
    found = match(spot("B"), GUARD, pairs, START_S + HOUR_S)
    assert (found.outcome, found.expected) == ("out_of_order", "place:A")


@pytest.mark.parametrize(
    ("after_s", "fits"), [(0, False), (59, False), (60, True), (120, True), (121, False)]
)
def test_the_time_since_the_scan_before_is_held_against_what_is_asked_for(
    after_s: int, fits: object
) -> None:
    task = round_({}, {"gap_min_s": 60, "gap_max_s": 120}, {})
    found = match(spot("B"), GUARD, [(task, walked(0, scanned_s=START_S))], START_S + after_s)
    assert found.outcome == "on_round"
    assert found.gap == {"seconds": after_s, "min": 60, "max": 120, "fits": fits}


@pytest.mark.parametrize(
    ("rule", "after_s", "fits"),
    [
        ({"gap_min_s": 60}, 10**6, True),
        ({"gap_min_s": 60}, 1, False),
        ({"gap_max_s": 60}, 0, True),
        ({"gap_max_s": 60}, 61, False),
    ],
)
def test_one_of_the_two_gaps_may_be_asked_for_alone(
    rule: dict[str, object], after_s: int, fits: object
) -> None:
    task = round_({}, rule, {}, due_to=START_S + 10**7)
    pairs = [(task, walked(0, scanned_s=START_S))]
    assert match(spot("B"), GUARD, pairs, START_S + after_s).gap["fits"] is fits


@pytest.mark.parametrize("scanned_s", [0, START_S + 1])
def test_without_a_scan_before_or_by_a_clock_put_back_no_gap_is_told(scanned_s: int) -> None:
    task = round_({"gap_min_s": 60}, {"gap_min_s": 60}, {})
    pairs = [(task, walked(scanned_s=scanned_s))]
    assert match(spot("A"), GUARD, pairs, START_S).gap == {}


def test_the_order_of_the_task_is_the_order_of_the_round_however_it_was_drawn() -> None:
    drawn = round_(ordered=True, targets=["place:C", "place:A", "place:B"])
    assert match(spot("C"), GUARD, [(drawn, Progress())], START_S).outcome == "on_round"
    found = match(spot("B"), GUARD, [(drawn, walked(0))], START_S)
    assert (found.outcome, found.expected) == ("out_of_order", "place:A")


def test_a_round_of_which_questions_alone_are_open_makes_no_place_wrong() -> None:
    pairs = [(round_(), walked(0, 1, 2))]
    assert match(spot("X"), GUARD, pairs, START_S).outcome == "nothing_due"
    assert match(spot("A"), GUARD, pairs, START_S).outcome == "on_round"


def test_a_round_handed_to_a_colleague_makes_no_place_wrong_for_who_gave_it() -> None:
    given = walked(0)
    given.assignee = "G2"
    assert match(spot("X"), GUARD, [(round_(), given)], START_S).outcome == "nothing_due"
    given.assignee = "G1"
    assert match(spot("X"), GUARD, [(round_(), given)], START_S).outcome == "wrong_place"


@pytest.mark.parametrize(
    ("before_s", "outcome", "state"),
    [(901, "early", "planned"), (900, "on_round", "due"), (1, "on_round", "due")],
)
def test_work_may_begin_in_the_grace_before_its_window(
    before_s: int, outcome: str, state: str
) -> None:
    early = round_(early_s=900)
    found = match(spot("A"), GUARD, [(early, Progress())], START_S - before_s)
    assert found.outcome == outcome
    assert found.opens_s == (START_S - 900 if outcome == "early" else 0)
    assert state_at(early, Progress(), START_S - before_s) == state


def test_a_checkpoint_with_a_window_of_its_own_has_no_grace_before_it() -> None:
    early = round_({"open_s": 600}, early_s=900)
    assert match(spot("A"), GUARD, [(early, Progress())], START_S).outcome == "early"
    assert match(spot("B"), GUARD, [(early, Progress())], START_S - 900).outcome == "on_round"


@pytest.mark.parametrize(("since_s", "task"), [(3600, "R"), (3601, "R2")])
def test_a_round_left_unfinished_takes_nothing_from_the_next(since_s: int, task: str) -> None:
    now_s = START_S + 24 * HOUR_S
    left = round_(due_to=START_S + HOUR_S)
    today = round_(id="R2", due_from=now_s - 60, due_to=now_s + HOUR_S)
    pairs = [(left, walked(0, scanned_s=now_s - since_s)), (today, Progress())]
    assert match(spot("B"), GUARD, pairs, now_s).task == task
