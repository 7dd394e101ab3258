"""Actions: a line is written once and read back as it was; what is no action is refused."""

import json
import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar_core.actions import KINDS, Draft, Moment, read_line, touches, write_line

MOMENT = Moment("2026-11-23T10:00:00.123+08:00", 1_795_399_200_123, "b007", 4711)
HLC = "019a2b3c4d5e0001"
bodies = st.dictionaries(
    st.text(max_size=8),
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.integers()),
    max_size=4,
)


def draft(**changes: object) -> Draft:
    fields: dict[str, object] = {
        "staff": "G1",
        "project": "HV",
        "kind": "scan",
        "subject": "CODE",
        "body": {"text": "CODE"},
        **changes,
    }
    return Draft(**fields)  # type: ignore[arg-type]


def line(**changes: object) -> str:
    fields: dict[str, object] = json.loads(write_line(7, HLC, MOMENT, draft()))
    return json.dumps(fields | changes)


@given(
    st.integers(1, 2**40),
    st.sampled_from(sorted(KINDS)),
    st.text(max_size=20),
    st.text(max_size=20),
    bodies,
)
def test_an_action_is_read_back_as_it_was_written(
    seq: int, kind: str, staff: str, subject: str, body: dict[str, object]
) -> None:
    made = draft(kind=kind, staff=staff, subject=subject, body=body)
    text = write_line(seq, HLC, MOMENT, made)
    action = read_line("E1", text)
    assert (action.epoch, action.seq, action.hlc) == ("E1", seq, HLC)
    assert (action.wall, action.boot, action.mono_ms) == (MOMENT.wall, "b007", 4711)
    assert (action.staff, action.project, action.kind, action.subject) == (
        staff,
        "HV",
        kind,
        subject,
    )
    assert action.body == body
    assert "\n" not in text


def test_law_10_honest_time_an_action_carries_four_kinds_of_time_in_its_line() -> None:
    fields = json.loads(write_line(7, HLC, MOMENT, draft()))
    assert list(fields) == [
        "seq",
        "hlc",
        "wall",
        "boot",
        "mono_ms",
        "staff",
        "project",
        "kind",
        "subject",
        "body",
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d", fields["wall"])


def test_an_action_is_named_and_ordered_by_its_epoch_number_and_stamp() -> None:
    action = read_line("E1", line())
    assert action.id == "E1.7"
    assert action.order == (HLC, "E1", 7)


@pytest.mark.parametrize(
    ("names", "values"),
    [
        ("hlc wall boot staff project kind subject", [None, 1, ["x"], {}]),
        ("seq mono_ms", [None, "1", -1, 1.0, True, [], 2**63]),
        ("body", [None, 1, "{}", []]),
    ],
)
def test_a_field_of_the_wrong_type_is_a_value_error(names: str, values: list[object]) -> None:
    for name, value in product(names.split(), values):
        with pytest.raises(ValueError, match=name):
            read_line("E1", line(**{name: value}))


@pytest.mark.parametrize("name", list(json.loads(line())))
def test_a_missing_field_is_a_value_error(name: str) -> None:
    fields = json.loads(line())
    del fields[name]
    with pytest.raises(ValueError, match=name):
        read_line("E1", json.dumps(fields))


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"seq":', line()[:-1], line() + "x"])
def test_what_is_no_line_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_line("E1", text)


def test_a_line_may_carry_more_than_this_version_knows() -> None:
    assert read_line("E1", line(kind="teleport", mood="good")).kind == "teleport"


def test_an_action_touches_its_person_and_what_its_body_names() -> None:
    body = {"task": "T1", "tag": "C", "place": "P", "asset": "A", "text": "hello"}
    assert touches(draft(body=body)) == ("staff:G1", "task:T1", "tag:C", "place:P", "asset:A")
    assert touches(draft(body={"task": "", "tag": None, "place": 4})) == ("staff:G1",)


def test_an_action_of_no_known_kind_is_never_drafted() -> None:
    with pytest.raises(AssertionError):
        draft(kind="teleport")
