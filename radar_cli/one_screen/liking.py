"""The colours and the language that somebody chose on the screen, kept for the next start."""

from contextlib import closing, suppress
from dataclasses import dataclass

from commands.phone import DATABASE, Phone
from radar_core.jsontext import decode_object, encode
from sync.journal import open_journal
from sync.sqlite import errors

KEY = "one_screen"
OTHER_LANGUAGE = {"en": "zh", "zh": "en"}
"""What each language gives way to."""


@dataclass(frozen=True, slots=True)
class Liking:
    """A theme by name and a language; empty for what was never chosen."""

    theme: str = ""
    language: str = ""


def liked(phone: Phone) -> Liking:
    """Return what was chosen on this phone."""
    told = decode_object(phone.meta.get(KEY) or "{}")
    return Liking(str(told.get("theme") or ""), str(told.get("language") or ""))


def keep(phone: Phone, liking: Liking) -> None:
    """Keep what was chosen, if nothing writes just now: it is not worth a wait, nor a flush."""
    text = encode({"theme": liking.theme, "language": liking.language})
    with suppress(*errors()):
        journal = open_journal(phone.workplace.path(DATABASE))
        with closing(journal.connection) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA busy_timeout = 0")
            journal.set_meta(KEY, text)
    phone.meta = {**phone.meta, KEY: text}
