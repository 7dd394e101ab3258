"""pycrdt with pycrdt-websocket as a contender: one action is one text at the end of an array.

Its protocol has no acknowledgement; what is sent counts once the server, asked beside it, holds it.
"""

import importlib
import os
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench.rig.steps import free_port, main, server

pycrdt: Any = importlib.import_module("pycrdt")
connect: Any = importlib.import_module("websockets.sync.client").connect
PAUSE_S = 0.001


class Pycrdt:
    """The server, and two documents; each sync is a connection of its own."""

    def __init__(self) -> None:
        self._ends = ExitStack()

    def start(self, folder: Path, lines: Sequence[str]) -> int:
        """Start the server; A appends the actions."""
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "--app-dir", str(Path(__file__).parent)]
        command += ["pycrdt_server:app", "--port", str(port), "--no-access-log"]
        command += ["--ws-max-size", "1000000000", "--ws-per-message-deflate", "false"]
        environ = {**os.environ, "PYCRDT_STORE": str(folder / "room.db")}
        self._ends.enter_context(server(command, port, env=environ))
        self._asked = HTTPConnection("127.0.0.1", port)
        self._a, self._b = pycrdt.Doc(), pycrdt.Doc()
        self._journal = sqlite3.connect(folder / "a.db", isolation_level=None)
        self._journal.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
        self._journal.execute("CREATE TABLE change(id INTEGER PRIMARY KEY, bytes BLOB)")
        self._actions = self._a.get("a", type=pycrdt.Array)
        self._last: list[bytes] = []
        self._watch = self._a.observe(lambda event: self._last.append(event.update))
        for line in lines:
            self._actions.append(line)
        return port

    def connect(self, port: int) -> None:
        """Go there from now on."""
        self._url = f"ws://127.0.0.1:{port}/actions"

    def up(self) -> None:
        """Send what A has, until the server shows it."""
        self._meet(self._a)
        while self._held() < len(self._actions):
            time.sleep(PAUSE_S)

    def down(self) -> None:
        """Fetch everything to B."""
        self._b.get("a", type=pycrdt.Array)
        self._meet(self._b)
        assert len(self._b["a"]) == len(self._actions)

    def record(self, line: str) -> None:
        """Append one action, and keep the change in a database of the phone's."""
        self._actions.append(line)
        self._journal.execute("INSERT INTO change(bytes) VALUES (?)", (self._last[-1],))

    def sync(self) -> None:
        """Sync A."""
        self.up()

    def stop(self) -> None:
        """Stop the server."""
        self._ends.close()

    def _meet(self, document: Any) -> None:  # noqa: ANN401 - pycrdt's
        """Exchange state vectors, then what each lacks."""
        got = sent = False
        with connect(self._url, max_size=None, compression=None) as way:
            way.send(pycrdt.create_sync_message(document))
            while not (got and sent):
                message = way.recv(timeout=120)
                if message[0] != pycrdt.YMessageType.SYNC:
                    continue
                reply = pycrdt.handle_sync_message(message[1:], document)
                got = got or message[1] == pycrdt.YSyncMessageType.SYNC_STEP2
                if reply is not None:
                    way.send(reply)
                    sent = True

    def _held(self) -> int:
        self._asked.request("GET", "/")
        return int(self._asked.getresponse().read())


if __name__ == "__main__":
    main(Pycrdt())
