"""What is half typed, kept at each key: it is there again after kill -9.

A draft lies in the phone's own database, so it is encrypted, locked and wiped as that is. It is
written without a flush: it survives the program's end, and a loss of power may take its last
seconds. Nothing of it is ever sent.
"""

from dataclasses import dataclass, replace

from commands.phone import DATABASE, Phone
from radar_cli.one_screen.asks import Ask, Way
from radar_core.jsontext import decode_object, encode
from sync.journal import open_journal
from sync.sqlite import errors

KEY = "draft:"
KEPT_MOST = 20
"""So many half-written things are kept for a person, the latest."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A way by name and arguments, what was said on it so far, and what is half typed.

    `sending` is the number of the journal's last action when the text was handed in, 0 before.
    `ahead` is what was half typed behind the question, before the person went back to it.
    """

    name: str
    args: tuple[str, ...]
    said: tuple[str, ...] = ()
    text: str = ""
    sending: int = 0
    ahead: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells one draft from another."""
        return encode([self.name, *self.args])

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that could be lost."""
        return not (self.said or self.text.strip() or any(self.ahead))


@dataclass(slots=True)
class Open:
    """A way that the person is on: what was said, what is asked now, what is half typed."""

    draft: Draft
    way: Way
    ask: Ask


class Drafts:
    """The drafts of one person on this phone, and which of them is open."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._journal = open_journal(phone.workplace.path(DATABASE))
        self._journal.connection.execute("PRAGMA synchronous = NORMAL")
        # A sync that writes just now must not hold a key up: the next one writes both.
        self._journal.connection.execute("PRAGMA busy_timeout = 0")
        self._all: dict[str, Draft] = {}
        self._open = self._whose = self._written = ""
        self.is_kept = True
        self.load()

    @property
    def are_of_another(self) -> bool:
        """Whether somebody else has this shared phone in hand now than when they were loaded."""
        return self._staff() != self._whose

    @property
    def open(self) -> Draft | None:
        """The draft that was being written when the program ended, if any."""
        return self._all.get(self._open)

    @property
    def halves(self) -> tuple[Draft, ...]:
        """All that is half written, the latest last."""
        return tuple(draft for draft in self._all.values() if not draft.is_empty)

    def of(self, name: str, args: tuple[str, ...]) -> Draft:
        """Return what is half written on a way."""
        empty = Draft(name, args)
        return self._all.get(empty.key, empty)

    def keep(self, draft: Draft) -> None:
        """Keep a draft, and that it is open; an empty one is kept as open alone."""
        self._all.pop(draft.key, None)
        self._all[draft.key] = draft
        self._open = draft.key
        while len(self._all) > KEPT_MOST:
            del self._all[next(iter(self._all))]
        self.write()

    def leave(self) -> None:
        """Nothing is being written any more; what is half written stays."""
        self._open = ""
        self._all = {key: draft for key, draft in self._all.items() if not draft.is_empty}
        self.write()

    def drop(self, draft: Draft) -> None:
        """Forget a draft: what it said is recorded."""
        self._all.pop(draft.key, None)
        self._open = ""
        self.write()

    def write(self) -> None:
        """Write all of it, or note that it is still to be written."""
        kept = [
            [one.name, list(one.args), list(one.said), one.text, one.sending, list(one.ahead)]
            for one in self._all.values()
        ]
        text = encode({"open": self._open, "drafts": kept})
        if self.is_kept and text == self._written:
            return
        try:
            self._journal.set_meta(KEY + self._whose, text)
            self._written = text
            self.is_kept = True
        except errors():
            self.is_kept = False

    def close(self) -> None:
        """Write what is still to be written, and let go of the database."""
        if not self.is_kept:
            self._journal.connection.execute("PRAGMA busy_timeout = 2000")
            self.write()
        self._journal.connection.close()

    def _staff(self) -> str:
        return self._phone.meta["staff"] or self._phone.staff

    def load(self) -> None:
        """Read what is half written of whoever has the phone in hand."""
        self._whose, self._written = self._staff(), ""
        row = self._journal.connection.execute(
            "SELECT value FROM meta WHERE key = ?", (KEY + self._whose,)
        ).fetchone()
        told = decode_object(row[0]) if row is not None else {}
        drafts = told.get("drafts")
        self._all = {}
        for kept in drafts if isinstance(drafts, list) else ():
            draft = _read(kept)
            if draft is not None and not self._was_recorded(draft):
                draft = _not_handed_in(draft)
                self._all[draft.key] = draft
        self._open = str(told.get("open", ""))

    def _was_recorded(self, draft: Draft) -> bool:
        """Tell whether the program was killed between recording a text and forgetting its draft.

        A value may be recorded otherwise than it was typed, but beside what it is about.
        """
        if not draft.sending:
            return False
        lines = self._journal.connection.execute(
            "SELECT line FROM action JOIN meta ON meta.key = 'epoch' AND action.epoch = meta.value"
            " WHERE seq >= ? AND hash IS NOT NULL",
            (draft.sending,),
        ).fetchall()
        told = [encode(one.strip()) for one in (*draft.args, *draft.said) if one.strip()]
        return any(
            '"kind":"scan"' not in line and any(one in line for one in told) for (line,) in lines
        )


def _read(kept: object) -> Draft | None:
    """Return a draft as it was written; None for what another version of this program wrote."""
    match kept:
        case [str(name), list(args), list(words), str(text), int(sending), list(ahead)]:
            return Draft(name, tuple(args), tuple(words), text, sending, tuple(ahead))
        case _:
            return None


def _not_handed_in(draft: Draft) -> Draft:
    """Return a draft with what was handed in, and never recorded, half typed again.

    The program was killed in between: the person sees it and hands it in once more.
    """
    if not (draft.sending and draft.said):
        return draft
    return replace(draft, said=draft.said[:-1], text=draft.said[-1], sending=0)
