"""Secrets are planted, verbs succeed and fail, and nothing that is said or kept has one."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from radar_server.admin import KEY
from tests.e2e.attackers import WatchedCentre, watched
from tests.e2e.world import Prepared, Said, reading, say

DB_PASSWORD = "sw0rdf1sh-of-the-database"
PASSPHRASE = "correct horse battery planted"
PIN = "493817"
HEARD_CHARS = 1_000
ADDRESS = f"postgresql://radar:{DB_PASSWORD}@127.0.0.1:1/radar"


@dataclass(slots=True)
class Stage:
    """A centre, and all that anybody was told or shown there."""

    centre: WatchedCentre
    folder: Path
    heard: list[str] = field(default_factory=list[str])

    def say(self, home: Path, *words: str, typed: str = "", secret: bool = False) -> Said:
        """Run a verb for a person; what it says is listened to, unless it says a secret once."""
        told = say(home, *words, typed=typed.encode(), RADAR_CENTRE_HOME=str(self.centre.home))
        if not secret:
            self.heard += [told.stdout, told.stderr]
        return told

    def both(self, home: Path, *words: str, typed: str = "") -> set[int]:
        """Run a verb for a person and for a script; return its exit codes."""
        codes = {self.say(home, *words, typed=typed).code}
        return codes | {self.say(home, *words, "--json", typed=typed).code}

    def once(self, *words: str) -> dict[str, str]:
        """Run an administrator's verb that shows a secret, and return it."""
        told = self.say(self.folder, "admin", *words, "--json", secret=True)
        data: dict[str, str] = json.loads(told.stdout)["data"]
        return data

    def check(self, secrets: list[str], keys: list[bytes]) -> None:
        """Look for secrets in all that was said, logged, or kept of acts and actions."""
        self.heard.append(self.centre.log)
        with reading(self.centre.home / "centre.db") as database:
            for table in ("audit", "action"):
                query = f"SELECT line FROM {table}"
                self.heard += [str(line) for (line,) in database.execute(query)]
        assert sum(map(len, self.heard)) > HEARD_CHARS
        for secret in [*secrets, *(spelt for key in keys for spelt in _spelt(key))]:
            assert len(secret) >= len(PIN)
            assert not [text for text in self.heard if secret in text], secret


@pytest.fixture
def stage(prepared: Prepared, tmp_path: Path) -> Iterator[Stage]:
    centre = watched(prepared.folder / "centre", tmp_path / "centre", prepared.port)
    centre.start()
    yield Stage(centre, tmp_path)
    centre.stop()


def _keys(*paths: Path) -> list[bytes]:
    return [path.read_bytes() for path in paths]


def _spelt(key: bytes) -> list[str]:
    """Return the ways in which a key of bytes would be seen."""
    codes = [b64encode(key).decode(), urlsafe_b64encode(key).decode()]
    return [key.hex(), key.hex().upper(), repr(key)[2:-1], *(one.rstrip("=") for one in codes)]


def test_an_enrolment_code_and_the_keys_are_said_nowhere(stage: Stage) -> None:
    centre, phone = stage.centre, stage.folder / "phone"
    code = stage.once("enrol-code", "HV-G02")["code"]
    unused = stage.once("enrol-code", "HV-E01")["code"]
    assert stage.both(phone, "enrol", "http://127.0.0.1:9", code) == {4}
    assert 0 not in stage.both(phone, "enrol", centre.url, f"{unused}9")
    assert stage.say(phone, "enrol", centre.url, code).code == 0
    assert 0 not in stage.both(stage.folder / "late", "enrol", centre.url, code), "used"
    for words in (["sync"], ["status"], ["log"], ["note", "DESK", "all is well"], ["sync"]):
        assert stage.both(phone, *words) == {0}, words
    stage.say(phone, "doctor")
    assert stage.both(stage.folder, "admin", "audit") == {0}
    assert stage.both(stage.folder, "admin", "key") == {0}
    out = stage.folder / "person"
    assert stage.say(stage.folder, "admin", "person", "HV-G02", "--out", str(out)).code == 0
    stage.heard += [one.read_text("utf-8") for one in out.rglob("*") if one.is_file()]
    codes = [code, unused, code.replace("-", ""), unused.replace("-", "")]
    stage.check(codes, _keys(phone / "phone.key", centre.home / KEY))


def test_a_badge_and_its_pin_are_said_nowhere(stage: Stage) -> None:
    post = stage.folder / "post"
    shared = stage.once("enrol-code", "--shared", "HV")["code"]
    made = stage.once("badge", "HV-G02")
    badge, pin = made["badge"], made["pin"]
    assert stage.say(post, "enrol", stage.centre.url, shared).code == 0
    assert stage.both(post, "sync") == {0}
    assert 0 not in stage.both(post, "badge", badge, typed=f"{PIN}\n")
    assert 0 not in stage.both(post, "badge", badge[:-3], typed=f"{pin}\n")
    assert stage.say(post, "badge", badge, typed=f"{pin}\n").code == 0
    stage.both(post, "scan", badge)
    for words in (["note", "DESK", "all is well"], ["log"], ["sync"]):
        assert stage.both(post, *words) == {0}, words
    assert stage.both(stage.folder, "admin", "audit") == {0}
    stage.check([shared, badge, pin, PIN], _keys(post / "phone.key", stage.centre.home / KEY))


def test_a_phone_s_pin_is_said_nowhere(stage: Stage, prepared: Prepared, memory: Path) -> None:
    assert memory.is_dir()
    phone = prepared.phone(stage.folder / "phone")
    keys = _keys(phone / "phone.key")
    assert stage.say(phone, "pin", typed=f"{PIN}\n").code == 0
    assert stage.both(phone, "lock") <= {0}
    assert 0 not in stage.both(phone, "status")
    assert 0 not in stage.both(phone, "unlock", typed="000123\n")
    assert stage.both(phone, "unlock", typed=f"{PIN}\n") == {0}
    assert stage.both(phone, "sync") == {0}
    stage.both(phone, "lock")
    stage.check([PIN], keys)


def test_a_passphrase_and_a_database_s_password_are_said_nowhere(stage: Stage) -> None:
    backup = str(stage.folder / "backup.radar")
    words = ["admin", "backup", backup, "--passphrase"]
    assert stage.say(stage.folder, *words, typed=PASSPHRASE).code == 0
    for typed, code in (("wrong words of it", 6), (PASSPHRASE, 0)):
        words = ["admin", "restore", backup, "--passphrase"]
        words += ["--home", str(stage.folder / f"elsewhere {code}")]
        assert stage.say(stage.folder, *words, typed=typed).code == code
    for address in (ADDRESS, ADDRESS.replace("postgresql", "mysql"), ADDRESS.replace("@", "@[")):
        for words in (["admin", "audit"], ["serve"]):
            assert 0 not in stage.both(stage.folder, *words, "--db", address), words
    assert stage.both(stage.folder, "admin", "audit") == {0}
    stage.check([PASSPHRASE, DB_PASSWORD], _keys(stage.centre.home / KEY))
