"""Real processes for the end-to-end tests: a centre, phones, and what they say."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radar_core.tags import make_code

RADAR = str(Path(sys.executable).with_name("radar"))
START_S = 30.0
RUN_S = 60.0
EAN = "2047110815007"
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
    ],
}


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


def run(home: Path, *words: str, **environ: str) -> Run:
    """Run `radar WORDS --json` on the phone in `home` and check that it says exactly one line."""
    done = subprocess.run(
        [RADAR, *words, "--json"],
        env={**os.environ, "RADAR_HOME": str(home), "LANG": "C.UTF-8", **environ},
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 1, (words, done)
    return Run(done.returncode, json.loads(lines[0]), done.stderr)


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

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = int(found.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None

    def admin(self, *words: str) -> dict[str, Any]:
        """Run `radar admin`."""
        return run(self.home, "admin", *words, RADAR_CENTRE_HOME=str(self.home)).data

    def start(self) -> None:
        """Start it and wait for the line that says it answers."""
        self._process = subprocess.Popen(
            [RADAR, "serve", "--json", "--port", str(self.port)],
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


def tiny_centre(home: Path) -> Centre:
    """Make a centre with the tiny book, not yet started."""
    centre = Centre(home)
    centre.admin("init")
    centre.admin("import", str(write_book(home / "book", TINY_BOOK)))
    return centre


def wait_until(what: str, found: Any) -> None:  # noqa: ANN401 - any callable that tells
    """Wait until `found()` is true; fail saying what was waited for."""
    end = time.monotonic() + START_S
    while not found():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.05)
