"""The bare rig's server: one POST carries lines up and news down; nothing is signed or understood.

    python -m bench.rig.bare_centre DB PORT

It runs on the server that `radar serve` runs on, so that the two differ in what they do alone.
"""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
import zstandard
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.rig.bare_store import Batch, Store, open_store

GROUP_MAX = 512
PAGE = 10_000
BODY_BYTES_MAX = 64 * 1024 * 1024

Waiting = tuple[Batch, "asyncio.Future[int]"]


class Rig:
    """The server's two requests, and the task that commits what waits as one group."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: asyncio.Queue[Waiting] = asyncio.Queue()

    @asynccontextmanager
    async def life(self, _app: Starlette) -> AsyncGenerator[None]:
        """Commit for as long as the server runs."""
        task = asyncio.create_task(self._commit())
        yield
        task.cancel()

    async def _commit(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            group = [await self._waiting.get()]
            while not self._waiting.empty() and len(group) < GROUP_MAX:
                group.append(self._waiting.get_nowait())
            held = await loop.run_in_executor(None, self._store.take, [one for one, _ in group])
            for (_, future), seq in zip(group, held, strict=True):
                future.set_result(seq)

    async def _take(self, device: str, first: int, lines: list[str]) -> int:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        await self._waiting.put(((device, first, lines), future))
        return await future

    async def sync(self, request: Request) -> Response:
        """Take lines in, and answer with how far they are held and with what others sent."""
        packed = await request.body()
        plain = zstandard.ZstdDecompressor().decompress(packed, max_output_size=BODY_BYTES_MAX)
        head, _, rest = plain.decode().partition("\n")
        asked = json.loads(head)
        device, lines = asked["device"], rest.split("\n") if asked["count"] else []
        held = await self._take(device, asked["from"], lines) if lines else asked["from"] - 1
        loop = asyncio.get_running_loop()
        news = await loop.run_in_executor(None, self._store.news, asked["cursor"], PAGE)
        cursor = news[-1][0] if news else asked["cursor"]
        theirs = [line for _, sender, line in news if sender != device]
        told = {"held": held, "cursor": cursor, "count": len(theirs), "more": len(news) == PAGE}
        body = "\n".join([json.dumps(told), *theirs]).encode()
        return Response(zstandard.ZstdCompressor(level=3).compress(body))

    async def one(self, request: Request) -> Response:
        """Take one line of a device whose name and number are in the path."""
        line = (await request.body()).decode()
        device, seq = request.path_params["device"], int(request.path_params["seq"])
        return Response(b"%d" % await self._take(device, seq, [line]))


def main() -> None:
    """Serve until told to stop."""
    rig = Rig(open_store(sys.argv[1]))
    routes = [
        Route("/sync", rig.sync, methods=["POST"]),
        Route("/one/{device}/{seq}", rig.one, methods=["POST"]),
    ]
    app = Starlette(routes=routes, lifespan=rig.life)
    port = int(sys.argv[2])
    uvicorn.run(app, port=port, access_log=False, log_level=logging.WARNING)


if __name__ == "__main__":
    main()
