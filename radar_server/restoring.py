"""A centre that was restored from a backup finds it out by its own receipts, and says so.

A phone that holds the centre's signed word for more than the centre has proves the loss. The centre
takes a new epoch then, so that every cursor begins anew; one restoration makes one new epoch,
because receipts that are older than the present epoch prove nothing about it.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlmodel import col

from radar_server.audit import note
from radar_server.centre import Centre
from radar_server.streams import read_stream
from radar_server.tables import CentreRow
from sync.keys import KEY_BYTES, is_signed, name_of
from sync.protocol import Push, Receipt
from sync.signing import receipt_message


def take_proof(connection: Connection, centre: Centre, push: Push) -> bool:
    """Begin a new epoch of the centre, in the transaction under way, if a push proves a loss."""
    proof = push.proof
    if proof is None or (proof.device, proof.epoch) != (push.device, push.epoch):
        return False
    stream = read_stream(connection, push.epoch)
    held = stream.seq if stream is not None else 0
    if proof.seq <= held or not _is_own_word(centre, proof):
        return False
    since_ms = connection.execute(select(col(CentreRow.since_ms)).with_for_update()).scalar_one()
    given_s = _second_of(proof.at)
    if given_s is None or given_s <= since_ms // 1000:
        return False
    epoch = name_of(centre.randomness(KEY_BYTES), "C")
    connection.execute(update(CentreRow).values(epoch=epoch, since_ms=centre.now_ms()))
    return True


def note_loss(connection: Connection, centre: Centre, push: Push) -> None:
    """Put into the audit log that a push proved a loss, at the end of its transaction."""
    proof = push.proof
    assert proof is not None, "nothing else proves a loss"
    proved = {"device": proof.device, "epoch": proof.epoch, "seq": proof.seq, "at": proof.at}
    note(connection, centre, "epoch", push.device, proved=proved)


def is_forged(centre: Centre, push: Push) -> bool:
    """Tell whether a push shows a proof that is not this centre's word on that very journal."""
    proof = push.proof
    if proof is None:
        return False
    about = (proof.device, proof.epoch) == (push.device, push.epoch)
    return not about or not _is_own_word(centre, proof)


def _is_own_word(centre: Centre, proof: Receipt) -> bool:
    message = receipt_message(proof.device, proof.epoch, proof.seq, proof.hash, proof.at)
    return is_signed(centre.keys.public, proof.signature, message)


def _second_of(at: str) -> int | None:
    """Return an instant that this centre wrote, in seconds since 1970 UTC."""
    try:
        return int(datetime.fromisoformat(at).timestamp())
    except (ValueError, OverflowError):
        return None
