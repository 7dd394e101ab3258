"""A folder in memory for the secrets of unlocked phones, for tests alone."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import Need

MEMORY = Path("/dev/shm")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, need: Need) -> Iterator[Path]:
    """Give a folder in memory, which every program of this test keeps its secrets in."""
    need("SQLCipher (the extra encrypted)", find_spec("sqlcipher3"))
    need(str(MEMORY), MEMORY.is_dir())
    with TemporaryDirectory(prefix="radar-test-", dir=MEMORY) as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)
