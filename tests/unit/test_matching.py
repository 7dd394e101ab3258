"""Match: which outcome a scan has, by what, and to the second."""

import copy

import pytest

from radar_core.matching import EARLY_S, OUTCOMES, Match, Person, match
from radar_core.places import Spot
from radar_core.tasks import LATE_S, Progress, Task

NOW_S = 1_000_000
HOUR_S = 3600
GUARD = Person("G1", {"HV": ["guard"]})
WEEK_S = LATE_S["maintenance"]


def spot(place: str = "A", asset: str = "", state: str = "bound", project: str = "HV") -> Spot:
    return Spot("CODE", project, state=state, place=place, asset=asset)


def task(id_: str = "R", kind: str = "patrol", /, **changes: object) -> Task:
    """A round over A, B and C (or other work at A), due from an hour ago for two hours."""
    body: dict[str, object] = {
        "id": id_,
        "project": "HV",
        "kind": kind,
        "role": "guard",
        "due_from": NOW_S - HOUR_S,
        "due_to": NOW_S + HOUR_S,
        "grace_s": 60,
        "targets": ["place:A", "place:B", "place:C"] if kind == "patrol" else ["place:A"],
    }
    return Task(body | changes)


def at(state: str = "", staff: str = "", visited: tuple[int, ...] = ()) -> Progress:
    progress = Progress()
    progress.state, progress.staff = state, staff
    progress.visited = {str(index): f"E.{index}" for index in visited}
    return progress


def ids(found: Match) -> list[str]:
    return [task.id for task, _ in found.found]


def test_on_round_is_a_checkpoint_of_a_due_round_and_says_which() -> None:
    found = match(spot("B"), GUARD, [(task(), at())], NOW_S)
    assert (found.outcome, found.task, found.checkpoint) == ("on_round", "R", 1)
    assert (ids(found), found.expected, found.opens_s) == (["R"], "", 0)


def test_due_here_is_other_work_that_is_due_and_ticks_nothing_off() -> None:
    found = match(spot(), GUARD, [(task("S", "cleaning"), at())], NOW_S)
    assert (found.outcome, found.task, found.checkpoint, ids(found)) == ("due_here", "", -1, ["S"])


def test_early_says_when_the_work_opens() -> None:
    later = task(due_from=NOW_S + 60, due_to=NOW_S + HOUR_S)
    found = match(spot(), GUARD, [(later, at())], NOW_S)
    assert (found.outcome, found.opens_s, found.task) == ("early", NOW_S + 60, "")


def test_late_is_work_after_its_grace_that_can_still_be_done() -> None:
    job = task("J", "maintenance", due_to=NOW_S - HOUR_S)
    found = match(spot(), GUARD, [(job, at())], NOW_S)
    assert (found.outcome, ids(found), found.task) == ("late", ["J"], "")


def test_late_on_a_round_under_way_still_ticks_its_checkpoint_off() -> None:
    round_ = task(due_to=NOW_S - HOUR_S)
    found = match(spot("B"), GUARD, [(round_, at("in_progress", "G1", (0,)))], NOW_S)
    assert (found.outcome, found.task, found.checkpoint) == ("late", "R", 1)


def test_out_of_order_says_what_was_expected_and_ticks_off_all_the_same() -> None:
    found = match(spot("C"), GUARD, [(task(ordered=True), at("in_progress", "G1", (0,)))], NOW_S)
    assert (found.outcome, found.task, found.checkpoint) == ("out_of_order", "R", 2)
    assert found.expected == "place:B"


def test_wrong_place_says_where_the_round_under_way_goes_on() -> None:
    found = match(spot("X"), GUARD, [(task(), at("in_progress", "G1", (0,)))], NOW_S)
    assert (found.outcome, found.expected, ids(found)) == ("wrong_place", "place:B", ["R"])
    assert found.task == ""


def test_nothing_due_is_a_known_tag_without_work() -> None:
    assert match(spot("X"), GUARD, [(task(), at())], NOW_S).outcome == "nothing_due"
    assert match(spot(), GUARD, [], NOW_S).outcome == "nothing_due"


@pytest.mark.parametrize("unknown", [None, spot(state="blank")])
def test_unknown_tag_is_one_that_stands_for_nothing(unknown: Spot | None) -> None:
    assert match(unknown, GUARD, [(task(), at())], NOW_S).outcome == "unknown_tag"


@pytest.mark.parametrize("state", ["retired", "replaced"])
def test_retired_tag_is_one_that_was_taken_out_of_use(state: str) -> None:
    assert match(spot(state=state), GUARD, [(task(), at())], NOW_S).outcome == "retired_tag"


@pytest.mark.parametrize("state", ["bound", "retired"])
def test_not_my_project_comes_before_everything_that_could_be_told_of_it(state: str) -> None:
    found = match(spot(project="PG", state=state), GUARD, [(task(project="PG"), at())], NOW_S)
    assert found.outcome == "not_my_project"


def test_every_outcome_is_named_and_no_other() -> None:
    assert len(OUTCOMES) == 10
    with pytest.raises(AssertionError):
        Match("perhaps")


@pytest.mark.parametrize(
    ("due_from", "due_to", "outcome"),
    [
        (NOW_S + EARLY_S + 1, NOW_S + EARLY_S + 9, "nothing_due"),
        (NOW_S + EARLY_S, NOW_S + EARLY_S + 9, "early"),
        (NOW_S + 1, NOW_S + 9, "early"),
        (NOW_S, NOW_S + 9, "on_round"),
        (NOW_S - 9, NOW_S, "on_round"),
        (NOW_S - 99, NOW_S - 60, "on_round"),
        (NOW_S - 99, NOW_S - 61, "nothing_due"),
    ],
)
def test_a_round_s_window_and_grace_count_to_the_second(
    due_from: int, due_to: int, outcome: str
) -> None:
    found = match(spot(), GUARD, [(task(due_from=due_from, due_to=due_to), at())], NOW_S)
    assert found.outcome == outcome


@pytest.mark.parametrize(
    ("due_to", "outcome"),
    [
        (NOW_S - 60, "due_here"),
        (NOW_S - 61, "late"),
        (NOW_S - 60 - WEEK_S, "late"),
        (NOW_S - 61 - WEEK_S, "nothing_due"),
    ],
)
def test_maintenance_is_late_for_a_week_and_a_second_later_no_more(
    due_to: int, outcome: str
) -> None:
    job = task("J", "maintenance", due_from=due_to - 9, due_to=due_to)
    assert match(spot(), GUARD, [(job, at())], NOW_S).outcome == outcome


@pytest.mark.parametrize("state", ["in_progress", "on_hold"])
def test_work_under_way_stays_doable_however_late(state: str) -> None:
    job = task("J", "maintenance", due_from=9, due_to=10)
    assert match(spot(), GUARD, [(job, at(state, "G1"))], NOW_S).outcome == "late"


@pytest.mark.parametrize("state", ["done", "done_late", "ended_early", "completed"])
def test_finished_work_is_no_longer_due_here_or_anywhere(state: str) -> None:
    pairs = [(task(), at(state, "G1", (0, 1, 2)))]
    assert match(spot(), GUARD, pairs, NOW_S).outcome == "nothing_due"
    assert match(spot("X"), GUARD, pairs, NOW_S).outcome == "nothing_due"
    assert match(spot("X"), GUARD, pairs, NOW_S, "R").outcome == "nothing_due"


def test_a_scan_on_an_asset_counts_for_the_asset_and_for_its_place() -> None:
    pump = spot("A", asset="PU1")
    on_asset = task("J", "maintenance", targets=["asset:PU1"])
    assert ids(match(pump, GUARD, [(on_asset, at())], NOW_S)) == ["J"]
    at_place = task("S", "cleaning", targets=["place:A"])
    assert ids(match(pump, GUARD, [(at_place, at())], NOW_S)) == ["S"]
    both = task(targets=["place:A", "asset:PU1"])
    assert match(pump, GUARD, [(both, at())], NOW_S).checkpoint == 1


def test_a_scan_of_a_place_does_not_count_for_an_asset_that_stands_there() -> None:
    job = task("J", "maintenance", targets=["asset:PU1"])
    assert match(spot("A"), GUARD, [(job, at())], NOW_S).outcome == "nothing_due"


@pytest.mark.parametrize(
    "others", [{"role": "cleaner"}, {"staff": "G2"}, {"project": "PG"}, {"role": "", "staff": "G2"}]
)
def test_work_of_another_role_person_or_project_is_not_mine(others: dict[str, object]) -> None:
    assert match(spot(), GUARD, [(task(**others), at())], NOW_S).outcome == "nothing_due"


@pytest.mark.parametrize("mine", [{"role": ""}, {"staff": "G1"}, {"role": "", "staff": "G1"}])
def test_work_for_anybody_or_for_me_by_name_is_mine(mine: dict[str, object]) -> None:
    assert match(spot(), GUARD, [(task(**mine), at())], NOW_S).outcome == "on_round"


def test_a_round_comes_before_other_work_however_urgent_that_is() -> None:
    urgent = task("S", "cleaning", due_to=NOW_S + 1)
    found = match(spot(), GUARD, [(urgent, at()), (task(), at())], NOW_S)
    assert (found.outcome, found.task, ids(found)) == ("on_round", "R", ["R", "S"])


def test_of_two_rounds_the_one_in_my_hands_comes_first() -> None:
    sooner = task("R1", due_to=NOW_S + 1)
    pairs = [(sooner, at("in_progress", "G2")), (task("R2"), at("in_progress", "G1", (1,)))]
    assert match(spot(), GUARD, pairs, NOW_S).task == "R2"


def test_of_two_rounds_in_nobody_s_hands_the_one_that_ends_sooner_comes_first() -> None:
    pairs = [(task("R1"), at()), (task("R2", due_to=NOW_S + 1), at())]
    assert match(spot(), GUARD, pairs, NOW_S).task == "R2"


def test_of_two_equal_rounds_the_lesser_id_comes_first_in_whatever_order_they_are_given() -> None:
    pairs = [(task("R2"), at()), (task("R1"), at())]
    assert match(spot(), GUARD, pairs, NOW_S).task == "R1"
    assert match(spot(), GUARD, pairs[::-1], NOW_S).task == "R1"


def test_a_second_scan_counts_for_the_second_round_that_comes_by_here() -> None:
    pairs = [(task("R1"), at("in_progress", "G1", (0,))), (task("R2"), at())]
    found = match(spot(), GUARD, pairs, NOW_S)
    assert (found.task, found.outcome) == ("R2", "on_round")


def test_a_checkpoint_scanned_again_is_still_on_the_round() -> None:
    found = match(spot(), GUARD, [(task(ordered=True), at("in_progress", "G1", (0,)))], NOW_S)
    assert (found.outcome, found.checkpoint) == ("on_round", 0)


def test_of_work_that_opens_later_the_soonest_is_told() -> None:
    pairs = [
        (task("R1", due_from=NOW_S + 99), at()),
        (task("R2", due_from=NOW_S + 9), at()),
    ]
    found = match(spot(), GUARD, pairs, NOW_S)
    assert (ids(found), found.opens_s) == (["R2", "R1"], NOW_S + 9)


def test_work_that_is_due_hides_work_that_is_early() -> None:
    pairs = [(task("R1", due_from=NOW_S + 9), at()), (task("S", "cleaning"), at())]
    assert ids(match(spot(), GUARD, pairs, NOW_S)) == ["S"]


def test_the_task_that_the_person_names_is_the_only_one_that_counts() -> None:
    pairs = [(task("R1"), at()), (task("R2"), at())]
    assert match(spot(), GUARD, pairs, NOW_S, "R2").task == "R2"
    assert match(spot(), GUARD, pairs, NOW_S, "R9").outcome == "nothing_due"


def test_the_named_task_makes_another_place_wrong_even_before_it_was_begun() -> None:
    found = match(spot("X"), GUARD, [(task(), at())], NOW_S, "R")
    assert (found.outcome, found.expected) == ("wrong_place", "place:A")


def test_naming_another_person_s_task_finds_nothing() -> None:
    assert match(spot("X"), GUARD, [(task(staff="G2"), at())], NOW_S, "R").outcome == "nothing_due"


@pytest.mark.parametrize("progress", [at("in_progress", "G2"), at("on_hold", "G1"), at()])
def test_a_round_that_i_do_not_walk_makes_no_place_wrong(progress: Progress) -> None:
    assert match(spot("X"), GUARD, [(task(), progress)], NOW_S).outcome == "nothing_due"


def test_of_several_tasks_under_way_the_earliest_says_where_to_go() -> None:
    one = (task("R1"), at("in_progress", "G1"))
    two = (
        task("R2", due_from=NOW_S - 9 * HOUR_S, targets=["place:Z"]),
        at("in_progress", "G1"),
    )
    assert match(spot("X"), GUARD, [one, two], NOW_S).expected == "place:Z"
    assert match(spot("X"), GUARD, [two, one], NOW_S).expected == "place:Z"


def test_a_task_under_way_without_a_place_of_its_own_makes_another_place_wrong_in_words() -> None:
    job = (task("J", "maintenance", targets=[]), at("in_progress", "G1"))
    found = match(spot("X"), GUARD, [job], NOW_S)
    assert (found.outcome, found.expected) == ("wrong_place", "")


def test_nobody_s_projects_are_a_person_s_whose_record_is_missing() -> None:
    assert match(spot(), Person("G1", {}), [(task(), at())], NOW_S).outcome == "not_my_project"


def test_matching_changes_nothing_that_it_is_given() -> None:
    pairs = [
        (task("R2", ordered=True), at("in_progress", "G1", (0,))),
        (task("R1"), at()),
        (task("S", "cleaning"), at()),
    ]
    order = [pair[0].id for pair in pairs]
    before = copy.deepcopy([(t.body(), p.body()) for t, p in pairs])
    for place in ("A", "B", "C", "X"):
        match(spot(place), GUARD, pairs, NOW_S)
        match(spot(place), GUARD, pairs, NOW_S + 9 * HOUR_S, "R1")
    assert [(t.body(), p.body()) for t, p in pairs] == before
    assert [pair[0].id for pair in pairs] == order
