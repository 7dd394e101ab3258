"""Two readers of lines, the scan path's and the one for many: they take and refuse the same."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from radar_core.actions import Action, read_line
from sync.lines import read_action

NAMES = ["seq", "hlc", "wall", "boot", "mono_ms", "staff", "project", "kind", "subject", "body"]
TEXTS: dict[str, object] = dict.fromkeys(NAMES, "x")
GOOD: dict[str, object] = {**TEXTS, "seq": 1, "mono_ms": 2, "body": {}}
texts = st.text(max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | texts | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=5,
)
changes = st.dictionaries(st.sampled_from([*NAMES, "was", "more"]), values, max_size=2)


def told(line: str, *, many: bool) -> list[object] | str:
    try:
        action = read_action("E1", line) if many else read_line("E1", line)
    except ValueError:
        return "refused"
    return [getattr(action, name) for name in Action.__slots__]


@given(changes, st.sampled_from([*NAMES, ""]))
def test_both_readers_take_and_refuse_the_same_lines(
    changed: dict[str, object], without: str
) -> None:
    fields = {name: value for name, value in (GOOD | changed).items() if name != without}
    line = json.dumps(fields, ensure_ascii=False)
    assert told(line, many=True) == told(line, many=False)


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")))
@example("")
@example("[]")
@example("{}")
def test_both_readers_refuse_what_is_no_action(line: str) -> None:
    assert told(line, many=True) == told(line, many=False) == "refused"


@pytest.mark.parametrize(
    "body",
    [
        '{"a":1e999}',
        '{"a":NaN}',
        '{"a":"\\ud800"}',
        '{"a":1,"a":2}',
        '{"a":' + "[" * 100 + "]" * 100 + "}",
        '{"task":"\\u0000"}',
        '{"a":1.0}',
        '{"a":12345678901234567890123}',
    ],
)
def test_both_readers_agree_on_odd_bodies(body: str) -> None:
    line = json.dumps(GOOD).replace('"body": {}', f'"body": {body}')
    assert told(line, many=True) == told(line, many=False)
