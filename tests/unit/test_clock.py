"""The hybrid logical clock: its edges."""

import pytest

from sync.clock import COUNTER_MAX, DRIFT_MS_MAX, ZERO, follow, is_stamp, stamp, tick

NOON_MS = 1_795_406_400_000


def test_the_first_stamp_is_the_wall_clock_s() -> None:
    assert tick(ZERO, NOON_MS) == stamp(NOON_MS, 0)


def test_a_clock_that_stands_counts_on() -> None:
    last = stamp(NOON_MS, 0)
    assert tick(last, NOON_MS) == stamp(NOON_MS, 1)


def test_a_clock_that_went_back_a_year_counts_on() -> None:
    assert tick(stamp(NOON_MS, 7), NOON_MS - 366 * 86_400_000) == stamp(NOON_MS, 8)


def test_a_counter_that_is_full_borrows_the_next_millisecond() -> None:
    assert tick(stamp(NOON_MS, COUNTER_MAX), NOON_MS) == stamp(NOON_MS + 1, 0)


def test_a_clock_from_before_1970_still_ticks() -> None:
    assert tick(ZERO, -5) == stamp(0, 1)


def test_law_10_honest_time_a_stamp_a_day_ahead_is_followed_and_one_further_ahead_is_not() -> None:
    last, edge = stamp(NOON_MS, 0), NOON_MS + DRIFT_MS_MAX
    assert follow(last, stamp(edge, 3), NOON_MS) == stamp(edge, 3)
    assert follow(last, stamp(edge + 1, 0), NOON_MS) == last


def test_a_stamp_from_the_past_is_not_followed() -> None:
    last = stamp(NOON_MS, 0)
    assert follow(last, stamp(NOON_MS - 1, COUNTER_MAX), NOON_MS) == last


@pytest.mark.parametrize(
    "text", ["", "0" * 15, "0" * 17, "g" * 16, "A" * 16, " " * 16, "\u0660" * 16, "-" + "0" * 15]
)
def test_what_is_no_stamp_is_told_from_one(text: str) -> None:
    assert not is_stamp(text)
    assert is_stamp(ZERO)
