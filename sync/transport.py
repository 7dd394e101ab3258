"""HTTP to the centre: signed requests, and answers that count only if our centre signed them."""

import gzip
import time
import zlib
from collections.abc import Mapping

import httpx
import zstandard

from radar_core.failures import OFFLINE, Failure, N_
from sync.asking import Asker
from sync.exchange import Reply
from sync.keys import is_signed
from sync.protocol import BODY_BYTES_MAX, CONTENT_TYPE, SYNC_PATH
from sync.signing import SIGNATURE_HEADER, answer_message
from sync.trust import checking, other_certificate, rejection, unchecked

ZSTD_LEVEL = 3
ZSTD_WINDOW_MAX = 8 * 1024 * 1024
"""A frame that asks for more memory than every decoder grants (RFC 9659) is none of a centre's."""
SMALL_BYTES = 128
"""Bodies shorter than this are sent as they are: compression would only add to them."""
BYTES_PER_S_MIN = 200
"""An answer slower than this, once the time-out has passed, is given up."""
REFUSALS_UNSIGNED = frozenset({"unknown_device"})
"""The one refusal that a centre cannot sign for a device: it does not know it."""


def open_client(url: str, timeout_s: float, authority: str) -> httpx.Client:
    """Return a client of the centre at `url`, whose certificate `authority` must vouch for.

    As PEM; empty for the system's. Raise Failure `other_certificate` where it is neither.
    """
    return httpx.Client(base_url=url, timeout=timeout_s, verify=checking(url, authority))


def open_unchecked(url: str, timeout_s: float) -> httpx.Client:
    """Return a client that takes any certificate: only for answers that prove themselves."""
    return httpx.Client(base_url=url, timeout=timeout_s, verify=unchecked())


class Connection:
    """One enrolled device's way to its centre."""

    __slots__ = ("_asker", "_centre_key", "_client")

    def __init__(self, client: httpx.Client, asker: Asker, centre_key: bytes) -> None:
        """`client` has the centre's URL as its base and a timeout."""
        self._client = client
        self._asker = asker
        self._centre_key = centre_key

    def post(self, body: bytes) -> Reply:
        """Send a sync page; see `sync.exchange.Post`. Raise Failure `unreachable`."""
        headers = {"Content-Type": CONTENT_TYPE, "Accept-Encoding": "zstd, gzip"}
        if len(body) > SMALL_BYTES:
            body = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body)
            headers["Content-Encoding"] = "zstd"
        return self._send("POST", SYNC_PATH, body, headers)

    def get(self, path: str) -> Reply:
        """Ask for a page of the centre; raise Failure `unreachable`."""
        return self._send("GET", path, b"", {})

    def put(self, path: str, body: bytes) -> Reply:
        """Send a piece of a blob; raise Failure `unreachable`."""
        return self._send("PUT", path, body, {"Content-Type": "application/octet-stream"})

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        def send(signature: bytes, signed: Mapping[str, str]) -> Reply:
            request = self._client.build_request(
                method, path, content=body, headers={**signed, **headers}
            )
            return self._sent(request, signature)

        return self._asker.ask(method, path, body, send)

    def _sent(self, request: httpx.Request, signature: bytes) -> Reply:
        with reaching(str(self._client.base_url)):
            response = self._client.send(request, stream=True)
            raw = read_raw(response, self._client.timeout.read or 0.0)
        problem, members = _problem(response, raw)
        known = is_signed(
            self._centre_key,
            _hex(response.headers.get(SIGNATURE_HEADER, "")),
            answer_message(signature, response.status_code, raw),
        )
        if not known and problem not in REFUSALS_UNSIGNED:
            raise not_our_centre(f"status {response.status_code}, not signed")
        if not problem and not response.is_success:
            raise not_our_centre(f"status {response.status_code}")
        plain = raw if problem else decompress(raw, _encoding(response))
        return Reply(response.status_code, plain, len(request.content), len(raw), problem, members)


def _encoding(response: httpx.Response) -> str:
    told: str = response.headers.get("Content-Encoding", "")
    return told.strip().lower()


class reaching:  # noqa: N801 - reads as a sentence: with reaching(url)
    """Turn what a network can do to a request into one Failure `unreachable`.

    A certificate that is not our centre's is a Failure of its own, `other_certificate`.
    """

    __slots__ = ("url",)

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.HTTPError | httpx.InvalidURL | OSError):
            wrong = rejection(error)
            if wrong is not None:
                message = wrong.verify_message.rstrip(".")
                raise other_certificate(self.url, message, wrong.verify_code) from error
            reason = str(error) or type(error).__name__
            raise Failure(
                "unreachable",
                N_("The centre at {url} cannot be reached ({reason}); your work is saved here."),
                N_("Later, with signal: radar sync"),
                exit_code=OFFLINE,
                url=self.url,
                reason=reason,
            ) from error


def not_our_centre(detail: str) -> Failure:
    """Say that something answered, but not the centre that this phone was enrolled with."""
    return Failure(
        "not_our_centre",
        N_("What answered is not our centre ({detail}); your work is saved here."),
        N_("A login page of the network? Open a browser, sign in, then: radar sync"),
        exit_code=OFFLINE,
        detail=detail,
    )


def decompress(raw: bytes, encoding: str) -> bytes:
    """Return the body behind a content encoding; raise Failure for a bomb or a broken one."""
    try:
        if encoding == "zstd":
            decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_MAX)
            reader = decoder.stream_reader(raw)
            plain = reader.read(BODY_BYTES_MAX + 1)
        elif encoding == "gzip":
            plain = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(raw, BODY_BYTES_MAX + 1)
        elif encoding in ("", "identity"):
            plain = raw
        else:
            raise not_our_centre(f"the encoding {encoding[:20]!r}, which nobody asked for")
    except (zstandard.ZstdError, zlib.error, gzip.BadGzipFile, EOFError) as error:
        raise not_our_centre(f"broken {encoding}") from error
    if len(plain) > BODY_BYTES_MAX:
        raise not_our_centre("its answer is larger than any that a centre sends")
    return plain


def read_raw(response: httpx.Response, patience_s: float) -> bytes:
    """Read the body as it was sent, at most as much as a body may have.

    One that only trickles counts as no answer: each single byte would be in time for ever.
    """
    chunks, size, began_s = [], 0, time.monotonic()
    for chunk in response.iter_raw():
        chunks.append(chunk)
        size += len(chunk)
        waited_s = time.monotonic() - began_s
        if waited_s > patience_s and size < waited_s * BYTES_PER_S_MIN:
            response.close()
            raise httpx.ReadTimeout("it only trickles", request=response.request)
        if size > BODY_BYTES_MAX:
            break
    response.close()
    return b"".join(chunks)


def _problem(response: httpx.Response, raw: bytes) -> tuple[str, dict[str, object]]:
    """Return the code of an RFC 9457 problem with all its members, or an empty text."""
    if response.headers.get("Content-Type", "").partition(";")[0] != "application/problem+json":
        return "", {}
    import json

    try:
        members = dict(json.loads(raw))
        return str(members["code"]), members
    except (ValueError, KeyError, TypeError, RecursionError):
        return "unreadable problem", {}


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
