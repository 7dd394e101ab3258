"""`radar note ABOUT TEXT`: a remark on a task, a tag, a place or an asset."""

from commands.phone import Phone
from commands.thing import find_thing
from radar_core.actions import TEXT_CHARS_MAX
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_


def note(phone: Phone, about: str, text: str) -> Answer:
    """Record a remark; raise Failure for an unknown thing or an empty or overlong text."""
    text = text.strip()
    if not text or len(text) > TEXT_CHARS_MAX:
        raise Failure(
            "note_length",
            N_("A note has 1 to {most} characters; this one has {count}. Nothing was saved."),
            N_("Write it shorter, or in two notes."),
            exit_code=USAGE,
            most=TEXT_CHARS_MAX,
            count=len(text),
        )
    with phone.transaction():
        thing = find_thing(phone, about)
        body = {**thing.refs, "text": text}
        recorded = phone.write("note", thing.id, thing.project, body, phone.workplace.clock())
    return Answer(
        "noted",
        {"action_id": recorded.id, "seq": recorded.seq, "saved": True, "about": thing.ref},
    )
