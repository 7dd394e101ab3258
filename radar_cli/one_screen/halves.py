"""What is half written: all of it as a page, and as a note where what it was about is gone."""

from dataclasses import replace

from commands.thing import find_thing
from radar_cli.one_screen.asks import Choice, Page, Row, said
from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.drafts import Draft, Drafts
from radar_cli.one_screen.finding import name_of
from radar_core.failures import Failure, N_

KEPT = N_("What you wrote is kept: Enter saves it as a note.")
"""What is told where words cannot go where they were meant for."""
OVER = frozenset({"unknown_task", "not_yours", "not_leading", "wrong_kind", "wrong_state"})
"""What refuses any words on a way, until somebody else changes that."""


def is_over(draft: Draft, failure: Failure) -> bool:
    """Tell whether a refusal is not of the words, but of what they are about."""
    if failure.code == "unknown_thing":
        return bool(draft.args) and failure.values.get("thing") == draft.args[0][:80]
    return failure.code in OVER


def as_note(desk: Desk, drafts: Drafts, lost: Draft) -> Draft | None:
    """Return a note with all words of a draft that has no way any more; None where it has none.

    It is of what they were about if that is there, else of the tag that was scanned last, else it
    asks where. What stands there half written already goes before.
    """
    words = " ".join(_words(lost))
    if not words:
        return None
    here = str((desk.here or {}).get("code") or "")
    about = next((one for one in (*lost.args[:1], here) if _is_there(desk, one)), "")
    kept = drafts.of("note", (about,) if about else ())
    if about or kept.said:
        return replace(kept, text=f"{kept.text} {words}".strip())
    return replace(kept, ahead=(" ".join((*kept.ahead, words)).strip(),))


def _words(draft: Draft) -> list[str]:
    return [one.strip() for one in (*draft.said, draft.text, *draft.ahead) if one.strip()]


def _is_there(desk: Desk, word: str) -> bool:
    try:
        find_thing(desk.phone, word)
    except Failure:
        return False
    return bool(word)


def half_written(desk: Desk) -> Page:
    """Return all that is half written, the latest first: choosing one goes on with it."""
    rows: list[Row] = []
    for draft in reversed(desk.halves):
        label = said("{text}", text=_words(draft)[-1])
        about = said("{about}", about=name_of(desk, draft.args[0])) if draft.args else said("")
        rows.append(Row("·", label, about, "plain", Choice(label, draft.name, draft.args)))
    return Page(said(N_("Half written: {count}"), count=len(rows)), tuple(rows))
