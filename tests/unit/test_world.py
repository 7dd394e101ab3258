"""The real world: this machine's clocks, told as an action carries them."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar_cli.world import local_text, moment, real_workplace

ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu",
         "Pacific/Chatham", "America/New_York", "Pacific/Kiritimati"]  # fmt: skip


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let this machine stand in a time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("zone")
def test_law_10_honest_time_a_local_time_keeps_its_offset_over_every_clock_change() -> None:
    for at_s in range(1_767_225_600, 1_798_761_600, 5_003):
        told = datetime.fromisoformat(local_text(at_s))
        assert told.timestamp() == at_s
        assert told.utcoffset() == datetime.fromtimestamp(at_s).astimezone().utcoffset()


@given(st.integers(0, 4_000_000_000), st.none() | st.integers(0, 999))
def test_a_local_time_is_rfc_3339_to_the_second_or_the_millisecond(
    at_s: int, ms: int | None
) -> None:
    text = local_text(at_s, ms)
    assert datetime.fromisoformat(text).astimezone(UTC) == datetime.fromtimestamp(
        at_s + (ms or 0) / 1000, UTC
    )
    assert len(text) == (25 if ms is None else 29)


def test_law_10_honest_time_a_moment_tells_wall_boot_and_a_clock_that_never_goes_back() -> None:
    one, two = moment(), moment()
    assert abs(one.wall_ms - time.time() * 1000) < 60_000
    assert datetime.fromisoformat(one.wall).timestamp() * 1000 == pytest.approx(one.wall_ms)
    assert one.boot == two.boot
    assert 0 < one.mono_ms <= two.mono_ms


def test_the_boot_is_this_machine_s() -> None:
    named = Path("/proc/sys/kernel/random/boot_id")
    assert moment().boot == (named.read_text().strip()[:8] if named.exists() else "")


def test_the_real_workplace_has_true_chance_and_its_own_folder() -> None:
    workplace = real_workplace("/somewhere", 4.5)
    assert workplace.path("phone.db") == "/somewhere/phone.db"
    assert workplace.timeout_s == 4.5
    assert workplace.randomness(32) != workplace.randomness(32)
    assert workplace.randomness is os.urandom
