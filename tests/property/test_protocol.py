"""The wire: what is written is read back, and what was cut or changed is never taken for it."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.framing import WireError
from sync.protocol import (
    PAGE_ACTIONS_MAX,
    VERDICTS,
    Answer,
    Clock,
    Decision,
    News,
    Push,
    Quarantined,
    Receipt,
    Shown,
    read_answer,
    read_push,
    write_answer,
    write_push,
)

# Whatever may stand in a JSON text or between its parts, and in no place ends a line but \n.
texts = st.text(st.characters(codec="utf-8") | st.sampled_from("\u2028\u2029\x85\r\t\x00\x0b\x0c"))
names = st.text(st.characters(codec="utf-8"), max_size=12)
numbers = st.integers(0, 2**63 - 1)
hashes = st.binary(min_size=32, max_size=32)
objects = st.dictionaries(texts, texts | st.integers() | st.lists(st.none()), max_size=3)


@st.composite
def json_lines(draw: st.DrawFn) -> str:
    """Draw an object's text as anybody may have written it, on one line."""
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), ("\t,\r ", " :\r")]))
    ascii_ = draw(st.booleans())
    text = json.dumps(draw(objects), separators=separators, ensure_ascii=ascii_)
    around = draw(st.sampled_from(["{}", " {}", "{}\r", "\t{} "]))
    return around.format(text)


T = TypeVar("T")


def few(things: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    """Draw up to three of them."""
    return st.lists(things, max_size=3).map(tuple)


receipts = st.builds(
    Receipt,
    device=names,
    epoch=names,
    seq=numbers,
    hash=hashes,
    at=names,
    signature=st.binary(max_size=64),
)
pushes = st.builds(
    Push,
    device=names,
    epoch=names,
    first=st.integers(1, 2**40),
    previous=hashes,
    lines=st.lists(json_lines() | texts.map(lambda text: text.replace("\n", "")), max_size=5),
    head_signature=st.binary(max_size=64),
    centre_epoch=names,
    cursors=st.dictionaries(names, numbers, max_size=3),
    closed=st.dictionaries(names, numbers, max_size=2),
    parent=st.none() | st.tuples(names, numbers),
    proof=st.none() | receipts,
    holds=names,
    pending=few(st.tuples(names, numbers, numbers)),
    clock=st.none()
    | st.builds(Clock, names, numbers, st.none() | st.tuples(numbers, numbers, numbers)),
)
epochs = names.map(lambda name: name.replace(" ", "").replace("\n", ""))
pages = st.builds(
    News,
    project=names,
    pos=numbers,
    more=st.booleans(),
    count=numbers,
    total=st.integers(0, 2**64 - 1),
    records=st.lists(st.tuples(names, names, st.none() | json_lines()), max_size=3),
    actions=st.lists(st.tuples(epochs, json_lines()), max_size=3),
)
answers = st.builds(
    Answer,
    centre_epoch=names,
    receipt=receipts,
    quarantined=st.lists(st.builds(Quarantined, names, numbers, names, names), max_size=3),
    news=st.lists(pages, max_size=3),
    dropped=st.lists(names, max_size=3),
    decided=few(st.builds(Decision, names, numbers, st.sampled_from(VERDICTS), names)),
    now_ms=numbers,
)


@given(pushes)
def test_a_push_is_read_back_as_it_was_written_its_lines_byte_for_byte(push: Push) -> None:
    assert read_push(write_push(push)) == push


@given(answers)
def test_an_answer_is_read_back_as_it_was_written_its_bodies_byte_for_byte(answer: Answer) -> None:
    assert read_answer(write_answer(answer)) == answer
    told = answer.receipt
    shown = Shown(told.device, told.epoch, told.seq, told.hash)
    assert read_answer(write_answer(answer, shown), shown) == answer
    more = replace(shown, seq=shown.seq + 1)
    assert read_answer(write_answer(answer, more), more) == answer


NEWS = News(
    "HV",
    9,
    more=False,
    count=3,
    total=77,
    records=[("place", "大", '{"a": 1}'), ("tag", "T", None)],
    actions=[("E2", "{}")],
)
PUSH = Push(
    "D1", "E1", 7, bytes(32), ['{"a":"泵"}', "{}"], bytes(range(64)), "C1", {"HV": 5, "PG": 0}
)
ANSWER = Answer(
    "C1",
    Receipt("D1", "E1", 8, bytes(32), "2026-11-23T02:00:00Z", bytes(64)),
    [Quarantined("E1", 7, "bad_tag", "No.")],
    [NEWS],
    ["PG"],
)


BODIES: list[tuple[bytes, Callable[[bytes], object]]] = [
    (write_push(PUSH), read_push),
    (write_answer(ANSWER), read_answer),
]


def test_a_body_that_was_cut_anywhere_is_no_message() -> None:
    for body, read in BODIES:
        for end in range(len(body)):
            with pytest.raises(WireError):
                read(body[:end])


@settings(max_examples=25)
@given(st.integers(1, 255))
def test_a_body_with_one_wrong_byte_anywhere_is_no_message(mask: int) -> None:
    for body, read in BODIES:
        for at in range(len(body)):
            wrong = bytearray(body)
            wrong[at] ^= mask
            with pytest.raises(WireError):
                read(bytes(wrong))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_wire_error(body: bytes) -> None:
    for read in (read_push, read_answer):
        with pytest.raises(WireError):
            read(body)


def sealed(header: dict[str, object], lines: list[str]) -> bytes:
    """Return a body that is whole, whatever its header says, as another language would make it."""
    rest = "\n".join(lines).encode()
    counted = json.dumps(header | {"count": len(lines)}).encode()
    checksum = blake2b(counted + b"\n" + rest, digest_size=8).hexdigest()
    return counted[:-1] + f',"checksum":"{checksum}"}}\n'.encode() + rest


@given(pushes)
def test_the_checksum_is_of_the_header_before_it_and_of_all_the_lines(push: Push) -> None:
    body = write_push(push)
    assert read_push(sealed(header_of(body), list(push.lines))) == push


def header_of(body: bytes) -> dict[str, object]:
    header: dict[str, object] = json.loads(body.partition(b"\n")[0])
    del header["checksum"], header["count"]
    return header


strange = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=9,
)


@given(st.sampled_from(sorted(header_of(write_push(PUSH)))), strange)
def test_a_push_with_a_strange_header_is_a_message_or_a_wire_error(
    name: str, value: object
) -> None:
    header = header_of(write_push(PUSH)) | {name: value}
    try:
        push = read_push(sealed(header, ["{}"]))
    except WireError:
        return
    assert push.first >= 1
    assert list(push.lines) == ["{}"]


@given(st.sampled_from(sorted(header_of(write_answer(ANSWER)))), strange)
def test_an_answer_with_a_strange_header_is_a_message_or_a_wire_error(
    name: str, value: object
) -> None:
    header = header_of(write_answer(ANSWER)) | {name: value}
    lines = ['["place","大",{"a": 1}]', '["tag","T",null]', "E2 {}"]
    try:
        read_answer(sealed(header, lines))
    except WireError:
        return


RECORDS = [
    "",
    "[]",
    "{}",
    "1",
    '["place","X"]',
    '["place","X",{},1]',
    '["place","X",[]]',
    '["place","X","{}"]',
    '["place",1,{}]',
    '[null,"X",{}]',
    '[ "place","X",{}]',
    '["place", "X",{}]',
    '["pl\\u0061ce","X",{}]',
    '["place","\\u0058",{}]',
    '["place","\\ud800",{}]',
    '["place","X",{}] ',
    '["place","X",{"a":' + "[" * 100_000 + "]" * 100_000 + "}]",
    '["place","X",' + "[" * 100_000,
    "E2 {}",
]


@pytest.mark.parametrize("line", RECORDS, ids=lambda line: line[:24])
def test_a_record_s_line_has_exactly_the_one_form_that_leaves_its_body_alone(line: str) -> None:
    header = header_of(write_answer(ANSWER)) | {"news": [["HV", 9, False, 1, 0, 3, "77"]]}
    with pytest.raises(WireError):
        read_answer(sealed(header, [line]))


@pytest.mark.parametrize("counts", [(0, 0), (2, 0), (0, 2), (1, 1), (4, 0), (2, 2)])
def test_news_that_name_more_or_fewer_lines_than_there_are_are_refused(
    counts: tuple[int, int],
) -> None:
    header = header_of(write_answer(ANSWER)) | {"news": [["HV", 9, False, *counts, 3, "77"]]}
    with pytest.raises(WireError):
        read_answer(sealed(header, ['["a","b",{}]', '["a","c",{}]', "E2 {}"]))


def test_an_action_without_its_epoch_is_refused() -> None:
    header = header_of(write_answer(ANSWER)) | {"news": [["HV", 9, False, 0, 1, 3, "77"]]}
    with pytest.raises(WireError, match="epoch"):
        read_answer(sealed(header, ["{}"]))


def test_another_format_of_the_protocol_is_named_as_the_reason() -> None:
    header = header_of(write_push(PUSH)) | {"format": 2}
    with pytest.raises(WireError, match="format 1"):
        read_push(sealed(header, []))


def test_a_page_has_at_most_so_many_actions_and_a_number_begins_at_one() -> None:
    header = header_of(write_push(PUSH))
    assert len(read_push(sealed(header, ["{}"] * PAGE_ACTIONS_MAX)).lines) == PAGE_ACTIONS_MAX
    with pytest.raises(WireError, match="too many"):
        read_push(sealed(header, ["{}"] * (PAGE_ACTIONS_MAX + 1)))
    with pytest.raises(WireError, match="below 1"):
        read_push(sealed(header | {"from": 0}, []))


def test_a_header_longer_than_any_is_refused_before_it_is_read() -> None:
    header = header_of(write_push(PUSH)) | {"device": "x" * 300_000}
    with pytest.raises(WireError, match="header"):
        read_push(sealed(header, []))
