"""What all tests share: the hypothesis profiles, and `need` for parts that a machine may lack."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.memory"]
Need = Callable[[str, object], None]

# What a shell runs in the background ignores Ctrl-C, and so would the programs that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
NOTHING_MAY_LACK = IN_CI or os.environ.get("RADAR_REQUIRE_ALL") == "1"

# CI tries the same examples each time, so that a red run means a changed program; a laptop tries
# new ones. No deadline: the machine's load is not what a property is about.
settings.register_profile("laptop", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "laptop"))


@pytest.fixture
def need() -> Need:
    """Give `need(part, present)`: it skips where a part is absent, or fails where none may be."""

    def need(part: str, present: object) -> None:
        if present:
            return
        if NOTHING_MAY_LACK:
            pytest.fail(f"{part} is missing, and here nothing may be (CI or RADAR_REQUIRE_ALL=1)")
        pytest.skip(f"{part} is missing")

    return need


@pytest.fixture(scope="module", autouse=True)
def _collected() -> Iterator[None]:
    """Let go of what a file's tests left open: a sync freezes all that its process holds."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    gc.collect()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a test a folder of its own for what is temporary."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    return place
