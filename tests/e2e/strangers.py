"""What else may answer at a centre's address: login pages, broken servers, impostors, silence."""

import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import zstandard

from sync.chain import links
from sync.keys import KeyPair
from sync.protocol import CONTENT_TYPE, Answer, Receipt, read_push, write_answer
from sync.signing import SIGNATURE_HEADER, answer_message, receipt_message
from sync.transport import decompress

GIGABYTE = 2**30
PATIENCE_S = 30.0


class Stranger(BaseHTTPRequestHandler):
    """Answers every request in its own way; `reply` is what the kinds differ in."""

    keys: KeyPair | None = None
    """Whose name stands below the answer, if anybody's."""
    asked: bytes = b""

    def reply(self) -> tuple[int, str, bytes]:
        """Return status, content type and body of the answer to what was asked."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """Answer as to a POST."""
        self.do_POST()

    def do_POST(self) -> None:
        """Read the request and answer it."""
        self.asked = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        status, content_type, body = self.reply()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", "/login")
        for name, value in self.more_headers(status, body).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def more_headers(self, status: int, body: bytes) -> dict[str, str]:
        """Return the signature, where there is one."""
        if self.keys is None:
            return {}
        request = bytes.fromhex(self.headers.get("Radar-Signature", ""))
        signature = self.keys.sign(answer_message(request, status, body))
        return {SIGNATURE_HEADER: signature.hex()}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Keep quiet."""


class LoginPage(Stranger):
    def reply(self) -> tuple[int, str, bytes]:
        return 200, "text/html", b"<html><h1>Welcome to Hotel Wi-Fi!</h1></html>"


class Redirect(Stranger):
    def reply(self) -> tuple[int, str, bytes]:
        return 302, "text/html", b"<html>Moved</html>"


class Garbage(Stranger):
    def reply(self) -> tuple[int, str, bytes]:
        return 200, CONTENT_TYPE, bytes(range(256)) * 4


class Broken(Stranger):
    def reply(self) -> tuple[int, str, bytes]:
        return 500, "text/html", b"<h1>500 Internal Server Error</h1>"


class UnsignedRefusal(Stranger):
    """Says that the phone was revoked; anybody in between could say so."""

    def reply(self) -> tuple[int, str, bytes]:
        problem = {"type": "about:blank", "status": 403, "code": "revoked"}
        return 403, "application/problem+json", json.dumps(problem).encode()


class Impostor(Stranger):
    """Speaks the protocol perfectly, under a key of its own."""

    keys = KeyPair(bytes(range(32)))

    def reply(self) -> tuple[int, str, bytes]:
        if not self.asked:
            return 200, "application/json", b'{"district": "mine", "as_of": "", "projects": []}'
        push = read_push(decompress(self.asked, self.headers.get("Content-Encoding", "")))
        head = [push.previous, *links(push.previous, push.lines)][-1]
        last = push.first + len(push.lines) - 1
        at = "2026-11-22T10:00:00Z"
        assert self.keys is not None
        word = self.keys.sign(receipt_message(push.device, push.epoch, last, head, at))
        receipt = Receipt(push.device, push.epoch, last, head, at, word)
        return 200, CONTENT_TYPE, write_answer(Answer(push.centre_epoch, receipt))


def _packed_gigabyte() -> bytes:
    packer = zstandard.ZstdCompressor(level=1).compressobj()
    zeros = bytes(2**20)
    packed = [packer.compress(zeros) for _ in range(GIGABYTE // len(zeros))]
    return b"".join([*packed, packer.flush()])


PACKED_GIGABYTE = _packed_gigabyte()
"""Made beforehand: a phone waits half a second for an answer."""


class Bomb(Stranger):
    """Sends some kilobytes that unpack to a gigabyte."""

    def reply(self) -> tuple[int, str, bytes]:
        return 200, CONTENT_TYPE, PACKED_GIGABYTE

    def more_headers(self, status: int, body: bytes) -> dict[str, str]:
        return {"Content-Encoding": "zstd", **super().more_headers(status, body)}


class HangsUp(Stranger):
    """Closes the connection in the middle of its answer."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"format":1,')


class NoHttp(Stranger):
    """Greets like a mail server."""

    def handle(self) -> None:
        self.request.sendall(b"220 mail.example ESMTP\r\n")


class Silent(Stranger):
    """Takes the request and never answers."""

    def do_POST(self) -> None:
        time.sleep(PATIENCE_S)


class Trickles(HangsUp):
    """Goes on for ever, a byte at a time, each of them in time."""

    def do_POST(self) -> None:
        super().do_POST()
        end_s = time.monotonic() + PATIENCE_S
        with suppress(OSError):
            while time.monotonic() < end_s:
                self.wfile.write(b" ")
                time.sleep(0.05)


def known_as(kind: type[Stranger], keys: KeyPair) -> type[Stranger]:
    """Return the same stranger, but signing with these keys."""
    return type(kind.__name__, (kind,), {"keys": keys})


@contextmanager
def standing_at(port: int, kind: type[Stranger]) -> Generator[None]:
    """Let a stranger answer at a port of this machine."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """A phone that has heard enough hangs up; that is no error."""

    server = Server(("127.0.0.1", port), kind)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
