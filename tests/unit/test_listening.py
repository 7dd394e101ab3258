"""What a phone makes of an event stream: only what its centre signed begins one."""

import json
from collections.abc import Sequence

import pytest

from radar_core.failures import Failure
from sync.keys import KeyPair
from sync.listening import EVENT_BYTES_MAX, Heard, begin, moved, read_events
from sync.signing import answer_message

CENTRE, STRANGER = KeyPair(b"c" * 32), KeyPair(b"s" * 32)
REQUEST = b"r" * 64
TOLD = json.dumps({"centre": "C1", "projects": {"HV": 42, "PK": 7}})


def hello(keys: KeyPair = CENTRE, request: bytes = REQUEST, text: str = TOLD) -> tuple[str, str]:
    signature = keys.sign(answer_message(request, 200, text.encode()))
    return "hello", f"{signature.hex()} {text}"


def test_what_our_centre_signed_begins_a_stream() -> None:
    heard = begin(iter([hello()]), REQUEST, CENTRE.public)
    assert (heard.centre, heard.positions) == ("C1", {"HV": 42, "PK": 7})


@pytest.mark.parametrize(
    "events",
    [
        [],
        [hello(STRANGER)],
        [hello(request=b"another".ljust(64))],
        [("moved", hello()[1])],
        [("hello", TOLD)],
        [("hello", "")],
        [hello(text="[]")],
        [hello(text="nonsense")],
    ],
)
def test_what_nobody_signed_for_this_request_begins_none(events: Sequence[tuple[str, str]]) -> None:
    with pytest.raises(Failure) as caught:
        begin(iter(events), REQUEST, CENTRE.public)
    assert caught.value.code == "not_our_centre"


def test_a_phone_is_behind_for_a_position_a_project_or_an_epoch() -> None:
    heard = Heard(centre="C1", positions={"HV": 42})
    assert not heard.is_news("C1", {"HV": 42})
    assert not heard.is_news("C1", {"HV": 43})
    assert heard.is_news("C1", {"HV": 41})
    assert heard.is_news("C1", {})
    assert heard.is_news("C1", {"HV": 42, "PK": 1})
    assert heard.is_news("C2", {"HV": 42})
    assert not Heard().is_news("C1", {"HV": 1})
    assert Heard(refused="revoked").is_news("C1", {"HV": 1})


@pytest.mark.parametrize(
    "data", ["", "nonsense", "[]", '{"project":1,"pos":2}', '{"project":"HV"}']
)
def test_an_event_that_is_none_changes_nothing(data: str) -> None:
    heard = Heard(centre="C1", positions={"HV": 42})
    assert moved(heard, data) == heard


def test_a_move_is_remembered_by_its_newest_position() -> None:
    heard = moved(Heard(centre="C1", positions={"HV": 42}), '{"project":"HV","pos":44}')
    assert heard.positions == {"HV": 44}


@pytest.mark.parametrize("size", [1, 2, 7, 1_000])
def test_events_are_the_same_however_they_are_cut(size: int) -> None:
    text = b"retry: 10\nevent: hello\ndata: a b\n\n:\n\nevent: moved\r\ndata: {}\r\n\r\nevent: half"
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    assert list(read_events(chunks)) == [("hello", "a b"), ("moved", "{}")]


def test_an_event_without_an_end_is_given_up() -> None:
    endless = (b"data: " + b"x" * 1_000 for _ in range(EVENT_BYTES_MAX))
    with pytest.raises(Failure):
        list(read_events(endless))
    lines = (b"data: " + b"x" * 1_000 + b"\n" for _ in range(EVENT_BYTES_MAX))
    with pytest.raises(Failure):
        list(read_events(lines))
