"""When phones sync and listen again: within bounds for every chance, and never all at once."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sync.pacing import (
    BACK_OFF_MAX_S,
    EVENT_GAP_S,
    EVENT_SPREAD_S,
    POLL_S,
    RETURN_SPREAD_S,
    Pace,
    asked,
    failed,
    listen_again_s,
    recorded,
    returned,
    succeeded,
)

PHONES = 1_000
SEED = 20261124
chances = st.floats(0, 1, exclude_max=True)
times = st.floats(0, 1e7)
paces = st.builds(Pace, times, st.integers(0, 10_000), times)


@given(times, chances)
def test_a_success_polls_within_a_quarter_of_a_minute_and_forgets_failures(
    now_s: float, chance: float
) -> None:
    pace = succeeded(now_s, chance)
    assert 0.74 * POLL_S <= pace.due_s - now_s <= 1.26 * POLL_S
    assert pace.failures == 0


@given(paces, times, chances)
def test_a_failure_waits_at_most_its_doubled_time(pace: Pace, now_s: float, chance: float) -> None:
    after = failed(pace, now_s, chance)
    assert 0 <= after.due_s - now_s <= min(BACK_OFF_MAX_S, 2.0 ** min(pace.failures, 20)) + 1e-6
    assert after.failures == pace.failures + 1


def test_failures_double_from_one_second_to_five_minutes() -> None:
    pace, longest = Pace(0.0), list[float]()
    for _ in range(11):
        pace = failed(pace, 0.0, 1.0)
        longest.append(pace.due_s)
    assert longest == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


@given(paces, times, chances)
def test_nothing_that_asks_for_a_sync_ever_puts_it_off(
    pace: Pace, now_s: float, chance: float
) -> None:
    for after in (
        recorded(pace, now_s),
        asked(pace, now_s, chance),
        returned(pace, now_s, chance),
    ):
        assert after.due_s <= pace.due_s
        assert (after.failures, after.synced_s) == (pace.failures, pace.synced_s)


@given(times, st.integers(1, 10_000), chances)
def test_what_is_recorded_does_not_break_into_an_outage(
    now_s: float, failures: int, chance: float
) -> None:
    pace = Pace(now_s + 100, failures, now_s)
    assert recorded(pace, now_s) == pace
    assert asked(pace, now_s, chance).due_s >= now_s + chance * RETURN_SPREAD_S - 1e-6
    assert recorded(Pace(now_s + 100), now_s).due_s == now_s


@given(times, chances, st.floats(0, 100))
def test_events_keep_their_spread_and_their_gap(
    now_s: float, chance: float, since_s: float
) -> None:
    after = asked(Pace(now_s + 1_000, 0, now_s - since_s), now_s, chance)
    assert now_s + chance * EVENT_SPREAD_S - 1e-6 <= after.due_s
    assert after.due_s - (now_s - since_s) >= 0.74 * EVENT_GAP_S
    assert after.due_s <= now_s + max(EVENT_SPREAD_S, 1.26 * EVENT_GAP_S)


@given(st.integers(0, 10_000), chances)
def test_listening_again_waits_at_most_five_minutes(failures: int, chance: float) -> None:
    assert 0 <= listen_again_s(failures, chance) <= BACK_OFF_MAX_S


def _first_syncs(outage_s: float) -> list[float]:
    """Return when after an outage each of a thousand phones syncs for the first time.

    Each was polling; from the outage's end it hears its stream again after the time that its
    cut stream waits, and that brings its next try forward.
    """
    rng = random.Random(SEED)
    found: list[float] = []
    for _ in range(PHONES):
        pace = Pace(rng.uniform(0, POLL_S))
        while pace.due_s < outage_s:
            pace = failed(pace, pace.due_s, rng.random())
        heard_s, tries = 0.0, 0
        while heard_s < outage_s:
            heard_s += listen_again_s(tries, rng.random())
            tries += 1
        found.append(returned(pace, heard_s, rng.random()).due_s - outage_s)
    return found


def test_after_an_outage_no_second_holds_more_than_a_tenth_of_a_thousand_phones() -> None:
    for outage_s in (2, 30, 120, 600, 3_600, 86_400):
        seconds = Counter(int(at_s) for at_s in _first_syncs(outage_s))
        assert max(seconds.values()) <= PHONES // 10, (outage_s, seconds)
        assert max(seconds) <= BACK_OFF_MAX_S, outage_s
