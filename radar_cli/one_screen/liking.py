"""The colours and the language that somebody chose on the screen, kept for the next start."""

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass

from commands.phone import DATABASE, Phone
from radar_cli.one_screen.desk import Desk
from radar_cli.texts import Texts
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


class Likings:
    """What is liked on one screen.

    A choice goes along to the work on a phone that is enrolled or unlocked after it; without one,
    what was chosen there before counts.
    """

    def __init__(self, *, keeps_language: bool) -> None:
        """Take up no language where the run was told one."""
        self._keeps_language = keeps_language
        self._was_chosen = False

    def take(self, desk: Desk, themes: Sequence[str]) -> str:
        """Take the language that was chosen before; return the theme, one of those that can be."""
        liking = liked(desk.phone)
        if self._keeps_language and liking.language in OTHER_LANGUAGE:
            desk.output.texts = Texts(liking.language)
        return liking.theme if liking.theme in themes else themes[0]

    def chosen(self, desk: Desk, theme: str) -> None:
        """Keep what is there now, for it was chosen."""
        self._was_chosen = True
        keep(desk.phone, Liking(theme, desk.output.texts.language))

    def turn(self, desk: Desk, theme: str, themes: Sequence[str]) -> str:
        """Go on at the desk where work is; return the theme there."""
        if not self._was_chosen:
            return self.take(desk, themes)
        self.chosen(desk, theme)
        return theme


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
