"""The hybrid logical clock never runs back, whatever the wall clock does (law 10)."""

from hypothesis import given
from hypothesis import strategies as st

from sync.clock import COUNTER_MAX, DRIFT_MS_MAX, ZERO, follow, is_stamp, stamp, tick

walls = st.integers(0, 2**44)
stamps = st.builds(stamp, walls, st.integers(0, COUNTER_MAX))


@given(st.lists(walls | st.integers(0, 3), min_size=1, max_size=60))
def test_law_10_honest_time_stamps_rise_under_any_wall_clock(walls_ms: list[int]) -> None:
    last = ZERO
    for wall_ms in walls_ms:
        new = tick(last, wall_ms)
        assert is_stamp(new)
        assert new > last
        assert int(new[:12], 16) >= wall_ms
        last = new


@given(walls, st.integers(0, COUNTER_MAX - 1), st.integers(0, 2**44))
def test_within_a_millisecond_or_behind_it_the_counter_goes_up_by_one(
    wall_ms: int, counter: int, behind_ms: int
) -> None:
    told = tick(stamp(wall_ms, counter), max(0, wall_ms - behind_ms))
    assert told == stamp(wall_ms, counter + 1)
    assert is_stamp(stamp(wall_ms, COUNTER_MAX))


@given(stamps, walls)
def test_a_stamp_runs_ahead_of_the_wall_clock_only_as_far_as_the_one_before(
    last: str, wall_ms: int
) -> None:
    ahead_ms = int(tick(last, wall_ms)[:12], 16)
    assert ahead_ms <= max(wall_ms, int(last[:12], 16) + 1)


@given(stamps, stamps, walls)
def test_following_never_goes_back_and_never_far_ahead(last: str, heard: str, wall_ms: int) -> None:
    followed = follow(last, heard, wall_ms)
    assert followed in (last, heard)
    assert followed >= last
    assert followed == last or int(followed[:12], 16) <= wall_ms + DRIFT_MS_MAX


@given(stamps, stamps)
def test_stamps_sort_as_texts_like_time_and_counter(one: str, two: str) -> None:
    numbers = [(int(text[:12], 16), int(text[12:], 16)) for text in (one, two)]
    assert (one < two) == (numbers[0] < numbers[1])
