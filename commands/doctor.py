"""`radar doctor`: is everything in order here, and if not, what to do about it."""

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

from commands.at_rest import at_rest
from commands.findings import BAD, NOTE, OK, Finding
from commands.phone import DATABASE, KEY, Workplace
from radar_core.answers import Answer
from radar_core.failures import DONE, FAILED, Failure, N_
from scanners.decode import zbar_missing
from sync.anchoring import ANCHOR
from sync.chain import genesis
from sync.grading import MOVED_MS, READING_MS, Anchor
from sync.journal import Journal, open_journal
from sync.keys import load_key
from sync.outbox import verify
from sync.protocol import CENTRE_PATH
from sync.schema import SCHEMA_VERSION
from sync.sqlite import errors
from sync.transport import open_client, reaching
from sync.trust import AUTHORITY, OTHER_CERTIFICATE, read_authority

PACKAGES = ("radar_cli", "commands", "scanners", "sync", "radar_core", "radar_server")
FREE_BYTES_MIN = 50 * 1024 * 1024
SQLITE_FIXED = (3, 51, 3)
"""The first SQLite without the rare fault in resetting a shared write-ahead log."""


def doctor(
    workplace: Workplace, settings: Mapping[str, tuple[str, str]], say: Callable[..., str]
) -> Answer:
    """Check installation, folder, key, database, clock and centre; exit 1 if anything is bad.

    `settings` maps each setting's name to its value and where that came from; `say` fills in a
    template in the person's language.
    """
    findings = [*_installation(), *_folder(workplace)]
    if os.path.lexists(workplace.path(DATABASE)):
        findings += [*_phone(workplace)]
    else:
        findings.append(
            Finding(
                "enrolment",
                BAD,
                N_("this phone is not enrolled"),
                N_("Ask your supervisor for a code, then: radar enrol URL CODE"),
            )
        )
    rows = [
        {
            "check": finding.check,
            "state": finding.state,
            "message": say(finding.message, **finding.values),
            "hint": say(finding.hint, **finding.values),
        }
        for finding in findings
    ]
    values = {
        name: {"value": value, "source": source} for name, (value, source) in settings.items()
    }
    bad = any(finding.state == BAD for finding in findings)
    return Answer("doctor", {"findings": rows, "settings": values}, FAILED if bad else DONE)


def _installation() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("python", OK, N_("Python {version}"), values={"version": version})
    owners = packages_distributions()
    shared = [name for name in PACKAGES if len(set(owners.get(name, []))) > 1]
    if shared:
        yield Finding(
            "packages",
            BAD,
            N_("other packages install the same names: {names}"),
            N_("Install RADAR as a tool of its own, as the README says."),
            {"names": ", ".join(shared)},
        )
    else:
        yield Finding("packages", OK, N_("each of our packages has one owner"))
    yield _sqlite()
    if zbar_missing():
        yield Finding(
            "zbar",
            NOTE,
            N_("libzbar0 is missing; zxing-cpp reads the tags alone"),
            N_("For the hardest tags: apt install libzbar0"),
        )
    else:
        yield Finding("zbar", OK, N_("both readers of tags are here"))


def _sqlite() -> Finding:
    values: dict[str, object] = {"version": sqlite3.sqlite_version}
    if sqlite3.sqlite_version_info < SQLITE_FIXED:
        return Finding(
            "sqlite",
            NOTE,
            N_("SQLite {version} has a rare fault that 3.51.3 mended"),
            N_("A newer Python or system brings a newer SQLite; nothing is urgent."),
            values,
        )
    return Finding("sqlite", OK, N_("SQLite {version}"), values=values)


def _folder(workplace: Workplace) -> Iterator[Finding]:
    home = Path(workplace.home)
    values: dict[str, object] = {"home": home}
    nearest = next(folder for folder in (home, *home.parents) if os.path.lexists(folder))
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        yield Finding(
            "folder",
            BAD,
            N_("the folder {home} cannot be written"),
            N_("Choose another with RADAR_HOME, or have its owner changed."),
            values,
        )
        return
    free = shutil.disk_usage(nearest).free
    values["free"] = free // (1024 * 1024)
    if free < FREE_BYTES_MIN:
        hint = N_("Delete photos or downloads; scans need very little, but not nothing.")
        yield Finding("folder", BAD, N_("only {free} MB are free for {home}"), hint, values)
    else:
        yield Finding("folder", OK, N_("{home}, {free} MB free"), values=values)


def _phone(workplace: Workplace) -> Iterator[Finding]:
    key = Path(workplace.path(KEY))
    yield at_rest(workplace)
    try:
        journal = open_journal(workplace.path(DATABASE))
        meta = journal.meta()
        sealed = Finding("key", OK, N_("the key is sealed under the PIN"))
        checked = sealed if journal.secret else _key(key, _genesis(journal, meta))
        found = [checked, *_database(journal, meta)]
    except Failure as error:
        if error.code == "locked":
            yield Finding("database", NOTE, N_("the phone is locked"), error.hint)
        elif error.code == "no_cipher":
            yield Finding("database", BAD, error.message, error.hint, error.values)
        else:
            yield _key(key, None)
            yield _unreadable(error.values.get("reason", error))
        return
    except errors() as error:
        yield _key(key, None)
        yield _unreadable(error)
        return
    yield from found
    yield _clock(workplace, meta)
    yield _centre(workplace, meta)


def _unreadable(reason: object) -> Finding:
    hint = N_("Do not delete it, your unsent work is in there. Show this to your supervisor.")
    message = N_("the phone's database cannot be read ({reason})")
    return Finding("database", BAD, message, hint, {"reason": reason})


def _genesis(journal: Journal, meta: Mapping[str, str]) -> tuple[str, bytes] | None:
    """Return the name of the epoch under way, and what its chain began with."""
    row = journal.connection.execute(
        "SELECT name, genesis FROM epoch WHERE name = ?", (meta.get("epoch"),)
    ).fetchone()
    return (str(row[0]), bytes(row[1])) if row is not None else None


def _key(path: Path, begun: tuple[str, bytes] | None) -> Finding:
    """Check the key; `begun` is an epoch's name and genesis, which speaks of the phone's key."""
    values: dict[str, object] = {"path": path}
    hint = N_("Restore it from a backup, or ask your supervisor for a new enrolment code.")
    try:
        keys = load_key(path)
    except Failure:
        return Finding("key", BAD, N_("the key {path} is missing or broken"), hint, values)
    if begun is not None and genesis(begun[0], keys.public) != begun[1]:
        return Finding("key", BAD, N_("the key {path} is not this phone's own"), hint, values)
    if path.stat().st_mode & 0o077:
        hint = N_("Make it yours alone: chmod 600 {path}")
        return Finding("key", BAD, N_("others can read the key {path}"), hint, values)
    return Finding("key", OK, N_("the key is here, and yours alone"))


def _database(journal: Journal, meta: Mapping[str, str]) -> Iterator[Finding]:
    (check,) = journal.connection.execute("PRAGMA quick_check(1)").fetchone()
    values: dict[str, object] = {"reason": check, "version": meta.get("schema")}
    hint = N_("Do not delete it, your unsent work is in there. Show this to your supervisor.")
    if check != "ok":
        yield Finding("database", BAD, N_("the database is damaged ({reason})"), hint, values)
        return
    if meta.get("schema") != str(SCHEMA_VERSION):
        update = N_("Update RADAR on this phone.")
        message = N_("the database is of version {version}, not of this program's")
        yield Finding("database", BAD, message, update, values)
        return
    yield Finding("database", OK, N_("the database is whole"))
    count, broken = verify(journal)
    values = {"count": count, "action": broken}
    if broken:
        message = N_("the log was changed: action {action} does not fit the chain")
        yield Finding("log", BAD, message, hint, values)
    else:
        yield Finding("log", OK, N_("the chain of {count} actions fits"), values=values)


def _clock(workplace: Workplace, meta: Mapping[str, str]) -> Finding:
    moment = workplace.clock()
    heard_ms = int(meta["heard"][:12], 16)
    if moment.wall_ms + 3600_000 < heard_ms:
        hint = N_("Let the phone set its clock by itself. Work is kept in order all the same.")
        message = N_("the clock is behind what others recorded: it says {wall}")
        return Finding("clock", BAD, message, hint, {"wall": moment.wall})
    boot, *anchor = json.loads(meta.get(ANCHOR, "[null]"))
    if boot != moment.boot or not moment.boot:
        return Finding("clock", OK, N_("the clock says {wall}"), values={"wall": moment.wall})
    sent_ms, received_ms, centre_ms = anchor
    middle_ms = (sent_ms + received_ms) // 2
    told = Anchor(middle_ms, centre_ms, (received_ms - sent_ms + 1) // 2 + READING_MS)
    at_ms, error_ms = told.at(moment.mono_ms)
    off_ms = moment.wall_ms - at_ms
    values: dict[str, object] = {
        "wall": moment.wall,
        "off": round(off_ms / 1000, 1),
        "error": round(error_ms / 1000 + 0.05, 1),
    }
    if abs(off_ms) > error_ms + MOVED_MS:
        hint = N_("Let the phone set its clock by itself. Work is kept in order all the same.")
        message = N_("the clock says {wall}, which is {off} s off the centre's (± {error} s)")
        return Finding("clock", BAD, message, hint, values)
    message = N_("the clock says {wall}, {off} s off the centre's (± {error} s)")
    return Finding("clock", OK, message, values=values)


def _centre(workplace: Workplace, meta: Mapping[str, str]) -> Finding:
    values: dict[str, object] = {"url": meta["url"]}
    try:
        authority = read_authority(Path(workplace.path(AUTHORITY)))
        timeout_s = min(5.0, workplace.timeout_s)
        with reaching(meta["url"]), open_client(meta["url"], timeout_s, authority) as client:
            name = client.get(CENTRE_PATH).json()["centre"]
    except (Failure, ValueError, KeyError, TypeError) as error:
        if isinstance(error, Failure) and error.code == OTHER_CERTIFICATE:
            return Finding("centre", BAD, error.message, error.hint, error.values)
        hint = N_("Without signal that is normal; work goes on. Else ask who runs the centre.")
        return Finding("centre", BAD, N_("the centre at {url} does not answer"), hint, values)
    if name != meta["centre_epoch"]:
        hint = N_("Sync once; if it stays so, ask who runs the centre.")
        return Finding("centre", BAD, N_("the centre at {url} is another one"), hint, values)
    return Finding("centre", OK, N_("the centre at {url} answers"), values=values)
