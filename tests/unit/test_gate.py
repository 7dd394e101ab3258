"""A connection's minutes: a body that stops is given up, however much of it has come."""

import asyncio
import socket

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from radar_server.gate import BYTES_A_MINUTE_MIN, MINUTE_S, Gate, Guarded
from radar_server.watchlog import WatchLog

HEAD = b"POST / HTTP/1.1\r\nHost: c\r\nContent-Length: 10000000\r\n\r\n"


async def _endless(_scope: Scope, receive: Receive, _send: Send) -> None:
    """Read whatever comes."""
    while (await receive())["type"] == "http.request":
        pass


async def _body(minutes: list[int]) -> list[str]:
    """Send so many bytes in each minute; return what is said of the connection at its end."""
    loop = asyncio.get_running_loop()
    made: list[Guarded] = []
    config = Config(_endless, lifespan="off")
    config.load()
    gate = Gate(WatchLog(lambda _line: None), 10)

    def connect() -> Guarded:
        made.append(gate.protocol(config, ServerState(), {}, loop))
        return made[-1]

    server = await loop.create_server(connect, "127.0.0.1", 0)
    said: list[str] = []
    with socket.create_connection(server.sockets[0].getsockname()[:2]) as way:
        way.sendall(HEAD)
        await asyncio.sleep(0.05)
        now_s = loop.time()
        for size in minutes:
            await loop.run_in_executor(None, way.sendall, bytes(size))
            await asyncio.sleep(0.05)
            assert not made[0].too_slow(now_s + MINUTE_S - 1)
            now_s += MINUTE_S + 1
            said.append(made[0].too_slow(now_s))
        made[0].end()
    server.close()
    return said


@pytest.mark.parametrize(
    ("minutes", "slow"),
    [
        ([BYTES_A_MINUTE_MIN] * 3, [False] * 3),
        ([100], [True]),
        ([2_000_000, BYTES_A_MINUTE_MIN, 0], [False, False, True]),
        ([2_000_000, 100], [False, True]),
    ],
)
def test_a_body_must_go_on_coming(minutes: list[int], slow: list[bool]) -> None:
    assert [bool(text) for text in asyncio.run(_body(minutes))] == slow
