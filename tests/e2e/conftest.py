"""What the end-to-end tests share: one prepared centre with its phones, copied for each test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Need
from tests.e2e.world import Centre, Prepared, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Make the centre and the phones once; nobody writes to them but by copying."""
    return prepare(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def phone(prepared: Prepared, tmp_path: Path) -> Path:
    """Give the phone of a guard whose centre is down."""
    return prepared.phone(tmp_path / "phone")


@pytest.fixture
def running(prepared: Prepared, tmp_path: Path) -> Iterator[Centre]:
    """Give the centre of the prepared phones, answering where they expect it."""
    centre = prepared.centre(tmp_path / "running")
    centre.start()
    yield centre
    centre.stop()


@pytest.fixture
def plainly(need: Need) -> tuple[str, ...]:
    """Give what makes even root obey the modes of files, to stand before a command."""
    if os.geteuid() != 0:
        return ()
    need("setpriv (of util-linux)", shutil.which("setpriv"))
    rights = "-dac_override,-dac_read_search"
    return ("setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}")
