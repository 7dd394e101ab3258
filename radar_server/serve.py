"""`radar serve`: the centre as a process, until it is told to stop."""

import errno
import gc
import ipaddress
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import FrameType

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError

from radar_core.failures import USAGE, Failure, N_
from radar_server.admin import opened
from radar_server.audit import note
from radar_server.centre import Centre
from radar_server.database import writing
from radar_server.gate import BACKLOG, HEADERS, Gate, room
from radar_server.http import make_app
from radar_server.replays import AHEAD_MS, Replays
from radar_server.retention import delete_due
from radar_server.transport import SOON, Papers, Serving, authority_of, papers_of
from radar_server.watchlog import WatchLog

PORT_MAX = 65_535
COLLECT_OBJECTS = 100_000
"""More new objects than a page makes: then the collector looks for those that hold each other."""
RETAIN_S, RETAIN_AGAIN_S = 86_400.0, 600.0
"""How often what has been kept long enough is deleted; and how soon again where that failed."""
SHUTDOWN_S = 5
"""How long requests under way may take when the centre is told to stop."""


def serve(
    home: str,
    db: str,
    *,
    host: str,
    port: int,
    cert: str = "",
    key: str = "",
    authority: str = "",
    plain_http: bool = False,
    ready: Callable[[str], None],
    tell: Callable[..., None],
) -> None:
    """Run the centre until SIGTERM or SIGINT; call `ready` with its URL once it answers.

    Port 0 takes a free one. `cert`, `key` and `authority` are files, empty for the centre's own;
    with `plain_http` it does without, even where others can listen. What its operator should know
    goes to `tell`. Raise Failure where address, certificate or database cannot be had.
    """
    papers = None if plain_http else papers_of(home, cert, key)
    told = authority_of(home, papers, authority)
    with opened(home, db) as made, _listening(host, port) as listener:
        centre = replace(made, authority=told)
        url = _url(listener, "http" if papers is None else "https")
        if papers is None and not (plain_http or _is_loopback(listener)):
            raise _in_the_clear(url)
        if papers is not None and papers.until - datetime.now(UTC) < SOON:
            text = N_("The certificate is good until {until}; renew it: radar serve cert")
            tell(text, until=f"{papers.until:%Y-%m-%d}")
        centre.shelf.sweep(time.time())
        with writing(centre.engine) as connection:
            note(connection, centre, "serve", url=url)
        # What an earlier process took it cannot know: nothing of that time is taken again.
        seen = Replays(centre.now_ms() + AHEAD_MS)
        watch = WatchLog()
        app = make_app(replace(centre, replays=seen), watch=watch)
        config = _config(app, papers, Gate(watch, room()))
        server = _Server(config, lambda: ready(url), app.state.events.close)
        _settle()
        with _stopped_by_signals(server), _retaining(centre):
            server.run(sockets=[listener])
        watch.flush(all_of_it=True)


@contextmanager
def _retaining(centre: Centre) -> Generator[None]:
    """Delete what has been kept long enough, at once and then daily, beside all that comes in."""
    stop = threading.Event()

    def run() -> None:
        wait_s = 0.0
        while not stop.wait(wait_s):
            try:
                delete_due(centre, stop=stop.is_set)
                wait_s = RETAIN_S
            except (DBAPIError, OSError):  # a database that is away for a moment: later again
                wait_s = RETAIN_AGAIN_S

    thread = threading.Thread(target=run, name="retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(SHUTDOWN_S)


def _config(app: FastAPI, papers: Papers | None, gate: Gate) -> uvicorn.Config:
    shown = None if papers is None else Serving(papers).context()
    return uvicorn.Config(
        app,
        http=gate.protocol,  # type: ignore[arg-type] # uvicorn only calls it
        ws="none",
        headers=HEADERS,
        server_header=False,
        backlog=BACKLOG,
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level=logging.WARNING,
        timeout_graceful_shutdown=SHUTDOWN_S,
        ssl_context_factory=None if shown is None else lambda _config, _default: shown,
    )


def _is_loopback(listener: socket.socket) -> bool:
    """Tell whether nobody beyond this machine can come in."""
    address: str = listener.getsockname()[0]
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _in_the_clear(url: str) -> Failure:
    return Failure(
        "plain_http",
        N_("Without TLS others on the network can read all that phones send; nothing was started."),
        N_("First: radar serve cert. Behind a proxy that has TLS: radar serve --plain-http"),
        exit_code=USAGE,
        url=url,
    )


def _settle() -> None:
    """Keep the collector from looking at each page again and again: a fifth of what one costs.

    A page makes tens of thousands of objects, all of which go by themselves when it is stored.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_OBJECTS)


class _Server(uvicorn.Server):
    """A server that tells when it answers and when it stops, and leaves signals to its caller."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then tell."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell first: what is open without end must end by itself."""
        self._stopping()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Not here: uvicorn would raise them again when it has stopped cleanly."""
        yield


@contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Generator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        server.handle_exit(number, frame)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _listening(host: str, port: int) -> Generator[socket.socket]:
    """Listen, before anything else starts, so that a port in use is one clear sentence."""
    try:
        if port > PORT_MAX:
            # The system's own resolver would take what is left over of it.
            raise OverflowError(f"a port is at most {PORT_MAX}")  # noqa: TRY301 - one way out
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except (OSError, OverflowError) as error:
        raise _cannot_listen(host, port, error) from error
    with listener:
        yield listener


def _cannot_listen(host: str, port: int, error: OSError | OverflowError) -> Failure:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return Failure(
            "address_in_use",
            N_("Something else answers at {host}:{port} already."),
            N_("Another centre? Choose another port, or a free one: radar serve --port 0"),
            host=host,
            port=port,
        )
    return Failure(
        "address_not_usable",
        N_("The centre cannot listen at {host}:{port} ({reason})."),
        N_("Choose an address of this machine and a port from 1024 to 65535."),
        host=host,
        port=port,
        reason=(error.strerror if isinstance(error, OSError) else None) or str(error),
    )


def _url(listener: socket.socket, scheme: str) -> str:
    """Return the address that a browser on this machine would be given."""
    bound: tuple[str, int] = listener.getsockname()[:2]
    host, port = bound
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound, but shown
    host = everywhere.get(host, host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
