"""Somebody between a phone and its centre, with another certificate: hears all, passes it on."""

import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

LOOPBACK = x509.IPAddress(ip_address("127.0.0.1"))
Change = Callable[[bytes], bytes]


@dataclass(slots=True)
class Between:
    """What was heard, all of it in the clear; answers are passed on as `change` leaves them."""

    target: str
    change: Change = lambda body: body
    heard: list[bytes] = field(default_factory=list[bytes])

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for."""
        return [one.split(maxsplit=2)[1].decode().partition("?")[0] for one in self.heard]


@contextmanager
def standing_between(
    port: int, target: str, papers: Path, change: Change = lambda body: body
) -> Generator[Between]:
    """Stand at a port of this machine with the certificate in `papers`, before the real centre."""
    between = Between(target, change)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            between.heard.append(f"{self.command} {self.path}\n{self.headers}".encode() + body)
            headers = {name: value for name, value in self.headers.items() if name != "Host"}
            with httpx.Client(verify=False, timeout=20) as client:
                url = f"{between.target}{self.path}"
                request = client.build_request(self.command, url, headers=headers, content=body)
                response = client.send(request, stream=True)
                raw = between.change(b"".join(response.iter_raw()))
                response.close()
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                if name not in ("content-length", "transfer-encoding", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST  # noqa: N815 - http.server's names
        do_HEAD = do_POST  # noqa: N815
        do_PUT = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers / "certificate.pem", papers / "certificate.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield between
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def issue(
    folder: Path,
    *names: x509.GeneralName,
    by: Path | None = None,
    since: timedelta = timedelta(days=-1),
    until: timedelta = timedelta(days=1),
) -> Path:
    """Make a certificate, signed by itself or by the authority in the folder `by`."""
    folder.mkdir()
    key, subject = ec.generate_private_key(ec.SECP256R1()), _called("somebody")
    issuer, signer, now = subject, key, datetime.now(UTC)
    if by is not None:
        issuer = x509.load_pem_x509_certificate((by / "authority.pem").read_bytes()).subject
        found = load_pem_private_key((by / "authority.key").read_bytes(), None)
        assert isinstance(found, ec.EllipticCurvePrivateKey)
        signer = found
    made = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + since)
        .not_valid_after(now + until)
        .add_extension(x509.SubjectAlternativeName(names or (LOOPBACK,)), critical=False)
        .sign(signer, SHA256())
    )
    (folder / "certificate.pem").write_bytes(made.public_bytes(Encoding.PEM))
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "certificate.key").write_bytes(plain)
    return folder


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
