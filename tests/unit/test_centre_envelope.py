"""No line that the centre lets through may make a phone, or the centre's own fold, stumble."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radar_core.actions import KINDS, LINE_BYTES_MAX, Action, read_line, touches
from radar_core.jsontext import encode
from radar_core.tasks import Task, read_progress
from radar_core.tracking import fold
from radar_server.envelope import REASONS, Refusal, Sender, judge
from radar_server.reference import KEY_CHARS_MAX, key_of
from radar_server.tries import ADDRESSES_MAX, IN_ALL_MAX, TRIES_MAX, WINDOW_MS, Tries
from sync.lines import DEPTH_MAX

SENDER = Sender("G1", revoked=False)
FIELDS: dict[str, Any] = {
    "seq": 1,
    "hlc": "0" * 16,
    "wall": "2026-03-02T08:00:00+08:00",
    "boot": "b",
    "mono_ms": 5,
    "staff": "G1",
    "project": "HV",
    "kind": "note",
    "subject": "",
    "body": {},
}
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(texts, inner)),
    max_leaves=12,
)
names = ["task", "tag", "place", "asset", "step", "value", "outcome", "checkpoint"]
bodies = st.dictionaries(st.one_of(texts, st.sampled_from(names)), values)


@given(st.text(max_size=300))
def test_any_text_is_judged(text: str) -> None:
    if "\n" not in text and not any("\ud800" <= char <= "\udfff" for char in text):
        assert isinstance(judge("E1", 1, text, SENDER), Refusal)


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), values), st.booleans())
def test_what_the_centre_accepts_a_phone_reads_as_the_same(
    changes: dict[str, object],
    escaped: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    line = json.dumps({**FIELDS, **changes}, ensure_ascii=escaped)
    judged = judge("E1", 1, line, SENDER)
    if isinstance(judged, Action):
        read = read_line("E1", line)
        for name in Action.__slots__:
            assert getattr(read, name) == getattr(judged, name)
        "".join(touches(read)).encode()


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), values), st.booleans())
def test_a_line_is_read_alike_with_and_without_a_member_that_nobody_knows(
    changes: dict[str, object],
    escaped: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    # The unknown member leads to the long way of reading, which must take and tell the same.
    short = judge("E1", 1, json.dumps({**FIELDS, **changes}, ensure_ascii=escaped), SENDER)
    other = {**FIELDS, **changes, "new": 1}
    long = judge("E1", 1, json.dumps(other, ensure_ascii=escaped), SENDER)
    assert type(short) is type(long)
    if isinstance(short, Action) and isinstance(long, Action):
        assert [getattr(short, name) for name in Action.__slots__] == [
            getattr(long, name) for name in Action.__slots__
        ]
    else:
        assert short == long


@pytest.mark.parametrize("text", ["2.0", "2e0", "true", "null", str(1 << 63), "-1", '"2"'])
@pytest.mark.parametrize("name", ["seq", "mono_ms"])
def test_a_number_that_a_phone_would_not_take_is_not_taken_here(name: str, text: str) -> None:
    line = encode({**FIELDS, "seq": 2, "mono_ms": 2})
    changed = line.replace(f'"{name}":2', f'"{name}":{text}')
    assert judge("E1", 2, changed, SENDER) == Refusal("not_an_action")
    assert isinstance(judge("E1", 2, line, SENDER), Action)


@given(st.integers(0, 300), st.sampled_from([" ", "\t", "}", "\ufeff", "9", "[", "\\u0000"]))
def test_a_line_with_something_put_in_is_read_by_both_or_by_none(at: int, extra: str) -> None:
    line = encode({**FIELDS, "body": {"text": "水泵", "n": 1.5}})
    changed = line[:at] + extra + line[at:]
    if isinstance(judge("E1", 1, changed, SENDER), Action):
        read_line("E1", changed)


@pytest.mark.parametrize("depth", [DEPTH_MAX - 1, DEPTH_MAX, DEPTH_MAX + 1, 500])
def test_nesting_has_one_limit_whatever_stands_beside_it(depth: int) -> None:
    body = {"deep": json.loads("[" * (depth - 2) + "]" * (depth - 2)), "wide": [[]] * 99}
    judged = judge("E1", 1, json.dumps({**FIELDS, "body": body}), SENDER)
    assert isinstance(judged, Action) == (depth <= DEPTH_MAX)


@pytest.mark.parametrize("size", [LINE_BYTES_MAX - 1, LINE_BYTES_MAX, LINE_BYTES_MAX + 1])
def test_the_longest_line_has_exactly_so_many_bytes(size: int) -> None:
    empty = len(encode({**FIELDS, "body": {"text": ""}}))
    line = encode({**FIELDS, "body": {"text": "x" * (size - empty)}})
    assert len(line) == size
    assert isinstance(judge("E1", 1, line, SENDER), Action) == (size <= LINE_BYTES_MAX)


def test_every_reason_is_one_short_sentence() -> None:
    for reason in REASONS.values():
        assert reason.endswith(".")
        assert len(reason) <= 80


TASK = Task(
    {
        "id": "R1@20260302-0800",
        "project": "HV",
        "kind": "patrol",
        "due_to": 10,
        "targets": ["place:A", "place:B"],
    }
)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), bodies), max_size=8))
def test_law_04_no_accepted_body_breaks_the_fold(told: list[tuple[str, dict[str, object]]]) -> None:
    for kind in ("patrol", "cleaning", "maintenance"):
        task = Task({**TASK.body(), "kind": kind})
        actions = [
            Action("E1", {**FIELDS, "seq": seq, "hlc": f"{seq:016x}", "kind": k, "body": body})
            for seq, (k, body) in enumerate(told, 1)
        ]
        progress = fold(task, actions)
        text = encode(progress.body())
        assert encode(read_progress(json.loads(text)).body()) == text


@given(texts, texts)
def test_keys_are_bounded_and_as_different_as_what_they_stand_for(one: str, other: str) -> None:
    assert (key_of(one) == key_of(other)) == (one == other)
    for key in (key_of(one), key_of(other), key_of(key_of(one)), key_of(one * 500)):
        assert len(key) <= KEY_CHARS_MAX
        assert key.isprintable()


def test_tries_are_counted_by_address_and_forgotten_after_a_minute() -> None:
    tries = Tries()
    for at_ms in range(TRIES_MAX):
        assert not tries.too_many("a", at_ms)
        tries.failed("a", at_ms)
    assert tries.too_many("a", TRIES_MAX)
    assert not tries.too_many("b", TRIES_MAX)
    assert tries.too_many("a", WINDOW_MS - 1)
    assert not tries.too_many("a", WINDOW_MS)


def test_all_addresses_together_have_so_many_tries() -> None:
    tries = Tries()
    for number in range(IN_ALL_MAX):
        assert not tries.too_many("192.0.2.1", 0)
        tries.failed(f"198.51.100.{number}", 0)
    assert tries.too_many("192.0.2.1", WINDOW_MS - 1)
    assert not tries.too_many("192.0.2.1", WINDOW_MS)


def test_a_network_of_ipv6_is_one_address() -> None:
    tries = Tries()
    for number in range(TRIES_MAX):
        tries.failed(f"2001:db8:1:2:{number}::1%eth0", 0)
    assert tries.too_many("2001:db8:1:2::99", 0)
    assert not tries.too_many("2001:db8:1:3::99", 0)
    for _ in range(TRIES_MAX):
        tries.failed("192.0.2.7", 0)
    assert tries.too_many("192.0.2.7", 0)
    assert not tries.too_many("192.0.2.8", 0)


def test_a_flood_of_addresses_does_not_eat_the_memory() -> None:
    tries = Tries()
    for number in range(ADDRESSES_MAX + 10):
        tries.failed(str(number), 0)
    for _ in range(TRIES_MAX):
        tries.failed("again", 0)
    assert tries.too_many("again", 0)
    assert len(tries) == ADDRESSES_MAX
