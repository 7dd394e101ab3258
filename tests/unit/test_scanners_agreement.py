"""A code that one noisy frame made up is not believed; one that frames agree on is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar_core.tags import label_text, make_code
from scanners.agreement import AWAY_S, FRAMES_MAX, Sightings, agreed

CODE = make_code(b"\x11" * 7)
OURS = label_text("r.example", CODE)
WRONG = OURS[:-1] + ("A" if OURS[-1] != "A" else "B")


@pytest.mark.parametrize(
    ("frames", "texts"),
    [
        ([], []),
        ([[]], []),
        ([["6901"]], []),
        ([["6901"], ["6901"]], ["6901"]),
        ([["6901"], [], [], [], ["6901"]], ["6901"]),
        ([["6901"], [], [], [], [], ["6901"]], []),
        ([["6901"], ["6902"], ["6903"]], []),
        ([["6901", "6901"]], []),
        ([["a", "b"], ["b", "a"]], ["b", "a"]),
        ([[OURS]], [OURS]),
        ([["6901"], [OURS, "6901"]], [OURS, "6901"]),
        ([[CODE.lower()]], [CODE.lower()]),
        ([[WRONG]], []),
        ([[WRONG], [WRONG]], [WRONG]),
        ([["00000000000"]], []),
        ([["00000000000"], ["00000000000"]], ["00000000000"]),
    ],
)
def test_two_of_five_frames_agree_or_one_reads_a_label_of_ours(
    frames: list[list[str]], texts: list[str]
) -> None:
    assert agreed(frames) == texts


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", OURS, WRONG]), max_size=3), max_size=9))
def test_what_is_agreed_on_was_read_by_frames_that_have_a_say(frames: list[list[str]]) -> None:
    last = frames[-FRAMES_MAX:]
    texts = agreed(frames)
    assert len(texts) == len(set(texts))
    for text in {text for frame in last for text in frame}:
        votes = sum(text in frame for frame in last)
        assert (text in texts) == (votes >= 2 or text == OURS)
    assert agreed(last) == texts


def told(*frames: tuple[float, str]) -> list[float]:
    """Return when a code was new, of frames at such times that show it or nothing."""
    sightings = Sightings()
    return [at_s for at_s, code in frames if sightings.is_new(code, [code], at_s)]


def test_a_code_is_new_once_until_it_was_away() -> None:
    assert told((0.0, "a"), (1.0, "a"), (9.0, "a")) == [0.0]
    assert told((0.0, "a"), (0.5, ""), (AWAY_S - 0.1, ""), (AWAY_S, "a")) == [0.0]
    away = (1.0, ""), (AWAY_S, "")
    assert told((0.0, "a"), *away, (AWAY_S + 0.1, "a")) == [0.0, AWAY_S + 0.1]
    assert told((0.0, "a"), (0.1, "b"), (0.2, "a"), (0.3, "b")) == [0.0, 0.1]


def test_one_photograph_that_is_blurred_does_not_make_the_same_tag_a_new_scan() -> None:
    assert told((0.0, "a"), (4.0, ""), (8.0, "a"), (12.0, ""), (16.0, "a")) == [0.0]
    assert told((0.0, "a"), (4.0, ""), (8.0, ""), (12.0, "a")) == [0.0, 12.0]


def test_what_was_in_sight_before_a_pause_is_told_of_again_only_once_it_was_away() -> None:
    sightings = Sightings()
    assert sightings.is_new("a", ["a"], 0.0)
    sightings.resume(30.0)
    assert not sightings.is_new("", [], 30.1)
    assert not sightings.is_new("a", ["a"], 31.0)
    sightings.resume(60.0)
    assert not sightings.is_new("", [], 60.5)
    assert not sightings.is_new("", [], 60.0 + AWAY_S)
    assert sightings.is_new("a", ["a"], 63.0)


def test_a_code_that_lies_beside_the_one_that_counts_is_not_away() -> None:
    sightings = Sightings()
    assert sightings.is_new("a", ["a"], 0.0)
    assert sightings.is_new("b", ["b", "a"], 5.0)
    assert not sightings.is_new("a", ["a", "b"], 6.0)
