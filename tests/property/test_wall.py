"""The reader of wall times agrees with Python's own, and refuses what is no RFC 3339 (law 10)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar_core.actions import END_MS, Action, wall_ms

DAY_US = 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
spans = st.integers(DAY_US, END_MS * 1000 - DAY_US - 1).map(lambda us: timedelta(microseconds=us))
walls = st.builds(lambda span, zone: (EPOCH + span).astimezone(zone), spans, zones)


@given(walls, st.sampled_from(["auto", "seconds", "milliseconds", "microseconds"]))
def test_law_10_honest_time_a_wall_is_read_as_python_reads_it(wall: datetime, to: str) -> None:
    text = wall.isoformat(timespec=to)
    exact = (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)
    assert wall_ms(text) == exact


@given(walls)
def test_utc_may_be_written_as_z_and_a_fraction_in_any_length(wall: datetime) -> None:
    utc = wall.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00")
    exact = wall_ms(utc + "+00:00")
    assert exact is not None
    assert wall_ms(utc + "Z") == wall_ms(utc.lower() + "999z") == exact


@given(st.text(max_size=40) | st.text("0123456789-+:TZtz. ٣", max_size=32))
def test_whatever_the_text_it_is_read_or_it_is_not(text: str) -> None:
    told = wall_ms(text)
    assert told is None or 0 <= told < END_MS
    if told is not None:
        assert datetime.fromisoformat(text.upper().replace(":60", ":59")).tzinfo is not None


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-03-02", "2026-03-02T08:00:00", "2026-03-02T08:00+08:00", "2026-03-02 08:00:00Z",
        "2026-02-29T08:00:00Z", "1900-02-29T08:00:00Z", "2026-04-31T08:00:00Z",
        "2026-13-01T08:00:00Z", "2026-00-01T08:00:00Z", "2026-01-00T08:00:00Z",
        "2026-03-02T24:00:00Z", "2026-03-02T08:60:00Z", "2026-03-02T08:00:61Z",
        "2026-03-02T08:00:00.Z", "2026-03-02T08:00:00+24:00", "2026-03-02T08:00:00+08:60",
        "2026-03-02T08:00:00+0800", "2026-03-02T08:00:00 +08:00", "٢٠٢٦-03-02T08:00:00Z",
        "-026-03-02T08:00:00Z", "2026-03-02T08:00:00.\u0661Z", "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_what_is_no_time_is_told(text: str) -> None:
    assert wall_ms(text) is None


def test_a_leap_second_counts_as_the_next() -> None:
    assert wall_ms("2016-12-31T23:59:60Z") == wall_ms("2017-01-01T00:00:00Z")
    assert wall_ms("2000-02-29T00:00:00Z") == 951_782_400_000


def action(wall: str, hlc: str) -> Action:
    fields: dict[str, object] = {"seq": 1, "hlc": hlc, "wall": wall, "boot": "b", "mono_ms": 0}
    rest = {"staff": "G1", "project": "HV", "kind": "note", "subject": "", "body": {}}
    return Action("E1", fields | rest)


def test_an_action_was_recorded_when_its_own_wall_says_else_when_its_stamp_does() -> None:
    stamp = "019cabd838000000"
    assert action("1970-01-01T08:00:09.9+08:00", stamp).at_s == 9
    assert action("yesterday", stamp).at_s == int(stamp[:12], 16) // 1000
    assert action("yesterday", "f" * 16).at_s == END_MS // 1000 - 1
