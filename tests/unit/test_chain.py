"""The hash chain: its constants, on which every receipt ever given rests."""

from hashlib import blake2b

import pytest

from sync.chain import (
    HASH_BYTES,
    action_digests,
    digest,
    genesis,
    link,
    links,
    position_in,
    sealed,
    short_digest,
)

FIX = '{"lat":36.06,"lon":120.38,"accuracy_m":8,"salt":"00112233445566778899aabbccddeeff"}'


def test_the_hashes_are_those_that_the_design_names() -> None:
    key = bytes(range(32))
    first = blake2b(b"E1" + key, digest_size=32).digest()
    second = blake2b(first + '{"a":"泵"}'.encode(), digest_size=32).digest()
    assert genesis("E1", key) == first
    assert link(first, '{"a":"泵"}') == second
    assert len(digest(b"")) == HASH_BYTES


def test_a_batch_of_links_is_one_link_after_the_other() -> None:
    start = genesis("E1", bytes(32))
    one = link(start, "a")
    assert links(start, ["a", "b"]) == [one, link(one, "b")]
    assert links(start, []) == []


def test_the_short_digest_keeps_its_parts_apart() -> None:
    assert short_digest("ab", "c") != short_digest("a", "bc")
    assert 0 <= short_digest("place", "P1", "{}") < 1 << 64


def with_position(text: str) -> str:
    return f'{{"seq":1,"body":{{"position":{text},"tag":"T"}}}}'


def test_a_line_counts_with_the_hash_of_its_position_in_place_of_it() -> None:
    line = with_position(FIX)
    seal = blake2b(FIX.encode(), digest_size=32).hexdigest()
    assert sealed(line) == with_position(f'"{seal}"') == sealed(sealed(line))
    start = genesis("E1", bytes(32))
    assert link(start, line) == link(start, sealed(line)) == digest(start + sealed(line).encode())
    plain = short_digest("action", "E1", sealed(line))
    assert action_digests([("E1", line), ("E1", sealed(line))]) == [plain, plain]
    moved = with_position(FIX.replace("36.06", "36.07"))
    assert link(start, moved) != link(start, line), "an edited position is found"


@pytest.mark.parametrize(
    "line",
    [
        "", "position", '{"body":{"position":{', '{"position":{"lat":1}',
        with_position('{"a":{"lat":1}}'), with_position('{"at":"}","lat":1}'),
        with_position('{"at":"},","lat":1}'), with_position('{"at":"\\u007d"}'),
        with_position(FIX).replace(":{", ": {"), with_position(f"[{FIX}]"),
        f'{{"body":{{"position":{FIX}}},"position":{FIX}}}', f'"position":{FIX}position":{{}}',
        with_position("null"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_plain_form_stays_as_it_is(line: str) -> None:
    assert position_in(line) == ""
    assert sealed(line) == line
