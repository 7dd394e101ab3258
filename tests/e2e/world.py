"""Real processes for the end-to-end tests: a centre, phones, and what they say."""

import csv
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from radar_core.tags import make_code

RADAR = str(Path(sys.executable).with_name("radar"))
START_S = 30.0
RUN_S = 60.0
PORTS_EACH = 1009
EAN = "2047110815009"
CODES = {name: make_code(name.encode().rjust(7)) for name in ("DESK", "YARD", "PUMPS")}

TINY_BOOK: dict[str, list[dict[str, str]]] = {
    "districts": [{"id": "WC", "name": "West Coast", "name_zh": "西海岸", "domain": "R.EXAMPLE"}],
    "projects": [
        {"id": "HV", "district": "WC", "name": "Harbour View", "timezone": "Asia/Shanghai"},
    ],
    "places": [
        {"id": id_, "project": "HV", "kind": "room", "name": name}
        for id_, name in (("DESK", "Desk"), ("YARD", "Yard"), ("PUMPS", "Pump room"))
    ],
    "assets": [
        {
            "id": "GEN1",
            "project": "HV",
            "place": "PUMPS",
            "class": "generator",
            "name": "Generator",
        },
    ],
    "tags": [
        {"code": code, "project": "HV", "place": place, "state": "bound"}
        for place, code in CODES.items()
    ],
    "staff": [
        {"id": "HV-G01", "name": "Li Wei", "roles": "guard", "projects": "HV"},
        {"id": "HV-G02", "name": "Wang Fang", "roles": "guard", "projects": "HV"},
        {"id": "HV-E01", "name": "Zhao Lei", "roles": "engineer", "projects": "HV"},
        {"id": "HV-M01", "name": "Chen Jing", "roles": "manager", "projects": "HV"},
    ],
    "checklists": [
        {
            "checklist": "GEN",
            "name": "Generator",
            "step": step,
            "type": kind,
            "title": step,
            "required": required,
        }
        for step, kind, required in (("leak", "check", "yes"), ("remark", "text", "no"))
    ],
    "routes": [
        {"route": "R1", "project": "HV", "name": "Round", "ordered": "no", "place": "DESK"},
        {"route": "R1", "place": "YARD"},
        {"route": "R1", "place": "PUMPS"},
        {"route": "R1", "asset": "GEN1"},
    ],
    "schedules": [
        {
            "id": "ROUND",
            "project": "HV",
            "kind": "patrol",
            "title": "Round",
            "role": "guard",
            "rrule": "FREQ=DAILY",
            "start": "2026-01-01T00:00",
            "duration_min": "1440",
            "route": "R1",
        },
        {
            "id": "GENJOB",
            "project": "HV",
            "kind": "maintenance",
            "title": "Generator check",
            "role": "engineer",
            "rrule": "FREQ=DAILY",
            "start": "2026-01-01T00:00",
            "duration_min": "1440",
            "asset": "GEN1",
            "checklist": "GEN",
        },
        {
            "id": "FUEL",
            "project": "HV",
            "kind": "maintenance",
            "title": "Fuel delivery",
            "role": "guard",
            "staff": "HV-G02",
            "rrule": "FREQ=DAILY",
            "start": "2026-01-01T00:00",
            "duration_min": "1440",
            "asset": "GEN1",
        },
    ],
}
PREPARED_PHONES = ("HV-G01", "HV-E01")


@dataclass(frozen=True, slots=True)
class Run:
    """What one `radar --json` process said."""

    code: int
    told: dict[str, Any]
    stderr: str

    @property
    def data(self) -> dict[str, Any]:
        """The data of a run that succeeded."""
        assert self.told.get("ok"), (self.code, self.told, self.stderr)
        data: dict[str, Any] = self.told["data"]
        return data

    @property
    def error(self) -> dict[str, Any]:
        """The error of a run that failed."""
        assert self.told.get("ok") is False, (self.code, self.told, self.stderr)
        error: dict[str, Any] = self.told["error"]
        return error


@dataclass(frozen=True, slots=True)
class Said:
    """What one `radar` process said to a person."""

    code: int
    stdout: str
    stderr: str


def environment(home: Path, **environ: str) -> dict[str, str]:
    """Return the environment of a phone in `home`."""
    return {**os.environ, "RADAR_HOME": str(home), "LANG": "C.UTF-8", **environ}


def say(
    home: Path, *words: str, typed: bytes = b"", behind: Sequence[str] = (), **environ: str
) -> Said:
    """Run `radar WORDS`, behind another program that changes its world, and see no traceback."""
    done = subprocess.run(
        [*behind, RADAR, *words],
        env=environment(home, **environ),
        input=typed,
        capture_output=True,
        timeout=RUN_S,
        check=False,
    )
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in said.stderr, said.stderr
    return said


def run(
    home: Path, *words: str, typed: bytes = b"", behind: Sequence[str] = (), **environ: str
) -> Run:
    """Run `radar WORDS --json` on the phone in `home` and check that it says exactly one line."""
    said = say(home, *words, "--json", typed=typed, behind=behind, **environ)
    lines = said.stdout.splitlines()
    assert len(lines) == 1, (words, said)
    return Run(said.code, json.loads(lines[0]), said.stderr)


def start(phone: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start `radar WORDS` with pipes at all its streams."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [RADAR, *words], env=environment(phone), stdin=pipe, stdout=pipe, stderr=pipe
    )


def end(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    """End its input, wait for its end, and return its exit code and what else it said."""
    stdout, stderr = process.communicate(timeout=RUN_S)
    return process.returncode, stdout.decode(), stderr.decode()


def refusal(
    home: Path,
    *words: str,
    exit_code: int,
    typed: bytes = b"",
    behind: Sequence[str] = (),
    **environ: str,
) -> dict[str, Any]:
    """Check that a person gets one sentence and a hint, a script the same; return the error."""
    told = say(home, *words, typed=typed, behind=behind, **environ)
    sentence, hint = told.stderr.splitlines()
    assert told.stdout == ""
    assert sentence.endswith((".", "?")), sentence
    assert hint.startswith("  → "), hint
    script = run(home, *words, typed=typed, behind=behind, **environ)
    assert (told.code, script.code) == (exit_code, exit_code), (told, script)
    assert script.stderr == ""
    error = script.error
    assert (error["message"], f"  → {error['hint']}") == (sentence, hint)
    return error


def write_book(folder: Path, sheets: Mapping[str, Sequence[Mapping[str, str]]]) -> Path:
    """Write a site book as a folder of CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in sheets.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    return folder


class Centre:
    """A real centre process, on a port of its own that it keeps over restarts."""

    def __init__(self, home: Path, port: int = 0) -> None:
        self.home = home
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None

    def admin(self, *words: str) -> dict[str, Any]:
        """Run `radar admin`."""
        return run(self.home, "admin", *words, RADAR_CENTRE_HOME=str(self.home)).data

    def start(self, *words: str) -> None:
        """Start it and wait for the line that says it answers."""
        self._process = subprocess.Popen(
            [RADAR, "serve", "--json", "--port", str(self.port), *words],
            env={**os.environ, "RADAR_CENTRE_HOME": str(self.home)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert json.loads(self._process.stdout.readline())["url"] == self.url

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stop it and return its exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(how)
        code = self._process.wait(START_S)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
        return code

    def enrol(self, home: Path, staff: str) -> dict[str, Any]:
        """Enrol the phone in `home` for a person."""
        code = self.admin("enrol-code", staff)["code"]
        return run(home, "enrol", self.url, code).data


_ports = count(10_000 + os.getpid() * PORTS_EACH % 20_000)


def free_port() -> int:
    """Return a port that nobody listens on, nor is given to anybody else while it is at rest.

    The system hands out those from 32,768 on to whoever connects; other processes of tests have
    blocks of their own.
    """
    for port in _ports:
        with socket.socket() as found, suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def tiny_centre(home: Path) -> Centre:
    """Make a centre with the tiny book, not yet started."""
    centre = Centre(home)
    centre.admin("init")
    centre.admin("import", str(write_book(home / "book", TINY_BOOK)))
    return centre


@dataclass(frozen=True, slots=True)
class Prepared:
    """A stopped centre and phones enrolled with it; every test works on copies of its own."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """The address that the phones know; a test decides who answers there."""
        return f"http://127.0.0.1:{self.port}"

    def centre(self, to: Path) -> Centre:
        """Copy the centre, not yet started, for the same address."""
        return Centre(copy_home(self.folder / "centre", to), self.port)

    def fresh(self, to: Path) -> Centre:
        """Copy the centre that knows no phone, not yet started, for an address of its own."""
        return Centre(copy_home(self.folder / "fresh", to))

    def phone(self, to: Path, staff: str = "HV-G01") -> Path:
        """Copy a person's phone."""
        return copy_home(self.folder / staff, to)


def prepare(folder: Path) -> Prepared:
    """Make a centre with the tiny book, and enrol phones with it."""
    centre = tiny_centre(folder / "centre")
    copy_home(centre.home, folder / "fresh")
    centre.start()
    for staff in PREPARED_PHONES:
        centre.enrol(folder / staff, staff)
    assert centre.stop() == 0
    return Prepared(folder, centre.port)


def copy_home(home: Path, to: Path) -> Path:
    """Copy a folder that no process has open; SQLite makes the index of its log anew."""
    return Path(shutil.copytree(home, to, ignore=shutil.ignore_patterns("*-shm")))


def reading(database: Path) -> closing[sqlite3.Connection]:
    """Open a database to look at it; whoever only reads leaves its log as it is."""
    return closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True))


def journal(phone: Path) -> list[tuple[str, int, str]]:
    """Return the actions that a phone recorded, from its database, which must be whole."""
    with reading(phone / "phone.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        query = "SELECT epoch, seq, line FROM action JOIN epoch ON name = epoch"
        return list(database.execute(f"{query} ORDER BY number, seq"))


def holdings(phone: Path) -> dict[str, list[Any]]:
    """Return all that a phone holds, apart from notes on what it has tried to send."""
    tables = ("action", "touch", "mention", "record", "cursor", "quarantine", "task", "bound")
    wanted = {name: f"SELECT * FROM {name}" for name in tables}
    wanted["epoch"] = "SELECT name, receipted, receipt FROM epoch"
    with reading(phone / "phone.db") as database:
        return {name: sorted(database.execute(query)) for name, query in wanted.items()}


def held(centre: Centre) -> list[tuple[str, int]]:
    """Return the identity of every action that the centre's database holds."""
    with reading(centre.home / "centre.db") as database:
        return list(database.execute("SELECT epoch, seq FROM action ORDER BY epoch, seq"))
