"""The storm's centre: a few projects on PostgreSQL, served by real processes that are killed."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import psycopg

from radar_core.tags import make_code
from radar_server import admin
from tests.e2e.storm_plan import PHONES, PLACES, SERVERS
from tests.e2e.world import RADAR, START_S, free_port, write_book

PROJECTS = 5


def codes_of(project: int) -> list[str]:
    """Return the codes of a project's places."""
    return [make_code(f"P{project}-{place}".encode().rjust(7)) for place in range(PLACES)]


def staff_of(phone: int) -> str:
    """Return who carries a phone; each is at work in one project."""
    return f"G{phone:02}"


def project_of(phone: int) -> int:
    """Return the project of who carries a phone."""
    return phone % PROJECTS


def book() -> dict[str, list[dict[str, str]]]:
    """Return a site book of a few projects, each place with a round of its own."""
    spots = [(project, place) for project in range(PROJECTS) for place in range(PLACES)]
    return {
        "districts": [{"id": "WC", "name": "West Coast", "domain": "R.EXAMPLE"}],
        "projects": [
            {"id": f"P{n}", "district": "WC", "name": f"P{n}", "timezone": "Asia/Shanghai"}
            for n in range(PROJECTS)
        ],
        "places": [
            {"id": f"P{n}-{at}", "project": f"P{n}", "kind": "room", "name": f"Room {at}"}
            for n, at in spots
        ],
        "tags": [
            {
                "code": codes_of(n)[at],
                "project": f"P{n}",
                "place": f"P{n}-{at}",
                "state": "bound",
            }
            for n, at in spots
        ],
        "assets": [
            {"id": "PUMP", "project": "P0", "place": "P0-0", "class": "pump", "name": "Pump"},
        ],
        "checklists": [
            {
                "checklist": "PUMP",
                "name": "Pump",
                "step": "leak",
                "type": "check",
                "title": "Leak",
                "required": "yes",
            },
        ],
        "staff": [
            {
                "id": staff_of(phone),
                "name": staff_of(phone),
                "roles": "guard",
                "projects": f"P{project_of(phone)}",
            }
            for phone in range(PHONES)
        ],
        "routes": [
            {
                "route": f"R{n}-{at}",
                "project": f"P{n}",
                "name": "Round",
                "ordered": "no",
                "place": f"P{n}-{at}",
            }
            for n, at in spots
        ],
        "schedules": [
            {
                "id": f"ROUND{n}-{at}",
                "project": f"P{n}",
                "kind": "patrol",
                "title": "Round",
                "role": "guard",
                "rrule": "FREQ=DAILY",
                "start": "2026-01-01T00:00",
                "duration_min": "1440",
                "route": f"R{n}-{at}",
            }
            for n, at in spots
        ],
    }


class Server:
    """A real `radar serve`, killed and started again; `up` while it answers."""

    def __init__(self, home: Path, db: str, centre: Path | None = None, port: int = 0) -> None:
        """Write the log to the folder `home`, where the `centre` is too unless it is given."""
        self.port = port or free_port()
        self.up = threading.Event()
        self.log = home / f"log{self.port}"
        self._home, self._db = centre or home, ["--db", db] if db else []
        self._busy = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait for the line that says it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [RADAR, "serve", "--json", "--port", str(self.port), *self._db],
                env={**os.environ, "RADAR_CENTRE_HOME": str(self._home)},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        assert json.loads(self._process.stdout.readline())["ok"]
        self.up.set()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stop it and return its exit code."""
        assert self._process is not None
        self._process.send_signal(how)
        code = self._process.wait(START_S)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def kill(self) -> None:
        """Kill it with -9 and start it again."""
        with self._busy:
            self.up.clear()
            assert self.stop(signal.SIGKILL) == -signal.SIGKILL
            self.start()


class StormCentre:
    """One centre: a database on PostgreSQL, and the processes that serve it side by side."""

    def __init__(self, home: Path, db: str, name: str) -> None:
        """`db` is an empty database, which the processes reach under an application name."""
        self._home, self._name, self._plain = home, name, db
        self._db = f"{db}{'&' if '?' in db else '?'}application_name={name}"
        admin.init(str(home), self._db, "Storm")
        written = str(write_book(home / "book", book()))
        admin.import_book(str(home), self._db, written, dry_run=False)
        self.servers = [Server(home, self._db) for _ in range(SERVERS)]
        for server in self.servers:
            server.start()

    def close(self) -> None:
        """Stop the processes; each ends cleanly, and none has told of a bug."""
        assert [server.stop() for server in self.servers] == [0] * SERVERS
        assert "Traceback" not in "".join(server.log.read_text() for server in self.servers)

    def enrol_code(self, staff: str) -> str:
        """Return a one-time code for a person."""
        return str(admin.enrol_code(str(self._home), self._db, staff, 1)["code"])

    def end_connections(self) -> None:
        """End the connections to the database, whatever they are at."""
        self.select(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
            self._name,
        )

    def select(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query, by a connection that is not the centre's."""
        with psycopg.connect(self._plain) as connection:
            return connection.execute(query.encode(), values).fetchall()
