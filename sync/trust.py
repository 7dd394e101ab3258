"""Whom a phone believes over TLS: the authority that its centre told it, or else the system's.

What was told lies as PEM in a file of the phone's own. It came with a proof by the enrolment code,
or under the centre's own signature, so that no network can put another one in its place.
"""

import ssl
import sys
from pathlib import Path

from radar_core.failures import OFFLINE, Failure, N_
from sync.durable import write_durably

AUTHORITY = "centre.pem"
OTHER_CERTIFICATE = "other_certificate"
_OUT_OF_DATE = (9, 10)
"""OpenSSL's words for a certificate that is not valid yet, and no more."""


def checking(url: str, authority: str) -> ssl.SSLContext:
    """Return what a centre's certificate is checked by: `authority` alone, if there is one.

    Plain HTTP has no use for any: there the list is empty, and trusts nobody. Raise Failure
    `other_certificate` where `authority` is not PEM.
    """
    if not authority and url.lower().startswith("https:"):
        return _system()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authority:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        try:
            context.load_verify_locations(cadata=authority)
        except (ssl.SSLError, ValueError, TypeError) as error:
            raise other_certificate(url, f"{AUTHORITY} is broken") from error
    return context


def unchecked() -> ssl.SSLContext:
    """Return what takes any certificate, for questions whose answers prove themselves."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _system() -> ssl.SSLContext:
    """Return the system's authorities: a folder of them is looked into when one is asked for."""
    paths = ssl.get_default_verify_paths()
    if sys.platform != "win32" and not (paths.cafile or paths.capath):
        import certifi

        return ssl.create_default_context(cafile=certifi.where())
    return ssl.create_default_context()


def read_authority(path: Path) -> str:
    """Return what the phone keeps of its centre's authority, empty where that is the system's."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return ""


def keep_authority(path: Path, authority: str) -> None:
    """Keep what the centre told, durably; the system's authorities need no file."""
    if not authority:
        path.unlink(missing_ok=True)
        return
    write_durably(path, authority.encode("ascii", "replace"), mode=0o666)


def rejection(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return what was wrong with a certificate, if that is behind an error."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def other_certificate(url: str, reason: str, code: int = 0) -> Failure:
    """Say that whoever answers does not show a certificate of our centre's."""
    hint = N_("Somebody may stand in between. Try another network, or ask who runs the centre.")
    if code in _OUT_OF_DATE:
        hint = N_("Is this phone's date right? Else who runs the centre types: radar serve cert")
    return Failure(
        OTHER_CERTIFICATE,
        N_("The certificate at {url} is not our centre's ({reason}); your work is saved here."),
        hint,
        exit_code=OFFLINE,
        url=url,
        reason=reason,
    )
