"""What the wheel puts on a machine: these names at the top level, with the data they need."""

import os
import subprocess
import sys
from collections.abc import Iterator
from zipfile import ZipFile

import pytest

from radar_cli.__main__ import VERSION
from tests.house import PACKAGES, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    """Build the wheel as `pip install .` would, and open it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", os.fspath(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    (built,) = folder.iterdir()
    assert built.name == f"radar_field-{VERSION}-py3-none-any.whl"
    with ZipFile(built) as wheel:
        yield wheel


def test_the_wheel_puts_only_our_six_packages_at_the_top_level(wheel: ZipFile) -> None:
    top = {name.split("/")[0] for name in wheel.namelist()}
    assert top == {*PACKAGES, f"radar_field-{VERSION}.dist-info"}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_holds_every_file_of_the_package(wheel: ZipFile, package: str) -> None:
    files = {path for path in (ROOT / package).rglob("*") if path.is_file()}
    wanted = {
        path.relative_to(ROOT).as_posix() for path in files if path.parent.name != "__pycache__"
    }
    assert wanted == {name for name in wheel.namelist() if name.startswith(f"{package}/")}


def test_the_wheel_holds_the_compiled_texts_and_the_migrations(wheel: ZipFile) -> None:
    names = wheel.namelist()
    assert "radar_cli/locale/zh/LC_MESSAGES/radar.mo" in names
    migrations = {name for name in names if name.startswith("radar_server/migrations/")}
    assert "radar_server/migrations/env.py" in migrations
    assert any(name.startswith("radar_server/migrations/versions/") for name in migrations)


def test_the_wheel_installs_one_command_called_radar(wheel: ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    lines = wheel.read(entry_points).decode().split()
    assert lines == ["[console_scripts]", "radar", "=", "radar_cli.__main__:main"]


def test_the_wheel_carries_the_licence_and_its_dependencies(wheel: ZipFile) -> None:
    (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    text = wheel.read(metadata).decode()
    assert "License-Expression: Apache-2.0" in text
    assert "Requires-Python: >=3.11" in text
    assert "Requires-Dist: typer<0.29,>=0.26" in text
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel.namelist())
