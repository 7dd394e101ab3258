"""`radar badge SOURCE`: who takes a shared phone in hand signs in, with badge and PIN, offline."""

from collections.abc import Callable, Mapping

from commands.phone import Phone
from commands.presence import Presence, projects_here
from commands.thing import names_of, read_source
from commands.tries import check_tries, count_try, forget_tries, too_many, wait_s
from radar_core.actions import Draft, write_line
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, UNREADABLE, USAGE, Failure, N_
from sync.badges import Badge, plain_pin, read_badge, sign_in_message
from sync.keys import KeyPair


def badge(phone: Phone, source: str, ask_pin: Callable[[], str]) -> Answer:
    """Record that the owner of a badge is signed in, if they know its PIN; raise Failure if not.

    `source` is the badge's text or a picture of it. Who was signed in before is not any more.
    """
    check_shared(phone)
    found = read_badge(read_source(source))
    if found is None:
        raise Failure(
            "not_a_badge",
            N_("This is no badge, or it is damaged."),
            N_("Scan the code on your badge, the whole of it. A tag: radar scan"),
            exit_code=UNREADABLE,
        )
    record = _record(phone, found)
    check_tries(phone, found)
    pin = plain_pin(ask_pin())
    if pin is None:
        raise Failure(
            "bad_pin",
            N_("A PIN has 6 to 12 digits; nothing was tried."),
            N_("It was given to you with your badge."),
            exit_code=USAGE,
        )
    count = count_try(phone, found)
    slow = record["slow"]
    assert isinstance(slow, dict), "the centre writes how slow the hash is"
    keys = found.keys(pin, slow)
    if keys.public.hex() != record["key"]:
        raise _wrong_pin(count)
    return _sign_in(phone, found, keys)


def check_shared(phone: Phone) -> None:
    """Raise Failure `not_shared` on a phone that is somebody's own."""
    if phone.meta["staff"]:
        raise Failure(
            "not_shared",
            N_("This phone is {staff}'s own; nobody has to sign in here."),
            N_("A badge is for a shared phone: radar admin enrol-code --shared PROJECT"),
            exit_code=NOT_PERMITTED,
            staff=phone.meta["staff"],
        )


def _record(phone: Phone, found: Badge) -> Mapping[str, object]:
    """Return what the site book has of a badge; raise Failure where it is not this one."""
    record = phone.body("badge", found.staff)
    if record is None or not projects_here(phone, found.staff):
        raise Failure(
            "unknown_badge",
            N_("This phone knows no badge of {staff}."),
            N_("If it is new: radar sync. If you should work here, ask your supervisor."),
            exit_code=NOT_PERMITTED,
            staff=found.staff[:80],
        )
    if record.get("mark") != found.mark:
        raise Failure(
            "badge_replaced",
            N_("This badge of {staff} counts no more, or not yet."),
            N_("Take the newest one. If it is this: radar sync"),
            exit_code=NOT_PERMITTED,
            staff=found.staff,
        )
    return record


def _wrong_pin(count: int) -> Failure:
    if wait_s(count):
        return too_many(wait_s(count))
    return Failure(
        "wrong_pin",
        N_("That PIN is wrong; nobody is signed in by it."),
        N_("Try again, slowly. After five wrong ones you have to wait."),
        exit_code=NOT_PERMITTED,
    )


def _sign_in(phone: Phone, found: Badge, keys: KeyPair) -> Answer:
    """Record the sign-in, signed as a whole with the badge's key, and let its owner in."""
    staff, moment = found.staff, phone.workplace.clock()
    with phone.transaction():
        project = projects_here(phone, staff)[0]
        place = phone.journal.next(moment)
        body: dict[str, object] = {"badge": keys.public.hex(), "after": place.previous.hex()}
        draft = Draft(staff=staff, project=project, kind="sign_in", subject=staff, body=body)
        line = write_line(place.seq, place.hlc, moment, draft)
        message = sign_in_message(phone.meta["device"], place.epoch, line)
        body |= {"signature": keys.sign(message).hex()}
        forget_tries(phone, found)
        Presence(staff, keys.public.hex(), project, moment).keep(phone)
        recorded = phone.write("sign_in", staff, project, body, moment)
    told = {"action_id": recorded.id, "seq": recorded.seq, "saved": True}
    lock_min = phone.workplace.lock_min or None
    return Answer("signed_in", told | names_of(phone, staff) | {"lock_min": lock_min})
