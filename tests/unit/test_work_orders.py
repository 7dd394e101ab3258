"""Work orders that somebody reported: their ids, and what their reports make of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar_core.actions import Action
from radar_core.tasks import END_S
from radar_core.tracking import fold
from radar_core.work_orders import RESOLVE_S, ROLES, next_id, parts_of, work_order

ID = "repair:HV-PUMP1:3"


def report(seq: int, at_s: int, **body: object) -> Action:
    fields = {"seq": seq, "hlc": f"{at_s * 1000:012x}0000", "wall": "", "boot": "b", "mono_ms": 0}
    about = {"staff": "E1", "project": "HV", "kind": "report", "subject": ID, "body": body}
    return Action("E1", fields | about)


def test_the_first_report_says_what_the_work_order_is_about() -> None:
    first = report(1, 1_000, asset="HV-PUMP1", place="HV-FPUMP", text="Leaks\nbadly")
    second = report(2, 2_000, place="HV-FPUMP", text="Wet floor", priority="urgent")
    task = work_order(ID, [second, first])
    assert task is not None
    assert (task.title, task.targets, task.role) == ("Leaks", ["asset:HV-PUMP1"], "engineer")
    assert (task.due_from, task.due_to) == (1_000, 1_000 + RESOLVE_S["normal"])
    assert (task.kind, task.project, task.category) == ("maintenance", "HV", "repair")
    assert task.last_s() == END_S
    stands = fold(task, [second, first])
    assert (stands.state, stands.reports, stands.priority) == ("open", 2, "urgent")


def test_nothing_but_a_report_makes_a_work_order() -> None:
    assigned = report(1, 1_000, to="E1")
    assigned.kind = "assign"
    assert work_order(ID, [assigned]) is None
    assert work_order("HV-M-PUMP@20260101-0000", [report(1, 1_000)]) is None


@pytest.mark.parametrize(
    "text", ["", "repair", "repair:", "repair::1", "repair:X:", "repair:X:0", "repair:X:01",
             "repair:X:-1", "repair:X:\u0663", "repair:X:1234567", "leak:X:1", "X@20260101-0000"]
)  # fmt: skip
def test_what_is_no_work_order_is_seen(text: str) -> None:
    assert parts_of(text) is None


@given(st.sampled_from(sorted(ROLES)), st.text("HV-:.1", min_size=1), st.integers(1, 999_999))
def test_an_id_is_read_as_it_was_made(category: str, spot: str, number: int) -> None:
    assert parts_of(f"{category}:{spot}:{number}") == (category, spot, number)


@pytest.mark.parametrize(
    ("known", "id_"),
    [
        ({}, "repair:P:1"),
        ({"repair:P:1": "open"}, "repair:P:1"),
        ({"repair:P:1": "verified"}, "repair:P:2"),
        ({"repair:P:1": "on_hold", "repair:P:2": "completed"}, "repair:P:1"),
        ({"repair:P:9": "cancelled", "repair:P:10": "completed"}, "repair:P:11"),
        ({"cleaning:P:1": "open", "repair:Q:1": "open"}, "repair:P:1"),
    ],
)
def test_a_report_goes_to_the_one_that_is_open_or_opens_the_next(
    known: dict[str, str], id_: str
) -> None:
    assert next_id("repair", "P", known) == id_


def test_a_report_on_what_was_finished_opens_it_again() -> None:
    first, again = report(1, 1_000, text="a"), report(3, 3_000, text="b")
    done = report(2, 2_000)
    done.kind = "complete"
    task = work_order(ID, [first])
    assert task is not None
    assert fold(task, [first, done]).state == "completed"
    opened = fold(task, [first, done, again])
    assert (opened.state, opened.opened_s, opened.marks) == ("open", 3_000, [])
