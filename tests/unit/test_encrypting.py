"""Encrypting a phone in place: all of it is there afterwards, and before, wherever it is killed."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import pytest

import sync.sealing
from commands.log import verify_log
from commands.note import note
from commands.phone import DATABASE, KEY, Phone
from commands.pin import is_encrypted, lock_phone, set_pin, unlock_phone
from radar_core.failures import NOT_PERMITTED, USAGE, Failure
from sync.blobs import read_blob, sweep
from sync.journal import VAULT
from sync.schema import SCHEMA_VERSION
from sync.tries import FREE, wait_s
from sync.vault import PLAIN, key_file
from tests.paper_centre import PaperCentre
from tests.phones import NOW_S, Handset, World, code, new_phone
from tests.unit.test_blobs import take

if TYPE_CHECKING:
    from _typeshed import TraceFunction

PIN = "493817"
PHOTO = b"a photo of the gate" * 99
PLANTED = (b"a remark to hide", b"Harbour View", b"Li Wei", code("GATE").encode(), PHOTO[:40])
"""Of a note, a project, a person, a tag and a photo."""


HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("SELECT * FROM meta").fetchall()
print("open", flush=True)
sys.stdin.readline()
database.execute("INSERT INTO meta VALUES ('other', 'was here')")
print("written")
"""


def answers(*pins: str) -> Callable[..., str]:
    """Return what types these PINs, one after the other."""
    left = list(pins)

    def ask(template: str, *, new: bool = False) -> str:
        assert template.isprintable(), new
        return left.pop(0)

    return ask


@pytest.fixture(autouse=True)
def cheap_pins(memory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let a PIN cost nothing; what it costs is measured elsewhere."""
    monkeypatch.setattr(sync.sealing, "COST", 1 << 4)
    return memory


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    """Give a plain phone with a note and a photo, which no program has open."""
    guard = new_phone(tmp_path, centre, "G1")
    note(guard.phone, "GATE", PLANTED[0].decode())
    take(guard, PHOTO)
    guard.phone.journal.connection.close()
    return guard


@pytest.fixture
def sealed(guard: Handset) -> Handset:
    """Give the same phone, encrypted and unlocked."""
    set_pin(guard.world.workplace(), answers(PIN), 0)
    return guard


def raw(home: Path) -> bytes:
    """Return every byte of every file in a phone's folder, and their names."""
    paths = [path for path in home.rglob("*") if path.is_file()]
    return b"\n".join(path.name.encode() + path.read_bytes() for path in paths)


def kept(phone: Phone) -> dict[str, object]:
    """Return what a phone must not lose: what is recorded here, and what came down."""
    rows = phone.journal.connection.execute
    tables = ("action", "record", "epoch", "meta", "touch", "task", "blob", "cursor", "mention")
    return {name: rows(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables}


def failure(run: Callable[[], object]) -> Failure:
    with pytest.raises(Failure) as caught:
        run()
    return caught.value


def test_nothing_that_the_phone_holds_can_be_read_in_its_files(guard: Handset) -> None:
    home, workplace = guard.world.home, guard.world.workplace()
    signing = (home / KEY).read_bytes()
    before = raw(home)
    assert all(planted in before for planted in (*PLANTED, signing))
    phone = Phone(workplace)
    all_kept = kept(phone)
    phone.journal.connection.close()

    told = set_pin(workplace, answers(PIN), 600).data
    assert (told["encrypted"], told["plain"], told["idle_s"]) == (True, [], 600)
    phone = guard.reopen()
    assert kept(phone) == all_kept
    note(phone, "GATE", "a remark to hide after it")
    take(guard, PHOTO + b"2")  # both in the log that is not folded back
    assert lock_phone(workplace).data["was_unlocked"] is True

    after = raw(home)
    assert f"{DATABASE}-wal".encode() in after
    for planted in (*PLANTED, signing, signing.hex().encode(), PLAIN, b"CREATE TABLE"):
        assert planted not in after, planted
    assert failure(lambda: Phone(workplace)).code == "locked"


def test_the_phone_goes_on_as_before_once_it_is_unlocked(sealed: Handset) -> None:
    workplace = sealed.world.workplace()
    lock_phone(workplace)
    unlock_phone(workplace, answers(PIN), 0)
    phone = sealed.reopen()
    assert phone.keys().public == sealed.keys.public
    note(phone, "GATE", "after")
    assert verify_log(phone).data["verified"] == 3
    (name,) = (row[0] for row in phone.journal.connection.execute("SELECT sha256 FROM blob"))
    assert read_blob(phone.journal, name) == PHOTO
    second = take(sealed, PHOTO * 2)
    assert read_blob(phone.journal, second) == PHOTO * 2


def test_a_photo_whose_row_was_lost_is_found_with_its_size(sealed: Handset) -> None:
    phone = sealed.reopen()
    with phone.transaction():
        phone.journal.connection.execute("DELETE FROM blob")
    sweep(phone.journal, NOW_S)
    rows = phone.journal.connection.execute("SELECT size, lost FROM blob").fetchall()
    assert rows == [(len(PHOTO), 0)]


@pytest.mark.parametrize("file", [VAULT, "blob"])
def test_what_was_changed_in_the_files_is_not_believed(sealed: Handset, file: str) -> None:
    home, workplace = sealed.world.home, sealed.world.workplace()
    path = home / VAULT if file == VAULT else next((home / "blobs").iterdir())
    path.write_bytes(path.read_bytes()[:-9] + b"0" * 9)
    if file == VAULT:
        assert failure(lambda: unlock_phone(workplace, answers(PIN), 0)).code == "vault_broken"
        return
    assert read_blob(sealed.reopen().journal, path.name) is None


@pytest.mark.parametrize(
    "vault",
    [
        "", "{}", "[]", '{"format": 2, "n": 16, "r": 8, "p": 1, "salt": "00", "sealed": "00"}',
        '{"format": 1, "n": 1073741824, "r": 8, "p": 1, "salt": "00", "sealed": "00"}',
        '{"format": 1, "n": 15, "r": 8, "p": 1, "salt": "00", "sealed": "00"}',
        '{"format": 1, "n": 16, "r": 8, "p": 1, "salt": "zz", "sealed": "00"}', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_vault_that_is_none_is_said_so(sealed: Handset, vault: str) -> None:
    (sealed.world.home / VAULT).write_text(vault)
    run = sealed.world.workplace()
    assert failure(lambda: unlock_phone(run, answers(PIN), 0)).code == "vault_broken"


def test_another_pin_opens_it_from_then_on_and_the_old_one_does_not(sealed: Handset) -> None:
    workplace = sealed.world.workplace()
    told = set_pin(workplace, answers(PIN, "a longer sentence"), 0).data
    assert told["encrypted"] is False
    lock_phone(workplace)
    assert failure(lambda: unlock_phone(workplace, answers(PIN), 0)).code == "wrong_pin"
    unlock_phone(workplace, answers("a longer sentence"), 0)
    assert sealed.reopen().keys().public == sealed.keys.public


@pytest.mark.parametrize("pin", ["", "12345", "111111", "121212", "x" * 201])
def test_a_pin_that_is_guessed_first_is_refused(guard: Handset, pin: str) -> None:
    told = failure(lambda: set_pin(guard.world.workplace(), answers(pin), 0))
    assert (told.code, told.exit_code) == ("weak_pin", USAGE)
    assert not is_encrypted(guard.world.workplace())
    guard.reopen()


def test_wrong_pins_cost_more_and_more_time(sealed: Handset) -> None:
    workplace = sealed.world.workplace()
    lock_phone(workplace)

    def guess(pin: str = "000111") -> Failure:
        return failure(lambda: unlock_phone(workplace, answers(pin), 0))

    for _ in range(FREE):
        assert guess().code == "wrong_pin"
    told = guess(PIN)
    assert (told.code, told.exit_code) == ("too_many_pins", NOT_PERMITTED)
    assert told.values["seconds"] == 30
    sealed.world.step(31)
    assert guess().code == "wrong_pin"
    assert guess(PIN).values["seconds"] == 60
    sealed.world.wall_ms += 10**9  # setting the clock shortens nothing
    assert guess(PIN).code == "too_many_pins"
    sealed.world.boot, sealed.world.mono_ms = "b008", 10_000  # nor does a new start
    assert guess(PIN).values["seconds"] == 50
    sealed.world.step(61)
    unlock_phone(workplace, answers(PIN), 0)
    lock_phone(workplace)
    assert guess().code == "wrong_pin"
    assert [wait_s(count) for count in (4, 5, 6, 7, 40)] == [0, 30, 60, 120, 3600]


def test_the_phone_locks_when_it_is_idle(sealed: Handset) -> None:
    workplace = sealed.world.workplace()
    unlock_phone(workplace, answers(PIN), 60)
    path = Path(key_file(workplace.home))
    used_ns = path.stat().st_mtime_ns
    sealed.reopen()
    assert path.stat().st_mtime_ns > used_ns, "each use is noted"
    os.utime(path, ns=(0, path.stat().st_mtime_ns - 61 * 10**9))
    assert failure(sealed.reopen).code == "locked"
    assert not path.exists(), "and the secret is gone"


@pytest.mark.parametrize("size", [0, 131, 132, 133, 4096])
def test_a_secret_that_is_none_opens_nothing(sealed: Handset, size: int) -> None:
    Path(key_file(str(sealed.world.home))).write_bytes(bytes(size))
    assert failure(sealed.reopen).code == "locked"


def test_the_secret_of_a_folder_that_was_there_before_opens_nothing(
    sealed: Handset, memory: Path
) -> None:
    path = Path(key_file(str(sealed.world.home)))
    assert path.parent == memory
    assert path.stat().st_mode & 0o777 == 0o600
    told = bytearray(path.read_bytes())
    told[0] ^= 1
    path.write_bytes(told)
    assert failure(sealed.reopen).code == "locked"


def test_no_secret_is_left_where_it_would_lie_on_a_disk(
    guard: Handset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/proc")
    told = failure(lambda: set_pin(guard.world.workplace(), answers(PIN), 0))
    assert told.code == "no_memory_folder"
    assert not is_encrypted(guard.world.workplace())


def test_while_another_program_has_the_phone_open_nothing_is_changed(guard: Handset) -> None:
    home, workplace = guard.world.home, guard.world.workplace()
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home / DATABASE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"open\n"
    assert failure(lambda: set_pin(workplace, answers(PIN), 0)).code == "in_use"
    told, _ = other.communicate(b"go on\n", 20)
    assert told == b"written\n"
    phone = Phone(workplace)
    assert phone.meta["schema"] == str(SCHEMA_VERSION)
    assert phone.meta["other"] == "was here"
    assert phone.journal.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert {path.name for path in home.iterdir()} <= {
        DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", KEY, "blobs",
    }  # fmt: skip


def test_without_sqlcipher_a_plain_phone_stays_plain(guard: Handset) -> None:
    script = (
        "import sys; sys.modules['sqlcipher3'] = None\n"
        "sys.path[:] = [p for p in sys.path if 'site-packages' not in p]\n"
        "from sync.sqlite import encrypted\n"
        "from radar_core.failures import Failure\n"
        "try: encrypted()\n"
        "except Failure as failure: print(failure.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("no_cipher\n", "")
    guard.reopen()


def test_killed_at_any_line_it_is_the_old_phone_or_the_new_one(guard: Handset) -> None:
    """Law 1: all that was recorded is there, and the PIN opens it where one is asked."""
    home = guard.world.home
    phone = guard.reopen()
    before = kept(phone)
    phone.journal.connection.close()
    original = home.with_name("original")
    home.rename(original)
    at, ends = 0, set[str]()
    while True:
        at += 1
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(original, home)
        world = World(home)
        if not _is_killed(world, at):
            break
        ends.add(_check_whole(world, before))
    assert at > 80, "every line is a place to be killed at"
    assert ends == {"plain", "encrypted"}


def _is_killed(world: World, at: int) -> bool:
    """Encrypt in a process of its own, kill it at the line `at`, and tell whether it came there."""
    child = os.fork()
    if child == 0:
        seen = set[tuple[str, int]]()

        def trace(frame: FrameType, event: str, _: object) -> "TraceFunction | None":
            if not frame.f_code.co_filename.endswith(("/encrypting.py", "/sealing.py")):
                return None
            if event == "line":
                seen.add((frame.f_code.co_filename, frame.f_lineno))
            if len(seen) == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        try:
            set_pin(world.workplace(), answers(PIN), 0)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _check_whole(world: World, before: dict[str, object]) -> str:
    workplace = world.workplace()
    if not is_encrypted(workplace):
        phone = Phone(workplace)
        names = {path.name for path in world.home.rglob("*")}
        assert not {name for name in names if "sealed" in name or "vault" in name}, names
        assert phone.journal.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        end = "plain"
    else:
        unlock_phone(workplace, answers(PIN), 0)
        phone = Phone(workplace)
        found = raw(world.home)
        assert not [planted for planted in PLANTED if planted in found]
        end = "encrypted"
    assert kept(phone) == before
    (name,) = (row[0] for row in phone.journal.connection.execute("SELECT sha256 FROM blob"))
    assert read_blob(phone.journal, name) == PHOTO
    assert verify_log(phone).data["verified"] == 2
    assert phone.keys().sign(b"x")
    phone.journal.connection.close()
    return end
