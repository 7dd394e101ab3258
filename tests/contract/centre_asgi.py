"""An ordinary httpx client whose requests go straight into an ASGI application."""

from collections.abc import Generator
from contextlib import contextmanager

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI


class AsgiTransport(httpx.BaseTransport):
    """Runs each request in the event loop of a portal."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer with its body as it was sent."""
        return self._portal.call(self._handle, request)

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        body = b"".join([chunk async for chunk in answer.aiter_raw()])
        stream = httpx.ByteStream(body)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=stream)


@contextmanager
def asgi_client(app: FastAPI) -> Generator[httpx.Client]:
    """Give a client of the application."""
    with (
        start_blocking_portal() as portal,
        httpx.Client(transport=AsgiTransport(app, portal), base_url="http://centre") as client,
    ):
        yield client
