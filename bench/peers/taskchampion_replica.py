"""TaskChampion as a contender: its real replicas against a stand-in server; an action is a task."""

import importlib
import json
import os
import sys
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bench.rig.steps import free_port, main, server

taskchampion: Any = importlib.import_module("taskchampion")
CHUNK = 2000
CREATE = True
SECRET = "bench"  # noqa: S105 - of nothing


class Taskchampion:
    """The server, and two replicas of one user."""

    def __init__(self) -> None:
        self._ends = ExitStack()
        self._client = str(uuid.uuid4())

    def start(self, folder: Path, lines: Sequence[str]) -> int:
        """Start the server; A makes the tasks."""
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "--app-dir", str(Path(__file__).parent)]
        command += ["taskchampion_server:app", "--port", str(port), "--no-access-log"]
        environ = {**os.environ, "TASKCHAMPION_DB": str(folder / "server.db")}
        self._ends.enter_context(server(command, port, env=environ))
        self._a, self._b = (
            taskchampion.Replica.new_on_disk(str(folder / name), CREATE) for name in "AB"
        )
        for first in range(0, len(lines), CHUNK):
            self._commit(lines[first : first + CHUNK])
        return port

    def connect(self, port: int) -> None:
        """Go there from now on."""
        self._url = f"http://127.0.0.1:{port}"

    def up(self) -> None:
        """Sync A."""
        self._a.sync_to_remote(self._url, self._client, SECRET, avoid_snapshots=True)

    def down(self) -> None:
        """Fetch everything to B."""
        self._b.sync_to_remote(self._url, self._client, SECRET, avoid_snapshots=True)
        assert len(self._b.all_task_uuids()) == len(self._a.all_task_uuids())

    def record(self, line: str) -> None:
        """Make a task."""
        self._commit([line])

    def sync(self) -> None:
        """Sync A."""
        self.up()

    def stop(self) -> None:
        """Stop the server."""
        self._ends.close()

    def _commit(self, lines: Sequence[str]) -> None:
        made = taskchampion.Operations()
        for line in lines:
            said = json.loads(line)
            task = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{said['staff']}-{said['seq']}"))
            made.append(taskchampion.Operation.Create(task))
            made.append(
                taskchampion.Operation.Update(
                    uuid=task,
                    property="action",
                    timestamp=datetime.now(timezone.utc),  # noqa: UP017 - 3.9
                    old_value=None,
                    value=line,
                )
            )
        self._a.commit_operations(made)


if __name__ == "__main__":
    main(Taskchampion())
