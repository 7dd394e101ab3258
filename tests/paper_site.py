"""A centre of paper behind real HTTP on this machine, and whatever else may answer there."""

import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from radar_core.tags import make_code
from sync.enrolling import (
    PROOF_HEADER,
    CodeKey,
    application_message,
    enrolled_message,
    is_proven,
    prove,
    stretch,
)
from sync.protocol import BOARD_PATH, CENTRE_PATH, ENROL_PATH, SYNC_PATH
from sync.signing import SIGNATURE_HEADER, answer_message
from sync.transport import decompress
from tests.paper_centre import PaperCentre

Response = tuple[int, bytes, dict[str, str]]
GOOD = make_code(b"a good code")
"""The code that makes the phone of G1."""
JSON = {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json"}


class PaperSite:
    """What answers at an address: by path, a function from the request's body to a response."""

    def __init__(self, centre: PaperCentre) -> None:
        self.centre = centre
        centre.clock = lambda: time.time_ns() // 1_000_000
        self.url = ""
        self.codes = {GOOD: ("D-NEW", "G1")}
        """Enrolment codes, with the device and the person they make."""
        self.authority = ""
        """What phones are told to check the site's certificate by."""
        self.paths: dict[str, Callable[[bytes], Response]] = {
            ENROL_PATH: self._enrol,
            SYNC_PATH: lambda body: (200, centre.post(body).body, {}),
            CENTRE_PATH: lambda _: (200, json.dumps({"centre": centre.epoch}).encode(), JSON),
            BOARD_PATH: lambda _: (404, b'{"code":"no_board"}', PROBLEM),
        }

    def _enrol(self, body: bytes) -> Response:
        asked = json.loads(body)
        keys = {stretch(code): made for code, made in self.codes.items()}
        known = {key.id.hex(): (key, made) for key, made in keys.items()}
        if asked["code_id"] not in known:
            return 403, b'{"code":"code_wrong"}', PROBLEM
        key, (device, staff) = known[asked["code_id"]]
        public = bytes.fromhex(asked["public_key"])
        message = application_message(key.id, public, asked["name"])
        assert is_proven(key.secret, bytes.fromhex(asked["proof"]), message)
        self.centre.enrol(device, staff, public)
        centre = {"epoch": self.centre.epoch, "key": self.centre.keys.public.hex()}
        told = {"device": device, "staff": staff, "centre": centre, "authority": self.authority}
        return self.proven(json.dumps(told).encode(), key, public)

    def proven(self, raw: bytes, key: CodeKey, public: bytes) -> Response:
        """Return an answer to an enrolment, with the proof that it is the centre's."""
        proof = prove(key.secret, enrolled_message(key.id, public, raw))
        return 200, raw, {PROOF_HEADER: proof.hex(), **JSON}

    def answer(self, path: str, body: bytes, signature: str) -> Response:
        """Answer a request, signed by the centre where the request was signed."""
        status, raw, headers = self.paths.get(path.partition("?")[0], _not_found)(body)
        if signature:
            word = self.centre.keys.sign(answer_message(bytes.fromhex(signature), status, raw))
            headers = {SIGNATURE_HEADER: word.hex(), **headers}
        return status, raw, headers


def _not_found(_: bytes) -> Response:
    return 404, b"", {}


@contextmanager
def serving(site: PaperSite) -> Generator[PaperSite]:
    """Let a site answer on a free port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = decompress(self.rfile.read(length), self.headers.get("Content-Encoding", ""))
            signature = self.headers.get(SIGNATURE_HEADER, "")
            status, raw, headers = site.answer(self.path, body, signature)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_GET  # noqa: N815 - http.server's name

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
