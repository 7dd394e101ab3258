"""The server of pycrdt-websocket with its SQLite store; over plain HTTP it tells what it holds."""

import importlib
import os
from typing import Any

pycrdt: Any = importlib.import_module("pycrdt")
rooms: Any = importlib.import_module("pycrdt.websocket")
stores: Any = importlib.import_module("pycrdt.store")
ROOM = "actions"


class _Store(stores.SQLiteYStore):  # type: ignore[misc]
    db_path = os.environ.get("PYCRDT_STORE", "")


class _Rooms(rooms.WebsocketServer):  # type: ignore[misc]
    async def get_room(self, name: str) -> Any:  # noqa: ANN401 - pycrdt's
        """Return the room, with its store behind it."""
        if name not in self.rooms:
            self.rooms[name] = rooms.YRoom(ready=True, ystore=_Store(name), ydoc=pycrdt.Doc())
        await self.start_room(self.rooms[name])
        return self.rooms[name]


_rooms = _Rooms(auto_clean_rooms=False)
_websocket = rooms.ASGIServer(_rooms)


async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    """Serve the rooms; answer plain HTTP with how many actions the room holds."""
    if scope["type"] == "lifespan":
        await receive()
        await _rooms.__aenter__()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await _rooms.__aexit__(None, None, None)
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "http":
        held = [len(room.ydoc.get("a", type=pycrdt.Array)) for room in _rooms.rooms.values()]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"%d" % sum(held)})
    else:
        await _websocket(scope, receive, send)
