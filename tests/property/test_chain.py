"""Any change to a chain of lines shows in its hashes (law 8)."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sync.chain import genesis, links

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
