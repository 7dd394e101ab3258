"""What a phone does where its history and the centre's do not fit: nothing is lost or doubled.

fork      other actions are held under its numbers: it goes on in a new epoch (`sync.forking`)
gap       the centre lost what it held: it gets it again, with the receipt that proves it
revoked   what the phone still holds went into quarantine: that much is known to be kept
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.feed import Changes, Projection, take_own
from sync.forking import is_parted, take_new_epoch
from sync.framing import WireError
from sync.journal import Journal
from sync.outbox import Unsent
from sync.protocol import Quarantined, Receipt, read_quarantined, read_receipt


@dataclass(frozen=True, slots=True)
class Parting:
    """How far the centre holds just what a phone showed: up to `common`, None if before all of it.

    `receipt` is the centre's word on that, if it gave one, `quarantined` what lies in quarantine.
    """

    common: int | None
    receipt: Receipt | None
    quarantined: Sequence[Quarantined]


def read_parting(members: Mapping[str, object], page: Unsent) -> Parting:
    """Return what a problem `fork` or `revoked` says of a page; raise WireError for nonsense."""
    told, rows, common = members.get("receipt"), members.get("quarantined"), members.get("common")
    if "common" not in members and told is None:
        raise WireError("its refusal says nothing of what it holds")
    try:
        receipt = read_receipt(told) if isinstance(told, dict) else None
        quarantined = read_quarantined(rows) if isinstance(rows, list) else []
    except (KeyError, TypeError, ValueError) as error:
        raise WireError(f"its refusal cannot be read: {error}") from error
    if common is None and receipt is not None:
        common = receipt.seq
    if common is None:
        return Parting(None, None, ())
    if type(common) is not int or not 0 <= common <= page.last:
        raise WireError("it says that it holds what this phone never had")
    if receipt is not None and receipt.seq != common:
        raise WireError("its receipt is for another number than it says")
    known = [some for some in quarantined if some.epoch == page.epoch and some.seq <= common]
    return Parting(common, receipt, known)


def read_expected(members: Mapping[str, object], page: Unsent) -> int:
    """Return with which number a problem `gap` wants the phone to begin; raise WireError."""
    expected = members.get("expected")
    if type(expected) is not int or not 0 < expected < page.first:
        raise WireError("it misses nothing before what was sent")
    return expected


def take_held(journal: Journal, epoch: str, parting: Parting) -> None:
    """Note what the centre holds of an epoch."""
    if parting.common is not None:
        with journal.transaction():
            take_own(journal, epoch, parting.common, parting.quarantined, parting.receipt)


def part(
    journal: Journal,
    projection: Projection,
    epoch: str,
    parting: Parting,
    new: tuple[str, bytes],
) -> bool:
    """Go on in an epoch of a `new` name, with this device's public key; all of it or nothing.

    Return whether it was done here: another process of this phone may have been quicker.
    """
    assert parting.common is not None, "where they part must be known"
    name, public_key = new
    with journal.transaction():
        if is_parted(journal, epoch, parting.common):
            return False
        take_own(journal, epoch, parting.common, parting.quarantined, parting.receipt)
        moves, refs = take_new_epoch(journal, epoch, parting.common, name, public_key)
        projection(Changes(refs, moved=moves))
    return True
