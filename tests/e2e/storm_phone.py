"""The storm's phones: they scan and sync, whatever befalls them."""

import json
import re
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from commands.phone import Phone
from radar_cli.world import real_workplace
from tests.e2e.faulty_proxy import Fault, Gate
from tests.e2e.storm_centre import PROJECTS, StormCentre, codes_of, project_of, staff_of
from tests.e2e.storm_plan import PLACES, Blow, Step
from tests.e2e.world import RADAR, RUN_S, environment, run

TIMEOUT_S = "1"
"""How long a phone waits for the centre within the storm; a stall lasts that long."""
TRIES_MAX = 20
"""How often a step's sync is tried until everything has befallen it that was planned."""


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
        self.gate = Gate([server.port for server in self.centre.servers])
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
            assert all(server.up.wait(RUN_S) for server in self.centre.servers)
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
            fall = self._falls(step, process)

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

    def _falls(self, step: Step, process: subprocess.Popen[bytes]) -> Callable[[], None]:
        match step.blow:
            case Blow.CENTRE:
                return self.centre.servers[step.server].kill
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
        place = real_workplace(str(self.home), 1.0)
        phone = Phone(place)
        elsewhere = f"P{(project_of(self.number) + 1) % PROJECTS}"
        with phone.transaction():
            recorded = phone.write("note", "", elsewhere, {"text": "not mine"}, place.clock())
        phone.journal.connection.close()
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
