"""`radar admin backup`, `restore`, `receipts` and `photos`, as they are typed."""

import hashlib
import os
import pty
import sys
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from radar_core.failures import DONE, FAILED, NOT_PERMITTED, USAGE
from tests.command_line import CommandLine, Said

PASSPHRASE = "corréct 马"
HEAD = "head"


@pytest.fixture
def radar(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """Give a command line beside a centre that was made."""
    radar = CommandLine(capfd, tmp_path / "phone")
    assert admin(radar, "init").code == DONE
    return radar


def admin(radar: CommandLine, *words: str, home: str = "centre") -> Said:
    return radar("admin", *words, RADAR_CENTRE_HOME=str(radar.home.parent / home))


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("".join(f"{line}\n" for line in lines)))


def test_a_backup_and_its_restore_say_what_there_is_and_what_to_do(
    radar: CommandLine, tmp_path: Path
) -> None:
    file = str(tmp_path / "b")
    said = admin(radar, "backup", file)
    assert said.code == DONE
    assert f"✓ {file}: 0 actions, 0 photos" in said.out
    assert "whoever has the file can be the centre" in said.out
    back = admin(radar, "restore", file, home="there")
    assert back.code == DONE
    assert f"is restored in {tmp_path / 'there'}: 0 actions, 0 phones." in back.out
    assert "radar admin receipts" in back.out
    waited = admin(radar, "receipts", home="there")
    assert waited.code == DONE
    assert "✓ Every phone has synced since this centre began." in waited.out


def test_their_json_has_the_keys_that_scripts_rely_on(radar: CommandLine, tmp_path: Path) -> None:
    file, there = str(tmp_path / "b"), "there"
    made = admin(radar, "backup", file, "--json").data
    assert made.keys() == {
        *("file", "bytes", "at", "sealed", "rows", "photos", "photos_missing", HEAD),
    }
    back = admin(radar, "restore", file, "--json", home=there).data
    assert back.keys() == {
        *("file", "home", "at", "centre", "name", "actions", "phones", "photos"),
        *("photos_missing", "flaws", HEAD),
    }
    assert back["at"] == made["at"]
    waited = admin(radar, "receipts", "--json", home=there).data
    assert waited == {"backup": made["at"], "phones": [], "receipts": []}
    photos = admin(radar, "photos", "--json", home=there).data
    assert photos == {"missing": 0, "asked": False}
    kept = admin(radar, "retain", "--dry-run", "--json", home=there).data
    assert kept.keys() >= {"dry_run", "projects"}


REFUSED = {
    "there already": (["backup", "{there}"], FAILED, "out_exists"),
    "no folder": (["backup", "{missing}/b"], FAILED, "backup_not_written"),
    "no file": (["restore", "{missing}"], FAILED, "backup_unreadable"),
    "no backup": (["restore", "{there}"], FAILED, "backup_broken"),
    "no receipt": (["receipts", "{there}"], FAILED, "not_a_receipt"),
    "no receipt file": (["receipts", "{missing}"], FAILED, "unreadable"),
    "no word": (["restore"], USAGE, "usage"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_said_in_a_sentence(
    radar: CommandLine, tmp_path: Path, name: str
) -> None:
    words, exit_code, code = REFUSED[name]
    there = tmp_path / "there"
    there.write_text("something")
    paths = {"there": str(there), "missing": str(tmp_path / "missing")}
    home = "new" if words[0] == "restore" else "centre"
    typed_words = [word.format(**paths) for word in words]
    said = admin(radar, *typed_words, "--json", home=home)
    assert (said.code, said.error["code"]) == (exit_code, code)
    assert admin(radar, *typed_words, home=home).err.splitlines()[0] == said.error["message"]
    assert there.read_text() == "something"


def test_a_passphrase_is_a_line_on_stdin(
    radar: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tmp_path / "b")
    typed(monkeypatch)
    assert admin(radar, "backup", file, "--passphrase", "--json").error["code"] == "nothing_typed"
    assert not Path(file).exists()
    typed(monkeypatch, PASSPHRASE)
    assert admin(radar, "backup", file, "--passphrase", "--json").data["sealed"] is True
    unsealed = admin(radar, "restore", file, "--json", home="there")
    assert (unsealed.code, unsealed.error["code"]) == (NOT_PERMITTED, "passphrase_needed")
    typed(monkeypatch, "another")
    wrong = admin(radar, "restore", file, "--passphrase", "--json", home="there")
    assert (wrong.code, wrong.error["code"]) == (NOT_PERMITTED, "wrong_passphrase")
    typed(monkeypatch, PASSPHRASE)
    said = admin(radar, "restore", file, "--passphrase", home="there")
    assert said.code == DONE
    assert PASSPHRASE not in said.out + said.err


@pytest.mark.usefixtures("radar")
@pytest.mark.parametrize(
    ("again", "code"), [(PASSPHRASE, DONE), ("another", USAGE)], ids=["same", "other"]
)
def test_at_a_terminal_a_new_passphrase_is_asked_for_twice_and_does_not_show(
    tmp_path: Path, again: str, code: int
) -> None:
    file = tmp_path / "b"
    words = ["admin", "backup", str(file), "--passphrase"]
    child, terminal = pty.fork()
    if not child:
        os.environ |= {"RADAR_CENTRE_HOME": str(tmp_path / "centre"), "LANG": "C.UTF-8"}
        os.execv(sys.executable, [sys.executable, "-m", "radar_cli", *words])
    shown = ""
    for asked, line in (("Passphrase: ", PASSPHRASE), ("The same again: ", again)):
        while asked not in shown:
            shown += os.read(terminal, 4096).decode(errors="replace")
        os.write(terminal, f"{line}\n".encode())
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == code
    assert PASSPHRASE not in shown
    assert file.exists() == (code == DONE)


def test_photos_whose_files_are_gone_are_counted_and_asked_for(
    radar: CommandLine, tmp_path: Path
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'centre' / 'centre.db'}")
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO blob (sha256, size, arrived_ms) VALUES (:name, 5, 1)"),
            {"name": hashlib.sha256(b"photo").hexdigest()},
        )
    engine.dispose()
    assert "! 1 photos are missing." in admin(radar, "photos").out
    told = admin(radar, "backup", str(tmp_path / "b"))
    assert "! 1 photos are not in it" in told.out
    assert admin(radar, "photos", "--again", "--json").data == {"missing": 1, "asked": True}
    assert "✓ All photos are there." in admin(radar, "photos").out
