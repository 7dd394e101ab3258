"""`radar pin`, `radar unlock`, `radar lock`: what the phone holds is useless without its PIN."""

from pathlib import Path
from typing import Protocol

from commands.lock import lock as sign_out
from commands.phone import DATABASE, KEY, Phone, Workplace
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, USAGE, Failure, N_
from sync.blobs import FOLDER
from sync.encrypting import alone, encrypt, finish
from sync.journal import VAULT, open_journal
from sync.keys import KEY_BYTES, load_key
from sync.sealing import open_vault, write_vault
from sync.sqlite import encrypted
from sync.tries import count_try, forgive
from sync.vault import Secret, is_plain, key_file, lock, unlock

PIN_CHARS_MIN, PIN_CHARS_MAX = 6, 200
KINDS_MIN = 3
"""A PIN of fewer different characters is guessed first."""
IN_MEMORY = frozenset({"tmpfs", "ramfs"})
KNOWN = frozenset({DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", VAULT, FOLDER})
"""What is encrypted, or tells nothing; all else in the phone's folder is told."""


class Ask(Protocol):
    """Asks for a PIN by a template, where nobody can read along; for a new one twice."""

    def __call__(self, template: str, *, new: bool = False) -> str:
        """Return what was typed."""
        ...


def set_pin(workplace: Workplace, ask: Ask, idle_s: int) -> Answer:
    """Encrypt this phone under a PIN, or change the PIN; the phone is unlocked then."""
    home = Path(workplace.home)
    _check_memory(workplace.home)
    is_new = not is_encrypted(workplace)
    if is_new:
        phone = Phone(workplace)
        phone.journal.connection.close()
        secret = _new_secret(workplace)
        new = _new_pin(ask)
        encrypt(
            Path(workplace.path(DATABASE)),
            Path(workplace.path(KEY)),
            new,
            secret,
            workplace.randomness,
        )
    else:
        secret = _asked_secret(workplace, ask)
        new = _new_pin(ask)
        with alone(home):
            write_vault(home, new, secret, workplace.randomness)
    _let_in(workplace, secret, idle_s)
    (version,) = encrypted().connect(":memory:").execute("PRAGMA cipher_version").fetchone()
    plain = sorted(path.name for path in home.iterdir() if path.name not in KNOWN)
    data = {"encrypted": is_new, "by": f"SQLCipher {version}", "idle_s": idle_s, "plain": plain}
    return Answer("pin", data)


def unlock_phone(workplace: Workplace, ask: Ask, idle_s: int) -> Answer:
    """Let the phone be used until it is locked, idle for `idle_s`, or off; 0 is for no idleness."""
    _check_encrypted(workplace)
    _check_memory(workplace.home)
    secret = _asked_secret(workplace, ask)
    finish(Path(workplace.path(DATABASE)), Path(workplace.path(KEY)))
    _let_in(workplace, secret, idle_s)
    return Answer("unlocked", {"idle_s": idle_s})


def lock_phone(workplace: Workplace) -> Answer:
    """Sign out who is signed in, and take the secret out of memory at once."""
    _check_encrypted(workplace)
    data: dict[str, object] = {}
    try:
        phone = Phone(workplace)
        if not phone.meta["staff"]:
            data |= sign_out(phone).data
        phone.journal.connection.close()
    except Failure as failure:
        if failure.code != "locked":
            raise
    return Answer("phone_locked", data | {"was_unlocked": lock(workplace.home)})


def is_encrypted(workplace: Workplace) -> bool:
    """Tell whether the phone here is an encrypted one."""
    database = Path(workplace.path(DATABASE))
    beside = Path(workplace.path(VAULT)).exists() and database.exists()
    return beside and not is_plain(str(database))


def _asked_secret(workplace: Workplace, ask: Ask) -> Secret:
    """Return the secret for the right PIN; raise Failure `wrong_pin`, which is counted."""
    home = Path(workplace.home)
    pin = ask(N_("PIN of this phone: "))
    with alone(home):
        count_try(home, workplace.clock())
        secret = open_vault(home, pin)
        if secret is None:
            raise Failure(
                "wrong_pin",
                N_("This is not the phone's PIN."),
                N_("After some wrong ones each next one has to wait, twice as long each time."),
                exit_code=NOT_PERMITTED,
            )
        forgive(home)
    return secret


def _let_in(workplace: Workplace, secret: Secret, idle_s: int) -> None:
    try:
        unlock(workplace.home, secret, idle_s)
    except OSError as error:
        raise Failure(
            "cannot_unlock",
            N_("The phone cannot be unlocked: {path} cannot be written ({reason})."),
            N_("Remove that file, or have its owner remove it."),
            path=key_file(workplace.home),
            reason=error.strerror,
        ) from error
    open_journal(workplace.path(DATABASE)).connection.close()


def _new_secret(workplace: Workplace) -> Secret:
    key = Path(workplace.path(KEY))
    load_key(key)
    return Secret(workplace.randomness(KEY_BYTES), key.read_bytes())


def _new_pin(ask: Ask) -> str:
    pin = ask(N_("New PIN: "), new=True)
    if not PIN_CHARS_MIN <= len(pin) <= PIN_CHARS_MAX or len(set(pin)) < KINDS_MIN:
        raise Failure(
            "weak_pin",
            N_("A PIN has at least {least} characters, {kinds} of them different."),
            N_("Six digits stop a finder; against a machine take a sentence. See docs/security.md"),
            exit_code=USAGE,
            least=PIN_CHARS_MIN,
            kinds=KINDS_MIN,
        )
    return pin


def _check_encrypted(workplace: Workplace) -> None:
    if not is_encrypted(workplace):
        open_journal(workplace.path(DATABASE)).connection.close()
        raise Failure(
            "not_encrypted",
            N_("This phone is not encrypted, so it has nothing to lock."),
            N_("To encrypt it under a PIN: radar pin"),
        )


def _check_memory(home: str) -> None:
    """Raise Failure `no_memory_folder` where an unlocked secret would lie on a disk."""
    if not Path(home).is_dir():
        return
    folder = Path(key_file(home)).parent
    if _kind_of(folder) not in IN_MEMORY:
        raise Failure(
            "no_memory_folder",
            N_("This system has no folder in memory ({folder} is none); nothing was changed."),
            N_("Have the system encrypt its storage instead. See: radar doctor"),
            folder=folder,
        )


def _kind_of(folder: Path) -> str:
    """Return the kind of the file system that a folder is on, empty where that is not told."""
    try:
        lines = Path("/proc/self/mounts").read_text(errors="replace").splitlines()
        real = folder.resolve(strict=True)
    except OSError:
        return ""
    mounts = {Path(line.split()[1]): line.split()[2] for line in lines}
    at = next((place for place in (real, *real.parents) if place in mounts), None)
    return mounts[at] if at is not None else ""
