"""The storm's world: a centre on PostgreSQL, and phones that scan and sync whatever comes."""

import json
import os
import re
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from radar_cli.world import real_workplace
from radar_core.actions import Draft, touches
from radar_core.tags import make_code
from radar_server import admin
from sync.journal import open_journal
from tests.e2e.faulty_proxy import Fault, Gate
from tests.e2e.storm_plan import PHONES, PLACES, Blow, Step
from tests.e2e.world import RADAR, RUN_S, START_S, environment, free_port, run, write_book

PROJECTS = 5
TIMEOUT_S = "1"
"""How long a phone waits for the centre within the storm; a stall lasts that long."""
TRIES_MAX = 20
"""How often a step's sync is tried until everything has befallen it that was planned."""
POISON = "out_of_scope"


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


class StormCentre:
    """A real centre process on PostgreSQL that is killed and started again; `up` while it is up."""

    def __init__(self, home: Path, db: str, name: str) -> None:
        """`db` is an empty database, which the centre reaches under an application name."""
        self.home = home
        self.db = f"{db}{'&' if '?' in db else '?'}application_name={name}"
        self.port = free_port()
        self.up = threading.Event()
        self.log = home / "log"
        self._plain, self._name = db, name
        self._busy = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        admin.init(str(home), self.db, "Storm")
        admin.import_book(str(home), self.db, str(write_book(home / "book", book())), dry_run=False)

    def enrol_code(self, staff: str) -> str:
        """Return a one-time code for a person."""
        return str(admin.enrol_code(str(self.home), self.db, staff, 1)["code"])

    def start(self) -> None:
        """Start it and wait for the line that says it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [RADAR, "serve", "--json", "--port", str(self.port), "--db", self.db],
                env={**os.environ, "RADAR_CENTRE_HOME": str(self.home)},
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

    def end_connections(self) -> None:
        """End its connections to the database, whatever they are at."""
        self.select(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
            self._name,
        )

    def select(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query, by a connection that is not the centre's."""
        with psycopg.connect(self._plain) as connection:
            return connection.execute(query.encode(), values).fetchall()


@dataclass(slots=True)
class StormPhone:
    """A real phone behind a gate of its own, and what is known of it from outside."""

    number: int
    home: Path
    centre: StormCentre
    gate: Gate = field(init=False)
    struck: Counter[Blow] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    """How often each exit code and problem came from a sync."""
    saved: list[str] = field(default_factory=list)
    """The ids of what was answered as saved."""
    poisoned: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = Gate(self.centre.port)
        code = self.centre.enrol_code(staff_of(self.number))
        assert run(self.home, "enrol", self.gate.url, code).code == 0

    @property
    def project(self) -> str:
        """The project of who carries it."""
        return f"P{project_of(self.number)}"

    def take(self, step: Step) -> None:
        """Do a step, until everything has befallen it that was planned."""
        if step.poison:
            self._poison()
        if step.blow is Blow.SCANNING:
            self._die_scanning(step)
            return
        scanning = self._begin_to_scan(step.picks) if step.picks else None
        if scanning is not None and not step.beside:
            self._end_scanning(scanning, len(step.picks))
        self._sync(step)
        if scanning is not None and step.beside:
            self._end_scanning(scanning, len(step.picks))

    def scan(self, count: int) -> None:
        """Scan so often."""
        picks = tuple(at % PLACES for at in range(count))
        self._end_scanning(self._begin_to_scan(picks), count)

    def sync(self) -> Mapping[str, Any]:
        """Sync over a clean network, and return what was told."""
        told = run(self.home, "sync")
        assert told.code == (5 if told.data["quarantined"] else 0), told
        return told.data

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        surroundings = environment(self.home, RADAR_TIMEOUT_S=TIMEOUT_S)
        return subprocess.Popen(
            [RADAR, *words, "--json"], env=surroundings, stdin=pipe, stdout=pipe, stderr=pipe
        )

    def _begin_to_scan(self, picks: tuple[int, ...]) -> subprocess.Popen[bytes]:
        codes = codes_of(project_of(self.number))
        process = self._start("scan", "-")
        assert process.stdin is not None
        process.stdin.write("".join(f"{codes[pick]}\n" for pick in picks).encode())
        process.stdin.flush()
        return process

    def _end_scanning(self, process: subprocess.Popen[bytes], count: int) -> None:
        """Recording asks nobody: each scan was saved (law 2)."""
        stdout, stderr = process.communicate(timeout=RUN_S)
        saved = _saved(stdout)
        assert (process.returncode, len(saved), stderr) == (0, count, b""), (stdout, stderr)
        self.saved += saved

    def _die_scanning(self, step: Step) -> None:
        """Be killed a while after the first verdict, which comes from within the scans."""
        process = self._begin_to_scan(step.picks)
        assert process.stdout is not None
        first = process.stdout.readline()
        killing = threading.Timer(step.after_s, process.kill)
        killing.start()
        killing.join()
        rest, _ = process.communicate(timeout=RUN_S)
        assert process.returncode == -signal.SIGKILL
        self.struck[Blow.SCANNING] += 1
        self.saved += _saved(first + rest)

    def _sync(self, step: Step) -> None:
        faults, blow = step.order.faults, step.blow
        if faults and Fault.REFUSED not in faults:
            self.gate.orders.append(step.order)
        for tried in range(TRIES_MAX):
            assert self.centre.up.wait(RUN_S)
            if Fault.REFUSED in faults:
                with self.gate.refusing():
                    self._sync_once(step)
                self.gate.injected[Fault.REFUSED] += 1
                return
            # A sync that was too fast for a blow is struck sooner the next time.
            if self._sync_once(step, blow, step.after_s / 2**tried):
                blow = None
            if not self.gate.orders and blow is None:
                return
        raise AssertionError(f"{step} could not be carried out in {TRIES_MAX} tries")

    def _sync_once(self, step: Step, blow: Blow | None = None, after_s: float = 0.0) -> bool:
        """Sync, or twice at once; tell whether the blow fell."""
        process = self._start("sync")
        falling: list[threading.Timer] = []
        if blow is not None:
            fall = self._falls(blow, process)

            def soon() -> None:
                self.gate.on_request = _nothing
                falling.append(threading.Timer(after_s, fall))
                falling[-1].start()

            self.gate.on_request = soon
        if step.twice:
            self._hear(self._start("sync"))
        killed = self._hear(process)
        self.gate.settle()
        self.gate.on_request = _nothing
        for timer in falling:
            timer.join()
        fell = killed if blow is Blow.SYNCING else bool(falling)
        if blow is not None and fell:
            self.struck[blow] += 1
        return fell

    def _falls(self, blow: Blow, process: subprocess.Popen[bytes]) -> Callable[[], None]:
        match blow:
            case Blow.CENTRE:
                return self.centre.kill
            case Blow.CONNECTIONS:
                return self.centre.end_connections
            case _:
                return process.kill

    def _hear(self, process: subprocess.Popen[bytes]) -> bool:
        """Note how a sync ended; tell whether it was killed."""
        stdout, stderr = process.communicate(timeout=RUN_S)
        if process.returncode == -signal.SIGKILL:
            self.said["killed"] += 1
            return True
        assert stderr == b"", stderr.decode()
        told = json.loads(stdout)
        self.said[f"{process.returncode} {_reason(told)}".rstrip()] += 1
        return False

    def _poison(self) -> None:
        """Record an action of a project where this person does not work."""
        draft = Draft(
            staff=staff_of(self.number),
            project=f"P{(project_of(self.number) + 1) % PROJECTS}",
            kind="note",
            subject="",
            body={"text": "not for this centre to take"},
        )
        place = real_workplace(str(self.home), 1.0)
        journal = open_journal(str(self.home / "phone.db"))
        with journal.transaction():
            recorded = journal.append(draft, place.clock(), touches(draft))
        journal.connection.close()
        self.poisoned.append(recorded.id)


def _saved(stdout: bytes) -> list[str]:
    """Return the ids in the verdicts that came whole."""
    lines = stdout.decode().splitlines(keepends=True)
    return [json.loads(line)["data"]["action_id"] for line in lines if line.endswith("\n")]


def _reason(told: Mapping[str, Any]) -> str:
    """Return the code of a failure, and which problem of the centre it stands for."""
    error = told.get("error")
    if error is None:
        return ""
    problem = re.search(r"refused \((\w+)\)", error["message"])
    return f"{error['code']} {problem[1]}" if problem else str(error["code"])


def _nothing() -> None:
    """Do nothing when a request comes."""
