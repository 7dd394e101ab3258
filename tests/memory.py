"""A folder in memory for the secrets of unlocked phones, for tests alone."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder in memory, which every program of this test keeps its secrets in."""
    with TemporaryDirectory(prefix="radar-test-", dir=MEMORY) as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)
