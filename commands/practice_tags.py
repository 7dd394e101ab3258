"""Practice tags: their codes are always the same, so that printed ones serve for every round."""

from hashlib import blake2b

from radar_core.failures import NOT_PERMITTED, Failure, N_
from radar_core.tags import CODE_RANDOM_BYTES, label_text, make_code

THINGS = ("GATE", "LOBBY", "GARAGE", "ROOF", "BINS", "PUMPS", "PUMP1")
"""The places and the asset that have one."""
DOMAIN = "PRACTICE.EXAMPLE"
"""A name that nobody can own (RFC 2606): a camera that opens it gets nowhere."""


def practice_code(thing: str) -> str:
    """Return the code of the practice tag on a place or an asset."""
    return make_code(blake2b(f"practice {thing}".encode(), digest_size=CODE_RANDOM_BYTES).digest())


def practice_label(thing: str) -> str:
    """Return what the QR code of a practice tag says."""
    return label_text(DOMAIN, practice_code(thing))


def is_practice(code: str) -> bool:
    """Tell whether a code in its normal form is on a practice tag."""
    return code in [practice_code(thing) for thing in THINGS]


def check_practice(code: str) -> None:
    """Raise Failure `practice_tag` for a practice tag: in real work it stands for nothing."""
    if is_practice(code):
        raise Failure(
            "practice_tag",
            N_("That is a practice tag; nothing was saved of it."),
            N_("It is for practice alone. Scan the tag that hangs here."),
            exit_code=NOT_PERMITTED,
        )
