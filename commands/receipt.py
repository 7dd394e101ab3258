"""`radar receipt`: the centre's signed word in the worker's hand, and how anybody checks it."""

import json
from pathlib import Path

from commands.files import write_file
from commands.phone import Phone
from radar_core.answers import Answer
from radar_core.failures import DECIDE, DONE, FAILED, USAGE, Failure, N_
from radar_core.jsontext import encode
from sync.keys import KEY_BYTES, is_signed
from sync.outbox import hash_at
from sync.protocol import Receipt, read_receipt
from sync.proving import FILE_BYTES_MAX, Proof, ReceiptFile, file_object, flaw_of, read_file

DIGITS_MAX = 18
"""No action has a longer number."""
FLAWS = {
    "empty": N_("There is no receipt in it."),
    "signature": N_("The receipt for {about} is not signed with that key, or was changed."),
    "unproved": N_("The proof of {about} does not end where a receipt in it does."),
    "chain": N_("The lines for {about} are not those that the centre signed for."),
    "number": N_("The line for {about} says that it is another action."),
}


def receipts(phone: Phone, *, every: bool = False, out: str = "") -> Answer:
    """Return the newest receipt of this phone, or one for `every` epoch, and write it to `out`.

    Where there is none yet, the list is empty, and nothing is written.
    """
    kept = list(_kept(phone).values())
    shown = kept if every else kept[-1:]
    return _handed_out(ReceiptFile(phone.meta["centre_key"], shown), out if shown else "")


def prove(phone: Phone, action: str, out: str = "") -> Answer:
    """Return a receipt file that proves one action of this phone; raise Failure if none can."""
    epoch, _, number = action.rpartition(".")
    seq = int(number) if number.isascii() and number.isdigit() and len(number) <= DIGITS_MAX else 0
    receipt, before = _kept(phone).get(epoch), None
    if seq and hash_at(phone.journal, epoch, seq) is not None:
        before = hash_at(phone.journal, epoch, seq - 1)
    if before is None:
        raise Failure(
            "unknown_action",
            N_("This phone recorded no action {action}."),
            N_("The ids of the latest ones: radar log --json"),
            action=action[:80],
        )
    if receipt is None or receipt.seq < seq:
        raise Failure(
            "no_receipt",
            N_("There is no receipt for {action} yet."),
            N_("When there is signal: radar sync"),
            action=action,
        )
    proof = Proof(epoch, seq, before, _lines(phone, epoch, (seq, receipt.seq)))
    file = ReceiptFile(phone.meta["centre_key"], [receipt], proof)
    if flaw_of(file, bytes.fromhex(file.centre_key), is_signed)[0]:
        raise Failure(
            "chain_broken",
            N_("The log was changed: {action} can no longer be proved."),
            N_("Do not delete anything. Where: radar log --verify"),
            action=action,
        )
    return _handed_out(file, out)


def _kept(phone: Phone) -> dict[str, Receipt]:
    """Return the receipt that is kept of each epoch that has one, the newest last."""
    rows = phone.journal.connection.execute(
        "SELECT name, receipt FROM epoch WHERE receipt IS NOT NULL ORDER BY number"
    )
    read = {name: read_receipt(json.loads(text)) for name, text in rows}
    return {name: receipt for name, receipt in read.items() if receipt.seq}


def _lines(phone: Phone, epoch: str, span: tuple[int, int]) -> list[str]:
    """Return the lines of an epoch from one number to another."""
    lines: list[str] = []
    size = 0
    for (line,) in phone.journal.connection.execute(
        "SELECT line FROM action WHERE epoch = ? AND seq BETWEEN ? AND ? AND hash IS NOT NULL"
        " ORDER BY seq",
        (epoch, *span),
    ):
        size += 2 * len(line.encode())  # as JSON text in JSON text its quotes are doubled
        if size > FILE_BYTES_MAX:
            raise Failure(
                "too_long",
                N_("So much was recorded after {action} that its proof is too large for a file."),
                N_("The centre proves its own log: radar log --verify --centre"),
                action=f"{epoch}.{span[0]}",
            )
        lines.append(line)
    return lines


def _handed_out(file: ReceiptFile, out: str) -> Answer:
    data = file_object(file)
    if out:
        write_file(out, f"{encode(data)}\n".encode())
    return Answer("receipts", {**data, "out": out or None})


def verify_receipt(path: str, key: str = "") -> Answer:
    """Check a receipt file as a third party does, with the centre's public key and nothing else.

    Without a `key` it is checked by the one that it brings along, which proves nothing by itself:
    a person must decide whether that is the centre's. Raise Failure `receipt_wrong` where it fails.
    """
    file = _read(path)
    public = _key(key or file.centre_key, given=bool(key))
    code, about = flaw_of(file, public, is_signed)
    if code:
        raise Failure(
            "receipt_wrong",
            N_("This receipt does not hold: {why}"),
            N_("Compare the key with the centre's: radar admin key") if code == "signature" else "",
            why=(FLAWS[code], {"about": about}),
        )
    told = file_object(file)
    data: dict[str, object] = {
        "receipts": told["receipts"],
        "key": public.hex(),
        "key_given": bool(key),
        "action": file.proof.action if file.proof is not None else None,
        "line": file.proof.lines[0] if file.proof is not None else None,
    }
    return Answer("receipt_verified", data, DONE if key else DECIDE)


def _read(path: str) -> ReceiptFile:
    try:
        with Path(path).open("rb") as source:
            return read_file(source.read(FILE_BYTES_MAX + 1))
    except OSError as error:
        raise Failure(
            "file_unreadable",
            N_("{path} cannot be read ({reason})."),
            path=path,
            reason=error.strerror,
        ) from error
    except ValueError as error:
        raise Failure(
            "not_a_receipt",
            N_("{path} is not a receipt file."),
            N_("A phone writes one: radar receipt --out FILE"),
            path=path,
        ) from error


def _key(text: str, *, given: bool) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Failure(
            "bad_key",
            N_("A centre's key is 64 hexadecimal digits."),
            N_("The centre prints its own: radar admin key"),
            exit_code=USAGE if given else FAILED,
        )
    return key
