"""Whose turn it is: the fewest open tasks, then the longest wait, then the id."""

from radar_core.dispatch import next_person
from radar_core.tasks import Progress


def given(who: str, state: str, at_s: int) -> Progress:
    progress = Progress()
    progress.assignee, progress.state = who, state
    progress.at_s = progress.responded_s = at_s
    return progress


def test_who_has_the_fewest_open_tasks_is_next() -> None:
    work = [given("E1", "assigned", 1), given("E2", "in_progress", 2), given("E2", "on_hold", 3)]
    assert next_person(["E1", "E2"], work) == "E1"
    assert next_person(["E1", "E2", "E3"], work) == "E3"


def test_finished_work_is_no_burden_and_shows_who_waited_longest() -> None:
    work = [given("E1", "completed", 9), given("E2", "verified", 5), given("E1", "cancelled", 1)]
    assert next_person(["E1", "E2"], work) == "E2"


def test_of_equals_the_first_by_id_is_next_in_whatever_order_they_come() -> None:
    assert next_person(["E2", "E1"], []) == next_person(["E1", "E2"], []) == "E1"


def test_work_of_others_does_not_count_and_without_people_nobody_is_next() -> None:
    assert next_person(["E1"], [given("G1", "assigned", 1)] * 3) == "E1"
    assert next_person([], [given("E1", "assigned", 1)]) is None


def test_turns_go_round_evenly() -> None:
    work: list[Progress] = []
    for at_s in range(1, 10):
        who = next_person(["E1", "E2", "E3"], work)
        assert who is not None
        work.append(given(who, "assigned", at_s))
    assert [one.assignee for one in work] == ["E1", "E2", "E3"] * 3
