"""`radar doctor`: a healthy phone, and what is wrong with each broken one."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from radar_cli.world import moment
from radar_core.failures import DONE, FAILED
from tests.command_line import CommandLine, Said
from tests.paper_site import GOOD, PaperSite, serving
from tests.phones import code, site_centre


@pytest.fixture
def site() -> Iterator[PaperSite]:
    with serving(PaperSite(site_centre())) as site:
        yield site


@pytest.fixture
def radar(tmp_path: Path, capfd: pytest.CaptureFixture[str], site: PaperSite) -> CommandLine:
    """Give the command line of a healthy phone with one action in its log."""
    radar = CommandLine(capfd, tmp_path / "phone")
    radar("enrol", site.url, GOOD)
    radar("scan", code("ATTIC"))
    return radar


def states(said: Said) -> dict[str, str]:
    return {row["check"]: row["state"] for row in said.data["findings"]}


def test_a_healthy_phone_has_nothing_bad(radar: CommandLine) -> None:
    said = radar("doctor", "--json")
    assert said.code == DONE
    found = states(said)
    assert found.keys() >= {
        "python", "packages", "sqlite", "zbar", "folder",
        "key", "database", "log", "clock", "centre",
    }  # fmt: skip
    assert set(found.values()) <= {"ok", "note"}
    assert said.data["settings"]["home"] == {"value": str(radar.home), "source": "RADAR_HOME"}
    assert radar("doctor").out.count("✓") >= 7


def test_a_phone_that_is_not_enrolled_is_told_how(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    radar = CommandLine(capfd, tmp_path / "none")
    said = radar("doctor", "--json")
    assert (said.code, states(said)["enrolment"]) == (FAILED, "bad")
    assert not radar.home.exists()


def _sql(*statements: str) -> Callable[[Path], object]:
    def change(home: Path) -> None:
        with sqlite3.connect(home / "phone.db") as database:
            for statement in statements:
                database.execute(statement)
        database.close()

    return change


def _damage(home: Path) -> None:
    with sqlite3.connect(home / "phone.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    data = bytearray((home / "phone.db").read_bytes())
    data[4096 * 2 : 4096 * 4] = b"\xa5" * 8192
    (home / "phone.db").write_bytes(data)


BREAKS: list[tuple[str, Callable[[Path], object]]] = [
    ("key", lambda home: (home / "phone.key").unlink()),
    ("key", lambda home: (home / "phone.key").write_bytes(b"short")),
    ("key", lambda home: (home / "phone.key").write_bytes(bytes(32))),
    ("key", lambda home: (home / "phone.key").chmod(0o644)),
    ("database", lambda home: (home / "phone.db").write_bytes(b"not a database" * 99)),
    ("database", _damage),
    ("database", _sql("UPDATE meta SET value = '99' WHERE key = 'schema'")),
    ("database", _sql("DROP TABLE meta")),
    ("log", _sql("UPDATE action SET line = replace(line, 'typed', 'wedge')")),
    ("log", _sql("UPDATE epoch SET sent = 9")),
    ("clock", _sql("UPDATE meta SET value = 'ffff000000000000' WHERE key = 'heard'")),
    ("centre", _sql("UPDATE meta SET value = 'http://127.0.0.1:9' WHERE key = 'url'")),
    ("centre", _sql("UPDATE meta SET value = 'C-OTHER' WHERE key = 'centre_epoch'")),
]


@pytest.mark.parametrize(("check", "damage"), BREAKS)
def test_what_is_wrong_is_found_and_what_to_do_is_said(
    radar: CommandLine, check: str, damage: Callable[[Path], object]
) -> None:
    damage(radar.home)
    said = radar("doctor", "--json")
    assert said.code == FAILED
    bad = [row for row in said.data["findings"] if row["state"] == "bad"]
    assert check in {row["check"] for row in bad}
    assert all(row["hint"] for row in bad)
    shown = radar("doctor").out
    assert "✗" in shown
    assert "→" in shown


def _off_the_centre(off_ms: int) -> Callable[[Path], object]:
    now = moment()
    anchor = [now.boot, now.mono_ms - 80, now.mono_ms, now.wall_ms - off_ms]
    return _sql(f"INSERT OR REPLACE INTO meta VALUES ('anchor', '{json.dumps(anchor)}')")


@pytest.mark.parametrize(
    ("off_s", "state"), [(0, "ok"), (100, "ok"), (-100, "ok"), (3600, "bad"), (-3600, "bad")]
)
def test_law_10_honest_time_how_far_the_clock_is_off_the_centre_s_is_said(
    radar: CommandLine, off_s: int, state: str
) -> None:
    _off_the_centre(off_s * 1000)(radar.home)
    (clock,) = (f for f in radar("doctor", "--json").data["findings"] if f["check"] == "clock")
    assert clock["state"] == state
    assert " s off the centre's (± 0." in clock["message"]
    assert f"{off_s}." in clock["message"] or off_s == 0


def test_a_file_in_the_folder_s_place_is_found(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "phone").write_text("a file")
    said = CommandLine(capfd, tmp_path / "phone")("doctor", "--json")
    assert (said.code, states(said)["folder"]) == (FAILED, "bad")


def test_where_each_setting_came_from_is_shown(radar: CommandLine) -> None:
    (radar.home / "config.toml").write_text("timeout_s = 3")
    said = radar("doctor", "--json", "--lang", "en", RADAR_WEDGE_SUFFIX="\\t")
    assert {name: one["source"] for name, one in said.data["settings"].items()} == {
        "home": "RADAR_HOME",
        "lang": "--lang",
        "timeout_s": str(radar.home / "config.toml"),
        "wedge_prefix": "default",
        "wedge_suffix": "RADAR_WEDGE_SUFFIX",
        "wedge_pause_ms": "default",
        "label_font": "default",
        "position": "default",
        "lock_min": "default",
        "pictures": "default",
        "sound": "default",
    }
