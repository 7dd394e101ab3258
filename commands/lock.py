"""`radar lock`: whoever is signed in on this shared phone is not any more."""

from commands.phone import Phone
from commands.presence import presence_of, sign_out
from commands.thing import names_of
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_


def lock(phone: Phone) -> Answer:
    """Sign out who is signed in; twice is as good as once."""
    if phone.meta["staff"]:
        raise Failure(
            "not_shared",
            N_("This phone is {staff}'s own; nobody is signed in here with a badge."),
            exit_code=USAGE,
            staff=phone.meta["staff"],
        )
    with phone.transaction():
        found = presence_of(phone)
        recorded = None
        if found is not None:
            recorded = sign_out(phone, found, phone.workplace.clock())
    data: dict[str, object] = {
        "action_id": recorded.id if recorded is not None else None,
        "seq": recorded.seq if recorded is not None else None,
        "saved": recorded is not None,
        "signed_out": names_of(phone, found.staff) if found is not None else None,
    }
    return Answer("locked", data)
