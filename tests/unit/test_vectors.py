"""The conformance vectors: ours, and enough for a client that knows only docs/protocol.md.

The reader below is written from that page alone, on hashes, signatures and JSON.
"""

import hmac
import json
import re
from hashlib import blake2b, scrypt
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.framing import WireError
from sync.protocol import read_push
from tests.vectors.write import FILES, FOLDER, text_of


def vectors(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_what_the_code_says(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == text_of(name)


def h(data: bytes) -> bytes:
    return blake2b(data, digest_size=32).digest()


def is_signed(key: str, signature: str, text: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(
            bytes.fromhex(signature), text.encode()
        )
    except InvalidSignature:
        return False
    return True


def opened(body: str) -> tuple[dict[str, Any], list[str]]:
    """Take a message apart as the page says; fail where it does not hold together."""
    head, _, rest = body.partition("\n")
    at = head.rindex(',"checksum":"')
    plain = head[:at] + "}"
    checksum = blake2b(f"{plain}\n{rest}".encode(), digest_size=8).hexdigest()
    assert head == f'{plain[:-1]},"checksum":"{checksum}"}}'
    header = json.loads(head)
    lines = rest.split("\n") if header["count"] else []
    assert len(lines) == header["count"]
    return header, lines


def item(*parts: str) -> int:
    return int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=8).digest(), "big")


def test_the_chain_is_worked_out_from_the_page() -> None:
    told = vectors("chain.json")
    hash_ = h(told["epoch"].encode() + bytes.fromhex(told["device_public"]))
    assert hash_.hex() == told["genesis"]
    for action in told["actions"]:
        hash_ = h(hash_ + action["line"].encode())
        assert hash_.hex() == action["hash"]
        assert str(item("action", told["epoch"], action["line"])) == action["item"]
    head = f"radar head 1\n{told['epoch']}\n{len(told['actions'])}\n{hash_.hex()}"
    assert head == told["head_message"]
    assert is_signed(told["device_public"], told["head_signature"], head)
    position = told["position"]
    (fix,) = re.findall(r'"position":(\{.*?\})', position["open"])
    sealed = position["open"].replace(fix, f'"{h(fix.encode()).hex()}"')
    assert (sealed, h(hash_ + sealed.encode()).hex()) == (position["sealed"], position["hash"])
    assert str(item("action", told["epoch"], sealed)) == position["item"]
    record = told["record"]
    assert str(item(record["kind"], record["id"], record["body"])) == record["item"]


def test_a_receipt_is_verified_with_the_centre_s_public_key_and_nothing_else() -> None:
    told = vectors("receipts.json")

    def holds(receipt: dict[str, Any]) -> bool:
        lines = ["radar receipt 1", *(receipt[n] for n in ("device", "epoch", "seq", "hash", "at"))]
        text = "\n".join(map(str, lines))
        return is_signed(told["centre_public"], receipt["signature"], text)

    assert holds(told["good"])
    assert [name for name, receipt in told["wrong"].items() if holds(receipt)] == []


def test_requests_are_read_from_the_page() -> None:
    device = vectors("chain.json")["device_public"]
    for push in vectors("pushes.json"):
        header, lines = opened(push["body"])
        text = f"radar request 2\nPOST\n/v1/sync\n{push['time']}\n{h(push['body'].encode()).hex()}"
        assert is_signed(device, push["signature"], text)
        hash_ = bytes.fromhex(header["prev"])
        for line in lines:
            hash_ = h(hash_ + line.encode())
        last = header["from"] + len(lines) - 1
        head = f"radar head 1\n{header['epoch']}\n{last}\n{hash_.hex()}"
        assert is_signed(device, header["head_signature"], head)


def test_answers_are_read_from_the_page() -> None:
    centre = vectors("receipts.json")["centre_public"]
    last = vectors("receipts.json")["good"]
    for answer in vectors("answers.json"):
        header, lines = opened(answer["body"])
        hash_ = h(answer["body"].encode()).hex()
        text = f"radar answer 1\n{answer['asked']}\n200\n{hash_}"
        assert is_signed(centre, answer["signature"], text)
        receipt = header["receipt"]
        if isinstance(receipt, list):
            receipt = last | {"at": receipt[0], "signature": receipt[1]}
        fields = [str(receipt[name]) for name in ("device", "epoch", "seq", "hash", "at")]
        assert is_signed(centre, receipt["signature"], "\n".join(["radar receipt 1", *fields]))
        for _, _, _, records, actions, _, _ in header.get("news", []):
            for line in lines[:records]:
                assert isinstance(json.loads(line), list)
            for line in lines[records : records + actions]:
                assert json.loads(line.partition(" ")[2])["project"] == "HV"
            assert len(lines) == records + actions


def test_an_enrolment_is_worked_out_from_the_page() -> None:
    told = vectors("enrolment.json")
    device = vectors("chain.json")["device_public"]
    code, address = told["invitation"].removeprefix("RADAR1:E:").split(":", 1)
    assert (code, address) == (told["code"], "HTTPS://CENTRE.EXAMPLE:8080")
    key = scrypt(code.encode(), salt=b"radar code 2", n=16384, r=8, p=1, dklen=64)
    assert (key[:32].hex(), key[32:].hex()) == (told["code_id"], told["secret"])
    start, *rest = told["message"].split("\n")
    assert (start, rest[0], rest[1]) == ("radar enrol 2", told["code_id"], device)
    assert is_signed(device, told["signature"], told["message"])
    assert hmac.digest(key[32:], told["message"].encode(), "sha256").hex() == told["proof"]
    asked = ["radar enrolled 2", told["code_id"], device, h(told["answer"].encode()).hex()]
    assert told["answer_message"] == "\n".join(asked)
    proof = hmac.digest(key[32:], told["answer_message"].encode(), "sha256")
    assert proof.hex() == told["answer_proof"]


@pytest.mark.parametrize("bad", vectors("refused.json"), ids=lambda bad: str(bad["why"]))
def test_what_does_not_hold_together_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(WireError):
        read_push(bad["body"].encode())
