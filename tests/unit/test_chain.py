"""The hash chain: its constants, on which every receipt ever given rests."""

from hashlib import blake2b

from sync.chain import HASH_BYTES, digest, genesis, link, links, short_digest


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
