"""TLS as the centre speaks it: which certificate, whose word for it, and `radar serve cert`."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select
from sqlmodel import col

from radar_core.failures import USAGE, Failure, N_
from radar_server.address import keep_url
from radar_server.admin import making, opened
from radar_server.audit import note
from radar_server.centre import rfc3339
from radar_server.certificates import (
    AUTHORITY,
    CERTIFICATE,
    CERTIFICATE_KEY,
    end_of,
    fingerprint,
    make_certificate,
)
from radar_server.database import writing
from radar_server.tables import CentreRow
from sync.protocol import AUTHORITY_PATH

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Papers:
    """A certificate and its key, as files, and until when it is good."""

    certificate: Path
    key: Path
    until: datetime


def certify(home: str, db: str, hosts: list[str], port: int) -> dict[str, object]:
    """Make the centre's certificate, or make it again; the authority stays."""
    with opened(home, db) as centre, writing(centre.engine) as connection:
        now = datetime.now(UTC)
        name = connection.execute(select(col(CentreRow.name))).scalar_one()
        with making(Path(home)):
            made = make_certificate(Path(home), hosts, name, now)
            url = f"https://{_bracketed(made.names[0])}:{port}"
            keep_url(home, url)
        until, print_ = _text_of(end_of(made.certificate)), fingerprint(made.authority)
        note(connection, centre, "serve cert", names=made.names, until=until, authority=print_)
    return {
        "home": home,
        "names": made.names,
        "until": until,
        "authority_until": _text_of(end_of(made.authority)),
        "fingerprint": print_,
        "renewed": made.renewed,
        "url": url,
        "authority_url": url + AUTHORITY_PATH,
    }


def papers_of(home: str, certificate: str, key: str) -> Papers | None:
    """Return the certificate that was named, or that lies in the centre's folder; None for none.

    Raise Failure where it cannot be used, or is good no more.
    """
    if bool(certificate) != bool(key):
        raise Failure(
            "usage",
            N_("A certificate and its key go together: --cert and --key."),
            N_("See: radar {verb} --help"),
            exit_code=USAGE,
            verb="serve",
        )
    own = Path(home) / CERTIFICATE, Path(home) / CERTIFICATE_KEY
    path, key_path = (Path(certificate), Path(key)) if certificate else own
    if not certificate and not path.exists():
        return None
    try:
        leaf = x509.load_pem_x509_certificate(path.read_bytes())
        papers = Papers(path, key_path, end_of(leaf))
        _load(papers)
    except (OSError, ValueError) as error:
        raise Failure(
            "certificate_unusable",
            N_("The certificate {path} and its key cannot be used ({reason})."),
            N_("They are PEM files without a password. One of your own: radar serve cert"),
            path=path,
            reason=_reason(error),
        ) from error
    if papers.until <= datetime.now(UTC):
        raise Failure(
            "certificate_expired",
            N_("The certificate {path} has expired; no phone would believe it."),
            N_("A new one by the same authority: radar serve cert"),
            path=path,
        )
    return papers


def authority_of(home: str, papers: Papers | None, named: str) -> str:
    """Return what phones are told to check the centre's certificate by, empty for the system's.

    Without a `named` file it is the centre's own authority for its own certificate, and for one
    that nobody else signed the certificate itself.
    """
    try:
        if named:
            return _pem(x509.load_pem_x509_certificates(Path(named).read_bytes()))
        if papers is None:
            return ""
        if papers.certificate == Path(home) / CERTIFICATE:
            return _pem(x509.load_pem_x509_certificates((Path(home) / AUTHORITY).read_bytes()))
        leaf = x509.load_pem_x509_certificate(papers.certificate.read_bytes())
        return _pem([leaf]) if leaf.issuer == leaf.subject else ""
    except (OSError, ValueError) as error:
        raise Failure(
            "authority_unreadable",
            N_("The authority {path} cannot be read ({reason})."),
            N_("It is a PEM file: the certificate of who signed the centre's."),
            path=named or Path(home) / AUTHORITY,
            reason=_reason(error),
        ) from error


class Serving:
    """The certificate as it is shown; one that was renewed is taken up by the next connection."""

    def __init__(self, papers: Papers) -> None:
        self._papers = papers
        self._seen = self._stamp()
        self._current = _load(papers)

    def context(self) -> ssl.SSLContext:
        """Return what each connection begins with."""
        first = _load(self._papers)
        first.sni_callback = self._renewed
        return first

    def _renewed(self, connection: ssl.SSLObject, _name: str, _first: ssl.SSLContext) -> None:
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            try:
                self._current = _load(self._papers)
            except (OSError, ValueError):
                return  # half of a renewal; the other half changes the stamp again
        connection.context = self._current

    def _stamp(self) -> tuple[int, ...]:
        try:
            paths = (self._papers.certificate, self._papers.key)
            return tuple(path.stat().st_mtime_ns for path in paths)
        except OSError:
            return ()


def _load(papers: Papers) -> ssl.SSLContext:
    """Return a context with the certificate; raise OSError or ValueError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Without this a key with a password would be asked for on the terminal.
    context.load_cert_chain(papers.certificate, papers.key, password=lambda: "")
    return context


def _reason(error: OSError | ValueError) -> object:
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).lower().replace("_", " ")
    return error.strerror if isinstance(error, OSError) else N_("it is not PEM")


def _pem(certificates: list[x509.Certificate]) -> str:
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


def _text_of(moment: datetime) -> str:
    return rfc3339(int(moment.timestamp() * 1000))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
