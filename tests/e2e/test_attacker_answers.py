"""What somebody can do who answers in the centre's place, to a real phone: it keeps its work.

What is signed by the centre's own key here stands for a centre that was taken over, or lies.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sync.chain import links
from sync.keys import KeyPair
from sync.protocol import CONTENT_TYPE, Answer, Push, Receipt, read_push, write_answer
from sync.signing import SIGNATURE_HEADER, answer_message, receipt_message
from sync.transport import decompress
from tests.e2e.bombs import BOMBS, MIB
from tests.e2e.strangers import Stranger, known_as, standing_at
from tests.e2e.world import CODES, Prepared, holdings, refusal, run

PHONE_BYTES_MAX = 500 * MIB
"""All that a phone's process may have, its libraries with it."""
_BOUND = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
os.execv(sys.argv[2], sys.argv[2:])
"""
BOUNDED = (sys.executable, "-c", _BOUND, str(PHONE_BYTES_MAX))
"""Stands before a command that may not have more memory."""


def bomber(encoding: str, body: bytes, status: int = 200) -> type[Stranger]:
    """Return who answers with a bomb."""

    class Bomber(Stranger):
        def reply(self) -> tuple[int, str, bytes]:
            return status, CONTENT_TYPE, body

        def more_headers(self, status: int, body: bytes) -> dict[str, str]:
            return {"Content-Encoding": encoding, **super().more_headers(status, body)}

    return Bomber


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_in_an_answer_costs_a_phone_nothing(
    prepared: Prepared, phone: Path, name: str
) -> None:
    run(phone, "scan", CODES["DESK"])
    before = holdings(phone)
    encoding, body, _, _ = BOMBS[name]
    ours = KeyPair((prepared.folder / "centre" / "key").read_bytes())
    kind = bomber(encoding, body)
    for one in (kind, known_as(kind, ours)):
        with standing_at(prepared.port, one):
            told = run(phone, "sync", behind=BOUNDED)
        assert told.code == 4
        assert told.error["code"] in {"not_our_centre", "centre_nonsense"}
        assert holdings(phone) == before


AT = "2026-11-22T10:00:00Z"
STRANGERS = KeyPair(bytes(range(32)))
Forge = Callable[[Push, Receipt], Receipt]


def signed(receipt: Receipt, keys: KeyPair) -> Receipt:
    """Return a receipt with somebody's signature."""
    r = receipt
    return replace(r, signature=keys.sign(receipt_message(r.device, r.epoch, r.seq, r.hash, r.at)))


def test_a_receipt_that_is_not_our_centres_word_counts_for_nothing(
    prepared: Prepared, phone: Path
) -> None:
    ours = KeyPair((prepared.folder / "centre" / "key").read_bytes())
    forged: dict[str, Callable[[Receipt], Receipt]] = {
        "unsigned": lambda r: replace(r, signature=b""),
        "by a stranger": lambda r: signed(r, STRANGERS),
        "of another phone": lambda r: signed(replace(r, device="D000000000000"), ours),
        "of another epoch": lambda r: signed(replace(r, epoch="E000000000000"), ours),
        "of another number": lambda r: replace(signed(r, ours), seq=r.seq + 1),
        "of another time": lambda r: replace(signed(r, ours), at="2027-01-01T00:00:00Z"),
        "of too little": lambda r: signed(replace(r, seq=0), ours),
        "of another chain": lambda r: signed(replace(r, hash=bytes(32)), ours),
    }
    run(phone, "scan", CODES["DESK"])
    before = holdings(phone)
    for name, forge in forged.items():

        class Liar(Stranger):
            """Speaks under the centre's own name; only its receipt is not right."""

            keys = ours
            make = staticmethod(forge)

            def reply(self) -> tuple[int, str, bytes]:
                push = read_push(decompress(self.asked, self.headers.get("Content-Encoding", "")))
                head = [push.previous, *links(push.previous, push.lines)][-1]
                receipt = self.make(Receipt(push.device, push.epoch, push.last, head, AT, b""))
                return 200, CONTENT_TYPE, write_answer(Answer(push.centre_epoch, receipt))

        with standing_at(prepared.port, Liar):
            error = refusal(phone, "sync", exit_code=4)
        assert error["code"] == "centre_nonsense", name
        assert holdings(phone) == before, name
        assert run(phone, "status").data["unsent"] == 1


def test_an_answer_that_was_signed_for_something_else_is_not_believed(
    prepared: Prepared, phone: Path
) -> None:
    ours = KeyPair((prepared.folder / "centre" / "key").read_bytes())
    run(phone, "scan", CODES["DESK"])
    before = holdings(phone)
    others: dict[str, Callable[[bytes, int, bytes], bytes]] = {
        "another request": lambda _, status, body: answer_message(bytes(64), status, body),
        "another status": lambda asked, _, body: answer_message(asked, 204, body),
        "another body": lambda asked, status, body: answer_message(asked, status, body + b" "),
        "no request": lambda _, status, body: answer_message(b"", status, body),
    }
    for name, other in others.items():

        class Replayer(Stranger):
            """Has a good signature of the centre's, of another answer."""

            message = staticmethod(other)

            def reply(self) -> tuple[int, str, bytes]:
                push = read_push(decompress(self.asked, self.headers.get("Content-Encoding", "")))
                head = [push.previous, *links(push.previous, push.lines)][-1]
                receipt = signed(Receipt(push.device, push.epoch, push.last, head, AT, b""), ours)
                return 200, CONTENT_TYPE, write_answer(Answer(push.centre_epoch, receipt))

            def more_headers(self, status: int, body: bytes) -> dict[str, str]:
                asked = bytes.fromhex(self.headers.get(SIGNATURE_HEADER, ""))
                return {SIGNATURE_HEADER: ours.sign(self.message(asked, status, body)).hex()}

        with standing_at(prepared.port, Replayer):
            error = refusal(phone, "sync", exit_code=4)
        assert error["code"] == "not_our_centre", name
        assert holdings(phone) == before, name
    assert run(phone, "status").data["unsent"] == 1
