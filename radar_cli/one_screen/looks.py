"""What is to be seen, as plain data in the person's language: the screen and plain mode draw it."""

from __future__ import annotations

from dataclasses import dataclass

from radar_cli.one_screen.ages import clock_of
from radar_cli.one_screen.asks import Said, said
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.pages import next_up
from radar_cli.output import plain
from radar_core.failures import N_

MARKS = {"good": "✓", "warn": "!", "bad": "✗", "plain": "·"}
"""No tone is told by a colour alone."""
SCAN = N_("Scan, or type a code")
DEFAULT = "↵"
"""The mark of the choice that Enter takes."""


TOO_SMALL = N_(
    "The screen is too small for the code: it takes {columns} × {rows} characters."
    " Make the letters smaller, or turn the phone."
)


@dataclass(frozen=True, slots=True)
class Item:
    """Something to choose or to read: its number, 0 for none, a mark, a text and a detail."""

    number: int
    mark: str
    text: str
    detail: str = ""
    tone: str = "plain"
    under_cursor: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the line below is for: what is asked, with its hint and what is half typed."""

    title: str
    hint: str
    text: str
    kind: str
    secret: bool


@dataclass(frozen=True, slots=True)
class View:
    """All that is to be seen. Texts are plain: none steers a terminal."""

    who: str
    sync: str
    sync_tone: str
    goal: str
    goal_detail: str
    tone: str
    verdict: tuple[str, ...]
    heading: str
    rows: tuple[Item, ...]
    lines: tuple[str, ...]
    choices: tuple[Item, ...]
    prompt: Prompt
    is_home: bool
    sync_short: str = ""
    """The sync in fewer words, for a narrow screen."""
    more: str = "+{count}"
    """What tells that there is more than fits, with `{count}` in it."""
    too_small: str = "{columns} × {rows}"
    """What tells that a code does not fit, with `{columns}` and `{rows}` in it."""


def look(conversation: Conversation) -> View:
    """Return what is to be seen now."""
    desk = conversation.desk
    head, verdict = conversation.head(), conversation.verdict
    goal, detail = next_up(desk) if head is None else (head.goal, head.detail)
    sync, sync_tone = _sync(desk) if head is None else (_say(desk, head.status), "warn")
    return View(
        who=_who(desk) if head is None else _say(desk, head.who),
        sync=sync,
        sync_tone=sync_tone,
        goal=_say(desk, goal),
        goal_detail=_say(desk, detail),
        tone=verdict.tone if verdict is not None else "",
        verdict=verdict.lines if verdict is not None else (),
        heading=_say(desk, conversation.page.heading),
        rows=_rows(conversation),
        lines=conversation.page.lines,
        choices=_choices(conversation),
        prompt=_prompt(conversation),
        is_home=conversation.is_home,
        sync_short=_sync_short(desk) if head is None else _say(desk, head.short),
        more=_say(desk, (N_("… and {count} more"), {})),
        too_small=_say(desk, (TOO_SMALL, {})),
    )


def _say(desk: Desk, one: Said) -> str:
    return plain(desk.say(one))


def _who(desk: Desk) -> str:
    """Return who works here and where they scanned last, else in which project."""
    texts = desk.output.texts
    name = texts.pick(desk.me, "name")
    if desk.here is not None and desk.here.get("place"):
        where = texts.pick(desk.here["place"], "path").rpartition(" / ")[2]
        asset = texts.pick(desk.here.get("asset"), "name")
        return plain(f"{name} · {asset or where}")
    return plain(f"{name} · {texts.pick(desk.project, 'name')}")


def _sync(desk: Desk) -> tuple[str, str]:
    """Return what is unsent, whether there is signal, and when the last sync was."""
    mark, word = _signal(desk)
    told = said(
        N_("{mark} {word} · unsent {unsent} · synced {last}"),
        mark=mark,
        word=(word, {}),
        unsent=desk.unsent,
        last=_last(desk),
    )
    line = _to_settle(desk) + _say(desk, told)
    tone = "bad" if desk.troubles else "warn" if desk.sync.online is False else "plain"
    return line, tone


def _sync_short(desk: Desk) -> str:
    short = said(
        N_("{mark} unsent {unsent} · {last}"),
        mark=_signal(desk)[0],
        unsent=desk.unsent,
        last=_last(desk),
    )
    return _to_settle(desk) + _say(desk, short)


def _to_settle(desk: Desk) -> str:
    count = desk.troubles
    return _say(desk, said(N_("{count} to settle"), count=count)) + " · " if count else ""


def _signal(desk: Desk) -> tuple[str, str]:
    """Return the mark and the word for what is known of the network."""
    if desk.sync.online is None:
        return "…", N_("connecting")
    return ("●", N_("signal")) if desk.sync.online else ("○", N_("no signal"))


def _last(desk: Desk) -> str:
    """Return when the last sync was."""
    return clock_of(desk, desk.last_sync) if desk.last_sync else "-"


def _choices(conversation: Conversation) -> tuple[Item, ...]:
    desk, on = conversation.desk, conversation.on
    found = conversation.selectable if on is not None else conversation.doable
    return tuple(
        Item(
            number,
            DEFAULT if choice.default and number == 1 else "",
            _say(desk, choice.label),
            under_cursor=conversation.cursor == number - 1,
        )
        for number, choice in enumerate(found, 1)
    )


def _rows(conversation: Conversation) -> tuple[Item, ...]:
    """Return the page's rows; while something is asked they have no numbers."""
    page, is_asked = conversation.page, conversation.on is not None
    number = len(conversation.doable)
    items: list[Item] = []
    for row, (text, detail) in zip(page.rows, _texts(conversation), strict=True):
        numbered = row.choice is not None and not is_asked
        number += numbered
        under = numbered and conversation.cursor == number - 1
        items.append(Item(number * numbered, row.mark, text, detail, row.tone, under))
    return tuple(items)


def _texts(conversation: Conversation) -> list[tuple[str, str]]:
    """Return text and detail of the page's rows: they are hundreds, and mostly as they were."""
    desk = conversation.desk
    page, texts, found = conversation.looked
    if page is not conversation.page or texts is not desk.output.texts:
        rows = conversation.page.rows
        found = [(_say(desk, row.text), _say(desk, row.detail)) for row in rows]
        conversation.looked = (conversation.page, desk.output.texts, found)
    return found


def _prompt(conversation: Conversation) -> Prompt:
    desk, on = conversation.desk, conversation.on
    if on is None:
        return Prompt(_say(desk, said(SCAN)), "", "", "scan", secret=False)
    ask = on.ask
    title, hint = _say(desk, ask.title), _say(desk, ask.hint)
    return Prompt(title, hint, on.draft.text, ask.kind, ask.secret)
