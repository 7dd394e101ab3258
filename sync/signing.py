"""What exactly is signed: the bytes that devices and centres put their Ed25519 names to. Pure."""

from sync.chain import digest

DEVICE_HEADER = "Radar-Device"
SIGNATURE_HEADER = "Radar-Signature"


def request_message(method: str, path: str, body: bytes) -> bytes:
    """Return what a device signs of a request: its method, path with query, and body as sent."""
    return f"radar request 1\n{method}\n{path}\n{digest(body).hex()}".encode()


def answer_message(request_signature: bytes, status: int, body: bytes) -> bytes:
    """Return what a centre signs of an answer: it answers that very request with that body."""
    return f"radar answer 1\n{request_signature.hex()}\n{status}\n{digest(body).hex()}".encode()


def head_message(epoch: str, seq: int, head: bytes) -> bytes:
    """Return what a device signs of its chain: all up to `seq` hashes to `head`."""
    return f"radar head 1\n{epoch}\n{seq}\n{head.hex()}".encode()


def receipt_message(device: str, epoch: str, seq: int, head: bytes, at: str) -> bytes:
    """Return what a centre signs: at `at` it held the device's actions up to `seq`."""
    return f"radar receipt 1\n{device}\n{epoch}\n{seq}\n{head.hex()}\n{at}".encode()
