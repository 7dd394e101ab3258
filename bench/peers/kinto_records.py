"""Kinto as a contender: records in its memory, PUT in batches, then everything since the last time.

It has no store on the phone: what is recorded lies in this process.
"""

import importlib
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.rig.steps import free_port, main, server

requests: Any = importlib.import_module("requests")
BATCH = 1000
COLLECTION = "/buckets/b/collections/c"
SETTINGS = """
[app:main]
use = egg:kinto
kinto.project_name = bench
kinto.userid_hmac_secret = s
multiauth.policies = basicauth
kinto.bucket_create_principals = system.Everyone
kinto.batch_max_requests = {batch}
kinto.storage_backend = kinto.core.storage.memory
kinto.permission_backend = kinto.core.permission.memory
kinto.cache_backend = kinto.core.cache.memory
[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}
threads = 4
[loggers]
keys = root
[handlers]
keys =
[formatters]
keys =
[logger_root]
level = ERROR
handlers =
"""


class Client:
    """A user's client: what it has not sent yet, and up to when it has read."""

    def __init__(self) -> None:
        self.pending: list[str] = []
        self.held = 0
        self._since = ""

    def connect(self, port: int) -> None:
        """Go there from now on."""
        self._url = f"http://127.0.0.1:{port}/v1"
        self._session = requests.Session()
        self._session.auth = ("u", "p")

    def make_collection(self) -> None:
        """Make what the records go into."""
        for path in ("/buckets/b", COLLECTION):
            self._session.put(self._url + path, json={}).raise_for_status()

    def sync(self) -> None:
        """Send what is pending, then fetch what is new."""
        while self.pending:
            self.push(self.pending[:BATCH])
            del self.pending[:BATCH]
        self._pull()

    def push(self, lines: Sequence[str]) -> None:
        """Send these; raise unless all are taken."""
        asked: list[dict[str, object]] = []
        for line in lines:
            said = json.loads(line)
            path = f"/v1{COLLECTION}/records/{said['staff']}-{said['seq']}"
            asked.append({"path": path, "body": {"data": said}})
        defaults = {"method": "PUT", "headers": {"If-None-Match": "*"}}
        told = self._session.post(
            f"{self._url}/batch", json={"defaults": defaults, "requests": asked}
        )
        told.raise_for_status()
        statuses = {one["status"] for one in told.json()["responses"]}
        assert statuses == {201}, statuses

    def _pull(self) -> None:
        since = f"&_since={self._since}" if self._since else ""
        url = f"{self._url}{COLLECTION}/records?_sort=last_modified{since}"
        while url:
            told = self._session.get(url, headers={"Accept-Encoding": "gzip"})
            told.raise_for_status()
            records = told.json()["data"]
            self.held += len(records)
            if records:
                self._since = str(records[-1]["last_modified"])
            url = told.headers.get("Next-Page")


class Kinto:
    """The server, and two clients of one user."""

    def __init__(self) -> None:
        self._ends = ExitStack()

    def start(self, folder: Path, lines: Sequence[str]) -> int:
        """Start the server; A has the actions pending."""
        port = free_port()
        settings = folder / "kinto.ini"
        settings.write_text(SETTINGS.format(batch=BATCH, port=port))
        program = str(Path(sys.executable).with_name("kinto"))
        command = [program, "start", "--ini", str(settings), "--port", str(port)]
        self._ends.enter_context(server(command, port))
        self._a, self._b = Client(), Client()
        self._a.connect(port)
        self._a.make_collection()
        self._a.pending = list(lines)
        self._count = len(lines)
        return port

    def connect(self, port: int) -> None:
        """Let both go there."""
        self._a.connect(port)
        self._b.connect(port)

    def up(self) -> None:
        """Send what is pending, a batch at a time."""
        a = self._a
        while a.pending:
            a.push(a.pending[:BATCH])
            del a.pending[:BATCH]

    def down(self) -> None:
        """Fetch everything to B."""
        self._b.sync()
        assert self._b.held == self._count, self._b.held

    def record(self, line: str) -> None:
        """Keep one action in memory."""
        self._a.pending.append(line)

    def sync(self) -> None:
        """Sync A."""
        self._a.sync()

    def stop(self) -> None:
        """Stop the server."""
        self._ends.close()


if __name__ == "__main__":
    main(Kinto())
