"""The centre over HTTP: what comes in is read with a limit, what goes out is signed.

Blocking work runs in threads; one at a time writes, so that nobody waits for a lock of the
database's, pushes that wait go in together, and an answer leaves only after its commit.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from radar_server.blobs import is_noted, note_arrival, read_blob, take_piece
from radar_server.bodies import compress, read_body
from radar_server.centre import Centre
from radar_server.devices import Device
from radar_server.events import Events
from radar_server.evidence import grade_stale
from radar_server.feed import NewsPage
from radar_server.forms import (
    AUTHORITY_FORM,
    AUTHORITY_TYPE,
    BOARD_FORM,
    BRING_FORM,
    ENROL_BODY_BYTES_MAX,
    ENROL_FORM,
    EVENTS_FORM,
    FIGURES_FORM,
    HEALTH_FORM,
    QUERY_FORM,
    SHOW_FORM,
    SYNC_FORM,
    EnrolRequest,
    HealthAnswer,
)
from radar_server.handling import (
    answer_push,
    check_push,
    check_stored,
    enrol_phone,
    is_sync_due,
    note_last_sync,
    read_epoch,
    read_push,
    show_board,
    show_figures,
    show_thing,
)
from radar_server.ingest import Outcome, Stored
from radar_server.led import Wanted
from radar_server.limits import Limits, Room
from radar_server.prepared import Pushed, prepare
from radar_server.problems import PROBLEM_TYPE, PROBLEMS, Problem
from radar_server.requests import Asked, asked_of
from radar_server.restoring import is_forged
from radar_server.shelf import piece_of
from radar_server.storing import store_pushes
from radar_server.streams import Page
from radar_server.tries import Tries
from radar_server.watchlog import WatchLog
from radar_server.writer import Writer
from sync.enrolling import PROOF_HEADER
from sync.protocol import (
    AUTHORITY_PATH,
    BLOBS_PATH,
    BOARD_PATH,
    BODY_BYTES_MAX,
    CONTENT_TYPE,
    ENROL_PATH,
    EVENTS_PATH,
    FIGURES_PATH,
    PIECE_BYTES_MAX,
    QUERY_PATH,
    SYNC_PATH,
)
from sync.signing import SIGNATURE_HEADER, answer_message

HEALTH_PATH = "/v1/health"
BLOB_PATH = BLOBS_PATH + "/{sha256}"
JSON_TYPE = "application/json"
BYTES_TYPE = "application/octet-stream"
THREADS = 8
"""Threads that work on the database: more would only wait for the interpreter."""
BLOB_THREADS = 2
"""Threads that photos may keep busy: actions have the others for themselves."""
COSTLY_THREADS, COSTLY_WAITING_MAX = 3, 32
"""Threads that boards, figures and queries may keep busy, and how many may wait for one."""
NOBODYS = frozenset(["unknown_device", "bad_signature"])
"""Refusals of what nobody known signed: they count against the address alone."""
UNCOUNTED = frozenset(["stale_request", "replayed", "too_fast", "too_many_tries", "busy"])
"""Refusals by which a stranger with a copy of a request must not use up what the device has."""
TOLD = frozenset(PROBLEMS) - {"gap", "not_found", "not_allowed", "bad_month", "bad_format"}
"""Refusals that the operator is told of: what no honest phone meets, or not often."""
SMALL_BYTES, SMALL_LINES = 16 * 1024, 200
"""Up to here a push is so little work that handing the interpreter's lock around costs more."""
DISTRIBUTION = "radar-field"

T = TypeVar("T")
Work = Callable[[Request, Asked], Awaitable[Response]]
"""Takes a request; gives the answer, packed and signed, or raises Problem."""


def make_app(
    centre: Centre, page: NewsPage | None = None, watch: WatchLog | None = None
) -> FastAPI:
    """Return the centre as an ASGI application; `watch` is told what it refuses."""
    desk = Desk(centre, page or NewsPage(), watch or WatchLog())
    app = FastAPI(title="RADAR", version=_version(), docs_url=None, redoc_url=None)
    add = app.add_api_route
    # With this class FastAPI does not add that an answer may be any JSON.
    bare: dict[str, Any] = {"response_model": None, "response_class": Response}
    add(SYNC_PATH, desk.sync, methods=["POST"], **bare, openapi_extra=SYNC_FORM)
    add(ENROL_PATH, desk.enrol, methods=["POST"], **bare, openapi_extra=ENROL_FORM)
    add(BOARD_PATH, desk.board, methods=["GET"], **bare, openapi_extra=BOARD_FORM)
    add(QUERY_PATH, desk.query, methods=["GET"], **bare, openapi_extra=QUERY_FORM)
    add(FIGURES_PATH, desk.figures, methods=["GET"], **bare, openapi_extra=FIGURES_FORM)
    add(EVENTS_PATH, desk.listen, methods=["GET"], **bare, openapi_extra=EVENTS_FORM)
    add(BLOB_PATH, desk.bring_blob, methods=["PUT"], **bare, openapi_extra=BRING_FORM)
    add(BLOB_PATH, desk.show_blob, methods=["GET"], **bare, openapi_extra=SHOW_FORM)
    add(AUTHORITY_PATH, desk.authority, methods=["GET"], **bare, openapi_extra=AUTHORITY_FORM)
    add(HEALTH_PATH, desk.health, methods=["GET"], openapi_extra=HEALTH_FORM)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(Exception, _of_a_bug)
    app.state.events = desk.events
    return app


class Desk:
    """Where requests come in: one centre, one writer, so many threads."""

    def __init__(self, centre: Centre, page: NewsPage, watch: WatchLog) -> None:
        self._centre = centre
        self._page = page
        self._watch = watch
        self._tries = Tries()
        self._limits = Limits()
        self._room = Room()
        self._threads = anyio.CapacityLimiter(THREADS)
        self._blob_threads = anyio.CapacityLimiter(BLOB_THREADS)
        self._costly_threads = anyio.CapacityLimiter(COSTLY_THREADS)
        # Who waits for another machine lets others work; SQLite is all work of this process.
        alone = centre.engine.dialect.name == "sqlite"
        self._small = anyio.CapacityLimiter(1) if alone else self._threads
        self._writer = Writer(self._store_all)
        self.events = Events(centre, self._threads)

    async def sync(self, request: Request) -> Response:
        """Take actions in, and answer with receipt and news."""
        return await self._answer(request, self._sync)

    async def enrol(self, request: Request) -> Response:
        """Make a phone known for its one-time code."""
        return await self._answer(request, self._enrol)

    async def board(self, request: Request) -> Response:
        """Tell a supervisor where everything stands, and how fresh that is."""
        return await self._answer(request, self._board)

    async def query(self, request: Request) -> Response:
        """Tell who leads a project what is known of a thing of it."""
        return await self._answer(request, self._query)

    async def figures(self, request: Request) -> Response:
        """Tell a manager how a month was."""
        return await self._answer(request, self._figures)

    async def listen(self, request: Request) -> Response:
        """Tell whenever a project moves, as long as somebody listens."""
        return await self._answer(request, self._listen)

    async def bring_blob(self, request: Request) -> Response:
        """Take a piece of a photo or signature in, and tell where it stands."""
        return await self._answer(request, self._bring_blob)

    async def show_blob(self, request: Request) -> Response:
        """Give a photo or signature to who may see it."""
        return await self._answer(request, self._show_blob)

    async def authority(self, request: Request) -> Response:
        """Tell anybody which authority vouches for the centre's certificate; none is 204."""
        body = self._centre.authority.encode()
        headers = _headers(AUTHORITY_TYPE if body else "")
        return self._signed(asked_of(request), 200 if body else 204, body, headers)

    async def health(self) -> HealthAnswer:
        """Tell that the centre and its database answer."""
        epoch = await self._work(lambda: read_epoch(self._centre))
        return HealthAnswer(ok=True, centre=epoch, version=_version())

    async def _sync(self, request: Request, asked: Asked) -> Response:
        centre, body = self._centre, await self._body(request, BODY_BYTES_MAX)
        threads = self._small if len(body) <= SMALL_BYTES else self._threads
        pushed = await self._work(lambda: prepare(*read_push(centre, asked, body)), threads)
        page, device = pushed.page, pushed.device
        if is_forged(centre, page.push):
            detail = "Its proof of a loss is not this centre's word; the rest was taken."
            self._watch.refused("forged_proof", _address(request), asked.device, detail)
        if page.push.lines:
            outcome = await self._writer.store(pushed)
            if isinstance(outcome, Stored):
                self.events.nudge()
            else:
                await self._work(lambda: check_stored(centre, pushed, outcome), threads)
        else:
            await self._work(lambda: check_push(centre, page, device), threads)
        answer = await self._work(lambda: self._answer_push(asked, page, device), threads)
        if not page.push.lines and is_sync_due(centre, device):
            await self._write(lambda: note_last_sync(centre, device))
        return answer

    def _answer_push(self, asked: Asked, page: Page, device: Device) -> Response:
        body = answer_push(self._centre, page, device, self._page)
        return self._told(asked, body, CONTENT_TYPE)

    async def _enrol(self, request: Request, asked: Asked) -> Response:
        address = _address(request)
        if self._tries.too_many(address, self._centre.now_ms()):
            raise Problem("too_many_tries", "Try again in a minute.")
        body = await self._body(request, ENROL_BODY_BYTES_MAX)
        try:
            form = EnrolRequest.model_validate_json(body)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Problem("bad_body", f"{where}: {first['msg']}.") from error
        try:
            told, proof = await self._write(lambda: enrol_phone(self._centre, form))
        except Problem:
            self._tries.failed(address, self._centre.now_ms())
            raise
        return self._signed(asked, 200, told, _headers(JSON_TYPE) | {PROOF_HEADER: proof.hex()})

    async def _board(self, request: Request, asked: Asked) -> Response:
        wanted = _wanted(request)
        response = await self._costly(
            lambda: self._told(asked, show_board(self._centre, asked, wanted), JSON_TYPE)
        )
        response.background = BackgroundTask(self._grade)
        return response

    async def _grade(self) -> None:
        if self._centre.stale:
            await self._work(lambda: grade_stale(self._centre))

    async def _figures(self, request: Request, asked: Asked) -> Response:
        wanted, month = _wanted(request), request.query_params.get("month", "")
        return await self._costly(
            lambda: self._told(asked, show_figures(self._centre, asked, wanted, month), JSON_TYPE)
        )

    async def _bring_blob(self, request: Request, asked: Asked) -> Response:
        body = await self._body(request, PIECE_BYTES_MAX)
        get, centre = request.query_params.get, self._centre
        piece = piece_of(request.path_params["sha256"], get("from", ""), get("size", ""), body)
        stands = await self._work(lambda: take_piece(centre, asked, piece), self._blob_threads)
        held, arrived = stands or (0, False)
        if arrived and not await self._work(lambda: is_noted(centre, piece)):
            await self._write(lambda: note_arrival(centre, piece))
        stand = {"held": held, "arrived": arrived} | ({} if stands else {"gone": True})
        told = json.dumps(stand).encode()
        return self._told(asked, told, JSON_TYPE)

    async def _show_blob(self, request: Request, asked: Asked) -> Response:
        sha256: str = request.path_params["sha256"]
        data = await self._work(lambda: read_blob(self._centre, asked, sha256), self._blob_threads)
        return self._signed(asked, 200, data, _headers(BYTES_TYPE))

    async def _query(self, request: Request, asked: Asked) -> Response:
        word = request.query_params.get("thing", "")
        most = request.query_params.get("most", "")
        return await self._costly(
            lambda: self._told(asked, show_thing(self._centre, asked, word, most), JSON_TYPE)
        )

    async def _listen(self, _request: Request, asked: Asked) -> Response:
        return await self.events.listen(asked)

    async def _answer(self, request: Request, work: Work) -> Response:
        """Do the work; its answer or its problem goes out signed, and is counted."""
        asked, address = asked_of(request), _address(request)
        request.state.held = 0
        try:
            self._limits.check(address, asked.device)
            response = await work(request, asked)
        except Problem as problem:
            if problem.code in NOBODYS:
                self._limits.failed(address)
            elif problem.code not in UNCOUNTED:
                self._limits.passed(address, asked.device)
            if problem.code in TOLD:
                self._watch.refused(problem.code, address, asked.device, problem.detail)
            return self._refused(asked, problem)
        except ClientDisconnect:
            # Nobody hears this any more; what was taken in stays, what was cut was never taken.
            return Response(status_code=400)
        except IntegrityError:
            raise
        except DBAPIError as error:
            logging.getLogger(__name__).warning("the database refused: %s", error.orig)
            return self._refused(asked, Problem("busy"))
        else:
            self._limits.passed(address, asked.device)
            return response
        finally:
            self._room.give(address, request.state.held)

    async def _body(self, request: Request, size_max: int) -> bytes:
        address = _address(request)

        def make_room(before: int, size: int) -> None:
            request.state.held += self._room.take(address, before, size)

        return await read_body(request.stream(), size_max, make_room)

    async def _costly(self, step: Callable[[], T]) -> T:
        """Answer a question that reads much: a few at once, some wait, and then it is `busy`."""
        if self._costly_threads.statistics().tasks_waiting >= COSTLY_WAITING_MAX:
            raise Problem("busy", "Too many ask for boards and figures just now.")
        return await self._work(step, self._costly_threads)

    def _told(self, asked: Asked, body: bytes, content_type: str) -> Response:
        packed, encoding = compress(body, asked.accepts)
        return self._signed(asked, 200, packed, _headers(content_type, encoding))

    def _refused(self, asked: Asked, problem: Problem) -> Response:
        return self._signed(asked, problem.status, problem.body(), _headers(PROBLEM_TYPE))

    def _signed(self, asked: Asked, status: int, body: bytes, headers: dict[str, str]) -> Response:
        if asked.signature:
            signature = self._centre.keys.sign(answer_message(asked.signature, status, body))
            headers[SIGNATURE_HEADER] = signature.hex()
        return Response(body, status, headers)

    async def _work(self, step: Callable[[], T], threads: anyio.CapacityLimiter | None = None) -> T:
        return await anyio.to_thread.run_sync(step, limiter=threads or self._threads)

    async def _write(self, step: Callable[[], T]) -> T:
        async with self._writer.alone():
            return await self._work(step)

    async def _store_all(self, pushes: Sequence[Pushed]) -> list[Outcome | Exception]:
        small = sum(len(pushed.page.push.lines) for pushed in pushes) <= SMALL_LINES
        threads = self._small if small else self._threads
        return await self._work(lambda: store_pushes(self._centre, pushes), threads)


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _wanted(request: Request) -> Wanted:
    get = request.query_params.get
    return Wanted(get("district", ""), get("project", ""), get("scope", ""))


def _headers(content_type: str, encoding: str = "") -> dict[str, str]:
    headers = {"content-type": content_type} if content_type else {}
    if encoding:
        headers["content-encoding"] = encoding
    return headers


async def _of_the_framework(_request: Request, error: Exception) -> Response:
    """Answer what no route or method takes in the form of our own problems."""
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "not_allowed"}
    problem = Problem(codes.get(error.status_code, "bad_body"), str(error.detail))
    return _plain(problem, error.headers or {})


async def _of_a_bug(_request: Request, _error: Exception) -> Response:
    """Answer before the fault goes on to the log."""
    return _plain(Problem("broken"), {})


def _plain(problem: Problem, headers: Mapping[str, str]) -> Response:
    return Response(problem.body(), problem.status, {**headers, **_headers(PROBLEM_TYPE)})


def _version() -> str:
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "0"
