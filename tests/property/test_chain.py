"""Any change to a chain of lines shows in its hashes (law 8)."""

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from radar_core.jsontext import decode_object, encode
from sync.chain import genesis, links, position_in, sealed

START = genesis("E1", bytes(32))
lines = st.lists(st.text(st.characters(codec="utf-8"), max_size=8), min_size=1, max_size=8)


def head(of: Sequence[str]) -> bytes:
    return [START, *links(START, of)][-1]


@given(lines, lines)
def test_law_08_tamper_evident_two_logs_share_a_head_only_if_they_are_the_same(
    one: list[str], two: list[str]
) -> None:
    assert (head(one) == head(two)) == (one == two)


@given(lines, st.data())
def test_law_08_tamper_evident_an_edit_removal_insertion_or_swap_changes_the_head(
    log: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(log) - 1))
    other = data.draw(st.text(st.characters(codec="utf-8"), max_size=8))
    changed = [
        [*log[:at], other, *log[at + 1 :]],
        log[:at] + log[at + 1 :],
        [*log[:at], other, *log[at:]],
        [*log[:at], *log[at : at + 2][::-1], *log[at + 2 :]],
        [*log[:at], "".join(log[at : at + 2]), *log[at + 2 :]],
    ]
    for tampered in changed:
        assert tampered == log or head(tampered) != head(log)


@given(lines, st.data())
def test_a_chain_goes_on_from_any_of_its_hashes(log: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(log)))
    hashes = [START, *links(START, log)]
    assert links(hashes[at], log[at:]) == hashes[at + 1 :]


@given(lines, st.text(max_size=8), st.binary(min_size=32, max_size=32))
def test_a_chain_belongs_to_its_epoch_and_device(log: list[str], epoch: str, key: bytes) -> None:
    other = genesis(epoch, key)
    same = (epoch, key) == ("E1", bytes(32))
    assert (links(other, log) == links(START, log)) == same


PIECES = ['"position":', "{", "}", '"', ",", "\\", "x", ":", '{"lat":1}']
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
values = st.recursive(
    st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4) | texts,
    lambda inner: st.dictionaries(st.sampled_from(["position", "lat", '"position', "{"]), inner),
    max_leaves=6,
)


@given(texts)
def test_sealing_twice_is_sealing_once_whatever_the_text(text: str) -> None:
    assert sealed(sealed(text)) == sealed(text)


@given(st.dictionaries(st.sampled_from(["position", "body", "text"]), values), st.booleans())
def test_sealed_a_line_is_json_still_and_the_same_but_for_its_position(
    fields: dict[str, object],
    ascii_: bool,  # noqa: FBT001 - drawn
) -> None:
    line = json.dumps(fields, ensure_ascii=ascii_, separators=(",", ":"))
    text = position_in(line)
    told = decode_object(sealed(line))
    if not text:
        assert told == fields
        return
    position = decode_object(text)
    assert encode(told).count(f'"position":{encode(position)}') == 0
    assert isinstance(position, dict)
    assert sealed(line).count(text) == line.count(text) - 1


positions = st.fixed_dictionaries({"lat": st.floats(-90, 90), "salt": st.text("0f", max_size=3)})
logs = st.lists(st.tuples(positions | st.none(), st.booleans()), min_size=1, max_size=6)


@given(logs)
def test_law_08_tamper_evident_sealed_and_open_lines_are_one_chain(
    log: list[tuple[dict[str, object] | None, bool]],
) -> None:
    whole, mixed = [], []
    for seq, (position, is_sealed) in enumerate(log, 1):
        body = {"tag": "T"} if position is None else {"tag": "T", "position": position}
        whole.append(encode({"seq": seq, "body": body}))
        mixed.append(sealed(whole[-1]) if is_sealed else whole[-1])
        assert position is None or sealed(whole[-1]) != whole[-1]
    assert links(START, mixed) == links(START, whole)
