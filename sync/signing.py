"""What exactly is signed: the bytes that devices and centres put their Ed25519 names to. Pure."""

from sync.chain import digest

DEVICE_HEADER = "Radar-Device"
SIGNATURE_HEADER = "Radar-Signature"
TIME_HEADER = "Radar-Time"
TIME_DIGITS_MAX = 15
NONCE_DIGITS = 16


def request_message(method: str, path: str, time: str, body: bytes) -> bytes:
    """Return what a device signs of a request: method, path with query, time, and body as sent."""
    return f"radar request 2\n{method}\n{path}\n{time}\n{digest(body).hex()}".encode()


def request_time(now_ms: int, nonce: bytes) -> str:
    """Return how a request says when it was made, on the centre's clock; 8 random bytes with it."""
    return f"{now_ms}.{nonce.hex()}"


def read_request_time(text: str) -> int | None:
    """Return when a request was made, in milliseconds, None where it does not say."""
    ms, _, nonce = text.partition(".")
    plain = ms.isascii() and ms.isdecimal() and len(ms) <= TIME_DIGITS_MAX
    hexadecimal = len(nonce) == NONCE_DIGITS and set(nonce) <= set("0123456789abcdef")
    return int(ms) if plain and hexadecimal else None


def answer_message(request_signature: bytes, status: int, body: bytes) -> bytes:
    """Return what a centre signs of an answer: it answers that very request with that body."""
    return f"radar answer 1\n{request_signature.hex()}\n{status}\n{digest(body).hex()}".encode()


def head_message(epoch: str, seq: int, head: bytes) -> bytes:
    """Return what a device signs of its chain: all up to `seq` hashes to `head`."""
    return f"radar head 1\n{epoch}\n{seq}\n{head.hex()}".encode()


def receipt_message(device: str, epoch: str, seq: int, head: bytes, at: str) -> bytes:
    """Return what a centre signs: at `at` it held the device's actions up to `seq`."""
    return f"radar receipt 1\n{device}\n{epoch}\n{seq}\n{head.hex()}\n{at}".encode()
