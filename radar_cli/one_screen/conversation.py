"""The conversation: what the person says to the phone, and what it answers.

It knows no terminal: the screen and the plain mode both draw `looks.look` of it, and hand in what
was scanned, typed and chosen. Everything is done when its method returns, but for drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from commands.scan import record, scan
from radar_cli.one_screen.asks import Choice, Page, Way
from radar_cli.one_screen.desk import SyncState, is_code
from radar_cli.one_screen.drafts import Draft, Open
from radar_cli.one_screen.finding import SCAN, answer_of, is_number, told_places
from radar_cli.one_screen.following import Follow, after
from radar_cli.one_screen.halves import KEPT, as_note, is_over
from radar_cli.one_screen.pages import PAGES
from radar_cli.one_screen.room import CLOSED, DOOR, Room
from radar_cli.one_screen.telling import Verdict, refusal_of, verdict_of
from radar_cli.one_screen.ways import WAYS
from radar_cli.texts import Texts
from radar_core.answers import Answer
from radar_core.failures import Failure, N_
from radar_core.tags import mistyped_code

HOME = Choice(("", {}), "home")
MENU = Choice(("", {}), "menu")
APP = "app"
"""What is done by whoever draws: the camera, the colours, leaving. It stands in `wishes`."""
NUMBER_CHARS = 3
"""So many digits may be the number of a choice; a code has more."""


@dataclass(slots=True)
class Conversation(Room):
    """A shift, from one scan to the next."""

    ways: Mapping[str, Callable[..., Way]] = field(default_factory=lambda: WAYS)
    pages: Mapping[str, Callable[..., Page]] = field(default_factory=lambda: PAGES)
    verdict: Verdict | None = None
    offered: tuple[Choice, ...] = ()
    """What can be done after the last scan or work, until something else is opened."""
    on: Open | None = None
    page: Page = field(default_factory=lambda: Page(("", {})))
    wishes: list[str] = field(default_factory=list)
    cursor: int = -1
    """Which of `selectable` the arrows are on; -1 for none."""
    line: str = ""
    """What is half typed while nothing is asked."""
    looked: tuple[Page | None, Texts | None, list[tuple[str, str]]] = (None, None, [])
    """The page whose rows `looks` put into words last, in which language, and these."""
    _trail: list[Choice] = field(default_factory=lambda: [HOME])
    _home: Page = field(default_factory=lambda: Page(("", {})))
    """The home page as it was read last: after a scan it is shown at once, and read anew then."""

    def begin(self) -> None:
        """Open the home page, and go on with what was half written when the program ended."""
        self.refresh()
        draft = self.drafts.open
        if draft is not None and draft.name in self.ways:
            self._go(draft)

    @property
    def selectable(self) -> tuple[Choice, ...]:
        """What can be chosen, in the order of its numbers from 1."""
        if self.on is not None:
            found = [Choice(one.label, "", (one.value,)) for one in self.on.ask.options]
            found[:1] = [replace(one, default=self.on.ask.default) for one in found[:1]]
            return tuple(found)
        rows = tuple(row.choice for row in self.page.rows if row.choice is not None)
        return self.doable + rows

    @property
    def doable(self) -> tuple[Choice, ...]:
        """What can be done now: after the last scan, else on the page."""
        return self.offered or self.page.choices

    @property
    def is_home(self) -> bool:
        """Whether the page that is open is the first one."""
        return len(self._trail) == 1

    @property
    def opened(self) -> tuple[str, tuple[str, ...]]:
        """The page that is open: its name and arguments."""
        return self._trail[-1].name, self._trail[-1].args

    @property
    def draft(self) -> str:
        """What is half typed on the way that is open, or where nothing is asked."""
        return self.on.draft.text if self.on is not None else self.line

    def scan(
        self, text: str, via: str = "wedge", frame: Mapping[str, object] | None = None
    ) -> None:
        """Record a scan at once, whatever is open; what was half said stays open.

        Where a place is asked the scan is the answer too.
        """
        desk = self.desk
        try:
            if frame is not None or via == "camera":
                answer = record(desk.phone, text, "", via, via, frame=frame)
            else:
                answer = scan(desk.phone, text, "", via, reader=desk.reader)
        except Failure as failure:
            self.verdict = refusal_of(desk, failure)
            return
        if via == "typed":
            self.line = ""
        if answer.view == "scan":
            desk.here = answer.data
        on = self.on
        wanted = on is not None and on.ask.kind == "place" and bool(answer.data.get("place"))
        self._tell(answer, stay=wanted or (on is not None and not on.draft.is_empty))
        if on is not None and wanted:
            told = self.verdict
            self._answer_with(on, text)
            self.verdict = self.verdict if self.on is None else told

    def enter(self, text: str) -> None:
        """Take a line: an answer to what is asked, the number of a choice, a code, or a name."""
        text = text.strip()
        if self.on is not None:
            self._answer(self.on, text)
            return
        self.line = ""
        if not text:
            self._enter_nothing()
        elif is_number(text) and int(text) <= len(self.selectable):
            self.choose(int(text))
        else:
            self.line = text
            self._name(text)

    def _name(self, text: str) -> None:
        """Take a code that was typed; else a place that is called so, to be chosen."""
        phone = self.desk.phone
        if any(choice.name == SCAN for choice in self.offered):
            self.offered = ()
        if is_code(self.desk, text) or phone.named(text) or mistyped_code(text) is not None:
            self.scan(text, "typed")
        elif is_number(text) and len(text) <= NUMBER_CHARS:
            told = N_("There is no {number} here: choose 1 to {count}.")
            self._warn(told, number=text, count=len(self.selectable))
        elif found := told_places(phone, text):
            self.line, self.offered = "", found
            self._warn(N_("No tag was scanned. Are you at one of these?"))
        else:
            self.scan(text, "typed")

    def _warn(self, template: str, **values: object) -> None:
        self.cursor = -1
        self.verdict = Verdict("warn", lambda: (self.desk.say((template, values)),))

    def is_choice(self, text: str) -> bool:
        """Tell whether a text so far can only be the number of a choice, so that none must wait."""
        if self.line if self.on is None else self.on.ask.kind != "choice":
            return False
        if not is_number(text):
            return False
        count = len(self.selectable)
        return int(text) <= count < 10 * int(text) or text == "0"

    def choose(self, number: int) -> None:
        """Take a choice by its number from 1; 0 is the menu."""
        if number == 0:
            self.open(MENU)
            return
        choices = self.selectable
        if number > len(choices):
            return
        choice = choices[number - 1]
        if self.on is not None:
            self._answer_with(self.on, choice.args[0])
        else:
            self._take(choice)

    def move(self, by: int) -> None:
        """Move the cursor over what can be chosen; it stops at both ends."""
        count = len(self.selectable)
        if count:
            first = 0 if by > 0 else count - 1
            at = first if self.cursor < 0 else self.cursor + by
            self.cursor = max(0, min(count - 1, at))

    def back(self) -> None:
        """Go back: to the question before, out of the way, to the page before. Nothing is lost."""
        self.cursor = -1
        if self.on is not None:
            self._unsay(self.on.draft)
        elif self.offered:
            self.offered = ()
            self.refresh()
        elif len(self._trail) > 1:
            self._trail.pop()
            self._show()
        else:
            self.verdict = None

    def _unsay(self, draft: Draft) -> None:
        """Ask what was asked before once more, with what was said; else leave the way."""
        if not draft.said:
            self._leave()
            return
        before, ahead = draft.said[-1], (draft.text, *draft.ahead)
        self._go(Draft(draft.name, draft.args, draft.said[:-1], before, ahead=ahead))
        on = self.on
        if on is not None and on.ask.kind == "choice":
            values = [option.value for option in on.ask.options]
            self.cursor = values.index(before) if before in values else -1
            on.draft = replace(on.draft, text="")

    def typing(self, text: str) -> None:
        """Keep what is half typed; that on a way outlives the program, but for a secret."""
        if self.on is None:
            self.line = text
        elif not self.on.ask.secret and text != self.on.draft.text:
            self.on.draft = replace(self.on.draft, text=text)
            self.drafts.keep(self.on.draft)

    def refresh(self) -> None:
        """Read anew what others may have changed, and show the page as it is now."""
        try:
            if self.drafts.are_of_another:
                self._give_way()
            self.desk.refresh()
            self._show()
        except Failure as failure:
            if failure.code not in CLOSED:
                raise
            self.verdict = refusal_of(self.desk, failure)
            self.wishes.append(DOOR)

    def _give_way(self) -> None:
        """Show another person who has this phone now nothing of the one before."""
        self.drafts.load()
        self.on = self.verdict = self.desk.here = self.desk.on_shift = None
        self.offered, self.line, self.cursor, self._trail = (), "", -1, [HOME]

    def heard(self, state: SyncState) -> None:
        """Take what the sync that goes on beside has to tell."""
        self.desk.sync = state
        self.refresh()

    def _enter_nothing(self) -> None:
        choices = self.selectable
        if self.cursor >= 0 and choices:
            self._take(choices[min(self.cursor, len(choices) - 1)])
        elif choices and choices[0].default:
            self._take(choices[0])

    def _take(self, choice: Choice) -> None:
        """Go a way, open a page, or leave it to whoever draws."""
        self.cursor = -1
        if choice.name == APP:
            self.wishes.append(choice.args[0])
        elif choice.name == SCAN:
            self.scan(choice.args[0], "typed")
        elif choice.name in self.pages:
            self.open(choice)
        else:
            self._go(self.drafts.of(choice.name, choice.args))

    def open(self, choice: Choice) -> None:
        """Open a page; what is half written on a way is kept."""
        self._leave()
        self.offered = ()
        self._trail = [HOME] if choice.name == "home" else [*self._trail, choice]
        self._show()

    def _show(self) -> None:
        """Show the page at the trail's end; one that there is no more gives way to that before."""
        self.desk.halves = self.drafts.halves
        while True:
            choice = self._trail[-1]
            try:
                page = self.pages[choice.name](self.desk, *choice.args)
            except Failure as failure:
                if len(self._trail) == 1:
                    raise
                self.verdict = refusal_of(self.desk, failure)
                self._trail.pop()
                continue
            if page != self.page:  # the same page stays as it was drawn
                self.page = page
            if self.is_home:
                self._home = self.page
            self.cursor = min(self.cursor, len(self.selectable) - 1)
            return

    def _go(self, draft: Draft) -> None:
        """Go a way from its beginning, with what was said on it before."""
        self.cursor = -1
        try:
            way = self.ways[draft.name](self.desk, *draft.args)
            ask = next(way)
            for one in draft.said:
                ask = way.send(one)
        except StopIteration as ended:
            self._ended(draft, ended.value)
        except Failure as failure:
            self._close(draft, refusal_of(self.desk, failure))
        else:
            self.on = Open(draft, way, ask)
            self.drafts.keep(draft)

    def _close(self, draft: Draft, told: Verdict) -> None:
        """Leave a way that is closed; words that were typed on it can still be a note."""
        self.on = None
        self.drafts.drop(draft)
        self._show()
        kept = as_note(self.desk, self.drafts, draft) if "note" in self.ways else None
        if kept is not None:
            self._go(kept)
            told = told.also(self.desk, KEPT)
        self.verdict = told

    def _answer(self, on: Open, text: str) -> None:
        """Take a line as the answer to what is asked; a code may come where a choice is asked."""
        found = answer_of(self.desk, on.ask, text, self.cursor)
        if found is not None:
            self._answer_with(on, found)
        elif text == "0":
            self.typing("")
            self.open(MENU)
        elif is_code(self.desk, text):
            self.typing("")
            self.scan(text, "typed")
        elif text:
            self.typing(text)
            count = len(on.ask.options)
            self._warn(N_("Choose one of these by its number: 1 to {count}."), count=count)

    def _answer_with(self, on: Open, text: str) -> None:
        """Say something on a way; what the verb refuses stays in the line, to be mended."""
        self.cursor = -1
        before = on.draft
        sending = self._last_seq() + 1
        sent = Draft(before.name, before.args, (*before.said, text), "", sending)
        if not on.ask.secret:
            self.drafts.keep(sent)
        try:
            on.ask = on.way.send(text)
        except StopIteration as ended:
            self._ended(sent, ended.value)
        except Failure as failure:
            kept = "" if on.ask.secret or on.ask.kind == "choice" else text
            if is_over(before, failure):
                self._close(replace(before, text=kept), refusal_of(self.desk, failure))
                return
            self._go(replace(before, text=kept))
            self.verdict = refusal_of(self.desk, failure)
        else:
            coming = before.ahead[0] if before.ahead else ""
            on.draft = replace(sent, text=coming, sending=0, ahead=before.ahead[1:])
            if not on.ask.secret:
                self.drafts.keep(on.draft)

    def _last_seq(self) -> int:
        journal = self.desk.phone.journal
        return journal.head(self.desk.phone.meta["epoch"])[0]

    def _ended(self, draft: Draft, answer: Answer) -> None:
        self.drafts.drop(draft)
        if answer.view == "already" and self.on is not None and self.on.ask.kind != "choice":
            self._close(draft, verdict_of(self.desk, answer))
        else:
            self._tell(answer, stay=False)

    def _tell(self, answer: Answer, *, stay: bool) -> None:
        """Say what became of it, and go on: what was half said goes before what follows."""
        self.verdict = verdict_of(self.desk, answer)
        self.cursor = -1
        if stay:
            return
        self.on = None
        follow: Follow = after(self.desk, answer)
        self.offered = follow.choices
        if not follow.stay:
            self._trail, self.page = [HOME], self._home
        if follow.page is not None:
            self._trail.append(follow.page)
        if follow.stay or follow.page is not None:
            self._show()
        if follow.on is None:
            self.drafts.leave()
        elif follow.on.name in self.pages:
            self.open(follow.on)
        else:
            self._go(self.drafts.of(follow.on.name, follow.on.args))

    def _leave(self) -> None:
        """Leave the way that is open; what is half written is there again when it is taken anew."""
        if self.on is not None:
            self.on = None
            self.drafts.leave()
