"""A local authority, and the centre's certificate by it: TLS where nobody sells a certificate.

Both lie in the centre's folder. The authority stays as long as it may, so that who trusts it once
need not do it again; the certificate is renewed by making it again.
"""

import ipaddress
import os
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from radar_core.failures import USAGE, Failure, N_

AUTHORITY, AUTHORITY_KEY = "authority.pem", "authority.key"
CERTIFICATE, CERTIFICATE_KEY = "certificate.pem", "certificate.key"
AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 397
"""As long as phones and browsers take a certificate at all; they refuse one of 400 days."""
BACKDATED = timedelta(days=1)
"""A phone's clock may be behind."""
NAME_CHARS_MAX = 253
NAMES_MAX = 100
_ELSEWHERE = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Addresses of nobody: asking the way there sends nothing, and says which address would be used."""

_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
Name = x509.DNSName | x509.IPAddress


@dataclass(frozen=True, slots=True)
class Made:
    """A certificate and the authority behind it; `renewed` where that was there before."""

    authority: x509.Certificate
    certificate: x509.Certificate
    renewed: bool

    @property
    def names(self) -> list[str]:
        """The names and addresses that the certificate is good for, as asked for first."""
        return [str(name.value) for name in _names_of(self.certificate)]


def make_certificate(folder: Path, hosts: Sequence[str], centre: str, now: datetime) -> Made:
    """Make the centre's certificate, and its authority if there is none.

    It is good for `hosts`, or those of the one before, for this machine's own addresses, and for
    loopback. Raise Failure for what can be no host, and where the authority is not whole.
    """
    given = [_name(host) for host in hosts]
    before = _read_certificate(folder / CERTIFICATE)
    if not given and before is not None:
        given = list(_names_of(before))
    renewed = (folder / AUTHORITY).exists()
    key, authority = _authority(folder, centre, now)
    names = list(dict.fromkeys([*given, *_own_names()]))[:NAMES_MAX]
    certificate_key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed(
        x509.CertificateBuilder()
        .subject_name(_called(str(names[0].value)))
        .issuer_name(authority.subject)
        .public_key(certificate_key.public_key())
        .not_valid_after(min(now + timedelta(days=CERTIFICATE_DAYS), end_of(authority)))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False),
        now,
        certificate_key,
        key,
    )
    _write(folder / CERTIFICATE_KEY, _pem_of_key(certificate_key), 0o600)
    _write(folder / CERTIFICATE, certificate.public_bytes(Encoding.PEM), 0o644)
    return Made(authority, certificate, renewed)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate as phones and browsers show it."""
    return certificate.fingerprint(SHA256()).hex(":").upper()


def end_of(certificate: x509.Certificate) -> datetime:
    """Return until when a certificate is good, in UTC."""
    return certificate.not_valid_after_utc.astimezone(UTC)


def _authority(
    folder: Path, centre: str, now: datetime
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """Return the authority of this folder; make it where there is none."""
    found = _read_certificate(folder / AUTHORITY)
    if found is not None:
        if end_of(found) <= now:
            raise _unusable(folder, N_("it has expired"))
        return _key_of(found, folder), found
    key = ec.generate_private_key(ec.SECP256R1())
    name = _called(f"RADAR authority of {centre}"[:64])
    made = _signed(
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .not_valid_after(now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True),
        now,
        key,
        key,
    )
    _write(folder / AUTHORITY_KEY, _pem_of_key(key), 0o600)
    _write(folder / AUTHORITY, made.public_bytes(Encoding.PEM), 0o644)
    return key, made


def _signed(
    builder: x509.CertificateBuilder,
    now: datetime,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """Return a certificate for `key`, signed by the authority's key."""
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    return (
        builder.serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer, critical=False)
        .sign(by, SHA256())
    )


def _key_of(authority: x509.Certificate, folder: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key((folder / AUTHORITY_KEY).read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unusable(folder, N_("its key cannot be read")) from error
    if (
        not isinstance(key, ec.EllipticCurvePrivateKey)
        or key.public_key() != authority.public_key()
    ):
        raise _unusable(folder, N_("its key is another one's"))
    return key


def _read_certificate(path: Path) -> x509.Certificate | None:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        # Only what is asked for is read.
        _ = found.subject, found.extensions, found.public_key()
    except FileNotFoundError:
        return None
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise _unusable(path.parent, N_("{name} is broken"), name=path.name) from error
    return found


def _unusable(folder: Path, why: str, **values: object) -> Failure:
    return Failure(
        "authority_unusable",
        N_("The authority in {home} cannot be used: {why}."),
        N_("Restore its files from a backup; or move authority.* away and make a new one."),
        home=folder,
        why=(why, values),
    )


def _name(host: str) -> Name:
    """Return a host as a certificate names it; raise Failure for what is none."""
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    with suppress(UnicodeError):
        plain = host.encode("idna").decode().lower()
        parts = plain.removesuffix(".").split(".")
        if len(plain) <= NAME_CHARS_MAX and all(
            part.replace("-", "").replace("_", "").isalnum() for part in parts
        ):
            return x509.DNSName(plain.removesuffix("."))
    raise Failure(
        "bad_host",
        N_("{host} is not the name or the address of a machine."),
        N_("It looks like centre.example or 192.168.1.20, without http:// and port."),
        exit_code=USAGE,
        host=host[:80],
    )


def _own_names() -> Iterable[Name]:
    """Yield loopback, and what this machine calls itself and is reached by."""
    yield x509.DNSName("localhost")
    for address in ("127.0.0.1", "::1", *_own_addresses()):
        yield x509.IPAddress(ipaddress.ip_address(address))
    with suppress(Failure):
        yield _name(socket.gethostname())


def _own_addresses() -> Iterable[str]:
    for address, family in _ELSEWHERE:
        with socket.socket(family, socket.SOCK_DGRAM) as asking, suppress(OSError):
            asking.connect((address, 9))
            yield str(asking.getsockname()[0]).partition("%")[0]


def _names_of(certificate: x509.Certificate) -> Sequence[Name]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [name for name in found if isinstance(name, x509.DNSName | x509.IPAddress)]


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _usage(**granted: bool) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: granted.get(name, False) for name in _USAGES})


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole or not at all; nobody else ever sees a key, not even half of it."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
