"""`radar doctor`: a healthy phone has nothing bad; of a broken one it says what, and what to do."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.strangers import LoginPage, Stranger, standing_at
from tests.e2e.world import CODES, Centre, Prepared, free_port, refusal, run, say

CHECKS = ["python", "packages", "sqlite", "zbar", "folder", "at_rest", "key"]
CHECKED = [*CHECKS, "database", "log", "clock", "centre"]
BAD = re.compile(r"^✗ (\w+): (.+)\n  +→ (.+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def there(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """Give a running centre that the doctor asks, and nobody else."""
    centre = prepared.centre(tmp_path_factory.mktemp("there") / "centre")
    centre.start()
    yield centre
    centre.stop()


@pytest.fixture
def used(there: Centre, phone: Path) -> Path:
    """Give a phone with a few actions, whose centre answers."""
    assert run(phone, "scan", *CODES.values()).code == 0
    assert run(phone, "status").data["centre"] == there.url
    return phone


def _found(home: Path, *behind: str) -> dict[str, tuple[str, str]]:
    """Return what the doctor found bad: message and hint by the name of the check."""
    told = say(home, "doctor", behind=behind)
    assert told.stderr == ""
    found = {check: (message, hint) for check, message, hint in BAD.findall(told.stdout)}
    assert told.stdout.count("✗") == len(found), told.stdout
    assert told.code == (1 if found else 0)
    return found


def _change(phone: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(phone / "phone.db")) as database, database:
        database.execute(statement, values)


def test_on_a_healthy_phone_nothing_is_bad(used: Path) -> None:
    assert _found(used) == {}
    told = run(used, "doctor")
    assert told.code == 0
    assert [row["check"] for row in told.data["findings"]] == CHECKED
    assert {row["state"] for row in told.data["findings"]} <= {"ok", "note"}
    assert told.data["settings"]["home"] == {"value": str(used), "source": "RADAR_HOME"}
    assert told.data["settings"]["timeout_s"] == {"value": "20", "source": "default"}


def test_a_machine_without_a_phone_is_told_how_to_enrol(tmp_path: Path) -> None:
    found = _found(tmp_path / "nowhere")
    assert list(found) == ["enrolment"]
    assert "radar enrol URL CODE" in found["enrolment"][1]
    assert not (tmp_path / "nowhere").exists()


@dataclass(frozen=True, slots=True)
class Case:
    """How to break a phone, and what the doctor then says."""

    break_it: Callable[[Path], object]
    check: str
    message: str
    hint: str


def _overwrite_the_middle(phone: Path) -> None:
    """Fold the log back into the database, then write over some of its pages."""
    with closing(sqlite3.connect(phone / "phone.db")) as database:
        assert database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    path = phone / "phone.db"
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 8192] = bytes(range(256)) * 32
    path.write_bytes(data)


def _make_it_no_database(phone: Path) -> None:
    for log in phone.glob("phone.db-*"):
        log.unlink()
    (phone / "phone.db").write_text("Dear diary\n" * 1000)


def _remove_the_last_sent_action(phone: Path) -> None:
    _change(phone, "UPDATE epoch SET sent = 3")
    _change(phone, "DELETE FROM action WHERE seq = 3")


CASES = {
    "key missing": Case(
        lambda phone: (phone / "phone.key").unlink(), "key", "missing or broken", "backup"
    ),
    "key cut short": Case(
        lambda phone: (phone / "phone.key").write_bytes(b"short"),
        *("key", "missing or broken", "enrolment code"),
    ),
    "key of another phone": Case(
        lambda phone: (phone / "phone.key").write_bytes(bytes(range(32))),
        *("key", "not this phone's own", "backup"),
    ),
    "key that others can read": Case(
        lambda phone: (phone / "phone.key").chmod(0o644), "key", "others can read", "chmod 600"
    ),
    "database overwritten in the middle": Case(
        _overwrite_the_middle, "database", "database", "Do not delete it"
    ),
    "no database": Case(_make_it_no_database, "database", "cannot be read", "Do not delete it"),
    "database of a newer program": Case(
        lambda phone: _change(phone, "UPDATE meta SET value = '99' WHERE key = 'schema'"),
        *("database", "version 99", "Update RADAR"),
    ),
    "an action edited": Case(
        lambda phone: _change(phone, "UPDATE action SET line = replace(line, 'typed', 'wedge')"),
        *("log", ".1 does not fit", "supervisor"),
    ),
    "an action inserted": Case(
        lambda phone: _change(phone, "UPDATE action SET seq = 5 WHERE seq = 3"),
        *("log", ".5 does not fit", "supervisor"),
    ),
    "the last action removed": Case(
        _remove_the_last_sent_action, "log", ".3 does not fit", "supervisor"
    ),
    "a clock that was set back": Case(
        lambda phone: _change(
            phone, "UPDATE meta SET value = 'f' || substr(value, 2) WHERE key = 'heard'"
        ),
        *("clock", "behind", "set its clock by itself"),
    ),
    "a centre that is down": Case(
        lambda phone: _change(
            phone,
            "UPDATE meta SET value = ? WHERE key = 'url'",
            f"http://127.0.0.1:{free_port()}",
        ),
        *("centre", "does not answer", "who runs the centre"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_one_thing_that_is_broken_is_named_with_what_to_do(used: Path, name: str) -> None:
    case = CASES[name]
    case.break_it(used)
    before = (used / "phone.db").read_bytes()
    found = _found(used)
    assert list(found) == [case.check]
    message, hint = found[case.check]
    assert case.message in message
    assert case.hint in hint
    assert (used / "phone.db").read_bytes() == before


class OtherCentre(Stranger):
    """A centre in good health, but not this phone's."""

    def reply(self) -> tuple[int, str, bytes]:
        told = {"ok": True, "centre": "C000000000000", "version": "0.1.0"}
        return 200, "application/json", json.dumps(told).encode()


@pytest.mark.parametrize(
    ("kind", "message"), [(OtherCentre, "is another one"), (LoginPage, "does not answer")]
)
def test_who_answers_at_the_centres_address_is_looked_at(
    used: Path, kind: type[Stranger], message: str
) -> None:
    port = free_port()
    _change(used, "UPDATE meta SET value = ? WHERE key = 'url'", f"http://127.0.0.1:{port}")
    with standing_at(port, kind):
        found = _found(used)
    assert list(found) == ["centre"]
    assert message in found["centre"][0]


def test_a_folder_that_cannot_be_written_is_told(used: Path, plainly: tuple[str, ...]) -> None:
    used.chmod(0o500)
    try:
        found = _found(used, *plainly)
    finally:
        used.chmod(0o700)
    assert list(found) == ["folder"]
    assert "cannot be written" in found["folder"][0]
    assert "RADAR_HOME" in found["folder"][1]


def test_a_home_below_a_file_or_closed_to_us_is_told(
    tmp_path: Path, plainly: tuple[str, ...]
) -> None:
    file, closed = tmp_path / "file", tmp_path / "closed"
    file.write_text("")
    closed.mkdir(0o000)
    for home in (file, file / "below", closed):
        assert list(_found(home, *plainly)) == ["folder", "enrolment"]
    closed.chmod(0o700)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('lang = "zh', "config_broken"),
        ("\xff", "config_broken"),
        ('langs = "zh"', "config_unknown_key"),
        ("timeout_s = 0", "config_timeout"),
        ('timeout_s = "soon"', "config_timeout"),
        ('lang = "fr"', "unknown_language"),
    ],
)
def test_broken_settings_stop_every_verb_with_the_file_and_what_is_wrong(
    phone: Path, content: str, code: str
) -> None:
    (phone / "config.toml").write_bytes(content.encode("latin-1"))
    for verb in ("doctor", "status"):
        error = refusal(phone, verb, exit_code=2)
        assert error["code"] == code
        assert code == "unknown_language" or str(phone / "config.toml") in error["message"]
