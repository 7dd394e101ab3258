"""A receipt that leaves the phone, and what follows from it for one action (law 8). Pure.

Whoever has the centre's public key needs nothing else: the receipt signs the hash of the chain at
its number, and the lines from an action to there lead to that very hash from none but this action.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sync.chain import HASH_BYTES, links
from sync.framing import FORMAT, text, whole
from sync.protocol import Receipt, read_receipt, receipt_object
from sync.signing import receipt_message

FILE_BYTES_MAX = 64 * 1024 * 1024
"""The largest receipt file; a proof shows every line from its action to the receipt."""
KIND = "radar receipt"

Verify = Callable[[bytes, bytes, bytes], bool]
"""Tells whether the owner of a public key made a signature over a message."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The action `seq` of `epoch`: the chain's hash before it, its line, and all that follow.

    The last line is the one that the receipt is for.
    """

    epoch: str
    seq: int
    before: bytes
    lines: Sequence[str]

    @property
    def action(self) -> str:
        """The id of the action that is proved."""
        return f"{self.epoch}.{self.seq}"

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.seq + len(self.lines) - 1


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """What is handed on; `centre_key` is for orientation, for a forger would write his own."""

    centre_key: str
    receipts: Sequence[Receipt]
    proof: Proof | None = None


def file_object(file: ReceiptFile) -> dict[str, object]:
    """Return a receipt file as its JSON object."""
    proof = file.proof
    return {
        "format": FORMAT,
        "kind": KIND,
        "centre_key": file.centre_key,
        "receipts": [receipt_object(receipt) for receipt in file.receipts],
        "proof": None
        if proof is None
        else {"action": proof.action, "before": proof.before.hex(), "lines": list(proof.lines)},
    }


def read_file(data: bytes) -> ReceiptFile:
    """Return the receipt file that JSON text holds, bare or as `--json` wrote it.

    Raise ValueError for anything else.
    """
    if len(data) > FILE_BYTES_MAX:
        raise ValueError("it is too large")
    try:
        found = json.loads(data)
        found = found.get("data", found)
        if (found["kind"], found["format"]) != (KIND, FORMAT):
            raise ValueError("it is of another kind or format")
        proof = found.get("proof")
        return ReceiptFile(
            text(found["centre_key"]),
            [_read_receipt(receipt) for receipt in found["receipts"]],
            None if proof is None else _read_proof(proof),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _read_receipt(value: Mapping[str, object]) -> Receipt:
    receipt = read_receipt(value)
    _message(receipt)
    return receipt


def _message(receipt: Receipt) -> bytes:
    """Return what a receipt signs; raise ValueError where that cannot be written as UTF-8."""
    return receipt_message(receipt.device, receipt.epoch, receipt.seq, receipt.hash, receipt.at)


def _read_proof(value: Mapping[str, object]) -> Proof:
    epoch, _, seq = text(value["action"]).rpartition(".")
    lines = value["lines"]
    if not isinstance(lines, list) or not lines:
        raise TypeError("a proof has lines")
    if not (seq.isascii() and seq.isdigit()):
        raise ValueError("an action's id ends in its number")
    shown = [text(line) for line in lines]
    "".join(shown).encode()  # half of a surrogate pair raises here, not later
    return Proof(epoch, whole(int(seq)), bytes.fromhex(text(value["before"])), shown)


def flaw_of(file: ReceiptFile, key: bytes, verify: Verify) -> tuple[str, str]:
    """Return what is wrong with a file by the centre's `key`, and of what; `("", "")` for nothing.

    `empty` no receipt is in it; `signature` the centre did not sign this receipt, as it stands;
    `unproved` none of the receipts is for the proof's last line; `chain` its lines do not lead to
    what that receipt is for; `number` its line says another number than the action's.
    """
    if not file.receipts:
        return "empty", ""
    for receipt in file.receipts:
        if not verify(key, receipt.signature, _message(receipt)):
            return "signature", f"{receipt.epoch}.{receipt.seq}"
    return _flaw_of_proof(file, file.proof) if file.proof is not None else ("", "")


def _flaw_of_proof(file: ReceiptFile, proof: Proof) -> tuple[str, str]:
    heads = {(receipt.epoch, receipt.seq): receipt.hash for receipt in file.receipts}
    head = heads.get((proof.epoch, proof.last))
    if head is None:
        return "unproved", proof.action
    # Of another length, its end could pass for the beginning of a line, or the other way round.
    if len(proof.before) != HASH_BYTES or links(proof.before, proof.lines)[-1] != head:
        return "chain", proof.action
    return ("", "") if _number_of(proof.lines[0]) == proof.seq else ("number", proof.action)


def _number_of(line: str) -> int | None:
    """Return the number that a line gives itself; None where it gives none."""
    try:
        seq = json.loads(line)["seq"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return seq if type(seq) is int else None
