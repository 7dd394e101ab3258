"""docs/receipts.md suffices to check a receipt file: the reader here is written from it alone."""

import json
import re
from hashlib import blake2b
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.chain import links
from sync.keys import is_signed
from sync.protocol import read_receipt
from sync.proving import Proof, ReceiptFile, file_object, flaw_of, read_file
from tests.house import ROOT
from tests.vectors.write import CENTRE, EPOCH, HASHES, LINES, receipts

PAGE = (ROOT / "docs" / "receipts.md").read_text(encoding="utf-8")
PROVED = 5


def example() -> str:
    (text,) = re.findall(r"^    (\{.*\})$", PAGE, re.MULTILINE)
    return str(text)


def key() -> bytes:
    (text,) = re.findall(r"public key is `([0-9a-f]{64})`", PAGE)
    return bytes.fromhex(text)


def holds(file: Any, public: bytes) -> bool:  # noqa: ANN401 - JSON
    """Check a file by the page's four steps, on hashes, signatures and JSON."""
    heads = {}
    for one in file["receipts"]:
        fields = (one[name] for name in ("device", "epoch", "seq", "hash", "at"))
        text = "\n".join(["radar receipt 1", *map(str, fields)])
        try:
            signature = bytes.fromhex(one["signature"])
            Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        heads[one["epoch"], one["seq"]] = one["hash"]
    proof = file["proof"]
    epoch, _, seq = proof["action"].rpartition(".")
    hash_ = bytes.fromhex(proof["before"])
    for line in proof["lines"]:
        hash_ = blake2b(hash_ + _sealed(line).encode(), digest_size=32).digest()
    there = heads.get((epoch, int(seq) + len(proof["lines"]) - 1)) == hash_.hex()
    return there and json.loads(proof["lines"][0])["seq"] == int(seq)


def _sealed(line: str) -> str:
    def seal(position: re.Match[str]) -> str:
        return f'"position":"{blake2b(position[1].encode(), digest_size=32).hexdigest()}"'

    return re.sub(r'"position":(\{[^{}\\]*\})', seal, line)


def test_a_proof_holds_with_and_without_the_positions_in_it() -> None:
    fix = '{"lat":36.0,"lon":120.0,"accuracy_m":5,"salt":"00112233445566778899aabbccddeeff"}'
    open_ = LINES[4].replace('"body":{', f'"body":{{"position":{fix},')
    hash_ = links(HASHES[3], [open_])[0]
    good: Any = receipts()["good"]
    told = good | {"seq": PROVED, "hash": hash_.hex()}
    fields = [str(told[name]) for name in ("device", "epoch", "seq", "hash", "at")]
    told["signature"] = CENTRE.sign("\n".join(["radar receipt 1", *fields]).encode()).hex()
    for line in (open_, _sealed(open_)):
        file = ReceiptFile("", [read_receipt(told)], Proof(EPOCH, PROVED, HASHES[3], [line]))
        assert flaw_of(file, key(), is_signed) == ("", "")
        assert holds(file_object(file), key())


def test_the_example_is_what_the_code_writes_and_holds_by_the_page() -> None:
    good: Any = receipts()["good"]
    proof = Proof(EPOCH, PROVED, HASHES[PROVED - 2], LINES[PROVED - 1 :])
    file = ReceiptFile(CENTRE.public.hex(), [read_receipt(good)], proof)
    assert json.loads(example()) == file_object(file)
    assert read_file(example().encode()) == file
    assert key() == CENTRE.public
    assert holds(json.loads(example()), key())
    assert flaw_of(file, key(), is_signed) == ("", "")


def _changed(*path: str | int, to: object) -> Any:  # noqa: ANN401 - JSON
    file = json.loads(example())
    inner = file
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return file


def _with_lines(*lines: str) -> Any:  # noqa: ANN401 - JSON
    return _changed("proof", "lines", to=list(lines))


EDITED = LINES[4].replace("émoji", "emoji")
WRONG = {
    "another time": (_changed("receipts", 0, "at", to="2026-03-02T00:00:06Z"), "signature"),
    "another number": (_changed("receipts", 0, "seq", to=5), "signature"),
    "another device": (_changed("receipts", 0, "device", to="D000000000000"), "signature"),
    "another epoch": (_changed("receipts", 0, "epoch", to="EVECTOR000001"), "signature"),
    "another hash": (_changed("receipts", 0, "hash", to="00" * 32), "signature"),
    "no signature": (_changed("receipts", 0, "signature", to=""), "signature"),
    "another action": (_changed("proof", "action", to=f"{EPOCH}.4"), "unproved"),
    "another phone's action": (_changed("proof", "action", to="EVECTOR000001.5"), "unproved"),
    "another beginning": (_changed("proof", "before", to="00" * 32), "chain"),
    "a short beginning": (_changed("proof", "before", to="00" * 31), "chain"),
    "an edited line": (_with_lines(EDITED, LINES[5]), "chain"),
    "an edited line behind it": (_with_lines(LINES[4], LINES[5] + " "), "chain"),
    "swapped lines": (_with_lines(LINES[5], LINES[4]), "chain"),
    "a line too few": (_with_lines(LINES[4]), "unproved"),
    "a line too many": (_with_lines(LINES[4], LINES[5], LINES[5]), "unproved"),
}


@pytest.mark.parametrize("case", WRONG)
def test_law_08_whatever_is_changed_in_a_receipt_file_is_found(case: str) -> None:
    file, code = WRONG[case]
    assert not holds(file, key())
    assert flaw_of(read_file(json.dumps(file).encode()), key(), is_signed)[0] == code


def test_a_file_that_holds_by_another_key_or_holds_nothing_is_refused() -> None:
    file = read_file(example().encode())
    assert flaw_of(file, bytes(range(32)), is_signed)[0] == "signature"
    assert flaw_of(ReceiptFile("", []), key(), is_signed) == ("empty", "")


def test_a_line_that_calls_itself_another_action_is_found() -> None:
    """The centre holds such a line in quarantine: its place in the chain is not what it says."""
    lines = [LINES[3], LINES[5]]
    hash_ = HASHES[3]
    for line in lines:
        hash_ = blake2b(hash_ + line.encode(), digest_size=32).digest()
    good: Any = receipts()["good"]
    told = {**good, "hash": hash_.hex()}
    fields = [str(told[name]) for name in ("device", "epoch", "seq", "hash", "at")]
    told["signature"] = CENTRE.sign("\n".join(["radar receipt 1", *fields]).encode()).hex()
    file = ReceiptFile("", [read_receipt(told)], Proof(EPOCH, PROVED, HASHES[3], lines))
    assert flaw_of(file, key(), is_signed) == ("number", f"{EPOCH}.{PROVED}")


@pytest.mark.parametrize(
    "bad",
    [
        b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"data":[]}', b'{"data":{}}',
        json.dumps(_changed("format", to=2)).encode(),
        json.dumps(_changed("kind", to="radar")).encode(),
        json.dumps(_changed("receipts", to=None)).encode(),
        json.dumps(_changed("receipts", 0, to=[])).encode(),
        json.dumps(_changed("receipts", 0, "seq", to=-1)).encode(),
        json.dumps(_changed("receipts", 0, "device", to="\ud800")).encode(),
        json.dumps(_changed("receipts", 0, "hash", to="zz")).encode(),
        json.dumps(_changed("proof", to=[])).encode(),
        json.dumps(_changed("proof", "action", to="E.x")).encode(),
        json.dumps(_changed("proof", "action", to="E.٣")).encode(),
        json.dumps(_changed("proof", "lines", to=[])).encode(),
        json.dumps(_with_lines("\ud800")).encode(),
    ],
)  # fmt: skip
def test_what_is_no_receipt_file_is_refused(bad: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them; nothing else may come through
        read_file(bad)


def test_what_json_wrote_is_taken_as_it_is() -> None:
    envelope = f'{{"format":1,"ok":true,"data":{example()}}}'
    assert read_file(envelope.encode()) == read_file(example().encode())
