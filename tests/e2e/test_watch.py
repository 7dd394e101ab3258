"""`radar sync --watch` as a process: beside scans and syncs, over outages, to its end."""

import json
import queue
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import (
    CODES,
    RUN_S,
    Centre,
    Prepared,
    end,
    held,
    journal,
    reading,
    run,
    start,
)

PATIENCE_S = 40.0
"""Less than the shortest time between two polls: what comes sooner was asked for by an event."""
SCANS = 40


class Watch:
    """A watch on the phone in `home`; what it tells is read in a thread of its own."""

    def __init__(self, home: Path) -> None:
        self.process = start(home, "sync", "--watch", "--json")
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def told(self) -> dict[str, Any]:
        """Return the next thing that it tells."""
        told: dict[str, Any] = json.loads(self._lines.get(timeout=PATIENCE_S))
        return told

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        """Wait for something that it tells."""
        while not wanted(self.told()):
            pass

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Send a signal; return the exit code and what was written to stderr."""
        self.process.send_signal(how)
        return self.ended()

    def close(self) -> None:
        """Leave nothing of it."""
        self.process.kill()
        self.process.wait(RUN_S)
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def ended(self) -> tuple[int, str]:
        """Wait for its end; return the exit code and what was written to stderr."""
        code = self.process.wait(RUN_S)
        assert self.process.stderr is not None
        return code, self.process.stderr.read().decode()


@pytest.fixture
def watching() -> Iterator[Callable[[Path], Watch]]:
    """Give what starts a watch and waits until it has synced once."""
    with ExitStack() as stack:

        def begin(home: Path) -> Watch:
            watch = Watch(home)
            stack.callback(watch.close)
            assert watch.told()["ok"] is True
            return watch

        yield begin


def actions_of(phone: Path) -> Counter[tuple[str, int]]:
    """Count the actions that a phone holds, its own and others'."""
    with reading(phone / "phone.db") as database:
        return Counter(database.execute("SELECT epoch, seq FROM action"))


def test_law_03_all_scanned_beside_a_watch_and_a_second_sync_arrives_once_and_by_event(
    prepared: Prepared, running: Centre, tmp_path: Path, watching: Callable[[Path], Watch]
) -> None:
    guard, engineer = prepared.phone(tmp_path / "g"), prepared.phone(tmp_path / "e", "HV-E01")
    mine, theirs = watching(guard), watching(engineer)
    scanning = start(guard, "scan", "-", "--json")
    assert scanning.stdin is not None
    codes = list(CODES.values())
    for number in range(SCANS):
        scanning.stdin.write(f"{codes[number % len(codes)]}\n".encode())
        scanning.stdin.flush()
        if number % 10 == 5:
            assert run(guard, "sync").data["unsent"] >= 0
    code, verdicts, complaints = end(scanning)
    assert (code, complaints, len(verdicts.splitlines())) == (0, "", SCANS)

    recorded = {(epoch, seq) for epoch, seq, _ in journal(guard)}
    assert len(recorded) >= SCANS
    # The colleague's phone does nothing by itself: events alone bring all of it in time.
    theirs.until(lambda told: told["ok"] and recorded <= actions_of(engineer).keys())
    assert set(actions_of(engineer).values()) == {1}
    assert Counter(held(running)) == Counter(dict.fromkeys(recorded, 1))
    assert run(guard, "status").data["unsent"] == 0
    assert run(guard, "log", "--verify").data["verified"] == len(recorded)
    assert mine.end(signal.SIGINT) == (130, "")
    assert theirs.end(signal.SIGTERM) == (0, "")


def test_a_watch_outlives_its_centre_and_sends_when_it_is_back(
    prepared: Prepared, running: Centre, tmp_path: Path, watching: Callable[[Path], Watch]
) -> None:
    phone = prepared.phone(tmp_path / "phone")
    watch = watching(phone)
    assert running.stop() == 0
    assert run(phone, "scan", CODES["DESK"]).code == 0
    watch.until(lambda told: not told["ok"] and told["error"]["code"] == "unreachable")
    running.start()
    watch.until(lambda told: told["ok"] and told["data"]["unsent"] == 0)
    assert held(running) == [(epoch, seq) for epoch, seq, _ in journal(phone)]
    assert watch.end(signal.SIGTERM) == (0, "")


def test_a_watch_with_nothing_to_do_tells_that_its_centre_went_and_came_back(
    prepared: Prepared, running: Centre, tmp_path: Path, watching: Callable[[Path], Watch]
) -> None:
    watch, colleague = (
        watching(prepared.phone(tmp_path / "g")),
        prepared.phone(tmp_path / "e", "HV-E01"),
    )
    assert run(colleague, "scan", CODES["DESK"]).code == 0
    assert run(colleague, "sync").code == 0
    watch.until(lambda told: told["ok"] and told["data"]["received"])  # by event: it hears
    assert running.stop() == 0
    watch.until(lambda told: not told["ok"] and told["error"]["code"] == "unreachable")
    running.start()
    watch.until(lambda told: bool(told["ok"]))
    assert watch.end(signal.SIGTERM) == (0, "")


def test_a_revoked_phones_watch_ends_as_its_sync_does(
    prepared: Prepared, running: Centre, tmp_path: Path, watching: Callable[[Path], Watch]
) -> None:
    phone = prepared.phone(tmp_path / "phone")
    watch = watching(phone)
    running.admin("revoke", run(phone, "status").data["device"])
    assert run(phone, "scan", CODES["DESK"]).code == 0
    assert watch.told()["error"]["code"] == "revoked"
    assert watch.ended() == (6, "")
