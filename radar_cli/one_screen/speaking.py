"""What is to be seen, as lines to be read aloud: words in place of marks, and only what is new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.desk import SyncState
from radar_cli.one_screen.looks import Item, View, look
from radar_cli.one_screen.telling import Verdict
from radar_cli.texts import Texts
from radar_core.failures import N_

MARKS = frozenset("✓✗▸·!>=-→●○…↵?|")
"""What stands before a text for the eye alone; what it means, the text says, or one of `WORDS`."""
WORDS = {"✓": N_("done"), "✗": N_("not in order"), "▸": N_("to do")}
"""What a mark says where a row has nothing else to say how it stands."""
HALF = N_("Half written: {text}. Enter alone takes it; what you type takes its place.")
HALF_ON = N_("Half written: {text}. Go on with it, or take it with Enter alone.")
ENDS = (".", "?", "!", "。", "？", "！")
PAUSE = N_("{one}, {two}")
FEW = 3
"""So many rows are said again when their numbers become others."""
NUMBERED = N_("{number} {text}")

Opened = tuple[str, tuple[str, ...]]
"""A page by its name and arguments."""


def spoken(text: str, texts: Texts) -> str:
    """Return a text as it is read aloud: without the marks before and between its parts."""
    words = text.split()
    while words and MARKS.issuperset(words[0]):
        del words[0]
    return joined([" ".join(part.split()) for part in _parted(text, words)], texts)


def joined(parts: Iterable[str], texts: Texts) -> str:
    """Return texts, but for empty ones, as one with pauses between them."""
    told = ""
    for part in filter(None, parts):
        if told.endswith(ENDS):
            told += f" {part}"
        else:
            told = texts.say(PAUSE, one=told, two=part) if told else part
    return told


def _parted(text: str, words: list[str]) -> list[str]:
    """Return the parts of a text that blanks or a dot set apart, from its first word on."""
    begun = text[text.index(words[0]) :] if words else ""
    return begun.replace(" · ", "  ").replace(" → ", "  ").split("  ")


@dataclass(slots=True)
class Speaker:
    """Remembers what was said, and says what is new."""

    talk: Conversation
    _who: str = ""
    _sync: SyncState | None = None
    _troubles: int = 0
    _verdict: Verdict | None = None
    _goal: str = ""
    _opened: Opened | None = None
    _page: tuple[str, ...] = ()
    _rows: dict[Opened, list[str]] = field(default_factory=dict)
    _first: int = 0
    _choices: list[str] = field(default_factory=list)
    _asked: list[str] = field(default_factory=list)

    def again(self) -> None:
        """Forget what was said, but for the verdict: all that there is to say is new."""
        self._who, self._goal, self._opened, self._page = "", "", None, ()
        self._choices, self._asked = [], []
        self._rows.clear()

    def news(self, *, goes_on: bool = False) -> list[str]:
        """Return what is new: the verdict, what is next, what can be chosen, what is asked.

        The line to come `goes_on` with what is half written, or else takes its place.
        """
        view = look(self.talk)
        is_open = self.talk.on is None
        was_opened = is_open and self.talk.opened != self._opened
        lines = self._heads(view)
        lines += self._headed(view, was_opened=was_opened) if is_open else []
        lines += self._chosen(view)
        lines += self._listed(view, was_opened=was_opened) if is_open else []
        lines += self._prompted(view, HALF_ON if goes_on else HALF)
        return [line for line in lines if line]

    def _say(self, text: str) -> str:
        return spoken(text, self.talk.desk.output.texts)

    def _comma(self, *texts: str) -> str:
        return joined(map(self._say, texts), self.talk.desk.output.texts)

    def _template(self, template: str, **values: object) -> str:
        return self.talk.desk.output.texts.say(template, **values)

    def _heads(self, view: View) -> list[str]:
        """Return who is here, the verdict, how the sync goes, and what is next."""
        desk, verdict = self.talk.desk, self.talk.verdict
        lines: list[str] = []
        if not self._who:
            self._who = self._say(view.who)
            lines.append(self._who)
        if verdict is not None and verdict is not self._verdict:
            lines += map(self._told, verdict.lines)
        self._verdict = verdict
        is_told = desk.sync.online is not None and desk.sync != self._sync
        if is_told or desk.troubles != self._troubles:
            self._sync, self._troubles = desk.sync, desk.troubles
            lines += [self._say(view.sync), self._say(desk.sync.trouble)]
        goal = self._comma(view.goal, view.goal_detail)
        lines += [goal] if goal != self._goal else []
        self._goal = goal
        return lines

    def _told(self, line: str) -> str:
        """Return a line of a verdict; one that warns says so."""
        text = self._say(line)
        is_warning = line.split()[:1] == ["!"]
        return self._template(N_("Mind: {text}"), text=text) if is_warning else text

    def _headed(self, view: View, *, was_opened: bool) -> list[str]:
        """Return what stands above a page's rows, where it is new."""
        heading = (self._say(view.heading), *map(self._say, view.lines))
        is_new, self._page = was_opened or heading != self._page, heading
        return [line for line in heading if line != self._goal] if is_new else []

    def _listed(self, view: View, *, was_opened: bool) -> list[str]:
        """Return a page's rows: all of one that was opened, else those that became others."""
        rows = [self._row(row) for row in view.rows]
        first = next((row.number for row in view.rows if row.number), 0)
        before = [] if was_opened else self._rows.get(self.talk.opened, [])
        moved = first not in (0, self._first)
        few = moved and len(rows) <= FEW
        new = [n for n, row in enumerate(rows) if few or before[n : n + 1] != [row]]
        lines = [self._numbered(view.rows[n], rows[n]) for n in new]
        if moved and len(new) < len(rows):
            lines.append(self._elsewhere([row for row in view.rows if row.number]))
        self._opened, self._first = self.talk.opened, first
        self._rows[self._opened] = rows
        return lines

    def _elsewhere(self, rows: list[Item]) -> str:
        """Return which numbers the rows have now, where they were not said anew."""
        return self._template(
            N_("{first} to {last}: the list, from {begin} to {end}"),
            first=rows[0].number,
            last=rows[-1].number,
            begin=self._say(rows[0].text),
            end=self._say(rows[-1].text),
        )

    def _row(self, row: Item) -> str:
        """Return a row without its number; how it stands is said once."""
        detail = row.detail
        if not detail and row.mark in WORDS:
            detail = self._template(WORDS[row.mark])
        return self._comma(row.text, detail)

    def _numbered(self, row: Item, text: str) -> str:
        return self._template(NUMBERED, number=row.number, text=text) if row.number else text

    def _chosen(self, view: View) -> list[str]:
        """Return what can be chosen, where that is not what it was."""
        lines: list[str] = []
        for item in view.choices:
            line = self._numbered(item, self._say(item.text))
            if item.mark:
                line = self._template(N_("{choice}, or Enter alone"), choice=line)
            lines.append(line)
        is_new, self._choices = lines != self._choices, lines
        return lines if is_new else []

    def _prompted(self, view: View, half: str) -> list[str]:
        """Return what is asked: always while an answer is wanted, else once."""
        prompt = view.prompt
        asked = [self._say(prompt.title), self._say(prompt.hint)]
        if self.talk.on is None and asked == self._asked:
            return []
        self._asked = asked
        if not prompt.text:
            return asked
        return [*asked, self._template(half, text=prompt.text)]
