"""`radar log --verify --centre` and `radar admin key` as they are typed, where a centre stands."""

from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlmodel import col

from radar_cli.progress import now_and_then
from radar_core.failures import DONE, FAILED, USAGE
from radar_server.admin import DATABASE, opened
from radar_server.database import writing
from radar_server.http import make_app
from radar_server.tables import ActionRow
from tests.command_line import CommandLine, Said
from tests.contract.centre_asgi import asgi_client
from tests.contract.centre_parts import import_records, new_device, site_book

VERIFY = ("log", "--verify", "--centre")


class Room:
    """The room where a centre with three actions stands, and a command line without a phone."""

    def __init__(self, radar: CommandLine, home: Path) -> None:
        self._radar, self.home = radar, home
        self.key = self("admin", "init", "--json").data["key"]
        with opened(str(home), "") as centre:
            import_records(centre, site_book())
            device = new_device(centre)
            self.epoch = device.epoch
            for _ in range(3):
                device.act()
            with asgi_client(make_app(centre)) as client:
                device.sync(client)

    def __call__(self, *words: str, **environ: str) -> Said:
        return self._radar(*words, **{"RADAR_CENTRE_HOME": str(self.home), **environ})

    def remove(self, seq: int) -> None:
        with opened(str(self.home), "") as centre, writing(centre.engine) as connection:
            connection.execute(delete(ActionRow).where(col(ActionRow.seq) == seq))


@pytest.fixture
def room(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Room:
    return Room(CommandLine(capfd, tmp_path / "phone"), tmp_path / "centre")


def test_a_centre_that_fits_is_told_with_how_much_was_gone_through(room: Room) -> None:
    assert room(*VERIFY, "--json").data == {"verified": 3, "streams": 1, "projects": 2, "audit": 1}
    assert room(*VERIFY).out.startswith("✓ All 3 actions of 1 chains fit")


def test_the_centre_is_found_by_its_folder_and_by_its_database(room: Room) -> None:
    nowhere = str(room.home.parent / "nowhere")
    assert room(*VERIFY, "--home", str(room.home), RADAR_CENTRE_HOME=nowhere).code == DONE
    assert room(*VERIFY, "--db", f"sqlite:///{room.home / DATABASE}").code == DONE
    said = room(*VERIFY, "--json", RADAR_CENTRE_HOME=nowhere)
    assert (said.error["code"], said.code) == ("not_initialised", FAILED)


def test_what_was_changed_is_named_in_both_languages_and_listed_for_scripts(room: Room) -> None:
    room.remove(2)
    said = room(*VERIFY, "--json")
    assert (said.error["code"], said.code) == ("chain_broken", FAILED)
    assert said.error["flaws"] == [
        {"about": f"{room.epoch}.2", "problem": "missing"},
        {"about": "HV", "problem": "digest"},
    ]
    # The third follows what is missing: its own hash cannot be told true.
    assert said.error["verified"] == 1
    assert f"{room.epoch}.2: it is missing. (1 more; 1 fit.)" in room(*VERIFY).err
    assert f"{room.epoch}.2：不见了。" in room(*VERIFY, "--lang", "zh").err


@pytest.mark.parametrize("words", [("--centre",), ("--db", "sqlite:///x.db")])
def test_half_of_it_is_a_usage_mistake(room: Room, words: tuple[str, ...]) -> None:
    said = room("log", *words, "--json")
    assert (said.error["code"], said.code) == ("usage", USAGE)


def test_the_centre_prints_the_key_that_its_receipts_are_signed_with(room: Room) -> None:
    data = room("admin", "key", "--json").data
    assert data["key"] == room.key
    assert data.keys() == {"centre", "name", "key"}
    assert room("admin", "key").out.splitlines()[0] == room.key


def test_who_sits_at_a_terminal_hears_now_and_then_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []
    clock_s = 0.0
    tell = now_and_then(lambda now, whole: told.append((now, whole)), lambda: clock_s)
    for second in range(10):
        clock_s = float(second)
        tell(second * 1000, 9000)
    assert told == [(3000, 9000), (6000, 9000), (9000, 9000)]


def test_progress_is_told_at_a_terminal_and_nowhere_else(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("radar_cli.progress.TELL_S", 0.0)
    assert room(*VERIFY).err == ""
    monkeypatch.setattr("os.isatty", lambda _fd: True)
    assert room(*VERIFY).err == "3 of 3 actions seen ...\n"
    assert room("--lang", "zh", *VERIFY).err == "已查看 3 / 3 条操作……\n"
