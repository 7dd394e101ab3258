"""What the one screen loads before its line is seen: each module more is a start that is later."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import ROOT
from tests.phones import new_phone, site_centre

SCRIPT = f"""
import asyncio, os, sys
sys.path.insert(0, {str(ROOT)!r})
from radar_cli.fast import settle
from radar_cli.session import Session
from radar_cli.one_screen import app, opening

class Told(app.OneScreen):
    CSS_PATH = os.path.join(os.path.dirname(app.__file__), app.OneScreen.CSS_PATH)

    def _begin(self):
        sys.stdout.write(" ".join(sorted(sys.modules)))
        self.exit()

async def run(screen):
    async with screen.run_test(size=(45, 40)) as pilot:
        await pilot.pause()

app.OneScreen = Told
Told.run = lambda self: asyncio.run(run(self))
session = Session({{}}, os.environ)
session.begin(recording=False)
opening.open_screen(session)
"""
DEAR = {
    "httpx", "httpcore", "http", "cryptography", "zstandard", "segno", "fpdf",
    "zxingcpp", "pyzbar", "pypdfium2", "typer", "pydantic", "sqlalchemy", "email", "xml",
    "msgspec",
}  # fmt: skip
"""What takes its time to load and is not needed to show the line."""
LATER = {
    "commands.sync", "commands.board", "commands.query", "commands.evidence", "sync.transport",
    "sync.feed", "sync.protocol", "sync.outbox",
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return what is loaded when the line is seen and nothing was read yet."""
    phone = new_phone(tmp_path_factory.mktemp("first"), site_centre(), "G1")
    done = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT],
        env={"RADAR_HOME": str(phone.world.home), "HOME": str(Path.home()), "PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_line_is_seen_before_what_few_need_is_loaded(loaded: set[str]) -> None:
    assert not {name.partition(".")[0] for name in loaded} & DEAR
    assert not loaded & LATER


def test_what_is_asked_of_is_what_the_screen_has(loaded: set[str]) -> None:
    assert {"textual.app", "radar_cli.one_screen.app", "radar_cli.one_screen.panes"} <= loaded
