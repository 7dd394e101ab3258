"""A stand-in for TaskChampion's sync server, which no registry of ours has.

The documented HTTP protocol: a chain of versions for each client id, add-version only onto the
latest one, get-child-version, and snapshots; on SQLite, flushed for each version.
"""

import os
import sqlite3
import uuid
from typing import Any

NIL = str(uuid.UUID(int=0))
LOW, HIGH = 100, 150
"""So many versions since the last snapshot, and the server asks for one, more or less urgently."""

_db = sqlite3.connect(
    os.environ.get("TASKCHAMPION_DB", ""), isolation_level=None, check_same_thread=False
)
_db.executescript("""
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS version(
  client TEXT, id TEXT PRIMARY KEY, parent TEXT, segment BLOB, UNIQUE(client, parent));
CREATE TABLE IF NOT EXISTS client(
  id TEXT PRIMARY KEY, latest TEXT, snapshot TEXT, since INTEGER, bytes BLOB);
""")
Told = tuple[int, dict[str, str], bytes]


def _client(client: str) -> tuple[str, Any, int]:
    row = _db.execute("SELECT latest, snapshot, since FROM client WHERE id = ?", (client,))
    found: tuple[str, Any, int] = row.fetchone() or (NIL, None, 0)
    return found


def _add_version(client: str, parent: str, body: bytes) -> Told:
    _db.execute("BEGIN IMMEDIATE")
    latest, snapshot, since = _client(client)
    if latest not in (NIL, parent):
        _db.execute("ROLLBACK")
        return 409, {"X-Parent-Version-Id": latest}, b""
    version = str(uuid.uuid4())
    _db.execute("INSERT INTO version VALUES (?, ?, ?, ?)", (client, version, parent, body))
    _db.execute("INSERT OR IGNORE INTO client VALUES (?, ?, NULL, 0, NULL)", (client, NIL))
    _db.execute("UPDATE client SET latest = ?, since = since + 1 WHERE id = ?", (version, client))
    _db.execute("COMMIT")
    headers = {"X-Version-Id": version}
    if snapshot is None or since >= LOW:
        urgency = "high" if snapshot is None or since >= HIGH else "low"
        headers["X-Snapshot-Request"] = f"urgency={urgency}"
    return 200, headers, b""


def _child_version(client: str, parent: str) -> Told:
    wanted = "SELECT id, segment FROM version WHERE client = ? AND parent = ?"
    row = _db.execute(wanted, (client, parent)).fetchone()
    if row is None:
        return (404 if _client(client)[0] in (parent, NIL) else 410), {}, b""
    headers = {"X-Version-Id": row[0], "X-Parent-Version-Id": parent}
    headers["Content-Type"] = "application/vnd.taskchampion.history-segment"
    return 200, headers, row[1]


def _add_snapshot(client: str, version: str, body: bytes) -> Told:
    changed = "UPDATE client SET snapshot = ?, since = 0, bytes = ? WHERE id = ?"
    _db.execute(changed, (version, body, client))
    return 200, {}, b""


def _snapshot(client: str) -> Told:
    wanted = "SELECT snapshot, bytes FROM client WHERE id = ? AND snapshot IS NOT NULL"
    row = _db.execute(wanted, (client,)).fetchone()
    if row is None:
        return 404, {}, b""
    kind = "application/vnd.taskchampion.snapshot"
    return 200, {"X-Version-Id": row[0], "Content-Type": kind}, row[1]


def _answer(path: str, client: str, body: bytes) -> Told:
    *_, verb, last = ["", "", *path.strip("/").split("/")]
    if verb == "add-version":
        return _add_version(client, last, body)
    if verb == "get-child-version":
        return _child_version(client, last)
    if verb == "add-snapshot":
        return _add_snapshot(client, last, body)
    return _snapshot(client) if last == "snapshot" else (404, {}, b"")


async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    """Serve the protocol."""
    if scope["type"] == "lifespan":
        for moment in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{moment}.complete"})
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    client = dict(scope["headers"]).get(b"x-client-id", b"").decode()
    status, headers, told = _answer(scope["path"], client, body)
    headers["Content-Length"] = str(len(told))
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": told})
