"""PouchDB with pouchdb-server as a contender: one action is one document."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.rig.steps import free_port, main, server

MODULES = "POUCH_MODULES"
"""The folder that `npm install` filled."""
BATCH = 1000


class Pouch:
    """The server, and a Node with two databases."""

    def __init__(self) -> None:
        self._ends = ExitStack()
        self._modules = os.environ[MODULES]

    def start(self, folder: Path, lines: Sequence[str]) -> int:
        """Start both; A gets the documents."""
        port, data = free_port(), folder / "server"
        data.mkdir()
        program = f"{self._modules}/node_modules/.bin/pouchdb-server"
        command = ["node", program, "--dir", str(data), "--port", str(port), "--no-stdout-logs"]
        command += ["--config", str(folder / "config.json")]
        self._ends.enter_context(server(command, port, cwd=folder))
        pipe, script = subprocess.PIPE, str(Path(__file__).with_name("pouch.js"))
        self._node = subprocess.Popen(
            ["node", script, self._modules], stdin=pipe, stdout=pipe, text=True
        )
        self._databases = [str(folder / name) for name in "AB"]
        self._count = len(lines)
        self._ask(op="add", db=self._databases[0], lines=list(lines))
        return port

    def connect(self, port: int) -> None:
        """Go there from now on."""
        self._url = f"http://127.0.0.1:{port}/actions"

    def up(self) -> None:
        """Replicate A to the server."""
        done = self._ask(op="to", db=self._databases[0], url=self._url, batch=BATCH)
        assert done == self._count, done

    def down(self) -> None:
        """Replicate the server to B."""
        done = self._ask(op="from", db=self._databases[1], url=self._url, batch=BATCH)
        assert done == self._count, done

    def record(self, line: str) -> None:
        """Put one document; leveldb does not flush it."""
        self._ask(op="add", db=self._databases[0], lines=[line])

    def sync(self) -> None:
        """Sync A both ways."""
        self._ask(op="sync", db=self._databases[0], url=self._url, batch=BATCH)

    def stop(self) -> None:
        """Stop both."""
        assert self._node.stdin is not None
        self._node.stdin.close()
        self._node.wait()
        self._ends.close()

    def _ask(self, **asked: object) -> int:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(asked) + "\n")
        self._node.stdin.flush()
        told = json.loads(self._node.stdout.readline())
        if "error" in told:
            sys.exit(f"PouchDB: {told['error']}")
        return int(told["done"])


if __name__ == "__main__":
    main(Pouch())
